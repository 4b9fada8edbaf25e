"""A labelled city for the flags: honest people who look suspicious, and rings that were planted.

Everything follows from the seed. The honest part is made of what a rule could take for fraud:
canteens with a set meal at exactly the limit and a rush at noon, offices and families that eat
together, markets between two districts, regulars who come twice a day, a fair with a crowd, people
who try before the doors open, temples nobody visits twice. The planted part names, for each rule,
whom it should find.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from ledger.domain.flags import Attempt, FlagFacts, Limits, Spending, TillNote

BAHT: Final = 100
DAY: Final = 86_400
MONDAY: Final = 1_761_498_000
"""Monday 27 October 2025, 00:00 in Bangkok, on a step of 15 seconds."""
DAYS: Final = 28
OPEN_HOURS: Final = sum(1 << (24 * day + hour) for day in range(7) for hour in range(6, 23))
LIMITS: Final = Limits(most=200 * BAHT, bill=400 * BAHT, uses=10)
RESTAURANT: Final = 0
GROCERY: Final = 1
TEMPLE: Final = 8
DISTRICTS: Final = 6


@dataclass(slots=True)
class FlagCity:
    """Redemptions as they come, and for each rule whom it should name.

    `planted` maps a rule to groups: a flag that shares a member with a group has found it. Shops
    are written as their number below zero, passes as they are.
    """

    random: Random
    spendings: dict[tuple[int, int], Spending] = field(default_factory=dict)
    notes: dict[tuple[int, int, int], TillNote] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    categories: dict[int, int] = field(default_factory=dict)
    districts: dict[int, int] = field(default_factory=dict)
    planted: dict[str, list[set[int]]] = field(default_factory=dict)
    passes: int = 0

    def shop(self, category: int = RESTAURANT) -> int:
        """Open another shop."""
        number = len(self.categories) + 1
        self.categories[number] = category
        self.districts[number] = self.random.randrange(DISTRICTS)
        return number

    def people(self, count: int) -> list[int]:
        """Enrol so many more."""
        first = self.passes + 1
        self.passes += count
        return list(range(first, first + count))

    def pay(
        self, pass_number: int, shop: int, at: int, bill: int, note: TillNote | None = None
    ) -> None:
        """One redemption: half of the bill up to the limit. A step that is taken moves on."""
        at -= (at - MONDAY) % 15
        while (pass_number, at) in self.spendings:
            at += 15
        amount = min(bill // 2, LIMITS.most)
        self.spendings[pass_number, at] = Spending(
            1, pass_number, shop, bill, amount, amount, at, LIMITS.reached(bill, amount)
        )
        if note is not None:
            self.notes[1, pass_number, at] = note

    def plant(self, rule: str, *members: int) -> None:
        """Remember whom a rule should find."""
        self.planted.setdefault(rule, []).append(set(members))

    def facts(self) -> FlagFacts:
        """The city as the rules see it: without the labels."""
        return FlagFacts(
            spendings=sorted(self.spendings.values(), key=lambda each: each.signed_at),
            limits={1: LIMITS},
            open_hours={1: OPEN_HOURS},
            categories=self.categories,
            districts=self.districts,
            notes=self.notes,
            attempts=self.attempts,
        )

    def near(self, device: str | None = None) -> TillNote:
        """A phone at the counter, or near enough for a poor position."""
        poor = self.random.random() < 0.05
        accuracy = self.random.randrange(500, 4_000) if poor else self.random.randrange(5, 60)
        metres = self.random.randrange(accuracy + 80)
        return TillNote(metres, self.random.randrange(30), accuracy, device)


def at_hour(day: int, hour: float) -> int:
    """A moment of the month."""
    return MONDAY + day * DAY + int(hour * 3_600)


def honest(city: FlagCity, residents: int) -> None:
    """The people of the town, and every habit of theirs that a rule could mistake."""
    random = city.random
    shops = [
        city.shop(random.choice((RESTAURANT, GROCERY))) for _ in range(max(8, residents // 60))
    ]
    popularity = [1 / (rank + 3) for rank in range(len(shops))]
    for resident in city.people(residents):
        home = random.choices(shops, popularity, k=3)
        device = f"phone {resident}"
        for meal in random.sample(range(3 * DAYS), random.randrange(2, 11)):
            shop = random.choice(home) if random.random() < 0.75 else random.choice(shops)
            at = at_hour(meal // 3, random.gauss((8, 12.2, 18.3)[meal % 3], 0.8))
            bill = max(20, int(random.lognormvariate(5.2, 0.6))) * BAHT
            city.pay(resident, shop, at, bill, city.near(device))
    for habit in (
        _canteens,
        _families,
        _market,
        _fair,
        _temples,
        _early_birds,
        _travellers,
        _odd_ones,
    ):
        habit(city, residents)


def _canteens(city: FlagCity, residents: int) -> None:
    """A set meal for exactly 400 baht and a rush at noon, each working day, by the same people."""
    random = city.random
    for _ in range(max(1, residents // 1_500)):
        shop = city.shop()
        for regular in city.people(90):
            habit = random.gauss(12.2, 0.25)
            for day in random.sample([day for day in range(DAYS) if day % 7 < 5], 9):
                at = at_hour(day, random.gauss(habit, 0.15))
                city.pay(regular, shop, at, 400 * BAHT, city.near(f"phone {regular}"))
                if random.random() < 0.25:
                    city.pay(regular, shop, at + 5_400, random.randrange(30, 60) * BAHT)


def _families(city: FlagCity, residents: int) -> None:
    """Three to five at one table and often one phone; here and there a party of eight, once."""
    random = city.random
    shops = [shop for shop, kind in city.categories.items() if kind == RESTAURANT]
    for _ in range(residents // 80):
        family = city.people(random.randrange(3, 6))
        device = f"phone {family[0]}" if random.random() < 0.5 and len(family) < 5 else None
        favourite = random.choice(shops)
        for day in random.sample(range(DAYS), 5):
            at = at_hour(day, random.gauss(18.5, 0.5))
            shop = favourite if random.random() < 0.7 else random.choice(shops)
            for member in family:
                at += random.randrange(20, 60)
                bill = random.choice((400, 400, random.randrange(150, 500))) * BAHT
                city.pay(member, shop, at, bill, city.near(device or f"phone {member}"))
    for _ in range(max(1, residents // 800)):
        office, shop = city.people(8), random.choice(shops)
        for day in random.sample(range(DAYS), 4):
            at = at_hour(day, random.gauss(12.1, 0.2))
            for member in random.sample(office, random.randrange(4, 9)):
                at += random.randrange(15, 60)
                city.pay(member, shop, at, random.randrange(120, 400) * BAHT)


def _market(city: FlagCity, residents: int) -> None:
    """Stalls side by side on the border of two districts, and shoppers who go along them."""
    random = city.random
    stalls = [city.shop(GROCERY) for _ in range(6)]
    for position, stall in enumerate(stalls):
        city.districts[stall] = position % 2
    for shopper in city.people(residents // 40):
        for day in random.sample(range(DAYS), 3):
            at = at_hour(day, random.gauss(7.5, 0.6))
            for stall in random.sample(stalls, random.randrange(2, 5)):
                at += random.randrange(150, 900)
                city.pay(shopper, stall, at, random.randrange(30, 300) * BAHT)
                if random.random() < 0.08:
                    city.pay(shopper, stall, at + 120, random.randrange(30, 90) * BAHT)


def _fair(city: FlagCity, residents: int) -> None:
    """One day with a crowd at a stall that sells one thing for 400 baht, and nothing else."""
    shop = city.shop()
    for visitor in city.people(60):
        at = at_hour(12, city.random.gauss(15, 1.2))
        city.pay(visitor, shop, at, 400 * BAHT, city.near(f"phone {visitor}"))


def _temples(city: FlagCity, residents: int) -> None:
    """Places that people see once."""
    for _ in range(5):
        shop = city.shop(TEMPLE)
        for visitor in city.people(45):
            at = at_hour(city.random.randrange(DAYS), city.random.uniform(9, 17))
            city.pay(visitor, shop, at, city.random.randrange(40, 200) * BAHT)


def _early_birds(city: FlagCity, residents: int) -> None:
    """People before the doors: at ten to six, or once in the night because they did not know."""
    random = city.random
    shops = list(city.categories)
    for person in city.people(residents // 25):
        shop = random.choice(shops)
        for _ in range(random.randrange(1, 4)):
            hour = random.choice((5.9, 5.8, 23.1, random.uniform(0, 5)))
            at = at_hour(random.randrange(3), hour)
            city.attempts.append(Attempt(1, person, shop, at, "outside_hours"))


def _travellers(city: FlagCity, residents: int) -> None:
    """People on the move with an old position: the phone last knew another town."""
    random = city.random
    shops = list(city.categories)
    for person in city.people(residents // 100):
        note = TillNote(random.randrange(4_000, 90_000), random.randrange(600, 9_000), 30, None)
        at = at_hour(random.randrange(DAYS), 12)
        city.pay(person, random.choice(shops), at, 180 * BAHT, note)


def _odd_ones(city: FlagCity, residents: int) -> None:
    """Honest people whom a rule cannot tell from crooks: a person has to look."""
    random = city.random
    shops = [shop for shop, kind in city.categories.items() if kind == RESTAURANT]
    for _ in range(max(1, residents // 10_000)):
        # Seven colleagues with the set meal every Friday, and no other day.
        team, shop = city.people(7), random.choice(shops)
        for week in range(4):
            at = at_hour(7 * week + 4, random.gauss(12, 0.2))
            for member, moment in zip(team, times(random, at, 7, 15, 50), strict=True):
                city.pay(member, shop, moment, 400 * BAHT)
        # The interval of a concert: thirty times the one menu.
        at, shop = at_hour(random.randrange(DAYS), 20), random.choice(shops)
        for guest, moment in zip(city.people(30), times(random, at, 30, 5, 35), strict=True):
            city.pay(guest, shop, moment, 400 * BAHT)
        # A stop of long-distance coaches.
        stop = city.shop(RESTAURANT)
        for guest in city.people(80):
            at = at_hour(random.randrange(DAYS), random.uniform(7, 21))
            city.pay(guest, stop, at, random.randrange(60, 250) * BAHT)
    for _ in range(max(1, residents // 4_000)):
        # A neighbour's child who keeps six old people's passes; a coffee and a coffee and a coffee.
        device, shop = f"carer {city.passes}", random.choice(shops)
        for person in city.people(6):
            for day in random.sample(range(DAYS), 3):
                at = at_hour(day, random.gauss(10, 0.7))
                city.pay(person, shop, at, random.randrange(60, 300) * BAHT, city.near(device))
        (guest,) = city.people(1)
        at = at_hour(random.randrange(DAYS), 15)
        for moment in times(random, at, 4, 600, 1_100):
            city.pay(guest, shop, moment, random.randrange(30, 60) * BAHT)
        # A phone that is sure of a place where it is not.
        (lost,) = city.people(1)
        note = TillNote(random.randrange(3_500, 20_000), 5, 20, None)
        city.pay(lost, shop, at, 120 * BAHT, note)


def times(random: Random, start: int, count: int, low: int, high: int) -> Iterator[int]:
    """So many moments, one after the other."""
    at = start
    for _ in range(count):
        at += random.randrange(low, high)
        yield at
