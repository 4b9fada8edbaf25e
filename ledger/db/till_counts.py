"""What shops took and households spent, summed from the redemptions; and the counters of the till.

A sum counts what the till accepted and has not lost, less what is undone, and what the chain took
without the till (forced by a merchant), less what is undone of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, and_, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_index import IncludedRedemption, IncludedVoid, PassFact
from ledger.db.tables_rules import HouseholdMember, HouseholdTurn, MerchantDay, StandUse
from ledger.db.tables_till import RedemptionRecord
from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, STEP_SECONDS, signed_at_of
from ledger.domain.redemption import RedemptionStatus

ACCEPTED_AROUND_SECONDS: Final = 3_600
"""A redemption is accepted well within an hour of its signature, before or after."""

_NEW_DAY: Final = text(
    "INSERT INTO merchant_days (campaign, merchant, day, taken, stand_uses)"
    " VALUES (:campaign, :merchant, :day, :taken, :stand_uses)"
    " ON CONFLICT (campaign, merchant, day) DO NOTHING"
)
_NEW_TURN: Final = text(
    "INSERT INTO household_turns (campaign, household, turn) VALUES (:campaign, :household, 0)"
    " ON CONFLICT (campaign, household) DO NOTHING"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayKey:
    """One shop's Bangkok day under one campaign that began at `starts`."""

    campaign: int
    merchant: int
    day: int
    starts: int

    @property
    def since(self) -> int:
        """The first second of the day."""
        return self.day * DAY_SECONDS - BANGKOK_OFFSET

    @property
    def until(self) -> int:
        """The first second after the day."""
        return self.since + DAY_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """What a shop took that day in satang, and how often its stand replaced a position."""

    taken: int = 0
    stand_uses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a household spent of a campaign: in all, and on the Bangkok day in question."""

    total: int = 0
    today: int = 0


# Shops


async def day_count(session: AsyncSession, chain_id: int, key: DayKey, *, hold: bool) -> DayCount:
    """A shop's day so far. With `hold` its counter is begun where there is none, and kept from
    everybody else until the transaction ends; without, nothing is written."""
    row = await _day(session, key, hold=hold)
    if row is not None:
        return row
    summed = await summed_day(session, chain_id, key)
    if not hold:
        return summed
    values = {"taken": summed.taken, "stand_uses": summed.stand_uses}
    await session.execute(_NEW_DAY, _key(key) | values)
    held = await _day(session, key, hold=True)
    assert held is not None, "a day that was begun in this transaction"
    return held


async def _day(session: AsyncSession, key: DayKey, *, hold: bool) -> DayCount | None:
    row = await session.get(
        MerchantDay,
        (key.campaign, key.merchant, key.day),
        with_for_update=hold or None,
        populate_existing=True,
    )
    return None if row is None else DayCount(taken=row.taken, stand_uses=row.stand_uses)


async def move_day(
    session: AsyncSession, key: DayKey, *, before: DayCount, after: DayCount
) -> bool:
    """Move a shop's day from `before` to `after`; False, moving nothing, where it is not so."""
    moved = await session.execute(
        update(MerchantDay)
        .where(
            *_is_day(key),
            col(MerchantDay.taken) == before.taken,
            col(MerchantDay.stand_uses) == before.stand_uses,
        )
        .values(taken=after.taken, stand_uses=after.stand_uses)
        .execution_options(synchronize_session=False)
    )
    return _changed(moved) == 1


async def agree_day(session: AsyncSession, chain_id: int, key: DayKey) -> None:
    """Make a shop's day what its redemptions come to."""
    await _day(session, key, hold=True)
    summed = await summed_day(session, chain_id, key)
    await session.execute(
        update(MerchantDay)
        .where(*_is_day(key))
        .values(taken=summed.taken, stand_uses=summed.stand_uses)
        .execution_options(synchronize_session=False)
    )


async def summed_day(session: AsyncSession, chain_id: int, key: DayKey) -> DayCount:
    """A shop's day as its redemptions come to it."""
    rows = await _taken(
        session,
        chain_id,
        key.campaign,
        key.starts,
        till=and_(
            col(RedemptionRecord.merchant) == key.merchant,
            col(RedemptionRecord.accepted_at) >= key.since - ACCEPTED_AROUND_SECONDS,
            col(RedemptionRecord.accepted_at) < key.until + ACCEPTED_AROUND_SECONDS,
        ),
        chain=col(IncludedRedemption.merchant) == key.merchant,
        voids=col(IncludedVoid.merchant) == key.merchant,
    )
    taken = sum(amount for signed_at, amount in rows if key.since <= signed_at < key.until)
    uses = await session.scalar(
        select(func.count())
        .select_from(StandUse)
        .join(RedemptionRecord, col(RedemptionRecord.id) == col(StandUse.redemption_id))
        .where(
            col(StandUse.merchant) == key.merchant,
            col(StandUse.campaign) == key.campaign,
            col(StandUse.day) == key.day,
            col(RedemptionRecord.status).not_in(
                [RedemptionStatus.FAILED.value, RedemptionStatus.VOIDED.value]
            ),
        )
    )
    return DayCount(taken=taken, stand_uses=int(uses or 0))


def _is_day(key: DayKey) -> tuple[ColumnElement[bool], ...]:
    return (
        col(MerchantDay.campaign) == key.campaign,
        col(MerchantDay.merchant) == key.merchant,
        col(MerchantDay.day) == key.day,
    )


def _key(key: DayKey) -> dict[str, Any]:
    return {"campaign": key.campaign, "merchant": key.merchant, "day": key.day}


# Households


async def household_of(session: AsyncSession, pass_number: int) -> str:
    """The household of a pass; one of its own where nobody put it into another."""
    row = await session.get(HouseholdMember, pass_number)
    return f"pass {pass_number}" if row is None else row.household


async def members_of(session: AsyncSession, household: str) -> Sequence[int]:
    """The passes that were put into a household."""
    rows = await session.scalars(
        select(col(HouseholdMember.pass_number)).where(col(HouseholdMember.household) == household)
    )
    return rows.all()


async def pass_numbers(session: AsyncSession, chain_id: int) -> set[int]:
    """The numbers of all passes there are."""
    rows = await session.scalars(
        select(col(PassFact.number)).where(col(PassFact.chain_id) == chain_id).distinct()
    )
    return set(rows)


async def put_in_household(session: AsyncSession, member: HouseholdMember) -> None:
    """Put a pass into a household, out of the one it was in."""
    await session.merge(member)


async def household_turn(session: AsyncSession, campaign: int, household: str) -> int:
    """The turn of a household, kept from everybody else until the transaction ends."""
    await session.execute(_NEW_TURN, {"campaign": campaign, "household": household})
    row = await session.get(
        HouseholdTurn, (campaign, household), with_for_update=True, populate_existing=True
    )
    assert row is not None, "a turn that was begun in this transaction"
    return row.turn


async def take_turn(session: AsyncSession, campaign: int, household: str, turn: int) -> bool:
    """Move a household's turn on from `turn`; False, moving nothing, where it is another."""
    moved = await session.execute(
        update(HouseholdTurn)
        .where(
            col(HouseholdTurn.campaign) == campaign,
            col(HouseholdTurn.household) == household,
            col(HouseholdTurn.turn) == turn,
        )
        .values(turn=turn + 1)
        .execution_options(synchronize_session=False)
    )
    return _changed(moved) == 1


async def household_spent(
    session: AsyncSession,
    chain_id: int,
    campaign: int,
    passes: Sequence[int],
    *,
    starts: int,
    day: int,
) -> Spent:
    """What these passes together have spent of a campaign, in all and on a Bangkok day."""
    rows = await _taken(
        session,
        chain_id,
        campaign,
        starts,
        till=col(RedemptionRecord.pass_number).in_(passes),
        chain=col(IncludedRedemption.pass_number).in_(passes),
        voids=col(IncludedVoid.pass_number).in_(passes),
    )
    today = (amount for at, amount in rows if (at + BANGKOK_OFFSET) // DAY_SECONDS == day)
    return Spent(total=sum(amount for _, amount in rows), today=sum(today))


# Sums


async def _taken(
    session: AsyncSession,
    chain_id: int,
    campaign: int,
    starts: int,
    *,
    till: ColumnElement[bool],
    chain: ColumnElement[bool],
    voids: ColumnElement[bool],
) -> list[tuple[int, int]]:
    """Signed times and amounts; an amount that was undone of a forced one is below zero."""
    record, included, undone = RedemptionRecord, IncludedRedemption, IncludedVoid
    kept = col(record.status) != RedemptionStatus.FAILED.value
    own = await session.execute(
        select(col(record.signed_at), col(record.amount) - col(record.voided)).where(
            col(record.campaign) == campaign, kept, till
        )
    )
    step_known = select(col(record.id)).where(
        col(record.campaign) == col(included.campaign),
        col(record.pass_number) == col(included.pass_number),
        col(record.step) == col(included.step),
        kept,
    )
    forced = await session.execute(
        select(col(included.step), col(included.amount)).where(
            col(included.chain_id) == chain_id,
            col(included.campaign) == campaign,
            chain,
            ~step_known.exists(),
        )
    )
    time_known = select(col(record.id)).where(
        col(record.campaign) == col(undone.campaign),
        col(record.pass_number) == col(undone.pass_number),
        col(record.signed_at) == col(undone.signed_at),
        kept,
    )
    back = await session.execute(
        select(col(undone.signed_at), -col(undone.amount)).where(
            col(undone.chain_id) == chain_id,
            col(undone.campaign) == campaign,
            voids,
            ~time_known.exists(),
        )
    )
    rows = [(int(at), int(amount)) for at, amount in own]
    rows += [(signed_at_of(starts, step), int(amount)) for step, amount in forced]
    return rows + [(int(at), int(amount)) for at, amount in back]


# Following the index


_DAY_OF_TILL: Final = (
    " SELECT 1 FROM redemptions r WHERE r.campaign = d.campaign AND r.merchant = d.merchant"
    " AND r.pass_number = :pass_number"
    f" AND (r.signed_at + {BANGKOK_OFFSET}) / {DAY_SECONDS} = d.day"
)
_DAY_OF_CHAIN: Final = (
    " SELECT 1 FROM included_redemptions i WHERE i.chain_id = :chain_id"
    " AND i.campaign = d.campaign AND i.merchant = d.merchant AND i.pass_number = :pass_number"
    f" AND (CAST(:starts AS BIGINT) + (i.step - 1) * {STEP_SECONDS} + {BANGKOK_OFFSET})"
    f" / {DAY_SECONDS} = d.day"
)
_TOUCHED: Final = text(
    "SELECT d.merchant, d.day FROM merchant_days d WHERE d.campaign = :campaign"
    f" AND (EXISTS ({_DAY_OF_TILL}) OR EXISTS ({_DAY_OF_CHAIN}))"
)
_LATEST: Final = text(
    "SELECT d.campaign, d.merchant, d.day FROM merchant_days d"
    " WHERE d.day >= (SELECT max(l.day) FROM merchant_days l) - 1"
)
_FOREIGN: Final = text(
    "SELECT DISTINCT i.campaign, i.pass_number FROM included_redemptions i"
    " JOIN merchant_days d ON d.campaign = i.campaign AND d.merchant = i.merchant"
    " WHERE i.chain_id = :chain_id AND i.block_number > :since"
    " AND NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.campaign = i.campaign"
    " AND r.pass_number = i.pass_number AND r.step = i.step)"
    " UNION SELECT v.campaign, v.pass_number FROM included_voids v"
    " JOIN merchant_days d ON d.campaign = v.campaign AND d.merchant = v.merchant"
    " WHERE v.chain_id = :chain_id AND v.block_number > :since"
    " AND NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.campaign = v.campaign"
    " AND r.pass_number = v.pass_number AND r.signed_at = v.signed_at)"
)


async def days_touched(
    session: AsyncSession, chain_id: int, campaign: int, starts: int, passes: Iterable[int]
) -> set[DayKey]:
    """The days of shops that redemptions of these passes count on."""
    found = set()
    for number in passes:
        values = {"chain_id": chain_id, "campaign": campaign, "starts": starts}
        for row in await session.execute(_TOUCHED, values | {"pass_number": number}):
            key = DayKey(campaign=campaign, merchant=row.merchant, day=row.day, starts=starts)
            found.add(key)
    return found


async def latest_days(session: AsyncSession) -> list[tuple[int, int, int]]:
    """The days that a redemption may still count on: campaign, merchant, day."""
    return [(row.campaign, row.merchant, row.day) for row in await session.execute(_LATEST)]


async def forced_days(session: AsyncSession, chain_id: int, *, since: int) -> list[tuple[int, int]]:
    """Campaigns and passes with redemptions above `since` that never passed this till, or voids of
    such, at shops whose days are counted."""
    rows = await session.execute(_FOREIGN, {"chain_id": chain_id, "since": since})
    return [(row.campaign, row.pass_number) for row in rows]


def _changed(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
