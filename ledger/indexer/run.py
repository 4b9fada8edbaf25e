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
from ledger.errors import (
    IndexDrifted,
    NodeLied,
    NodeRefused,
    NodeUnreachable,
    WrongChain,
    WrongState,
)
from ledger.indexer.reconcile import RECONCILE_MS, Reconciliation
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
    reconcile_ms: int = RECONCILE_MS,
) -> None:
    """Keep the index at the node's head until `stop` is set.

    Of several processes one indexes and the others wait for its lease to end; where two should
    ever both believe to lead, the checkpoint lets only one of them write.

    A node or database that cannot be reached, or a node that serves another chain id, is asked
    again, ever less often. What no repetition mends is raised, and nothing more is indexed:
    ReorgTooDeep, UnknownEvent, and NodeLied when the node has contradicted itself DOUBTS_MAX times
    in a row. `after_sync` hears every report.

    What was indexed before is compared with the contracts whenever this process begins to lead,
    which `on_lead` hears, and every `reconcile_ms` from then on (`ledger.indexer.reconcile`). Where
    it differs, issuing stops, and the index goes on following: a till does not wait for a repair.
    """
    size = SpanSize()

    async def sync() -> None:
        report = await sync_once(
            gateway,
            engine,
            source_of(deployment),
            confirmations=confirmations,
            size=size,
            witness=witness,
        )
        if report.orphaned:
            _log.warning("reorg: %d blocks were replaced", len(report.orphaned))
        if after_sync is not None:
            await after_sync(report)

    lead = Lead(engine, f"{LEASE} {deployment.chain_id}")
    reconciliation = Reconciliation(
        gateway=gateway,
        engine=engine,
        source=source_of(deployment),
        confirmations=confirmations,
        every_ms=reconcile_ms,
    )
    indexer = _Indexer(
        lead=lead,
        sync=sync,
        on_lead=on_lead,
        poll_ms=poll_ms,
        pause_ms=poll_ms,
        reconciliation=reconciliation,
    )
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
    sync: Callable[[], Awaitable[None]]
    on_lead: Callable[[], None] | None
    poll_ms: int
    pause_ms: int
    reconciliation: Reconciliation
    leads: bool = False
    doubts: int = 0

    async def turn(self) -> None:
        """Sync once where this process leads, and say how long to wait."""
        try:
            await self._believe()
        except (NodeUnreachable, NodeRefused) as failure:
            self._slower()
            _log.warning("the node cannot be read, again in %d ms: %s", self.pause_ms, failure)
        except WrongChain as elsewhere:
            # A provider that sends us to another network for a moment must not close the tills.
            self._slower()
            _log.error("alarm: the node serves another chain: %s", elsewhere)
        except WrongState as overtaken:
            self.leads = False
            _log.warning("another indexer wrote meanwhile: %s", overtaken)
        except (SQLAlchemyError, OSError) as failure:
            self.leads = False
            self._slower()
            _log.error("alarm: the database cannot be reached: %s", failure)

    async def _believe(self) -> None:
        """Take a turn, and doubt a node that contradicts itself or the index."""
        try:
            await self._turn()
        except NodeLied as doubt:
            self.doubts += 1
            _log.error("alarm: the node contradicts itself (%d): %s", self.doubts, doubt)
            if self.doubts < DOUBTS_MAX:
                return
            if isinstance(doubt, IndexDrifted):
                await self.reconciliation.stop_issuing(doubt)
            raise
        else:
            self.doubts = 0
            self.pause_ms = self.poll_ms if self.leads else max(self.poll_ms, STANDBY_MS)

    async def _turn(self) -> None:
        began = not self.leads
        self.leads = await self.lead.take()
        if not self.leads:
            return
        if began:
            self.reconciliation.begin()
            if self.on_lead is not None:
                self.on_lead()
        async with self.lead.kept():
            await self.sync()
            if self.reconciliation.due():
                await self.reconciliation.look()

    def _slower(self) -> None:
        self.pause_ms = min(PAUSE_MS_MAX, 2 * self.pause_ms)

    async def retire(self) -> None:
        """Let a standby index at once."""
        try:
            await self.lead.give_up()
        except SQLAlchemyError as failure:
            _log.warning("the lease ends by itself: %s", failure)
