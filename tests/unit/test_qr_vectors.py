"""tests/vectors/qr.json, read by our codec and checked by libraries that are not ours."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from ledger.errors import QrInvalid
from ledger.qr.codec import ChargeCode, PaperCode, PresentCode, ReceiptCode, decode
from ledger.qr.emvco import decode_charge
from ledger.qr.paper import key_of
from tests.vectors import build_qr

VECTORS: Final[dict[str, Any]] = json.loads(build_qr.PATH.read_text(encoding="utf-8"))
TAG: Final = bytes.fromhex(VECTORS["domain"]["tag"][2:])


def _raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def test_the_committed_vectors_are_what_the_codec_writes_today() -> None:
    assert build_qr.build() == VECTORS


def test_the_tag_is_the_head_of_the_hash_of_the_domain_separator() -> None:
    assert keccak(_raw(VECTORS["domain"]["separator"]))[:4] == TAG


@pytest.mark.parametrize("vector", VECTORS["present"])
def test_a_present_code_reads_back_and_its_signature_is_the_holders(vector: dict[str, Any]) -> None:
    scanned = decode(vector["text"])
    assert (scanned.origin, scanned.tag) == (VECTORS["domain"]["origin"], TAG)
    code = scanned.code
    assert isinstance(code, PresentCode)
    for name in ("campaign", "bill", "amount", "copay", "signed_at"):
        assert getattr(code, name) == vector[name]
    assert (code.r, code.vs) == (_raw(vector["r"]), _raw(vector["vs"]))
    assert _signer(_raw(vector["digest"]), code.r, code.vs) == vector["holder"]


@pytest.mark.parametrize("vector", VECTORS["charge"])
def test_a_charge_says_the_same_as_url_and_as_tlv(vector: dict[str, Any]) -> None:
    expected = ChargeCode(
        merchant=vector["merchant"], bill=vector["bill"], reference=_raw(vector["reference"])
    )
    assert decode(vector["text"]).code == expected
    charge = decode_charge(vector["emvco"])
    assert (charge.code, charge.tag) == (expected, TAG)
    assert (charge.shop, charge.city) == (vector["shop"], vector["city"])


@pytest.mark.parametrize("vector", VECTORS["paper"])
def test_a_paper_seed_gives_the_stated_key_and_address(vector: dict[str, Any]) -> None:
    code = decode(vector["text"]).code
    assert code == PaperCode(pin_needed=vector["pin_needed"], seed=_raw(vector["seed"]))
    assert isinstance(code, PaperCode)
    key = key_of(code, vector["pin"])
    assert key == keccak(b"nakhon paper 1" + code.seed + vector["pin"].encode())
    assert key == _raw(vector["key"])
    assert Account.from_key(key).address == vector["address"]


@pytest.mark.parametrize("vector", VECTORS["receipt"])
def test_a_receipt_is_enough_to_find_its_signer(vector: dict[str, Any]) -> None:
    code = decode(vector["text"]).code
    assert isinstance(code, ReceiptCode)
    for name in ("campaign", "pass_number", "merchant", "bill", "amount", "copay"):
        assert getattr(code, name) == vector[name]
    assert (code.signed_at, code.accepted_at) == (vector["signed_at"], vector["accepted_at"])
    assert code.policy == _raw(vector["policy"])
    assert _signer(_raw(vector["digest"]), code.r, code.vs) == vector["sequencer"]


@pytest.mark.parametrize("vector", VECTORS["refused"])
def test_a_slip_in_the_text_is_refused_by_its_name(vector: dict[str, Any]) -> None:
    with pytest.raises(QrInvalid) as refused:
        decode(vector["text"])
    assert refused.value.details["reason"] == vector["reason"]


def _signer(digest: bytes, r: bytes, vs: bytes) -> str:
    s = int.from_bytes(vs, "big")
    parity, s = s >> 255, s & (2**255 - 1)
    signature = r + s.to_bytes(32, "big") + bytes([27 + parity])
    # The digest itself was signed; eth_account calls that unsafe because it cannot see into it.
    return str(Account._recover_hash(digest, signature=signature))
