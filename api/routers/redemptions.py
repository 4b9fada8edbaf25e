"""At the till: ask, take, undo, and show what was promised."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api import answers
from api.access import ShopDep, till_signing
from api.once import answer_of, response_of
from api.schemas.intents import IntentAccepted
from api.schemas.redemptions import (
    ChargeRedemption,
    PresentRedemption,
    Quote,
    Quoted,
    Receipt,
    Redemption,
    VoidRedemption,
)
from api.sessions import NowDep, OnceDep, ReadingDep, RuntimeDep, WritingDep
from ledger.db import void_requests
from ledger.db.charges import keep_charges
from ledger.db.driver import Driver
from ledger.db.idempotency import Answer, Asked
from ledger.db.session import transaction
from ledger.domain.acceptance import Acceptance
from ledger.domain.geography import Point
from ledger.domain.pairing import Device
from ledger.domain.reasons import Reason
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import compact
from ledger.errors import (
    LedgerError,
    RedemptionRefused,
    SignatureInvalid,
    UnknownMerchant,
    UnknownRedemption,
)
from ledger.failpoints import reach
from ledger.services import devices, merchants, present, receipts
from ledger.services.copay import copay_funds, less_waiting
from ledger.services.hearing import Claim, holder_of
from ledger.services.merchants import Shop
from ledger.services.orders import account
from ledger.services.present import Scanned
from ledger.services.quote import Question, quote
from ledger.services.redeem import redeem
from ledger.services.runtime import Runtime
from ledger.services.till_facts import Circumstances, Position
from ledger.services.together import Together, Wish
from ledger.services.verdicts import keep_refusal
from ledger.services.void import VoidOrder, asked_by, void

router = APIRouter(prefix="/v1", tags=["till"])

RedemptionName = Annotated[str, Path(max_length=64, examples=["rdm_5v3k7q2mza4xw6yt5v3k7q2m"])]


@router.post("/redemptions", status_code=201, response_model=Redemption)
async def create_redemption(
    body: ChargeRedemption | PresentRedemption,
    request: Request,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
) -> Response:
    """Take a redemption: durable before it is answered, on the chain a little later.

    With the holder's signature over a named shop, that is authority enough. With a presented QR the
    request is signed by the shop, or by a device of it within its limits. Needs an
    Idempotency-Key.
    """
    key = once.key()
    reach("received")
    device = None
    if isinstance(body, PresentRedemption):
        device = await till_signing(request, runtime, body.merchant, now=now)
    wanted = _wanted(runtime, body)
    signed = wanted.signed
    if not signed.copay and not (isinstance(wanted, Scanned) and wanted.copay):
        given = await _with_others(request, runtime, body, wanted, device, key, now=now)
        if given is not None:
            return response_of(given)
    funds = await _funds(runtime, signed)

    async def work() -> Redemption:
        left = funds
        holder = holder_of(runtime, signed)
        if signed.copay and holder is not None:
            left = await less_waiting(session, funds, holder)
        claim = wanted
        if isinstance(claim, Scanned):
            claim = await present.claim_of(session, runtime, claim, copay_funds=left, now=now)
        if device is not None:
            await devices.hold(session, device)
        record = await redeem(
            session, runtime, claim, copay_funds=left, now=now, circumstances=told_with(body)
        )
        if device is not None:
            await devices.count_taken(session, device, record, now=now)
        if isinstance(body, ChargeRedemption):
            await keep_charges(await Driver.of(session), [(record, body.reference)])
        return answers.redemption(
            runtime, receipts.of_record(runtime, record), await _shop(session, runtime, claim)
        )

    async def undone(refusal: LedgerError) -> None:
        if isinstance(refusal, RedemptionRefused):
            await keep_refusal(session, refusal, now=now)

    async with transaction(runtime.engine) as session:
        response = await once.answer(session, work, now=now, status=201, undone=undone)
    reach("committed")
    return response


@router.post("/redemptions/quote")
async def quote_redemption(
    body: Quote, session: ReadingDep, runtime: RuntimeDep, now: NowDep
) -> Quoted:
    """What the coupon would pay of this bill now, spending nothing. Ask again for every bill."""
    holder = account(body.holder, what="holder")
    funds = await copay_funds(runtime, holder) if body.copay else 0
    question = Question(
        campaign=body.campaign,
        merchant=body.merchant,
        bill=body.bill,
        holder=holder,
        copay=body.copay,
        circumstances=told_with(body),
    )
    left = await less_waiting(session, funds, holder)
    return answers.quoted(await quote(session, runtime, question, copay_funds=left, now=now))


async def _with_others(
    request: Request,
    runtime: Runtime,
    body: ChargeRedemption | PresentRedemption,
    wanted: Claim | Scanned,
    device: Device | None,
    key: Asked,
    *,
    now: int,
) -> Answer | None:
    """The answer of a redemption that shared its transaction with others of this moment; None for
    one that is to be taken alone."""

    def answer(record: Acceptance, shop: Shop) -> Answer:
        taken = receipts.of_record(runtime, record)
        return answer_of(answers.redemption(runtime, taken, shop), status=201)

    wish = Wish(
        claim=wanted,
        asked=key,
        circumstances=told_with(body),
        now=now,
        answer=answer,
        device=None if device is None else device.id,
    )
    together: Together = request.app.state.together
    return await together.take(wish)


def told_with(body: Quote | ChargeRedemption | PresentRedemption) -> Circumstances:
    """What a request told besides the signature."""
    place, notice = body.position, body.notice_acknowledged
    return Circumstances(
        position=None
        if place is None
        else Position(
            point=Point(latitude=place.latitude, longitude=place.longitude),
            accuracy_metres=place.accuracy_metres,
            measured_at=place.measured_at,
        ),
        notice=None if notice is None else bytes.fromhex(notice[2:]),
        reference=body.reference,
    )


def _wanted(runtime: Runtime, body: ChargeRedemption | PresentRedemption) -> Claim | Scanned:
    """What is asked for; of a scanned code only the till can say how much that is."""
    if isinstance(body, PresentRedemption):
        return Scanned(
            signed=present.read_present(runtime, body.present),
            merchant=body.merchant,
            bill=body.bill,
            copay=body.copay,
        )
    return Claim(
        merchant=body.merchant,
        bill=body.bill,
        amount=body.amount,
        copay=body.copay,
        signed=_signed(body),
    )


def _signed(body: ChargeRedemption) -> SignedRedemption:
    try:
        r, vs = compact(bytes.fromhex(body.signature.removeprefix("0x")))
    except SignatureInvalid as invalid:
        raise RedemptionRefused(Reason.SIGNATURE_INVALID.code) from invalid
    return SignedRedemption(
        campaign=body.campaign,
        merchant=body.merchant,
        bill=body.bill,
        amount=body.amount,
        copay=body.copay,
        signed_at=body.signed_at,
        r=r,
        vs=vs,
    )


async def _funds(runtime: Runtime, signed: SignedRedemption) -> int:
    """The holder's tokens, where the signed message would move some. Asked before anything is
    locked: the node may be slow."""
    holder = holder_of(runtime, signed)
    return await copay_funds(runtime, holder) if signed.copay and holder is not None else 0


async def _shop(session: AsyncSession, runtime: Runtime, claim: Claim) -> Shop:
    return await merchants.shop_just_judged(session, runtime, claim.merchant)


@router.get("/redemptions/{name}")
async def read_redemption(
    session: ReadingDep, runtime: RuntimeDep, name: RedemptionName
) -> Redemption:
    """One redemption: accepted, included, final, voided, or failed with its reason."""
    found = await receipts.redemption(session, runtime, name)
    try:
        shop = await merchants.shop(session, runtime, found.merchant)
    except UnknownMerchant:
        shop = None
    return answers.redemption(runtime, found, shop)


@router.get("/receipts/{name}")
async def read_receipt(session: ReadingDep, runtime: RuntimeDep, name: RedemptionName) -> Receipt:
    """The sequencer's signed promise for one redemption. 404 for one that was forced past it."""
    found = await receipts.redemption(session, runtime, name)
    if found.receipt is None:
        raise UnknownRedemption(redemption=name)
    return answers.receipt(runtime, found, found.receipt)


@router.post("/redemptions/{name}/void", status_code=202, response_model=IntentAccepted)
async def void_redemption(
    name: RedemptionName,
    body: VoidRedemption,
    shop: ShopDep,
    session: WritingDep,
    once: OnceDep,
    runtime: RuntimeDep,
    now: NowDep,
) -> Response:
    """Undo all or a part of a redemption. The shop signs the request, and the Void itself."""
    r, vs = compact(bytes.fromhex(body.signature.removeprefix("0x")))

    async def work() -> IntentAccepted:
        order = VoidOrder(
            redemption_id=name, amount=body.amount, voided_at=body.voided_at, r=r, vs=vs
        )
        placed = await void(session, runtime, order, requested_by=asked_by(shop.number), now=now)
        await void_requests.grant(session, name, now=now)
        return answers.accepted([placed])

    return await once.answer(session, work, now=now, status=202)
