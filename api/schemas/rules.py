"""The till's rules as the API speaks of them: places, limits, households, stands, verdicts."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import (
    Address,
    CampaignNumber,
    Hash32,
    MerchantNumber,
    Reason,
    SatangOut,
    Schema,
    Signature,
    Time,
)
from api.schemas.merchants import Latitude, Longitude


class Position(Schema):
    """Where the phone is, as it measured it itself. It is judged and then forgotten: only the
    distance from the shop, the age and the accuracy are kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "latitude": "18.7953284",
                    "longitude": "98.9831449",
                    "accuracy_metres": 20,
                    "measured_at": 1_761_706_790,
                }
            ]
        }
    )

    latitude: Latitude
    longitude: Longitude
    accuracy_metres: int = Field(ge=0, le=10_000_000)
    measured_at: Time


class Instalment(Schema):
    """A part of the allowance that comes later: from `opens`, once `after_spending` is spent."""

    opens: Time
    amount: SatangOut
    after_spending: SatangOut


class PositionNeeded(Schema):
    """The redemption has to bring a position this near, this fresh and this precise; or, at some
    shops and so often a day, the `reference` of the shop's registered stand."""

    metres_max: int
    position_age_seconds_max: int
    accuracy_metres_max: int
    stand_uses_per_day_max: int


class NoticeNeeded(Schema):
    """What may not be bought. Show it; then send its `hash` as `notice_acknowledged`."""

    th: str
    en: str
    hash: Hash32


class Limits(Schema):
    """What a coupon may still do and what it needs, told before a rule has to refuse. null: there
    is no such rule."""

    left: SatangOut = Field(description="of the allowance")
    left_today: SatangOut | None = None
    household_left: SatangOut | None = None
    household_left_today: SatangOut | None = None
    merchant_left_today: SatangOut | None = None
    released_left: SatangOut | None = None
    instalment: Instalment | None = Field(default=None, description="the next one")
    until: Time
    first_use_by: Time | None = Field(default=None, description="null once it was used")
    opens_at: Time | None = Field(default=None, description="null while its hours are open")
    categories: list[str] | Literal["any"]
    districts: list[int] | Literal["any"]
    same_district: bool
    position: PositionNeeded | None = None
    notice: NoticeNeeded | None = None
    paper_pin_above: SatangOut | None = None
    pays_first: CampaignNumber | None = None


class HouseholdsKept(Schema):
    """How many passes were put into how many households."""

    passes: int
    households: int


class RegisterStand(Schema):
    """Register the printed charge code that stands in the shop, by its reference. Where a policy
    allows it, scanning it replaces a position so often a day; every use is listed with `reason`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reference": "00112233445566aa",
                    "reason": "Inside the market hall no phone gets a position.",
                }
            ]
        }
    )

    reference: str = Field(pattern=r"^[0-9a-f]{16}$")
    reason: Reason


class WithdrawStand(Schema):
    """Withdraw a stand: from the next request on it replaces nothing."""

    reference: str = Field(pattern=r"^[0-9a-f]{16}$", examples=["00112233445566aa"])


class Stand(Schema):
    """A registered stand."""

    merchant: MerchantNumber
    reference: str
    reason: str
    registered_at: Time
    withdrawn_at: Time | None = None


class StandUse(Schema):
    """A redemption that was accepted at a stand, without a position."""

    redemption: str
    campaign: CampaignNumber
    merchant: MerchantNumber
    reference: str
    reason: str
    used_at: Time


class Stands(Schema):
    """A shop's stands and their last uses, newest first."""

    stands: list[Stand]
    uses: list[StandUse]


class SignedVerdict(Schema):
    """A verdict with everything it was judged by, the sequencer's signature, and the policy. Keep
    this as a file: `nakhon audit verdict FILE` judges it again without asking the city."""

    document: dict[str, Any]
    signature: Signature
    signer: Address
    chain_id: int
    book: Address
    policy: dict[str, Any]
