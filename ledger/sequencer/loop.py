"""The sequencer at work: one active process per deployment, step by step, until told to stop."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from ledger.chain.clock import Clock
from ledger.db.leases import Lead
from ledger.errors import ChainFailure, LedgerError, WrongChain, WrongState
from ledger.sequencer.outbox import say_orders, say_redemptions
from ledger.sequencer.port import Port
from ledger.sequencer.watching import watch

LEASE: Final = "sequencer"
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
        name = f"{LEASE} {port.deployment.chain_id} {port.book[:18]}"
        self.lead = Lead(port.engine, name)
        self.port = replace(port, lead=self.lead)
        self.clock = clock
        self._said_at = 0

    async def step(self, *, patient: bool = False) -> Step:
        """Look after what was sent, then say what waits. A `patient` step lets redemptions gather
        for `batch_wait_seconds` between batches."""
        if not await self.lead.take():
            return Step(active=False)
        async with self.lead.kept():
            return await self._work(patient=patient)

    async def _work(self, *, patient: bool) -> Step:
        await self._check_chain()
        now = await self.clock.now()
        await watch(self.port, now=now)
        orders = await say_orders(self.port, now=now)
        redemptions = 0
        if not patient or now - self._said_at >= self.port.limits.batch_wait_seconds:
            redemptions = await say_redemptions(self.port, now=now)
            self._said_at = now if redemptions else self._said_at
        return Step(active=True, orders=orders, redemptions=redemptions)

    async def _check_chain(self) -> None:
        """Raise WrongChain before anything is believed of another chain: its count of our account
        would say that somebody else had used our nonces."""
        expected, found = self.port.deployment.chain_id, await self.port.gateway.chain_id()
        if found != expected:
            raise WrongChain(expected=expected, found=found)

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
        try:
            await self.lead.give_up()
        except SQLAlchemyError as failure:
            _log.warning("the lease ends by itself: %s", failure)

    async def _try_step(self) -> int:
        try:
            await self.step(patient=True)
        except WrongChain as elsewhere:
            _log.error("alarm: the sequencer waits for a node of its own chain: %s", elsewhere)
            return PAUSE_AFTER_FAILURE_SECONDS * 1_000
        except ChainFailure as failure:
            _log.warning("the sequencer waits: %s", failure)
            return PAUSE_AFTER_FAILURE_SECONDS * 1_000
        except WrongState as overtaken:
            _log.warning("another sequencer leads: %s", overtaken)
        except LedgerError as failure:
            _log.error("alarm: the sequencer stumbled: %s", failure)
            return PAUSE_AFTER_FAILURE_SECONDS * 1_000
        except (SQLAlchemyError, OSError) as failure:
            _log.error("alarm: the sequencer cannot reach the database: %s", failure)
            return PAUSE_AFTER_FAILURE_SECONDS * 1_000
        return PAUSE_MS


async def _pause(stop: asyncio.Event, milliseconds: int) -> None:
    try:
        async with asyncio.timeout(milliseconds / 1_000):
            await stop.wait()
    except TimeoutError:
        return
