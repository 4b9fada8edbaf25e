"""The index of paying shops: rounds, their lines, files, returned payments, covered debts."""

from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from ledger.db.columns import address, big, hash32, satang, unix_time
from ledger.db.tables_fact import Fact


class RoundOnChain(Fact, table=True):
    """A round as it was made on the chain. `document_hash` is that of the city's own round."""

    __tablename__ = "rounds_made"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("chain_id", "round", name="round_made_once"),
        Index("rounds_made_of_document", "document_hash"),
    )

    round: int = big()
    maker: str = address()
    day: int
    pages: int = big()
    total: int = satang()
    lines_hash: str = hash32()
    document_hash: str = hash32()
    at: int = unix_time()


class RoundStep(Fact, table=True):
    """A step in a round's life: approved, withdrawn or settled, by whom and with what sum."""

    __tablename__ = "round_steps"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("step IN ('approved', 'withdrawn', 'settled')", name="round_step_known"),
        UniqueConstraint("chain_id", "round", "step", name="round_step_once"),
    )

    round: int = big()
    step: str = Field(max_length=16)
    by: str | None = address(default=None)
    total: int | None = satang(default=None)
    at: int = unix_time()


class SettledLine(Fact, table=True):
    """What a shop was paid for one campaign by a round; below zero where it gave back."""

    __tablename__ = "settled_lines"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("chain_id", "round", "campaign", "merchant", name="line_settled_once"),
        Index("settled_lines_of", "merchant", "campaign"),
        Index("settled_lines_of_campaign", "campaign"),
    )

    position: int = Field(primary_key=True)
    round: int = big()
    page: int = big()
    campaign: int = big()
    merchant: int = big()
    amount: int = satang()
    copay: int = satang()
    at: int = unix_time()


class RecordedFile(Fact, table=True):
    """A file for the bank, by the SHA-256 of its bytes."""

    __tablename__ = "recorded_files"
    __table_args__: ClassVar[Any] = (Index("recorded_files_of", "round"),)

    round: int = big()
    file_hash: str = hash32()
    payments: int = big()
    total: int = satang()
    at: int = unix_time()


class ReturnedPayment(Fact, table=True):
    """A payment that the bank gave back: the shop's lines of that round are due again."""

    __tablename__ = "returned_payments"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("chain_id", "round", "merchant", name="payment_returned_once"),
        Index("returned_payments_of", "merchant"),
    )

    round: int = big()
    page: int = big()
    merchant: int = big()
    amount: int = satang()
    at: int = unix_time()


class CoveredDebt(Fact, table=True):
    """What the treasurer put in the place of a shop's debt to a campaign."""

    __tablename__ = "covered_debts"
    __table_args__: ClassVar[Any] = (Index("covered_debts_of", "campaign", "merchant"),)

    campaign: int = big()
    merchant: int = big()
    by: str = address()
    amount: int = satang()
    at: int = unix_time()


SETTLEMENT_FACTS: Final[tuple[type[Fact], ...]] = (
    RoundOnChain,
    RoundStep,
    SettledLine,
    RecordedFile,
    ReturnedPayment,
    CoveredDebt,
)
