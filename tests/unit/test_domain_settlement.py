"""Calendars and rounds, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from ledger.domain.business_days import (
    BusinessDays,
    date_of,
    day_of,
    read_calendar,
    thai_calendar,
)
from ledger.domain.merchants import MerchantStatus
from ledger.domain.payments import BankAccount
from ledger.domain.settlement import (
    PLATFORM_LAG_DAYS,
    Entry,
    Leg,
    Payee,
    Reason,
    Round,
    make_round,
    ready_day,
    void_ready_day,
)
from ledger.errors import InputInvalid, WrongState
from ledger.services.settle import due_day

CALENDAR = thai_calendar()
WEDNESDAY = day_of(date(2025, 10, 29))
ACCOUNT = BankAccount(bank="006", number="1234567890", name="ร้าน")
SHOP = Payee(merchant=1, status=MerchantStatus.ACTIVE, account=ACCOUNT)


def entry(name: str, amount: int, **changes: Any) -> Entry:
    """An entry of pass "a", "b", …; a negative amount is a void of it."""
    plain = Entry(
        campaign=1,
        pass_number=1 + "abc".index(name),
        step=1,
        leg=Leg.CITY,
        voided_at=int(amount < 0),
        merchant=1,
        amount=amount,
        day=WEDNESDAY,
        ready=WEDNESDAY + 1,
    )
    return replace(plain, **changes)


def close(*entries: Entry, payee: Payee = SHOP, minimum: int = 0, **more: Any) -> Round:
    day, legs = more.get("day", WEDNESDAY + 1), more.get("legs", frozenset(Leg))
    return make_round(1, day, legs, entries, {1: payee}, CALENDAR, minimum=minimum)


@pytest.mark.parametrize(
    ("taken", "lag", "paid"),
    [
        ((2025, 10, 29), 1, (2025, 10, 30)),
        ((2025, 10, 31), 1, (2025, 11, 3)),  # a Friday
        ((2025, 11, 1), 1, (2025, 11, 3)),  # a Saturday
        ((2025, 10, 10), 1, (2025, 10, 14)),  # a Friday before King Bhumibol Memorial Day
        ((2025, 4, 11), 1, (2025, 4, 17)),  # Songkran, with its day in lieu
        ((2025, 12, 30), 1, (2026, 1, 5)),  # new year, with the day between
        ((2025, 10, 29), PLATFORM_LAG_DAYS, (2025, 11, 3)),
    ],
)
def test_a_shop_is_paid_on_the_next_day_that_banks_work(
    taken: tuple[int, int, int], lag: int, paid: tuple[int, int, int]
) -> None:
    assert date_of(ready_day(CALENDAR, day_of(date(*taken)), lag)) == date(*paid)


@pytest.mark.parametrize(
    ("taken", "due"),
    [
        ("2025-10-29T12:00:00+07:00", date(2025, 10, 30)),
        ("2025-10-31T23:59:59+07:00", date(2025, 11, 3)),  # the last second of a Friday in Bangkok
        ("2025-12-04T00:00:00+07:00", date(2025, 12, 8)),  # Father's Day, then a weekend
        ("2027-12-31T12:00:00+07:00", None),  # no list of holidays for what comes after
    ],
)
def test_a_till_is_told_the_day_of_payment_or_that_no_day_is_known(
    taken: str, due: date | None
) -> None:
    found = due_day(int(datetime.fromisoformat(taken).timestamp()))
    assert (None if found is None else date_of(found)) == due


def test_a_year_without_a_list_of_holidays_is_refused_and_never_read_as_one_without_any() -> None:
    with pytest.raises(InputInvalid, match="outside its years"):
        CALENDAR.is_open(day_of(date(2028, 1, 4)))


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"first_year": 2025, "last_year": 2025, "days": []}',
        '{"first_year": 2025, "last_year": 2025, "days": [{"date": "2026-01-01"}]}',
        '{"first_year": 2025, "last_year": 2025, "days": [{"date": "1 Jan"}]}',
    ],
)
def test_a_holiday_file_that_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(InputInvalid):
        read_calendar(text)


def test_no_round_is_made_on_a_day_that_banks_do_not_work() -> None:
    with pytest.raises(WrongState):
        close(day=day_of(date(2025, 11, 1)))


def test_what_is_not_ready_yet_is_in_no_line() -> None:
    assert close(entry("a", 500), day=WEDNESDAY).lines == ()
    assert close(entry("a", 500)).total == 500


def test_the_two_legs_are_paid_in_rounds_of_their_own() -> None:
    both = (entry("a", 500), entry("b", 300, leg=Leg.COPAY))
    assert close(*both, legs=frozenset({Leg.COPAY})).total == 300
    assert close(*both, legs=frozenset({Leg.CITY})).total == 500


@pytest.mark.parametrize(
    ("payee", "amount", "reason"),
    [
        (replace(SHOP, status=MerchantStatus.SUSPENDED), 500, Reason.SUSPENDED),
        (replace(SHOP, account=None), 500, Reason.BANK_DETAILS_MISSING),
        (SHOP, 99, Reason.BELOW_MINIMUM),
        (SHOP, 100, None),
        (replace(SHOP, status=MerchantStatus.CLOSED), 500, None),
    ],
)
def test_a_line_is_carried_for_the_first_reason_that_applies(
    payee: Payee, amount: int, reason: Reason | None
) -> None:
    (line,) = close(entry("a", amount), payee=payee, minimum=100).lines
    assert line.reason is reason and line.amount == amount


def test_a_void_after_payment_nets_in_the_next_round_or_leaves_a_debt_that_is_carried() -> None:
    void = entry("a", -500)
    (debt,) = close(void).lines
    assert (debt.reason, debt.amount) == (Reason.IN_DEBT, -500)
    (nothing,) = close(void, entry("b", 500)).lines
    assert nothing.reason is Reason.VOIDED_AFTER
    assert close(void, entry("b", 700)).total == 200


def test_a_void_is_netted_at_once_but_never_before_its_redemption() -> None:
    assert void_ready_day(WEDNESDAY, WEDNESDAY + 1) == WEDNESDAY + 1
    assert void_ready_day(WEDNESDAY + 5, WEDNESDAY + 1) == WEDNESDAY + 5


def test_what_a_second_person_approves_is_every_entry_and_every_satang() -> None:
    plain = close(entry("a", 500), entry("b", 300))
    others = [
        close(entry("a", 501), entry("b", 299)),
        close(entry("a", 500), entry("c", 300)),
        close(entry("a", 500), entry("b", 300), minimum=1),
        close(entry("a", 500), entry("b", 300), payee=replace(SHOP, account=None)),
    ]
    assert len({plain.hash, *(other.hash for other in others)}) == 5


def test_a_calendar_of_ones_own_is_data() -> None:
    market = BusinessDays(first_year=2025, last_year=2025, holidays=frozenset({WEDNESDAY + 1}))
    assert market.after(WEDNESDAY, 1) == WEDNESDAY + 2


def test_another_account_is_another_round_to_whoever_approves_it() -> None:
    thief = replace(ACCOUNT, number="9999999999")
    honest = close(entry("a", 500))
    assert close(entry("a", 500), payee=replace(SHOP, account=thief)).hash != honest.hash
    (line,) = honest.paid
    assert line.account == ACCOUNT
    (carried,) = close(entry("a", 500), minimum=501).carried
    assert carried.account is None
