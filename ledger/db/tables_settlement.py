"""Rounds of payments: what was approved, to which account, and what the bank said of it.

A round, its lines and its entries are written once. Afterwards only a status moves, and whether
an entry still stands in its line.
"""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from ledger.db.columns import big, hash32, satang, serial, unix_time


def _of_line() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["round", "merchant"], ["round_lines.round", "round_lines.merchant"]
    )


class BankDetail(SQLModel, table=True):
    """An account as somebody gave it; the latest of a merchant counts, and none is ever changed.
    Merchant 0 is the city itself, out of whose account shops are paid."""

    __tablename__ = "bank_details"
    __table_args__: ClassVar[Any] = (Index("bank_details_of", "merchant", "id"),)

    id: int | None = serial()
    merchant: int = big()
    bank: str = Field(max_length=3)
    number: str = Field(max_length=15)
    name: str = Field(max_length=70)
    set_by: str = Field(max_length=64)
    set_at: int = unix_time()


class PaymentRound(SQLModel, table=True):
    """A closing of the books. `hash` is of its whole document; `total` is what the bank pays."""

    __tablename__ = "payment_rounds"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("status IN ('made', 'approved', 'withdrawn')", name="round_status"),
        CheckConstraint("(status = 'made') = (decided_by IS NULL)", name="round_decided"),
        CheckConstraint("status <> 'approved' OR decided_by <> made_by", name="round_two_people"),
    )

    number: int = big(primary_key=True)
    day: int
    legs: str = Field(max_length=16)
    minimum: int = satang()
    total: int = satang()
    hash: str = hash32()
    status: str = Field(max_length=16)
    made_by: str = Field(max_length=64)
    made_at: int = unix_time()
    decided_by: str | None = Field(default=None, max_length=64)
    decided_at: int | None = unix_time(default=None)


class RoundLine(SQLModel, table=True):
    """One shop's line: with an account it is paid, with a reason it is carried, never both."""

    __tablename__ = "round_lines"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["round"], ["payment_rounds.number"]),
        CheckConstraint("(reason IS NULL) = (number IS NOT NULL)", name="line_paid_or_carried"),
        CheckConstraint("reason IS NOT NULL OR amount > 0", name="line_pays_something"),
        Index("round_lines_of_merchant", "merchant", "round"),
    )

    round: int = big(primary_key=True)
    merchant: int = big(primary_key=True)
    amount: int = satang()
    reason: str | None = Field(default=None, max_length=24)
    bank: str | None = Field(default=None, max_length=3)
    number: str | None = Field(default=None, max_length=15)
    name: str | None = Field(default=None, max_length=70)


class RoundEntry(SQLModel, table=True):
    """One leg of a redemption, or of a void of it, in a line. `standing`: it is in a paid line that
    neither was withdrawn nor came back from the bank; of those there is one at most (P8)."""

    __tablename__ = "round_entries"
    __table_args__: ClassVar[Any] = (
        _of_line(),
        CheckConstraint("(amount < 0) = (voided_at <> 0)", name="entry_sign"),
        CheckConstraint("leg IN ('city', 'copay')", name="entry_leg"),
        Index(
            "entry_stands_once",
            *("campaign", "pass_number", "step", "leg", "voided_at"),
            unique=True,
            sqlite_where=text("standing"),
            postgresql_where=text("standing"),
        ),
    )

    round: int = big(primary_key=True)
    campaign: int = big(primary_key=True)
    pass_number: int = big(primary_key=True)
    step: int = Field(primary_key=True)
    leg: str = Field(primary_key=True, max_length=8)
    voided_at: int = unix_time(primary_key=True)
    merchant: int = big()
    amount: int = satang()
    day: int
    ready: int
    standing: bool


class RoundPayment(SQLModel, table=True):
    """What became of a paid line at the bank, under the reference the bank knows it by."""

    __tablename__ = "round_payments"
    __table_args__: ClassVar[Any] = (
        _of_line(),
        CheckConstraint("status IN ('ordered', 'paid', 'returned')", name="payment_status"),
        UniqueConstraint("round", "merchant", name="payment_of_line_once"),
        Index(
            "payments_returned",
            *("round", "merchant"),
            sqlite_where=text("status = 'returned'"),
            postgresql_where=text("status = 'returned'"),
        ),
    )

    reference: str = Field(primary_key=True, max_length=35)
    round: int = big()
    merchant: int = big()
    amount: int = satang()
    status: str = Field(max_length=16)
    reason: str = Field(default="", max_length=105)
    moved_at: int = unix_time()


class BankAnswer(SQLModel, table=True):
    """A file that the bank answered with, by the SHA-256 of its bytes: taken once."""

    __tablename__ = "bank_answers"
    __table_args__: ClassVar[Any] = (ForeignKeyConstraint(["round"], ["payment_rounds.number"]),)

    hash: str = hash32(primary_key=True)
    round: int = big()
    layout: str = Field(max_length=64)
    moved: int
    taken_by: str = Field(max_length=64)
    taken_at: int = unix_time()


class RoundOrder(SQLModel, table=True):
    """Which order says a step of a round to the chain: one at a time. `part` is the page that is
    settled, the shop whose payment came back, the file's hash; else empty."""

    __tablename__ = "round_orders"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["round"], ["payment_rounds.number"]),
        ForeignKeyConstraint(["intent_id"], ["intents.id"]),
        CheckConstraint(
            "step IN ('make', 'approve', 'settle', 'withdraw', 'file', 'recredit')",
            name="round_order_step",
        ),
    )

    round: int = big(primary_key=True)
    step: str = Field(primary_key=True, max_length=16)
    part: str = Field(primary_key=True, max_length=66)
    intent_id: str = Field(max_length=40)
