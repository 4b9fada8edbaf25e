"""A pass: a numbered, non-transferable membership of one holder in the city."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ledger.domain.ranges import U8, U32, U40, within
from ledger.errors import InputInvalid

CLASS_MAX: Final = 31
DISTRICT_MAX: Final = 63


class PassStatus(IntEnum):
    """The status byte of a pass word; 0 is "does not exist"."""

    NONE = 0
    ACTIVE = 1
    SUSPENDED = 2
    ENDED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass word of CityPass. `valid_until` 0 means without end."""

    number: int
    class_: int
    district: int
    valid_from: int
    valid_until: int
    status: PassStatus

    def pack(self) -> int:
        """Return the storage word. Raises InputInvalid when a field does not fit its lane."""
        within("number", self.number, U32)
        within("class", self.class_, CLASS_MAX)
        within("district", self.district, DISTRICT_MAX)
        within("valid_from", self.valid_from, U40)
        within("valid_until", self.valid_until, U40)
        return (
            self.number
            | self.class_ << 32
            | self.district << 40
            | self.valid_from << 48
            | self.valid_until << 88
            | self.status << 128
        )

    @staticmethod
    def unpack(word: int) -> Pass:
        """Read a storage word. Raises InputInvalid for a word no `pack` could have written."""
        if word < 0 or word >> 136:
            raise InputInvalid(what="pass word", why="bits above the status lane")
        status = word >> 128
        if status > PassStatus.ENDED:
            raise InputInvalid(what="pass word", why=f"status {status} is unknown")
        found = Pass(
            number=word & U32,
            class_=word >> 32 & U8,
            district=word >> 40 & U8,
            valid_from=word >> 48 & U40,
            valid_until=word >> 88 & U40,
            status=PassStatus(status),
        )
        within("class", found.class_, CLASS_MAX)
        within("district", found.district, DISTRICT_MAX)
        return found
