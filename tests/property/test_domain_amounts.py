"""Amounts survive every way people write them."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.amounts import (
    SATANG_MAX,
    brief_baht,
    format_baht,
    parse_baht,
    parse_satang,
    thai_digits,
)
from ledger.domain.campaign import returned_shares
from ledger.domain.verdict import copay_returned, share_of
from ledger.errors import AmountInvalid

satang = st.integers(0, SATANG_MAX)
_FULL_WIDTH = str.maketrans("0123456789,.", "０１２３４５６７８９，．")


@given(satang)
def test_an_amount_reads_back_in_ascii_thai_and_full_width(amount: int) -> None:
    written = format_baht(amount)
    for text in (written, brief_baht(amount), written.replace(",", ""), f" {written}\u00a0"):
        assert parse_baht(text) == amount
        assert parse_baht(thai_digits(text)) == amount
        assert parse_baht(text.translate(_FULL_WIDTH)) == amount


@given(st.text() | st.text(alphabet="0123456789,.๐๑๙ -+e\x00"))
def test_any_text_is_an_amount_in_range_or_refused(text: str) -> None:
    with contextlib.suppress(AmountInvalid):
        assert 0 <= parse_baht(text) <= SATANG_MAX


@given(st.floats() | st.integers() | st.none() | st.binary() | st.booleans())
def test_nothing_but_a_text_is_an_amount(value: object) -> None:
    for read in (parse_baht, parse_satang):
        with contextlib.suppress(AmountInvalid):
            read(value)
            raise AssertionError("read")


@given(satang)
def test_satang_have_one_spelling_in_json(amount: int) -> None:
    assert parse_satang(str(amount)) == amount


@given(st.text(alphabet="0123456789๑ +-.", max_size=14))
def test_any_text_is_satang_in_its_one_spelling_or_refused(text: str) -> None:
    with contextlib.suppress(AmountInvalid):
        assert str(parse_satang(text)) == text


@given(st.integers(0, 2**32 - 1), st.integers(1, 10_000))
def test_the_share_is_the_least_whole_amount_not_below_the_exact_one(bill: int, share: int) -> None:
    amount = share_of(bill, share)
    assert amount * 10_000 >= bill * share > (amount - 1) * 10_000
    assert amount <= bill
    # The contract's form of the same rule.
    assert amount * 10_000 <= bill * share + 9_999 < (amount + 1) * 10_000


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 10_000), min_size=1, max_size=8),
    st.integers(0, 5_000),
)
def test_partial_voids_return_the_whole_copay_once(copay: int, parts: list[int], rest: int) -> None:
    amount = sum(parts) + rest
    returned = before = 0
    for part in parts:
        back = copay_returned(copay, amount, before, part)
        assert back >= 0
        before, returned = before + part, returned + back
        assert returned == -(-copay * before // amount)
    assert returned + copay_returned(copay, amount, before, amount - before) == copay


@given(st.lists(st.integers(1, 2**90), min_size=1, max_size=12), st.data())
def test_what_is_swept_is_all_of_what_was_unspent(given_: list[int], data: st.DataObject) -> None:
    unspent = data.draw(st.integers(0, sum(given_)))
    shares = returned_shares(unspent, given_)
    assert sum(shares) == unspent
    for amount, share in zip(given_, shares, strict=True):
        assert abs(share * sum(given_) - unspent * amount) < sum(given_)
        assert 0 <= share <= amount + 1
