"""The till's people: cashiers' devices, what they took and asked for, ambassadors' acts.

A cashier's name stands in one column here and nowhere else.
"""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.db.columns import address, big, hash32, long_text, satang, serial, unix_time


class DeviceRecord(SQLModel, table=True):
    """A device of a shop, or the code that waits for one. A key is one device, for ever."""

    __tablename__ = "devices"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("bill_max > 0 AND day_max >= bill_max", name="device_limits"),
        CheckConstraint("guesses >= 0 AND guesses <= 20", name="device_guesses"),
        CheckConstraint("(address IS NULL) = (claimed_at IS NULL)", name="device_claimed"),
        UniqueConstraint("address", name="device_key_once"),
        Index("devices_of_merchant", "merchant", "created_at", "id"),
        Index("devices_by_code", "merchant", "code_hash"),
    )

    id: str = Field(primary_key=True, max_length=40)
    merchant: int = big()
    branch: str = Field(max_length=120)
    cashier: str = Field(max_length=120)
    bill_max: int = satang()
    day_max: int = satang()
    code_hash: str = hash32()
    expires_at: int = unix_time()
    guesses: int = 0
    address: str | None = address(default=None)
    created_at: int = unix_time()
    claimed_at: int | None = unix_time(default=None)
    revoked_at: int | None = unix_time(default=None)


class DeviceDay(SQLModel, table=True):
    """What a device took on one Bangkok day; moved by conditional update, never beyond."""

    __tablename__ = "device_days"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("taken >= 0 AND taken <= day_max", name="device_day_within_limit"),
    )

    device_id: str = Field(primary_key=True, foreign_key="devices.id", max_length=40)
    day: int = Field(primary_key=True)
    taken: int = satang(default=0)
    day_max: int = satang()


class RedemptionDevice(SQLModel, table=True):
    """Which device took a redemption."""

    __tablename__ = "redemption_devices"
    __table_args__: ClassVar[Any] = (Index("redemptions_of_device", "device_id"),)

    redemption_id: str = Field(primary_key=True, foreign_key="redemptions.id", max_length=28)
    device_id: str = Field(foreign_key="devices.id", max_length=40)


class VoidRequest(SQLModel, table=True):
    """A cashier's wish to have a redemption undone. It undoes nothing: the owner signs, or not."""

    __tablename__ = "void_requests"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("amount > 0", name="void_request_amount"),
        CheckConstraint("status IN ('asked', 'granted', 'declined')", name="void_request_status"),
        Index("void_requests_of_merchant", "merchant", "asked_at", "id"),
        Index("void_requests_of_redemption", "redemption_id"),
    )

    id: str = Field(primary_key=True, max_length=40)
    merchant: int = big()
    redemption_id: str = Field(max_length=28)
    device_id: str = Field(foreign_key="devices.id", max_length=40)
    amount: int = satang()
    reason: str = long_text()
    status: str = Field(default="asked", max_length=16)
    asked_at: int = unix_time()
    answered_at: int | None = unix_time(default=None)


class AssistedAct(SQLModel, table=True):
    """What an ambassador did for a resident, under the ambassador's own name."""

    __tablename__ = "assisted_acts"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("key_id", "day", "ordinal", name="assisted_act_counted"),
        CheckConstraint("ordinal >= 1", name="assisted_act_ordinal"),
        CheckConstraint("kind IN ('lost_phone', 'paper_to_phone')", name="assisted_act_kind"),
    )

    number: int | None = serial()
    kind: str = Field(max_length=32)
    key_id: str = Field(foreign_key="api_keys.id", max_length=40)
    ambassador: str = Field(max_length=120)
    day: int
    ordinal: int
    pass_number: int = big()
    from_address: str = address()
    to_address: str = address()
    reason: str = long_text()
    intent_id: str = Field(foreign_key="intents.id", max_length=40)
    acted_at: int = unix_time()
