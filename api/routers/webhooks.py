"""Webhooks: a shop's own systems hear what it took and was paid, city hall's hear of every shop.

Signed by the shop's payout key, or with the key of an admin or a treasurer. Who asks decides whose
stream it is: nobody can name another's.
"""

from typing import Annotated, Literal, cast

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import HearerDep
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.schemas import webhooks as schemas
from api.schemas.base import Page
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from ledger.db.api_keys import Officer
from ledger.db.webhook_changes import CITY
from ledger.domain.merchants import Merchant
from ledger.domain.webhooks import spell_secret
from ledger.services import webhooks
from ledger.services.runtime import Runtime
from ledger.services.webhook_courier import stream_name, told
from ledger.services.webhook_secrets import secret_of
from ledger.services.webhooks import Endpoint

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

Named = Annotated[str, Path(max_length=40)]
After = Annotated[int, Query(ge=0, le=2**53 - 1, description="the last position that was heard")]
State = Annotated[Literal["pending", "delivered", "failed"] | None, Query(alias="status")]


def _owner(hearer: Officer | Merchant) -> int:
    return hearer.number if isinstance(hearer, Merchant) else CITY


@router.post("", status_code=201, response_model=schemas.WebhookWithSecret)
async def add_webhook(
    body: schemas.AddWebhook,
    hearer: HearerDep,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
) -> Response:
    """Register an address. The secret is in this answer, and in no other."""
    owner = _owner(hearer)
    by = hearer.key_id if isinstance(hearer, Officer) else f"merchant {owner}"

    async def work() -> schemas.Webhook:
        row = await webhooks.register(session, runtime, owner, body.url, by=by, now=now)
        return _shown(await webhooks.shown(session, row))

    answer = await once.answer(session, work, now=now, status=201)
    return await _with_secret(answer, session, runtime, owner)


@router.get("")
async def list_webhooks(hearer: HearerDep, session: ReadingDep) -> schemas.Webhooks:
    """The caller's addresses, and how they get on. A disabled one says why."""
    found = await webhooks.endpoints_of(session, _owner(hearer))
    return schemas.Webhooks(items=[_shown(each) for each in found])


@router.get("/{name}")
async def read_webhook(name: Named, hearer: HearerDep, session: ReadingDep) -> schemas.Webhook:
    """One address of the caller's."""
    row = await webhooks.endpoint_of(session, _owner(hearer), name)
    return _shown(await webhooks.shown(session, row))


@router.delete("/{name}", response_model=schemas.RemovedWebhook)
async def remove_webhook(
    name: Named, hearer: HearerDep, session: WritingDep, once: OnceDep, now: NowDep
) -> Response:
    """Send nothing more to an address."""

    async def work() -> schemas.RemovedWebhook:
        await webhooks.remove(session, _owner(hearer), name)
        return schemas.RemovedWebhook(webhook=name)

    return await once.answer(session, work, now=now)


@router.post("/{name}/rotate", response_model=schemas.WebhookWithSecret)
async def rotate_webhook(
    name: Named,
    hearer: HearerDep,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
) -> Response:
    """Take a new secret. For a day each delivery is signed with the old one as well."""
    owner = _owner(hearer)

    async def work() -> schemas.Webhook:
        row = await webhooks.rotate(session, runtime, owner, name)
        return _shown(await webhooks.shown(session, row))

    answer = await once.answer(session, work, now=now)
    return await _with_secret(answer, session, runtime, owner)


@router.post("/{name}/enable", response_model=schemas.Webhook)
async def enable_webhook(
    name: Named, hearer: HearerDep, session: WritingDep, once: OnceDep, now: NowDep
) -> Response:
    """Send to a disabled address again, from where it stopped."""

    async def work() -> schemas.Webhook:
        row = await webhooks.enable(session, _owner(hearer), name)
        return _shown(await webhooks.shown(session, row))

    return await once.answer(session, work, now=now)


@router.post("/{name}/replay", status_code=202, response_model=schemas.Webhook)
async def replay_webhook(
    name: Named,
    body: schemas.Replay,
    hearer: HearerDep,
    session: WritingDep,
    once: OnceDep,
    now: NowDep,
) -> Response:
    """Send everything behind a position again, each event under the id it had."""

    async def work() -> schemas.Webhook:
        row = await webhooks.replay(session, _owner(hearer), name, after=body.after)
        return _shown(await webhooks.shown(session, row))

    return await once.answer(session, work, now=now, status=202)


@router.get("/{name}/events")
async def read_webhook_events(
    name: Named, hearer: HearerDep, session: ReadingDep, after: After = 0, limit: Limit = 50
) -> schemas.WebhookEvents:
    """What stands behind a position, to be fetched: the same events as are delivered, in order."""
    found = await webhooks.missed(session, _owner(hearer), name, after=after, most=limit)
    items = [schemas.WebhookEvent.model_validate(told(event)) for event in found.events]
    return schemas.WebhookEvents(
        items=items,
        position=items[-1].sequence if items else after,
        last=found.last,
        oldest=found.oldest,
    )


@router.get("/{name}/deliveries")
async def list_webhook_deliveries(
    name: Named,
    request: Request,
    response: Response,
    hearer: HearerDep,
    session: ReadingDep,
    status: State = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.WebhookDelivery]:
    """What became of each event at an address, the newest first; a week back."""
    (before,) = position_of(cursor, 1) or (None,)
    rows = await webhooks.deliveries_of(
        session, _owner(hearer), name, status=status, before=before, most=limit + 1
    )
    following = cursor_of((rows[limit - 1].sequence,)) if len(rows) > limit else None
    link_next(request, response, following, limit)
    items = [
        schemas.WebhookDelivery(
            sequence=row.sequence,
            status=cast("Literal['pending', 'delivered', 'failed']", row.status),
            attempts=row.attempts,
            answered=row.answered,
            why=row.why,
            next_at=row.next_at,
            changed_at=row.changed_at,
        )
        for row in rows[:limit]
    ]
    return Page(items=items, next=following)


async def _with_secret(
    answer: Response, session: AsyncSession, runtime: Runtime, owner: int
) -> Response:
    """Add the secret to an answer on its way out: what is kept under the Idempotency-Key has none,
    and the same request gets the same secret again by deriving it."""
    if answer.status_code >= 300:
        return answer
    body = orjson.loads(bytes(answer.body))
    row = await webhooks.endpoint_of(session, owner, body["webhook"])
    body["secret"] = spell_secret(await secret_of(runtime, row, generation=body["generation"]))
    headers = {
        key: value for key, value in answer.headers.items() if key.startswith("idempotency-")
    }
    return Response(
        orjson.dumps(body), answer.status_code, headers=headers, media_type="application/json"
    )


def _shown(found: Endpoint) -> schemas.Webhook:
    row = found.row
    return schemas.Webhook(
        webhook=row.id,
        url=row.url,
        stream=stream_name(row.owner),
        status=cast("Literal['active', 'disabled']", row.status),
        why=row.why,
        position=found.last,
        pending=found.pending,
        generation=row.generation,
        failures=row.failures,
        failing_since=row.failing_since,
        delivered_at=row.delivered_at,
        created_at=row.created_at,
        previous_secret_until=row.previous_until,
    )
