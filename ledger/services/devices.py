"""Cashiers' devices: the owner pairs and withdraws them, and bounds what each may take.

A device signs its requests with a key of its own, so there is no secret that could be copied off a
screen or out of a table. It takes payments and asks for voids; it undoes nothing.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import devices, index_reads
from ledger.db.devices import BranchSums
from ledger.db.ids import new_id
from ledger.domain.acceptance import Acceptance
from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, bangkok_day
from ledger.domain.pairing import (
    CODE_SECONDS,
    CODES,
    Device,
    DeviceState,
    code_hash,
    make_code,
    read_code,
)
from ledger.errors import (
    Conflict,
    DeviceBillLimitExceeded,
    DeviceDayLimitUsed,
    DeviceRevoked,
    InputInvalid,
    PairingCodeOver,
    PairingCodeUnknown,
    UnknownDevice,
)
from ledger.services.runtime import Runtime

LIVE_MAX: Final = 100
"""Paired devices and open codes of one shop."""

SHOWN_MAX: Final = 500

_OVER: Final[dict[DeviceState, tuple[str, str]]] = {
    DeviceState.PAIRED: ("มีเครื่องใช้ไปแล้ว", "a device has used it"),
    DeviceState.EXPIRED: ("หมดอายุ 5 นาทีแล้ว", "its five minutes are over"),
    DeviceState.LOCKED: ("มีการเดารหัสผิดหลายครั้ง", "wrong codes were tried too often"),
    DeviceState.REVOKED: ("เจ้าของร้านยกเลิกแล้ว", "the owner has withdrawn it"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTerms:
    """What an owner says of a device: where it stands, who holds it, how much it may take."""

    branch: str
    cashier: str
    bill_max: int
    day_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchDay:
    """Today at a branch, by its devices, and what this device may still take."""

    device: Device
    since: int
    sums: Sequence[BranchSums]
    taken: int

    @property
    def left(self) -> int:
        """What this device may still take today, in satang."""
        return max(self.device.day_max - self.taken, 0)


# The owner


async def offer_code(
    session: AsyncSession, merchant: int, terms: DeviceTerms, *, now: int
) -> tuple[Device, str]:
    """Make a pairing code for one device of a shop; the only time the code is seen.

    Raises InputInvalid for limits that contradict each other, Conflict where the shop has
    LIVE_MAX devices.
    """
    if not 1 <= terms.bill_max <= terms.day_max:
        why = "at least one satang a bill, and no more a bill than a day"
        raise InputInvalid(what="bill_max", why=why)
    if await devices.count_live(session, merchant, now=now) >= LIVE_MAX:
        raise Conflict(
            what="devices",
            why=f"a shop has at most {LIVE_MAX} devices: withdraw one first",
            why_th=f"ร้านหนึ่งมีได้ไม่เกิน {LIVE_MAX} เครื่อง ยกเลิกเครื่องหนึ่งก่อน",
        )
    code = make_code(secrets.randbelow(CODES))
    device = Device(
        id=new_id("dev"),
        merchant=merchant,
        branch=terms.branch,
        cashier=terms.cashier,
        bill_max=terms.bill_max,
        day_max=terms.day_max,
        created_at=now,
        expires_at=now + CODE_SECONDS,
    )
    await devices.add(session, device, code_hash=code_hash(merchant, code))
    return device, code


async def devices_of(session: AsyncSession, merchant: int) -> list[Device]:
    """A shop's devices and codes, newest first, at most SHOWN_MAX."""
    return await devices.of_merchant(session, merchant, most=SHOWN_MAX)


async def revoke(session: AsyncSession, merchant: int, device_id: str, *, now: int) -> Device:
    """End a device, or a code that waits. Nothing is cached anywhere: once this is committed, its
    next request is refused. Raises UnknownDevice for what is not this shop's."""
    device = await devices.find(session, device_id, hold=True)
    if device is None or device.merchant != merchant:
        raise UnknownDevice(device=device_id[:40])
    await devices.revoke(session, device_id, now=now)
    after = await devices.find(session, device_id)
    assert after is not None, "it was there a line ago"
    return after


# The device


async def count_if_wrong(session: AsyncSession, merchant: int, typed: str, *, now: int) -> None:
    """Count a code that the shop never gave. To be committed before `claim` answers, whose
    transaction a refusal rolls back. Raises InputInvalid for what no code is."""
    if await devices.with_code(session, merchant, code_hash(merchant, read_code(typed))) is None:
        await devices.count_guess(session, merchant, now=now)


async def claim(
    session: AsyncSession, runtime: Runtime, merchant: int, typed: str, address: str, *, now: int
) -> Device:
    """Make the key that signed a device of the shop, with a code the owner gave.

    Raises PairingCodeUnknown; PairingCodeOver for one that was used, withdrawn, locked by wrong
    guesses, or is five minutes old; Conflict for a key that is a device or a shop's own.
    """
    device = await devices.with_code(session, merchant, code_hash(merchant, read_code(typed)))
    if device is None:
        raise PairingCodeUnknown(merchant=merchant)
    if device.address == address and device.revoked_at is None:
        return device
    owner = await index_reads.merchant_paid_at(session, runtime.chain_id, address)
    if owner is not None:
        raise Conflict(
            what="key",
            why=f"it is the payout key of merchant {owner.number}",
            why_th=f"กุญแจนี้เป็นกุญแจรับเงินของร้านที่ {owner.number}",
        )
    state = device.state(now)
    if state in _OVER:
        th, en = _OVER[state]
        raise PairingCodeOver(state=state.value, why=en, why_th=th)
    if await devices.of_address(session, address) is not None:
        raise Conflict(
            what="key",
            why="it is a device already: make a new key",
            why_th="เครื่องนี้ผูกกับร้านแล้ว สร้างกุญแจใหม่ก่อน",
        )
    try:
        won = await devices.claim(session, device.id, address, now=now)
    except IntegrityError as twice:
        raise Conflict(
            what="key",
            why="it is a device already: make a new key",
            why_th="เครื่องนี้ผูกกับร้านแล้ว สร้างกุญแจใหม่ก่อน",
        ) from twice
    if not won:
        th, en = _OVER[DeviceState.PAIRED]
        raise PairingCodeOver(state=DeviceState.PAIRED.value, why=en, why_th=th)
    paired = await devices.find(session, device.id)
    assert paired is not None, "it was claimed a line ago"
    return paired


async def device_signing(session: AsyncSession, address: str) -> Device:
    """The device whose key this is, read anew. Raises UnknownDevice, DeviceRevoked."""
    device = await devices.of_address(session, address)
    if device is None:
        raise UnknownDevice(address=address)
    if device.revoked_at is not None:
        raise DeviceRevoked(device=device.id)
    return device


async def hold(session: AsyncSession, device: Device) -> None:
    """Hold a device until the transaction ends, before anything else is held: groups do so, too."""
    await devices.find(session, device.id, hold=True)


async def count_taken(
    session: AsyncSession, device: Device, record: Acceptance, *, now: int
) -> None:
    """Count a redemption on the device that takes it, in the transaction that accepts it.

    The limits count what the shop is paid: coupon and tokens together, by Bangkok day; a void gives
    nothing back. Raises DeviceRevoked, DeviceBillLimitExceeded, DeviceDayLimitUsed.
    """
    held = await devices.find(session, device.id, hold=True)
    if held is None or held.revoked_at is not None:
        raise DeviceRevoked(device=device.id)
    amount = record.amount + record.copay
    if amount > held.bill_max:
        raise DeviceBillLimitExceeded(amount=amount, bill_max=held.bill_max)
    day = bangkok_day(now)
    if not await devices.take(session, held, day, amount):
        taken = await devices.taken_on(session, held.id, day)
        raise DeviceDayLimitUsed(
            amount=amount, taken=taken, day_max=held.day_max, day_left=held.day_max - taken
        )
    await devices.note(session, held.id, record.id)


async def today(session: AsyncSession, device: Device, *, now: int) -> BranchDay:
    """What the devices of this one's branch took today, Bangkok time."""
    day = bangkok_day(now)
    since = day * DAY_SECONDS - BANGKOK_OFFSET
    return BranchDay(
        device=device,
        since=since,
        sums=await devices.branch_sums(session, device, since=since, until=since + DAY_SECONDS),
        taken=await devices.taken_on(session, device.id, day),
    )
