"""Text of strangers, made harmless for a terminal, a CSV and a JSON stream.

A shop's name may hold escape sequences, marks that turn the writing direction, or ten thousand
letters. It stays a name: what would act on the terminal is shown as its code point instead.
"""

import re
import unicodedata
from typing import Final

CELL_LETTERS_MAX: Final = 200
COMBINING_RUN_MAX: Final = 4
"""Thai stacks at most a vowel, a tone and a cancellation mark on one consonant."""

_ACTING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?", re.ASCII)


def neutralise(text: str, *, letters_max: int = CELL_LETTERS_MAX) -> str:
    """`text` with every acting character spelled out as `\\uXXXX`, cut at `letters_max` letters.

    Escape, bidi and zero-width characters, line ends, unassigned and private characters, and
    piles of combining marks cannot reach the terminal through this.
    """
    shown: list[str] = []
    marks = 0
    for letter in text[: letters_max + 1]:
        category = unicodedata.category(letter)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in _ACTING or marks > COMBINING_RUN_MAX:
            shown.append(code_point(letter))
        else:
            shown.append(letter)
    if len(text) > letters_max:
        shown[-1] = "…"
    return "".join(shown)


def code_point(letter: str) -> str:
    """The JSON escape of one character, with a surrogate pair beyond U+FFFF."""
    number = ord(letter)
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def harmless_json(document: str) -> str:
    """A JSON document with acting characters inside its strings escaped. Its value is the same."""
    return "".join(
        code_point(letter) if letter != "\n" and unicodedata.category(letter) in _ACTING else letter
        for letter in document
    )


def csv_cell(text: str) -> str:
    """`text` as a spreadsheet may open it: nothing acting, and never taken for a formula."""
    shown = neutralise(text, letters_max=32_000)
    if shown.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(shown):
        return "'" + shown
    return shown
