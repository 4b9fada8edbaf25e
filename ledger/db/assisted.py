"""What ambassadors did for residents, each under their own name."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_devices import AssistedAct
from ledger.db.tables_till import ApiKey


async def hold(session: AsyncSession, key_id: str) -> None:
    """Let an ambassador's acts happen one after the other, so that counting them is enough."""
    await session.get(ApiKey, key_id, with_for_update=True, populate_existing=True)


async def count_on(session: AsyncSession, key_id: str, day: int) -> int:
    """How many acts an ambassador has done on a Bangkok day."""
    counted = await session.scalar(
        select(func.count())
        .select_from(AssistedAct)
        .where(col(AssistedAct.key_id) == key_id, col(AssistedAct.day) == day)
    )
    return int(counted or 0)


async def add(session: AsyncSession, act: AssistedAct) -> None:
    """Keep an act. `assisted_act_counted` refuses two of one ordinal."""
    session.add(act)
    await session.flush()


async def page(session: AsyncSession, *, before: int | None, most: int) -> Sequence[AssistedAct]:
    """Acts with numbers below `before`, newest first."""
    query = select(AssistedAct)
    if before is not None:
        query = query.where(col(AssistedAct.number) < before)
    return (await session.scalars(query.order_by(col(AssistedAct.number).desc()).limit(most))).all()
