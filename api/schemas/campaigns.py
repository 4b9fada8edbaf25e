"""Policies, lists, campaigns and their money."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import (
    Address,
    Bilingual,
    CampaignNumber,
    Hash32,
    PassNumber,
    SatangOut,
    SatangSum,
    Schema,
    Sentences,
    Time,
)

CampaignState = Literal["drafted", "approved", "open", "paused", "closed"]

ListName = Annotated[str, Field(pattern=r"^lst_[a-z2-7]{24}$")]

POLICY_EXAMPLE: dict[str, Any] = {
    "version": 1,
    "name": {"th": "คนละครึ่งแม่เหียะ", "en": "Mae Hia half-half lunch"},
    "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-12-31T23:00:00+07:00"},
    "hours": {"every_day": ["06:00", "23:00"]},
    "share_basis_points": 5000,
    "allowance": "200000",
    "per_day_max": "20000",
    "audience": ["resident"],
    "categories": ["restaurant"],
    "districts": "any",
    "same_district": False,
    "issue": "everyone",
}


class PolicyStored(Schema):
    """The policy is valid and kept: its hash, its canonical bytes' size and what it says."""

    hash: Hash32
    name: Bilingual
    sentences: Sentences


class ListStored(Schema):
    """An uploaded list of pass numbers, kept whole or not at all."""

    id: str = Field(examples=["lst_7h2k6q4mza3xw5yt7h2k6q4m"])
    count: int
    hash: Hash32


class DraftCampaign(Schema):
    """Draft a campaign from a policy (the document, or the hash of one kept before)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"policy": POLICY_EXAMPLE}]})

    policy: dict[str, Any] | Hash32
    listed: Annotated[list[PassNumber], Field(max_length=100_000)] | ListName | None = Field(
        default=None, alias="list", description="pass numbers, or the id of an uploaded list"
    )


class FundCampaign(Schema):
    """Move tokens into a campaign's escrow from one of the city's named signers."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount": "10000000", "funder": "treasurer"}]}
    )

    amount: SatangSum
    funder: str = Field(default="treasurer", pattern=r"^[a-z][a-z0-9_]{0,30}$")


class MintTokens(Schema):
    """Create city tokens against money the treasury has received; `reference` names the slip."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"to": "0x1111111111111111111111111111111111111111", "amount": "20000000"}]
        }
    )

    to: Address
    amount: SatangSum
    reference: str = Field(default="", max_length=64)


class CampaignTerms(Schema):
    """What the contract enforces, in words. 0 means "no limit" where a limit may be absent."""

    starts: Time
    ends: Time
    first_use_by: Time
    share_basis_points: int
    allowance: SatangOut
    per_use_max: SatangOut
    per_day_max: SatangOut
    bill_min: SatangOut
    audience: list[str]
    categories: list[str] | Literal["any"]
    districts: list[int] | Literal["any"]
    hours: str = Field(description="168 digits, Monday 00:00 first, Asia/Bangkok; 1 = open")
    same_district: bool
    list_count: int
    list_hash: Hash32


class CampaignFigures(Schema):
    """Money of a campaign. `spent` is final on the chain's side; `pending` is accepted at the
    till and not included yet; `left` is what can still be accepted."""

    funded: SatangOut
    spent: SatangOut
    pending: SatangOut
    left: SatangOut


class Campaign(Schema):
    """A campaign as the index knows it, with the policy it was drafted from."""

    campaign: CampaignNumber
    status: CampaignState
    name: Bilingual | None = None
    policy_hash: Hash32
    policy: dict[str, Any] | None = None
    sentences: Sentences | None = None
    terms: CampaignTerms
    money: CampaignFigures
    token: Address
    drafted_by: Address
    approved_by: Address | None = None
    issued_by: Address | None = None
    paused_at: Time | None = None
