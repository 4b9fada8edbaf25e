"""Figures of campaigns for those who watch them: by hour, day, shop and rule.

Two sources, never mixed: `till_…` is what was accepted, whatever the chain has said of it yet;
`chain_…` is what stands in the index, which anybody can rebuild. Amounts are satang.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS

HOUR_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was taken under one key (an hour, a shop): how often, and the amount less voids."""

    key: int
    count: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedBy:
    """How often a rule refused, and how many passes it met; a pass of nobody counts as none."""

    code: str
    count: int
    passes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainDay:
    """One Bangkok day by the time of the blocks, as the day's anchor counts it: `amount` and
    `copay` are of redemptions, `voided` is what voids gave back of `amount`."""

    campaign: int
    day: int
    redemptions: int
    amount: int
    copay: int
    voids: int
    voided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainShop:
    """What one shop took, voids taken off."""

    merchant: int
    redemptions: int
    amount: int
    copay: int


_TILL_HOURS: Final = text(
    f"SELECT (signed_at + {BANGKOK_OFFSET}) / {HOUR_SECONDS} AS hour, count(*) AS taken,"
    " sum(amount - voided) AS amount FROM redemptions"
    " WHERE campaign = :campaign AND status <> 'failed' AND signed_at >= :since"
    " GROUP BY 1 ORDER BY 1"
)
_TILL_SHOPS: Final = text(
    "SELECT merchant, count(*) AS taken, sum(amount - voided) AS amount FROM redemptions"
    " WHERE campaign = :campaign AND status <> 'failed' GROUP BY merchant"
    " ORDER BY 3 DESC, merchant"
)
_TILL_PASSES: Final = text(
    "SELECT count(DISTINCT pass_number) FROM redemptions"
    " WHERE campaign = :campaign AND status <> 'failed'"
)
_TILL_REFUSALS: Final = text(
    "SELECT code, count(*) AS refused,"
    " count(DISTINCT CASE WHEN pass_number > 0 THEN pass_number END) AS passes"
    " FROM verdicts WHERE campaign = :campaign AND accepted = :no"
    " GROUP BY code ORDER BY 2 DESC, code"
)
_DAY: Final = f"(at + {BANGKOK_OFFSET}) / {DAY_SECONDS}"
_CHAIN_DAYS: Final = text(
    f"SELECT campaign, {_DAY} AS day, count(*) AS redemptions, sum(amount) AS amount,"
    " sum(copay) AS copay FROM included_redemptions WHERE chain_id = :chain_id"
    " AND (:campaign = 0 OR campaign = :campaign) GROUP BY 1, 2"
)
_CHAIN_VOIDS: Final = text(
    f"SELECT campaign, {_DAY} AS day, count(*) AS voids, sum(amount) AS voided"
    " FROM included_voids WHERE chain_id = :chain_id"
    " AND (:campaign = 0 OR campaign = :campaign) GROUP BY 1, 2"
)
_CHAIN_SHOPS: Final = text(
    "SELECT merchant, count(*) AS redemptions, sum(amount) AS amount, sum(copay) AS copay"
    " FROM included_redemptions WHERE chain_id = :chain_id AND campaign = :campaign"
    " GROUP BY merchant"
)
_CHAIN_SHOPS_UNDONE: Final = text(
    "SELECT merchant, sum(amount) AS amount, sum(copay) AS copay FROM included_voids"
    " WHERE chain_id = :chain_id AND campaign = :campaign GROUP BY merchant"
)
_CHAIN_PASSES: Final = text(
    "SELECT count(DISTINCT pass_number) FROM included_redemptions"
    " WHERE chain_id = :chain_id AND campaign = :campaign"
)


async def till_hours(session: AsyncSession, campaign: int, *, since: int) -> list[Taken]:
    """By the Bangkok hour (hours since 1970) of the signature, from `since` on, ascending."""
    rows = await session.execute(_TILL_HOURS, {"campaign": campaign, "since": since})
    return [Taken(key=int(row.hour), count=int(row.taken), amount=int(row.amount)) for row in rows]


async def till_shops(session: AsyncSession, campaign: int) -> list[Taken]:
    """By shop, the one that took most first."""
    rows = await session.execute(_TILL_SHOPS, {"campaign": campaign})
    return [
        Taken(key=int(row.merchant), count=int(row.taken), amount=int(row.amount)) for row in rows
    ]


async def till_passes(session: AsyncSession, campaign: int) -> int:
    """How many passes have used the campaign."""
    return int(await session.scalar(_TILL_PASSES, {"campaign": campaign}) or 0)


async def till_refusals(session: AsyncSession, campaign: int) -> list[RefusedBy]:
    """By rule, the one that refused most first."""
    rows = await session.execute(_TILL_REFUSALS, {"campaign": campaign, "no": False})
    return [
        RefusedBy(code=row.code, count=int(row.refused), passes=int(row.passes)) for row in rows
    ]


async def chain_days(session: AsyncSession, chain_id: int, campaign: int = 0) -> list[ChainDay]:
    """By campaign and day, ascending; `campaign` 0 gives all of them."""
    asked = {"chain_id": chain_id, "campaign": campaign}
    taken = {(row.campaign, row.day): row for row in await session.execute(_CHAIN_DAYS, asked)}
    undone = {(row.campaign, row.day): row for row in await session.execute(_CHAIN_VOIDS, asked)}
    found = []
    for number, day in sorted(taken.keys() | undone.keys()):
        some, back = taken.get((number, day)), undone.get((number, day))
        found.append(
            ChainDay(
                campaign=int(number),
                day=int(day),
                redemptions=0 if some is None else int(some.redemptions),
                amount=0 if some is None else int(some.amount),
                copay=0 if some is None else int(some.copay),
                voids=0 if back is None else int(back.voids),
                voided=0 if back is None else int(back.voided),
            )
        )
    return found


async def chain_shops(session: AsyncSession, chain_id: int, campaign: int) -> list[ChainShop]:
    """By shop, the one that took most first."""
    asked = {"chain_id": chain_id, "campaign": campaign}
    undone = {row.merchant: row for row in await session.execute(_CHAIN_SHOPS_UNDONE, asked)}
    found = []
    for row in await session.execute(_CHAIN_SHOPS, asked):
        back = undone.get(row.merchant)
        found.append(
            ChainShop(
                merchant=int(row.merchant),
                redemptions=int(row.redemptions),
                amount=int(row.amount) - (0 if back is None else int(back.amount)),
                copay=int(row.copay) - (0 if back is None else int(back.copay)),
            )
        )
    return sorted(found, key=lambda one: (-one.amount, one.merchant))


async def chain_passes(session: AsyncSession, chain_id: int, campaign: int) -> int:
    """How many passes the chain has seen use the campaign."""
    asked = {"chain_id": chain_id, "campaign": campaign}
    return int(await session.scalar(_CHAIN_PASSES, asked) or 0)
