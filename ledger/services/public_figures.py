"""What the money did, for everybody: only what stands on the chain, and how often rules said no.

Days are those of the daily anchors: Bangkok days by the time of the blocks. So the figures of a
day, added over all campaigns, are those its anchor has written to the chain. Amounts are satang.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads, live_figures
from ledger.db.live_figures import ChainDay, ChainShop, RefusedBy
from ledger.domain.campaign import Campaign
from ledger.domain.vocabulary import CATEGORIES
from ledger.services.campaigns import campaign_numbered
from ledger.services.merchants import Shop, shops_numbered
from ledger.services.places import DATA
from ledger.services.runtime import Runtime

CAMPAIGNS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One domain of the city's work and what was spent in shops counted under it."""

    name: str
    th: str
    en: str
    redemptions: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a campaign did. `spent` is of the chain, voids taken off, and is the sum of `shops` and
    of `days` less what they voided."""

    campaign: Campaign
    block: int
    spent: int
    passes: int
    days: list[ChainDay]
    shops: list[tuple[ChainShop, Shop | None]]
    domains: list[Domain]
    taxonomy: str
    refusals: list[RefusedBy]


async def figures_of(session: AsyncSession, runtime: Runtime, number: int) -> Figures:
    """The figures of one campaign, all read in one snapshot. Raises UnknownCampaign."""
    campaign = await campaign_numbered(session, runtime, number)
    chain_id = runtime.chain_id
    taken = await live_figures.chain_shops(session, chain_id, number)
    known = await shops_numbered(session, runtime, [each.merchant for each in taken])
    shops = [(each, known.get(each.merchant)) for each in taken]
    taxonomy, _ = _taxonomy()
    return Figures(
        campaign=campaign,
        block=await index_reads.indexed_block(session, chain_id) or 0,
        spent=await index_reads.spent_of(session, chain_id, number),
        passes=await live_figures.chain_passes(session, chain_id, number),
        days=await live_figures.chain_days(session, chain_id, number),
        shops=shops,
        domains=_domains(shops),
        taxonomy=taxonomy,
        refusals=await live_figures.till_refusals(session, number),
    )


async def days_of_city(session: AsyncSession, runtime: Runtime) -> list[ChainDay]:
    """Every day of every campaign, by day: what the daily anchors add up."""
    sums: dict[int, ChainDay] = {}
    for each in await live_figures.chain_days(session, runtime.chain_id):
        so_far = sums.get(each.day)
        sums[each.day] = each if so_far is None else _added(so_far, each)
    return [sums[day] for day in sorted(sums)]


def _added(one: ChainDay, other: ChainDay) -> ChainDay:
    return ChainDay(
        campaign=0,
        day=one.day,
        redemptions=one.redemptions + other.redemptions,
        amount=one.amount + other.amount,
        copay=one.copay + other.copay,
        voids=one.voids + other.voids,
        voided=one.voided + other.voided,
    )


@cache
def _taxonomy() -> tuple[str, dict[str, tuple[str, str, str]]]:
    """The version of the domains counted by, and each category's domain: name, Thai, English."""
    chosen = json.loads((DATA / "category_domains.json").read_text("utf-8"))
    published = json.loads((DATA / "smart_city_domains.json").read_text("utf-8"))
    (list_,) = (each for each in published if each["version"] == chosen["taxonomy"])
    thai = dict(zip(list_["domains"], list_["th"], strict=True))
    named = {
        category: (name, thai[name], name.capitalize())
        for category, name in chosen["domains"].items()
    }
    return chosen["taxonomy"], named


_ELSEWHERE: Final = ("other", "อื่น ๆ", "Other")


def _domains(shops: list[tuple[ChainShop, Shop | None]]) -> list[Domain]:
    _, named = _taxonomy()
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    for taken, shop in shops:
        category = None if shop is None else CATEGORIES.word(shop.merchant.category).name
        domain = named.get(category or "", _ELSEWHERE)
        count, amount = sums.get(domain, (0, 0))
        sums[domain] = (count + taken.redemptions, amount + taken.amount)
    found = [
        Domain(name=name, th=th, en=en, redemptions=count, amount=amount)
        for (name, th, en), (count, amount) in sums.items()
    ]
    return sorted(found, key=lambda each: (-each.amount, each.name))
