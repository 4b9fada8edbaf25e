"""Cashiers' devices: pairing, limits, a branch's day, and asking the owner for a void."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.base import (
    Address,
    CampaignNumber,
    MerchantNumber,
    Name,
    Reason,
    Satang,
    SatangOut,
    Schema,
    Time,
)

DeviceStanding = Literal["waiting", "expired", "locked", "paired", "revoked"]
RequestState = Literal["asked", "granted", "declined"]

_CODE = "2345-6789"


class OfferDevice(Schema):
    """Make a pairing code. The limits count coupon and tokens together, a bill and a Bangkok day.

    The cashier's name is told to the shop's owner and to nobody else.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "branch": "หน้าร้าน",
                    "cashier": "น้องฝน",
                    "bill_max": "50000",
                    "day_max": "500000",
                }
            ]
        }
    )

    branch: Name
    cashier: Name
    bill_max: Satang
    day_max: Satang


class PairingCode(Schema):
    """A code to be typed into the cashier's device: once, within its five minutes."""

    device: str = Field(examples=["dev_5v3k7q2mza4xw6yt5v3k7q2m"])
    merchant: MerchantNumber
    code: str = Field(examples=[_CODE])
    expires_at: Time


class ClaimDevice(Schema):
    """Pair: the request is signed by the device's own key, which never leaves it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"merchant": 3, "code": _CODE}]})

    merchant: MerchantNumber
    code: str = Field(min_length=1, max_length=32, examples=[_CODE])


class ClaimedDevice(Schema):
    """What a device knows of itself."""

    device: str
    merchant: MerchantNumber
    branch: str
    address: Address
    bill_max: SatangOut
    day_max: SatangOut


class Device(Schema):
    """A device as its shop's owner sees it."""

    device: str
    merchant: MerchantNumber
    branch: str
    cashier: str
    bill_max: SatangOut
    day_max: SatangOut
    state: DeviceStanding
    address: Address | None = None
    created_at: Time
    claimed_at: Time | None = None
    revoked_at: Time | None = None


class WithdrawnDevice(Schema):
    """A device or a code that is no more. It does not repeat the cashier's name: the answer to a
    POST is kept for whoever sends it again."""

    device: str
    merchant: MerchantNumber
    state: DeviceStanding
    revoked_at: Time | None


class Devices(Schema):
    """A shop's devices and waiting codes, newest first."""

    items: list[Device]


class BranchCampaign(Schema):
    """What a branch took under one campaign today; what was voided is taken off."""

    campaign: CampaignNumber
    count: int
    amount: SatangOut
    copay: SatangOut


class BranchTakings(Schema):
    """Today at a branch, Bangkok time, by its devices; and what this device may still take."""

    device: str
    merchant: MerchantNumber
    branch: str
    since: Time
    amount: SatangOut
    copay: SatangOut
    campaigns: list[BranchCampaign]
    device_taken: SatangOut
    device_left: SatangOut


class AskVoid(Schema):
    """Ask the owner to undo a redemption, wholly or in part. Nothing is undone by asking."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "redemption": "rdm_5v3k7q2mza4xw6yt5v3k7q2m",
                    "amount": "6000",
                    "reason": "พิมพ์ยอดผิด ลูกค้ายังอยู่",
                }
            ]
        }
    )

    redemption: str = Field(min_length=1, max_length=64)
    amount: Satang | None = None
    reason: Reason


class VoidRequest(Schema):
    """A cashier's wish. `granted` once the owner has signed a void of the redemption."""

    request: str = Field(examples=["vrq_5v3k7q2mza4xw6yt5v3k7q2m"])
    redemption: str
    device: str
    branch: str
    amount: SatangOut
    reason: str
    state: RequestState
    asked_at: Time
    answered_at: Time | None = None


class VoidRequests(Schema):
    """What a shop's cashiers asked for, newest first."""

    items: list[VoidRequest]
