"""Something a contract said: the base of every event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something a contract said. `contract` is the address that spoke, where the reader gave it."""

    contract: str = ""
