"""Paper coupons: one key for a seed and its PIN, the same in every language."""

from __future__ import annotations

import pytest

from ledger.domain.hashing import keccak
from ledger.domain.signatures import ORDER, address_of
from ledger.errors import QrInvalid
from ledger.qr.codec import PaperCode
from ledger.qr.paper import derive_key, first_key, key_of

SEED = bytes(range(16))


def test_the_pin_changes_the_key() -> None:
    keys = {derive_key(SEED, pin) for pin in ("", "0000", "00000", "1234")}
    assert len(keys) == 4
    assert len({address_of(key) for key in keys}) == 4


@pytest.mark.parametrize("candidate", [bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32])
def test_a_hash_that_is_no_key_is_hashed_again(candidate: bytes) -> None:
    assert first_key(candidate) == keccak(candidate)


@pytest.mark.parametrize("candidate", [(1).to_bytes(32, "big"), (ORDER - 1).to_bytes(32, "big")])
def test_the_first_and_the_last_key_are_keys(candidate: bytes) -> None:
    assert first_key(candidate) == candidate


@pytest.mark.parametrize(
    "pin", ["123", "1" * 13, "๑๒๓๔", "１２３４", "12a4", " 1234", "1234\0", "²²²²"]
)
def test_a_pin_that_is_not_ascii_digits_is_refused(pin: str) -> None:
    with pytest.raises(QrInvalid) as refused:
        derive_key(SEED, pin)
    assert refused.value.details["reason"] == "qr_pin_invalid"
    assert pin not in str(refused.value.details), "a PIN never reaches a log line"


def test_a_sheet_that_needs_a_pin_gives_no_key_without_it() -> None:
    with pytest.raises(QrInvalid) as refused:
        key_of(PaperCode(pin_needed=True, seed=SEED))
    assert refused.value.details["reason"] == "qr_pin_needed"


def test_a_pin_for_a_sheet_without_one_is_refused_rather_than_giving_an_empty_key() -> None:
    with pytest.raises(QrInvalid) as refused:
        key_of(PaperCode(pin_needed=False, seed=SEED), "1234")
    assert refused.value.details["reason"] == "qr_pin_unexpected"


def test_a_seed_has_sixteen_bytes() -> None:
    with pytest.raises(QrInvalid):
        derive_key(SEED[:15])


def test_neither_seed_nor_pin_stands_in_an_error() -> None:
    with pytest.raises(QrInvalid) as refused:
        derive_key(b"a secret seed", "1234")
    assert "secret" not in str(refused.value)
