"""The published rules that flag what a person should look at. Each is a pure function.

Each takes the facts of a city and the thresholds and returns flags; docs/flags.md explains them
with their measured precision and recall. What honest people do often (a canteen's rush, a family's
table, a market) is written down beside each figure there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from typing import Final, TypeVar

from ledger.domain.clock import bangkok_day, hour_of_week
from ledger.domain.flag_rings import cash_out_rings
from ledger.domain.flags import Attempt, Flag, FlagFacts, Spending, Thresholds, busiest
from ledger.domain.reasons import Reason

T = TypeVar("T")
Rule = Callable[[FlagFacts, Thresholds], list[Flag]]


def far_from_shop(facts: FlagFacts, limits: Thresholds) -> list[Flag]:
    """A phone that was far from the shop, by a fresh position and whatever its accuracy."""
    found: dict[tuple[int, int], list[tuple[Spending, int]]] = {}
    for each in facts.spendings if facts.notes else ():
        note = facts.notes.get(each.key)
        if note is None or note.distance_metres is None:
            continue
        surely = note.distance_metres - (note.accuracy_metres or 0)
        if surely > limits.far_metres and (note.position_age_seconds or 0) <= (
            limits.far_age_seconds
        ):
            day = bangkok_day(each.signed_at)
            found.setdefault((each.pass_number, day), []).append((each, surely))
    return [
        Flag(
            rule="far_from_shop",
            since=far[0][0].signed_at,
            merchants=_shops(each for each, _ in far),
            passes=(pass_number,),
            figures={"uses": len(far), "metres": max(surely for _, surely in far)},
            evidence=tuple(each.key for each, _ in far),
        )
        for (pass_number, _day), far in found.items()
    ]


def two_places(facts: FlagFacts, limits: Thresholds) -> list[Flag]:
    """One pass at shops of two districts, nearer in time than anybody travels.

    Two shops between which several passes go that fast are neighbours across a border.
    """
    hops: dict[tuple[int, int], list[tuple[Spending, Spending]]] = {}
    for spent in facts.by_pass.values():
        for one, other in pairwise(spent):
            if other.signed_at - one.signed_at <= limits.two_places_seconds and facts.districts.get(
                one.merchant
            ) != facts.districts.get(other.merchant):
                low, high = sorted((one.merchant, other.merchant))
                hops.setdefault((low, high), []).append((one, other))
    return [
        Flag(
            rule="two_places",
            since=one.signed_at,
            merchants=(one.merchant, other.merchant),
            passes=(one.pass_number,),
            figures={"seconds": other.signed_at - one.signed_at},
            evidence=(one.key, other.key),
        )
        for pairs in hops.values()
        if len({one.pass_number for one, _ in pairs}) < limits.two_places_neighbours
        for one, other in pairs
    ]


def same_pair(facts: FlagFacts, limits: Thresholds) -> list[Flag]:
    """One pass again and again at one shop."""
    found: list[Flag] = []
    for pass_number, spent in facts.by_pass.items():
        if len(spent) < limits.pair_uses:
            continue
        for merchant, uses in _grouped(spent, lambda each: each.merchant):
            for _day, daily in _grouped(uses, lambda each: bangkok_day(each.signed_at)):
                first, last = busiest([each.signed_at for each in daily], limits.pair_seconds)
                close = daily[first : last + 1]
                if len(close) < limits.pair_uses:
                    continue
                found.append(
                    Flag(
                        rule="same_pair",
                        since=close[0].signed_at,
                        merchants=(merchant,),
                        passes=(pass_number,),
                        figures={
                            "uses": len(close),
                            "minutes": _minutes(close),
                            "amount": sum(each.kept for each in close),
                        },
                        evidence=tuple(each.key for each in close),
                    )
                )
    return found


def limit_burst(facts: FlagFacts, limits: Thresholds) -> list[Flag]:
    """A shop that takes the most a use allows, over and over, as it does on no other day."""
    found: list[Flag] = []
    for merchant, spent in facts.by_merchant.items():
        at_limit = [each for each in spent if each.at_limit]
        if len(at_limit) < limits.burst_uses:
            continue
        bursts = [
            (daily, busiest([each.signed_at for each in daily], limits.burst_seconds))
            for _day, daily in _grouped(at_limit, lambda each: bangkok_day(each.signed_at))
        ]
        sizes = [last - first + 1 for _daily, (first, last) in bursts]
        every = [each.signed_at for each in spent]
        for position, (daily, (first, last)) in enumerate(bursts):
            usual = _median(sizes[:position] + sizes[position + 1 :])
            if sizes[position] < max(limits.burst_uses, limits.burst_times * usual):
                continue
            close = daily[first : last + 1]
            began, ended = close[0].signed_at, close[-1].signed_at
            all_then = sum(1 for at in every if began <= at <= ended)
            if len(close) * 100 < all_then * limits.burst_percent:
                continue
            found.append(
                Flag(
                    rule="limit_burst",
                    since=began,
                    merchants=(merchant,),
                    passes=tuple(sorted({each.pass_number for each in close})),
                    figures={
                        "uses": len(close),
                        "minutes": _minutes(close),
                        "all": all_then,
                        "usual": usual,
                        "amount": sum(each.kept for each in close),
                    },
                    evidence=tuple(each.key for each in close),
                )
            )
    return found


def closed_hours(facts: FlagFacts, limits: Thresholds) -> list[Flag]:
    """Attempts in hours in which the campaign is closed, not counting those at the edge of one."""
    outside = Reason.OUTSIDE_HOURS.code
    tried = sorted(
        (
            each
            for each in facts.attempts
            if each.reason == outside and _well_closed(facts, each, limits.closed_edge_seconds)
        ),
        key=lambda each: each.at,
    )
    return [*_closed_at_shops(tried, limits), *_closed_with_passes(tried, limits)]


def _closed_at_shops(tried: Sequence[Attempt], limits: Thresholds) -> list[Flag]:
    found: list[Flag] = []
    named = [each for each in tried if each.merchant]
    for merchant, here in _grouped(named, lambda each: each.merchant):
        first, last = busiest([each.at for each in here], limits.closed_seconds)
        close = here[first : last + 1]
        passes = tuple(sorted({each.pass_number for each in close if each.pass_number}))
        if len(close) >= limits.closed_attempts and len(passes) >= limits.closed_passes:
            found.append(
                Flag(
                    rule="closed_hours",
                    since=close[0].at,
                    merchants=(merchant,),
                    passes=passes,
                    figures={"attempts": len(close), "days": 1, "passes": len(passes)},
                )
            )
    return found


def _closed_with_passes(tried: Sequence[Attempt], limits: Thresholds) -> list[Flag]:
    found: list[Flag] = []
    for pass_number, its in _grouped(tried, lambda each: each.pass_number):
        days = {bangkok_day(each.at) for each in its}
        enough = len(its) >= limits.closed_attempts and len(days) >= limits.closed_days
        if pass_number and enough:
            found.append(
                Flag(
                    rule="closed_hours",
                    since=its[0].at,
                    passes=(pass_number,),
                    figures={"attempts": len(its), "days": len(days), "passes": 1},
                )
            )
    return found


def _well_closed(facts: FlagFacts, each: Attempt, edge: int) -> bool:
    """Whether the campaign is closed at that time and for a while before and after."""
    mask = facts.open_hours.get(each.campaign)
    if mask is None:
        return True
    return not any(mask >> hour_of_week(each.at + apart) & 1 for apart in (-edge, 0, edge))


def one_device(facts: FlagFacts, limits: Thresholds) -> list[Flag]:
    """One phone that spends for many passes, where the till's files tell phones apart."""
    found: dict[str, list[Spending]] = {}
    for each in facts.spendings if facts.notes else ():
        note = facts.notes.get(each.key)
        if note is not None and note.device:
            found.setdefault(note.device, []).append(each)
    flags = []
    for spent in found.values():
        passes = sorted({each.pass_number for each in spent})
        if len(passes) >= limits.device_passes:
            flags.append(
                Flag(
                    rule="one_device",
                    since=spent[0].signed_at,
                    merchants=_shops(spent),
                    passes=tuple(passes),
                    figures={
                        "passes": len(passes),
                        "uses": len(spent),
                        "amount": sum(each.kept for each in spent),
                    },
                    evidence=tuple(each.key for each in spent),
                )
            )
    return flags


def no_return(facts: FlagFacts, limits: Thresholds) -> list[Flag]:
    """A shop to which nobody comes twice, where people come back to others of its kind."""
    shops: dict[int, tuple[int, int, list[Spending]]] = {}
    for merchant, spent in facts.by_merchant.items():
        again = [each for each in spent if facts.limits[each.campaign].uses > 1]
        days: dict[int, set[int]] = {}
        for each in again:
            days.setdefault(each.pass_number, set()).add(bangkok_day(each.signed_at))
        if len(days) >= limits.return_customers:
            returning = sum(len(each) > 1 for each in days.values())
            shops[merchant] = (len(days), returning, again)
    percents = {shop: 100 * returning // all_ for shop, (all_, returning, _) in shops.items()}
    flags = []
    for merchant, (customers, returning, spent) in shops.items():
        open_days = len({bangkok_day(each.signed_at) for each in spent})
        if open_days < limits.return_days or percents[merchant] > limits.return_percent:
            continue
        kind = facts.categories.get(merchant)
        peers = [
            percent
            for shop, percent in percents.items()
            if shop != merchant and facts.categories.get(shop) == kind
        ]
        if len(peers) < limits.return_peers or _median(peers) < limits.return_peer_percent:
            continue
        flags.append(
            Flag(
                rule="no_return",
                since=spent[0].signed_at,
                merchants=(merchant,),
                figures={
                    "customers": customers,
                    "returning": returning,
                    "days": open_days,
                    "peers": _median(peers),
                    "amount": sum(each.kept for each in spent),
                },
                evidence=tuple(each.key for each in spent),
            )
        )
    return flags


RULES: Final[dict[str, Rule]] = {
    "far_from_shop": far_from_shop,
    "two_places": two_places,
    "cash_out_ring": cash_out_rings,
    "same_pair": same_pair,
    "limit_burst": limit_burst,
    "closed_hours": closed_hours,
    "one_device": one_device,
    "no_return": no_return,
}


def raise_flags(
    facts: FlagFacts, limits: Thresholds, rules: Iterable[str] = tuple(RULES)
) -> list[Flag]:
    """Every flag of these rules, oldest first. Raises KeyError for a rule there is not."""
    flags = [flag for name in rules for flag in RULES[name](facts, limits)]
    return sorted(flags, key=lambda flag: (flag.since, flag.rule, flag.id))


def _grouped(things: Sequence[T], by: Callable[[T], int]) -> list[tuple[int, list[T]]]:
    return [(name, list(each)) for name, each in groupby(sorted(things, key=by), key=by)]


def _shops(spent: Iterable[Spending]) -> tuple[int, ...]:
    return tuple(sorted({each.merchant for each in spent}))


def _minutes(spent: Sequence[Spending]) -> int:
    return -(-(spent[-1].signed_at - spent[0].signed_at) // 60)


def _median(values: Sequence[int]) -> int:
    return sorted(values)[len(values) // 2] if values else 0
