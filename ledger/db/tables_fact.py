"""What every fact of the index has: the key of the event it hangs on."""

from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from ledger.db.columns import big, hash32


class Fact(SQLModel):
    """The key every fact has: its event's, and the block's height to order by."""

    chain_id: int = big(primary_key=True)
    block_hash: str = hash32(primary_key=True)
    log_index: int = Field(primary_key=True)
    block_number: int = big()


def of_event(*more: Any) -> tuple[Any, ...]:
    """Table arguments of a fact: it goes when its event goes."""
    key = ["chain_id", "block_hash", "log_index"]
    return (
        ForeignKeyConstraint(key, [f"events.{column}" for column in key], ondelete="CASCADE"),
        *more,
    )
