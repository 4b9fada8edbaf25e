"""City hall's page, and what it asks before it orders anything."""

import asyncio
import json
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api import answers
from api.access import EVERY_OFFICE, office
from api.routers.faces import Kept, Language, Letters, render_face
from api.schemas.base import Bilingual
from api.schemas.hall import (
    BadLine,
    CheckPolicy,
    OfficerSeen,
    PolicyChecked,
    PolicyFault,
    TablePreview,
)
from api.schemas.intents import IntentAccepted
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from api.tables import TABLE_BODY, table_of
from ledger.db.api_keys import Officer
from ledger.domain.policy import parse_policy
from ledger.domain.policy_budget import check_budget
from ledger.domain.policy_faults import policy_faults
from ledger.errors import CsvInvalid, PolicyInvalid
from ledger.services import passes, shop_tables

router = APIRouter(tags=["hall"])

_SHOPS_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": TABLE_BODY["requestBody"]["content"]
        | {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "payout,kind,category,district,name_th,name_en\n"
                "0x1111111111111111111111111111111111111111,restaurant,restaurant,7,"
                "ข้าวซอยคุณยาย,Khao Soi Khun Yai\n",
            }
        },
    }
}


@router.get("/hall", include_in_schema=False)
async def read_hall(
    runtime: RuntimeDep,
    kept: Kept = None,
    letters: Letters = None,
    lang: Language | None = None,
) -> Response:
    """City hall's face. It holds nothing until an officer signs in with their key."""
    large = letters == "large"
    return render_face(runtime, "hall.html", "/hall", asked=lang, kept=kept, large=large)


@router.get("/v1/office")
async def read_office(officer: Officer = office(*EVERY_OFFICE, "auditor")) -> OfficerSeen:
    """Whose key this is and which offices it opens."""
    return OfficerSeen(name=officer.name, roles=sorted(officer.roles))


@router.post("/v1/policies/check")
async def check_policy(
    body: CheckPolicy, _officer: Officer = office("campaign_officer", "approver")
) -> PolicyChecked:
    """Read a draft aloud, or name the fault of each field. Nothing is kept."""
    return await asyncio.to_thread(_checked, body)


def _checked(body: CheckPolicy) -> PolicyChecked:
    document = json.dumps(body.policy, ensure_ascii=False).encode("utf-8", "surrogatepass")
    faults = [
        PolicyFault(pointer=each.pointer, th=each.th, en=each.en)
        for each in policy_faults(document)
    ]
    if faults:
        return PolicyChecked(faults=faults)
    policy = parse_policy(document)
    if body.budget is not None and (policy.issue is not None or body.people is not None):
        try:
            check_budget(document, body.budget, body.people)
        except PolicyInvalid as error:
            th, en = str(error.details["why_th"]), str(error.details["why"])
            faults.append(PolicyFault(pointer="/budget", th=th, en=en))
    return PolicyChecked(
        faults=faults,
        hash="0x" + policy.hash.hex(),
        name=Bilingual(th=policy.name.th, en=policy.name.en),
        sentences=answers.explained(policy),
    )


def _preview(ready: int, refused: CsvInvalid | None) -> TablePreview:
    rows = [] if refused is None else refused.details["rows"]
    bad = [
        BadLine(
            line=row["line"],
            why=str(row["why"]),
            why_th=row["why_th"],
            value=str(row.get("value", "")),
        )
        for row in rows
    ]
    return TablePreview(ready=ready, bad=bad)


@router.post("/v1/passes/preview", openapi_extra=TABLE_BODY)
async def preview_passes(
    request: Request,
    session: ReadingDep,
    runtime: RuntimeDep,
    _officer: Officer = office("registrar"),
) -> TablePreview:
    """What enrolling a table would do: how many lines, and every fault of every bad
    one. Nothing is ordered."""
    read = passes.rows_of(await table_of(request))
    try:
        found = await passes.check_enrolments(session, runtime, read)
    except CsvInvalid as refused:
        return _preview(0, refused)
    return _preview(len(found), None)


@router.post("/v1/merchants/preview", openapi_extra=_SHOPS_BODY)
async def preview_shops(
    request: Request,
    session: ReadingDep,
    runtime: RuntimeDep,
    _officer: Officer = office("registrar"),
) -> TablePreview:
    """What registering a table of shops would do, every fault of every bad line named. Nothing is
    ordered."""
    table = await table_of(request)
    try:
        found = await shop_tables.check_shops(session, runtime, table)
    except CsvInvalid as refused:
        return _preview(0, refused)
    return _preview(len(found), None)


@router.post(
    "/v1/merchants/table",
    status_code=202,
    response_model=IntentAccepted,
    openapi_extra=_SHOPS_BODY,
)
async def register_shops(
    request: Request,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("registrar"),
) -> Response:
    """Order the registration of every shop of a table, or of none, with every bad line named."""
    table = await table_of(request)

    async def work() -> IntentAccepted:
        placed = await shop_tables.register_shops(
            session, runtime, table, requested_by=officer.key_id, now=now
        )
        return answers.accepted(placed)

    return await once.answer(session, work, now=now, status=202)
