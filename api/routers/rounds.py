"""Shops paid: bank details, rounds that one officer makes and another approves, bank files."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import office
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.schemas.base import UINT32_MAX, Page
from api.schemas.rounds import (
    AnswerTaken,
    ApproveRound,
    BankDetails,
    BankDetailsKept,
    MakeRound,
    PaymentChange,
    Round,
    RoundLine,
)
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from api.tables import TABLE_BODY, media_type, table_of
from ledger.db import rounds
from ledger.db.api_keys import Officer
from ledger.db.tables_settlement import PaymentRound, RoundPayment
from ledger.domain import settlement
from ledger.domain.business_days import date_of
from ledger.domain.payments import bank_account
from ledger.services import payouts, settle
from ledger.services.runtime import Runtime
from ledger.services.settle import CITY, round_numbered

router = APIRouter(prefix="/v1", tags=["rounds"])

RoundPath = Annotated[int, Path(ge=1, le=UINT32_MAX)]
Layout = Annotated[str, Query(pattern=r"^[a-z0-9_]{1,64}$")]


def _shown(row: PaymentRound) -> Round:
    return Round.model_validate(
        {
            "round": row.number,
            "day": date_of(row.day).isoformat(),
            "legs": row.legs.split(),
            "minimum": row.minimum,
            "total": row.total,
            "hash": row.hash,
            "status": row.status,
            "made_by": row.made_by,
            "made_at": row.made_at,
            "decided_by": row.decided_by,
            "decided_at": row.decided_at,
        }
    )


def _line(line: settlement.Line, payment: RoundPayment | None) -> RoundLine:
    account = line.account
    return RoundLine.model_validate(
        {
            "merchant": line.merchant,
            "amount": str(line.amount),
            "entries": len(line.entries),
            "reason": line.reason and line.reason.value,
            "bank": account and account.bank,
            "number": account and account.number,
            "name": account and account.name,
            "payment": payment and str(payment.status),
            "bank_reason": payment and payment.reason,
        }
    )


@router.post("/merchants/{number}/bank", status_code=201, response_model=BankDetailsKept)
async def set_bank_details(
    number: RoundPath,
    body: BankDetails,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("registrar"),
) -> Response:
    """Keep where a shop is paid. The account it had stays on record."""

    async def work() -> BankDetailsKept:
        return await _keep_account(session, runtime, number, body, officer, now=now)

    return await once.answer(session, work, now=now, status=201)


@router.post("/city/bank", status_code=201, response_model=BankDetailsKept)
async def set_city_bank_details(
    body: BankDetails,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("treasurer"),
) -> Response:
    """Keep the account that shops are paid out of."""

    async def work() -> BankDetailsKept:
        return await _keep_account(session, runtime, CITY, body, officer, now=now)

    return await once.answer(session, work, now=now, status=201)


async def _keep_account(
    session: AsyncSession,
    runtime: Runtime,
    owner: int,
    body: BankDetails,
    officer: Officer,
    *,
    now: int,
) -> BankDetailsKept:
    account = bank_account(bank=body.bank, number=body.number, name=body.name)
    await settle.set_account(session, runtime, owner, account, requested_by=officer.key_id, now=now)
    return BankDetailsKept(
        merchant=owner, bank=account.bank, number=account.number, name=account.name
    )


@router.post("/rounds", status_code=201, response_model=Round)
async def make_round(
    body: MakeRound,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("treasurer"),
) -> Response:
    """Close the books of today over everything that is final and due."""

    async def work() -> Round:
        row, _ = await settle.make(
            session,
            runtime,
            legs=frozenset(settlement.Leg(leg) for leg in body.legs),
            minimum=body.minimum,
            requested_by=officer.key_id,
            now=now,
        )
        return _shown(row)

    return await once.answer(session, work, now=now, status=201)


@router.get("/rounds")
async def list_rounds(
    request: Request,
    response: Response,
    session: ReadingDep,
    limit: Limit = 50,
    cursor: Cursor = None,
    _officer: Officer = office("treasurer", "approver"),
) -> Page[Round]:
    """Rounds, newest first."""
    before = position_of(cursor, 1)
    found = await rounds.rounds_before(session, before[0] if before else None, limit + 1)
    following = cursor_of((found[limit - 1].number,)) if len(found) > limit else None
    link_next(request, response, following, limit)
    return Page(items=[_shown(row) for row in found[:limit]], next=following)


@router.get("/rounds/{number}")
async def read_round(
    session: ReadingDep,
    number: RoundPath,
    _officer: Officer = office("treasurer", "approver"),
) -> Round:
    """One round, once its lines are shown to be those it was made of."""
    row, _ = await round_numbered(session, number)
    return _shown(row)


@router.get("/rounds/{number}/lines")
async def list_lines(
    request: Request,
    response: Response,
    session: ReadingDep,
    number: RoundPath,
    limit: Limit = 50,
    cursor: Cursor = None,
    _officer: Officer = office("treasurer", "approver"),
) -> Page[RoundLine]:
    """The lines of a round by shop: paid ones and carried ones."""
    (after,) = position_of(cursor, 1) or (0,)
    _, found = await round_numbered(session, number)
    payments = {
        each.merchant: each for each in (await rounds.payments_of(session, number)).values()
    }
    rest = [line for line in found.lines if line.merchant > after]
    following = cursor_of((rest[limit - 1].merchant,)) if len(rest) > limit else None
    link_next(request, response, following, limit)
    items = [_line(line, payments.get(line.merchant)) for line in rest[:limit]]
    return Page(items=items, next=following)


@router.post("/rounds/{number}/approve", response_model=Round)
async def approve_round(
    number: RoundPath,
    body: ApproveRound,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("approver"),
) -> Response:
    """Approve a round, by another person than made it: its payments are ordered."""

    async def work() -> Round:
        return _shown(
            await settle.approve(
                session,
                runtime,
                number,
                seen=body.hash.lower(),
                requested_by=officer.key_id,
                now=now,
            )
        )

    return await once.answer(session, work, now=now)


@router.post("/rounds/{number}/withdraw", response_model=Round)
async def withdraw_round(
    number: RoundPath,
    session: WritingDep,
    once: OnceDep,
    now: NowDep,
    officer: Officer = office("treasurer", "approver"),
) -> Response:
    """Give up a round that was not approved: what is in it waits for the next one."""

    async def work() -> Round:
        return _shown(await settle.withdraw(session, number, requested_by=officer.key_id, now=now))

    return await once.answer(session, work, now=now)


@router.get(
    "/rounds/{number}/file",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}, "text/plain": {}}}},
)
async def payout_file(
    session: ReadingDep,
    runtime: RuntimeDep,
    number: RoundPath,
    layout: Layout = payouts.NEUTRAL,
    _officer: Officer = office("treasurer"),
) -> Response:
    """The file for the bank: pain.001.001.09, or a bank's own layout by its name."""
    made = await payouts.payout_file(session, runtime, number, layout)
    named = {"content-disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=made.media_type, headers=named)


@router.post("/rounds/answers", response_model=AnswerTaken, openapi_extra=TABLE_BODY)
async def take_answer(
    request: Request,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    layout: Layout = payouts.NEUTRAL,
    officer: Officer = office("treasurer"),
) -> Response:
    """Take the bank's answer, whole or not at all: pain.002, or a layout by its name. The file
    itself names its round; the same bytes again change nothing."""
    plain = media_type(request) == "application/xml"
    raw = await request.body() if plain else await table_of(request)

    async def work() -> AnswerTaken:
        taken = await payouts.take_answer(
            session, runtime, raw, layout, requested_by=officer.key_id, now=now
        )
        return AnswerTaken(
            round=taken.round,
            repeated=taken.repeated,
            changes=[
                PaymentChange.model_validate(
                    {
                        "merchant": change.merchant,
                        "reference": change.reference,
                        "status": change.status.value,
                        "reason": change.reason,
                    }
                )
                for change in taken.changes
            ],
        )

    return await once.answer(session, work, now=now)
