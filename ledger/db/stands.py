"""A shop's fixed stands, and the redemptions accepted at one in place of a position."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_rules import Stand, StandUse


async def keep_stand(
    session: AsyncSession, merchant: int, reference: str, *, reason: str, now: int
) -> Stand:
    """Register a stand, or one that was withdrawn once more."""
    row = await session.get(Stand, (merchant, reference))
    if row is None:
        row = Stand(merchant=merchant, reference=reference, reason=reason, registered_at=now)
        session.add(row)
    row.reason, row.withdrawn_at = reason, None
    await session.flush()
    return row


async def find_stand(session: AsyncSession, merchant: int, reference: str) -> Stand | None:
    """A stand that counts now; None for an unknown or a withdrawn one."""
    row = await session.get(Stand, (merchant, reference), populate_existing=True)
    return None if row is None or row.withdrawn_at is not None else row


async def stands_of(session: AsyncSession, merchant: int) -> Sequence[Stand]:
    """Every stand a shop ever registered, by reference."""
    rows = await session.scalars(
        select(Stand).where(col(Stand.merchant) == merchant).order_by(col(Stand.reference))
    )
    return rows.all()


async def add_use(session: AsyncSession, use: StandUse) -> None:
    """Keep that a redemption was accepted at a stand."""
    session.add(use)
    await session.flush()


async def uses_of(session: AsyncSession, *, merchant: int | None, most: int) -> Sequence[StandUse]:
    """The last uses of the stands of a shop, or of all shops, newest first."""
    query = select(StandUse)
    if merchant is not None:
        query = query.where(col(StandUse.merchant) == merchant)
    newest = (col(StandUse.used_at).desc(), col(StandUse.redemption_id))
    return (await session.scalars(query.order_by(*newest).limit(most))).all()
