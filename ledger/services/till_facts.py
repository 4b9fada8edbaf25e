"""What only the till knows of a redemption, gathered in the transaction that judges it.

Whatever a policy does not ask for is not looked up. Shops' days and households are held, with
`taking`, from the moment they are read until the transaction ends.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import papers, profiles, stands, till_counts
from ledger.db.tables_rules import Stand, StandUse
from ledger.db.till_counts import DayCount, DayKey, Spent
from ledger.domain.acceptance import Acceptance
from ledger.domain.clock import bangkok_day
from ledger.domain.geography import Point, distance_metres
from ledger.domain.merchants import Merchant
from ledger.domain.till_terms import TillFacts, TillTerms
from ledger.errors import Conflict
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing

CLOCK_AHEAD_SECONDS_MAX: Final = 15
"""A phone's clock may be this far ahead of the till's: its position is then of now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a phone says it is. Nothing of it is kept but what it comes to."""

    point: Point
    accuracy_metres: int
    measured_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What came with a request besides the signature: None where it was not told.

    `notice` is the hash of the notice the holder saw; `reference` that of the shop's charge code.
    """

    position: Position | None = None
    notice: bytes | None = None
    reference: str | None = None


NOTHING_TOLD: Final = Circumstances()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What facts are gathered about: a bill at a shop, signed at a time. No shop: any shop."""

    merchant: Merchant | None
    signed_at: int
    now: int
    circumstances: Circumstances


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The facts, and the counters behind them as they were read: None where no rule needs them."""

    facts: TillFacts
    day: tuple[DayKey, DayCount] | None = None
    household: tuple[str, int] | None = None
    stand: Stand | None = None


async def gather(
    session: AsyncSession,
    runtime: Runtime,
    standing: Standing,
    till: TillTerms,
    asked: Asked,
    *,
    pays_first: int | None = None,
    taking: bool = False,
) -> Gathered:
    """Gather what the till's rules of a policy need. `pays_first` was found by the caller."""
    day = await _day(session, runtime, standing, till, asked, taking=taking)
    turn, spent = await _household(session, runtime, standing, till, asked, taking=taking)
    position = await _position(session, till, asked)
    stand = None if _usable(till, position) else await _stand(session, till, asked)
    by_paper, pin_given = await _paper(session, standing, till)
    count = day[1] if day is not None else None
    facts = TillFacts(
        distance_metres=None if position is None else position[0],
        position_age_seconds=None if position is None else position[1],
        accuracy_metres=None if position is None else position[2],
        at_stand=stand is not None,
        stand_uses_today=None if count is None else count.stand_uses,
        household_spent=None if spent is None else spent.total,
        household_spent_today=None if spent is None else spent.today,
        merchant_taken_today=None if count is None else count.taken,
        notice_acknowledged=asked.circumstances.notice,
        pays_first=pays_first,
        stacking_known=till.stacking is not None,
        by_paper=by_paper,
        pin_given=pin_given,
    )
    return Gathered(facts=facts, day=day, household=turn, stand=stand)


async def _day(
    session: AsyncSession,
    runtime: Runtime,
    standing: Standing,
    till: TillTerms,
    asked: Asked,
    *,
    taking: bool,
) -> tuple[DayKey, DayCount] | None:
    stand = till.distance is not None and till.distance.stand_uses_per_day_max
    if asked.merchant is None or not (till.merchant_per_day_max or stand):
        return None
    key = DayKey(
        campaign=standing.campaign.number,
        merchant=asked.merchant.number,
        day=bangkok_day(asked.signed_at),
        starts=standing.campaign.terms.starts,
    )
    return key, await till_counts.day_count(session, runtime.chain_id, key, hold=taking)


async def _household(
    session: AsyncSession,
    runtime: Runtime,
    standing: Standing,
    till: TillTerms,
    asked: Asked,
    *,
    taking: bool,
) -> tuple[tuple[str, int] | None, Spent | None]:
    if till.household is None or standing.holding is None:
        return None, None
    number, campaign = standing.holding.pass_.number, standing.campaign
    household = await till_counts.household_of(session, number)
    turn = None
    if taking:
        held = await till_counts.household_turn(session, campaign.number, household)
        turn = (household, held)
    spent = await till_counts.household_spent(
        session,
        runtime.chain_id,
        campaign.number,
        sorted({*await till_counts.members_of(session, household), number}),
        starts=campaign.terms.starts,
        day=bangkok_day(asked.signed_at),
    )
    return turn, spent


async def _stand(session: AsyncSession, till: TillTerms, asked: Asked) -> Stand | None:
    """The stand of this shop whose code was scanned; None where it is no stand of it."""
    reference = asked.circumstances.reference
    if till.distance is None or asked.merchant is None or reference is None:
        return None
    return await stands.find_stand(session, asked.merchant.number, reference)


def _usable(till: TillTerms, position: tuple[int, int, int] | None) -> bool:
    """Whether a position is one: then it decides, near or far, and no stand in its place."""
    terms = till.distance
    if terms is None or position is None:
        return False
    _, age, accuracy = position
    fresh = 0 <= age <= terms.position_age_seconds_max
    return fresh and 0 <= accuracy <= terms.accuracy_metres_max


async def _position(
    session: AsyncSession, till: TillTerms, asked: Asked
) -> tuple[int, int, int] | None:
    """Distance, age and accuracy; None without a position or where the shop has no place."""
    told = asked.circumstances.position
    if till.distance is None or told is None or asked.merchant is None:
        return None
    payout = asked.merchant.payout
    profile = (await profiles.profiles_of(session, [payout])).get(payout)
    if profile is None:
        return None
    latitude, longitude = profile.latitude_microdegrees, profile.longitude_microdegrees
    if latitude is None or longitude is None:
        return None
    there = Point(latitude=latitude, longitude=longitude)
    age = asked.now - told.measured_at
    if -CLOCK_AHEAD_SECONDS_MAX <= age < 0:
        age = 0
    return distance_metres(told.point, there), age, told.accuracy_metres


async def _paper(session: AsyncSession, standing: Standing, till: TillTerms) -> tuple[bool, bool]:
    if not till.paper_pin_above or standing.holding is None:
        return False, False
    key = await papers.key_of(session, standing.holding.holder)
    return (False, False) if key is None else (True, key.pin)


async def move(session: AsyncSession, gathered: Gathered, campaign: int, amount: int) -> None:
    """Count an accepted amount on the shop's day and move the household's turn on.

    Raises Conflict where another has counted since they were read.
    """
    if gathered.day is not None:
        key, before = gathered.day
        uses = before.stand_uses + int(gathered.facts.at_stand)
        after = DayCount(taken=before.taken + amount, stand_uses=uses)
        if not await till_counts.move_day(session, key, before=before, after=after):
            raise Conflict(
                what="merchant",
                why="too many redemptions at this shop at once",
                why_th="ร้านนี้มีรายการเข้าพร้อมกันมากเกินไป",
            )
    if gathered.household is not None:
        household, turn = gathered.household
        if not await till_counts.take_turn(session, campaign, household, turn):
            raise Conflict(
                what="household",
                why="too many redemptions of this household at once",
                why_th="ครัวเรือนนี้มีรายการพร้อมกันมากเกินไป",
            )


async def keep_stand_use(
    session: AsyncSession, gathered: Gathered, record: Acceptance, *, now: int
) -> None:
    """List an accepted redemption at a stand, with the reason the shop registered it for."""
    if gathered.day is None or gathered.stand is None or not gathered.facts.at_stand:
        return
    key, _ = gathered.day
    use = StandUse(
        redemption_id=record.id,
        campaign=key.campaign,
        merchant=key.merchant,
        day=key.day,
        reference=gathered.stand.reference,
        reason=gathered.stand.reason,
        used_at=now,
    )
    await stands.add_use(session, use)
