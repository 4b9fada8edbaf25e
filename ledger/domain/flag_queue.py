"""The review queue: who looked at which flag, what they decided and why. Only ever appended to.

JSON lines, each with its number, the keccak-256 of the line before and of what was decided, so that
a line that was changed, taken out or put in is found. A decision changes nothing but this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ledger.domain.flags import VERSION, Flag
from ledger.domain.hashing import keccak
from ledger.errors import InputInvalid, NotFound, WrongState

QUEUE_BYTES_MAX: Final = 64 * 1024 * 1024
WHO_LETTERS_MAX: Final = 100
WHY_LETTERS_MAX: Final = 1_000
_START: Final = "0x" + "00" * 32
_MEMBERS: Final = {"n", "at", "flag", "rule", "state", "by", "why", "previous"}


class ReviewState(StrEnum):
    """What a person made of a flag. `confirmed` is a finding for people to act on, not an act."""

    OPEN = "open"
    CLEARED = "cleared"
    CONFIRMED = "confirmed"


NEXT: Final[dict[ReviewState, frozenset[ReviewState]]] = {
    ReviewState.OPEN: frozenset({ReviewState.CLEARED, ReviewState.CONFIRMED}),
    # Somebody looks again.
    ReviewState.CLEARED: frozenset({ReviewState.OPEN}),
    ReviewState.CONFIRMED: frozenset({ReviewState.OPEN}),
}
assert NEXT.keys() == set(ReviewState), "every state needs a row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the last line of a flag says."""

    flag: str
    rule: str
    state: ReviewState
    by: str
    why: str
    at: int


@dataclass(slots=True)
class Queue:
    """The queue as it was read: the last word on each flag, and the end of the chain of lines."""

    reviews: dict[str, Review] = field(default_factory=dict)
    count: int = 0
    head: str = _START

    def opened(self, flags: Iterable[Flag], *, by: str, at: int) -> bytes:
        """Return the lines that put flags into the queue which it does not know; maybe none."""
        return b"".join(
            self._line(flag.id, flag.rule, ReviewState.OPEN, by, f"rules {VERSION}", at)
            for flag in flags
            if flag.id not in self.reviews
        )

    def decided(self, flag: str, state: ReviewState, *, by: str, why: str, at: int) -> bytes:
        """Return the line of a decision.

        Raises NotFound for a flag the queue does not know, WrongState where it cannot follow on the
        state before, InputInvalid without who and why.
        """
        before = self.reviews.get(flag)
        if before is None:
            raise NotFound(what="flag", which=flag[:40])
        if state not in NEXT[before.state]:
            needs = " or ".join(sorted(NEXT[before.state]))
            raise WrongState(what=f"flag {flag}", state=str(before.state), needs=needs)
        for name, text, most in (("by", by, WHO_LETTERS_MAX), ("why", why, WHY_LETTERS_MAX)):
            if not text.strip() or len(text) > most:
                raise InputInvalid(what=name, why=f"1 to {most} letters are needed")
        return self._line(flag, before.rule, state, by, why, at)

    def _line(self, flag: str, rule: str, state: ReviewState, by: str, why: str, at: int) -> bytes:
        document = {
            "n": self.count + 1, "at": at, "flag": flag, "rule": rule, "state": state, "by": by,
            "why": why, "previous": self.head,
        }  # fmt: skip
        line = json.dumps(document, ensure_ascii=True).encode()
        self._take(line, document)
        return line + b"\n"

    def _take(self, line: bytes, document: Mapping[str, Any]) -> None:
        fields = {name: document[name] for name in ("flag", "rule", "by", "why", "at")}
        review = Review(state=ReviewState(document["state"]), **fields)
        self.reviews[review.flag] = review
        self.count += 1
        self.head = "0x" + keccak(line).hex()

    def read(self, line: bytes) -> None:
        """Take one line of a file. Raises InputInvalid where it does not follow on those before."""
        number = self.count + 1
        try:
            document = json.loads(line)
            known = self.reviews.get(document["flag"])
            state = ReviewState(document["state"])
            follows = state in NEXT[known.state] if known else state is ReviewState.OPEN
            good = (
                document.keys() == _MEMBERS
                and all(type(document[name]) is str for name in ("flag", "rule", "by", "why"))
                and type(document["at"]) is int
            )
        except (ValueError, KeyError, TypeError) as broken:
            raise InputInvalid(what="queue", why=f"line {number} is none of ours") from broken
        if not good or not follows:
            raise InputInvalid(what="queue", why=f"line {number} is none of ours")
        if (document["n"], document["previous"]) != (number, self.head):
            why = f"line {number} does not follow on the line before: something was changed"
            raise InputInvalid(what="queue", why=why)
        self._take(line, document)


def read_queue(raw: bytes) -> Queue:
    """Read a queue whole; an empty file is an empty queue.

    Raises InputInvalid naming the first line that is altered, missing or too many. Lines cut off at
    the end of the file can only be noticed by whoever noted its head.
    """
    if len(raw) > QUEUE_BYTES_MAX:
        raise InputInvalid(what="queue", why=f"more than {QUEUE_BYTES_MAX:,} bytes")
    queue = Queue()
    if raw and not raw.endswith(b"\n"):
        raise InputInvalid(what="queue", why="the last line is cut short")
    for line in raw.splitlines():
        queue.read(line)
    return queue
