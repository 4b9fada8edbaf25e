"""Paper and passes that moved: what the till must know of a key, and who moved a pass, and why."""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from ledger.db.columns import address, big, long_text, serial, unix_time


class PaperKey(SQLModel, table=True):
    """A key that stands on paper: whoever holds the paper holds it, and knows its PIN if it has
    one. An address that is not here is a phone's."""

    __tablename__ = "paper_keys"

    address: str = address(primary_key=True)
    pin: bool
    added_at: int = unix_time()


class PassMove(SQLModel, table=True):
    """An accepted order to move a pass to another key. From its commit on, the old key spends
    nothing."""

    __tablename__ = "pass_moves"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("medium IN ('phone', 'paper', 'paper_pin')", name="pass_move_medium"),
        Index("pass_moves_of", "pass_number", "id"),
    )

    id: int | None = serial()
    pass_number: int = big()
    from_address: str = address()
    to_address: str = address()
    medium: str = Field(max_length=16)
    reason: str = long_text()
    requested_by: str = Field(max_length=64)
    asked_at: int = unix_time()
    intent_id: str = Field(foreign_key="intents.id", max_length=40, unique=True)
