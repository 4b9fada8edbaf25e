"""The sequencer at work: one active process per deployment, step by step, until told to stop."""

import asyncio
import logging
import secrets
from dataclasses import dataclass
from typing import Final

from ledger.chain.clock import Clock
from ledger.db import batches
from ledger.db.session import transaction
from ledger.errors import ChainFailure, LedgerError
from ledger.sequencer.outbox import say_orders, say_redemptions
from ledger.sequencer.port import Port
from ledger.sequencer.watching import watch

LEASE: Final = "sequencer"
LEASE_SECONDS: Final = 5
"""How long a standby waits after a kill. Two active ones would delay each other and no more: the
account row is the lock under which anything is signed."""

PAUSE_MS: Final = 200
PAUSE_AFTER_FAILURE_SECONDS: Final = 2

_log = logging.getLogger("nakhon.sequencer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step did: nothing at all where another process is the active one."""

    active: bool
    orders: int = 0
    redemptions: int = 0


class Sequencer:
    """Carries the outbox to the chain. Every step begins from what is stored; none is needed to
    have ended well before the next."""

    def __init__(self, port: Port, clock: Clock) -> None:
        self.port = port
        self.clock = clock
        self.owner = secrets.token_hex(16)
        self._said_at = 0

    async def step(self, *, patient: bool = False) -> Step:
        """Look after what was sent, then say what waits. A `patient` step lets redemptions gather
        for `batch_wait_seconds` between batches."""
        now = await self.clock.now()
        if not await self._lead(now):
            return Step(active=False)
        await watch(self.port, now=now)
        orders = await say_orders(self.port, now=now)
        redemptions = 0
        if not patient or now - self._said_at >= self.port.limits.batch_wait_seconds:
            redemptions = await say_redemptions(self.port, now=now)
            self._said_at = now if redemptions else self._said_at
        return Step(active=True, orders=orders, redemptions=redemptions)

    async def _lead(self, now: int) -> bool:
        async with transaction(self.port.engine) as session:
            return await batches.take_lease(
                session, self._lease, self.owner, now=now, seconds=LEASE_SECONDS
            )

    @property
    def _lease(self) -> str:
        return f"{LEASE} {self.port.deployment.chain_id} {self.port.book[:18]}"

    async def run(self, stop: asyncio.Event) -> None:
        """Step after step until `stop` is set. A node that is down or lies is waited out; what was
        promised stays in the outbox meanwhile."""
        try:
            while not stop.is_set():
                await _pause(stop, await self._try_step())
        finally:
            await self.retire()

    async def retire(self) -> None:
        """Let a standby act at once."""
        async with transaction(self.port.engine) as session:
            await batches.give_up_lease(session, self._lease, self.owner)

    async def _try_step(self) -> int:
        try:
            await self.step(patient=True)
        except ChainFailure as failure:
            _log.warning("the sequencer waits: %s", failure)
            return PAUSE_AFTER_FAILURE_SECONDS * 1_000
        except LedgerError as failure:
            _log.error("alarm: the sequencer stumbled: %s", failure)
            return PAUSE_AFTER_FAILURE_SECONDS * 1_000
        return PAUSE_MS


async def _pause(stop: asyncio.Event, milliseconds: int) -> None:
    try:
        async with asyncio.timeout(milliseconds / 1_000):
            await stop.wait()
    except TimeoutError:
        return
