"""What a place is, and which categories it may be registered under."""

import re
from typing import Final

from ledger.domain.vocabulary import CATEGORIES
from ledger.errors import InputInvalid, MerchantCategoryMismatch

KINDS: Final[dict[str, str]] = {
    **{word.name: word.name for word in CATEGORIES.words},
    "cafe": "restaurant",
    "noodle_shop": "restaurant",
    "food_stall": "restaurant",
    "market_stall": "grocery",
    "convenience_store": "grocery",
    "pharmacy": "health",
    "clinic": "health",
    "school": "education",
    "museum": "attraction",
    "hairdresser": "service",
    "monastery": "temple",
    "shrine": "temple",
}
"""Kind of place → the one category it may have."""

# The name begins with the word: a noodle shop *behind* a temple has it in the middle.
_TEMPLE_TH: Final = re.compile(r"^\s*(?:วัด|พระธาตุ|พระบรมธาตุ|สำนักสงฆ์|ธรรมสถาน)")
_TEMPLE_EN: Final = re.compile(r"^\s*(?:wat|phra\s?that|phrathat)\b|\btemple\b", re.IGNORECASE)


def check_kind(
    *, kind: str, category: str, names: tuple[str, ...], override_reason: str | None
) -> int:
    """The number of the category a place may be registered under.

    Raises InputInvalid for a kind or category nobody agreed on; MerchantCategoryMismatch where the
    place is of another kind, which nobody may override, and where its name says that it is a
    temple, which a registrar may override with a written reason.
    """
    number = CATEGORIES.number(category)
    if KINDS[known_kind(kind)] != category:
        raise MerchantCategoryMismatch(name=names[0], kind=kind, category=category)
    for name in names:
        word = temple_word(name)
        if word is not None and category != "temple" and override_reason is None:
            raise MerchantCategoryMismatch(name=name, kind="temple", category=category, word=word)
    return number


def known_kind(kind: str) -> str:
    """A kind of place that somebody agreed on. Raises InputInvalid for any other."""
    if kind not in KINDS:
        raise InputInvalid(what="kind", why=f"{kind[:40]!r} is not a kind of place")
    return kind


def temple_word(name: str) -> str | None:
    """The word by which a name says that the place is a temple; None for any other name."""
    found = _TEMPLE_TH.search(name) or _TEMPLE_EN.search(name)
    return None if found is None else found.group().strip()
