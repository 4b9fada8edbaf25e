"""The blocks the index stands on, and the checkpoint that says how far it reaches."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.db.index_rows import table_of
from ledger.db.tables_index import (
    FACTS,
    INDEX_TABLES,
    Checkpoint,
    IndexedBlock,
    IndexedEvent,
)
from ledger.domain.blocks import BlockRef

BLOCKS = table_of(IndexedBlock)
CHECKPOINTS = table_of(Checkpoint)
EVENTS = table_of(IndexedEvent)


async def last_indexed(connection: AsyncConnection, chain_id: int) -> BlockRef | None:
    """The block the checkpoint stands on; None before the first span."""
    query = (
        select(BLOCKS.c.number, BLOCKS.c.hash, BLOCKS.c.parent, BLOCKS.c.time)
        .join(
            CHECKPOINTS,
            (CHECKPOINTS.c.chain_id == BLOCKS.c.chain_id)
            & (CHECKPOINTS.c.block_hash == BLOCKS.c.hash),
        )
        .where(BLOCKS.c.chain_id == chain_id)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else BlockRef(**row._mapping)


async def hold_index(connection: AsyncConnection) -> None:
    """Until this transaction ends, nobody else writes into the index. SQLite's writers take turns
    from their beginning; PostgreSQL's would both see the checkpoint where they had left it, and
    one could build on blocks that the other was just forgetting."""
    if connection.dialect.name == "postgresql":
        lock = f"LOCK TABLE {CHECKPOINTS.name} IN SHARE ROW EXCLUSIVE MODE"
        await connection.execute(text(lock))


async def blocks_from(connection: AsyncConnection, chain_id: int, number: int) -> list[BlockRef]:
    """Our blocks from a height on, oldest first."""
    query = (
        select(BLOCKS.c.number, BLOCKS.c.hash, BLOCKS.c.parent, BLOCKS.c.time)
        .where(BLOCKS.c.chain_id == chain_id, BLOCKS.c.number >= number)
        .order_by(BLOCKS.c.number)
    )
    return [BlockRef(**row._mapping) for row in await connection.execute(query)]


async def move_checkpoint(connection: AsyncConnection, chain_id: int, to: BlockRef) -> None:
    """Set how far the index reaches."""
    values = {"block_number": to.number, "block_hash": to.hash}
    moved = await connection.execute(
        update(CHECKPOINTS).where(CHECKPOINTS.c.chain_id == chain_id).values(values)
    )
    if moved.rowcount == 0:
        await connection.execute(insert(CHECKPOINTS).values(chain_id=chain_id, **values))


async def forget_blocks(
    connection: AsyncConnection, chain_id: int, orphaned: Sequence[BlockRef]
) -> None:
    """Delete blocks, their events, and all that these told."""
    tables = [table_of(model) for model in FACTS]
    for block in orphaned:
        of_block = BLOCKS.c.chain_id == chain_id, BLOCKS.c.hash == block.hash
        await connection.execute(delete(BLOCKS).where(*of_block))
        for table in (EVENTS, *tables):
            told = table.c.chain_id == chain_id, table.c.block_hash == block.hash
            await connection.execute(delete(table).where(*told))


async def drop_index(connection: AsyncConnection, chain_id: int) -> None:
    """Forget everything read from a chain. What the till itself promised is not touched.

    PostgreSQL empties whole tables where nobody reads them at this moment and they speak of no
    other chain: deleted rows would cost time now, and again when they are cleared away.
    """
    if connection.dialect.name == "postgresql" and await _hold_alone(connection, chain_id):
        await connection.execute(text(f"TRUNCATE {_INDEX}"))
        return
    for model in INDEX_TABLES:
        table = table_of(model)
        await connection.execute(delete(table).where(table.c.chain_id == chain_id))


_INDEX = ", ".join(table_of(model).name for model in INDEX_TABLES)


async def _hold_alone(connection: AsyncConnection, chain_id: int) -> bool:
    """Whether the index is ours alone until the transaction ends. Nobody is made to wait."""
    try:
        async with connection.begin_nested():
            await connection.execute(text(f"LOCK TABLE {_INDEX} IN ACCESS EXCLUSIVE MODE NOWAIT"))
    except OperationalError:
        return False
    ids = select(func.min(BLOCKS.c.chain_id), func.max(BLOCKS.c.chain_id))
    return set((await connection.execute(ids)).one()) <= {chain_id, None}


async def event_count(connection: AsyncConnection, chain_id: int) -> int:
    """How many events are indexed."""
    query = select(func.count()).select_from(EVENTS).where(EVENTS.c.chain_id == chain_id)
    return int((await connection.execute(query)).scalar_one())
