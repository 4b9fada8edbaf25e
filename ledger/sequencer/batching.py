"""How many redemptions one transaction may say: a question of gas, of bytes and of entries."""

from collections.abc import Iterable
from typing import Final

from ledger.domain.redemption import (
    ENTRIES_MAX,
    ENTRY_BYTES,
    MAXIMUM_BYTES,
    MERCHANTS_MAX,
    Entry,
)

GAS_MAX: Final = 16_777_216
"""EIP-7825: no transaction may ask for more."""

DATA_BYTES_MAX: Final = 131_072 - 4_096
"""Nodes refuse transactions above 128 KiB; the rest is for the envelope and the ABI's frame."""

GAS_BASE: Final = 160_000
GAS_MERCHANT: Final = 50_000
GAS_ENTRY: Final = 46_000
GAS_COPAY: Final = 60_000
"""Bounds from above for one transaction, one merchant's credit, one entry and its copay. What is
not used is not paid for."""


def gas_bound(entries: Iterable[Entry]) -> int:
    """Gas that a batch of these entries never exceeds."""
    listed = list(entries)
    merchants = len({entry.merchant for entry in listed})
    copays = sum(1 for entry in listed if entry.copay)
    return GAS_BASE + GAS_MERCHANT * merchants + GAS_ENTRY * len(listed) + GAS_COPAY * copays


def take_batch(entries: Iterable[tuple[str, Entry]], *, most: int) -> list[tuple[str, Entry]]:
    """The longest beginning of `entries` that fits one transaction; at least one of them.

    `entries` of one pass come by step: what is left over stays in order behind.
    """
    taken: list[tuple[str, Entry]] = []
    merchants: set[int] = set()
    gas, size = GAS_BASE, 1
    for name, entry in entries:
        new_merchant = entry.merchant not in merchants
        gas += GAS_ENTRY + (GAS_MERCHANT if new_merchant else 0) + (GAS_COPAY if entry.copay else 0)
        size += ENTRY_BYTES + (MAXIMUM_BYTES if entry.maximum else 0) + (4 if new_merchant else 0)
        merchants.add(entry.merchant)
        full = (
            len(taken) >= min(most, ENTRIES_MAX)
            or len(merchants) > MERCHANTS_MAX
            or gas > GAS_MAX
            or size > DATA_BYTES_MAX
        )
        if full and taken:
            break
        taken.append((name, entry))
    return taken
