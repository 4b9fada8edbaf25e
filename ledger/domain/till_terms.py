"""What a policy asks of the till alone: rules no contract can see, and the facts they need.

The contract knows no positions, households or notices. The till judges these rules after all of the
contract's, and its signed verdict carries the facts, so that anybody can judge them again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import rfc8785

from ledger.domain.hashing import keccak


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceTerms:
    """How near the shop a holder has to be, and what counts as a position.

    `accuracy_metres_max` may be above `metres_max`: it says which positions are too vague to be
    one, not how far is near. `stand_uses_per_day_max` 0: no stand replaces a position.
    """

    metres_max: int
    position_age_seconds_max: int
    accuracy_metres_max: int
    stand_uses_per_day_max: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdTerms:
    """Satang over all passes of one household; 0 is "no such rule"."""

    allowance: int = 0
    per_day_max: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsNotice:
    """What may not be bought, in both languages: the holder sees it and acknowledges its hash."""

    th: str
    en: str
    hash: bytes = field(init=False, compare=False, repr=False)
    """Keccak-256 of the RFC 8785 form of {"en", "th"}."""

    def __post_init__(self) -> None:
        found = keccak(rfc8785.dumps({"th": self.th, "en": self.en}))
        object.__setattr__(self, "hash", found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacking:
    """Of the coupons of one group that could pay now, the one of the lowest rank pays first."""

    group: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A part of the allowance: released from `opens`, once `after_spending` in all is spent."""

    opens: int
    amount: int
    after_spending: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TillTerms:
    """The till's rules of one policy; None, () and 0 are "no such rule"."""

    distance: DistanceTerms | None = None
    household: HouseholdTerms | None = None
    merchant_per_day_max: int = 0
    goods_notice: GoodsNotice | None = None
    stacking: Stacking | None = None
    instalments: tuple[Instalment, ...] = ()
    paper_pin_above: int = 0

    def released(self, now: int, spent_total: int) -> int:
        """Return how much of the allowance the instalments have released by now."""
        return sum(
            one.amount
            for one in self.instalments
            if now >= one.opens and spent_total >= one.after_spending
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TillFacts:
    """What only the till knows. Whatever is not told (None) refuses under the rule it is for.

    `pays_first` is the number of the coupon of the same group that has to pay before this one; it
    counts only where `stacking_known`. `notice_acknowledged` is the hash of the notice that the
    holder saw.
    """

    distance_metres: int | None = None
    position_age_seconds: int | None = None
    accuracy_metres: int | None = None
    at_stand: bool = False
    stand_uses_today: int | None = None
    household_spent: int | None = None
    household_spent_today: int | None = None
    merchant_taken_today: int | None = None
    notice_acknowledged: bytes | None = None
    pays_first: int | None = None
    stacking_known: bool = False
    by_paper: bool = False
    pin_given: bool = False


NO_TILL_TERMS: Final = TillTerms()
NO_TILL_FACTS: Final = TillFacts()
