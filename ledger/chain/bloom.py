"""The logs bloom of a block header: which addresses and topics it can have spoken of."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ledger.domain.hashing import keccak

BLOOM_BYTES: Final = 256


def bloom_of_values(values: Iterable[str]) -> int:
    """The bloom of addresses and topics: each sets three of 2,048 bits. Yellow Paper, 4.3.1."""
    bloom = bytearray(BLOOM_BYTES)
    for value in values:
        digest = keccak(bytes.fromhex(value[2:]))
        for at in (0, 2, 4):
            bit = (digest[at] & 7) << 8 | digest[at + 1]
            bloom[BLOOM_BYTES - 1 - (bit >> 3)] |= 1 << (bit & 7)
    return int.from_bytes(bloom, "big")


def bloom_of(logs: Iterable[Mapping[str, Any]]) -> int:
    """The bloom that a block with exactly these logs has."""
    values: set[str] = set()
    for log in logs:
        values.add(log["address"])
        values.update(log["topics"])
    return bloom_of_values(values)


def may_hold(bloom: int, value: str) -> bool:
    """Whether a block with this bloom may have spoken of `value`; False is certain."""
    bits = bloom_of_values((value,))
    return bloom & bits == bits
