"""What is to be sent to one address, and what became of it."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_webhooks import WebhookDelivery, WebhookEndpoint

PENDING: Final = "pending"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"

_REFILL: Final = text(
    "INSERT INTO webhook_deliveries"
    " (endpoint_id, sequence, status, attempts, begun_at, next_at, changed_at)"
    " SELECT e.id, v.sequence, 'pending', 0, :now, :now, :now FROM webhook_endpoints e"
    " JOIN webhook_events v ON v.owner = e.owner AND v.sequence > e.sent_to"
    " WHERE e.id = :endpoint AND v.sequence <= :last"
    " ON CONFLICT (endpoint_id, sequence) DO UPDATE SET status = 'pending', attempts = 0,"
    " answered = NULL, why = NULL, begun_at = excluded.begun_at, next_at = excluded.next_at,"
    " changed_at = excluded.changed_at"
)
_LAST_OF_REFILL: Final = text(
    "SELECT max(sequence) FROM (SELECT v.sequence FROM webhook_events v WHERE v.owner = :owner"
    " AND v.sequence > :sent_to ORDER BY v.sequence LIMIT :most) x"
)


async def refill(session: AsyncSession, endpoint: WebhookEndpoint, *, most: int, now: int) -> None:
    """Begin the deliveries of the next events, so that at most `most` wait for their first attempt.
    What was delivered before and is asked for again is begun again."""
    begun = await session.scalar(
        select(func.count())
        .select_from(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint.id,
            col(WebhookDelivery.status) == PENDING,
            col(WebhookDelivery.attempts) == 0,
        )
    )
    room = most - int(begun or 0)
    if room <= 0:
        return
    words: dict[str, Any] = {"owner": endpoint.owner, "sent_to": endpoint.sent_to, "most": room}
    last = await session.scalar(_LAST_OF_REFILL, words)
    if last is not None:
        await session.execute(_REFILL, {"endpoint": endpoint.id, "last": int(last), "now": now})
        endpoint.sent_to = int(last)
        await session.flush()


async def due(
    session: AsyncSession, endpoint: str, *, now: int, most: int
) -> Sequence[WebhookDelivery]:
    """What is to be sent now, what was tried least first: one that always fails holds up none."""
    rows = await session.scalars(
        select(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint,
            col(WebhookDelivery.status) == PENDING,
            col(WebhookDelivery.next_at) <= now,
        )
        .order_by(col(WebhookDelivery.attempts), col(WebhookDelivery.sequence))
        .limit(most)
    )
    return rows.all()


async def hurry(session: AsyncSession, endpoint: str, *, now: int) -> None:
    """Let everything that waits be sent at once."""
    await session.execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.endpoint_id) == endpoint, col(WebhookDelivery.status) == PENDING)
        .values(next_at=now)
        .execution_options(synchronize_session=False)
    )


async def page(
    session: AsyncSession, endpoint: str, *, status: str | None, before: int | None, most: int
) -> Sequence[WebhookDelivery]:
    """The deliveries of an endpoint, the newest first, below a number."""
    query = select(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == endpoint)
    if status is not None:
        query = query.where(col(WebhookDelivery.status) == status)
    if before is not None:
        query = query.where(col(WebhookDelivery.sequence) < before)
    rows = await session.scalars(query.order_by(col(WebhookDelivery.sequence).desc()).limit(most))
    return rows.all()


async def count_pending(session: AsyncSession, endpoints: Sequence[str]) -> dict[str, int]:
    """How many deliveries of each endpoint wait."""
    rows = await session.execute(
        select(col(WebhookDelivery.endpoint_id), func.count())
        .where(
            col(WebhookDelivery.endpoint_id).in_(endpoints),
            col(WebhookDelivery.status) == PENDING,
        )
        .group_by(col(WebhookDelivery.endpoint_id))
    )
    return {str(name): int(number) for name, number in rows}


async def prune(session: AsyncSession, *, before: int) -> None:
    """Forget deliveries that ended before a moment (the machine's)."""
    await session.execute(
        delete(WebhookDelivery).where(
            col(WebhookDelivery.status) != PENDING, col(WebhookDelivery.changed_at) < before
        )
    )
