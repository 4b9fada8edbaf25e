"""Rounds over any history: whole satang, each entry in one line, nobody forgiven or paid twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.business_days import day_of, thai_calendar
from ledger.domain.merchants import MerchantStatus
from ledger.domain.payments import BankAccount
from ledger.domain.settlement import (
    Entry,
    Leg,
    Line,
    Payee,
    Reason,
    Round,
    make_round,
    ready_day,
    void_ready_day,
)

CALENDAR: Final = thai_calendar()
FIRST: Final = day_of(date(2025, 12, 1))
SHOPS: Final = (1, 2, 3)
BOTH: Final = frozenset(Leg)
ACCOUNT: Final = BankAccount(bank="006", number="1234567890", name="ร้าน")


@dataclass
class Books:
    """A naive town: entries, and the line in which each stands paid, if any."""

    entries: dict[str, Entry] = field(default_factory=dict)
    voided: dict[str, int] = field(default_factory=dict)
    standing: dict[str, tuple[int, int]] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    returned: set[tuple[int, int]] = field(default_factory=set)
    payees: dict[int, Payee] = field(
        default_factory=lambda: {
            shop: Payee(merchant=shop, status=MerchantStatus.ACTIVE, account=ACCOUNT)
            for shop in SHOPS
        }
    )

    def redeem(self, day: int, shop: int, amount: int, leg: Leg) -> None:
        self._add(
            Entry(
                leg=leg,
                campaign=1 + amount % 2,
                pass_number=1 + len(self.entries),
                step=1,
                merchant=shop,
                amount=amount,
                day=day,
                ready=ready_day(CALENDAR, day, self.payees[shop].lag_days),
            )
        )

    def _add(self, entry: Entry) -> None:
        assert entry.key not in self.entries
        self.entries[entry.key] = entry

    def void(self, day: int, pick: int, part: int) -> None:
        taken = [e for e in self.entries.values() if e.amount > 0]
        if not taken:
            return
        of = taken[pick % len(taken)]
        left = of.amount - self.voided.get(of.key, 0)
        amount = min(left, part)
        if not amount:
            return
        self.voided[of.key] = self.voided.get(of.key, 0) + amount
        self._add(
            Entry(
                leg=of.leg,
                campaign=of.campaign,
                pass_number=of.pass_number,
                step=of.step,
                voided_at=1 + len(self.entries),
                merchant=of.merchant,
                amount=-amount,
                day=day,
                ready=void_ready_day(day, of.ready),
            )
        )

    def close(self, day: int, legs: frozenset[Leg], minimum: int) -> Round:
        waiting = [e for e in self.entries.values() if e.key not in self.standing]
        made = make_round(
            len(self.rounds) + 1, day, legs, waiting, self.payees, CALENDAR, minimum=minimum
        )
        for line in made.paid:
            for entry in line.entries:
                assert entry.key not in self.standing
                self.standing[entry.key] = (made.number, line.merchant)
        self.rounds.append(made)
        return made

    def give_back(self, pick: int) -> None:
        """The bank returns one payment: its entries stand nowhere again."""
        lines = [(r.number, x.merchant) for r in self.rounds for x in r.paid]
        lines = [line for line in lines if line not in self.returned]
        if not lines:
            return
        line = lines[pick % len(lines)]
        self.returned.add(line)
        self.standing = {key: at for key, at in self.standing.items() if at != line}

    def kept(self) -> int:
        return sum(
            line.amount
            for made in self.rounds
            for line in made.paid
            if (made.number, line.merchant) not in self.returned
        )


_MOVES = st.one_of(
    st.tuples(
        st.just("redeem"),
        st.sampled_from(SHOPS),
        st.integers(1, 20_000),
        st.sampled_from(list(Leg)),
    ),
    st.tuples(st.just("void"), st.integers(0, 99), st.integers(1, 20_000), st.none()),
    st.tuples(st.just("return"), st.integers(0, 99), st.none(), st.none()),
    st.tuples(
        st.just("change"),
        st.sampled_from(SHOPS),
        st.sampled_from([MerchantStatus.ACTIVE, MerchantStatus.SUSPENDED, MerchantStatus.CLOSED]),
        st.booleans(),
    ),
)
_DAYS = st.lists(
    st.tuples(
        st.lists(_MOVES, max_size=6),
        st.sampled_from([BOTH, frozenset({Leg.CITY}), frozenset({Leg.COPAY})]),
        st.sampled_from([0, 5_000]),
    ),
    max_size=12,
)


def _play(books: Books, moves: list[tuple[object, ...]], day: int) -> None:
    for move in moves:
        match move:
            case ("redeem", int(shop), int(amount), Leg() as leg):
                books.redeem(day, shop, amount, leg)
            case ("void", int(pick), int(part), _):
                books.void(day, pick, part)
            case ("return", int(pick), _, _):
                books.give_back(pick)
            case ("change", int(shop), MerchantStatus() as status, bool(payable)):
                account = ACCOUNT if payable else None
                books.payees[shop] = Payee(merchant=shop, status=status, account=account)


def _due(books: Books, day: int, legs: frozenset[Leg]) -> set[str]:
    return {
        entry.key
        for entry in books.entries.values()
        if entry.key not in books.standing and entry.ready <= day and entry.leg in legs
    }


@given(_DAYS)
def test_every_due_entry_is_in_exactly_one_line_and_every_satang_is_somewhere(days: list) -> None:  # type: ignore[type-arg]
    books = Books()
    for offset, (moves, legs, minimum) in enumerate(days):
        day = FIRST + offset
        _play(books, moves, day)
        if not CALENDAR.is_open(day):
            continue
        due = _due(books, day, legs)
        made = books.close(day, legs, minimum)
        placed = [entry.key for line in made.lines for entry in line.entries]
        assert len(placed) == len(set(placed)) and set(placed) == due
        assert all(line.amount == sum(e.amount for e in line.entries) for line in made.lines)
        assert all(line.amount > 0 and line.amount >= minimum for line in made.paid)
        open_now = sum(e.amount for e in books.entries.values() if e.key not in books.standing)
        assert books.kept() + open_now == sum(e.amount for e in books.entries.values())
    _drain(books, FIRST + len(days))


def _drain(books: Books, day: int) -> None:
    """Once everybody can be paid, only debts and what came to nothing are left."""
    for shop in SHOPS:
        books.payees[shop] = Payee(merchant=shop, status=MerchantStatus.ACTIVE, account=ACCOUNT)
    last = CALENDAR.after(max([day, *(e.ready for e in books.entries.values())]), 1)
    made = books.close(last, BOTH, 0)
    assert {line.reason for line in made.carried} <= {Reason.IN_DEBT, Reason.VOIDED_AFTER}
    for shop in SHOPS:
        owed = sum(e.amount for e in books.entries.values() if e.merchant == shop)
        paid = sum(
            line.amount
            for each in books.rounds
            for line in each.paid
            if line.merchant == shop and (each.number, shop) not in books.returned
        )
        debt = next((x.amount for x in made.carried if x.merchant == shop), 0)
        assert paid + debt == owed


@given(_DAYS)
def test_a_round_is_a_function_of_its_entries_and_not_of_their_order(days: list) -> None:  # type: ignore[type-arg]
    books = Books()
    for offset, (moves, _, _) in enumerate(days):
        _play(books, [move for move in moves if move[0] != "return"], FIRST + offset)
    day = CALENDAR.after(FIRST + len(days), 1)
    entries = list(books.entries.values())
    one = make_round(1, day, BOTH, entries, books.payees, CALENDAR, minimum=0)
    other = make_round(1, day, BOTH, reversed(entries), books.payees, CALENDAR, minimum=0)
    assert one == other and one.hash == other.hash
    for line in one.lines:
        assert isinstance(line, Line) and sum(line.campaigns.values()) == line.amount
