"""Typed data and signatures against libraries that are not ours, and what happens without them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak as their_keccak

from ledger.domain import typed_data
from ledger.domain.hashing import ZERO_ADDRESS, address_bytes, checksum_address, keccak
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import address_of, compact, recover, sign
from ledger.errors import InputInvalid, SignatureInvalid

ROOT = Path(__file__).parents[2]
BOOK = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
KEY = keccak(b"a key for tests")
SEPARATOR = typed_data.domain_separator(31337, BOOK)
MESSAGE = SignedRedemption(
    campaign=2**32 - 1,
    merchant=0,
    bill=2**32 - 1,
    amount=2**24,
    copay=7,
    signed_at=2**40 - 1,
)
VOID: dict[str, Any] = {
    "campaign": 1, "pass_number": 2, "merchant": 3, "amount": 4, "signed_at": 5, "voided_at": 6,
}  # fmt: skip
RECEIPT: dict[str, Any] = {
    "campaign": 1, "pass_number": 2, "merchant": 3, "bill": 4, "amount": 5, "copay": 6,
    "signed_at": 7, "accepted_at": 8, "policy": b"\x09" * 32,
}  # fmt: skip
REQUEST: dict[str, Any] = {
    "method": "POST", "path": "/v1/redemptions?ก=1", "body": b"\x00{}", "signed_at": 9,
}  # fmt: skip


def their_digest(document: dict[str, Any]) -> bytes:
    signable = encode_typed_data(full_message=document)
    return their_keccak(b"\x19" + signable.version + signable.header + signable.body)


@pytest.mark.parametrize(
    ("ours", "document"),
    [
        (typed_data.redemption_digest(SEPARATOR, MESSAGE),
         typed_data.redemption_typed_data(31337, BOOK, MESSAGE)),
        (typed_data.void_digest(SEPARATOR, **VOID),
         typed_data.void_typed_data(31337, BOOK, **VOID)),
        (typed_data.receipt_digest(SEPARATOR, **RECEIPT),
         typed_data.receipt_typed_data(31337, BOOK, **RECEIPT)),
        (typed_data.request_digest(SEPARATOR, **REQUEST),
         typed_data.request_typed_data(31337, BOOK, **REQUEST)),
    ],
    ids=["redemption", "void", "receipt", "request"],
)  # fmt: skip
def test_the_packed_digest_is_the_digest_of_eth_account(
    ours: bytes, document: dict[str, Any]
) -> None:
    assert ours == their_digest(document)
    theirs = Account.sign_typed_data(KEY, full_message=document)
    r, vs = compact(bytes(theirs.signature))
    assert recover(ours, r, vs) == address_of(KEY) == Account.from_key(KEY).address
    assert sign(ours, KEY) == (r, vs), "both are deterministic (RFC 6979)"


def test_another_chain_or_another_book_has_another_domain() -> None:
    other_book = "0x" + "11" * 20
    separators = {
        typed_data.domain_separator(31337, BOOK),
        typed_data.domain_separator(1, BOOK),
        typed_data.domain_separator(31337, other_book),
    }
    assert len(separators) == 3
    assert len({typed_data.deployment_tag(one) for one in separators}) == 3


def test_keccak_is_the_evms_and_not_nists() -> None:
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_addresses_are_written_with_their_checksum_and_read_in_any_case() -> None:
    for known in (BOOK, "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", ZERO_ADDRESS):
        assert checksum_address(address_bytes(known.lower())) == known
    for wrong in (
        "",
        "0x",
        BOOK[2:],
        BOOK + "0",
        "0x" + "g" * 40,
        "0x" + " 1" * 20,
        "0X" + "0" * 40,
    ):
        with pytest.raises(InputInvalid):
            address_bytes(wrong)
    with pytest.raises(ValueError, match="20 bytes"):
        checksum_address(b"\x00" * 32)


@pytest.mark.parametrize(
    "raw",
    [b"", *(bytes(size) for size in (63, 64, 65, 66)), b"\xff" * 64, b"\x01" * 64 + b"\x05"],
)
def test_bytes_that_are_no_signature_are_refused(raw: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        compact(raw)


def test_recovery_refuses_wrong_lengths_zero_and_points_off_the_curve() -> None:
    good = sign(bytes(32), KEY)
    for digest, r, vs in (
        (bytes(31), *good),
        (bytes(32), good[0][1:], good[1]),
        (bytes(32), good[0], good[1] + b"\x00"),
        (bytes(32), bytes(32), good[1]),
        (bytes(32), good[0], bytes(32)),
        (bytes(32), (5).to_bytes(32, "big"), good[1]),
    ):
        with pytest.raises(SignatureInvalid):
            recover(digest, r, vs)


@pytest.mark.parametrize(
    ("hidden", "imported", "tool"),
    [
        ("coincurve", "ledger.domain.signatures", "coincurve"),
        ("sha3", "ledger.domain.hashing", "safe-pysha3"),
        ("sha3", "ledger.domain.signatures", "safe-pysha3"),
    ],
)
def test_a_process_without_its_compiled_library_refuses_to_start(
    hidden: str, imported: str, tool: str
) -> None:
    script = (
        "import sys\n"
        f"sys.modules[{hidden!r}] = None\n"
        "from ledger.errors import ToolMissing\n"
        "try:\n"
        f"    import {imported}\n"
        "except ToolMissing as missing:\n"
        "    print(missing.details['tool'])\n"
        "    raise SystemExit(3)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stdout.strip()) == (3, tool), ran.stderr
