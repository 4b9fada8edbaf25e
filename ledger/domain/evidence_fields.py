"""How the parts of a verdict's evidence are spelled in JSON, one spelling per value.

Amounts are strings of satang, masks and hashes hexadecimal, times and numbers integers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, partial
from typing import Any, Final, TypeVar

from ledger.errors import InputInvalid

T = TypeVar("T")

NUMBER_MAX: Final = 2**53 - 1
_AMOUNT: Final = re.compile(r"0|-?[1-9][0-9]{0,77}")
_MASK: Final = re.compile(r"0x(?:0|[1-9a-f][0-9a-f]{0,63})")
_BYTES: Final = re.compile(r"0x(?:[0-9a-f]{2}){0,64}")
_TEXT_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Spelling:
    """One kind of value: how it is written, and how it is read. `read` raises InputInvalid."""

    write: Callable[[Any], Any]
    read: Callable[[str, Any], Any]


Table = Mapping[str, Spelling]


def _number(where: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= NUMBER_MAX:
        raise InputInvalid(what=where, why=f"a whole number in 0 … {NUMBER_MAX} is needed")
    return value


def _truth(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputInvalid(what=where, why="true or false is needed")
    return value


def _matched(where: str, value: Any, pattern: re.Pattern[str], needed: str) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise InputInvalid(what=where, why=f"{needed} is needed")
    return value


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > _TEXT_MAX:
        raise InputInvalid(what=where, why=f"a text of at most {_TEXT_MAX} characters is needed")
    return value


def _bytes(where: str, value: Any) -> bytes:
    return bytes.fromhex(_matched(where, value, _BYTES, "0x and pairs of lower-case digits")[2:])


NUMBER: Final = Spelling(lambda value: value, _number)
TRUTH: Final = Spelling(lambda value: value, _truth)
TEXT: Final = Spelling(str, _text)
AMOUNT: Final = Spelling(
    str,
    lambda where, value: int(_matched(where, value, _AMOUNT, "satang as a string of digits")),
)
MASK: Final = Spelling(
    hex,
    lambda where, value: int(_matched(where, value, _MASK, "a lower-case 0x number"), 16),
)
BYTES: Final = Spelling(lambda value: "0x" + value.hex(), _bytes)


def word_of(kind: type[IntEnum]) -> Spelling:
    """Return the spelling of a status: its name in lower case."""
    known = {one.name.lower(): one for one in kind}

    def read(where: str, value: Any) -> IntEnum:
        if not isinstance(value, str) or value not in known:
            raise InputInvalid(what=where, why=f"one of {', '.join(known)} is needed")
        return known[value]

    return Spelling(lambda value: kind(value).name.lower(), read)


def optional(spelling: Spelling) -> Spelling:
    """Return the spelling of a value that may be absent: null."""
    return Spelling(
        lambda value: None if value is None else spelling.write(value),
        lambda where, value: None if value is None else spelling.read(where, value),
    )


def constant_of(table: Table, build: Callable[..., Any]) -> Spelling:
    """As `object_of`, for values that many documents share: each is written once, and copied."""
    written = lru_cache(maxsize=512)(partial(write_fields, table))
    return Spelling(
        lambda value: dict(written(value)),
        lambda where, value: read_fields(table, where, value, build),
    )


def object_of(table: Table, build: Callable[..., Any]) -> Spelling:
    """Return the spelling of an object by a table of its fields (see `write_fields`)."""
    return Spelling(
        lambda value: write_fields(table, value),
        lambda where, value: read_fields(table, where, value, build),
    )


def write_fields(table: Table, of: Any) -> dict[str, Any]:
    """Return the fields of `of` as JSON; a trailing underscore of a Python name is left out."""
    return {name.rstrip("_"): spelling.write(getattr(of, name)) for name, spelling in table.items()}


def read_fields(table: Table, where: str, value: Any, build: Callable[..., T]) -> T:
    """Return what `build` makes of an object with exactly the fields of the table."""
    members = exactly(where, value, {name.rstrip("_") for name in table})
    return build(
        **{
            name: spelling.read(f"{where}.{name.rstrip('_')}", members[name.rstrip("_")])
            for name, spelling in table.items()
        }
    )


def exactly(where: str, value: Any, names: set[str]) -> dict[str, Any]:
    """Return an object that has these members and no others. Raises InputInvalid otherwise."""
    if not isinstance(value, dict):
        raise InputInvalid(what=where, why="an object is needed")
    if value.keys() != names:
        odd = sorted(str(name)[:40] for name in value.keys() ^ names)
        raise InputInvalid(what=where, why=f"missing or unknown: {', '.join(odd[:5])}")
    return value
