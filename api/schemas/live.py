"""A running campaign as its officers watch it."""

from pydantic import Field

from api.schemas.base import Bilingual, CampaignNumber, MerchantNumber, SatangOut, Schema, Time
from api.schemas.campaigns import CampaignFigures, CampaignState


class LiveHour(Schema):
    """One hour of today, Bangkok's clock, by when redemptions were signed."""

    hour: int = Field(ge=0, le=23)
    redemptions: int
    amount: SatangOut


class LiveShop(Schema):
    """What a shop has taken so far, voids taken off, and where it is."""

    merchant: MerchantNumber
    name: Bilingual | None = None
    redemptions: int
    amount: SatangOut
    latitude: str | None = None
    longitude: str | None = None


class RuleRefusals(Schema):
    """How often a rule said no, and to how many passes."""

    code: str = Field(examples=["day_quota_used"])
    name: Bilingual
    refused: int
    passes: int


class LiveCampaign(Schema):
    """The figures of one moment. `shops` and `refusals` begin with the largest."""

    campaign: CampaignNumber
    status: CampaignState
    at: Time
    money: CampaignFigures
    passes: int
    hours: list[LiveHour]
    shops: list[LiveShop]
    refusals: list[RuleRefusals]
