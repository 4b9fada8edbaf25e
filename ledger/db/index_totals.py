"""What all rows of the index come to, in the words of the contracts' own counters."""

from collections import Counter

from sqlalchemy import ColumnElement, Select, case, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger.db.index_rows import table_of
from ledger.db.index_settlement import campaigns_paid, owed_to
from ledger.db.tables_index import (
    CampaignDraft,
    Contribution,
    ContributionReturn,
    IncludedRedemption,
    IncludedVoid,
    MerchantFact,
    PassFact,
    TokenTransfer,
)
from ledger.db.tables_index_settlement import RoundOnChain
from ledger.domain.hashing import ZERO_ADDRESS

Totals = Counter[tuple[str, int]]
"""By the counter's name and the campaign (0: none)."""

_DRAFTS = table_of(CampaignDraft)
_GIVEN = table_of(Contribution)
_RETURNED = table_of(ContributionReturn)
_TAKEN = table_of(IncludedRedemption)
_VOIDED = table_of(IncludedVoid)
_PASSES = table_of(PassFact)
_MERCHANTS = table_of(MerchantFact)
_TRANSFERS = table_of(TokenTransfer)
_ROUNDS = table_of(RoundOnChain)


async def totals_of_index(connection: AsyncConnection, chain_id: int, token: str) -> Totals:
    """Add up every row of a chain; `token` is the city token's address."""
    totals: Totals = Counter()
    campaigns = select(_DRAFTS.c.campaign).where(_DRAFTS.c.chain_id == chain_id)
    for campaign in (await connection.execute(campaigns)).scalars():
        # Named even where nothing was spent: the contract may say otherwise.
        totals["spent", campaign] = 0
    for name, table, value in (
        ("spent", _TAKEN, func.sum(_TAKEN.c.amount)),
        ("voided", _VOIDED, func.sum(_VOIDED.c.amount)),
        ("batches", _TAKEN, func.count(distinct(_TAKEN.c.batch))),
        ("funded", _GIVEN, func.sum(_GIVEN.c.amount)),
        ("contributions", _GIVEN, func.count()),
        ("returned", _RETURNED, func.count()),
    ):
        query = (
            select(table.c.campaign, value)
            .where(table.c.chain_id == chain_id)
            .group_by(table.c.campaign)
        )
        for campaign, total in await connection.execute(query):
            totals[name, campaign] += int(total)
    for name, campaign in list(totals):
        if name == "voided":
            totals["spent", campaign] -= totals.pop((name, campaign))
    for campaign in await campaigns_paid(connection, chain_id):
        totals["owed", campaign] = await owed_to(connection, chain_id, campaign)
    for name, single in _singles(chain_id, token):
        totals[name, 0] = int((await connection.execute(single)).scalar_one_or_none() or 0)
    return totals


def _singles(chain_id: int, token: str) -> tuple[tuple[str, Select[int]], ...]:
    made: ColumnElement[int] = case(
        (_TRANSFERS.c.from_address == ZERO_ADDRESS, _TRANSFERS.c.value), else_=0
    )
    burnt: ColumnElement[int] = case(
        (_TRANSFERS.c.to_address == ZERO_ADDRESS, _TRANSFERS.c.value), else_=0
    )
    return (
        (
            "CityPass.lastNumber",
            select(func.count(distinct(_PASSES.c.number))).where(_PASSES.c.chain_id == chain_id),
        ),
        (
            "MerchantRegistry.lastNumber",
            select(func.count(distinct(_MERCHANTS.c.number))).where(
                _MERCHANTS.c.chain_id == chain_id
            ),
        ),
        (
            "CouponBook.lastCampaign",
            select(func.count()).select_from(_DRAFTS).where(_DRAFTS.c.chain_id == chain_id),
        ),
        (
            "SettlementBook.lastRound",
            select(func.count()).select_from(_ROUNDS).where(_ROUNDS.c.chain_id == chain_id),
        ),
        (
            "CityToken.totalSupply",
            select(func.sum(made - burnt)).where(
                _TRANSFERS.c.chain_id == chain_id, _TRANSFERS.c.token == token
            ),
        ),
    )
