"""Signatures: any bytes give an address or SignatureInvalid, and a twin is nobody's."""

from __future__ import annotations

import contextlib

import pytest
from eth_account import Account
from eth_keys.datatypes import PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.signatures import HALF_ORDER, ORDER, address_of, compact, recover, sign
from ledger.errors import SignatureInvalid
from tests.property.domain_city import words32

keys = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
edges = st.sampled_from([0, 1, HALF_ORDER, HALF_ORDER + 1, ORDER - 1, ORDER, 2**255, 2**256 - 1])


@given(keys, words32)
def test_what_a_key_signs_recovers_to_its_address_everywhere(key: bytes, digest: bytes) -> None:
    r, vs = sign(digest, key)
    s = int.from_bytes(vs, "big") & (2**255 - 1)
    assert s <= HALF_ORDER
    assert recover(digest, r, vs) == address_of(key) == Account.from_key(key).address
    theirs = PrivateKey(key).sign_msg_hash(digest)
    assert compact(theirs.to_bytes()) == (r, vs)


@given(keys, words32)
def test_every_spelling_of_a_signature_is_one_and_every_twin_is_refused(
    key: bytes, digest: bytes
) -> None:
    r, vs = sign(digest, key)
    s, parity = int.from_bytes(vs, "big") & (2**255 - 1), vs[0] >> 7
    for v in (parity, 27 + parity):
        assert compact(r + s.to_bytes(32, "big") + bytes([v])) == (r, vs)
    assert compact(r + vs) == (r, vs)
    for v in (1 - parity, 28 - parity):
        with pytest.raises(SignatureInvalid):
            compact(r + (ORDER - s).to_bytes(32, "big") + bytes([v]))


@given(st.binary(max_size=70), words32)
def test_any_bytes_are_a_signature_or_refused(raw: bytes, digest: bytes) -> None:
    with contextlib.suppress(SignatureInvalid):
        assert recover(digest, *compact(raw)).startswith("0x")


@given(
    words32,
    edges.map(lambda number: number.to_bytes(32, "big")) | words32 | st.binary(max_size=40),
    edges.map(lambda number: number.to_bytes(32, "big")) | words32 | st.binary(max_size=40),
)
def test_recovery_never_raises_anything_else_and_never_gives_zero(
    digest: bytes, r: bytes, vs: bytes
) -> None:
    with contextlib.suppress(SignatureInvalid):
        assert int(recover(digest, r, vs), 16) != 0


@given(keys, words32, st.integers(0, 511))
def test_a_changed_bit_never_recovers_to_the_same_signer(
    key: bytes, digest: bytes, bit: int
) -> None:
    r, vs = sign(digest, key)
    changed = (int.from_bytes(r + vs, "big") ^ 1 << bit).to_bytes(64, "big")
    with contextlib.suppress(SignatureInvalid):
        assert recover(digest, changed[:32], changed[32:]) != address_of(key)
