"""Every fault of a policy document at once, for a form that marks each field.

The reader of policies stops at the first defect, as a court does. A form wants them all: so each
field that was found bad is put right by a harmless one, and the document is read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson

from ledger.domain.policy import parse_policy
from ledger.errors import PolicyInvalid

FAULTS_MAX: Final = 24

_HARMLESS: Final[dict[str, Any]] = {
    "version": 1,
    "name": {"th": "ร่าง", "en": "Draft"},
    "window": {"starts": "2026-01-01T00:00:00+07:00", "ends": "2026-12-30T00:00:00+07:00"},
    "hours": {"every_day": ["00:00", "24:00"]},
    "share_basis_points": 10_000,
    "allowance": "16777215",
    "audience": ["resident"],
    "categories": "any",
    "districts": "any",
    "same_district": False,
    "issue": "everyone",
}
"""A value for each field a policy must have, with which nothing else can be in conflict. A field it
may do without is left out instead."""

_HANGS_ON: Final[dict[str, frozenset[str]]] = {
    "window": frozenset({"first_use_by", "till"}),
    "allowance": frozenset({"till"}),
    "per_use_max": frozenset({"till"}),
}
"""What is judged against a field: once that was put right, a fault there would be of our making."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at one place of a document: its JSON pointer, and why in both languages."""

    pointer: str
    th: str
    en: str


def policy_faults(document: bytes) -> list[Fault]:
    """Return the faults of a document in the order they are met, one for each field at most (a
    name has two fields); none for a policy that `parse_policy` takes.

    A document that is no JSON object has one fault, at its root. Never raises for any bytes.
    """
    found: list[Fault] = []
    mended = document
    while len(found) < FAULTS_MAX:
        try:
            parse_policy(mended)
        except PolicyInvalid as error:
            fault = _fault(error)
            found.append(fault)
            better = _mend(mended, fault.pointer)
            if better is None:
                break
            mended = better
        else:
            break
    return found


def _fault(error: PolicyInvalid) -> Fault:
    why = str(error.details["why"])
    return Fault(
        pointer=str(error.details["pointer"]), th=str(error.details.get("why_th", why)), en=why
    )


def _mend(document: bytes, pointer: str) -> bytes | None:
    """The document without the fault at `pointer`; None where that cannot be done."""
    first, _, second = pointer.removeprefix("/").partition("/")
    name = first.replace("~1", "/").replace("~0", "~")
    try:
        fields = orjson.loads(document.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    if not isinstance(fields, dict) or not name:
        return None
    gone = {name, *_HANGS_ON.get(name, ())}
    kept = {key: value for key, value in fields.items() if key not in gone}
    if name in _HARMLESS:
        kept[name] = _HARMLESS[name]
    if name == "name" and second in _HARMLESS["name"] and isinstance(fields["name"], dict):
        # The two names are two fields of a form, and neither is judged against the other.
        kept["name"] = fields["name"] | {second: _HARMLESS["name"][second]}
    return orjson.dumps(kept)
