"""The indexer as a process: sync, wait, sync again, until told to stop or unable to go on."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.db.leases import Lead
from ledger.errors import NodeLied, NodeRefused, NodeUnreachable, WrongState
from ledger.indexer.source import source_of
from ledger.indexer.spans import SpanSize
from ledger.indexer.sync import CONFIRMATIONS, SyncReport, sync_once

LEASE: Final = "indexer"
POLL_MS: Final = 500
DOUBTS_MAX: Final = 5
"""A provider in mid-reorg contradicts itself for a moment; one that goes on doing so is stopped."""

STANDBY_MS: Final = 500
"""How often a standby asks whether it must lead."""

PAUSE_MS_MAX: Final = 30_000

_log = logging.getLogger("nakhon.indexer")


async def run_indexer(
    gateway: Gateway,
    engine: AsyncEngine,
    deployment: Deployment,
    *,
    stop: asyncio.Event,
    confirmations: int = CONFIRMATIONS,
    poll_ms: int = POLL_MS,
    witness: Gateway | None = None,
    after_sync: Callable[[SyncReport], Awaitable[None]] | None = None,
    on_lead: Callable[[], None] | None = None,
) -> None:
    """Keep the index at the node's head until `stop` is set.

    Of several processes one indexes and the others wait for its lease to end; where two should
    ever both believe to lead, the checkpoint lets only one of them write.

    A node or database that cannot be reached is asked again, ever less often. What no repetition
    mends is raised, and nothing more is indexed: ReorgTooDeep, UnknownEvent, WrongChain, and
    NodeLied when the node has contradicted itself DOUBTS_MAX times in a row. What was indexed
    before is compared with the contracts whenever this process begins to lead, which `on_lead`
    hears. `after_sync` hears every report.
    """
    size = SpanSize()

    async def sync(thorough: bool) -> None:
        report = await sync_once(
            gateway,
            engine,
            source_of(deployment),
            confirmations=confirmations,
            size=size,
            witness=witness,
            thorough=thorough,
        )
        if report.orphaned:
            _log.warning("reorg: %d blocks were replaced", len(report.orphaned))
        if after_sync is not None:
            await after_sync(report)

    lead = Lead(engine, f"{LEASE} {deployment.chain_id}")
    indexer = _Indexer(lead=lead, sync=sync, on_lead=on_lead, poll_ms=poll_ms, pause_ms=poll_ms)
    try:
        while not stop.is_set():
            await indexer.turn()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(indexer.pause_ms / 1000):
                    await stop.wait()
    finally:
        await indexer.retire()


@dataclass(slots=True, kw_only=True)
class _Indexer:
    lead: Lead
    sync: Callable[[bool], Awaitable[None]]
    on_lead: Callable[[], None] | None
    poll_ms: int
    pause_ms: int
    leads: bool = False
    thorough: bool = True
    doubts: int = 0

    async def turn(self) -> None:
        """Sync once where this process leads, and say how long to wait."""
        try:
            await self._turn()
        except (NodeUnreachable, NodeRefused) as failure:
            self._slower()
            _log.warning("the node cannot be read, again in %d ms: %s", self.pause_ms, failure)
        except NodeLied as doubt:
            self.doubts += 1
            _log.error("alarm: the node contradicts itself (%d): %s", self.doubts, doubt)
            if self.doubts == DOUBTS_MAX:
                raise
        except WrongState as overtaken:
            self.leads = False
            _log.warning("another indexer wrote meanwhile: %s", overtaken)
        except (SQLAlchemyError, OSError) as failure:
            self.leads = False
            self._slower()
            _log.error("alarm: the database cannot be reached: %s", failure)
        else:
            self.doubts = 0
            self.pause_ms = self.poll_ms if self.leads else max(self.poll_ms, STANDBY_MS)

    async def _turn(self) -> None:
        began = not self.leads
        self.leads = await self.lead.take()
        if not self.leads:
            return
        if began:
            self.thorough = True
            if self.on_lead is not None:
                self.on_lead()
        async with self.lead.kept():
            await self.sync(self.thorough)
        self.thorough = False

    def _slower(self) -> None:
        self.pause_ms = min(PAUSE_MS_MAX, 2 * self.pause_ms)

    async def retire(self) -> None:
        """Let a standby index at once."""
        try:
            await self.lead.give_up()
        except SQLAlchemyError as failure:
            _log.warning("the lease ends by itself: %s", failure)
