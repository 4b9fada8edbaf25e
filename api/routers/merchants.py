"""Shops: the registrar's orders, the public list, and each shop's own takings."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api import answers
from api.access import MerchantDep, office
from api.paging import Cursor, Limit, cursor_of, link_next, position_of
from api.routers.statements import shown_day
from api.schemas.base import UINT32_MAX, Page
from api.schemas.intents import IntentAccepted
from api.schemas.merchants import ChangeMerchant, Merchant, RegisterMerchant
from api.schemas.redemptions import Takings
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from ledger.db import index_reads
from ledger.db.api_keys import Officer
from ledger.db.profiles import Profile
from ledger.domain.merchants import MerchantStatus
from ledger.services import campaigns, merchants, receipts
from ledger.services.orders import account
from ledger.services.settle import due_day

router = APIRouter(prefix="/v1", tags=["merchants"])

MerchantPath = Annotated[int, Path(ge=1, le=UINT32_MAX)]


@router.post("/merchants", status_code=202, response_model=IntentAccepted)
async def register_merchant(
    body: RegisterMerchant,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("registrar"),
) -> Response:
    """Order a shop's registration under the category of what it is."""

    async def work() -> IntentAccepted:
        registration = merchants.Registration(
            profile=Profile(
                payout=account(body.payout, what="payout"),
                name_th=body.name_th,
                name_en=body.name_en,
                latitude_microdegrees=body.latitude,
                longitude_microdegrees=body.longitude,
            ),
            kind=body.kind,
            category=body.category,
            district=body.district,
            override_reason=body.override_reason,
        )
        placed = await merchants.register(
            session, runtime, registration, requested_by=officer.key_id, now=now
        )
        return answers.accepted([placed])

    return await once.answer(session, work, now=now, status=202)


@router.post("/merchants/{number}/status", status_code=202, response_model=IntentAccepted)
async def change_merchant(
    number: MerchantPath,
    body: ChangeMerchant,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
    officer: Officer = office("registrar"),
) -> Response:
    """Order a shop to be suspended, made active again, or closed."""

    async def work() -> IntentAccepted:
        placed = await merchants.change_status(
            session,
            runtime,
            number,
            MerchantStatus[body.status.upper()],
            reason=body.reason,
            requested_by=officer.key_id,
            now=now,
        )
        return answers.accepted([placed])

    return await once.answer(session, work, now=now, status=202)


@router.get("/merchants")
async def list_merchants(
    request: Request,
    response: Response,
    session: ReadingDep,
    runtime: RuntimeDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Merchant]:
    """Shops by number."""
    (after,) = position_of(cursor, 1) or (0,)
    found = await merchants.shops(session, runtime, after=after, most=limit + 1)
    shown = found[:limit]
    following = cursor_of((shown[-1].merchant.number,)) if len(found) > limit else None
    link_next(request, response, following, limit)
    return Page(items=[answers.merchant(shop) for shop in shown], next=following)


@router.get("/merchants/{number}")
async def read_merchant(session: ReadingDep, runtime: RuntimeDep, number: MerchantPath) -> Merchant:
    """One shop: compare its registered name with the sign over the door."""
    return answers.merchant(await merchants.shop(session, runtime, number))


@router.get("/merchants/{number}/takings")
async def read_takings(
    request: Request,
    response: Response,
    session: ReadingDep,
    runtime: RuntimeDep,
    merchant: MerchantDep,
    now: NowDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Takings:
    """What the shop took, by campaign, and one page of the redemptions behind it. Signed by the
    shop's payout address."""
    position = position_of(cursor, 3)
    page = await receipts.history(
        session,
        runtime,
        merchant=merchant.number,
        before=None if position is None else (position[0], position[1], position[2]),
        most=limit,
    )
    following = None if page.next is None else cursor_of(page.next)
    link_next(request, response, following, limit)
    shop = await merchants.shop(session, runtime, merchant.number)
    sums = await merchants.takings(session, runtime, merchant.number)
    shown = []
    for one in sums:
        campaign = await index_reads.campaign_of(session, runtime.chain_id, one.campaign)
        named = None if campaign is None else "0x" + campaign.terms.policy_hash.hex()
        policy = None if named is None else await campaigns.policy_with(session, named)
        shown.append(answers.takings(one, policy))
    return Takings(
        merchant=merchant.number,
        due_on=shown_day(due_day(now)),
        amount=sum(one.amount for one in sums),
        copay=sum(one.copay for one in sums),
        campaigns=shown,
        items=[answers.redemption(runtime, one, shop) for one in page.items],
        next=following,
    )
