"""Days anchored: what the chain says of them, and what the city ordered to be said."""

from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.db.columns import big, hash32, satang, unix_time
from ledger.db.tables_fact import Fact


class AnchoredDay(Fact, table=True):
    """A day's anchor as the chain has it. `day` counts Bangkok days from 1970-01-01."""

    __tablename__ = "anchored_days"
    __table_args__: ClassVar[Any] = (UniqueConstraint("chain_id", "day", name="anchored_once"),)

    day: int
    root: str = hash32()
    leaves: int = big()
    amount: int = satang()
    copay: int = satang()
    staff_head: str = hash32()
    at: int = unix_time()


class AnchorOrder(SQLModel, table=True):
    """A day the city ordered to be anchored: once, with the order that says it."""

    __tablename__ = "anchor_orders"
    __table_args__: ClassVar[Any] = (ForeignKeyConstraint(["intent_id"], ["intents.id"]),)

    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    intent_id: str = Field(max_length=40)
    ordered_at: int = unix_time()
