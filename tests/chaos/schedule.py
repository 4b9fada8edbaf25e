"""What goes wrong, and when: decided by a seed before anything begins, and printed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SERVERS: Final = 2
FIRST_MS: Final = 2_000
GAP_MS: Final = (600, 3_500)
REORG_DEPTH_MAX: Final = 5
LOST_SECONDS_MAX: Final = 3
"""A reorg and a node that loses its last blocks may meet: together they stay below finality."""

CHAIN_GAP_MS: Final = 8_000
"""Between two acts that shorten the chain it grows by more than either takes."""


class Kind(StrEnum):
    """One kind of fault."""

    KILL_SERVER = "kill server"
    PAUSE_SERVER = "pause server"
    KILL_NODE = "kill node"
    REORG = "reorg"
    DROP_POOL = "drop waiting transactions"
    NODE_DOWN = "node down"
    NODE_BUSY = "node answers 429"
    NODE_HANGS = "node hangs"
    NODE_FOREIGN = "node of another chain"
    NODE_STALE = "node with a stale head"
    CUT_BEFORE = "line cut before sending"
    CUT_AFTER = "line cut after sending"
    CUT_DATABASE = "database connections cut"
    POWER = "power loss of everything"


WEIGHTS: Final[dict[Kind, int]] = {
    Kind.KILL_SERVER: 5,
    Kind.PAUSE_SERVER: 2,
    Kind.KILL_NODE: 2,
    Kind.REORG: 5,
    Kind.DROP_POOL: 2,
    Kind.NODE_DOWN: 2,
    Kind.NODE_BUSY: 2,
    Kind.NODE_HANGS: 2,
    Kind.NODE_FOREIGN: 1,
    Kind.NODE_STALE: 2,
    Kind.CUT_BEFORE: 2,
    Kind.CUT_AFTER: 2,
    Kind.CUT_DATABASE: 2,
    Kind.POWER: 1,
}
assert WEIGHTS.keys() == set(Kind), "every fault happens"

SHORTENS: Final = frozenset({Kind.KILL_NODE, Kind.REORG, Kind.POWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One fault: when it begins (milliseconds from the start), to whom, and how much of it:
    milliseconds for what lasts, blocks for a reorg."""

    at_ms: int
    kind: Kind
    server: int = 0
    much: int = 0

    def __str__(self) -> str:
        whom = f" {self.server}" if self.kind in (Kind.KILL_SERVER, Kind.PAUSE_SERVER) else ""
        unit = "blocks" if self.kind is Kind.REORG else "ms"
        how = f", {self.much} {unit}" if self.much else ""
        return f"{self.at_ms / 1_000:8.1f} s  {self.kind}{whom}{how}"


def schedule(seed: int, seconds: int) -> list[Act]:
    """The faults of a run: the same for the same seed and length."""
    return list(_acts(random.Random(seed), seconds * 1_000))


def _acts(chance: random.Random, until_ms: int) -> Iterator[Act]:
    at_ms, shortened_ms = FIRST_MS, -CHAIN_GAP_MS
    kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
    while at_ms < until_ms:
        (kind,) = chance.choices(kinds, weights)
        server, lasts = chance.randrange(SERVERS), chance.randrange(300, 3_000)
        depth, gap = chance.randint(1, REORG_DEPTH_MAX), chance.randint(*GAP_MS)
        if kind in SHORTENS:
            if at_ms - shortened_ms < CHAIN_GAP_MS:
                continue
            shortened_ms = at_ms
        much = {
            Kind.KILL_SERVER: 0,
            Kind.DROP_POOL: 0,
            Kind.CUT_BEFORE: 0,
            Kind.CUT_AFTER: 0,
            Kind.CUT_DATABASE: 0,
            Kind.REORG: depth,
        }.get(kind, lasts)
        yield Act(at_ms=at_ms, kind=kind, server=server, much=much)
        at_ms += gap
