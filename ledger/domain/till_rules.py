"""The rules only the till judges, one function each, and `TILL_RULES`: their order.

A rule returns its reason and the figures of its refusal, or None. A rule that lacks a fact refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ledger.domain.reasons import Reason
from ledger.domain.rules import Case, Figures
from ledger.domain.till_terms import DistanceTerms, TillFacts, TillTerms

Refusal = tuple[Reason, Figures]


def _instalment_not_released(case: Case, till: TillTerms, facts: TillFacts) -> Refusal | None:
    del facts
    if not till.instalments:
        return None
    spent, amount = case.usage.spent_total, case.request.amount
    released = till.released(case.now, spent)
    if spent + amount <= released:
        return None
    waiting = (
        one for one in till.instalments if case.now < one.opens or spent < one.after_spending
    )
    following = next(waiting, None)
    return Reason.INSTALMENT_NOT_RELEASED, {
        "amount": amount,
        "spent_total": spent,
        "released": released,
        "released_left": max(released - spent, 0),
        "next_amount": following.amount if following else 0,
        "next_opens": following.opens if following else 0,
        "next_after_spending": following.after_spending if following else 0,
    }


def _household_quota_used(case: Case, till: TillTerms, facts: TillFacts) -> Refusal | None:
    terms = till.household
    if terms is None:
        return None
    for period, most, spent in (
        ("day", terms.per_day_max, facts.household_spent_today),
        ("all", terms.allowance, facts.household_spent),
    ):
        if not most:
            continue
        if spent is None:
            return _missing("household")
        if spent + case.request.amount > most:
            return Reason.HOUSEHOLD_QUOTA_USED, {
                "amount": case.request.amount,
                "period": period,
                "household_spent": spent,
                "household_max": most,
                "household_left": max(most - spent, 0),
            }
    return None


def _merchant_cap_reached(case: Case, till: TillTerms, facts: TillFacts) -> Refusal | None:
    most, taken = till.merchant_per_day_max, facts.merchant_taken_today
    if not most:
        return None
    if taken is None:
        return _missing("merchant")
    if taken + case.request.amount <= most:
        return None
    return Reason.MERCHANT_CAP_REACHED, {
        "amount": case.request.amount,
        "merchant": case.request.merchant,
        "taken_today": taken,
        "merchant_per_day_max": most,
        "merchant_left": max(most - taken, 0),
    }


def _notice_not_acknowledged(case: Case, till: TillTerms, facts: TillFacts) -> Refusal | None:
    del case
    notice = till.goods_notice
    if notice is None or facts.notice_acknowledged == notice.hash:
        return None
    return Reason.NOTICE_NOT_ACKNOWLEDGED, {
        "notice": notice.en,
        "notice_th": notice.th,
        "notice_hash": "0x" + notice.hash.hex(),
    }


def _other_coupon_first(case: Case, till: TillTerms, facts: TillFacts) -> Refusal | None:
    del case
    if till.stacking is None:
        return None
    if not facts.stacking_known:
        return _missing("stacking")
    if facts.pays_first is None:
        return None
    return Reason.OTHER_COUPON_FIRST, {
        "campaign": facts.pays_first,
        "group": till.stacking.group,
        "rank": till.stacking.rank,
    }


def _place(case: Case, till: TillTerms, facts: TillFacts) -> Refusal | None:
    del case
    terms = till.distance
    if terms is None or _at_stand(terms, facts):
        return None
    unknown = _why_unknown(terms, facts)
    if unknown is not None:
        return Reason.PLACE_UNKNOWN, unknown
    distance = facts.distance_metres
    assert distance is not None, "a distance that is missing is unknown"
    if distance > terms.metres_max:
        return Reason.TOO_FAR, {"distance_metres": distance, "metres_max": terms.metres_max}
    return None


def _at_stand(terms: DistanceTerms, facts: TillFacts) -> bool:
    """Whether a shop's fixed stand replaces the position: counted, and only so often a day."""
    uses = facts.stand_uses_today
    return facts.at_stand and uses is not None and uses < terms.stand_uses_per_day_max


def _why_unknown(terms: DistanceTerms, facts: TillFacts) -> Figures | None:
    distance, age = facts.distance_metres, facts.position_age_seconds
    accuracy = facts.accuracy_metres
    if distance is None or age is None or accuracy is None or min(distance, age, accuracy) < 0:
        why = "stand_used_up" if facts.at_stand else "missing"
        return {"why": why, "stand_uses_per_day_max": terms.stand_uses_per_day_max}
    if age > terms.position_age_seconds_max:
        limit = terms.position_age_seconds_max
        return {"why": "old", "position_age_seconds": age, "position_age_seconds_max": limit}
    if accuracy > terms.accuracy_metres_max:
        limit = terms.accuracy_metres_max
        return {"why": "imprecise", "accuracy_metres": accuracy, "accuracy_metres_max": limit}
    return None


def _paper_pin_needed(case: Case, till: TillTerms, facts: TillFacts) -> Refusal | None:
    most = till.paper_pin_above
    if not most or not facts.by_paper or facts.pin_given or case.request.amount <= most:
        return None
    return Reason.PAPER_PIN_NEEDED, {"amount": case.request.amount, "paper_pin_above": most}


def _missing(rule: str) -> Refusal:
    return Reason.TILL_FACT_MISSING, {"rule": rule}


TILL_RULES: Final[tuple[Callable[[Case, TillTerms, TillFacts], Refusal | None], ...]] = (
    _instalment_not_released,
    _household_quota_used,
    _merchant_cap_reached,
    _notice_not_acknowledged,
    _other_coupon_first,
    _place,
    _paper_pin_needed,
)
"""The order of judging at the till, after every rule of the contract."""


def till_refusal(case: Case, till: TillTerms, facts: TillFacts) -> Refusal | None:
    """Return the first till rule that refuses, with its figures; None when none does."""
    for refuses in TILL_RULES:
        refused = refuses(case, till, facts)
        if refused is not None:
            return refused
    return None


def till_maximum(till: TillTerms, facts: TillFacts, *, spent_total: int, now: int) -> int | None:
    """Return the most the till's rules of amounts leave; None where none of them stands.

    A fact that is missing leaves nothing.
    """
    most: list[int | None] = []
    if till.instalments:
        most.append(till.released(now, spent_total) - spent_total)
    if till.household is not None:
        terms = till.household
        most.append(_left(terms.allowance, facts.household_spent))
        most.append(_left(terms.per_day_max, facts.household_spent_today))
    most.append(_left(till.merchant_per_day_max, facts.merchant_taken_today))
    if till.paper_pin_above and facts.by_paper and not facts.pin_given:
        most.append(till.paper_pin_above)
    return min((left for left in most if left is not None), default=None)


def _left(limit: int, used: int | None) -> int | None:
    if not limit:
        return None
    return 0 if used is None else limit - used
