"""What city hall's page asks for beside the orders themselves: who signs, previews, drafts read."""

from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.base import Bilingual, Hash32, SatangSum, Schema, Sentences
from api.schemas.campaigns import POLICY_EXAMPLE


class OfficerSeen(Schema):
    """Whose key it is and what it may do."""

    name: str
    roles: list[str]


class CheckPolicy(Schema):
    """A draft as it stands, with its faults; and, where both are given, whether a `budget` covers
    so many `people`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"policy": POLICY_EXAMPLE}]})

    policy: dict[str, Any]
    budget: SatangSum | None = None
    people: int | None = Field(default=None, ge=1, le=100_000_000)


class PolicyFault(Schema):
    """What is wrong at one place of a draft, by its JSON pointer."""

    pointer: str = Field(examples=["/per_day_max"])
    th: str
    en: str


class PolicyChecked(Schema):
    """A draft read aloud, or every field that is wrong. `hash` is what the contract will hold."""

    faults: list[PolicyFault]
    hash: Hash32 | None = None
    name: Bilingual | None = None
    sentences: Sentences | None = None


class BadLine(Schema):
    """One fault of a line that nobody can take; a line with several stands there as often.
    `why_th` where it can be said in Thai."""

    line: int
    why: str
    why_th: str | None = None
    value: str


class TablePreview(Schema):
    """What a table would do. `ready` lines could be ordered now if there were no bad ones; nothing
    is kept by asking. `bad` names every fault, by line."""

    ready: int
    bad: list[BadLine]
