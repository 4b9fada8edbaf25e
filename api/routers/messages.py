"""Reminders, and the outbox of messages with what became of them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api.access import office
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.schemas.base import UINT32_MAX, Page
from api.schemas.messages import Marked, Message, Outcomes, Remind, Reminded
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from ledger.db import messages as outbox
from ledger.db.api_keys import Officer
from ledger.db.tables_messages import MessageRecord
from ledger.domain.reminders import Template
from ledger.services import messages
from ledger.services.messages import Outcome
from ledger.services.reminders import remind

router = APIRouter(prefix="/v1", tags=["messages"])

State = Annotated[
    Literal["queued", "sent", "failed", "waiting"] | None,
    Query(alias="status", description="`waiting`: those to be sent now, tried least first"),
]


@router.post("/campaigns/{number}/remind", response_model=Reminded)
async def remind_campaign(
    number: Annotated[int, Path(ge=1, le=UINT32_MAX)],
    body: Remind,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    _officer: Officer = office("campaign_officer"),
) -> Response:
    """Queue a reminder for each coupon whose deadline is near. None is queued twice."""

    async def work() -> Reminded:
        done = await remind(session, runtime, number, days=body.days, now=now)
        return Reminded(campaign=done.campaign, due=done.due, queued=done.queued, until=done.until)

    return await once.answer(session, work, now=now)


@router.get("/messages")
async def list_messages(
    request: Request,
    response: Response,
    session: ReadingDep,
    now: NowDep,
    status: State = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    _officer: Officer = office("campaign_officer"),
) -> Page[Message]:
    """Messages in the order they were queued. `waiting` is one page only: send it and mark it."""
    if status == "waiting":
        rows = await outbox.waiting(session, now=now, most=limit)
        return Page(items=[_shown(row) for row in rows])
    (after,) = position_of(cursor, 1) or (0,)
    rows = await outbox.page(session, status=status, after=after, most=limit + 1)
    following = cursor_of((rows[limit - 1].number or 0,)) if len(rows) > limit else None
    link_next(request, response, following, limit)
    return Page(items=[_shown(row) for row in rows[:limit]], next=following)


@router.post("/messages/outcomes", response_model=Marked)
async def mark_messages(
    body: Outcomes,
    session: WritingDep,
    once: OnceDep,
    now: NowDep,
    _officer: Officer = office("campaign_officer"),
) -> Response:
    """Say what became of messages. What was sent stays so; unknown ones count nothing."""

    async def work() -> Marked:
        told = [Outcome(id=each.id, sent=each.sent, why=each.why) for each in body.outcomes]
        return Marked(marked=await messages.mark(session, told, now=now))

    return await once.answer(session, work, now=now)


def _shown(row: MessageRecord) -> Message:
    return Message.model_validate(
        {
            "id": row.id,
            "campaign": row.campaign,
            "pass": row.pass_number,
            "template": Template(row.template),
            "due": row.due,
            "th": row.text_th,
            "en": row.text_en,
            "status": row.status,
            "attempts": row.attempts,
            "why": row.why,
            "sent_at": row.sent_at,
        }
    )
