"""The till's verdicts as they were signed. None is ever changed."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.driver import Driver, Insert
from ledger.db.index_rows import table_of
from ledger.db.tables_rules import VerdictRecord
from ledger.domain.acceptance import KeptVerdict, row_of

_ADD: Final = Insert(table_of(VerdictRecord))
READ_AT_ONCE: Final = 1_000


async def add(driver: Driver, verdicts: Sequence[KeptVerdict]) -> None:
    """Keep verdicts."""
    await driver.insert(_ADD, [row_of(verdict) for verdict in verdicts])


async def find(session: AsyncSession, verdict_id: str) -> VerdictRecord | None:
    """One verdict by its id."""
    return await session.get(VerdictRecord, verdict_id)


async def kept_in_order(
    session: AsyncSession, campaign: int | None = None
) -> AsyncIterator[VerdictRecord]:
    """Every verdict of a campaign, or of all, oldest first; never all in memory."""
    wanted = select(VerdictRecord).order_by(col(VerdictRecord.judged_at), col(VerdictRecord.id))
    if campaign is not None:
        wanted = wanted.where(col(VerdictRecord.campaign) == campaign)
    found = await session.stream_scalars(wanted.execution_options(yield_per=READ_AT_ONCE))
    async for verdict in found:
        yield verdict


async def refusals_since(session: AsyncSession, pass_number: int, since: int) -> int:
    """How many refusals of a pass were kept after `since`."""
    count = await session.scalar(
        select(func.count())
        .select_from(VerdictRecord)
        .where(
            col(VerdictRecord.pass_number) == pass_number,
            col(VerdictRecord.accepted).is_(False),
            col(VerdictRecord.judged_at) > since,
        )
    )
    return int(count or 0)
