"""Ambassadors help; offices see every act of help apart from their own work."""

from fastapi import APIRouter, Request, Response

from api import answers
from api.access import AMBASSADOR, EVERY_OFFICE, office
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.schemas.assisted import AssistedAccepted, AssistedAct, AssistMove
from api.schemas.base import Page
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from ledger.db import tables_devices
from ledger.db.api_keys import Officer
from ledger.services import assistance
from ledger.services.assistance import Help

router = APIRouter(prefix="/v1", tags=["assisted"])


@router.post("/assisted/moves", status_code=202, response_model=AssistedAccepted)
async def assist_move(
    body: AssistMove,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office(AMBASSADOR),
) -> Response:
    """Order a resident's pass to move to a new phone: at most twenty acts of help a day."""

    async def work() -> AssistedAccepted:
        act, intent = await assistance.move_pass(
            session,
            runtime,
            officer,
            kind=Help(body.kind),
            pass_number=body.pass_number,
            to=body.to,
            reason=body.reason,
            now=now,
        )
        return AssistedAccepted(act=_shown(act), intent=answers.intent(intent))

    return await once.answer(session, work, now=now, status=202)


@router.get("/assisted")
async def list_assisted(
    request: Request,
    response: Response,
    session: ReadingDep,
    limit: Limit = 50,
    cursor: Cursor = None,
    _officer: Officer = office(*EVERY_OFFICE),
) -> Page[AssistedAct]:
    """Every act of help, newest first: who helped which pass, with what, and why."""
    position = position_of(cursor, 1)
    found = await assistance.acts(
        session, before=None if position is None else position[0], most=limit + 1
    )
    shown = [_shown(act) for act in found[:limit]]
    following = cursor_of((shown[-1].number,)) if len(found) > limit else None
    link_next(request, response, following, limit)
    return Page(items=shown, next=following)


def _shown(act: tables_devices.AssistedAct) -> AssistedAct:
    return AssistedAct.model_validate(
        {
            "number": act.number,
            "kind": act.kind,
            "ambassador": act.ambassador,
            "key": act.key_id,
            "pass": act.pass_number,
            "from": act.from_address,
            "to": act.to_address,
            "reason": act.reason,
            "intent": act.intent_id,
            "acted_at": act.acted_at,
        }
    )
