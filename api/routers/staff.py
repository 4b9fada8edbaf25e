"""The log of what the staff did, for auditors and for whoever answers for an office."""

from fastapi import APIRouter, Request, Response

from api.access import office
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.schemas.base import Page
from api.schemas.staff import StaffAct
from api.sessions import ReadingDep
from ledger.db import staff
from ledger.db.api_keys import Officer
from ledger.domain import staff_log
from ledger.domain.staff_sentences import spoken

router = APIRouter(prefix="/v1", tags=["staff"])


@router.get("/staff-acts")
async def list_staff_acts(
    request: Request,
    response: Response,
    session: ReadingDep,
    limit: Limit = 50,
    cursor: Cursor = None,
    _officer: Officer = office("auditor", "admin"),
) -> Page[StaffAct]:
    """Every act of the staff, newest first, each holding the hash of the one before it."""
    position = position_of(cursor, 1)
    found = await staff.acts_before(session, position[0] if position else None, limit + 1)
    following = cursor_of((found[limit - 1].number,)) if len(found) > limit else None
    link_next(request, response, following, limit)
    return Page(items=[_shown(act) for act in found[:limit]], next=following)


def _shown(act: staff_log.StaffAct) -> StaffAct:
    return StaffAct.model_validate(act.written() | spoken(act))
