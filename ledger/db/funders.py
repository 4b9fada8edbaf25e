"""Who paid into campaigns and where the money went, by the index alone."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.domain.funder_statement import By, Contributed, FundedCampaign

CAMPAIGNS_MAX: Final = 1_000

_FUNDED: Final = text(
    "SELECT DISTINCT campaign FROM contributions"
    " WHERE chain_id = :chain_id AND funder = :funder ORDER BY campaign LIMIT :most"
)
_CONTRIBUTIONS: Final = text(
    "SELECT c.contribution, c.funder, c.amount, r.amount AS returned FROM contributions c"
    " LEFT JOIN contribution_returns r ON r.chain_id = c.chain_id AND r.campaign = c.campaign"
    " AND r.contribution = c.contribution"
    " WHERE c.chain_id = :chain_id AND c.campaign = :campaign ORDER BY c.contribution"
)
# A void is taken off the day, and the shop, of the redemption it undid.
_SPENT: Final = text(
    "SELECT merchant, day, sum(amount) AS amount FROM ("
    " SELECT i.merchant, (d.starts + (i.step - 1) * 15 + 25200) / 86400 AS day, i.amount"
    " FROM included_redemptions i"
    " JOIN campaign_drafts d ON d.chain_id = i.chain_id AND d.campaign = i.campaign"
    " WHERE i.chain_id = :chain_id AND i.campaign = :campaign"
    " UNION ALL"
    " SELECT v.merchant, (v.signed_at + 25200) / 86400 AS day, -v.amount AS amount"
    " FROM included_voids v WHERE v.chain_id = :chain_id AND v.campaign = :campaign"
    ") x GROUP BY merchant, day ORDER BY merchant, day"
)
_MERCHANTS: Final = text(
    "SELECT number, category, district FROM merchant_facts WHERE chain_id = :chain_id"
    " ORDER BY block_number, log_index"
)


async def campaigns_funded(
    session: AsyncSession, chain_id: int, funder: str
) -> list[FundedCampaign]:
    """The campaigns an address paid into (the first CAMPAIGNS_MAX), each with all contributions
    and what was spent by today's category and district of the shop."""
    numbers = await session.scalars(
        _FUNDED, {"chain_id": chain_id, "funder": funder, "most": CAMPAIGNS_MAX}
    )
    found = [int(number) for number in numbers]
    shops = await _shops(session, chain_id) if found else {}
    return [await _funded(session, chain_id, number, shops) for number in found]


async def _shops(session: AsyncSession, chain_id: int) -> dict[int, tuple[int, int]]:
    rows = await session.execute(_MERCHANTS, {"chain_id": chain_id})
    return {row.number: (row.category, row.district) for row in rows}


async def _funded(
    session: AsyncSession, chain_id: int, campaign: int, shops: dict[int, tuple[int, int]]
) -> FundedCampaign:
    values = {"chain_id": chain_id, "campaign": campaign}
    spent: dict[By, dict[int, int]] = {by: {} for by in By}
    for row in await session.execute(_SPENT, values):
        category, district = shops[row.merchant]
        for by, bucket in ((By.CATEGORY, category), (By.DISTRICT, district), (By.DAY, row.day)):
            spent[by][int(bucket)] = spent[by].get(int(bucket), 0) + int(row.amount)
    return FundedCampaign(
        number=campaign,
        contributions=tuple(
            Contributed(
                number=row.contribution,
                funder=row.funder,
                amount=int(row.amount),
                returned=None if row.returned is None else int(row.returned),
            )
            for row in await session.execute(_CONTRIBUTIONS, values)
        ),
        spent=spent,
    )
