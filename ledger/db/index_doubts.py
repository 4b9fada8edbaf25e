"""Whether the index can be relied on: written by the one who reconciles, read by who issues."""

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from ledger.db.index_rows import table_of
from ledger.db.session import reading, writing
from ledger.db.tables_doubts import IndexDoubt

DOUBTS = table_of(IndexDoubt)
_COUNT = select(func.count()).select_from(DOUBTS)


async def doubt_of(session: AsyncSession, chain_id: int) -> IndexDoubt | None:
    """What is wrong with a chain's index, or None."""
    return await session.get(IndexDoubt, chain_id)


async def keep_doubt(engine: AsyncEngine, chain_id: int, *, what: str, since: int) -> None:
    """Write down that the index differs. The first finding stands: it says since when."""
    async with writing(engine) as connection:
        if not await _counted(connection, chain_id):
            values = {"chain_id": chain_id, "what": what, "since": since}
            await connection.execute(insert(DOUBTS).values(values))


async def drop_doubt(engine: AsyncEngine, chain_id: int) -> bool:
    """The index agrees with the chain; whether it did not before."""
    async with reading(engine) as connection:
        if not await _counted(connection, chain_id):
            return False
    async with writing(engine) as connection:
        await connection.execute(delete(DOUBTS).where(DOUBTS.c.chain_id == chain_id))
    return True


async def _counted(connection: AsyncConnection, chain_id: int) -> int:
    found = await connection.execute(_COUNT.where(DOUBTS.c.chain_id == chain_id))
    return int(found.scalar_one())
