"""What every fact of the index has: the key of the event that told it."""

from sqlmodel import Field, SQLModel

from ledger.db.columns import big, hash32


class Fact(SQLModel):
    """The key every fact has: its event's, and the block's height to order by.

    No foreign key holds it (docs/adr/0012): `index_blocks.forget_blocks` takes all of a block.
    """

    chain_id: int = big(primary_key=True)
    block_hash: str = hash32(primary_key=True)
    log_index: int = Field(primary_key=True)
    block_number: int = big()
