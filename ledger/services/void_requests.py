"""A cashier may ask for a void; only the owner's signature makes one (P9)."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import void_requests
from ledger.db.ids import new_id
from ledger.db.tables_devices import VoidRequest
from ledger.domain.pairing import Device
from ledger.domain.redemption import RedemptionStatus
from ledger.errors import Conflict, InputInvalid, NotFound, UnknownRedemption, WrongState
from ledger.services.receipts import redemption_of
from ledger.services.runtime import Runtime

WAITING_MAX: Final = 50
SHOWN_MAX: Final = 500


async def ask(
    session: AsyncSession,
    runtime: Runtime,
    device: Device,
    *,
    redemption: str,
    amount: int | None,
    reason: str,
    now: int,
) -> VoidRequest:
    """Keep a device's wish that its shop's owner undo `amount` of a redemption, all without one.

    Nothing is undone. Raises UnknownRedemption for another shop's, WrongState where nothing is left
    to undo, InputInvalid for more than is left, Conflict where one was asked for already or the
    device has WAITING_MAX unanswered.
    """
    found = await redemption_of(session, runtime, redemption)
    if found is None or found.merchant != device.merchant:
        raise UnknownRedemption(redemption=redemption[:40])
    left = found.amount - found.voided
    if found.status is RedemptionStatus.FAILED or left == 0:
        raise WrongState(what="redemption", state=found.status.value, needs="accepted")
    asked = left if amount is None else amount
    if not 1 <= asked <= left:
        raise InputInvalid(what="amount", why=f"{asked} of {left} satang still to undo")
    if await void_requests.waiting_of(session, redemption) is not None:
        raise Conflict(
            what="void request",
            why="the owner has been asked and has not answered",
            why_th="ขอเจ้าของร้านไว้แล้ว ยังไม่ได้รับคำตอบ",
        )
    if await void_requests.count_waiting(session, device.id) >= WAITING_MAX:
        raise Conflict(
            what="void request",
            why=f"{WAITING_MAX} requests of this device wait for the owner",
            why_th=f"คำขอของเครื่องนี้รอเจ้าของร้านอยู่ {WAITING_MAX} รายการแล้ว",
        )
    request = VoidRequest(
        id=new_id("vrq"),
        merchant=device.merchant,
        redemption_id=redemption,
        device_id=device.id,
        amount=asked,
        reason=reason,
        asked_at=now,
    )
    await void_requests.add(session, request)
    return request


async def asked_of(session: AsyncSession, merchant: int) -> Sequence[VoidRequest]:
    """What a shop's cashiers asked for, newest first, at most SHOWN_MAX."""
    return await void_requests.of_merchant(session, merchant, most=SHOWN_MAX)


async def decline(session: AsyncSession, merchant: int, name: str, *, now: int) -> VoidRequest:
    """The owner says no. Raises NotFound, WrongState for a request that was answered."""
    moved = await void_requests.decline(session, merchant, name, now=now)
    found = await void_requests.find(session, merchant, name)
    if found is None:
        raise NotFound(what="void request", which=name[:40])
    if not moved:
        raise WrongState(what="void request", state=found.status, needs=void_requests.ASKED)
    return found
