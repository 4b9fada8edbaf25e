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
    Signature,
    Time,
)
from api.schemas.intents import IntentStatus
from api.schemas.redemptions import Refusal
from api.schemas.rules import Limits

PassState = Literal["active", "suspended", "ended"]
KeyMedium = Literal["phone", "paper", "paper_pin"]
"""Where the holder's key is kept; `paper_pin` is made of the printed seed and a PIN."""


class EnrolPass(Schema):
    """One new holder. `class` is a name: resident, student, visitor, paper, staff or senior."""

    address: Address
    class_: str = Field(alias="class", default="resident", max_length=32)
    district: District
    valid_from: Time = 0
    valid_until: Time = Field(default=0, description="0 = no end")
    medium: KeyMedium = "phone"


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
    """A lost phone: the pass, with every unspent coupon, moves to a new address. The reason is kept
    beside the name of who gave the order, and the holder sees both."""

    to: Address
    reason: Reason
    medium: KeyMedium = "phone"


class MovePass(Schema):
    """The holder moves the pass to another key. `signature` is the new key's own, over the EIP-712
    `Move` of pass, old address, new address and `signed_at`: a mistyped address cannot give one."""

    to: Address
    signed_at: Time
    signature: Signature


class PassMove(Schema):
    """One accepted order to move a pass: from its acceptance on, the old key spends nothing."""

    from_address: Address = Field(alias="from")
    to: Address
    medium: KeyMedium
    reason: str
    by: str = Field(description="the officer's name, or `holder`")
    at: Time
    status: IntentStatus


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


class PassRecord(Pass):
    """A pass and the moves it made from key to key, newest first."""

    moves: list[PassMove]


class PassMoves(Schema):
    """The moves of one pass, newest first."""

    pass_number: PassNumber = Field(alias="pass")
    items: list[PassMove]


class PassesFound(Schema):
    """The passes that some of the asked addresses hold."""

    items: list[Pass]


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
    limits: Limits | None = Field(
        default=None, description="null where the till lacks the policy's document"
    )


class Coupons(Schema):
    """All coupons of the asking holder, and the time of the till they were judged at."""

    pass_number: PassNumber = Field(alias="pass")
    now: Time
    items: list[Coupon]
