"""What the rules of the till count: shops' days, households, stands, and its verdicts."""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from ledger.db.columns import big, hash32, long_text, octets, satang, unix_time


class MerchantDay(SQLModel, table=True):
    """What a shop took under one campaign on one Bangkok day, and how often its stand replaced a
    position that day. A redemption counts on the day it was signed."""

    __tablename__ = "merchant_days"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("taken >= 0 AND stand_uses >= 0", name="merchant_day_counts"),
    )

    campaign: int = big(primary_key=True)
    merchant: int = big(primary_key=True)
    day: int = Field(primary_key=True)
    taken: int = satang(default=0)
    stand_uses: int = 0


class HouseholdMember(SQLModel, table=True):
    """The household a pass belongs to. A pass without a row is a household of its own."""

    __tablename__ = "household_members"
    __table_args__: ClassVar[Any] = (Index("household_members_of", "household"),)

    pass_number: int = big(primary_key=True)
    household: str = Field(max_length=48)
    set_by: str | None = Field(default=None, max_length=64)
    set_at: int = unix_time()


class HouseholdTurn(SQLModel, table=True):
    """Who may spend next of a household: of two that read the same turn, one moves it.

    What the household has spent is never kept, but summed from the redemptions themselves.
    """

    __tablename__ = "household_turns"

    campaign: int = big(primary_key=True)
    household: str = Field(primary_key=True, max_length=48)
    turn: int = big(default=0)


class Stand(SQLModel, table=True):
    """A printed charge code that stands in one shop for good, by its reference."""

    __tablename__ = "stands"

    merchant: int = big(primary_key=True)
    reference: str = Field(primary_key=True, max_length=16)
    reason: str = long_text()
    registered_at: int = unix_time()
    withdrawn_at: int | None = unix_time(default=None)


class StandUse(SQLModel, table=True):
    """A redemption that was accepted at a stand, without a position, and why that was allowed."""

    __tablename__ = "stand_uses"
    __table_args__: ClassVar[Any] = (
        Index("stand_uses_of", "merchant", "campaign", "day", "redemption_id"),
    )

    redemption_id: str = Field(primary_key=True, foreign_key="redemptions.id", max_length=28)
    campaign: int = big()
    merchant: int = big()
    day: int
    reference: str = Field(max_length=16)
    reason: str = long_text()
    used_at: int = unix_time()


class VerdictRecord(SQLModel, table=True):
    """A verdict of the till with the sequencer's signature. `pass_number` 0: nobody's pass signed.

    `document` is canonical and is never changed: the signature is over its hash.
    """

    __tablename__ = "verdicts"
    __table_args__: ClassVar[Any] = (
        Index("verdicts_of_pass", "pass_number", "accepted", "judged_at"),
        Index("verdicts_of_redemption", "redemption_id"),
    )

    id: str = Field(primary_key=True, max_length=40)
    campaign: int = big()
    pass_number: int = big(default=0)
    merchant: int = big(default=0)
    accepted: bool
    code: str = Field(max_length=64)
    policy_hash: str = hash32()
    document: bytes = octets()
    r: bytes = octets()
    vs: bytes = octets()
    judged_at: int = unix_time()
    redemption_id: str | None = Field(default=None, max_length=28)
