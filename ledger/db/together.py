"""What the till reads, and counts on devices, for several redemptions at once: a statement for all
of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger.db.driver import Driver, Insert, Statement
from ledger.db.idempotency import Asked
from ledger.db.index_reads import Holding, holding_of
from ledger.db.index_rows import table_of
from ledger.db.intents import UNSETTLED
from ledger.db.key_holds import number_of
from ledger.db.tables_devices import RedemptionDevice
from ledger.domain.acceptance import Acceptance
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

_HELD: Final = (
    "SELECT d.id, d.bill_max, COALESCE(t.day_max, d.day_max), COALESCE(t.taken, 0) FROM devices d"
    " LEFT JOIN device_days t ON t.device_id = d.id AND t.day = :day"
    " WHERE d.id {devices} AND d.revoked_at IS NULL ORDER BY d.id"
)
_DEVICES: Final = Statement(_HELD, "devices", postgresql=_HELD + " FOR UPDATE OF d")
_COUNTED: Final = Statement(
    "INSERT INTO device_days (device_id, day, taken, day_max)"
    " VALUES (:device_id, :day, :amount, :day_max) ON CONFLICT (device_id, day)"
    " DO UPDATE SET taken = device_days.taken + excluded.taken"
    " WHERE device_days.taken + excluded.taken <= device_days.day_max"
)
_NOTE: Final = Insert(table_of(RedemptionDevice))


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
class DeviceLeft:
    """What a cashier's device may still take on a Bangkok day, in satang."""

    day: int
    bill_max: int
    day_max: int
    left: int


async def devices_held(
    driver: Driver, names: Collection[str], *, day: int
) -> dict[str, DeviceLeft]:
    """What each device may still take; held until the transaction ends, so that none is withdrawn
    meanwhile. A device that was withdrawn is left out."""
    return {
        name: DeviceLeft(day=day, bill_max=bill_max, day_max=day_max, left=day_max - taken)
        for name, bill_max, day_max, taken in await driver.fetch(_DEVICES, devices=names, day=day)
    }


async def count_on_devices(
    driver: Driver, left: Mapping[str, DeviceLeft], taken: Sequence[tuple[str, Acceptance]]
) -> bool:
    """Count redemptions on the days of the devices that scanned them. False where one has too
    little left: the caller rolls back."""
    amounts: dict[str, int] = {}
    for name, each in taken:
        amounts[name] = amounts.get(name, 0) + each.amount
    rows = [
        {"device_id": name, "day": left[name].day, "amount": amount, "day_max": left[name].day_max}
        for name, amount in sorted(amounts.items())
    ]
    return await driver.change(_COUNTED, rows) == len(rows)


async def note_devices(driver: Driver, taken: Sequence[tuple[str, Acceptance]]) -> None:
    """Remember which device took each redemption."""
    if taken:
        rows = [{"redemption_id": each.id, "device_id": name} for name, each in taken]
        await driver.insert(_NOTE, rows)


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
