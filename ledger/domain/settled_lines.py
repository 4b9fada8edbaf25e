"""A round as the chain is told it: packed lines by shop and campaign, in pages with one hash. Pure.

A line says how much of both shares a shop is paid for one campaign: 24 bytes, big-endian. Lines of
one shop stand together, shops ascend, and so do the campaigns of a shop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from struct import Struct
from typing import Final

from ledger.domain.hashing import keccak
from ledger.domain.settlement import Leg, Round

LINE: Final = Struct(">IIqq")
LINE_BYTES: Final = LINE.size
LINES_A_PAGE: Final = 250
"""As many as fit one transaction; all lines of a shop stand in one page."""
END: Final = bytes(32)
"""The hash after the last page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLine:
    """What one shop is paid for one campaign, in satang; below zero where it gives back."""

    campaign: int
    merchant: int
    amount: int
    copay: int

    @property
    def total(self) -> int:
        """Both shares."""
        return self.amount + self.copay


def lines_of(made: Round) -> list[SettledLine]:
    """The paid lines of a round as the chain takes them, in its order.

    A campaign whose entries come to nothing keeps its line of zeros: with it the contract sees that
    what the shop owed the campaign is made good.
    """
    found = []
    for line in sorted(made.paid, key=lambda one: one.merchant):
        legs: dict[int, dict[Leg, int]] = defaultdict(lambda: dict.fromkeys(Leg, 0))
        for entry in line.entries:
            legs[entry.campaign][entry.leg] += entry.amount
        for campaign, sums in sorted(legs.items()):
            found.append(
                SettledLine(
                    campaign=campaign,
                    merchant=line.merchant,
                    amount=sums[Leg.CITY],
                    copay=sums[Leg.COPAY],
                )
            )
    return found


def pack_lines(lines: Iterable[SettledLine]) -> bytes:
    """Lines as the contract reads them."""
    return b"".join(
        LINE.pack(line.campaign, line.merchant, line.amount, line.copay) for line in lines
    )


def unpack_lines(packed: bytes) -> list[SettledLine]:
    """Lines as the contract told them. Raises ValueError for bytes that are no whole lines."""
    if len(packed) % LINE_BYTES:
        raise ValueError(f"{len(packed)} bytes are no lines of {LINE_BYTES}")
    return [
        SettledLine(campaign=campaign, merchant=merchant, amount=amount, copay=copay)
        for campaign, merchant, amount, copay in LINE.iter_unpack(packed)
    ]


def pages_of(lines: Sequence[SettledLine], most: int = LINES_A_PAGE) -> list[bytes]:
    """Packed pages of at most `most` lines; a shop with more lines has a page of its own."""
    pages: list[list[SettledLine]] = []
    for _, group in groupby(lines, key=lambda line: line.merchant):
        together = list(group)
        if not pages or len(pages[-1]) + len(together) > most:
            pages.append([])
        pages[-1].extend(together)
    return [pack_lines(page) for page in pages]


def page_hashes(pages: Sequence[bytes]) -> list[bytes]:
    """The hash of each page with all that follow it, and the end's after the last: the first one is
    the round's, and each page is brought with the hash behind its own."""
    hashes = [END]
    for page in reversed(pages):
        hashes.append(keccak(keccak(page) + hashes[-1]))
    return hashes[::-1]
