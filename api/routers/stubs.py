"""What a shop keeps for itself: permits and receipts of what is on its way to the chain."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from api.access import MerchantDep, TillDep
from api.paging import Limit
from api.schemas.base import Page
from api.schemas.stubs import Stub
from api.sessions import ReadingDep, RuntimeDep
from ledger.errors import InputInvalid
from ledger.services import stubs
from ledger.services.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["merchants"])

After = Annotated[
    str | None, Query(max_length=90, description="`next` of the page before, or of the last visit")
]


@router.get("/merchants/{number}/stubs")
async def list_stubs(
    session: ReadingDep,
    runtime: RuntimeDep,
    merchant: MerchantDep,
    limit: Limit = 50,
    after: After = None,
) -> Page[Stub]:
    """Stubs of what is not final yet, oldest first. Signed by the shop's payout address, whose
    device keeps them: with a stub the shop needs no server to bring its money in."""
    found = await stubs.stubs(
        session, runtime, merchant.number, after=_position(after), most=limit + 1
    )
    return _page(runtime, found, limit)


@router.get("/till/stubs", tags=["till"])
async def list_till_stubs(
    session: ReadingDep,
    runtime: RuntimeDep,
    cashier: TillDep,
    limit: Limit = 50,
    after: After = None,
) -> Page[Stub]:
    """As a shop's stubs, for whoever stands at a till of it: all of them for the owner; for a
    device those of what it scanned and of its own charges. Signed by the owner or the device."""
    found = await stubs.stubs(
        session,
        runtime,
        cashier.merchant,
        after=_position(after),
        most=limit + 1,
        device=cashier.device,
    )
    return _page(runtime, found, limit)


def _page(runtime: Runtime, found: Sequence[stubs.Stub], limit: int) -> Page[Stub]:
    shown = found[:limit]
    last = shown[-1].record if len(found) > limit else None
    return Page(
        items=[_shown(runtime, one) for one in shown],
        next=None if last is None else f"{last.accepted_at}.{last.id}",
    )


def _position(after: str | None) -> tuple[int, str]:
    if after is None:
        return 0, ""
    moment, _, name = after.partition(".")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 13 and name):
        raise InputInvalid(what="after", why="no page of this list has given it")
    return int(moment), name


def _shown(runtime: Runtime, stub: stubs.Stub) -> Stub:
    record, receipt = stub.record, stub.receipt
    return Stub(
        id=record.id,
        chain_id=runtime.chain_id,
        book=runtime.book,
        campaign=record.campaign,
        starts=stub.starts,
        pass_number=record.pass_number,
        merchant=record.merchant,
        bill=record.bill,
        amount=record.amount,
        copay=record.copay,
        signed_at=record.signed_at,
        signature="0x" + (record.r + record.vs).hex(),
        unnamed=record.maximum_bill is not None,
        accepted_at=record.accepted_at,
        policy=record.policy_hash,
        receipt_signature="0x" + (receipt.r + receipt.vs).hex(),
        receipt_qr=receipt.qr,
    )
