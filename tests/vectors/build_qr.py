"""Write tests/vectors/qr.json: `python -m tests.vectors.build_qr`. A test compares the two.

Keys are hashes of sentences, so that anybody can make them again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from ledger.domain.hashing import keccak
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import address_of, sign
from ledger.domain.typed_data import (
    deployment_tag,
    domain_separator,
    receipt_digest,
    redemption_digest,
)
from ledger.qr.codec import ChargeCode, Code, PaperCode, PresentCode, ReceiptCode, encode
from ledger.qr.emvco import encode_charge
from ledger.qr.paper import derive_key

PATH: Final = Path(__file__).with_name("qr.json")
CHAIN_ID: Final = 31337
BOOK: Final = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
ORIGIN: Final = "HTTPS://MAEHIA.EXAMPLE"
SEPARATOR: Final = domain_separator(CHAIN_ID, BOOK)
TAG: Final = deployment_tag(SEPARATOR)
HOLDER: Final = keccak(b"a holder of the QR vectors")
SEQUENCER: Final = keccak(b"the sequencer of the QR vectors")


def build() -> dict[str, Any]:
    """Return every vector; the same each time."""
    return {
        "domain": {
            "chain_id": CHAIN_ID,
            "book": BOOK,
            "separator": _hex(SEPARATOR),
            "tag": _hex(TAG),
            "origin": ORIGIN,
        },
        "present": [
            _present(campaign=1, bill=12_500, amount=6_250, copay=0, signed_at=1_761_710_400),
            _present(campaign=7, bill=40_001, amount=20_000, copay=20_001, signed_at=1_761_710_415),
            _present(
                campaign=2**32 - 1,
                bill=2**32 - 1,
                amount=2**24 - 1,
                copay=2**32 - 1,
                signed_at=2**40 - 1,
            ),
        ],
        "charge": [
            _charge(1, 12_500, "0102030405060708", "KHAO SOI MAE HIA", "MAE HIA"),
            _charge(2, 0, "0000000000000000", "Stand of Aunt Noi", "MAE HIA"),
            _charge(2**32 - 1, 2**32 - 1, "ffffffffffffffff", "~" * 25, "Z" * 15),
        ],
        "paper": [
            _paper("000102030405060708090a0b0c0d0e0f", ""),
            _paper("000102030405060708090a0b0c0d0e0f", "1234"),
            _paper("ffffffffffffffffffffffffffffffff", "000000000000"),
        ],
        "receipt": [_receipt()],
        "refused": _refused(),
    }


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()


def _text(code: Code) -> str:
    return encode(code, ORIGIN, TAG)


def _present(
    *, campaign: int, bill: int, amount: int, copay: int, signed_at: int
) -> dict[str, Any]:
    figures = {
        "campaign": campaign,
        "bill": bill,
        "amount": amount,
        "copay": copay,
        "signed_at": signed_at,
    }
    digest = redemption_digest(SEPARATOR, SignedRedemption(merchant=0, **figures))
    r, vs = sign(digest, HOLDER)
    text = _text(PresentCode(**figures, r=r, vs=vs))
    return {
        **figures,
        "r": _hex(r),
        "vs": _hex(vs),
        "holder": address_of(HOLDER),
        "digest": _hex(digest),
        "text": text,
    }


def _charge(merchant: int, bill: int, reference: str, shop: str, city: str) -> dict[str, Any]:
    code = ChargeCode(merchant=merchant, bill=bill, reference=bytes.fromhex(reference))
    return {
        "merchant": merchant,
        "bill": bill,
        "reference": "0x" + reference,
        "shop": shop,
        "city": city,
        "text": _text(code),
        "emvco": encode_charge(code, TAG, shop=shop, city=city),
    }


def _paper(seed: str, pin: str) -> dict[str, Any]:
    key = derive_key(bytes.fromhex(seed), pin)
    return {
        "pin_needed": bool(pin),
        "seed": "0x" + seed,
        "pin": pin,
        "key": _hex(key),
        "address": address_of(key),
        "text": _text(PaperCode(pin_needed=bool(pin), seed=bytes.fromhex(seed))),
    }


def _receipt() -> dict[str, Any]:
    figures = {
        "campaign": 1,
        "pass_number": 321,
        "merchant": 12,
        "bill": 12_500,
        "amount": 6_250,
        "copay": 0,
        "signed_at": 1_761_710_400,
        "accepted_at": 1_761_710_403,
    }
    policy = keccak(b"the policy of the QR vectors")
    digest = receipt_digest(SEPARATOR, **figures, policy=policy)
    r, vs = sign(digest, SEQUENCER)
    return {
        **figures,
        "policy": _hex(policy),
        "r": _hex(r),
        "vs": _hex(vs),
        "sequencer": address_of(SEQUENCER),
        "digest": _hex(digest),
        "text": _text(ReceiptCode(**figures, policy=policy, r=r, vs=vs)),
    }


def _refused() -> list[dict[str, str]]:
    """Return texts one slip away from a good one, with the cause each reader must name."""
    seed = bytes(range(16))
    good = _text(PaperCode(pin_needed=False, seed=seed))
    head, _, body = good.rpartition("/")
    # 22 bytes leave four unused bits in the last character, and only zero is their spelling.
    twin = good[:-1] + chr(ord(good[-1]) + 1)
    return [
        {"text": "", "reason": "qr_not_ours"},
        {"text": "https://maehia.example", "reason": "qr_not_ours"},
        {"text": good.lower(), "reason": "qr_not_canonical"},
        {"text": good + "\n", "reason": "qr_not_canonical"},
        {"text": twin, "reason": "qr_not_canonical"},
        {"text": good + "A", "reason": "qr_not_canonical"},
        {"text": f"{head}/{body[:9]}I{body[10:]}", "reason": "qr_not_canonical"},
        {"text": good[:-2], "reason": "qr_truncated"},
        {"text": f"{head}/", "reason": "qr_truncated"},
        {"text": f"{head}/E{body[1:]}", "reason": "qr_version_unknown"},
        {"text": f"{head}/CA{body[2:]}", "reason": "qr_kind_unknown"},
        {"text": f"HTTPS://MAEHIA.EXAMPLE:443/Q/{body}", "reason": "qr_not_ours"},
        {"text": f"HTTP://MAEHIA.EXAMPLE/Q/{body}", "reason": "qr_not_ours"},
        {"text": good + "A" * 300, "reason": "qr_too_long"},
    ]


if __name__ == "__main__":
    PATH.write_text(json.dumps(build(), indent=1) + "\n", encoding="utf-8")
