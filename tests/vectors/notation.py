"""How the vectors write values, and the one city they all speak of."""

from __future__ import annotations

from typing import Any

from ledger.domain import typed_data
from ledger.domain.hashing import keccak

CHAIN_ID = 31337
BOOK = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SEPARATOR = typed_data.domain_separator(CHAIN_ID, BOOK)
STARTS = 1_761_692_400  # 2025-10-29T06:00:00+07:00
NOON = 1_761_714_000  # 2025-10-29T12:00:00+07:00
POLICY = keccak(b"a policy of the vectors")
U32 = 2**32 - 1
U24 = 2**24 - 1

Json = dict[str, Any]


def text(raw: bytes) -> str:
    return "0x" + raw.hex()


def word(value: int, size: int = 32) -> str:
    return text(value.to_bytes(size, "big"))


def key(name: str) -> bytes:
    """A private key everybody knows: keccak of a sentence. Worth nothing on any chain."""
    return keccak(f"nakhon vector {name}".encode())


def counted(items: list[Any]) -> Json:
    return {"count": len(items), "items": items}
