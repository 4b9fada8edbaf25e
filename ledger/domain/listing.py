"""A list of passes as the contract keeps it: a bitmap over pass numbers, 256 to a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ledger.domain.hashing import keccak
from ledger.domain.ranges import U32
from ledger.errors import ListInvalid

WORD_BITS: Final = 256


def words_of(pass_numbers: Iterable[int]) -> dict[int, int]:
    """Return word index → 256-bit word, ascending, for a list of pass numbers in any order.

    Raises ListInvalid naming every row (from 1) that repeats a pass or is not in 1 … 2^32 - 1, and
    for an empty list.
    """
    words: dict[int, int] = {}
    rows: list[dict[str, object]] = []
    for row, number in enumerate(pass_numbers, start=1):
        if not 1 <= number <= U32:
            rows.append({"row": row, "value": str(number)[:20], "why": "not a pass number"})
            continue
        index, bit = divmod(number, WORD_BITS)
        word = words.get(index, 0)
        if word >> bit & 1:
            rows.append({"row": row, "value": str(number), "why": "listed before"})
        words[index] = word | 1 << bit
    if not words and not rows:
        rows.append({"row": 0, "value": "", "why": "the list is empty"})
    if rows:
        raise ListInvalid(rows=rows)
    return dict(sorted(words.items()))


def list_hash(words: Mapping[int, int]) -> bytes:
    """Return the running hash that binds a list: h = keccak(h · index · word) over ascending words.

    Words of zero are no part of the list. The hash of no words is 32 zero bytes.
    """
    running = bytes(32)
    for index in sorted(words):
        if words[index]:
            running = extend_hash(running, index, words[index])
    return running


def extend_hash(running: bytes, index: int, word: int) -> bytes:
    """Return the running hash after one more non-zero word."""
    return keccak(running + index.to_bytes(32, "big") + word.to_bytes(32, "big"))


def list_count(words: Mapping[int, int]) -> int:
    """Return how many passes are listed."""
    return sum(word.bit_count() for word in words.values())


def passes_in(words: Mapping[int, int]) -> list[int]:
    """Return the listed pass numbers, ascending."""
    return [
        index * WORD_BITS + bit
        for index in sorted(words)
        for bit in range(WORD_BITS)
        if words[index] >> bit & 1
    ]
