"""Contributions to campaigns, as the index has them."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_index import Contribution, ContributionReturn


async def contributions_unreturned(session: AsyncSession, chain_id: int, campaign: int) -> int:
    """How many contributions the sweep has not reached yet."""
    given = await session.scalar(
        select(func.count())
        .select_from(Contribution)
        .where(col(Contribution.chain_id) == chain_id, col(Contribution.campaign) == campaign)
    )
    returned = await session.scalar(
        select(func.count())
        .select_from(ContributionReturn)
        .where(
            col(ContributionReturn.chain_id) == chain_id,
            col(ContributionReturn.campaign) == campaign,
        )
    )
    return int(given or 0) - int(returned or 0)
