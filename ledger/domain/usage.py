"""Usage: what one pass has used of one campaign, in 64 bits, four passes to a storage slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.clock import bangkok_day, signed_at_of
from ledger.domain.ranges import U19, U21, U24, U64, within

LANES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One lane. `spent_today` counts the Bangkok day of `last_step`; 0 without a day quota."""

    last_step: int = 0
    spent_today: int = 0
    spent_total: int = 0

    def pack(self) -> int:
        """Return the 64-bit lane. Raises InputInvalid rather than touch a neighbour's bits."""
        return (
            within("last_step", self.last_step, U21)
            | within("spent_today", self.spent_today, U19) << 21
            | within("spent_total", self.spent_total, U24) << 40
        )

    @staticmethod
    def unpack(lane: int) -> Usage:
        """Read a 64-bit lane: every value is a usage."""
        within("usage lane", lane, U64)
        return Usage(last_step=lane & U21, spent_today=lane >> 21 & U19, spent_total=lane >> 40)

    def same_day(self, starts: int, signed_at: int) -> bool:
        """Whether `signed_at` lies on the Bangkok day of the last redemption; False before one."""
        if self.last_step == 0:
            return False
        return bangkok_day(signed_at_of(starts, self.last_step)) == bangkok_day(signed_at)

    def spent_on_day_of(self, starts: int, signed_at: int) -> int:
        """Return what counts against the day quota at `signed_at`: 0 on any other Bangkok day."""
        return self.spent_today if self.same_day(starts, signed_at) else 0

    def after_spending(self, starts: int, step: int, amount: int, *, daily: bool) -> Usage:
        """Return the usage after one more redemption; `daily` where there is a day quota."""
        today = self.spent_on_day_of(starts, signed_at_of(starts, step)) + amount
        return Usage(
            last_step=step,
            spent_today=today if daily else 0,
            spent_total=self.spent_total + amount,
        )

    def after_void(self, starts: int, step: int, amount: int, *, daily: bool) -> Usage:
        """Return the usage after undoing `amount` of the redemption at `step`.

        The day gets back only what counts against it. `last_step` never moves back.
        """
        back = amount if daily and self.same_day(starts, signed_at_of(starts, step)) else 0
        return Usage(
            last_step=self.last_step,
            spent_today=self.spent_today - back,
            spent_total=self.spent_total - amount,
        )


def slot_of(pass_number: int) -> int:
    """Return the storage slot (key of the mapping) of a pass."""
    return pass_number // LANES


def read_lane(slot: int, pass_number: int) -> Usage:
    """Read the lane of a pass in its 256-bit slot."""
    return Usage.unpack(slot >> 64 * (pass_number % LANES) & U64)


def write_lane(slot: int, pass_number: int, usage: Usage) -> int:
    """Return the slot with one lane replaced; the other three keep every bit."""
    shift = 64 * (pass_number % LANES)
    return slot & ~(U64 << shift) | usage.pack() << shift
