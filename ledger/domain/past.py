"""Past redemptions, for a draft policy to be replayed on: what happened, what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

from ledger.domain.hashing import keccak

REDEMPTIONS_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRedemption:
    """One redemption that was taken. None means that the past does not say; nothing is guessed.

    `voided` is what was undone of `amount` later, in all. `household` is any number that passes of
    one household share; where they stood comes only from a till.
    """

    campaign: int
    pass_number: int
    merchant: int
    bill: int
    amount: int
    copay: int
    signed_at: int
    voided: int = 0
    class_: int | None = None
    district: int | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    category: int | None = None
    merchant_district: int | None = None
    distance_metres: int | None = None
    position_age_seconds: int | None = None
    accuracy_metres: int | None = None
    household: int | None = None

    @property
    def key(self) -> tuple[int, int, int]:
        """What no other redemption has: campaign, pass, signed time."""
        return self.campaign, self.pass_number, self.signed_at

    @property
    def kept(self) -> int:
        """What the shop kept of the city's share."""
        return self.amount - self.voided

    @property
    def kept_bill(self) -> int:
        """The part of the bill that stands: as much of it as of the amount, rounded up."""
        return -(-self.bill * self.kept // self.amount)


_FIELDS: Final = tuple(field.name for field in fields(PastRedemption))


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Redemptions of one city in the order they were signed. `city` is empty where no one said."""

    city: str
    redemptions: tuple[PastRedemption, ...]

    @staticmethod
    def of(city: str, redemptions: Iterable[PastRedemption]) -> Past:
        """Return the past of these redemptions, in whatever order they come."""
        ordered = sorted(redemptions, key=_by_time)
        return Past(city=city, redemptions=tuple(ordered))

    @property
    def digest(self) -> bytes:
        """The keccak-256 of everything here: the same past has the same one, from any source."""
        lines = [f"nakhon past 1 {self.city} " + " ".join(_FIELDS)]
        lines += [_line(each) for each in self.redemptions]
        return keccak("\n".join(lines).encode())


def _by_time(past: PastRedemption) -> tuple[int, int, int]:
    return past.signed_at, past.pass_number, past.campaign


def _line(past: PastRedemption) -> str:
    values = (getattr(past, name) for name in _FIELDS)
    return " ".join("-" if value is None else str(value) for value in values)


def city_name(chain_id: int, book: str) -> str:
    """Return what names a city in a past: its chain and its coupon book."""
    return f"{chain_id}:{book}"
