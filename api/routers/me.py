"""What a holder may ask about their own pass. Every request is signed by the holder."""

from fastapi import APIRouter, Request, Response

from api import answers
from api.access import HolderDep
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.schemas.base import Page
from api.schemas.intents import IntentAccepted
from api.schemas.passes import Coupons, MovePass, Pass, PassMoves
from api.schemas.redemptions import Redemption
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from ledger.errors import UnknownMerchant
from ledger.services import merchants, moves, receipts
from ledger.services.coupons import coupons_of
from ledger.services.merchants import Shop
from ledger.services.moves import Consent

router = APIRouter(prefix="/v1/me", tags=["holders"])


@router.get("/pass")
async def read_my_pass(holding: HolderDep) -> Pass:
    """The pass of the address that signed."""
    return answers.pass_(holding)


@router.get("/coupons")
async def read_my_coupons(
    holding: HolderDep, session: ReadingDep, runtime: RuntimeDep, now: NowDep
) -> Coupons:
    """What can still be spent, and why not where it cannot."""
    found = await coupons_of(session, runtime, holding, now=now)
    return Coupons(
        pass_number=holding.pass_.number, now=now, items=[answers.coupon(one) for one in found]
    )


@router.get("/redemptions")
async def read_my_redemptions(
    request: Request,
    response: Response,
    holding: HolderDep,
    session: ReadingDep,
    runtime: RuntimeDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Redemption]:
    """Everything the pass has spent, newest first, after what waits and what failed."""
    position = position_of(cursor, 3)
    page = await receipts.history(
        session,
        runtime,
        pass_number=holding.pass_.number,
        before=None if position is None else (position[0], position[1], position[2]),
        most=limit,
    )
    following = None if page.next is None else cursor_of(page.next)
    link_next(request, response, following, limit)
    shops: dict[int, Shop | None] = {}
    for one in page.items:
        if one.merchant not in shops:
            try:
                shops[one.merchant] = await merchants.shop(session, runtime, one.merchant)
            except UnknownMerchant:
                shops[one.merchant] = None
    items = [answers.redemption(runtime, one, shops[one.merchant]) for one in page.items]
    return Page(items=items, next=following)


@router.get("/moves")
async def read_my_moves(holding: HolderDep, session: ReadingDep) -> PassMoves:
    """Every time the pass moved to another key: who asked for it, when and why."""
    found = await moves.moves_of(session, holding.pass_.number)
    return PassMoves(
        pass_number=holding.pass_.number, items=[answers.pass_move(one) for one in found]
    )


@router.post("/move", status_code=202, response_model=IntentAccepted)
async def move_my_pass(
    body: MovePass,
    holding: HolderDep,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
) -> Response:
    """Move the pass to another key, from paper to a phone: signed by the old key, agreed to by the
    new one. From this answer on the old key, and with it the paper, spends nothing."""
    consent = Consent(
        to=body.to,
        signed_at=body.signed_at,
        signature=bytes.fromhex(body.signature.removeprefix("0x")),
    )

    async def work() -> IntentAccepted:
        placed = await moves.move(session, runtime, holding, consent, now=now)
        return answers.accepted([placed])

    return await once.answer(session, work, now=now, status=202)
