"""A holder, a shop and a sequencer as a wallet meets them, told by a teller."""

import json
from pathlib import Path
from typing import Any

from ledger.domain.signatures import sign
from ledger.domain.typed_data import deployment_tag, domain_separator, receipt_digest
from ledger.qr.codec import ChargeCode, ReceiptCode, encode
from tests.unit.cli_teller import BOOK, Teller, ended
from wallet_cli.exit_codes import ExitCode

CHAIN_ID = 31337
SEPARATOR = domain_separator(CHAIN_ID, BOOK)
TAG = deployment_tag(SEPARATOR)
ORIGIN = "HTTPS://MAEHIA.EXAMPLE"
STARTS = 1_761_692_400
NOON = 1_761_714_007
HOLDER = b"\x11" * 32
SEQUENCER = b"\x22" * 32
PASSWORD = "correct horse"


def coupon(campaign: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "name": {"th": "มื้อกลางวัน", "en": "Lunch"},
        "policy_hash": "0x" + "11" * 32,
        "starts": STARTS,
        "ends": STARTS + 86_400 * 60,
        "first_use_by": 0,
        "share_basis_points": 5_000,
        "allowance": "200000",
        "spent": "0",
        "left": "200000",
        "left_now": "20000",
        "last_signed_at": 0,
        "refusal": None,
        **other,
    }


def holds(teller: Teller, *coupons: dict[str, Any]) -> None:
    body = {"pass": 7, "now": NOON, "items": list(coupons)}
    teller.answers["/v1/me/coupons"] = (200, json.dumps(body).encode())


def knows_shop(teller: Teller, number: int = 3, **other: Any) -> None:
    shop = {"merchant": number, "name_th": "ข้าวซอยคุณยาย", "name_en": "Khao Soi Khun Yai"}
    shop |= {"status": "active", "payout": BOOK, "category": "restaurant", "district": 7}
    teller.answers[f"/v1/merchants/{number}"] = (200, json.dumps(shop | other).encode())


def quotes(teller: Teller, **other: Any) -> None:
    quote = {"campaign": 1, "merchant": 3, "bill": "12000", "amount": "6000", "copay": "0"}
    quote |= {"cash": "6000", "signed_at": STARTS + 15, "verdict": {"refusal": None}}
    teller.answers["/v1/redemptions/quote"] = (200, json.dumps(quote | other).encode())


def takes(teller: Teller, key: bytes = SEQUENCER, **other: int) -> None:
    """The server accepts, with a receipt signed by `key`."""
    figures = {"campaign": 1, "merchant": 3, "bill": 12_000, "amount": 6_000, "copay": 0}
    figures |= {"signed_at": STARTS + 15, "accepted_at": NOON, "pass_number": 7} | other
    policy = b"\x11" * 32
    r, vs = sign(receipt_digest(SEPARATOR, policy=policy, **figures), key)
    qr = encode(ReceiptCode(policy=policy, r=r, vs=vs, **figures), ORIGIN, TAG)
    said = {"id": "rdm_x", "status": "accepted", "receipt": {"qr": qr}, "voided": "0"}
    said |= {"bill": "12000", "amount": "6000", "copay": "0", "merchant": 3, "signed_at": NOON}
    teller.answers["/v1/redemptions"] = (201, json.dumps(said).encode())


def charge(bill: int = 12_000, *, tag: bytes = TAG, merchant: int = 3) -> str:
    return encode(ChargeCode(merchant=merchant, bill=bill, reference=b"12345678"), ORIGIN, tag)


def wallet(teller: Teller, secrets: Path, *arguments: str) -> tuple[ExitCode, str, str]:
    return ended(
        [
            "wallet", *arguments, "--api", teller.url,
            "--keyfile", str(secrets / "holder.json"),
            "--password-file", str(secrets / "password"),
        ]
    )  # fmt: skip


def asked_for(teller: Teller, path: str) -> list[bytes]:
    return [body for _, where, _, body in teller.asked if where == path]
