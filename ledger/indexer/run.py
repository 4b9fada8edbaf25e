"""The indexer as a process: sync, wait, sync again, until told to stop or unable to go on."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.errors import NodeLied, NodeRefused, NodeUnreachable
from ledger.indexer.source import source_of
from ledger.indexer.spans import SpanSize
from ledger.indexer.sync import CONFIRMATIONS, SyncReport, sync_once

POLL_MS: Final = 500
DOUBTS_MAX: Final = 5
"""A provider in mid-reorg contradicts itself for a moment; one that goes on doing so is stopped."""

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
) -> None:
    """Keep the index at the node's head until `stop` is set.

    A node that cannot be reached is asked again, ever less often. What no repetition mends is
    raised, and nothing more is indexed: ReorgTooDeep, UnknownEvent, WrongChain, and NodeLied when
    the node has contradicted itself DOUBTS_MAX times in a row. What was indexed before is compared
    with the contracts once, at the start. `after_sync` hears every report.
    """
    source, size, doubts, pause_ms = source_of(deployment), SpanSize(), 0, poll_ms
    thorough = True
    while not stop.is_set():
        try:
            report = await sync_once(
                gateway,
                engine,
                source,
                confirmations=confirmations,
                size=size,
                witness=witness,
                thorough=thorough,
            )
        except (NodeUnreachable, NodeRefused) as failure:
            pause_ms = min(PAUSE_MS_MAX, 2 * pause_ms)
            _log.warning("the node cannot be read, again in %d ms: %s", pause_ms, failure)
        except NodeLied as doubt:
            doubts += 1
            _log.error("alarm: the node contradicts itself (%d): %s", doubts, doubt)
            if doubts == DOUBTS_MAX:
                raise
        else:
            doubts, pause_ms, thorough = 0, poll_ms, False
            if report.orphaned:
                _log.warning("reorg: %d blocks were replaced", len(report.orphaned))
            if after_sync is not None:
                await after_sync(report)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_ms / 1000):
                await stop.wait()
