"""What the till has promised and the index does not hold: each redemption once, here or there."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_index import IncludedRedemption
from ledger.db.tables_till import RedemptionRecord
from ledger.domain.redemption import RedemptionStatus

_FIGURES = ("campaign", "pass_number", "step", "merchant", "bill", "amount", "copay")


def _not_indexed(chain_id: int) -> ColumnElement[bool]:
    """The index does not hold this very redemption. The record's own status follows the index in a
    transaction of its own, so between the two it says `accepted` still: by its status alone, a
    redemption would be there twice."""
    index, record = IncludedRedemption, RedemptionRecord
    same = [col(getattr(index, name)) == col(getattr(record, name)) for name in _FIGURES]
    return ~exists().where(col(index.chain_id) == chain_id, *same)


async def waiting_sums(
    session: AsyncSession, chain_id: int, merchant: int
) -> dict[int, tuple[int, int, int]]:
    """What a shop was promised and the index does not hold: (count, amount, copay) by campaign."""
    rows = await session.execute(
        select(
            col(RedemptionRecord.campaign),
            func.count(),
            func.sum(RedemptionRecord.amount),
            func.sum(RedemptionRecord.copay),
        )
        .where(
            col(RedemptionRecord.merchant) == merchant,
            col(RedemptionRecord.status) == RedemptionStatus.ACCEPTED.value,
            _not_indexed(chain_id),
        )
        .group_by(col(RedemptionRecord.campaign))
    )
    return {
        campaign: (int(count), int(amount), int(copay)) for campaign, count, amount, copay in rows
    }


async def outside_chain(
    session: AsyncSession,
    chain_id: int,
    *,
    merchant: int | None,
    pass_number: int | None,
    most: int,
) -> Sequence[RedemptionRecord]:
    """What was accepted and the chain does not hold, waiting or failed, newest first."""
    query = select(RedemptionRecord).where(
        col(RedemptionRecord.status).in_(
            [RedemptionStatus.ACCEPTED.value, RedemptionStatus.FAILED.value]
        ),
        _not_indexed(chain_id),
    )
    if merchant is not None:
        query = query.where(col(RedemptionRecord.merchant) == merchant)
    if pass_number is not None:
        query = query.where(col(RedemptionRecord.pass_number) == pass_number)
    newest = (col(RedemptionRecord.accepted_at).desc(), col(RedemptionRecord.id).desc())
    return (await session.scalars(query.order_by(*newest).limit(most))).all()
