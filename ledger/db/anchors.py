"""A day's leaves out of the index, the days that are anchored, and those ordered to be."""

from typing import TypeVar

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_anchors import AnchoredDay, AnchorOrder
from ledger.db.tables_index import (
    CampaignDraft,
    IncludedRedemption,
    IncludedVoid,
    IndexedBlock,
    IndexedEvent,
)
from ledger.domain.anchors import REDEMPTION, VOID, DayTree, Leaf, day_begins
from ledger.domain.clock import bangkok_day, signed_at_of

Place = tuple[int, int, int]
"""Where a leaf stands on the chain: block, log, place in the batch."""

Taken = TypeVar("Taken", IncludedRedemption, IncludedVoid)


def _within(model: type[Taken], chain_id: int, begins: int, ends: int) -> Select[Taken]:
    """Rows of the blocks whose time is from `begins` to before `ends`."""
    return (
        select(model)
        .join(
            IndexedBlock,
            and_(
                col(IndexedBlock.chain_id) == col(model.chain_id),
                col(IndexedBlock.hash) == col(model.block_hash),
            ),
        )
        .where(
            col(IndexedBlock.chain_id) == chain_id,
            col(IndexedBlock.time) >= begins,
            col(IndexedBlock.time) < ends,
        )
    )


async def tree_of(session: AsyncSession, chain_id: int, day: int) -> DayTree:
    """The leaves of a Bangkok day as the index has them, in the chain's order."""
    begins, ends = day_begins(day), day_begins(day + 1)
    drafts = await session.scalars(
        select(CampaignDraft).where(col(CampaignDraft.chain_id) == chain_id)
    )
    starts = {draft.campaign: draft.starts for draft in drafts}
    placed: list[tuple[Place, Leaf]] = []
    for taken in await session.scalars(_within(IncludedRedemption, chain_id, begins, ends)):
        place = (taken.block_number, taken.log_index, taken.position)
        placed.append((place, _redemption(taken, starts[taken.campaign])))
    for undone in await session.scalars(_within(IncludedVoid, chain_id, begins, ends)):
        placed.append(((undone.block_number, undone.log_index, 0), _void(undone)))
    placed.sort(key=lambda one: one[0])
    return DayTree(day=day, leaves=[leaf for _place, leaf in placed])


def _redemption(row: IncludedRedemption, starts: int) -> Leaf:
    return Leaf(
        kind=REDEMPTION,
        campaign=row.campaign,
        pass_number=row.pass_number,
        merchant=row.merchant,
        bill=row.bill,
        amount=row.amount,
        copay=row.copay,
        signed_at=signed_at_of(starts, row.step),
    )


def _void(row: IncludedVoid) -> Leaf:
    return Leaf(
        kind=VOID,
        campaign=row.campaign,
        pass_number=row.pass_number,
        merchant=row.merchant,
        bill=0,
        amount=row.amount,
        copay=row.copay,
        signed_at=row.signed_at,
        voided_at=row.voided_at,
    )


async def days_with_leaves(
    session: AsyncSession, chain_id: int, first: int, last: int
) -> list[int]:
    """The Bangkok days from `first` to `last` on which something was redeemed or undone."""
    days: set[int] = set()
    begins, ends = day_begins(first), day_begins(last + 1)
    for found in (
        _within(IncludedRedemption, chain_id, begins, ends),
        _within(IncludedVoid, chain_id, begins, ends),
    ):
        times = found.with_only_columns(col(IndexedBlock.time)).distinct()
        days.update(bangkok_day(time) for time in await session.scalars(times))
    return sorted(days)


async def block_time(session: AsyncSession, chain_id: int, number: int) -> int | None:
    """The time of an indexed block; None for one that is not."""
    return await session.scalar(
        select(col(IndexedBlock.time)).where(
            col(IndexedBlock.chain_id) == chain_id, col(IndexedBlock.number) == number
        )
    )


async def first_time(session: AsyncSession, chain_id: int) -> int | None:
    """The time of the first block in the index."""
    return await session.scalar(
        select(func.min(IndexedBlock.time)).where(col(IndexedBlock.chain_id) == chain_id)
    )


# ── anchored ─────────────────────────────────────────────────────────────────────────────────────


def _anchored(chain_id: int) -> Select[AnchoredDay, str]:
    return (
        select(AnchoredDay, col(IndexedEvent.tx_hash))
        .join(
            IndexedEvent,
            and_(
                col(IndexedEvent.chain_id) == col(AnchoredDay.chain_id),
                col(IndexedEvent.block_hash) == col(AnchoredDay.block_hash),
                col(IndexedEvent.log_index) == col(AnchoredDay.log_index),
            ),
        )
        .where(col(AnchoredDay.chain_id) == chain_id)
    )


async def anchored_before(
    session: AsyncSession, chain_id: int, day: int | None, most: int
) -> list[tuple[AnchoredDay, str]]:
    """Anchored days with their transactions, newest first, from just before a day on."""
    query = _anchored(chain_id)
    if day is not None:
        query = query.where(col(AnchoredDay.day) < day)
    rows = await session.execute(query.order_by(col(AnchoredDay.day).desc()).limit(most))
    return [(anchored, tx_hash) for anchored, tx_hash in rows]


async def anchored_day(
    session: AsyncSession, chain_id: int, day: int
) -> tuple[AnchoredDay, str] | None:
    """The anchor of a day and its transaction; None where the index has none."""
    rows = await session.execute(_anchored(chain_id).where(col(AnchoredDay.day) == day))
    row = rows.one_or_none()
    return None if row is None else (row[0], row[1])


# ── ordered ──────────────────────────────────────────────────────────────────────────────────────


async def last_order(session: AsyncSession) -> AnchorOrder | None:
    """The latest day that was ordered to be anchored."""
    return await session.scalar(select(AnchorOrder).order_by(col(AnchorOrder.day).desc()).limit(1))


async def keep_order(session: AsyncSession, order: AnchorOrder) -> None:
    """Keep by which order a day is anchored; of a day that was ordered before, the new one."""
    await session.merge(order)
    await session.flush()
