"""What the till reads for several redemptions at once, a statement for all of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger.db.driver import Driver, Statement
from ledger.db.idempotency import Asked
from ledger.db.index_reads import Holding, holding_of
from ledger.db.intents import UNSETTLED
from ledger.db.key_holds import number_of
from ledger.domain.usage import Usage

_HOLD: Final = Statement(
    "SELECT k FROM unnest(CAST(:keys AS bigint[])) AS k WHERE pg_try_advisory_xact_lock(k)"
)
_FACTS: Final = (
    "SELECT number, holder, status, class_, district, valid_from, valid_until FROM pass_facts"
    " WHERE chain_id = :chain_id AND number IN ("
    "  SELECT number FROM pass_facts WHERE chain_id = :chain_id AND holder {holders})"
    " ORDER BY number, block_number, log_index"
)
_PASSES: Final = Statement(_FACTS, "holders", postgresql=_FACTS + " FOR UPDATE")
_LEAVING: Final = Statement(
    "SELECT DISTINCT m.pass_number FROM pass_moves m JOIN intents i ON i.id = m.intent_id"
    " WHERE m.pass_number {passes} AND i.status {unsettled}",
    "passes",
    "unsettled",
)
_COUNTERS: Final = Statement(
    "SELECT (SELECT block_hash FROM checkpoints WHERE chain_id = :chain_id) AS block,"
    " b.funded, b.spent, u.pass_number, u.last_step, u.spent_today, u.spent_total"
    " FROM (SELECT 1 AS one) AS always"
    " LEFT JOIN campaign_budgets b ON b.campaign = :campaign"
    " LEFT JOIN usage_counters u ON u.campaign = :campaign AND u.pass_number {passes}",
    "passes",
)


class _PassTold(NamedTuple):
    number: int
    holder: str
    status: int | None
    class_: int | None
    district: int | None
    valid_from: int | None
    valid_until: int | None


async def hold_keys(driver: Driver, asked: Sequence[Asked]) -> set[Asked]:
    """Those of the keys that no other process runs a request under: held until the end."""
    if driver.sqlite:
        return set(asked)
    numbers = {number_of(each): each for each in asked}
    held = await driver.fetch(_HOLD, keys=sorted(numbers))
    return {numbers[number] for (number,) in held}


async def passes_held(driver: Driver, chain_id: int, holders: Sequence[str]) -> dict[str, Holding]:
    """The pass each address holds now, the passes held until the transaction ends where others
    could move them (PostgreSQL). An address that a pass has left is left out."""
    wanted = set(holders)
    by_number: dict[int, list[_PassTold]] = {}
    for row in await driver.fetch(_PASSES, chain_id=chain_id, holders=wanted):
        told = _PassTold._make(row)
        by_number.setdefault(told.number, []).append(told)
    found = [holding for facts in by_number.values() if (holding := holding_of(facts)) is not None]
    return {holding.holder: holding for holding in found if holding.holder in wanted}


async def given_away(driver: Driver, numbers: Collection[int]) -> set[int]:
    """Passes with any order to move them under way, whomever it takes them from."""
    rows = await driver.fetch(_LEAVING, passes=numbers, unsettled=UNSETTLED)
    return {number for (number,) in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """One campaign's counters as of one moment: the hash of the block that the index reaches, the
    budget as (funded, spent) in satang, None before its first use here, and the usages begun."""

    block: str | None
    budget: tuple[int, int] | None
    usages: dict[int, Usage]


async def counters(
    driver: Driver, chain_id: int, campaign: int, passes: Collection[int]
) -> Counters:
    """The counters of a campaign and of some passes in it."""
    rows = await driver.fetch(_COUNTERS, chain_id=chain_id, campaign=campaign, passes=passes)
    block, funded, spent = rows[0][:3]
    usages = {
        number: Usage(last_step=last_step, spent_today=today, spent_total=total)
        for _, _, _, number, last_step, today, total in rows
        if number is not None
    }
    budget = None if funded is None else (funded, spent)
    return Counters(block=block, budget=budget, usages=usages)
