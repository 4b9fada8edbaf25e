"""The events of paying shops and of anchoring days.

`lines` are packed, 24 bytes each, big-endian: campaign (4), merchant (4), amount (8, signed),
copay (8, signed). A `day` is counted in Bangkok, from 1970-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain.event import Event

# ── CouponBook ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtCovered(Event):
    """The treasurer put `amount` in the place of what a shop owed a campaign.

    What the shop owes is computed anew with it, also where `amount` is 0.
    """

    campaign: int
    merchant: int
    by: str
    amount: int
    at: int


# ── SettlementBook ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundMade(Event):
    """A round of payments was proposed: so many pages of lines, `total` satang in all."""

    round: int
    maker: str
    day: int
    pages: int
    total: int
    lines_hash: bytes
    document_hash: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundApproved(Event):
    """A second person approved the round's document."""

    round: int
    approver: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundWithdrawn(Event):
    """The round is none; nothing of it was settled."""

    round: int
    by: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesSettled(Event):
    """A page of a round left the coupon book and was burnt."""

    round: int
    page: int
    lines: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSettled(Event):
    """The last page is settled; the pages came to `total`."""

    round: int
    total: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecorded(Event):
    """A file for the bank: so many payments of a settled round, `total` satang in all."""

    round: int
    file_hash: bytes
    payments: int
    total: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReturned(Event):
    """The bank returned a payment: the shop's lines of that page are due again."""

    round: int
    page: int
    merchant: int
    amount: int
    at: int


# ── AnchorLog ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAnchored(Event):
    """The root over a day's redemptions and voids; the sums are those of the redemptions."""

    day: int
    root: bytes
    leaves: int
    amount: int
    copay: int
    staff_head: bytes
    at: int
