"""A city that tells, for tests of webhooks: step by step in this process, or as two of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import text

from ledger.chain.clock import SystemClock
from ledger.db.session import reading
from ledger.services.webhook_work import Webhooks
from tests.integration.city_process import CityProcess, city_process
from tests.integration.conftest import Town
from tests.integration.test_two_processes import charge_now
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


@asynccontextmanager
async def two_servers(till: Till, town: Town, folder: Path) -> AsyncIterator[list[CityProcess]]:
    record = folder / "31337.json"
    record.write_bytes(town.city.deployment.document())
    environment = {
        "NAKHON_HOME": str(folder),
        "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
        "NAKHON_RPC_URL": town.city.rpc_url,
        "NAKHON_DEPLOYMENT": str(record),
        "NAKHON_CLOCK": "chain",
        "NAKHON_PORT": "0",
        "NAKHON_CONFIRMATIONS": "2",
        "NAKHON_BATCH_WAIT_SECONDS": "0",
    }
    with ExitStack() as stack:
        opened = [city_process(environment, folder / f"{number}.log") for number in range(2)]
        yield [await asyncio.to_thread(stack.enter_context, one) for one in opened]


async def teller(till: Till, servers: list[CityProcess]) -> CityProcess:
    """The server that tells."""
    async with reading(till.runtime.engine) as connection:
        leads = text("SELECT owner FROM leases WHERE name LIKE 'webhooks %'")
        owner = str((await connection.execute(leads)).scalar_one())
    return next(one for one in servers if one.pid == int(owner.split()[-2]))


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await done():  # noqa: ASYNC110 (another process does it)
            await asyncio.sleep(0.1)


async def pay_at(till: Till, server: CityProcess, who: str) -> None:
    body = await charge_now(till, who, 4_000)
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        answer = await client.post(
            "/v1/redemptions", json=body, headers={"idempotency-key": f"heard-{who}"}
        )
    assert answer.status_code == 201, answer.text
