"""Passes, and what a holder may ask about their own."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.base import (
    Address,
    Bilingual,
    CampaignNumber,
    District,
    Hash32,
    PassNumber,
    Reason,
    SatangOut,
    Schema,
    Sentences,
    Time,
)
from api.schemas.redemptions import Refusal

PassState = Literal["active", "suspended", "ended"]


class EnrolPass(Schema):
    """One new holder. `class` is a name: resident, student, visitor, paper, staff or senior."""

    address: Address
    class_: str = Field(alias="class", default="resident", max_length=32)
    district: District
    valid_from: Time = 0
    valid_until: Time = Field(default=0, description="0 = no end")


class EnrolPasses(Schema):
    """Many new holders at once: all are enrolled, or none and every bad line is named."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "passes": [
                        {
                            "address": "0x1111111111111111111111111111111111111111",
                            "class": "resident",
                            "district": 7,
                        }
                    ]
                }
            ]
        }
    )

    passes: list[EnrolPass] = Field(min_length=1, max_length=20_000)


class RebindPass(Schema):
    """A lost phone: the pass, with every unspent coupon, moves to a new address."""

    to: Address


class ChangePass(Schema):
    """Suspend a pass, make it active again, or end it; the reason is kept with the order."""

    status: PassState
    reason: Reason


class Pass(Schema):
    """A pass as the chain knows it: a pseudonym, no person."""

    pass_number: PassNumber = Field(alias="pass")
    holder: Address
    class_: str = Field(alias="class")
    district: int
    valid_from: Time
    valid_until: Time
    status: PassState


class Coupon(Schema):
    """What one pass may still do under one campaign. `refusal` says why nothing can be used now."""

    campaign: CampaignNumber
    name: Bilingual | None = None
    policy_hash: Hash32
    sentences: Sentences | None = None
    starts: Time
    ends: Time
    first_use_by: Time
    share_basis_points: int
    allowance: SatangOut
    spent: SatangOut
    left: SatangOut
    left_now: SatangOut = Field(description="the most that can be taken at this moment")
    last_signed_at: Time = Field(description="0 = never used; sign later than this")
    refusal: Refusal | None = None


class Coupons(Schema):
    """All coupons of the asking holder, and the time of the till they were judged at."""

    pass_number: PassNumber = Field(alias="pass")
    now: Time
    items: list[Coupon]
