"""A merchant: a numbered, approved shop with the address its money goes to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ledger.domain.hashing import address_bytes, checksum_address
from ledger.domain.passes import DISTRICT_MAX
from ledger.domain.ranges import U8, within
from ledger.errors import InputInvalid

CATEGORY_MAX: Final = 63
_PAYOUT_MASK: Final = 2**160 - 1


class MerchantStatus(IntEnum):
    """The status byte of a merchant word; 0 is "does not exist"."""

    NONE = 0
    ACTIVE = 1
    SUSPENDED = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """One merchant of MerchantRegistry. `number` is the slot's key and not part of the word."""

    number: int
    payout: str
    category: int
    district: int
    status: MerchantStatus

    def pack(self) -> int:
        """Return the storage word. Raises InputInvalid when a field does not fit its lane."""
        within("category", self.category, CATEGORY_MAX)
        within("district", self.district, DISTRICT_MAX)
        return (
            int.from_bytes(address_bytes(self.payout), "big")
            | self.category << 160
            | self.district << 168
            | self.status << 176
        )

    @staticmethod
    def unpack(number: int, word: int) -> Merchant:
        """Read a storage word. Raises InputInvalid for a word no `pack` could have written."""
        if word < 0 or word >> 184:
            raise InputInvalid(what="merchant word", why="bits above the status lane")
        status = word >> 176
        if status > MerchantStatus.CLOSED:
            raise InputInvalid(what="merchant word", why=f"status {status} is unknown")
        return Merchant(
            number=number,
            payout=checksum_address((word & _PAYOUT_MASK).to_bytes(20, "big")),
            category=within("category", word >> 160 & U8, CATEGORY_MAX),
            district=within("district", word >> 168 & U8, DISTRICT_MAX),
            status=MerchantStatus(status),
        )
