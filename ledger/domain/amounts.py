"""Amounts of money: whole satang inside, baht for people.

1 baht = 100 satang. No float ever holds an amount.
"""

from __future__ import annotations

import re
from typing import Final

from ledger.errors import AmountInvalid

SATANG_MAX: Final = 2**32 - 1
"""The most of one bill: what a message and a record have room for."""

SUM_MAX: Final = 2**63 - 1
"""The most of a sum: what a database holds."""

SATANG_PER_BAHT: Final = 100

_DIGITS: Final = "0123456789"
_THAI_DIGITS: Final = "๐๑๒๓๔๕๖๗๘๙"
_TO_ASCII: Final = str.maketrans(
    _THAI_DIGITS + "０１２３４５６７８９，．",
    _DIGITS + _DIGITS + ",.",
)
_TO_THAI: Final = str.maketrans(_DIGITS, _THAI_DIGITS)
_BAHT: Final = re.compile(r"(0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?")
_SATANG: Final = re.compile(r"0|[1-9][0-9]{0,9}")
_TEXT_MAX: Final = 40
_SPACES: Final = " \t\u00a0\u3000"


def parse_baht(text: object, most: int = SATANG_MAX) -> int:
    """Read an amount of baht as a person types it, into satang (0 … `most`).

    Takes Thai and full-width digits, commas at the thousands, one or two decimals, spaces around.
    Raises AmountInvalid for everything else: a sign, a comma elsewhere ("1,5" is two numbers to two
    readers), leading zeros, three decimals, an exponent, NUL, more than `most`, no text at all.
    """
    if not isinstance(text, str):
        raise AmountInvalid(text=type(text).__name__, why="an amount is a text, never a float")
    shown = text[:_TEXT_MAX]
    if len(text) > _TEXT_MAX:
        raise AmountInvalid(text=shown, why="too long")
    found = _BAHT.fullmatch(text.strip(_SPACES).translate(_TO_ASCII))
    if found is None:
        raise AmountInvalid(text=shown, why="not digits with at most two decimals")
    baht, decimals = found.groups()
    satang = int(baht.replace(",", "")) * SATANG_PER_BAHT + int((decimals or "").ljust(2, "0"))
    if satang > most:
        raise AmountInvalid(text=shown, why=f"more than {format_baht(most)} baht")
    return satang


def parse_satang(text: object) -> int:
    """Read an amount as JSON carries it: a string of ASCII digits, satang, 0 … SATANG_MAX.

    Raises AmountInvalid for any other spelling, and for a number in place of the string.
    """
    if not isinstance(text, str):
        raise AmountInvalid(text=type(text).__name__, why="satang are written as a string")
    if _SATANG.fullmatch(text) is None or int(text) > SATANG_MAX:
        raise AmountInvalid(text=text[:_TEXT_MAX], why=f"not whole satang in 0 … {SATANG_MAX}")
    return int(text)


def format_baht(satang: int) -> str:
    """Write satang as baht with two decimals: 123450 → "1,234.50"."""
    baht, rest = divmod(abs(satang), SATANG_PER_BAHT)
    return f"{'-' if satang < 0 else ''}{baht:,}.{rest:02d}"


def brief_baht(satang: int) -> str:
    """Write satang as baht for a sentence, without ".00": 18000 → "180", 18050 → "180.50"."""
    return format_baht(satang).removesuffix(".00")


def thai_digits(text: str) -> str:
    """Return the text with its ASCII digits in Thai: "180.50" → "๑๘๐.๕๐"."""
    return text.translate(_TO_THAI)
