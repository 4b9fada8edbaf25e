"""What is left, until when, where, and what is needed: told before a rule has to say no."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.domain.clock import hour_of_week
from ledger.domain.policy_document import Policy
from ledger.domain.rules import next_opening
from ledger.domain.till_terms import DistanceTerms, GoodsNotice, Instalment, TillFacts
from ledger.services.runtime import Runtime
from ledger.services.stacking import assumed, pays_first
from ledger.services.standing import Standing
from ledger.services.till_facts import Asked, gather


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one coupon may still do. Amounts are satang, times Unix seconds; None: no such rule.

    `left_today` and `left` are of the pass alone. `released_left` is what the instalments have
    released and is not spent; `instalment` the one that comes next. `opens_at` is None while the
    coupon's hours are open, and 0 where they never open again. `position` and `notice` are what a
    redemption has to bring, `pays_first` the campaign whose coupon goes before this one.
    """

    left_today: int | None
    left: int
    household_left_today: int | None
    household_left: int | None
    merchant_left_today: int | None
    released_left: int | None
    instalment: Instalment | None
    until: int
    first_use_by: int | None
    opens_at: int | None
    position: DistanceTerms | None
    notice: GoodsNotice | None
    paper_pin_above: int | None
    pays_first: int | None


async def facts_ahead(
    session: AsyncSession,
    runtime: Runtime,
    standing: Standing,
    policy: Policy,
    asked: Asked,
    *,
    bill: int,
) -> TillFacts:
    """The facts for telling beforehand: what was told counts, and what was not told yet (a
    position, the notice) counts as if it were as it has to be."""
    first = await pays_first(session, runtime, standing, policy, asked, bill=bill)
    facts = (await gather(session, runtime, standing, policy.till, asked, pays_first=first)).facts
    near = assumed(policy.till, facts)
    told = asked.circumstances
    place = facts if told.position is not None and asked.merchant is not None else near
    return TillFacts(
        distance_metres=place.distance_metres,
        position_age_seconds=place.position_age_seconds,
        accuracy_metres=place.accuracy_metres,
        at_stand=place.at_stand,
        stand_uses_today=facts.stand_uses_today,
        household_spent=facts.household_spent,
        household_spent_today=facts.household_spent_today,
        merchant_taken_today=near.merchant_taken_today,
        notice_acknowledged=near.notice_acknowledged if told.notice is None else told.notice,
        pays_first=facts.pays_first,
        stacking_known=facts.stacking_known,
        by_paper=facts.by_paper,
        pin_given=facts.pin_given,
    )


def limits_of(
    standing: Standing, policy: Policy, facts: TillFacts, *, signed_at: int, shop: bool
) -> Limits:
    """What a coupon may still do, signed then; a shop's day only where a `shop` is meant."""
    terms, usage, till = standing.campaign.terms, standing.usage, policy.till
    spent = usage.spent_total
    today = usage.spent_on_day_of(terms.starts, signed_at)
    household = till.household
    waiting = (
        one for one in till.instalments if signed_at < one.opens or spent < one.after_spending
    )
    released = till.released(signed_at, spent) if till.instalments else None
    is_open = terms.open_hours >> hour_of_week(signed_at) & 1
    return Limits(
        left_today=_left(terms.per_day_max, today),
        left=max(terms.allowance - spent, 0),
        household_left_today=_left(
            household.per_day_max if household else 0, facts.household_spent_today
        ),
        household_left=_left(household.allowance if household else 0, facts.household_spent),
        merchant_left_today=_left(
            till.merchant_per_day_max if shop else 0, facts.merchant_taken_today
        ),
        released_left=None if released is None else max(released - spent, 0),
        instalment=next(waiting, None),
        until=terms.ends,
        first_use_by=terms.first_use_by if terms.first_use_by and not usage.last_step else None,
        opens_at=None if is_open else next_opening(terms.open_hours, signed_at),
        position=till.distance,
        notice=till.goods_notice,
        paper_pin_above=(till.paper_pin_above or None) if facts.by_paper else None,
        pays_first=facts.pays_first,
    )


def _left(limit: int, used: int | None) -> int | None:
    if not limit:
        return None
    return 0 if used is None else max(limit - used, 0)
