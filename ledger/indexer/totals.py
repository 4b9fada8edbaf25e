"""The contracts' own counters against the rows: what grew there must have grown here.

A node that leaves a log out, or tells it twice, is caught by the sums even when nothing else shows.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.gateway import Gateway
from ledger.db.index_rows import Rows, columns_of
from ledger.db.index_settlement import campaigns_paid, owed_to
from ledger.db.index_totals import Totals, totals_of_index
from ledger.db.tables_index import (
    CampaignDraft,
    Contribution,
    ContributionReturn,
    IncludedRedemption,
    IncludedVoid,
    IndexedEvent,
    PassFact,
    TokenTransfer,
)
from ledger.db.tables_index_settlement import (
    CoveredDebt,
    ReturnedPayment,
    RoundOnChain,
    SettledLine,
)
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.errors import IndexDrifted, NodeLied, NodeRefused
from ledger.indexer.source import Source

OWED: Final = "owed"
"""What shops owe a campaign. It is a part of what the contract calls spent; `spent` here is without
it, which is what redemptions took less what was voided."""

CAMPAIGN_COUNTERS: Final = {
    "funded": 6,
    "spent": 7,
    "batches": 8,
    "contributions": 11,
    "returned": 12,
    OWED: 13,
}
"""Where the counters stand in the struct that `campaignOf` returns."""

SINGLE_COUNTERS: Final = (
    ("CityPass", "lastNumber"),
    ("MerchantRegistry", "lastNumber"),
    ("CouponBook", "lastCampaign"),
    ("CityToken", "totalSupply"),
    ("SettlementBook", "lastRound"),
)


EVERY_CAMPAIGN: Final = 0
"""Stands for every campaign that paid a shop: a returned payment does not name its own."""


async def check_growth(gateway: Gateway, source: Source, rows: Rows, first: int, last: int) -> bool:
    """Compare what the blocks `first` … `last` did to the counters with what `rows` say they did.

    NodeLied names the counter and both figures. Only campaigns that the rows speak of are asked
    about, and only contracts that the source has. False when the node has forgotten these states.
    """
    drafted = {row[_CAMPAIGN_OF_DRAFT] for row in rows.by_table[CampaignDraft]}
    growth = growth_of_rows(rows, source)
    campaigns = {campaign for _, campaign in growth if campaign}
    try:
        after = await _read(gateway, source, sorted(campaigns), last)
        before = await _read(gateway, source, sorted(campaigns - drafted), first - 1)
    except NodeRefused:
        return False
    for key, value in after.items():
        if key[0] == OWED:
            # What is owed depends on all that was before: `check_debts` asks the whole index.
            continue
        _compare(f"grew in blocks {first}-{last}", key, value - before[key], growth[key])
    return True


def debts_touched(rows: Rows) -> set[int]:
    """The campaigns in which these rows may change what shops owe."""
    touching: tuple[type[SQLModel], ...] = (SettledLine, CoveredDebt, IncludedVoid)
    campaigns = {named["campaign"] for model in touching for named in _named(rows, model)}
    returned = rows.by_table[ReturnedPayment]
    return campaigns | ({EVERY_CAMPAIGN} if returned else set())


async def check_debts(
    gateway: Gateway,
    connection: AsyncConnection,
    source: Source,
    campaigns: Collection[int],
    at: int,
) -> None:
    """Compare what shops owe these campaigns at block `at`, the last one indexed, with the index.

    NodeLied names the campaign and both figures.
    """
    asked = campaigns
    if EVERY_CAMPAIGN in campaigns:
        asked = await campaigns_paid(connection, source.chain_id)
    try:
        found = await _read(gateway, source, sorted(asked), at)
    except NodeRefused:
        return
    for campaign in asked:
        owed = await owed_to(connection, source.chain_id, campaign)
        _compare(f"stands at block {at}", (OWED, campaign), found[OWED, campaign], owed)


async def check_whole(
    gateway: Gateway, connection: AsyncConnection, source: Source, at: int
) -> None:
    """Compare the counters at block `at`, the last one indexed, with all rows of the index.

    IndexDrifted names the counter and both figures.
    """
    token = source.contracts.get("CityToken", "")
    totals = await totals_of_index(connection, source.chain_id, token)
    campaigns = sorted({campaign for _, campaign in totals if campaign})
    for key, value in (await _read(gateway, source, campaigns, at)).items():
        _compare(f"stands at block {at}", key, value, totals[key], IndexDrifted)


def _compare(
    how: str,
    key: tuple[str, int],
    chain: int,
    rows: int,
    failure: type[NodeLied] = NodeLied,
) -> None:
    if chain != rows:
        of = f" of campaign {key[1]}" if key[1] else ""
        raise failure(what=f"{key[0]}{of} {how}: {chain} by the contract, {rows} by its logs")


async def _read(gateway: Gateway, source: Source, campaigns: Sequence[int], at: int) -> Totals:
    asked: list[tuple[str, str, int]] = [
        (contract, function, 0)
        for contract, function in SINGLE_COUNTERS
        if contract in source.contracts
    ]
    if "CouponBook" in source.contracts:
        asked += [("CouponBook", "campaignOf", campaign) for campaign in campaigns]
    calls = [
        _call(source.contracts[contract], contract, function, campaign, at)
        for contract, function, campaign in asked
    ]
    found: Totals = Counter()
    for (contract, function, campaign), answer in zip(
        asked, await gateway.batch(calls), strict=True
    ):
        data = bytes.fromhex(answer.removeprefix("0x"))
        if not data:
            # Before its creation a contract has no code and answers with nothing.
            found[f"{contract}.{function}", campaign] = 0
            continue
        (value,) = decode_result(contract, function, data)
        if function == "campaignOf":
            for name, position in CAMPAIGN_COUNTERS.items():
                found[name, campaign] = value[position]
            found["spent", campaign] -= found[OWED, campaign]
        else:
            found[f"{contract}.{function}", campaign] = value
    return found


def _call(to: str, contract: str, function: str, campaign: int, at: int) -> tuple[str, list[Any]]:
    arguments = (campaign,) if campaign else ()
    data = "0x" + encode_call(contract, function, *arguments).hex()
    return "eth_call", [{"to": to, "data": data}, hex(at)]


_REDEMPTION: Final = columns_of(IncludedRedemption)
_CAMPAIGN: Final = _REDEMPTION.index("campaign")
_BATCH: Final = _REDEMPTION.index("batch")
_AMOUNT: Final = _REDEMPTION.index("amount")
_CAMPAIGN_OF_DRAFT: Final = columns_of(CampaignDraft).index("campaign")


def growth_of_rows(rows: Rows, source: Source) -> Totals:
    """What the rows of a span add to the contracts' counters."""
    growth: Totals = Counter()
    batches: set[tuple[int, int]] = set()
    for row in rows.by_table[IncludedRedemption]:
        growth["spent", row[_CAMPAIGN]] += row[_AMOUNT]
        batches.add((row[_CAMPAIGN], row[_BATCH]))
    for campaign, _ in batches:
        growth["batches", campaign] += 1
    for named in _named(rows, IncludedVoid):
        growth["spent", named["campaign"]] -= named["amount"]
    for named in _named(rows, Contribution):
        growth["funded", named["campaign"]] += named["amount"]
        growth["contributions", named["campaign"]] += 1
    for named in _named(rows, ContributionReturn):
        growth["returned", named["campaign"]] += 1
    registered = sum(named["name"] == "MerchantRegistered" for named in _named(rows, IndexedEvent))
    enrolled = sum(named["what"] == "enrolled" for named in _named(rows, PassFact))
    growth["MerchantRegistry.lastNumber", 0] = registered
    growth["CityPass.lastNumber", 0] = enrolled
    growth["CouponBook.lastCampaign", 0] = len(rows.by_table[CampaignDraft])
    growth["SettlementBook.lastRound", 0] = len(rows.by_table[RoundOnChain])
    for named in _named(rows, TokenTransfer):
        if named["token"] == source.contracts.get("CityToken"):
            made = named["from_address"] == ZERO_ADDRESS
            burnt = named["to_address"] == ZERO_ADDRESS
            growth["CityToken.totalSupply", 0] += (made - burnt) * named["value"]
    return growth


def _named(rows: Rows, model: type[SQLModel]) -> list[dict[str, Any]]:
    names = columns_of(model)
    return [dict(zip(names, row, strict=True)) for row in rows.by_table[model]]
