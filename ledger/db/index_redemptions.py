"""What the index holds of redemptions: one, a batch with its records, pages, sums by campaign."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_index import IncludedRedemption, IncludedVoid, IndexedEvent
from ledger.db.tables_till import RedemptionRecord
from ledger.domain.redemption import RedeemedRecord

FORCED_SHOWN_MAX: Final = 1_000

Position = tuple[int, int, int]
"""Where a redemption stands on the chain: block, log, place in the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Included:
    """One redemption the chain took, and where it did."""

    campaign: int
    batch: int
    record: RedeemedRecord
    at: int
    block_number: int
    tx_hash: str
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecords:
    """All records of the batch a redemption came in, and its place among them."""

    batch: int
    index: int
    records: tuple[RedeemedRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What a merchant took under one campaign, voids taken off."""

    campaign: int
    count: int
    amount: int
    copay: int


def _joined(chain_id: int) -> Select[IncludedRedemption, str]:
    return (
        select(IncludedRedemption, col(IndexedEvent.tx_hash))
        .join(
            IndexedEvent,
            and_(
                col(IndexedEvent.chain_id) == col(IncludedRedemption.chain_id),
                col(IndexedEvent.block_hash) == col(IncludedRedemption.block_hash),
                col(IndexedEvent.log_index) == col(IncludedRedemption.log_index),
            ),
        )
        .where(col(IncludedRedemption.chain_id) == chain_id)
    )


async def find(
    session: AsyncSession, chain_id: int, campaign: int, pass_number: int, step: int
) -> Included | None:
    """One redemption, by what makes it the only one (P2)."""
    rows = await session.execute(
        _joined(chain_id).where(
            col(IncludedRedemption.campaign) == campaign,
            col(IncludedRedemption.pass_number) == pass_number,
            col(IncludedRedemption.step) == step,
        )
    )
    row = rows.one_or_none()
    return None if row is None else _included(row[0], row[1])


async def batch_of(
    session: AsyncSession, chain_id: int, campaign: int, pass_number: int, step: int
) -> BatchRecords | None:
    """The whole batch a redemption was included in: what a void must bring to the contract."""
    one = await session.scalar(
        select(IncludedRedemption).where(
            col(IncludedRedemption.chain_id) == chain_id,
            col(IncludedRedemption.campaign) == campaign,
            col(IncludedRedemption.pass_number) == pass_number,
            col(IncludedRedemption.step) == step,
        )
    )
    if one is None:
        return None
    rows = await session.scalars(
        select(IncludedRedemption)
        .where(
            col(IncludedRedemption.chain_id) == chain_id,
            col(IncludedRedemption.block_hash) == one.block_hash,
            col(IncludedRedemption.log_index) == one.log_index,
        )
        .order_by(col(IncludedRedemption.position))
    )
    records = tuple(_record(row) for row in rows)
    return BatchRecords(batch=one.batch, index=one.position, records=records)


async def page(
    session: AsyncSession,
    chain_id: int,
    *,
    merchant: int | None = None,
    pass_number: int | None = None,
    before: Position | None = None,
    most: int,
) -> list[Included]:
    """Redemptions of a merchant or of a pass, newest first, from just before a position on."""
    query = _joined(chain_id)
    if merchant is not None:
        query = query.where(col(IncludedRedemption.merchant) == merchant)
    if pass_number is not None:
        query = query.where(col(IncludedRedemption.pass_number) == pass_number)
    place = (
        col(IncludedRedemption.block_number),
        col(IncludedRedemption.log_index),
        col(IncludedRedemption.position),
    )
    if before is not None:
        query = query.where(tuple_(*place) < tuple_(*before))
    query = query.order_by(*(column.desc() for column in place)).limit(most)
    return [_included(row, tx_hash) for row, tx_hash in await session.execute(query)]


async def voided_of(
    session: AsyncSession, chain_id: int, keys: Iterable[tuple[int, int, int]]
) -> dict[tuple[int, int, int], int]:
    """What was undone in all, by (campaign, pass, signed at); those untouched are left out."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = await session.execute(
        select(
            col(IncludedVoid.campaign),
            col(IncludedVoid.pass_number),
            col(IncludedVoid.signed_at),
            func.sum(IncludedVoid.amount),
        )
        .where(
            col(IncludedVoid.chain_id) == chain_id,
            or_(
                *(
                    and_(
                        col(IncludedVoid.campaign) == campaign,
                        col(IncludedVoid.pass_number) == pass_number,
                        col(IncludedVoid.signed_at) == signed_at,
                    )
                    for campaign, pass_number, signed_at in wanted
                )
            ),
        )
        .group_by(
            col(IncludedVoid.campaign), col(IncludedVoid.pass_number), col(IncludedVoid.signed_at)
        )
    )
    return {(campaign, number, at): int(total) for campaign, number, at, total in rows}


async def last_voided_at(
    session: AsyncSession, chain_id: int, campaign: int, pass_number: int, signed_at: int
) -> int:
    """When the last void of a redemption was signed; 0 before the first."""
    last = await session.scalar(
        select(func.max(IncludedVoid.voided_at)).where(
            col(IncludedVoid.chain_id) == chain_id,
            col(IncludedVoid.campaign) == campaign,
            col(IncludedVoid.pass_number) == pass_number,
            col(IncludedVoid.signed_at) == signed_at,
        )
    )
    return int(last or 0)


async def find_unknown_to_till(session: AsyncSession, chain_id: int) -> list[Included]:
    """Redemptions the chain took and the till never accepted (forced), the newest 1,000."""
    known = select(col(RedemptionRecord.id)).where(
        col(RedemptionRecord.campaign) == col(IncludedRedemption.campaign),
        col(RedemptionRecord.pass_number) == col(IncludedRedemption.pass_number),
        col(RedemptionRecord.step) == col(IncludedRedemption.step),
    )
    query = (
        _joined(chain_id)
        .where(~known.exists())
        .order_by(col(IncludedRedemption.block_number).desc())
        .limit(FORCED_SHOWN_MAX)
    )
    return [_included(row, tx_hash) for row, tx_hash in await session.execute(query)]


async def sums_of_merchant(session: AsyncSession, chain_id: int, merchant: int) -> Sequence[Sums]:
    """What a merchant took, by campaign."""
    taken = await session.execute(
        select(
            col(IncludedRedemption.campaign),
            func.count(),
            func.sum(IncludedRedemption.amount),
            func.sum(IncludedRedemption.copay),
        )
        .where(
            col(IncludedRedemption.chain_id) == chain_id,
            col(IncludedRedemption.merchant) == merchant,
        )
        .group_by(col(IncludedRedemption.campaign))
        .order_by(col(IncludedRedemption.campaign))
    )
    undone = await session.execute(
        select(
            col(IncludedVoid.campaign),
            func.sum(IncludedVoid.amount),
            func.sum(IncludedVoid.copay),
        )
        .where(col(IncludedVoid.chain_id) == chain_id, col(IncludedVoid.merchant) == merchant)
        .group_by(col(IncludedVoid.campaign))
    )
    back = {campaign: (int(amount), int(copay)) for campaign, amount, copay in undone}
    return [
        Sums(
            campaign=campaign,
            count=int(count),
            amount=int(amount) - back.get(campaign, (0, 0))[0],
            copay=int(copay) - back.get(campaign, (0, 0))[1],
        )
        for campaign, count, amount, copay in taken
    ]


def _record(row: IncludedRedemption) -> RedeemedRecord:
    return RedeemedRecord(
        pass_number=row.pass_number,
        merchant=row.merchant,
        bill=row.bill,
        amount=row.amount,
        copay=row.copay,
        step=row.step,
        unnamed=row.unnamed,
    )


def _included(row: IncludedRedemption, tx_hash: str) -> Included:
    return Included(
        campaign=row.campaign,
        batch=row.batch,
        record=_record(row),
        at=row.at,
        block_number=row.block_number,
        tx_hash=tx_hash,
        position=(row.block_number, row.log_index, row.position),
    )
