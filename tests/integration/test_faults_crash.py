"""A server's process is killed at every boundary from the request to finality, and what it had
promised is kept, once (FAULTS 13, 14). Real processes, SIGKILL, both databases."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger import failpoints
from ledger.errors import InputInvalid
from ledger.failpoints import BOUNDARIES
from tests.chaos.oracle import judge, settled
from tests.chaos.servers import KILLED, PATIENCE_SECONDS, Server
from tests.databases import POSTGRESQL, SQLITE, Store
from tests.integration.conftest import Town
from tests.integration.test_two_processes import charge_now
from tests.integration.till import Till

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "0"))
"""How often each boundary is died at; unset, twice on SQLite and once on PostgreSQL."""

TILL, CHAIN = BOUNDARIES[:4], BOUNDARIES[4:]
pytestmark = pytest.mark.timeout(600 + 150 * ROUNDS)


@dataclass(slots=True)
class Siege:
    """A city whose server dies again and again, and everybody who paid there meanwhile. `asked` are
    those since the last recovery: nobody waits longer with an answer than a signature lives."""

    till: Till
    server: Server
    names: Callable[[], str]
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    promised: dict[str, int] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    deaths: int = 0

    async def pay(self) -> None:
        """Somebody new pays; a server that dies leaves them without an answer."""
        key = self.names()
        body = await charge_now(self.till, key, 1_000 + self.deaths)
        self.asked.append((key, body))
        await self._post(key, body)

    async def _post(self, key: str, body: dict[str, Any]) -> httpx.Response | None:
        if self.server.url is None:
            return None
        async with httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE_SECONDS) as client:
            try:
                answer = await client.post(
                    "/v1/redemptions", json=body, headers={"idempotency-key": f"pays-{key}"}
                )
            except httpx.TransportError:
                return None
        assert answer.status_code == 201, answer.text
        self.promised[answer.json()["id"]] = int(answer.json()["amount"])
        self.answered.add(key)
        return answer

    async def die_at(self, boundary: str) -> None:
        """Start a server that is to die at a boundary, and let somebody pay until it does."""
        await self.server.start(NAKHON_FAILPOINT=f"{boundary}:1")
        await self.pay()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.server.alive:
                await self.till.mine()
                await asyncio.sleep(0.1)
        assert self.server.ended == KILLED, (boundary, self.server.log.read_text("utf-8")[-2_000:])
        self.deaths += 1
        self.server.kill()

    async def recover(self) -> None:
        """An honest server: everybody asks again with the same key, and all becomes final."""
        before = len(self.promised)
        already = {key for key, _body in self.asked} & self.answered
        await self.server.start()
        for key, body in self.asked:
            answer = await self._post(key, body)
            assert answer is not None
            again = await self._post(key, body)
            assert again is not None and again.content == answer.content
            changed = await self._refused(key, body | {"bill": "999999"})
            assert changed == 422
        assert len(self.promised) == before + len(self.asked) - len(already)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await settled(self.till.runtime.engine):
                await self.till.mine()
                await asyncio.sleep(0.1)
        self.asked.clear()
        self.server.kill()

    async def _refused(self, key: str, body: dict[str, Any]) -> int:
        assert self.server.url is not None
        async with httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE_SECONDS) as client:
            headers = {"idempotency-key": f"pays-{key}"}
            return (await client.post("/v1/redemptions", json=body, headers=headers)).status_code


@asynccontextmanager
async def siege(till: Till, town: Town, directory: Path, people: int) -> AsyncIterator[Siege]:
    """A town with enough people that everybody pays once."""
    numbers = count()
    await till.enrol(*(f"payer-{number}" for number in range(people)))
    await till.settle()
    await till.sequencer.retire()
    record = directory / "deployment.json"
    record.write_bytes(town.city.deployment.document())
    environment = {
        "NAKHON_HOME": str(directory),
        "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
        "NAKHON_RPC_URL": till.gateway.url,
        "NAKHON_DEPLOYMENT": str(record),
        "NAKHON_CLOCK": "chain",
        "NAKHON_PORT": "0",
        "NAKHON_CONFIRMATIONS": "2",
        "NAKHON_BATCH_WAIT_SECONDS": "0",
    }
    server = Server(environment, directory / "server.log")
    try:
        yield Siege(till, server, lambda: f"payer-{next(numbers)}")
    finally:
        server.kill()


@pytest.mark.parametrize("store", [SQLITE, POSTGRESQL], indirect=True)
@pytest.mark.parametrize("boundaries", [TILL, CHAIN], ids=["till", "chain"])
async def test_f13_a_process_killed_at_any_boundary_keeps_what_it_promised_and_says_it_once(
    till: Till, town: Town, tmp_path: Path, store: Store, boundaries: tuple[str, ...]
) -> None:
    rounds = ROUNDS or (2 if store.kind == SQLITE else 1)
    people = rounds * len(boundaries)
    async with siege(till, town, tmp_path, people) as city:
        for _ in range(rounds):
            for boundary in boundaries:
                await city.die_at(boundary)
            await city.recover()
        assert city.deaths == people
        judged = await judge(
            till.runtime.engine, till.gateway.url, till.runtime.deployment, city.promised
        )
    assert judged.complaints == []
    assert (judged.redemptions, judged.spent) == (people, sum(city.promised.values()))


@pytest.mark.parametrize(
    "said", ["nowhere:1", "sent", "sent:", "sent:0", "sent:-1", "sent:๑", ":1"]
)
def test_a_failpoint_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(InputInvalid):
        failpoints.arm(said, chain_id=31337)


def test_a_failpoint_is_refused_where_somebodys_money_is() -> None:
    with pytest.raises(InputInvalid, match="no devnet"):
        failpoints.arm("sent:1", chain_id=1)
    failpoints.reach("sent")
