"""A city that tells, for tests of webhooks: step by step in this process, or as two of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ledger.chain.clock import SystemClock
from ledger.services.webhook_work import Webhooks
from tests.integration.till import Till

PATIENCE_SECONDS = 200


@dataclass(slots=True)
class Wall:
    """The machine's clock, moved by hand."""

    moved: int = 0
    clock: SystemClock = field(default_factory=SystemClock)

    async def now(self) -> int:
        return await self.clock.now() + self.moved


@asynccontextmanager
async def working(till: Till, wall: Wall) -> AsyncIterator[Webhooks]:
    work = Webhooks(till.runtime, clock=wall)
    try:
        yield work
    finally:
        await work.retire()


async def turn(work: Webhooks) -> int:
    """One look, and all that set out has come to an end."""
    told = await work.step()
    await work.settled()
    return told
