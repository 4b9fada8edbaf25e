"""What is planted in the labelled city: for each rule, crooks of the kind it is made for.

They differ in size and care. Some are so careful that the rule does not see them, and they count as
missed all the same.
"""

from collections.abc import Callable
from typing import Final

from bench.flag_city import BAHT, DAYS, GROCERY, RESTAURANT, FlagCity, at_hour, times
from ledger.domain.flags import Attempt, TillNote


def far_scans(city: FlagCity) -> None:
    """A code relayed to a friend at a shop far away."""
    for _ in range(4):
        (person,) = city.people(1)
        shop = city.random.choice(list(city.categories))
        far = city.random.randrange(2_500, 60_000)
        note = TillNote(far, city.random.randrange(60), city.random.randrange(5, 90), None)
        city.pay(person, shop, at_hour(city.random.randrange(DAYS), 13), 400 * BAHT, note)
        city.plant("far_from_shop", person)


def twins(city: FlagCity) -> None:
    """One pass in use by two people at two ends of the town."""
    shops = list(city.categories)
    for _ in range(4):
        (person,) = city.people(1)
        one, other = city.random.sample(shops, 2)
        while city.districts[one] == city.districts[other]:
            one, other = city.random.sample(shops, 2)
        at = at_hour(city.random.randrange(DAYS), city.random.uniform(9, 20))
        city.pay(person, one, at, 300 * BAHT)
        city.pay(person, other, at + city.random.randrange(15, 300), 300 * BAHT)
        city.plant("two_places", person)


def rings(city: FlagCity) -> None:
    """Phones in a drawer, emptied at the limit every few days, at one shop or at two by turns;
    one ring behind the noon rush of a real canteen, one that takes its time."""
    for members, shops, gap in ((8, 1, 30), (12, 1, 25), (15, 2, 20), (7, 1, 40), (9, 2, 35)):
        _ring(city, members, [city.shop() for _ in range(shops)], 20.5, gap)
    busy = max(city.categories, key=lambda shop: _takings(city, shop))
    _ring(city, 10, [busy], 12.2, 25)
    _ring(city, 8, [city.shop()], 15, 900)


def _takings(city: FlagCity, shop: int) -> int:
    return sum(each.merchant == shop and each.at_limit for each in city.spendings.values())


def _ring(city: FlagCity, members: int, shops: list[int], hour: float, gap: int) -> None:
    drawer = city.people(members)
    days = sorted(city.random.sample(range(DAYS), 9))
    for turn, day in enumerate(days):
        city.random.shuffle(drawer)
        used = [each for each in drawer if city.random.random() < 0.95]
        start = at_hour(day, city.random.gauss(hour, 0.3))
        moments = times(city.random, start, len(used), gap // 2, gap * 3 // 2)
        for person, at in zip(used, moments, strict=True):
            city.pay(person, shops[turn % len(shops)], at, 400 * BAHT)
    city.plant("cash_out_ring", *drawer)


def pairs(city: FlagCity) -> None:
    """A coupon cashed at a friend's, bit by bit."""
    for uses in (4, 5, 6, 8, 3):
        (person,) = city.people(1)
        shop = city.random.choice(list(city.categories))
        start = at_hour(city.random.randrange(DAYS), city.random.uniform(8, 20))
        for at in times(city.random, start, uses, 120, 900):
            city.pay(person, shop, at, city.random.randrange(80, 400) * BAHT)
        city.plant("same_pair", person)


def bursts(city: FlagCity) -> None:
    """Bought coupons cashed in one evening at a shop that is quiet otherwise."""
    for uses, gap in ((14, 30), (25, 15), (40, 15), (12, 45), (16, 120)):
        shop = city.shop()
        for regular in city.people(15):
            for day in city.random.sample(range(DAYS), 3):
                at = at_hour(day, city.random.gauss(12, 1))
                city.pay(regular, shop, at, city.random.randrange(60, 300) * BAHT)
        start = at_hour(city.random.randrange(DAYS), 21)
        buyers = city.people(uses)
        moments = times(city.random, start, uses, gap // 2, gap * 3 // 2)
        for person, at in zip(buyers, moments, strict=True):
            city.pay(person, shop, at, 400 * BAHT)
        city.plant("limit_burst", -shop)


def night_shift(city: FlagCity) -> None:
    """A shop that tries codes in the night, and a pass whose key is tried night after night."""
    for _ in range(3):
        shop = city.shop(GROCERY)
        for person in city.people(5):
            for at in times(city.random, at_hour(9, 2), 2, 60, 600):
                city.attempts.append(Attempt(1, person, shop, at, "outside_hours"))
        city.plant("closed_hours", -shop)
    for nights in (4, 6, 3):
        (person,) = city.people(1)
        for night in range(nights):
            for at in times(city.random, at_hour(night + 2, 3), 2, 30, 300):
                city.attempts.append(Attempt(1, person, 0, at, "outside_hours"))
        city.plant("closed_hours", person)


def collectors(city: FlagCity) -> None:
    """One phone with many people's passes, at shops all over the town."""
    shops = list(city.categories)
    for size in (5, 7, 12, 25, 4):
        members = city.people(size)
        for member in members:
            for _ in range(3):
                at = at_hour(city.random.randrange(DAYS), city.random.uniform(9, 20))
                note = city.near(f"collector {members[0]}")
                city.pay(member, city.random.choice(shops), at, 390 * BAHT, note)
        city.plant("one_device", *members)


def shells(city: FlagCity) -> None:
    """Shops that sell nothing: each bought coupon passes through once."""
    for customers in (40, 60, 120, 33):
        shop = city.shop(city.random.choice((RESTAURANT, GROCERY)))
        for person in city.people(customers):
            at = at_hour(city.random.randrange(DAYS), city.random.uniform(9, 20))
            city.pay(person, shop, at, city.random.randrange(200, 420) * BAHT)
        city.plant("no_return", -shop)


PLANTS: Final[dict[str, Callable[[FlagCity], None]]] = {
    "far_from_shop": far_scans,
    "two_places": twins,
    "cash_out_ring": rings,
    "same_pair": pairs,
    "limit_burst": bursts,
    "closed_hours": night_shift,
    "one_device": collectors,
    "no_return": shells,
}
