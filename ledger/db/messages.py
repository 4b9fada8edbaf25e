"""The outbox of messages, and what decides whom to remind: passes and what they have used."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_index import IncludedRedemption, IncludedVoid, PassFact
from ledger.db.tables_messages import MessageRecord
from ledger.db.tables_till import UsageCounter
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.usage import Usage

ROWS_AT_ONCE: Final = 500
ATTEMPTS_MAX: Final = 5


async def passes_between(
    session: AsyncSession, chain_id: int, first: int, last: int
) -> dict[int, Pass]:
    """The passes with these numbers as they are now, by number."""
    rows = await session.scalars(
        select(PassFact)
        .where(
            col(PassFact.chain_id) == chain_id,
            col(PassFact.number).between(first, last),
            col(PassFact.status).is_not(None),
        )
        .order_by(col(PassFact.number), col(PassFact.block_number), col(PassFact.log_index))
    )
    # Later facts of a pass take the place of earlier ones.
    return {
        row.number: Pass(
            number=row.number,
            class_=row.class_ or 0,
            district=row.district or 0,
            valid_from=row.valid_from or 0,
            valid_until=row.valid_until or 0,
            status=PassStatus(row.status or 0),
        )
        for row in rows
    }


async def last_pass(session: AsyncSession, chain_id: int) -> int:
    """The highest number of a pass; 0 before the first."""
    found = await session.scalar(
        select(func.max(PassFact.number)).where(col(PassFact.chain_id) == chain_id)
    )
    return int(found or 0)


async def usages_between(
    session: AsyncSession, chain_id: int, campaign: int, first: int, last: int
) -> dict[int, Usage]:
    """What passes have used of a campaign, less `spent_today`: the chain's sums, and in their place
    the till's counters, which lead the chain, for passes that have one."""
    taken = await session.execute(
        select(
            col(IncludedRedemption.pass_number),
            func.max(IncludedRedemption.step),
            func.sum(IncludedRedemption.amount),
        )
        .where(
            col(IncludedRedemption.chain_id) == chain_id,
            col(IncludedRedemption.campaign) == campaign,
            col(IncludedRedemption.pass_number).between(first, last),
        )
        .group_by(col(IncludedRedemption.pass_number))
    )
    undone = await session.execute(
        select(col(IncludedVoid.pass_number), func.sum(IncludedVoid.amount))
        .where(
            col(IncludedVoid.chain_id) == chain_id,
            col(IncludedVoid.campaign) == campaign,
            col(IncludedVoid.pass_number).between(first, last),
        )
        .group_by(col(IncludedVoid.pass_number))
    )
    back = {number: int(amount) for number, amount in undone}
    counted = await session.scalars(
        select(UsageCounter).where(
            col(UsageCounter.campaign) == campaign,
            col(UsageCounter.pass_number).between(first, last),
        )
    )
    usages = {
        number: Usage(last_step=int(step), spent_total=int(amount) - back.get(number, 0))
        for number, step, amount in taken
    }
    for row in counted:
        usages[row.pass_number] = Usage(last_step=row.last_step, spent_total=row.spent_total)
    return usages


async def queue(session: AsyncSession, messages: Sequence[dict[str, Any]]) -> int:
    """Queue messages, given as columns; those queued before are left as they are. How many are new.

    Two that queue the same at once leave one message.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgresql else sqlite.insert
    new = 0
    for start in range(0, len(messages), ROWS_AT_ONCE):
        rows = messages[start : start + ROWS_AT_ONCE]
        kept = await session.scalars(
            insert(MessageRecord)
            .values(list(rows))
            .on_conflict_do_nothing()
            .returning(col(MessageRecord.id))
        )
        new += len(kept.all())
    return new


async def page(
    session: AsyncSession, *, status: str | None, after: int, most: int
) -> list[MessageRecord]:
    """Messages in the order they were queued, from the one after a number on."""
    query = select(MessageRecord).where(col(MessageRecord.number) > after)
    if status is not None:
        query = query.where(col(MessageRecord.status) == status)
    rows = await session.scalars(query.order_by(col(MessageRecord.number)).limit(most))
    return list(rows)


async def waiting(session: AsyncSession, *, now: int, most: int) -> list[MessageRecord]:
    """Messages to be sent: not sent, not past their deadline, not tried ATTEMPTS_MAX times; those
    tried least come first."""
    rows = await session.scalars(
        select(MessageRecord)
        .where(
            col(MessageRecord.status).in_(["queued", "failed"]),
            col(MessageRecord.attempts) < ATTEMPTS_MAX,
            col(MessageRecord.due) > now,
        )
        .order_by(col(MessageRecord.attempts), col(MessageRecord.number))
        .limit(most)
    )
    return list(rows)


async def mark_sent(session: AsyncSession, ids: Iterable[str], *, now: int) -> int:
    """Mark messages as sent. How many were not so before; an unknown id counts nothing."""
    done = await session.execute(
        update(MessageRecord)
        .where(col(MessageRecord.id).in_(list(ids)), col(MessageRecord.status) != "sent")
        .values(status="sent", sent_at=now, attempts=col(MessageRecord.attempts) + 1, why=None)
    )
    assert isinstance(done, CursorResult)
    return done.rowcount


async def mark_failed(session: AsyncSession, message_id: str, why: str) -> int:
    """Count a failed attempt. 0 for an unknown message, or one that was sent."""
    done = await session.execute(
        update(MessageRecord)
        .where(col(MessageRecord.id) == message_id, col(MessageRecord.status) != "sent")
        .values(status="failed", attempts=col(MessageRecord.attempts) + 1, why=why[:200])
    )
    assert isinstance(done, CursorResult)
    return done.rowcount
