"""Cashiers' devices: who may scan for a shop, how much of today is taken, and what they took."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_devices import DeviceDay, DeviceRecord, RedemptionDevice
from ledger.db.tables_till import RedemptionRecord
from ledger.domain.pairing import GUESSES_MAX, Device

_NEW_DAY: Final = text(
    "INSERT INTO device_days (device_id, day, taken, day_max)"
    " VALUES (:device_id, :day, 0, :day_max) ON CONFLICT (device_id, day) DO NOTHING"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchSums:
    """What the devices of one branch took under one campaign, voids taken off."""

    campaign: int
    count: int
    amount: int
    copay: int


async def add(session: AsyncSession, device: Device, *, code_hash: str) -> None:
    """Keep a code that waits for a device."""
    session.add(
        DeviceRecord(
            id=device.id,
            merchant=device.merchant,
            branch=device.branch,
            cashier=device.cashier,
            bill_max=device.bill_max,
            day_max=device.day_max,
            code_hash=code_hash,
            expires_at=device.expires_at,
            created_at=device.created_at,
        )
    )
    await session.flush()


async def of_merchant(session: AsyncSession, merchant: int, *, most: int) -> list[Device]:
    """A shop's devices and codes, newest first."""
    newest = (col(DeviceRecord.created_at).desc(), col(DeviceRecord.id))
    rows = await session.scalars(
        select(DeviceRecord)
        .where(col(DeviceRecord.merchant) == merchant)
        .order_by(*newest)
        .limit(most)
    )
    return [_device(row) for row in rows]


async def count_live(session: AsyncSession, merchant: int, *, now: int) -> int:
    """Devices that are paired, and codes that still may become one."""
    waiting = col(DeviceRecord.expires_at) > now
    counted = await session.scalar(
        select(func.count())
        .select_from(DeviceRecord)
        .where(
            col(DeviceRecord.merchant) == merchant,
            col(DeviceRecord.revoked_at).is_(None),
            col(DeviceRecord.address).is_not(None) | waiting,
        )
    )
    return int(counted or 0)


async def find(session: AsyncSession, device_id: str, *, hold: bool = False) -> Device | None:
    """A device as it stands now; `hold` keeps others from changing it until we commit."""
    row = await session.get(
        DeviceRecord, device_id, populate_existing=True, with_for_update=True if hold else None
    )
    return None if row is None else _device(row)


async def of_address(session: AsyncSession, address: str) -> Device | None:
    """The device that signs with this key, withdrawn or not."""
    row = await session.scalar(select(DeviceRecord).where(col(DeviceRecord.address) == address))
    return None if row is None else _device(row)


async def with_code(session: AsyncSession, merchant: int, code_hash: str) -> Device | None:
    """What a code of a shop stands for, whatever became of it."""
    rows = await session.scalars(
        select(DeviceRecord)
        .where(col(DeviceRecord.merchant) == merchant, col(DeviceRecord.code_hash) == code_hash)
        .order_by(col(DeviceRecord.created_at).desc())
        .limit(1)
    )
    row = rows.first()
    return None if row is None else _device(row)


async def count_guess(session: AsyncSession, merchant: int, *, now: int) -> None:
    """Count a wrong code against every open code of the shop."""
    await session.execute(
        update(DeviceRecord)
        .where(
            col(DeviceRecord.merchant) == merchant,
            col(DeviceRecord.address).is_(None),
            col(DeviceRecord.expires_at) > now,
            col(DeviceRecord.guesses) < GUESSES_MAX,
        )
        .values(guesses=col(DeviceRecord.guesses) + 1)
        .execution_options(synchronize_session=False)
    )


async def claim(session: AsyncSession, device_id: str, address: str, *, now: int) -> bool:
    """Bind a waiting code to a key; False where it waits no more. A key that is a device already
    breaks `device_key_once`."""
    moved = await session.execute(
        update(DeviceRecord)
        .where(
            col(DeviceRecord.id) == device_id,
            col(DeviceRecord.address).is_(None),
            col(DeviceRecord.revoked_at).is_(None),
            col(DeviceRecord.expires_at) > now,
            col(DeviceRecord.guesses) < GUESSES_MAX,
        )
        .values(address=address, claimed_at=now)
        .execution_options(synchronize_session=False)
    )
    return _changed(moved) == 1


async def revoke(session: AsyncSession, device_id: str, *, now: int) -> None:
    """End a device or a code at once; ending it twice changes nothing."""
    await session.execute(
        update(DeviceRecord)
        .where(col(DeviceRecord.id) == device_id, col(DeviceRecord.revoked_at).is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


# What a device took


async def taken_on(session: AsyncSession, device_id: str, day: int) -> int:
    """What a device took on a Bangkok day, in satang."""
    taken = await session.scalar(
        select(col(DeviceDay.taken)).where(
            col(DeviceDay.device_id) == device_id, col(DeviceDay.day) == day
        )
    )
    return int(taken or 0)


async def take(session: AsyncSession, device: Device, day: int, amount: int) -> bool:
    """Count `amount` on a device's day; False, counting nothing, where too little is left."""
    key = {"device_id": device.id, "day": day}
    await session.execute(_NEW_DAY, {**key, "day_max": device.day_max})
    moved = await session.execute(
        update(DeviceDay)
        .where(
            col(DeviceDay.device_id) == device.id,
            col(DeviceDay.day) == day,
            col(DeviceDay.taken) + amount <= col(DeviceDay.day_max),
        )
        .values(taken=col(DeviceDay.taken) + amount)
        .execution_options(synchronize_session=False)
    )
    return _changed(moved) == 1


async def note(session: AsyncSession, device_id: str, redemption_id: str) -> None:
    """Remember which device took a redemption."""
    session.add(RedemptionDevice(redemption_id=redemption_id, device_id=device_id))
    await session.flush()


async def taker_of(session: AsyncSession, redemption_id: str) -> str | None:
    """The device that took a redemption; None where the owner or the resident's own phone did."""
    row = await session.get(RedemptionDevice, redemption_id)
    return None if row is None else row.device_id


async def branch_sums(
    session: AsyncSession, device: Device, *, since: int, until: int
) -> list[BranchSums]:
    """What all devices of this one's branch took from `since` until before `until`."""
    rows = await session.execute(
        select(
            col(RedemptionRecord.campaign),
            func.count(),
            func.sum(RedemptionRecord.amount - RedemptionRecord.voided),
            func.sum(RedemptionRecord.copay),
        )
        .join(RedemptionDevice, col(RedemptionDevice.redemption_id) == col(RedemptionRecord.id))
        .join(DeviceRecord, col(DeviceRecord.id) == col(RedemptionDevice.device_id))
        .where(
            col(DeviceRecord.merchant) == device.merchant,
            col(DeviceRecord.branch) == device.branch,
            col(RedemptionRecord.accepted_at) >= since,
            col(RedemptionRecord.accepted_at) < until,
            col(RedemptionRecord.status).not_in(["failed", "voided"]),
        )
        .group_by(col(RedemptionRecord.campaign))
        .order_by(col(RedemptionRecord.campaign))
    )
    return [
        BranchSums(campaign=campaign, count=int(count), amount=int(amount), copay=int(copay))
        for campaign, count, amount, copay in rows
    ]


async def branches_of(session: AsyncSession, device_ids: Sequence[str]) -> dict[str, str]:
    """The branch of each device named."""
    rows = await session.execute(
        select(col(DeviceRecord.id), col(DeviceRecord.branch)).where(
            col(DeviceRecord.id).in_(device_ids)
        )
    )
    return {row.id: row.branch for row in rows}


def _device(row: DeviceRecord) -> Device:
    return Device(
        id=row.id,
        merchant=row.merchant,
        branch=row.branch,
        cashier=row.cashier,
        bill_max=row.bill_max,
        day_max=row.day_max,
        created_at=row.created_at,
        expires_at=row.expires_at,
        guesses=row.guesses,
        address=row.address,
        claimed_at=row.claimed_at,
        revoked_at=row.revoked_at,
    )


def _changed(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
