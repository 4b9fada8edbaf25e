"""What the city's staff did: acts that are written once, and the head that the next one follows."""

from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.db.columns import big, document, hash32, unix_time


class StaffActRecord(SQLModel, table=True):
    """One act, under the number and the hash it has for good."""

    __tablename__ = "staff_acts"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("hash", name="staff_act_once"),
        UniqueConstraint("before", name="staff_act_followed_once"),
    )

    number: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = unix_time()
    act: str = Field(max_length=64)
    by: str = Field(max_length=120)
    key: str = Field(max_length=64)
    target: str = Field(max_length=300)
    orders: list[str] = document()
    before: str = hash32()
    hash: str = hash32()


class StaffLogHead(SQLModel, table=True):
    """The last act: its row is the lock under which the next one is written. `at` is the earliest
    time the next one may have: not before the last act, nor in a day that is anchored."""

    __tablename__ = "staff_log_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = big()
    hash: str = hash32()
    at: int = unix_time()
