"""The widths of packed lanes, and the one check that a number fits in its lane."""

from __future__ import annotations

from typing import Final

from ledger.errors import InputInvalid

U8: Final = 2**8 - 1
U16: Final = 2**16 - 1
U21: Final = 2**21 - 1
U19: Final = 2**19 - 1
U24: Final = 2**24 - 1
U32: Final = 2**32 - 1
U40: Final = 2**40 - 1
U64: Final = 2**64 - 1
U96: Final = 2**96 - 1
U168: Final = 2**168 - 1


def within(what: str, value: int, most: int) -> int:
    """Return `value`. Raises InputInvalid unless 0 ≤ value ≤ most."""
    if not 0 <= value <= most:
        raise InputInvalid(what=what, why=f"{value} is not in 0 … {most}")
    return value
