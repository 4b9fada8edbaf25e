"""What a shop's screen shows."""

from typing import Literal

from pydantic import Field

from api.schemas.base import Address, Bilingual, MerchantNumber, SatangOut, Schema, Time
from api.schemas.redemptions import Redemption
from api.schemas.rounds import Day


class Till(Schema):
    """Whose screen the asking key belongs to. The limits are a device's; an owner has none."""

    merchant: MerchantNumber
    name: Bilingual | None = None
    address: Address
    role: Literal["owner", "device"]
    branch: str | None = None
    bill_max: SatangOut | None = None
    day_max: SatangOut | None = None


class ChargeAnswers(Schema):
    """The redemptions that residents signed for one charge. Empty: not paid yet."""

    merchant: MerchantNumber
    reference: str = Field(examples=["0123456789abcdef"])
    items: list[Redemption]


class TillDay(Schema):
    """What the shop took since midnight in Bangkok; a device is told the sums of its branch.
    `due_on`: the first business day on which it may be paid; null where no calendar is known."""

    merchant: MerchantNumber
    since: Time
    due_on: Day | None = None
    count: int
    amount: SatangOut
    copay: SatangOut
    items: list[Redemption] = Field(description="the last ones, for the owner alone")
