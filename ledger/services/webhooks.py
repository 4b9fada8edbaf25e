"""Whoever wants to hear what happened registers an address; a shop hears its own, city hall all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.chain.clock import SystemClock
from ledger.chain.signer import DEVNET_CHAIN_IDS
from ledger.db import webhook_deliveries, webhook_events, webhooks
from ledger.db.ids import new_id
from ledger.db.tables_webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookStream
from ledger.domain.webhooks import PORTS, ROTATION_SECONDS, URL_LENGTH_MAX, why_not_sent_to
from ledger.errors import Conflict, InputInvalid, UnknownWebhook, WrongState
from ledger.services.runtime import Runtime
from ledger.services.webhook_secrets import deriving_key, secret_of

ENDPOINTS_MAX: Final = 5
"""Addresses of one owner."""

EVENTS_SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint and where it stands in its owner's stream."""

    row: WebhookEndpoint
    last: int
    pending: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Events behind a position. `last` is the newest number, `oldest` the lowest that is kept."""

    events: Sequence[WebhookEvent]
    last: int
    oldest: int | None


def check_url(runtime: Runtime, text: str) -> str:
    """An address that deliveries may be sent to, as far as its text tells; where its name leads is
    asked at every delivery.

    HTTPS on a usual port, without a name or a password in it. On a devnet this machine's own
    address may be given, over HTTP too. Raises InputInvalid.
    """
    devnet = runtime.chain_id in DEVNET_CHAIN_IDS
    why = _why_refused(text, devnet=devnet)
    if why is not None:
        raise InputInvalid(what="url", why=why)
    return text


def _why_refused(text: str, *, devnet: bool) -> str | None:
    if not 1 <= len(text) <= URL_LENGTH_MAX:
        return f"1 to {URL_LENGTH_MAX} characters are needed"
    if any(not 0x21 <= ord(letter) < 0x7F or letter in '\\"<>^`{|}' for letter in text):
        return "only plain letters: write a Thai name as its xn-- form"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "it is no address"
    if not host or parts.username is not None or parts.password is not None or "@" in parts.netloc:
        return "a host is needed, and no name or password before it"
    if parts.fragment or "#" in text:
        return "what stands behind # is never sent"
    loopback = devnet and _is_here(host)
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        return "https is needed"
    if not loopback and (port or 443) not in PORTS:
        return f"the port is none of {', '.join(str(one) for one in sorted(PORTS))}"
    literal = host.replace(".", "").isdigit() or ":" in host
    why = why_not_sent_to(host, loopback=devnet) if literal else None
    if why is None and not literal and host.rstrip(".").endswith("localhost") and not devnet:
        return "this machine's own name"
    return why


def _is_here(host: str) -> bool:
    return host == "localhost" or host == "::1" or host.startswith("127.")


async def register(
    session: AsyncSession, runtime: Runtime, owner: int, url: str, *, by: str, now: int
) -> WebhookEndpoint:
    """Let an address hear the owner's stream from now on.

    Raises InputInvalid for an address nothing is sent to, Conflict where it hears already or
    ENDPOINTS_MAX do, WebhookKeyChanged where no secret can be derived.
    """
    check_url(runtime, url)
    stream = await webhooks.begin_stream(session, owner, now=now)
    if await webhooks.at_url(session, owner, url) is not None:
        raise Conflict(what="webhook", why="this address is registered", why_th="ที่อยู่นี้ลงทะเบียนไว้แล้ว")
    if await webhooks.count(session, owner) >= ENDPOINTS_MAX:
        raise Conflict(
            what="webhook",
            why=f"{ENDPOINTS_MAX} are registered: remove one first",
            why_th=f"ลงทะเบียนครบ {ENDPOINTS_MAX} ปลายทางแล้ว เลิกปลายทางหนึ่งก่อน",
        )
    endpoint = WebhookEndpoint(
        id=new_id("whk"),
        owner=owner,
        url=url,
        created_by=by,
        created_at=await SystemClock().now(),
        signer=deriving_key(runtime).address,
        sent_to=stream.sequence,
    )
    await secret_of(runtime, endpoint, generation=1)
    await webhooks.add(session, endpoint)
    return endpoint


async def endpoint_of(session: AsyncSession, owner: int, name: str) -> WebhookEndpoint:
    """An owner's endpoint. Raises UnknownWebhook for another owner's too."""
    found = await webhooks.find(session, owner, name)
    if found is None:
        raise UnknownWebhook(webhook=name[:40])
    return found


async def _held(session: AsyncSession, owner: int, name: str) -> WebhookEndpoint:
    found = await webhooks.hold(session, name)
    if found is None or found.owner != owner:
        raise UnknownWebhook(webhook=name[:40])
    return found


async def endpoints_of(session: AsyncSession, owner: int) -> list[Endpoint]:
    """An owner's endpoints, the oldest first."""
    rows = await webhooks.of_owner(session, owner)
    if not rows:
        return []
    stream = await webhooks.stream_of(session, owner)
    pending = await webhook_deliveries.count_pending(session, [row.id for row in rows])
    return [_standing(row, stream, pending) for row in rows]


async def shown(session: AsyncSession, row: WebhookEndpoint) -> Endpoint:
    """One endpoint and where it stands."""
    stream = await webhooks.stream_of(session, row.owner)
    pending = await webhook_deliveries.count_pending(session, [row.id])
    return _standing(row, stream, pending)


def _standing(row: WebhookEndpoint, stream: WebhookStream, pending: dict[str, int]) -> Endpoint:
    waiting = pending.get(row.id, 0) + stream.sequence - row.sent_to
    return Endpoint(row=row, last=stream.sequence, pending=waiting)


async def remove(session: AsyncSession, owner: int, name: str) -> None:
    """End an endpoint with its deliveries; its events stay. Raises UnknownWebhook."""
    found = await endpoint_of(session, owner, name)
    await webhooks.remove(session, found.id)


async def rotate(session: AsyncSession, runtime: Runtime, owner: int, name: str) -> WebhookEndpoint:
    """Give an endpoint a new secret. The one before signs too for ROTATION_SECONDS, unless its key
    is gone. Raises UnknownWebhook, WebhookKeyChanged."""
    found = await _held(session, owner, name)
    signer, wall = deriving_key(runtime).address, await SystemClock().now()
    same_key = found.signer == signer
    found.signer, found.generation = signer, found.generation + 1
    found.previous_until = wall + ROTATION_SECONDS if same_key else None
    await secret_of(runtime, found, generation=found.generation)
    await session.flush()
    return found


async def enable(session: AsyncSession, owner: int, name: str) -> WebhookEndpoint:
    """Send to a disabled endpoint again, from where it stopped. Raises UnknownWebhook."""
    found = await _held(session, owner, name)
    wall = await SystemClock().now()
    found.status, found.why = webhooks.ACTIVE, None
    found.failures, found.failing_since, found.retry_at = 0, None, 0
    await session.flush()
    await webhook_deliveries.hurry(session, found.id, now=wall)
    return found


async def replay(session: AsyncSession, owner: int, name: str, *, after: int) -> WebhookEndpoint:
    """Send everything behind a position again, under the ids it had. Raises UnknownWebhook,
    InputInvalid beyond the newest event, WrongState for a disabled endpoint."""
    found = await _held(session, owner, name)
    stream = await webhooks.stream_of(session, owner)
    if not 0 <= after <= stream.sequence:
        raise InputInvalid(what="after", why=f"the newest position is {stream.sequence}")
    if found.status != webhooks.ACTIVE:
        raise WrongState(what="webhook", state=found.status, needs=webhooks.ACTIVE)
    found.sent_to, found.retry_at = min(found.sent_to, after), 0
    await session.flush()
    return found


async def missed(session: AsyncSession, owner: int, name: str, *, after: int, most: int) -> Missed:
    """The events behind a position, to be fetched rather than sent. Raises UnknownWebhook."""
    await endpoint_of(session, owner, name)
    stream = await webhooks.stream_of(session, owner)
    return Missed(
        events=await webhook_events.after(session, owner, after, most=most),
        last=stream.sequence,
        oldest=await webhook_events.oldest(session, owner),
    )


async def deliveries_of(
    session: AsyncSession,
    owner: int,
    name: str,
    *,
    status: str | None,
    before: int | None,
    most: int,
) -> Sequence[WebhookDelivery]:
    """What became of each event at an endpoint, the newest first. Raises UnknownWebhook."""
    found = await endpoint_of(session, owner, name)
    return await webhook_deliveries.page(session, found.id, status=status, before=before, most=most)
