"""Who signed the entries of a batch: digests hashed over packed bytes, holders recovered. Pure.

Recovering is most of what an audit costs, and no entry waits for another: so whole batches can be
given to other processes.
"""

import struct
from typing import Final, NamedTuple

from ledger.domain.clock import STEP_SECONDS
from ledger.domain.hashing import keccak
from ledger.domain.ranges import U21
from ledger.domain.redemption import ENTRY_BYTES, MAXIMUM_BYTES, UNNAMED
from ledger.domain.signatures import recover_raw
from ledger.domain.typed_data import REDEMPTION_TYPEHASH
from ledger.errors import SignatureInvalid

NOBODY: Final = bytes(20)
"""Stands where no signature answers; no key has this address."""

FIXED: Final = struct.Struct(">HBBIHBI")
"""head >> 8, head & 255, merchant index, bill, amount >> 8, amount & 255, copay."""
MAXIMUM: Final = struct.Struct(">IHBI")
_MESSAGE: Final = struct.Struct(">24xQ24xQ24xQ24xQ24xQ")
_UNNAMED_MARK: Final = 0x80


class SignedBatch(NamedTuple):
    """A batch of one campaign as it was called, and the campaign's start."""

    campaign: int
    starts: int
    batch: bytes


def entry_offsets(batch: bytes) -> list[int] | None:
    """Where each entry begins; None for bytes that the contract cannot have taken."""
    if not batch:
        return None
    at, end = 1 + 4 * batch[0], len(batch)
    offsets = []
    while at < end:
        offsets.append(at)
        at += ENTRY_BYTES + (MAXIMUM_BYTES if batch[at] & _UNNAMED_MARK else 0)
    return offsets if at == end else None


def merchants_in(batch: bytes) -> tuple[int, ...]:
    """The merchants that the entries of a readable batch refer to by index."""
    return struct.unpack_from(f">{batch[0]}I", batch, 1)


def signers_in(separator: bytes, of: SignedBatch) -> bytes:
    """The 20 bytes of each entry's signer, in order; NOBODY where none can be recovered.

    Empty for bytes that are no batch.
    """
    offsets = entry_offsets(of.batch)
    if offsets is None:
        return b""
    batch, merchants = of.batch, merchants_in(of.batch)
    before = b"\x19\x01" + separator
    kind = REDEMPTION_TYPEHASH + of.campaign.to_bytes(32, "big")
    zero = of.starts - STEP_SECONDS
    found = bytearray()
    for at in offsets:
        high, low, index, bill, amount_high, amount_low, copay = FIXED.unpack_from(batch, at)
        head = high << 8 | low
        end = at + ENTRY_BYTES
        amount = amount_high << 8 | amount_low
        if head & UNNAMED:
            merchant = 0
            bill, amount_high, amount_low, copay = MAXIMUM.unpack_from(batch, at + FIXED.size)
            amount = amount_high << 8 | amount_low
            end += MAXIMUM_BYTES
        else:
            merchant = merchants[index] if index < len(merchants) else 0
        step = head & U21
        if not step or head & ~(UNNAMED | U21):
            found += NOBODY
            continue
        message = _MESSAGE.pack(merchant, bill, amount, copay, zero + step * STEP_SECONDS)
        digest = keccak(before + keccak(kind + message))
        try:
            found += recover_raw(digest, batch[end - 64 : end - 32], batch[end - 32 : end])
        except SignatureInvalid:
            found += NOBODY
    return bytes(found)


def signers_of_all(separator: bytes, batches: list[SignedBatch]) -> list[bytes]:
    """`signers_in` of each batch: one piece of work for another process."""
    return [signers_in(separator, of) for of in batches]
