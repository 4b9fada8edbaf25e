"""The index held against the chain again and again while the city runs: drift is not waited for.

Two looks each time. The contracts' counters against the sums of all rows finds a row that is
missing, doubled or of another amount, at once. Old blocks read anew, row by row and round and
round, finds what no sum shows: another holder, another shop, another hour.
"""

import asyncio
import logging
import time
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import SQLModel

from ledger.chain.clock import SystemClock
from ledger.chain.gateway import Gateway
from ledger.db.index_blocks import last_indexed
from ledger.db.index_compare import key_of, rows_between
from ledger.db.index_doubts import drop_doubt, keep_doubt
from ledger.db.index_rows import Row, Rows
from ledger.db.session import reading
from ledger.db.tables_index import FACTS, IndexedBlock, IndexedEvent
from ledger.errors import IndexDrifted
from ledger.indexer.fetch import Span, read_spans
from ledger.indexer.source import Source
from ledger.indexer.spans import SpanSize
from ledger.indexer.sync import rows_of
from ledger.indexer.totals import check_whole

RECONCILE_MS: Final = 30_000
LOOK_MS: Final = 1_000
"""How long old blocks are read anew each time."""

LOOK_WORDS, LOOK_BLOCKS_MAX = 1_000, 16
"""Old blocks are read anew in small spans: the till answers in the same process, between two. A
quiet night may not make the spans of a busy noon long."""

DRIFTS_MAX: Final = 5
SHARE: Final = 5
"""A look that took long is repeated after this many times as long: a sixth of the time at most."""

COMPARED: Final[tuple[type[SQLModel], ...]] = (IndexedBlock, IndexedEvent, *FACTS)

_log = logging.getLogger("nakhon.indexer")


@dataclass(slots=True, kw_only=True)
class Reconciliation:
    """One process's looks at one index. `place` is the next block to be read anew."""

    gateway: Gateway
    engine: AsyncEngine
    source: Source
    confirmations: int
    every_ms: int = RECONCILE_MS
    place: int | None = None
    size: SpanSize = field(
        default_factory=lambda: SpanSize(
            blocks=1, words_target=LOOK_WORDS, blocks_max=LOOK_BLOCKS_MAX
        )
    )
    drifts: int = 0
    _next_ns: int = 0

    def begin(self) -> None:
        """Look at once: this process has just begun to lead."""
        self._next_ns = 0

    def due(self) -> bool:
        """Whether it is time for another look."""
        return time.monotonic_ns() >= self._next_ns

    async def look(self) -> None:
        """Hold the index against the chain. Where it differs DRIFTS_MAX times in a row, write that
        down: nothing is issued until a look finds nothing."""
        began = time.monotonic_ns()
        try:
            await self._compare_sums()
            await self._compare_rows()
        except IndexDrifted as drift:
            # A node in the middle of a reorg tells two stories for a moment: it is asked again.
            self.drifts += 1
            _log.error("alarm: the index differs from the chain (%d): %s", self.drifts, drift)
            if self.drifts < DRIFTS_MAX:
                return
            await self.stop_issuing(drift)
        else:
            if await drop_doubt(self.engine, self.source.chain_id):
                _log.warning("the index agrees with the chain again: issuing goes on")
        self.drifts, now = 0, time.monotonic_ns()
        self._next_ns = now + max(self.every_ms * 1_000_000, SHARE * (now - began))

    async def stop_issuing(self, drift: IndexDrifted) -> None:
        """Write down that the index differs: nothing is issued from now on."""
        what = str(drift.details.get("what", drift))
        now = await SystemClock().now()
        await keep_doubt(self.engine, self.source.chain_id, what=what, since=now)
        _log.error("alarm: the index is not what the chain says, issuing stops: %s", what)

    async def _compare_sums(self) -> None:
        async with reading(self.engine) as connection:
            tip = await last_indexed(connection, self.source.chain_id)
            if tip is not None:
                await check_whole(self.gateway, connection, self.source, tip.number)

    async def _compare_rows(self) -> None:
        """Read the next final blocks anew for LOOK_MS or a bit more, at the end from the first,
        resting for as long as each span took."""
        began = now = time.monotonic_ns()
        while now - began < LOOK_MS * 1_000_000:
            if await self._one_span():
                return
            await asyncio.sleep((time.monotonic_ns() - now) / 1_000_000_000)
            now = time.monotonic_ns()

    async def _one_span(self) -> bool:
        """Compare the next span; whether it was the last of the chain."""
        async with reading(self.engine) as connection:
            tip = await last_indexed(connection, self.source.chain_id)
        final = -1 if tip is None else tip.number - self.confirmations
        first = self.source.first_block if self.place is None else self.place
        if first > final:
            self.place = None
            return True
        prepare = partial(rows_of, self.source.chain_id)
        # Not beyond this span: the next one would be read ahead, and nobody would want it.
        _, end = self.size.after(first, final)
        spans = read_spans(self.gateway, self.source, first, end, self.size, prepare)
        async with aclosing(spans):
            span, rows = await anext(spans)
        async with reading(self.engine) as connection:
            await _compare(connection, self.source.chain_id, span, rows)
        self.place = span.blocks[-1].number + 1
        return False


async def _compare(connection: AsyncConnection, chain_id: int, span: Span, rows: Rows) -> None:
    first, last = span.blocks[0].number, span.blocks[-1].number
    for model in COMPARED:
        found = await rows_between(connection, model, chain_id, first, last)
        wrong = _differing(model, rows.by_table[model], found)
        if wrong:
            what = f"{wrong} rows of {model.__tablename__} in blocks {first}-{last} differ"
            raise IndexDrifted(what=what)


def _differing(model: type[SQLModel], expected: list[Row], found: list[Row]) -> int:
    """How many rows only one side has, or has otherwise."""
    key = key_of(model)
    ours = {tuple(row[place] for place in key): row for row in found}
    theirs = {tuple(row[place] for place in key): row for row in expected}
    return sum(ours.get(name) != theirs.get(name) for name in ours.keys() | theirs.keys())
