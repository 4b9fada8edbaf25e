"""Shops paid: bank details, rounds that one officer makes and another approves, bank files."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api import answers
from api.access import office
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.routers.live import names_of
from api.schemas.base import UINT32_MAX, Page
from api.schemas.intents import IntentAccepted
from api.schemas.rounds import (
    AnswerTaken,
    ApproveRound,
    BankDetails,
    BankDetailsKept,
    CoverDebt,
    MakeRound,
    PaymentChange,
    Round,
    RoundLine,
    ShopDebt,
)
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from api.tables import TABLE_BODY, media_type, table_of
from ledger.db import rounds
from ledger.db.api_keys import Officer, holders_of
from ledger.db.session import transaction
from ledger.db.tables_settlement import PaymentRound, RoundPayment
from ledger.domain import settlement
from ledger.domain.business_days import date_of
from ledger.domain.payments import bank_account
from ledger.services import debts, payouts, settle
from ledger.services.merchants import Shop, shops_numbered
from ledger.services.rounds_on_chain import chain_state
from ledger.services.runtime import Runtime
from ledger.services.settle import CITY, round_numbered

router = APIRouter(prefix="/v1", tags=["rounds"])

RoundPath = Annotated[int, Path(ge=1, le=UINT32_MAX)]
Layout = Annotated[str, Query(pattern=r"^[a-z0-9_]{1,64}$")]


async def _shown(session: AsyncSession, runtime: Runtime, row: PaymentRound) -> Round:
    state, on_chain, refused = await chain_state(session, runtime, row)
    names = await holders_of(session, [row.made_by, row.decided_by or row.made_by])
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
            "made_by_name": names.get(row.made_by),
            "made_at": row.made_at,
            "decided_by": row.decided_by,
            "decided_by_name": row.decided_by and names.get(row.decided_by),
            "decided_at": row.decided_at,
            "chain": state,
            "chain_round": on_chain and on_chain.number,
            "pages": on_chain and on_chain.pages,
            "pages_settled": on_chain and on_chain.pages_settled,
            "files": sorted(on_chain.files) if on_chain else [],
            "refused": refused and (refused.error or {}).get("code"),
        }
    )


def _line(line: settlement.Line, payment: RoundPayment | None, shop: Shop | None) -> RoundLine:
    account = line.account
    return RoundLine.model_validate(
        {
            "merchant": line.merchant,
            "shop": names_of(shop),
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
        return await _shown(session, runtime, row)

    return await once.answer(session, work, now=now, status=201)


@router.get("/rounds")
async def list_rounds(
    request: Request,
    response: Response,
    session: ReadingDep,
    runtime: RuntimeDep,
    limit: Limit = 50,
    cursor: Cursor = None,
    _officer: Officer = office("treasurer", "approver"),
) -> Page[Round]:
    """Rounds, newest first."""
    before = position_of(cursor, 1)
    found = await rounds.rounds_before(session, before[0] if before else None, limit + 1)
    following = cursor_of((found[limit - 1].number,)) if len(found) > limit else None
    link_next(request, response, following, limit)
    items = [await _shown(session, runtime, row) for row in found[:limit]]
    return Page(items=items, next=following)


@router.get("/rounds/{number}")
async def read_round(
    session: ReadingDep,
    runtime: RuntimeDep,
    number: RoundPath,
    _officer: Officer = office("treasurer", "approver"),
) -> Round:
    """One round, once its lines are shown to be those it was made of."""
    row, _ = await round_numbered(session, number)
    return await _shown(session, runtime, row)


@router.get("/rounds/{number}/lines")
async def list_lines(
    request: Request,
    response: Response,
    session: ReadingDep,
    runtime: RuntimeDep,
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
    shops = await shops_numbered(session, runtime, [line.merchant for line in rest[:limit]])
    items = [
        _line(line, payments.get(line.merchant), shops.get(line.merchant)) for line in rest[:limit]
    ]
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
    """Approve a round, by another person than made it: it goes to the chain, page by page."""

    async def work() -> Round:
        row = await settle.approve(
            session,
            runtime,
            number,
            seen=body.hash.lower(),
            requested_by=officer.key_id,
            now=now,
        )
        return await _shown(session, runtime, row)

    return await once.answer(session, work, now=now)


@router.post("/rounds/{number}/withdraw", response_model=Round)
async def withdraw_round(
    number: RoundPath,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("treasurer", "approver"),
) -> Response:
    """Give up a round: what is in it waits for the next one. An approved one is withdrawn on the
    chain first, or cut short where a part of it is settled."""

    async def work() -> Round:
        row = await settle.withdraw(session, runtime, number, requested_by=officer.key_id, now=now)
        return await _shown(session, runtime, row)

    return await once.answer(session, work, now=now)


@router.get(
    "/rounds/{number}/file",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}, "text/plain": {}}}},
)
async def payout_file(
    runtime: RuntimeDep,
    now: NowDep,
    number: RoundPath,
    layout: Layout = payouts.NEUTRAL,
    _officer: Officer = office("treasurer"),
) -> Response:
    """The file for the bank, once the round's tokens are burnt for good: pain.001.001.09, or a
    bank's own layout by its name. The same bytes each time; their hash is recorded on the chain."""
    # Opened here and not as a dependency: asking leaves a record by itself, before this one.
    async with transaction(runtime.engine) as session:
        made = await payouts.payout_file(session, runtime, number, layout, now=now)
    named = {"content-disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=made.media_type, headers=named)


@router.post("/merchants/{number}/cover", status_code=202, response_model=IntentAccepted)
async def cover_debt(
    number: RoundPath,
    body: CoverDebt,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("treasurer"),
) -> Response:
    """Put the treasury's tokens in the place of what a shop owes a campaign, in everybody's sight:
    a campaign that shops owe cannot be closed."""

    async def work() -> IntentAccepted:
        orders = await debts.cover(
            session,
            runtime,
            merchant=number,
            campaign=body.campaign,
            amount=body.amount,
            requested_by=officer.key_id,
            now=now,
        )
        return answers.accepted(orders)

    return await once.answer(session, work, now=now, status=202)


@router.get("/campaigns/{number}/debts")
async def list_debts(
    session: ReadingDep,
    runtime: RuntimeDep,
    number: RoundPath,
    _officer: Officer = office("treasurer", "approver", "campaign_officer"),
) -> Page[ShopDebt]:
    """What shops owe a campaign, because they were paid before a void."""
    found = await debts.debts_of(session, runtime, number)
    return Page(items=[ShopDebt.model_validate(asdict(debt)) for debt in found], next=None)


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
