"""What a flag is, what the rules look at, and from which figure on they speak.

A flag is a question for a person, never a judgement: nothing in this house acts on one. Amounts are
satang, times Unix seconds. Pure.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final, NamedTuple

from ledger.domain.campaign import BASIS_POINTS, Terms
from ledger.domain.hashing import keccak
from ledger.errors import InputInvalid

VERSION: Final = "2026-11-1"
"""Of the rules and of the figures below. Both are published in docs/flags.md."""

Key = tuple[int, int, int]
"""A redemption: campaign, pass, signed time."""


class Spending(NamedTuple):
    """One redemption. `kept` is the city's share less voids. `at_limit`: exactly the most that one
    use could take, for a bill no greater than that needs."""

    campaign: int
    pass_number: int
    merchant: int
    bill: int
    amount: int
    kept: int
    signed_at: int
    at_limit: bool

    @property
    def key(self) -> Key:
        """What no other redemption has."""
        return self.campaign, self.pass_number, self.signed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one use of a campaign takes, the bill it needs, and how often it can be had."""

    most: int
    bill: int
    uses: int

    @staticmethod
    def of(terms: Terms) -> Limits:
        """Return the limits of a campaign's terms."""
        given = (terms.allowance, terms.per_use_max, terms.per_day_max)
        most = min(limit for limit in given if limit)
        bill = -(-most * BASIS_POINTS // terms.share_basis_points)
        return Limits(most=most, bill=bill, uses=terms.allowance // most)

    def reached(self, bill: int, amount: int) -> bool:
        """Whether a redemption was made to measure for the limit."""
        return amount == self.most and bill <= self.bill


class TillNote(NamedTuple):
    """What the till knew of one redemption. `device` is any word that one phone keeps."""

    distance_metres: int | None = None
    position_age_seconds: int | None = None
    accuracy_metres: int | None = None
    device: str | None = None


class Attempt(NamedTuple):
    """One refused request. `merchant` 0: the source does not say."""

    campaign: int
    pass_number: int
    merchant: int
    at: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From where on a rule speaks. Percentages are whole."""

    far_metres: int = 3_000
    far_age_seconds: int = 120
    two_places_seconds: int = 240
    two_places_neighbours: int = 3
    ring_seconds: int = 300
    ring_passes: int = 6
    ring_uses: int = 3
    ring_together_percent: int = 60
    pair_seconds: int = 3_600
    pair_uses: int = 4
    burst_seconds: int = 600
    burst_uses: int = 10
    burst_percent: int = 90
    burst_times: int = 3
    closed_edge_seconds: int = 900
    closed_seconds: int = 86_400
    closed_attempts: int = 5
    closed_passes: int = 3
    closed_days: int = 3
    device_passes: int = 5
    return_customers: int = 30
    return_days: int = 10
    return_percent: int = 2
    return_peers: int = 3
    return_peer_percent: int = 15

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if type(value) is not int or not 0 < value < 2**31:
                raise InputInvalid(what=each.name, why="a whole number above zero is needed")


def thresholds_of(document: Any) -> Thresholds:
    """Read thresholds from a JSON object; what it does not name stays as published.

    Raises InputInvalid for a name that is none, or a value that is no whole number above zero.
    """
    if not isinstance(document, Mapping):
        raise InputInvalid(what="thresholds", why="a JSON object is needed")
    known = {each.name for each in fields(Thresholds)}
    strange = sorted(str(name) for name in document if name not in known)
    if strange:
        raise InputInvalid(what="thresholds", why=f"no such threshold: {', '.join(strange)[:200]}")
    return Thresholds(**document)


@dataclass(frozen=True, kw_only=True)
class FlagFacts:
    """A city as the rules see it. `spendings` are in the order they were signed.

    `categories` and `districts` are by merchant, `open_hours` and `limits` by campaign; `notes` and
    the attempts a till refused are there only where its files were given.
    """

    spendings: Sequence[Spending]
    limits: Mapping[int, Limits]
    open_hours: Mapping[int, int]
    categories: Mapping[int, int]
    districts: Mapping[int, int]
    notes: Mapping[Key, TillNote] = field(default_factory=dict)
    attempts: Sequence[Attempt] = ()

    @cached_property
    def by_merchant(self) -> dict[int, list[Spending]]:
        """The redemptions of each shop, in order."""
        found: dict[int, list[Spending]] = {}
        for each in self.spendings:
            found.setdefault(each.merchant, []).append(each)
        return found

    @cached_property
    def by_pass(self) -> dict[int, list[Spending]]:
        """The redemptions of each pass, in order."""
        found: dict[int, list[Spending]] = {}
        for each in self.spendings:
            found.setdefault(each.pass_number, []).append(each)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing a person should look at: who, by which rule, by what figures, on what evidence.

    `evidence` are redemptions in order, and `since` its first moment: the flag keeps its id while
    the evidence grows.
    """

    rule: str
    since: int
    merchants: tuple[int, ...] = ()
    passes: tuple[int, ...] = ()
    figures: Mapping[str, int]
    evidence: tuple[Key, ...] = ()

    @property
    def id(self) -> str:
        """`flg_` and 24 characters: the rule and the first piece of its evidence, or whom it names
        and since when."""
        first = self.evidence[0] if self.evidence else (*self.merchants, *self.passes[:1])
        whom = " ".join(str(number) for number in first)
        hashed = keccak(f"nakhon flag {self.rule} {whom} {self.since}".encode())
        return "flg_" + base64.b32encode(hashed[:15]).decode().lower()


def windows(times: Sequence[int], seconds: int) -> Iterator[tuple[int, int]]:
    """Yield for each position the first one at most `seconds` before it, both included."""
    first = 0
    for last, at in enumerate(times):
        while at - times[first] > seconds:
            first += 1
        yield first, last


def busiest(times: Sequence[int], seconds: int) -> tuple[int, int]:
    """The window with the most in it, as first and last position; `times` are not empty."""
    return max(windows(times, seconds), key=lambda window: window[1] - window[0])
