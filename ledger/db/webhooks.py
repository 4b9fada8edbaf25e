"""Who hears which stream: owners and their addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_webhooks import WebhookEndpoint, WebhookStream

ACTIVE: Final = "active"
DISABLED: Final = "disabled"

_BEGIN_STREAM: Final = text(
    "INSERT INTO webhook_streams (owner, begins_at, sequence) VALUES (:owner, :begins_at, 0)"
    " ON CONFLICT (owner) DO UPDATE SET begins_at = CASE WHEN EXISTS"
    " (SELECT 1 FROM webhook_endpoints e WHERE e.owner = excluded.owner)"
    " THEN webhook_streams.begins_at ELSE excluded.begins_at END"
)
_WORKING: Final = text(
    "SELECT e.id FROM webhook_endpoints e JOIN webhook_streams s ON s.owner = e.owner"
    " WHERE e.status = 'active' AND e.retry_at <= :now AND (e.sent_to < s.sequence OR EXISTS"
    " (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'pending'"
    " AND d.next_at <= :now)) ORDER BY e.retry_at, e.id LIMIT :most"
)
_BACKLOG: Final = text(
    "SELECT count(*) AS hearing, coalesce(sum(s.sequence - e.sent_to + (SELECT count(*)"
    " FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'pending')), 0)"
    " AS pending, (SELECT count(*) FROM webhook_endpoints x WHERE x.status = 'disabled')"
    " AS disabled FROM webhook_endpoints e JOIN webhook_streams s ON s.owner = e.owner"
    " WHERE e.status = 'active'"
)
_OLDEST: Final = (
    "SELECT min(v.at) FROM webhook_endpoints e JOIN webhook_events v ON v.owner = e.owner"
    " AND v.sequence = coalesce((SELECT min(d.sequence) FROM webhook_deliveries d"
    " WHERE d.endpoint_id = e.id AND d.status = 'pending'{tried}), e.sent_to + 1)"
    " WHERE e.status = 'active'{answering}"
)
_OLDEST_OF_ALL: Final = text(_OLDEST.format(tried="", answering=""))
_HELD_UP: Final = text(_OLDEST.format(tried=" AND d.attempts = 0", answering=" AND e.failures = 0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits to be delivered. `oldest` is when (the till's time) the longest waiting event was
    told, `held_up` the same of untried ones for addresses that do answer: those wait for us."""

    hearing: int
    pending: int
    disabled: int
    oldest: int | None
    held_up: int | None


async def begin_stream(session: AsyncSession, owner: int, *, now: int) -> WebhookStream:
    """The stream of an owner, held until the transaction ends. One that nobody heard begins anew
    at `now`: its numbers go on."""
    await session.execute(_BEGIN_STREAM, {"owner": owner, "begins_at": now})
    return await session.get_one(WebhookStream, owner, with_for_update=True, populate_existing=True)


async def stream_of(session: AsyncSession, owner: int) -> WebhookStream:
    """The stream of an owner who has an endpoint."""
    return await session.get_one(WebhookStream, owner, populate_existing=True)


async def add(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """Keep an endpoint. The unique key (owner, url) refuses a second one."""
    session.add(endpoint)
    await session.flush()


async def find(session: AsyncSession, owner: int, name: str) -> WebhookEndpoint | None:
    """An owner's endpoint by its id; None for another owner's."""
    found = await session.get(WebhookEndpoint, name, populate_existing=True)
    return found if found is not None and found.owner == owner else None


async def by_name(session: AsyncSession, name: str) -> WebhookEndpoint | None:
    """An endpoint by its id, whosever it is: for whoever delivers."""
    return await session.get(WebhookEndpoint, name, populate_existing=True)


async def hold(session: AsyncSession, name: str) -> WebhookEndpoint | None:
    """As `by_name`; nobody else changes it before the transaction ends."""
    return await session.get(WebhookEndpoint, name, with_for_update=True, populate_existing=True)


async def at_url(session: AsyncSession, owner: int, url: str) -> WebhookEndpoint | None:
    """An owner's endpoint by its address."""
    found: WebhookEndpoint | None = await session.scalar(
        select(WebhookEndpoint).where(
            col(WebhookEndpoint.owner) == owner, col(WebhookEndpoint.url) == url
        )
    )
    return found


async def of_owner(session: AsyncSession, owner: int) -> Sequence[WebhookEndpoint]:
    """An owner's endpoints, the oldest first."""
    rows = await session.scalars(
        select(WebhookEndpoint)
        .where(col(WebhookEndpoint.owner) == owner)
        .order_by(col(WebhookEndpoint.created_at), col(WebhookEndpoint.id))
    )
    return rows.all()


async def count(session: AsyncSession, owner: int) -> int:
    """How many endpoints an owner has."""
    found = await session.scalar(
        select(func.count()).select_from(WebhookEndpoint).where(col(WebhookEndpoint.owner) == owner)
    )
    return int(found or 0)


async def remove(session: AsyncSession, name: str) -> None:
    """Take an endpoint away, with its deliveries."""
    await session.execute(delete(WebhookEndpoint).where(col(WebhookEndpoint.id) == name))


async def working(session: AsyncSession, *, now: int, most: int) -> list[str]:
    """The endpoints to which something is to be sent now."""
    rows = await session.scalars(_WORKING, {"now": now, "most": most})
    return [str(name) for name in rows]


async def backlog(session: AsyncSession) -> Backlog:
    """What waits for active endpoints, and how many are disabled."""
    found = (await session.execute(_BACKLOG)).one()
    return Backlog(
        hearing=int(found.hearing),
        pending=int(found.pending),
        disabled=int(found.disabled),
        oldest=await session.scalar(_OLDEST_OF_ALL),
        held_up=await session.scalar(_HELD_UP),
    )
