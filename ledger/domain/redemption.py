"""Redemptions in their byte layouts: the batch that goes to the chain, the records that come back.

The layouts are those of docs/wire-format.md. Every reader accepts one spelling per value.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from ledger.domain.hashing import keccak
from ledger.domain.ranges import U8, U16, U21, U24, U32, within
from ledger.errors import InputInvalid

ENTRIES_MAX: Final = 300
MERCHANTS_MAX: Final = 255
ENTRY_BYTES: Final = 79
MAXIMUM_BYTES: Final = 11
RECORD_BYTES: Final = 22
REFUSED_BYTES: Final = 13
UNNAMED: Final = 1 << 23
"""Head bit: the holder named no merchant, so a maximum was signed."""

_ENTRY: Final = struct.Struct(">HBBIHBI")
_MAXIMUM: Final = struct.Struct(">IHBI")
RECORD: Final = struct.Struct(">IIIHBIHB")
"""pass, merchant, bill, amount >> 8, amount & 255, copay, head >> 8, head & 255."""
_REFUSED: Final = struct.Struct(">HBIHBHB")


class RedemptionStatus(StrEnum):
    """What the till says of a redemption; *success* is no word of ours."""

    ACCEPTED = "accepted"
    INCLUDED = "included"
    FINAL = "final"
    VOIDED = "voided"
    FAILED = "failed"


NEXT: Final[dict[RedemptionStatus, frozenset[RedemptionStatus]]] = {
    RedemptionStatus.ACCEPTED: frozenset({RedemptionStatus.INCLUDED, RedemptionStatus.FAILED}),
    # Back to accepted: its block was orphaned.
    RedemptionStatus.INCLUDED: frozenset(
        {RedemptionStatus.FINAL, RedemptionStatus.ACCEPTED, RedemptionStatus.VOIDED}
    ),
    RedemptionStatus.FINAL: frozenset({RedemptionStatus.VOIDED}),
    # Back to included: the block of its void was orphaned.
    RedemptionStatus.VOIDED: frozenset({RedemptionStatus.INCLUDED}),
    # Somebody else (the merchant's own hand) brought it to the chain after all.
    RedemptionStatus.FAILED: frozenset({RedemptionStatus.INCLUDED}),
}
assert NEXT.keys() == set(RedemptionStatus), "every status needs a row"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRedemption:
    """What a holder signed. `merchant` 0 means "whoever scans this": the figures are maxima."""

    campaign: int
    merchant: int
    bill: int
    amount: int
    copay: int
    signed_at: int
    r: bytes = b""
    vs: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """The figures a holder signed without naming a merchant."""

    bill: int
    amount: int
    copay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One redemption of a batch: what was taken, and what was signed.

    `merchant` 0 stands for an index outside the batch's list; no such entry can be packed.
    """

    step: int
    merchant: int
    bill: int
    amount: int
    copay: int
    maximum: Maximum | None = None
    r: bytes
    vs: bytes

    def signed(self, campaign: int, signed_at: int) -> SignedRedemption:
        """Return the message the holder signed, for recovering the holder."""
        named = self.maximum is None
        of = Maximum(bill=self.bill, amount=self.amount, copay=self.copay)
        figures = self.maximum or of
        return SignedRedemption(
            campaign=campaign,
            merchant=self.merchant if named else 0,
            bill=figures.bill,
            amount=figures.amount,
            copay=figures.copay,
            signed_at=signed_at,
            r=self.r,
            vs=self.vs,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemedRecord:
    """One redemption the chain took, as its `Redeemed` event tells it."""

    pass_number: int
    merchant: int
    bill: int
    amount: int
    copay: int
    step: int
    unnamed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord:
    """One entry the chain skipped. `pass_number` is 0 when the holder has none; `head` is raw."""

    index: int
    reason: int
    pass_number: int
    head: int
    amount: int

    @property
    def step(self) -> int:
        """The step of the entry's head."""
        return self.head & U21


def pack_batch(entries: Sequence[Entry]) -> bytes:
    """Pack entries, in their order, behind the sorted list of their merchants.

    Raises InputInvalid for none or more than ENTRIES_MAX entries, more than MERCHANTS_MAX
    merchants, or a figure that does not fit its lane.
    """
    if not 1 <= len(entries) <= ENTRIES_MAX:
        raise InputInvalid(what="batch", why=f"{len(entries)} entries, 1 … {ENTRIES_MAX} fit")
    merchants = sorted({entry.merchant for entry in entries})
    if len(merchants) > MERCHANTS_MAX:
        raise InputInvalid(what="batch", why=f"{len(merchants)} merchants, {MERCHANTS_MAX} fit")
    within("merchant", merchants[0] - 1, U32)
    within("merchant", merchants[-1], U32)
    index = {number: position for position, number in enumerate(merchants)}
    head = bytes([len(merchants)]) + b"".join(number.to_bytes(4, "big") for number in merchants)
    return head + b"".join(_pack_entry(entry, index[entry.merchant]) for entry in entries)


def _pack_entry(entry: Entry, merchant_index: int) -> bytes:
    within("step", entry.step - 1, U21 - 1)
    within("bill", entry.bill, U32)
    within("amount", entry.amount, U24)
    within("copay", entry.copay, U32)
    if len(entry.r) != 32 or len(entry.vs) != 32:
        raise InputInvalid(what="signature", why="r and vs have 32 bytes each")
    head = entry.step | (UNNAMED if entry.maximum else 0)
    fixed = _ENTRY.pack(
        head >> 8, head & U8, merchant_index,
        entry.bill, entry.amount >> 8, entry.amount & U8, entry.copay,
    )  # fmt: skip
    return fixed + _pack_maximum(entry.maximum) + entry.r + entry.vs


def _pack_maximum(maximum: Maximum | None) -> bytes:
    if maximum is None:
        return b""
    within("maximum bill", maximum.bill, U32)
    within("maximum amount", maximum.amount, U24)
    within("maximum copay", maximum.copay, U32)
    return _MAXIMUM.pack(maximum.bill, maximum.amount >> 8, maximum.amount & U8, maximum.copay)


def unpack_batch(batch: bytes) -> list[Entry]:
    """Read a batch as `pack_batch` writes it; any other bytes raise InputInvalid.

    The contract is laxer than this reader: it skips an entry with a bad head or merchant index.
    For bytes that came from a chain, use `read_batch`.
    """
    entries = [entry for entry, _head in read_batch(batch)]
    for _entry, head in read_batch(batch):
        if head & ~(UNNAMED | U21) or head & U21 == 0:
            raise InputInvalid(what="batch", why=f"head {head:#08x}")
    if not entries or pack_batch(entries) != batch:
        raise InputInvalid(what="batch", why="not the one spelling of its entries")
    return entries


def read_batch(batch: bytes) -> list[tuple[Entry, int]]:
    """Read a batch as the contract does: entries with their raw heads, bad ones included.

    `merchant` is 0 where the index lies outside the list. Raises InputInvalid only where the
    lengths do not add up, or the list of merchants is longer than the bytes.
    """
    if not batch:
        raise InputInvalid(what="batch", why="empty")
    position = 1 + 4 * batch[0]
    if len(batch) < position:
        raise InputInvalid(what="batch", why="cut inside the list of merchants")
    merchants = struct.unpack(f">{batch[0]}I", batch[1:position])
    entries: list[tuple[Entry, int]] = []
    while position < len(batch):
        size = ENTRY_BYTES + (MAXIMUM_BYTES if batch[position] & 0x80 else 0)
        if position + size > len(batch):
            raise InputInvalid(what="batch", why=f"cut inside entry {len(entries)}")
        entries.append(_read_entry(batch[position : position + size], merchants))
        position += size
    return entries


def _read_entry(raw: bytes, merchants: Sequence[int]) -> tuple[Entry, int]:
    high, low, index, bill, amount_high, amount_low, copay = _ENTRY.unpack_from(raw)
    maximum = None
    if high & 0x8000:
        of_bill, of_high, of_low, of_copay = _MAXIMUM.unpack_from(raw, _ENTRY.size)
        maximum = Maximum(bill=of_bill, amount=of_high << 8 | of_low, copay=of_copay)
    head = high << 8 | low
    entry = Entry(
        step=head & U21,
        merchant=merchants[index] if index < len(merchants) else 0,
        bill=bill,
        amount=amount_high << 8 | amount_low,
        copay=copay,
        maximum=maximum,
        r=raw[-64:-32],
        vs=raw[-32:],
    )
    return entry, head


def pack_records(records: Sequence[RedeemedRecord]) -> bytes:
    """Pack records as the data of a `Redeemed` event."""
    return b"".join(_pack_record(record) for record in records)


def _pack_record(record: RedeemedRecord) -> bytes:
    within("pass", record.pass_number, U32)
    within("merchant", record.merchant, U32)
    within("bill", record.bill, U32)
    within("amount", record.amount, U24)
    within("copay", record.copay, U32)
    head = within("step", record.step, U21) | (UNNAMED if record.unnamed else 0)
    return RECORD.pack(
        record.pass_number, record.merchant, record.bill,
        record.amount >> 8, record.amount & U8, record.copay, head >> 8, head & U8,
    )  # fmt: skip


def unpack_records(data: bytes) -> list[RedeemedRecord]:
    """Read the data of a `Redeemed` event. Raises InputInvalid for any other bytes."""
    if len(data) % RECORD_BYTES:
        raise InputInvalid(what="records", why=f"{len(data)} bytes, not a multiple of 22")
    records = []
    for number, merchant, bill, high, low, copay, head_high, head_low in RECORD.iter_unpack(data):
        head = head_high << 8 | head_low
        if head & 0x600000:
            raise InputInvalid(what="records", why=f"head {head:#08x}")
        records.append(
            RedeemedRecord(
                pass_number=number,
                merchant=merchant,
                bill=bill,
                amount=high << 8 | low,
                copay=copay,
                step=head & U21,
                unnamed=bool(head & UNNAMED),
            )
        )
    return records


def pack_refused(records: Sequence[RefusedRecord]) -> bytes:
    """Pack records as the data of a `RedemptionsRefused` event."""
    return b"".join(
        _REFUSED.pack(
            within("index", record.index, U16),
            within("reason", record.reason, U8),
            within("pass", record.pass_number, U32),
            within("head", record.head, U24) >> 8,
            record.head & U8,
            within("amount", record.amount, U24) >> 8,
            record.amount & U8,
        )
        for record in records
    )


def unpack_refused(data: bytes) -> list[RefusedRecord]:
    """Read the data of a `RedemptionsRefused` event. Raises InputInvalid for a cut record."""
    if len(data) % REFUSED_BYTES:
        raise InputInvalid(what="refused records", why=f"{len(data)} bytes, not a multiple of 13")
    return [
        RefusedRecord(
            index=index,
            reason=reason,
            pass_number=number,
            head=head_high << 8 | head_low,
            amount=high << 8 | low,
        )
        for index, reason, number, head_high, head_low, high, low in _REFUSED.iter_unpack(data)
    ]


def redemption_id(domain_separator: bytes, campaign: int, pass_number: int, step: int) -> str:
    """Return `rdm_` and 24 characters anyone can compute from the chain."""
    hashed = keccak(
        domain_separator
        + campaign.to_bytes(4, "big")
        + pass_number.to_bytes(4, "big")
        + step.to_bytes(3, "big")
    )
    return "rdm_" + base64.b32encode(hashed[:15]).decode().lower()


def in_batch_order(keys: Sequence[tuple[int, int]]) -> bool:
    """Whether (pass, step) pairs stand in the order the sequencer promises: by pass, then step."""
    return all(earlier < later for earlier, later in pairwise(keys))
