"""What the money did, as anybody may read, download and check it."""

from pydantic import Field

from api.schemas.base import (
    Bilingual,
    CampaignNumber,
    Hash32,
    MerchantNumber,
    SatangOut,
    Schema,
    Time,
)
from api.schemas.campaigns import CampaignState
from api.schemas.live import RuleRefusals
from api.schemas.rounds import Day


class DayFigures(Schema):
    """One Bangkok day by the time of the blocks, as the day's anchor counts it. `leaves` is how
    many redemptions and voids of these campaigns the anchor's tree has."""

    day: Day
    redemptions: int
    amount: SatangOut
    copay: SatangOut
    voids: int
    voided: SatangOut
    leaves: int


class CityDays(Schema):
    """Every day of all campaigns together: compare each with its anchor, at /v1/anchors."""

    days: list[DayFigures]


class ShopFigures(Schema):
    """What a shop took of a campaign, voids taken off."""

    merchant: MerchantNumber
    name: Bilingual | None = None
    category: str | None = None
    redemptions: int
    amount: SatangOut
    copay: SatangOut


class DomainFigures(Schema):
    """What was spent in shops counted under one domain of the city's work."""

    domain: str = Field(examples=["economy"])
    name: Bilingual
    redemptions: int
    amount: SatangOut


class CampaignPublic(Schema):
    """What a campaign did. All but `refusals`, which only the till knows, stands on the chain up to
    `block`; `spent` is what its days come to."""

    campaign: CampaignNumber
    name: Bilingual | None = None
    status: CampaignState
    policy_hash: Hash32
    starts: Time
    ends: Time
    block: int
    funded: SatangOut
    spent: SatangOut
    left: SatangOut
    redemptions: int
    passes: int
    shops: list[ShopFigures]
    taxonomy: str = Field(description="the version of the domains counted by", examples=["2021"])
    domains: list[DomainFigures]
    refusals: list[RuleRefusals]
    days: list[DayFigures]
