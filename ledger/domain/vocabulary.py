"""The numbered words of a city: classes of passes, categories of merchants.

The contracts know numbers only. A city may add words up to the width of the masks; the ones here
keep their numbers for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ledger.errors import InputInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word: its number on the chain, its name in documents, what people read."""

    number: int
    name: str
    th: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Numbered words and the width of the mask that selects from them."""

    kind: str
    bits: int
    words: tuple[Word, ...]

    @property
    def all(self) -> int:
        """The mask of every number, named or not."""
        return (1 << self.bits) - 1

    def number(self, name: str) -> int:
        """Return the number of a name. Raises InputInvalid for a name nobody agreed on."""
        for word in self.words:
            if word.name == name:
                return word.number
        raise InputInvalid(what=self.kind, why=f"{name[:40]!r} is not a {self.kind}")

    def word(self, number: int) -> Word:
        """Return the word of a number; a number without a name reads as itself."""
        for word in self.words:
            if word.number == number:
                return word
        label = f"{self.kind} {number}"
        return Word(number=number, name=str(number), th=label, en=label)

    def mask(self, names: Iterable[str]) -> int:
        """Return the mask of names. Raises InputInvalid for an unknown one."""
        mask = 0
        for name in names:
            mask |= 1 << self.number(name)
        return mask

    def chosen(self, mask: int) -> Iterator[Word]:
        """Yield the words a mask selects, ascending."""
        return (self.word(number) for number in range(self.bits) if mask >> number & 1)


def _word(number: int, name: str, th: str, en: str) -> Word:
    return Word(number=number, name=name, th=th, en=en)


CLASSES: Final = Vocabulary(
    kind="class",
    bits=32,
    words=(
        _word(0, "resident", "ผู้อยู่อาศัย", "residents"),
        _word(1, "student", "นักเรียนนักศึกษา", "students"),
        _word(2, "visitor", "ผู้มาเยือน", "visitors"),
        _word(3, "paper", "ผู้ถือคูปองกระดาษ", "holders of paper coupons"),
        _word(4, "staff", "เจ้าหน้าที่", "staff"),
        _word(5, "senior", "ผู้สูงอายุ", "senior citizens"),
    ),
)

CATEGORIES: Final = Vocabulary(
    kind="category",
    bits=64,
    words=(
        _word(0, "restaurant", "ร้านอาหาร", "restaurants"),
        _word(1, "grocery", "ร้านของชำ", "groceries"),
        _word(2, "transport", "ขนส่งสาธารณะ", "public transport"),
        _word(3, "health", "สุขภาพ", "health"),
        _word(4, "education", "การศึกษา", "education"),
        _word(5, "recycling", "รีไซเคิล", "recycling"),
        _word(6, "attraction", "แหล่งท่องเที่ยว", "attractions"),
        _word(7, "service", "ร้านบริการ", "services"),
        _word(8, "temple", "วัด", "temples"),
    ),
)

DISTRICT_BITS: Final = 64
ALL_DISTRICTS: Final = 2**DISTRICT_BITS - 1
