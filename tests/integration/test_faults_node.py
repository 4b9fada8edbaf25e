"""A city's process and a node in every trouble a provider has: what was accepted before or during
it reaches the chain once, by itself, as soon as the node is well (FAULTS 14, 16, 19)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.line import Line, open_line
from tests.chaos.oracle import judge, settled
from tests.chaos.schedule import Kind
from tests.chaos.servers import PATIENCE_SECONDS, Server
from tests.databases import STORES
from tests.integration.conftest import Town
from tests.integration.test_two_processes import charge_now, until
from tests.integration.till import Till

GATHERING_SECONDS = 1
TROUBLED_SECONDS = 2
"""Longer than redemptions gather, so that the sequencer meets the trouble."""

BLOCK_SECONDS = 0.2
AGAIN_STATUSES = {409, 429, 503}
STOPPED = (Kind.NODE_DOWN, Kind.NODE_BUSY, Kind.NODE_HANGS)
"""With these nothing reaches the chain meanwhile; with the others something may."""

TROUBLES = (*STOPPED, Kind.NODE_FOREIGN, Kind.NODE_STALE, Kind.CUT_BEFORE, Kind.CUT_AFTER,
            Kind.DROP_POOL)  # fmt: skip

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.parametrize("store", STORES, indirect=True),
]


@dataclass(slots=True)
class City:
    """One process of a city, and the line between it and its node."""

    till: Till
    line: Line
    server: Server
    promised: dict[str, int] = field(default_factory=dict)

    async def ask(self, who: str, body: dict[str, Any]) -> str | None:
        """The redemption's id; None where the city cannot say now and may be asked again."""
        assert self.server.url is not None
        async with httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE_SECONDS) as client:
            answer = await client.post(
                "/v1/redemptions", json=body, headers={"idempotency-key": f"pays-{who}"}
            )
        if answer.status_code in AGAIN_STATUSES:
            return None
        assert answer.status_code == 201, answer.text
        self.promised[answer.json()["id"]] = int(answer.json()["amount"])
        return str(answer.json()["id"])

    async def insist(self, who: str, body: dict[str, Any]) -> None:
        """Ask under one key until the answer is given."""

        async def answered() -> bool:
            return await self.ask(who, body) is not None

        await until(answered)

    async def all_final(self) -> None:
        async def done() -> bool:
            if await settled(self.till.runtime.engine):
                return True
            await self.till.mine()
            await asyncio.sleep(BLOCK_SECONDS)
            return False

        await until(done)

    async def suffers(self, kind: Kind) -> None:
        """The trouble begins, lasts, and is over."""
        if kind in (Kind.CUT_BEFORE, Kind.CUT_AFTER):
            self.line.cut(kind)
        elif kind is Kind.DROP_POOL:
            await self.till.automine(False)
            await until(self.waiting_at_the_node)
            await self.till.gateway.rpc("anvil_dropAllTransactions")
            await self.till.automine(True)
        else:
            self.line.trouble = kind
            await asyncio.sleep(TROUBLED_SECONDS)

    async def waiting_at_the_node(self) -> bool:
        pool = await self.till.gateway.rpc("txpool_status")
        return int(pool["pending"], 16) > 0


@asynccontextmanager
async def city_on_a_line(till: Till, town: Town, directory: Path) -> AsyncIterator[City]:
    await till.sequencer.retire()
    record = directory / "deployment.json"
    record.write_bytes(town.city.deployment.document())
    async with open_line(town.city.rpc_url) as line:
        environment = {
            "NAKHON_HOME": str(directory),
            "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
            "NAKHON_RPC_URL": line.url,
            "NAKHON_DEPLOYMENT": str(record),
            "NAKHON_CLOCK": "chain",
            "NAKHON_PORT": "0",
            "NAKHON_CONFIRMATIONS": "2",
            "NAKHON_BATCH_WAIT_SECONDS": str(GATHERING_SECONDS),
        }
        server = Server(environment, directory / "server.log")
        try:
            await server.start()
            yield City(till, line, server)
        finally:
            line.trouble = None
            server.kill()


async def test_f19_a_node_in_any_trouble_delays_the_chain_and_loses_and_doubles_nothing(
    till: Till, town: Town, tmp_path: Path
) -> None:
    people = [f"{when}-{kind.name}" for kind in TROUBLES for when in ("before", "meanwhile")]
    await till.enrol(*people)
    await till.settle()
    async with city_on_a_line(till, town, tmp_path) as city:
        for kind in TROUBLES:
            body = await charge_now(till, f"before-{kind.name}", 1_000)
            assert await city.ask(f"before-{kind.name}", body) is not None
            during = await charge_now(till, f"meanwhile-{kind.name}", 1_100)
            suffering = asyncio.create_task(city.suffers(kind))
            await asyncio.sleep(0)
            asking = asyncio.create_task(city.insist(f"meanwhile-{kind.name}", during))
            await suffering
            if kind in STOPPED:
                assert not await settled(till.runtime.engine), "the chain cannot be reached"
            city.line.trouble = None
            await asking
            await city.all_final()
            assert city.server.alive, "no trouble of a node ends a city's process"
        judged = await judge(
            till.runtime.engine, till.gateway.url, till.runtime.deployment, city.promised
        )
    assert judged.complaints == []
    assert judged.redemptions == len(people)
