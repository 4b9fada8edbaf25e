"""Events: written once, counted densely for each owner, and read again from any position."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.ids import new_id
from ledger.db.tables_webhooks import WebhookEvent, WebhookStream
from ledger.db.webhook_changes import Change

PRUNED_AT_ONCE: Final = 10_000

_TOLD: Final = text(
    "INSERT INTO webhook_told (owner, subject, state, watched, at)"
    " VALUES (:owner, :subject, :state, :watched, :at) ON CONFLICT (owner, subject)"
    " DO UPDATE SET state = excluded.state, watched = excluded.watched, at = excluded.at"
)
_BEGIN_LATER: Final = text(
    "UPDATE webhook_streams SET begins_at = :before WHERE begins_at < :before"
)
_PRUNE: Final = (
    text(
        "DELETE FROM webhook_events WHERE id IN (SELECT id FROM webhook_events"
        " WHERE at < :before ORDER BY at LIMIT :most)"
    ),
    text(
        "DELETE FROM webhook_told WHERE at < :before AND NOT watched AND NOT EXISTS (SELECT 1 FROM"
        " redemptions r WHERE r.id = webhook_told.subject AND r.accepted_at >= :before)"
    ),
)


async def write(session: AsyncSession, found: Sequence[Change], *, now: int) -> int:
    """Write what is to be told, one number after the other for each owner; how many were written.

    An owner whose stream nobody hears any more is told nothing.
    """
    owners = sorted({change.owner for change in found})
    streams = {
        stream.owner: stream
        for stream in await session.scalars(
            select(WebhookStream)
            .where(col(WebhookStream.owner).in_(owners))
            .order_by(col(WebhookStream.owner))
            .with_for_update()
        )
    }
    rows: list[dict[str, Any]] = []
    for change in found:
        stream = streams[change.owner]
        stream.sequence += 1
        rows.append(
            {
                "owner": change.owner,
                "sequence": stream.sequence,
                "id": new_id("evt"),
                "type": change.type,
                "at": now,
                "data": change.data,
            }
        )
    if rows:
        await session.execute(insert(WebhookEvent), rows)
        told = [
            {
                "owner": change.owner,
                "subject": change.subject,
                "state": change.state,
                "watched": change.watched,
                "at": now,
            }
            for change in found
        ]
        await session.execute(_TOLD, told)
        await session.flush()
    return len(rows)


async def after(
    session: AsyncSession, owner: int, position: int, *, most: int
) -> Sequence[WebhookEvent]:
    """The events of an owner behind a position, in their order."""
    rows = await session.scalars(
        select(WebhookEvent)
        .where(col(WebhookEvent.owner) == owner, col(WebhookEvent.sequence) > position)
        .order_by(col(WebhookEvent.sequence))
        .limit(most)
    )
    return rows.all()


async def numbered(
    session: AsyncSession, owner: int, sequences: Sequence[int]
) -> dict[int, WebhookEvent]:
    """Some events of an owner by their numbers; those pruned are left out."""
    rows = await session.scalars(
        select(WebhookEvent).where(
            col(WebhookEvent.owner) == owner, col(WebhookEvent.sequence).in_(sequences)
        )
    )
    return {row.sequence: row for row in rows}


async def oldest(session: AsyncSession, owner: int) -> int | None:
    """The lowest number that is still kept."""
    found = await session.scalar(
        select(func.min(WebhookEvent.sequence)).where(col(WebhookEvent.owner) == owner)
    )
    return None if found is None else int(found)


async def prune(session: AsyncSession, *, before: int) -> None:
    """Forget what was told before a moment (the till's), and never tell of it again."""
    await session.execute(_BEGIN_LATER, {"before": before})
    for statement in _PRUNE:
        await session.execute(statement, {"before": before, "most": PRUNED_AT_ONCE})
