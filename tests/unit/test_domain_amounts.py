"""Amounts as people type them, and dates as people read them."""

from __future__ import annotations

import pytest

from ledger.domain.amounts import (
    SATANG_MAX,
    SUM_MAX,
    brief_baht,
    format_baht,
    parse_baht,
    parse_satang,
    thai_digits,
)
from ledger.domain.ids import check_id, make_id
from ledger.errors import AmountInvalid, InputInvalid


@pytest.mark.parametrize(
    ("text", "satang"),
    [
        ("0", 0), ("0.01", 1), ("1", 100), ("1.5", 150), ("1.50", 150), ("40", 4_000),
        ("1,234.50", 123_450), ("1234.50", 123_450), ("12,345,678", 1_234_567_800),
        ("๑,๒๓๔.๕๐", 123_450), ("１，２３４．５０", 123_450), ("๑๒3", 12_300), (" 40 ", 4_000),
        ("42,949,672.95", SATANG_MAX),
    ],
)  # fmt: skip
def test_an_amount_of_baht_is_read(text: str, satang: int) -> None:
    assert parse_baht(text) == satang


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-1", "+1", "−1", "1.234", "1.", ".5", "1,5", "1,23,456", "12,34", "01", "00.5",
        ",123", "1,234,", "1e3", "1 000", "1\x00", "\x0040", "40 บาท", "฿40", "NaN", "inf", "0x10",
        "42949672.96", "99999999999999999999", "1" * 5_000, "²", "①", "٣", "१", "1/2", "1_000",
        "1\u202e2", "1\n2", "1.5.5", "1,234.5,0",
    ],
)  # fmt: skip
def test_a_text_that_two_people_could_read_differently_is_refused(text: str) -> None:
    with pytest.raises(AmountInvalid):
        parse_baht(text)


def test_a_budget_may_be_larger_than_any_bill() -> None:
    assert parse_baht("1,000,000,000", SUM_MAX) == 100_000_000_000
    with pytest.raises(AmountInvalid):
        parse_baht("92,233,720,368,547,758.08", SUM_MAX)


@pytest.mark.parametrize("value", [1.5, 12, True, None, b"12", ["1"]])
def test_a_float_or_anything_else_is_no_amount(value: object) -> None:
    with pytest.raises(AmountInvalid):
        parse_baht(value)
    with pytest.raises(AmountInvalid):
        parse_satang(value)


@pytest.mark.parametrize("text", ["", "-1", "+1", "01", "1.0", " 1", "๑", "4294967296", "1" * 99])
def test_satang_in_json_have_one_spelling(text: str) -> None:
    with pytest.raises(AmountInvalid):
        parse_satang(text)
    assert parse_satang("4294967295") == SATANG_MAX


def test_amounts_are_written_with_commas_and_two_decimals() -> None:
    assert format_baht(123_450) == "1,234.50"
    assert format_baht(-5) == "-0.05"
    assert brief_baht(18_000) == "180"
    assert brief_baht(18_050) == "180.50"
    assert thai_digits("1,234.50 บาท") == "๑,๒๓๔.๕๐ บาท"


def test_an_id_says_what_it_is_and_nothing_else_does() -> None:
    made = make_id("int", bytes(range(15)))
    assert made == "int_aaaqeayeaudaocajbifqydio"
    assert check_id("int", made) == made
    for wrong in ("rdm" + made[3:], made.upper(), made[:-1], made + "a", "int_" + "1" * 24, "\x00"):
        with pytest.raises(InputInvalid):
            check_id("int", wrong)
