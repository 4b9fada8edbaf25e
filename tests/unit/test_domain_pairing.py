"""Pairing codes: one alphabet nobody misreads, one spelling, and a state for every moment."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.pairing import (
    ALPHABET,
    CODE_LETTERS,
    CODES,
    GUESSES_MAX,
    Device,
    DeviceState,
    code_hash,
    make_code,
    read_code,
    spaced,
)
from ledger.errors import InputInvalid

WAITING = Device(
    id="dev_1", merchant=3, branch="front", cashier="Fon", bill_max=1, day_max=1,
    created_at=1_000, expires_at=1_300,
)  # fmt: skip


def test_the_alphabet_leaves_out_what_is_misread() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 30
    assert set(ALPHABET).isdisjoint("0O1ILU")


@given(st.integers(0, CODES - 1))
def test_every_code_reads_back_however_it_is_typed(chance: int) -> None:
    code = make_code(chance)
    assert len(code) == CODE_LETTERS
    for typed in (code, code.lower(), spaced(code), f" {code[:3]} {code[3:]} "):
        assert read_code(typed) == code


@given(st.integers(0, CODES - 1), st.integers(0, CODES - 1))
def test_two_numbers_never_make_one_code(one: int, other: int) -> None:
    assert (make_code(one) == make_code(other)) == (one == other)


@given(st.text())
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        code = read_code(text)
    except InputInvalid:
        return
    assert read_code(code) == code


def test_a_code_is_bound_to_its_shop() -> None:
    assert code_hash(1, "23456789") != code_hash(2, "23456789")
    assert code_hash(11, "23456789") != code_hash(1, "123456789")


@pytest.mark.parametrize(
    ("changes", "now", "state"),
    [
        ({}, 1_299, DeviceState.WAITING),
        ({}, 1_300, DeviceState.EXPIRED),
        ({"guesses": GUESSES_MAX - 1}, 1_299, DeviceState.WAITING),
        ({"guesses": GUESSES_MAX}, 1_299, DeviceState.LOCKED),
        ({"guesses": GUESSES_MAX}, 9_999, DeviceState.LOCKED),
        ({"address": "0x1", "claimed_at": 1_100}, 9_999, DeviceState.PAIRED),
        ({"address": "0x1", "guesses": GUESSES_MAX}, 9_999, DeviceState.PAIRED),
        ({"address": "0x1", "revoked_at": 1_200}, 1_250, DeviceState.REVOKED),
        ({"revoked_at": 1_200}, 1_250, DeviceState.REVOKED),
    ],
)
def test_a_device_stands_where_its_times_say(
    changes: dict[str, object], now: int, state: DeviceState
) -> None:
    assert replace(WAITING, **changes).state(now) is state  # type: ignore[arg-type]
