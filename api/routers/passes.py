"""Passes, for the registrar."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api import answers
from api.access import office
from api.schemas.base import UINT32_MAX, Address
from api.schemas.intents import IntentAccepted
from api.schemas.passes import (
    ChangePass,
    EnrolPasses,
    PassesFound,
    PassRecord,
    RebindPass,
)
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from api.tables import TABLE_BODY, media_type, table_of
from ledger.db.api_keys import Officer
from ledger.domain.passes import PassStatus
from ledger.domain.vocabulary import CLASSES
from ledger.errors import InputInvalid
from ledger.services import moves, passes
from ledger.services.csv_rows import BadLines, why_of
from ledger.services.orders import account
from ledger.services.passes import Enrolment, Medium

router = APIRouter(prefix="/v1", tags=["passes"])

ADDRESSES_MAX: Final = 100
PassPath = Annotated[int, Path(ge=1, le=UINT32_MAX)]

_ENROL_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": TABLE_BODY["requestBody"]["content"]
        | {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "address,class,district\n0x1111111111111111111111111111111111111111,"
                "resident,7\n",
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/EnrolPasses"}},
        },
    }
}


@router.post("/passes", status_code=202, response_model=IntentAccepted, openapi_extra=_ENROL_BODY)
async def enrol_passes(
    request: Request,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("registrar"),
) -> Response:
    """Order the enrolment of many holders: a table (address, class, district, valid_from,
    valid_until, medium) or JSON. All of them, or none and every bad line is named."""
    read = await _sent(request)

    async def work() -> IntentAccepted:
        placed = await passes.enrol(session, runtime, read, requested_by=officer.key_id, now=now)
        return answers.accepted(placed)

    return await once.answer(session, work, now=now, status=202)


async def _sent(request: Request) -> passes.Read:
    if media_type(request) != "application/json":
        return passes.rows_of(await table_of(request))
    try:
        body = EnrolPasses.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(
            [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        ) from error
    return partial(_listed, body)


def _listed(body: EnrolPasses, bad: BadLines) -> list[Enrolment]:
    """The passes of a list, counted from 1 as lines are."""
    found = []
    for line, one in enumerate(body.passes, start=1):
        try:
            address, class_ = account(one.address), CLASSES.number(one.class_)
        except InputInvalid as error:
            bad.add(line, why_of(error), one.address)
            continue
        found.append(
            Enrolment(
                line=line,
                address=address,
                class_=class_,
                district=one.district,
                valid_from=one.valid_from,
                valid_until=one.valid_until,
                medium=Medium(one.medium),
            )
        )
    return found


@router.get("/passes")
async def find_passes(
    session: ReadingDep,
    runtime: RuntimeDep,
    holder: Annotated[list[Address], Query(min_length=1, max_length=ADDRESSES_MAX)],
    _officer: Officer = office("registrar"),
) -> PassesFound:
    """The passes these addresses hold now, by number; an address without one is left out."""
    held = await passes.held_by(session, runtime, [account(one, what="holder") for one in holder])
    return PassesFound(items=[answers.pass_(one) for one in held])


@router.get("/passes/{number}")
async def read_pass(
    session: ReadingDep,
    runtime: RuntimeDep,
    number: PassPath,
    _officer: Officer = office("registrar"),
) -> PassRecord:
    """One pass, the address that holds it, and every move it made: by whom, when and why."""
    holding = await passes.pass_numbered(session, runtime, number)
    return answers.pass_record(holding, await moves.moves_of(session, number))


@router.post("/passes/{number}/rebind", status_code=202, response_model=IntentAccepted)
async def rebind_pass(
    number: PassPath,
    body: RebindPass,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("registrar"),
) -> Response:
    """Order a pass to move to a new address: every unspent coupon follows, and the old key spends
    nothing from this answer on."""

    async def work() -> IntentAccepted:
        placed = await passes.rebind(
            session,
            runtime,
            number,
            body.to,
            requested_by=officer.key_id,
            now=now,
            reason=body.reason,
            medium=Medium(body.medium),
        )
        return answers.accepted([placed])

    return await once.answer(session, work, now=now, status=202)


@router.post("/passes/{number}/status", status_code=202, response_model=IntentAccepted)
async def change_pass(
    number: PassPath,
    body: ChangePass,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("registrar"),
) -> Response:
    """Order a pass to be suspended, made active again, or ended."""

    async def work() -> IntentAccepted:
        placed = await passes.change_status(
            session,
            runtime,
            number,
            PassStatus[body.status.upper()],
            reason=body.reason,
            requested_by=officer.key_id,
            now=now,
        )
        return answers.accepted([placed])

    return await once.answer(session, work, now=now, status=202)
