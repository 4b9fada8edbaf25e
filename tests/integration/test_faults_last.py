"""Thousands at once want the last of something, at two processes: exactly the right number get it
(FAULTS 1). `make faults` runs ten thousand attempts of each; unset, 250, which is two
thousand over all of them."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ledger.domain.redemption import SignedRedemption
from tests.chaos.servers import PATIENCE_SECONDS, Server
from tests.databases import POSTGRESQL, SQLITE
from tests.integration.conftest import Town
from tests.integration.ruled_town import with_till
from tests.integration.till import LUNCH, Till, key_of

ATTEMPTS = int(os.environ.get("FAULT_ATTEMPTS", "250"))
PEOPLE = 50
AT_ONCE = 40
AMOUNT = 1_000

pytestmark = [
    pytest.mark.timeout(240 + ATTEMPTS // 4),
    pytest.mark.parametrize("store", [SQLITE, POSTGRESQL], indirect=True),
]


@dataclass(slots=True)
class Crowd:
    """Fifty residents and two servers of one city."""

    till: Till
    servers: list[Server]
    clients: list[httpx.AsyncClient]
    told: Counter[str] = field(default_factory=Counter)
    asked: int = 0

    @property
    def accepted(self) -> int:
        return self.told["accepted"]

    async def rush(self, names: list[str], step: int, *, amount: int = AMOUNT) -> None:
        """Everybody asks for the amount at the same step, each under a key of their own and for a
        bill of their own: no two are the same request."""
        bodies = [self._body(name, step, amount) for name in names]
        for begin in range(0, len(bodies), AT_ONCE):
            asking = bodies[begin : begin + AT_ONCE]
            await asyncio.gather(*(self._ask(body) for body in asking))

    def _body(self, name: str, signed_at: int, amount: int) -> dict[str, Any]:
        self.asked += 1
        message = SignedRedemption(
            campaign=2,
            merchant=1,
            bill=2 * amount + self.asked,
            amount=amount,
            copay=0,
            signed_at=signed_at,
        )
        return self.till.charge_body(key_of(name), message)

    async def _ask(self, body: dict[str, Any]) -> None:
        client = self.clients[int(body["bill"]) % len(self.clients)]
        headers = {"idempotency-key": f"rush-{body['bill']}"}
        answer = await client.post("/v1/redemptions", json=body, headers=headers)
        said = answer.json()
        assert answer.status_code in (201, 422), answer.text
        self.told["accepted" if answer.status_code == 201 else said["code"]] += 1

    async def held(self) -> tuple[int, int]:
        """How many redemptions of the campaign the database holds, and their satang."""
        async with self.till.runtime.engine.connect() as connection:
            row = await connection.execute(
                text("SELECT count(*), sum(amount) FROM redemptions WHERE campaign = 2")
            )
            count, amount = row.one()
        return int(count), int(amount)


@pytest.fixture
async def crowd(till: Till, town: Town, tmp_path: Path) -> AsyncIterator[Crowd]:
    await till.enrol(*_people())
    record = tmp_path / "deployment.json"
    record.write_bytes(town.city.deployment.document())
    environment = {
        "NAKHON_HOME": str(tmp_path),
        "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
        "NAKHON_RPC_URL": till.gateway.url,
        "NAKHON_DEPLOYMENT": str(record),
        "NAKHON_CLOCK": "chain",
        "NAKHON_PORT": "0",
        "NAKHON_CONFIRMATIONS": "2",
    }
    servers = [Server(environment, tmp_path / f"{number}.log") for number in range(2)]
    try:
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(httpx.AsyncClient(timeout=PATIENCE_SECONDS))
                for _server in servers
            ]
            yield Crowd(till, servers, clients)
    finally:
        for server in servers:
            server.kill()


def _people() -> list[str]:
    return [f"resident {number}" for number in range(PEOPLE)]


async def begin(crowd: Crowd, policy: dict[str, Any], *, funds: int) -> int:
    """Open campaign 2, start the servers, and give the first of as many steps as are needed."""
    await crowd.till.open_campaign(policy, funds=funds)
    await crowd.till.settle()
    await crowd.till.sequencer.retire()
    latest = await crowd.till.step_now(2)
    for server, client in zip(crowd.servers, crowd.clients, strict=True):
        await server.start()
        assert server.url is not None
        client.base_url = httpx.URL(server.url)
    return latest - 15 * (len(WAVES) - 1)


WAVES = range(25)
"""Steps the attempts are spread over, the oldest 6 minutes old: a pass uses each but once."""


async def all_attempts(crowd: Crowd, first: int, names: list[str]) -> None:
    """ATTEMPTS requests in waves, step by step; in each wave everybody named asks, often."""
    a_wave = ATTEMPTS // len(WAVES)
    for wave in WAVES:
        asking = [names[number % len(names)] for number in range(a_wave)]
        await crowd.rush(asking, first + 15 * wave)
    assert sum(crowd.told.values()) == ATTEMPTS


async def test_f1_the_last_coupon_is_spent_once_however_many_ask(crowd: Crowd) -> None:
    policy = {**LUNCH, "allowance": str(AMOUNT), "per_day_max": str(AMOUNT)}
    first = await begin(crowd, policy, funds=1_000_000)
    await all_attempts(crowd, first, ["resident 0"])
    assert crowd.accepted == 1, crowd.told
    assert await crowd.held() == (1, AMOUNT)


async def test_f1_the_last_satang_of_a_budget_is_promised_once(crowd: Crowd) -> None:
    first = await begin(crowd, LUNCH, funds=10 * AMOUNT + AMOUNT - 1)
    await all_attempts(crowd, first, _people())
    assert crowd.accepted == 10, crowd.told
    assert set(crowd.told) <= {"accepted", "budget_used", "already_spent"}
    assert await crowd.held() == (10, 10 * AMOUNT)


async def test_f1_the_last_of_a_days_quota_is_given_once(crowd: Crowd) -> None:
    quota = 7 * AMOUNT + AMOUNT - 1
    first = await begin(crowd, {**LUNCH, "per_day_max": str(quota)}, funds=1_000_000)
    await all_attempts(crowd, first, ["resident 0"])
    assert crowd.accepted == 7, crowd.told
    assert set(crowd.told) == {"accepted", "already_spent", "day_quota_used"}
    assert await crowd.held() == (7, 7 * AMOUNT)


async def test_f1_the_last_of_a_shops_cap_is_taken_once(crowd: Crowd) -> None:
    capped = {**with_till(merchant_per_day_max=str(9 * AMOUNT + 1)), "share_basis_points": 5_000}
    first = await begin(crowd, capped, funds=1_000_000)
    await all_attempts(crowd, first, _people())
    assert crowd.accepted == 9, crowd.told
    assert set(crowd.told) <= {"accepted", "merchant_cap_reached", "already_spent"}
    assert await crowd.held() == (9, 9 * AMOUNT)
