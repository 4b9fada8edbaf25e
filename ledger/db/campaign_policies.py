"""The policies of the campaigns whose window is open at a time."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_index import CampaignDraft
from ledger.db.tables_till import PolicyDocument


async def policies_at(
    session: AsyncSession, chain_id: int, at: int, *, most: int
) -> list[tuple[int, bytes]]:
    """Campaigns and the canonical documents of their policies, by number; without those whose
    documents nobody has brought."""
    rows = await session.execute(
        select(col(CampaignDraft.campaign), col(PolicyDocument.canonical))
        .join(PolicyDocument, col(PolicyDocument.hash) == col(CampaignDraft.policy_hash))
        .where(
            col(CampaignDraft.chain_id) == chain_id,
            col(CampaignDraft.starts) <= at,
            col(CampaignDraft.ends) > at,
        )
        .order_by(col(CampaignDraft.campaign))
        .limit(most)
    )
    return [(campaign, canonical) for campaign, canonical in rows]
