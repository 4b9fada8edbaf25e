"""The log of what the city's staff did: append-only, each act holding the hash of the one before.

    hash = keccak256(RFC 8785 of {act, at, before, by, key, number, orders, target})

The hash of the last act of a Bangkok day stands in that day's anchor on the chain. So an act can
be changed, taken out or put in unnoticed only until its day is anchored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import rfc8785

from ledger.domain.anchors import day_begins
from ledger.domain.hashing import keccak
from ledger.errors import InputInvalid

TARGET_LENGTH_MAX: Final = 300
"""What was asked for is kept up to so many letters."""

NO_ACTS: Final = bytes(32)
"""The head of a log in which nothing stands."""

FIELDS: Final = frozenset(
    {"number", "at", "act", "by", "key", "target", "orders", "before", "hash"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAct:
    """One act: what (`act`), by whom (an officer's name and the id of the key that was used), on
    what (`target`, as it was asked for), and the `orders` to the chain that came of it.

    Numbers are dense from 1; `at`, in Unix seconds, never goes back; `before` and `hash` are of
    32 bytes.
    """

    number: int
    at: int
    act: str
    by: str
    key: str
    target: str
    orders: tuple[str, ...]
    before: bytes
    hash: bytes

    def written(self) -> dict[str, Any]:
        """Return the act as JSON: the form it is exported in, and read back by `read_act`."""
        return {
            "number": self.number,
            "at": self.at,
            "act": self.act,
            "by": self.by,
            "key": self.key,
            "target": self.target,
            "orders": list(self.orders),
            "before": "0x" + self.before.hex(),
            "hash": "0x" + self.hash.hex(),
        }


def hash_of_act(written: Mapping[str, Any]) -> bytes:
    """Return the hash of an act in its JSON form, whatever it says its hash is."""
    return keccak(rfc8785.dumps({name: written[name] for name in FIELDS - {"hash"}}))


def next_act(
    *,
    number: int,
    at: int,
    act: str,
    by: str,
    key: str,
    target: str,
    orders: Iterable[str],
    before: bytes,
) -> StaffAct:
    """Return the act that follows the one whose hash is `before`."""
    plain = StaffAct(
        number=number,
        at=at,
        act=act,
        by=by,
        key=key,
        target=target,
        orders=tuple(orders),
        before=before,
        hash=NO_ACTS,
    )
    return read_act(plain.written() | {"hash": "0x" + hash_of_act(plain.written()).hex()})


def read_act(written: Mapping[str, Any]) -> StaffAct:
    """Read the JSON form of an act; whether its hash is right is not asked. InputInvalid for
    anything else."""
    try:
        if set(written) != FIELDS or not all(isinstance(each, str) for each in written["orders"]):
            raise InputInvalid(what="staff act", why="not the fields of one")
        for name in ("act", "by", "key", "target"):
            if not isinstance(written[name], str):
                raise InputInvalid(what="staff act", why=f"{name} is no text")
        return StaffAct(
            number=_whole(written["number"]),
            at=_whole(written["at"]),
            act=written["act"],
            by=written["by"],
            key=written["key"],
            target=written["target"],
            orders=tuple(written["orders"]),
            before=_bytes32(written["before"]),
            hash=_bytes32(written["hash"]),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise InputInvalid(what="staff act", why="not the fields of one") from error


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise ValueError(value)
    return value


def _bytes32(value: str) -> bytes:
    raw = bytes.fromhex(value.removeprefix("0x"))
    if len(raw) != 32 or value != "0x" + raw.hex():
        raise ValueError(value)
    return raw


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFault:
    """The first thing that is wrong with a log: its code, the number of the act where it shows,
    and the anchored day that tells (None where the log contradicts itself)."""

    code: str
    number: int
    day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """What a check of a log found. `anchored` acts are held by an anchor; later ones by themselves
    alone."""

    acts: int
    anchored: int
    heads: int
    fault: LogFault | None


def check_log(acts: Sequence[StaffAct], heads: Mapping[int, bytes]) -> LogReport:
    """Return what is wrong first with a whole log; `heads` are the anchored ones by Bangkok day.

    Codes: `act_altered` (its content has another hash), `act_missing`, `act_inserted`,
    `act_unlinked` (it does not follow the one before it), `act_backdated`, and `log_rewritten`:
    from that number on the log is not the one that was anchored, though it agrees with itself.
    """
    fault = _fault_inside(acts)
    held, matched = 0, 0
    for day, head in sorted(heads.items()):
        if fault is not None:
            break
        dated = [act for act in acts if act.at < day_begins(day + 1)]
        last = dated[-1].hash if dated else NO_ACTS
        if last == head:
            held, matched = len(dated), matched + 1
            continue
        fault = _fault_of_head(acts, head, day, held=held, dated=len(dated))
    return LogReport(acts=len(acts), anchored=held, heads=matched, fault=fault)


def _fault_inside(acts: Sequence[StaffAct]) -> LogFault | None:
    before, at = NO_ACTS, 0
    for expected, act in enumerate(acts, start=1):
        if act.number > expected:
            return LogFault(code="act_missing", number=expected)
        if act.number < expected:
            return LogFault(code="act_inserted", number=act.number)
        if hash_of_act(act.written()) != act.hash:
            return LogFault(code="act_altered", number=act.number)
        if act.before != before:
            return LogFault(code="act_unlinked", number=act.number)
        if act.at < at:
            return LogFault(code="act_backdated", number=act.number)
        before, at = act.hash, act.at
    return None


def _fault_of_head(
    acts: Sequence[StaffAct], head: bytes, day: int, *, held: int, dated: int
) -> LogFault:
    """Why a log that agrees with itself has not the head that was anchored."""
    found = next((act.number for act in acts if act.hash == head), 0 if head == NO_ACTS else None)
    if found is None:
        # The act that was the day's last is nowhere: cut off, or every hash since was made anew.
        code = "act_missing" if len(acts) == held else "log_rewritten"
        return LogFault(code=code, number=held + 1, day=day)
    if found < dated:
        return LogFault(code="act_inserted", number=found + 1, day=day)
    return LogFault(code="log_rewritten", number=held + 1, day=day)
