"""Rounds: who is paid what, for which redemptions, and who is carried and why. Pure.

The books are a list of entries, each of one leg of one redemption, or of one void of it. A round
takes every entry that is due and in no standing line, and puts each into exactly one line: a line
that is paid, or one that is carried with its reason and tried again in the next round. What a void
takes back is an entry like any other, so it nets with whatever its shop is paid next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import rfc8785

from ledger.domain.business_days import BusinessDays
from ledger.domain.hashing import keccak
from ledger.domain.merchants import MerchantStatus
from ledger.domain.payments import BankAccount
from ledger.errors import WrongState

LAG_DAYS: Final = 1
PLATFORM_LAG_DAYS: Final = 3
COVER_PASS: Final = 0
"""No pass has this number: an entry of it is a covered debt."""


class Leg(StrEnum):
    """Whose money it was: the resident's own share in tokens, or the city's."""

    COPAY = "copay"
    CITY = "city"


class Reason(StrEnum):
    """Why a line is carried and not paid. The first that applies, in this order."""

    SUSPENDED = "suspended"
    IN_DEBT = "in_debt"
    VOIDED_AFTER = "voided_after"
    BANK_DETAILS_MISSING = "bank_details_missing"
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One leg of a redemption (positive), or of a void of it (negative), in satang.

    `voided_at` is the time in the void's message, 0 for the redemption itself. `day` is the Bangkok
    day of the block that took it; `ready` is the day from which it may be paid. What the treasurer
    covered of a shop's debt is a positive entry, too: of pass 0, its `step` the number of the cover
    in its campaign.
    """

    campaign: int
    pass_number: int
    step: int
    leg: Leg
    voided_at: int = 0
    merchant: int
    amount: int
    day: int
    ready: int

    def __post_init__(self) -> None:
        assert self.amount != 0 and (self.amount < 0) == (self.voided_at != 0), self.key

    @property
    def is_cover(self) -> bool:
        """Whether it is no redemption, but a debt that was covered."""
        return self.pass_number == COVER_PASS

    @property
    def key(self) -> str:
        """Its name for ever: no other entry has it."""
        if self.is_cover:
            return f"{self.campaign}/cover/{self.step}"
        of = f"{self.campaign}/{self.pass_number}/{self.step}/{self.leg}"
        return f"{of}/{self.voided_at}" if self.voided_at else of


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """What a round must know of a shop. `account` None: nobody has given its bank details yet."""

    merchant: int
    status: MerchantStatus
    account: BankAccount | None
    lag_days: int = LAG_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All due entries of one shop. Paid to `account` where `reason` is None; else carried."""

    merchant: int
    amount: int
    entries: tuple[Entry, ...]
    reason: Reason | None
    account: BankAccount | None

    @property
    def campaigns(self) -> dict[int, int]:
        """The line's amount by campaign; some may be negative."""
        sums: dict[int, int] = defaultdict(int)
        for entry in self.entries:
            sums[entry.campaign] += entry.amount
        return dict(sorted(sums.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One closing of the books. Numbered from 1 without gaps; never changed once made."""

    number: int
    day: int
    legs: frozenset[Leg]
    minimum: int
    lines: tuple[Line, ...]

    @property
    def paid(self) -> tuple[Line, ...]:
        """Lines the bank is to pay."""
        return tuple(line for line in self.lines if line.reason is None)

    @property
    def carried(self) -> tuple[Line, ...]:
        """Lines that wait for a later round."""
        return tuple(line for line in self.lines if line.reason is not None)

    @property
    def total(self) -> int:
        """What the bank is to pay in all."""
        return sum(line.amount for line in self.paid)

    @property
    def hash(self) -> bytes:
        """Keccak-256 of the canonical document: what the second person approves."""
        return keccak(rfc8785.dumps(document_of(self)))


def document_of(made: Round) -> dict[str, Any]:
    """The round as a JSON document, amounts as text. Equal rounds have equal documents."""
    return {
        "version": 1,
        "round": made.number,
        "day": made.day,
        "legs": sorted(made.legs),
        "minimum": str(made.minimum),
        "total": str(made.total),
        "lines": [
            {
                "merchant": line.merchant,
                "amount": str(line.amount),
                "reason": line.reason,
                "account": _spelled(line.account),
                "entries": [[entry.key, str(entry.amount)] for entry in line.entries],
            }
            for line in made.lines
        ],
    }


def _spelled(account: BankAccount | None) -> list[str] | None:
    return None if account is None else [account.bank, account.number, account.name]


def ready_day(calendar: BusinessDays, day: int, lag_days: int) -> int:
    """The first day on which a redemption of `day` may be paid: T+`lag_days` business days."""
    return calendar.after(day, lag_days)


def void_ready_day(day: int, redemption_ready: int) -> int:
    """The first day on which a void of `day` is netted: at once, but not before its redemption."""
    return max(day, redemption_ready)


def make_round(
    number: int,
    day: int,
    legs: frozenset[Leg],
    entries: Iterable[Entry],
    payees: Mapping[int, Payee],
    calendar: BusinessDays,
    *,
    minimum: int,
) -> Round:
    """Close the books of a business day over `entries`, which stand in no paid line yet.

    Raises WrongState on a day that banks do not work. An entry given twice is our own defect.
    """
    if not calendar.is_open(day):
        raise WrongState(what="calendar", state="closed", needs="open")
    by_merchant: dict[int, list[Entry]] = defaultdict(list)
    seen: set[str] = set()
    for entry in entries:
        assert entry.key not in seen, f"{entry.key} twice"
        seen.add(entry.key)
        if entry.ready <= day and entry.leg in legs:
            by_merchant[entry.merchant].append(entry)
    lines = [
        _line(payees[merchant], sorted(waiting, key=_order), minimum)
        for merchant, waiting in sorted(by_merchant.items())
    ]
    return Round(number=number, day=day, legs=legs, minimum=minimum, lines=tuple(lines))


def _order(entry: Entry) -> tuple[int, str]:
    return entry.day, entry.key


def _line(payee: Payee, entries: Sequence[Entry], minimum: int) -> Line:
    amount = sum(entry.amount for entry in entries)
    reason = _why_carried(payee, amount, minimum)
    return Line(
        merchant=payee.merchant,
        amount=amount,
        entries=tuple(entries),
        reason=reason,
        account=payee.account if reason is None else None,
    )


def _why_carried(payee: Payee, amount: int, minimum: int) -> Reason | None:
    """A closed shop is still paid what it took; a suspended one waits for the registrar's word."""
    if payee.status is MerchantStatus.SUSPENDED:
        return Reason.SUSPENDED
    if amount < 0:
        return Reason.IN_DEBT
    if amount == 0:
        return Reason.VOIDED_AFTER
    if payee.account is None:
        return Reason.BANK_DETAILS_MISSING
    return Reason.BELOW_MINIMUM if amount < minimum else None
