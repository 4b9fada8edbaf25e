"""The till's reads and writes for several redemptions at once, a statement for all of them.

The statements are text: the compiler of expressions would cost more than the database does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import BigInteger

from ledger.db.idempotency import Asked
from ledger.db.index_reads import Holding, holding_of
from ledger.db.intents import UNSETTLED
from ledger.db.key_holds import number_of
from ledger.domain.usage import Usage

_HOLD: Final = text(
    "SELECT k FROM unnest(:keys) AS k WHERE pg_try_advisory_xact_lock(k)"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))

_PASSES: Final = (
    "SELECT number, holder, status, class_, district, valid_from, valid_until FROM pass_facts"
    " WHERE chain_id = :chain_id AND number IN ("
    "  SELECT number FROM pass_facts WHERE chain_id = :chain_id AND holder IN :holders)"
    " ORDER BY number, block_number, log_index"
)
_PASSES_IN: Final = {
    dialect: text(_PASSES + lock).bindparams(bindparam("holders", expanding=True))
    for dialect, lock in (("sqlite", ""), ("postgresql", " FOR UPDATE"))
}
_LEAVING: Final = text(
    "SELECT DISTINCT m.pass_number FROM pass_moves m JOIN intents i ON i.id = m.intent_id"
    " WHERE m.pass_number IN :passes AND i.status IN :unsettled"
).bindparams(bindparam("passes", expanding=True), bindparam("unsettled", expanding=True))
_COUNTERS: Final = text(
    "SELECT (SELECT block_hash FROM checkpoints WHERE chain_id = :chain_id) AS block,"
    " b.funded, b.spent, u.pass_number, u.last_step, u.spent_today, u.spent_total"
    " FROM (SELECT 1 AS one) AS always"
    " LEFT JOIN campaign_budgets b ON b.campaign = :campaign"
    " LEFT JOIN usage_counters u ON u.campaign = :campaign AND u.pass_number IN :passes"
).bindparams(bindparam("passes", expanding=True))


async def hold_keys(session: AsyncSession, asked: Sequence[Asked]) -> set[Asked]:
    """Those of the keys that no other process runs a request under: held until the end."""
    if session.get_bind().dialect.name == "sqlite":
        return set(asked)
    numbers = {number_of(each): each for each in asked}
    held = await session.scalars(_HOLD, {"keys": sorted(numbers)})
    return {numbers[number] for number in held}


async def passes_held(
    session: AsyncSession, chain_id: int, holders: Sequence[str]
) -> dict[str, Holding]:
    """The pass each address holds now, the passes held until the transaction ends where others
    could move them (PostgreSQL). An address that a pass has left is left out."""
    wanted = set(holders)
    query = _PASSES_IN[session.get_bind().dialect.name]
    rows = await session.execute(query, {"chain_id": chain_id, "holders": sorted(wanted)})
    by_number: dict[int, list[Any]] = {}
    for fact in rows:
        by_number.setdefault(fact.number, []).append(fact)
    found = [holding for facts in by_number.values() if (holding := holding_of(facts)) is not None]
    return {holding.holder: holding for holding in found if holding.holder in wanted}


async def given_away(session: AsyncSession, numbers: Iterable[int]) -> set[int]:
    """Passes with any order to move them under way, whomever it takes them from."""
    asked = {"passes": sorted(numbers), "unsettled": list(UNSETTLED)}
    return set(await session.scalars(_LEAVING, asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """One campaign's counters as of one moment: the hash of the block that the index reaches, the
    budget as (funded, spent) in satang, None before its first use here, and the usages begun."""

    block: str | None
    budget: tuple[int, int] | None
    usages: dict[int, Usage]


async def counters(
    session: AsyncSession, chain_id: int, campaign: int, passes: Sequence[int]
) -> Counters:
    """The counters of a campaign and of some passes in it."""
    asked = {"chain_id": chain_id, "campaign": campaign, "passes": passes}
    rows = (await session.execute(_COUNTERS, asked)).all()
    usages = {
        row.pass_number: Usage(
            last_step=row.last_step, spent_today=row.spent_today, spent_total=row.spent_total
        )
        for row in rows
        if row.pass_number is not None
    }
    budget = None if rows[0].funded is None else (rows[0].funded, rows[0].spent)
    return Counters(block=rows[0].block, budget=budget, usages=usages)
