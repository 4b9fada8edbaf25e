"""A policy as it was written: the document of a campaign, version 1, read into typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.hashing import keccak
from ledger.domain.till_terms import TillTerms

VERSION: Final = 1
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name in both languages."""

    th: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTerms:
    """The list a policy binds: how many passes, and the running hash of their words."""

    count: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy document. Times are Unix seconds, amounts satang, masks as in the contract.

    0 means "no such rule" for `first_use_by`, `per_use_max`, `per_day_max` and `bill_min`; `issue`
    None means everyone in the audience; `till` is what only the till judges.
    `canonical` is the document in its RFC 8785 form.
    """

    name: Name
    starts: int
    ends: int
    first_use_by: int
    open_hours: int
    share_basis_points: int
    allowance: int
    per_use_max: int
    per_day_max: int
    bill_min: int
    audience: int
    categories: int
    districts: int
    same_district: bool
    issue: ListTerms | None
    till: TillTerms
    canonical: bytes

    @property
    def hash(self) -> bytes:
        """The keccak-256 of the canonical document: what the contract holds."""
        return keccak(self.canonical)
