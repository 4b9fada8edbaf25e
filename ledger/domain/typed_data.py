"""EIP-712: digests packed by hand for our own speed, and the JSON form for everybody's wallets.

A vector test proves both forms equal through an implementation that is not ours.
"""

from __future__ import annotations

import struct
from typing import Any, Final, Protocol

from ledger.domain.hashing import address_bytes, keccak

NAME: Final = "Nakhon"
VERSION: Final = "1"

REDEMPTION: Final = (
    "Redemption(uint32 campaign,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,"
    "uint40 signedAt)"
)
VOID: Final = (
    "Void(uint32 campaign,uint32 pass,uint32 merchant,uint32 amount,uint40 signedAt,"
    "uint40 voidedAt)"
)
RECEIPT: Final = (
    "Receipt(uint32 campaign,uint32 pass,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,"
    "uint40 signedAt,uint40 acceptedAt,bytes32 policy)"
)
REQUEST: Final = "Request(string method,string path,bytes32 body,uint40 signedAt)"
VERDICT: Final = "Verdict(bytes32 policy,bytes32 evidence,uint40 judgedAt,string code)"
MOVE: Final = "Move(uint32 pass,address from,address to,uint40 signedAt)"
DOMAIN: Final = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"

REDEMPTION_TYPEHASH: Final = keccak(REDEMPTION.encode())
VOID_TYPEHASH: Final = keccak(VOID.encode())
RECEIPT_TYPEHASH: Final = keccak(RECEIPT.encode())
REQUEST_TYPEHASH: Final = keccak(REQUEST.encode())
VERDICT_TYPEHASH: Final = keccak(VERDICT.encode())
MOVE_TYPEHASH: Final = keccak(MOVE.encode())
_DOMAIN_TYPEHASH: Final = keccak(DOMAIN.encode())
_NAME_HASH: Final = keccak(NAME.encode())
_VERSION_HASH: Final = keccak(VERSION.encode())

_SIX: Final = struct.Struct(">32s24xQ24xQ24xQ24xQ24xQ24xQ")
_EIGHT: Final = struct.Struct(">32s24xQ24xQ24xQ24xQ24xQ24xQ24xQ24xQ32s")


class RedemptionFields(Protocol):
    """Anything with the six fields of a Redemption."""

    @property
    def campaign(self) -> int: ...
    @property
    def merchant(self) -> int: ...
    @property
    def bill(self) -> int: ...
    @property
    def amount(self) -> int: ...
    @property
    def copay(self) -> int: ...
    @property
    def signed_at(self) -> int: ...


def domain_separator(chain_id: int, book: str) -> bytes:
    """Return the separator of one CouponBook on one chain: another city's signatures end here."""
    return keccak(
        _DOMAIN_TYPEHASH
        + _NAME_HASH
        + _VERSION_HASH
        + chain_id.to_bytes(32, "big")
        + address_bytes(book).rjust(32, b"\0")
    )


def deployment_tag(separator: bytes) -> bytes:
    """Return the four bytes that tell one deployment's QR codes from another's."""
    return keccak(separator)[:4]


def redemption_digest(separator: bytes, of: RedemptionFields) -> bytes:
    """Return the 32 bytes a holder signs."""
    return keccak(
        b"\x19\x01"
        + separator
        + keccak(
            _SIX.pack(
                REDEMPTION_TYPEHASH,
                of.campaign, of.merchant, of.bill, of.amount, of.copay, of.signed_at,
            )
        )
    )  # fmt: skip


def void_digest(
    separator: bytes,
    *,
    campaign: int,
    pass_number: int,
    merchant: int,
    amount: int,
    signed_at: int,
    voided_at: int,
) -> bytes:
    """Return the 32 bytes a merchant's payout key signs to undo a redemption, wholly or in part."""
    struct_hash = keccak(
        _SIX.pack(VOID_TYPEHASH, campaign, pass_number, merchant, amount, signed_at, voided_at)
    )
    return keccak(b"\x19\x01" + separator + struct_hash)


def receipt_digest(
    separator: bytes,
    *,
    campaign: int,
    pass_number: int,
    merchant: int,
    bill: int,
    amount: int,
    copay: int,
    signed_at: int,
    accepted_at: int,
    policy: bytes,
) -> bytes:
    """Return the 32 bytes the sequencer signs: its promise for one redemption."""
    struct_hash = keccak(
        _EIGHT.pack(
            RECEIPT_TYPEHASH,
            campaign, pass_number, merchant, bill, amount, copay, signed_at, accepted_at, policy,
        )
    )  # fmt: skip
    return keccak(b"\x19\x01" + separator + struct_hash)


def request_digest(
    separator: bytes, *, method: str, path: str, body: bytes, signed_at: int
) -> bytes:
    """Return the 32 bytes that sign an API call; `body` is the raw body, hashed here."""
    struct_hash = keccak(
        REQUEST_TYPEHASH
        + keccak(method.encode())
        + keccak(path.encode())
        + keccak(body)
        + signed_at.to_bytes(32, "big")
    )
    return keccak(b"\x19\x01" + separator + struct_hash)


def verdict_digest(
    separator: bytes, *, policy: bytes, evidence: bytes, judged_at: int, code: str
) -> bytes:
    """Return the 32 bytes the sequencer signs under a verdict; `evidence` hashes its document."""
    struct_hash = keccak(
        VERDICT_TYPEHASH + policy + evidence + judged_at.to_bytes(32, "big") + keccak(code.encode())
    )
    return keccak(b"\x19\x01" + separator + struct_hash)


def move_digest(
    separator: bytes, *, pass_number: int, from_address: str, to_address: str, signed_at: int
) -> bytes:
    """Return the 32 bytes the new key of a pass signs: it wants the pass, and can sign for it."""
    struct_hash = keccak(
        MOVE_TYPEHASH
        + pass_number.to_bytes(32, "big")
        + address_bytes(from_address).rjust(32, b"\0")
        + address_bytes(to_address).rjust(32, b"\0")
        + signed_at.to_bytes(32, "big")
    )
    return keccak(b"\x19\x01" + separator + struct_hash)


def redemption_typed_data(chain_id: int, book: str, of: RedemptionFields) -> dict[str, Any]:
    """Return a Redemption as EIP-712 JSON, for any wallet's `eth_signTypedData_v4`."""
    return _typed_data(
        chain_id,
        book,
        REDEMPTION,
        {
            "campaign": of.campaign,
            "merchant": of.merchant,
            "bill": of.bill,
            "amount": of.amount,
            "copay": of.copay,
            "signedAt": of.signed_at,
        },
    )


def void_typed_data(
    chain_id: int,
    book: str,
    *,
    campaign: int,
    pass_number: int,
    merchant: int,
    amount: int,
    signed_at: int,
    voided_at: int,
) -> dict[str, Any]:
    """Return a Void as EIP-712 JSON."""
    return _typed_data(
        chain_id,
        book,
        VOID,
        {
            "campaign": campaign,
            "pass": pass_number,
            "merchant": merchant,
            "amount": amount,
            "signedAt": signed_at,
            "voidedAt": voided_at,
        },
    )


def receipt_typed_data(
    chain_id: int,
    book: str,
    *,
    campaign: int,
    pass_number: int,
    merchant: int,
    bill: int,
    amount: int,
    copay: int,
    signed_at: int,
    accepted_at: int,
    policy: bytes,
) -> dict[str, Any]:
    """Return a Receipt as EIP-712 JSON."""
    return _typed_data(
        chain_id,
        book,
        RECEIPT,
        {
            "campaign": campaign,
            "pass": pass_number,
            "merchant": merchant,
            "bill": bill,
            "amount": amount,
            "copay": copay,
            "signedAt": signed_at,
            "acceptedAt": accepted_at,
            "policy": "0x" + policy.hex(),
        },
    )


def request_typed_data(
    chain_id: int, book: str, *, method: str, path: str, body: bytes, signed_at: int
) -> dict[str, Any]:
    """Return a Request as EIP-712 JSON; `body` is the raw body, hashed here."""
    return _typed_data(
        chain_id,
        book,
        REQUEST,
        {
            "method": method,
            "path": path,
            "body": "0x" + keccak(body).hex(),
            "signedAt": signed_at,
        },
    )


def verdict_typed_data(
    chain_id: int, book: str, *, policy: bytes, evidence: bytes, judged_at: int, code: str
) -> dict[str, Any]:
    """Return a Verdict as EIP-712 JSON."""
    return _typed_data(
        chain_id,
        book,
        VERDICT,
        {
            "policy": "0x" + policy.hex(),
            "evidence": "0x" + evidence.hex(),
            "judgedAt": judged_at,
            "code": code,
        },
    )


def move_typed_data(
    chain_id: int,
    book: str,
    *,
    pass_number: int,
    from_address: str,
    to_address: str,
    signed_at: int,
) -> dict[str, Any]:
    """Return a Move as EIP-712 JSON."""
    return _typed_data(
        chain_id,
        book,
        MOVE,
        {"pass": pass_number, "from": from_address, "to": to_address, "signedAt": signed_at},
    )


def _typed_data(chain_id: int, book: str, spelled: str, message: dict[str, Any]) -> dict[str, Any]:
    name = spelled.partition("(")[0]
    return {
        "types": {"EIP712Domain": _members(DOMAIN), name: _members(spelled)},
        "primaryType": name,
        "domain": {
            "name": NAME,
            "version": VERSION,
            "chainId": chain_id,
            "verifyingContract": book,
        },
        "message": message,
    }


def _members(spelled: str) -> list[dict[str, str]]:
    inside = spelled.partition("(")[2].rstrip(")")
    pairs = (member.split(" ") for member in inside.split(","))
    return [{"name": name, "type": kind} for kind, name in pairs]
