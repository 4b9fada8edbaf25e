"""A campaign: its terms as the contract holds them, and its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ledger.domain.hashing import ZERO_ADDRESS

BASIS_POINTS: Final = 10_000
SWEEP_DELAY_SECONDS: Final = 7 * 86_400 + 15 * 60
ZERO_WORD: Final = bytes(32)


class CampaignStatus(IntEnum):
    """The status of a campaign, as numbered in the contract."""

    NONE = 0
    DRAFTED = 1
    APPROVED = 2
    OPEN = 3
    PAUSED = 4
    CLOSED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The rules the contract enforces, in the order of its struct. Amounts are satang.

    0 means "no such rule" for `first_use_by`, `per_use_max`, `per_day_max` and `bill_min`;
    `list_count` 0 means issued to everyone in the audience.
    """

    policy_hash: bytes
    token: str
    starts: int
    ends: int
    first_use_by: int
    share_basis_points: int
    allowance: int
    per_use_max: int
    per_day_max: int
    bill_min: int
    audience: int
    categories: int
    districts: int
    open_hours: int
    same_district: bool
    list_hash: bytes
    list_count: int

    @property
    def listed(self) -> bool:
        """Whether coupons go to a list of passes rather than to the whole audience."""
        return self.list_count != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign as the chain has it. `paused_at` is 0 unless the status is PAUSED.

    `list_words` is the bitmap over pass numbers (word index → 256 bits), empty when not listed.
    """

    number: int
    terms: Terms
    status: CampaignStatus
    drafted_by: str = ZERO_ADDRESS
    approved_by: str = ZERO_ADDRESS
    issued_by: str = ZERO_ADDRESS
    funded: int = 0
    spent: int = 0
    paused_at: int = 0
    list_words: dict[int, int] | None = None

    @property
    def unspent(self) -> int:
        """What the escrow still holds for redemptions."""
        return self.funded - self.spent

    @property
    def sweepable_at(self) -> int:
        """The last second in which a redemption may come in; the sweep may begin after it."""
        return self.terms.ends + SWEEP_DELAY_SECONDS

    def lists(self, pass_number: int) -> bool:
        """Whether a pass has a coupon: always under a campaign issued to everyone."""
        if not self.terms.listed:
            return True
        word = (self.list_words or {}).get(pass_number >> 8, 0)
        return bool(word >> (pass_number & 0xFF) & 1)


def returned_shares(unspent: int, contributions: Sequence[int]) -> list[int]:
    """Return what each contribution gets back of what is unspent, remainders by a fixed rule.

    With C the running sum of contributions and T their total, contribution i gets
    floor(unspent·C(i)/T) - floor(unspent·C(i-1)/T): the shares always add up to all of it.
    """
    total = sum(contributions)
    shares: list[int] = []
    given = returned = 0
    for amount in contributions:
        given += amount
        share = unspent * given // total - returned if total else 0
        shares.append(share)
        returned += share
    return shares
