"""Cash-out rings: many passes that are spent together, every time, at the most a use allows.

A shop that turns coupons into cash holds the phones itself. They are used one after the other, for
bills that nobody's lunch comes to, and hardly ever apart. A canteen's regulars are there at the
same hour, and apart on most days; a family is together, and small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.domain.flags import Flag, FlagFacts, Spending, Thresholds

NEIGHBOURS_MAX: Final = 40
"""How many later redemptions are looked at from each: a bound on the work in a rush."""

Pair = tuple[int, int]


def cash_out_rings(facts: FlagFacts, limits: Thresholds) -> list[Flag]:
    """Groups of passes that are spent together; one flag a group."""
    uses = {number: len(spent) for number, spent in facts.by_pass.items()}
    suspects = {
        number
        for number, spent in facts.by_pass.items()
        if len(spent) >= limits.ring_uses
        and sum(each.at_limit for each in spent) * 100 >= len(spent) * limits.ring_together_percent
    }
    together: dict[Pair, int] = {}
    for spent in facts.by_merchant.values():
        close = [each for each in spent if each.at_limit and each.pass_number in suspects]
        if len(close) >= limits.ring_passes:
            for pair in _meetings(close, limits.ring_seconds):
                together[pair] = together.get(pair, 0) + 1
    bound = [
        pair
        for pair, count in together.items()
        if count * 100 >= max(uses[pair[0]], uses[pair[1]]) * limits.ring_together_percent
    ]
    return [
        _flag(facts, members)
        for members in _components(bound)
        if len(members) >= limits.ring_passes
    ]


def _meetings(close: Sequence[Spending], seconds: int) -> Iterator[Pair]:
    """Yield each pair of passes used within `seconds`, once for each use of the first of them."""
    for position, one in enumerate(close):
        met: set[int] = {one.pass_number}
        for other in close[position + 1 : position + 1 + NEIGHBOURS_MAX]:
            if other.signed_at - one.signed_at > seconds:
                break
            if other.pass_number not in met:
                met.add(other.pass_number)
                low, high = sorted((one.pass_number, other.pass_number))
                yield low, high


def _components(pairs: Sequence[Pair]) -> list[list[int]]:
    """The connected groups of a graph, each ascending, the smallest member's group first."""
    parent: dict[int, int] = {}

    def root(number: int) -> int:
        while parent.setdefault(number, number) != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    groups: dict[int, list[int]] = {}
    for number in sorted(parent):
        groups.setdefault(root(number), []).append(number)
    return list(groups.values())


def _flag(facts: FlagFacts, members: Sequence[int]) -> Flag:
    spent = sorted(
        (each for number in members for each in facts.by_pass[number] if each.at_limit),
        key=lambda each: each.signed_at,
    )
    taken: dict[int, int] = {}
    for each in spent:
        taken[each.merchant] = taken.get(each.merchant, 0) + each.kept
    return Flag(
        rule="cash_out_ring",
        since=spent[0].signed_at,
        merchants=tuple(sorted(taken, key=lambda merchant: (-taken[merchant], merchant))),
        passes=tuple(members),
        figures={
            "passes": len(members),
            "uses": len(spent),
            "shops": len(taken),
            "amount": sum(taken.values()),
        },
        evidence=tuple(each.key for each in spent),
    )
