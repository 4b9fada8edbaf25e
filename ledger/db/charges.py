"""Charges that were answered, and what a whole shop took since a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import SelectBase, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.driver import Driver, Insert
from ledger.db.index_rows import table_of
from ledger.db.tables_charges import ChargeTaken
from ledger.db.tables_devices import RedemptionDevice
from ledger.db.tables_till import RedemptionRecord
from ledger.domain.acceptance import Acceptance

_ADD: Final = Insert(table_of(ChargeTaken))
_NOTHING: Final = ("failed", "voided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How often and how much, in satang, voids taken off."""

    count: int
    amount: int
    copay: int


async def keep_charges(driver: Driver, answered: Iterable[tuple[Acceptance, str | None]]) -> None:
    """Remember which charge each redemption answered, by its reference; None: it answered none."""
    rows = [
        {"redemption_id": accepted.id, "merchant": accepted.merchant, "reference": reference}
        for accepted, reference in answered
        if reference is not None
    ]
    if rows:
        await driver.insert(_ADD, rows)


async def answers_to(
    session: AsyncSession, merchant: int, reference: str, *, most: int
) -> Sequence[str]:
    """The redemptions that answered a charge of a shop, the first first."""
    names = await session.scalars(
        select(col(ChargeTaken.redemption_id))
        .join(RedemptionRecord, col(RedemptionRecord.id) == col(ChargeTaken.redemption_id))
        .where(col(ChargeTaken.merchant) == merchant, col(ChargeTaken.reference) == reference)
        .order_by(col(RedemptionRecord.accepted_at), col(RedemptionRecord.id))
        .limit(most)
    )
    return names.all()


async def taken_since(session: AsyncSession, merchant: int, since: int) -> Sums:
    """What a shop took at all its tills since a moment."""
    row = (
        await session.execute(
            select(
                func.count(),
                func.sum(RedemptionRecord.amount - RedemptionRecord.voided),
                func.sum(RedemptionRecord.copay),
            ).where(
                col(RedemptionRecord.merchant) == merchant,
                col(RedemptionRecord.accepted_at) >= since,
                col(RedemptionRecord.status).not_in(_NOTHING),
            )
        )
    ).one()
    return Sums(count=int(row[0]), amount=int(row[1] or 0), copay=int(row[2] or 0))


async def taken_by_charges(session: AsyncSession, merchant: int, prefix: str, since: int) -> Sums:
    """What a shop's charges took since a moment, of those whose reference begins with `prefix`."""
    found = (
        select(
            func.count(),
            func.sum(RedemptionRecord.amount - RedemptionRecord.voided),
            func.sum(RedemptionRecord.copay),
        )
        .join(ChargeTaken, col(ChargeTaken.redemption_id) == col(RedemptionRecord.id))
        .where(
            col(ChargeTaken.merchant) == merchant,
            col(ChargeTaken.reference).startswith(prefix),
            col(RedemptionRecord.accepted_at) >= since,
            col(RedemptionRecord.status).not_in(_NOTHING),
        )
    )
    row = (await session.execute(found)).one()
    return Sums(count=int(row[0]), amount=int(row[1] or 0), copay=int(row[2] or 0))


def taken_at_till(merchant: int, device_id: str, prefix: str) -> SelectBase:
    """A query of what one device of a shop took: what it scanned, and what answered its charges,
    whose references begin with `prefix`."""
    scanned = select(col(RedemptionDevice.redemption_id)).where(
        col(RedemptionDevice.device_id) == device_id
    )
    charged = select(col(ChargeTaken.redemption_id)).where(
        col(ChargeTaken.merchant) == merchant, col(ChargeTaken.reference).startswith(prefix)
    )
    return union_all(scanned, charged)


async def latest_since(
    session: AsyncSession, merchant: int, since: int, *, most: int
) -> Sequence[str]:
    """The last redemptions a shop's tills took since a moment, newest first."""
    names = await session.scalars(
        select(col(RedemptionRecord.id))
        .where(
            col(RedemptionRecord.merchant) == merchant,
            col(RedemptionRecord.accepted_at) >= since,
        )
        .order_by(col(RedemptionRecord.accepted_at).desc(), col(RedemptionRecord.id))
        .limit(most)
    )
    return names.all()
