"""Two policies side by side: each rule that differs, and whom the change helps or hurts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.domain.policy_document import Policy
from ledger.domain.policy_sentences import Pair, rules_of
from ledger.domain.till_terms import TillTerms
from ledger.domain.vocabulary import CATEGORIES, CLASSES, DISTRICT_BITS, Vocabulary

NO_RULE: Final[Pair] = ("ไม่มีเงื่อนไขนี้", "No such rule.")
RESIDENTS: Final[Pair] = ("ผู้ใช้สิทธิ์", "holders")
SHOPS: Final[Pair] = ("ร้านค้า", "shops")
BUDGET: Final[Pair] = ("งบประมาณ", "the budget")
HOUSEHOLDS: Final[Pair] = ("ครัวเรือนที่มีหลายบัตร", "households of several passes")
PAPER: Final[Pair] = ("ผู้ถือคูปองกระดาษ", "holders of paper coupons")
FINDERS: Final[Pair] = ("เจ้าของคูปองกระดาษที่ทำหาย", "owners of lost paper coupons")
UNLISTED: Final[Pair] = ("ผู้ไม่มีชื่อในรายชื่อใหม่", "those not on the new list")

Parties = tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One rule that differs: its sentences before and after, who gains by it and who loses."""

    rule: str
    was: tuple[Pair, ...]
    now: tuple[Pair, ...]
    helps: Parties
    hurts: Parties


def changes(old: Policy, new: Policy) -> list[Change]:
    """Return every rule that differs between two policies, in the order they are read aloud."""
    before, after = rules_of(old), rules_of(new)
    rules = {**dict.fromkeys(RULES), **dict.fromkeys(before), **dict.fromkeys(after)}
    found = []
    for rule in rules:
        was, now = before.get(rule, [NO_RULE]), after.get(rule, [NO_RULE])
        if was != now:
            helps, hurts = RULES[rule](old, new)
            found.append(
                Change(rule=rule, was=tuple(was), now=tuple(now), helps=helps, hurts=hurts)
            )
    return found


def _moved(better: bool, worse: bool, who: Parties) -> tuple[Parties, Parties]:
    """Return who gains and who loses when a rule got wider, narrower, or both in parts."""
    if better and worse:
        return who, who
    if better:
        return who, (BUDGET,)
    if worse:
        return (BUDGET,), who
    return (), ()


def _limit(was: int, now: int) -> tuple[bool, bool]:
    """Whether a maximum rose, and whether it fell; 0 is "no maximum"."""
    if was == now:
        return False, False
    rose = now == 0 or (was != 0 and now > was)
    return rose, not rose


def _limits(who: Parties, *pairs: tuple[int, int]) -> tuple[Parties, Parties]:
    moved = [_limit(was, now) for was, now in pairs]
    return _moved(any(rose for rose, _ in moved), any(fell for _, fell in moved), who)


def _window(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    better = new.starts < old.starts or new.ends > old.ends
    worse = new.starts > old.starts or new.ends < old.ends
    return _moved(better, worse, (RESIDENTS, SHOPS))


def _hours(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    added, taken = new.open_hours & ~old.open_hours, old.open_hours & ~new.open_hours
    return _moved(bool(added), bool(taken), (RESIDENTS, SHOPS))


def _words(vocabulary: Vocabulary, was: int, now: int) -> tuple[Parties, Parties]:
    """Name whom a mask lets in and whom it leaves out; without a name a number stands."""
    known = vocabulary.mask(word.name for word in vocabulary.words)
    gains = tuple((word.th, word.en) for word in vocabulary.chosen(now & ~was & known))
    loses = tuple((word.th, word.en) for word in vocabulary.chosen(was & ~now & known))
    return gains, loses


def _districts(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    return _district_names(new.districts & ~old.districts), _district_names(
        old.districts & ~new.districts
    )


def _district_names(mask: int) -> Parties:
    numbers = [str(number) for number in range(DISTRICT_BITS) if mask >> number & 1]
    if not numbers:
        return ()
    told = ", ".join(numbers)
    return ((f"ร้านในเขต {told}", f"shops in districts {told}"),)


def _issue(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    if new.issue is None:
        return (RESIDENTS,), (BUDGET,)
    if old.issue is None:
        return (BUDGET,), (UNLISTED,)
    return _moved(True, True, (("ผู้มีชื่อในรายชื่อเพียงฉบับเดียว", "those on one of the lists only"),))


def _deadline(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    return _limits((RESIDENTS,), (old.first_use_by, new.first_use_by))


def _bill_min(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    return _moved(new.bill_min < old.bill_min, new.bill_min > old.bill_min, (RESIDENTS, SHOPS))


def _same_district(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    local = (("ร้านในเขตของผู้ใช้สิทธิ์", "shops in the holder's own district"),)
    away = (RESIDENTS, ("ร้านนอกเขต", "shops of other districts"))
    return (local, away) if new.same_district else (away, local)


def _instalments(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    """Compare what is released at every moment and spending where either policy releases more."""
    steps = (*old.till.instalments, *new.till.instalments)
    times = {one.opens for one in steps} | {min(old.starts, new.starts)}
    spendings = {one.after_spending for one in steps} | {0}
    moments = [
        (_released(old, at, spent), _released(new, at, spent))
        for at in times
        for spent in spendings
    ]
    better = any(now > was for was, now in moments)
    worse = any(now < was for was, now in moments)
    return _moved(better, worse, (RESIDENTS,))


def _released(policy: Policy, at: int, spent: int) -> int:
    if not policy.till.instalments:
        return policy.allowance
    return policy.till.released(at, spent)


def _household(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    was, now = old.till.household, new.till.household
    return _limits(
        (HOUSEHOLDS,),
        (was.allowance if was else 0, now.allowance if now else 0),
        (was.per_day_max if was else 0, now.per_day_max if now else 0),
    )


def _notice(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    sellers = (("ผู้ขายสินค้าต้องห้าม", "sellers of forbidden goods"),)
    if new.till.goods_notice is None:
        return sellers, ()
    return ((), sellers) if old.till.goods_notice is None else ((), ())


def _stacking(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    others = (("โครงการอื่นในกลุ่มเดียวกัน", "other campaigns of the group"),)
    ranks = [one.rank if one else 0 for one in (old.till.stacking, new.till.stacking)]
    return (others, (BUDGET,)) if ranks[1] < ranks[0] else ((BUDGET,), others)


def _distance(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    was, now = (_distance_limits(policy.till) for policy in (old, new))
    better = any(b > a for a, b in zip(was, now, strict=True))
    worse = any(b < a for a, b in zip(was, now, strict=True))
    return _moved(better, worse, (RESIDENTS,))


def _distance_limits(till: TillTerms) -> tuple[int, int, int, int]:
    terms = till.distance
    if terms is None:
        return (2**32, 2**32, 2**32, 2**32)
    return (
        terms.metres_max,
        terms.position_age_seconds_max,
        terms.accuracy_metres_max,
        terms.stand_uses_per_day_max,
    )


def _paper(old: Policy, new: Policy) -> tuple[Parties, Parties]:
    rose, _fell = _limit(old.till.paper_pin_above, new.till.paper_pin_above)
    return ((PAPER,), (FINDERS,)) if rose else ((FINDERS,), (PAPER,))


RULES: Final[dict[str, Callable[[Policy, Policy], tuple[Parties, Parties]]]] = {
    "window": _window,
    "hours": _hours,
    "audience": lambda old, new: _words(CLASSES, old.audience, new.audience),
    "issue": _issue,
    "share_basis_points": lambda old, new: _limits(
        (RESIDENTS,), (old.share_basis_points, new.share_basis_points)
    ),
    "allowance": lambda old, new: _limits((RESIDENTS, SHOPS), (old.allowance, new.allowance)),
    "per_day_max": lambda old, new: _limits((RESIDENTS,), (old.per_day_max, new.per_day_max)),
    "per_use_max": lambda old, new: _limits((RESIDENTS,), (old.per_use_max, new.per_use_max)),
    "bill_min": _bill_min,
    "first_use_by": _deadline,
    "categories": lambda old, new: _words(CATEGORIES, old.categories, new.categories),
    "districts": _districts,
    "same_district": _same_district,
    "till.instalments": _instalments,
    "till.household": _household,
    "till.merchant_per_day_max": lambda old, new: _limits(
        (SHOPS, RESIDENTS), (old.till.merchant_per_day_max, new.till.merchant_per_day_max)
    ),
    "till.goods_notice": _notice,
    "till.stacking": _stacking,
    "till.distance": _distance,
    "till.paper_pin_above": _paper,
}
"""Whom a change of each rule helps and hurts: (helps, hurts)."""
