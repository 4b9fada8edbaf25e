"""A day of the city as a tree: what each leaf says, and what is anchored of all of them.

A day's leaves are the redemptions and voids in blocks of that Bangkok day, in the chain's own order
(docs/receipts.md). The leaf of a redemption says nothing that its receipt does not say, so whoever
holds a receipt can compute it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, bangkok_day, signed_at_of
from ledger.domain.event import Event
from ledger.domain.events import Redeemed, Voided
from ledger.domain.merkle import leaf_of, root_of
from ledger.domain.ranges import U32, U40, within
from ledger.domain.redemption import unpack_records

REDEMPTION: Final = 1
VOID: Final = 2

_CONTENT: Final = struct.Struct(">BIIIIII5s5s")
_TIME_BYTES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One redemption or void. Amounts in satang, times in Unix seconds; a void has no bill (0), a
    redemption no `voided_at` (0). `signed_at` is that of the redemption, in a void too."""

    kind: int
    campaign: int
    pass_number: int
    merchant: int
    bill: int
    amount: int
    copay: int
    signed_at: int
    voided_at: int = 0

    def content(self) -> bytes:
        """Return its 35 bytes. Raises InputInvalid for a figure beyond its lane."""
        figures = (
            self.campaign, self.pass_number, self.merchant, self.bill, self.amount, self.copay,
        )  # fmt: skip
        for figure in figures:
            within("leaf", figure, U32)
        times = [
            within("leaf", time, U40).to_bytes(_TIME_BYTES, "big")
            for time in (self.signed_at, self.voided_at)
        ]
        return _CONTENT.pack(self.kind, *figures, *times)

    @property
    def hash(self) -> bytes:
        """The 32 bytes that stand in the tree."""
        return leaf_of(self.content())


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What the chain keeps of a day. `amount` and `copay` are the sums of the day's redemptions in
    satang, voids not taken off; `staff_head` is the head of the log of staff acts."""

    day: int
    root: bytes
    leaves: int
    amount: int
    copay: int
    staff_head: bytes = bytes(32)


@dataclass(slots=True, kw_only=True)
class DayTree:
    """The leaves of one Bangkok day, in order."""

    day: int
    leaves: list[Leaf] = field(default_factory=list)

    def anchor(self, staff_head: bytes = bytes(32)) -> Anchor:
        """Return what is to be anchored of the day."""
        redeemed = [leaf for leaf in self.leaves if leaf.kind == REDEMPTION]
        return Anchor(
            day=self.day,
            root=root_of([leaf.hash for leaf in self.leaves]),
            leaves=len(self.leaves),
            amount=sum(leaf.amount for leaf in redeemed),
            copay=sum(leaf.copay for leaf in redeemed),
            staff_head=staff_head,
        )


def day_begins(day: int) -> int:
    """Return the first second of a Bangkok day; the next day's is the first after it."""
    return day * DAY_SECONDS - BANGKOK_OFFSET


def leaves_of(event: Event, starts: Mapping[int, int]) -> list[Leaf]:
    """Return the leaves of one event, none for most; `starts` by campaign. Raises KeyError for a
    campaign without a start, InputInvalid and StepInvalid for records that are none."""
    match event:
        case Redeemed():
            begin = starts[event.campaign]
            return [
                Leaf(
                    kind=REDEMPTION,
                    campaign=event.campaign,
                    pass_number=record.pass_number,
                    merchant=record.merchant,
                    bill=record.bill,
                    amount=record.amount,
                    copay=record.copay,
                    signed_at=signed_at_of(begin, record.step),
                )
                for record in unpack_records(event.records)
            ]
        case Voided():
            return [
                Leaf(
                    kind=VOID,
                    campaign=event.campaign,
                    pass_number=event.pass_,
                    merchant=event.merchant,
                    bill=0,
                    amount=event.amount,
                    copay=event.copay,
                    signed_at=event.signed_at,
                    voided_at=event.voided_at,
                )
            ]
        case _:
            return []


def day_trees(told: Iterable[Event], starts: Mapping[int, int]) -> dict[int, DayTree]:
    """Return the trees of the days that events in the chain's order tell of, by day."""
    trees: dict[int, DayTree] = {}
    for event in told:
        if isinstance(event, Redeemed | Voided):
            day = bangkok_day(event.at)
            trees.setdefault(day, DayTree(day=day)).leaves.extend(leaves_of(event, starts))
    return trees
