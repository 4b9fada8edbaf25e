"""One coupon, one step, two shops at two servers at the same moment, round after round: one gets
it, the other is told why (FAULTS 1). `make faults` runs fifty thousand rounds on each database;
unset, 200."""

import asyncio
import os
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from ledger.domain.redemption import SignedRedemption
from tests.chaos.servers import PATIENCE_SECONDS, Server
from tests.databases import POSTGRESQL, SQLITE
from tests.integration.conftest import Town
from tests.integration.till import LUNCH, Till, key_of

RACES = int(os.environ.get("FAULT_RACES", "200"))
STEPS = 50
"""How many steps back a signature may lie, and still live to the end of its races."""

AT_ONCE = 16
PEOPLE = 50
AMOUNT = 100
BIG = {**LUNCH, "allowance": "16000000", "per_day_max": "500000"}

pytestmark = [
    pytest.mark.timeout(300 + RACES // 10),
    pytest.mark.parametrize("store", [SQLITE, POSTGRESQL], indirect=True),
]


class Races:
    """Two servers of one city, and what their shops were told."""

    def __init__(self, till: Till, clients: list[httpx.AsyncClient]) -> None:
        self.till = till
        self.clients = clients
        self.told = Counter[str]()

    async def race(self, who: str, signed_at: int) -> None:
        """The same step of the same pass, signed for each of two shops and sent to both servers."""
        answers = await asyncio.gather(
            *(self._ask(place, who, signed_at) for place in range(len(self.clients)))
        )
        assert sorted(answers) == ["accepted", "already_spent"], (who, signed_at, answers)
        self.told.update(answers)

    async def _ask(self, place: int, who: str, signed_at: int) -> str:
        message = SignedRedemption(
            campaign=2, merchant=1 + place, bill=2 * AMOUNT, amount=AMOUNT, copay=0,
            signed_at=signed_at,
        )  # fmt: skip
        body = self.till.charge_body(key_of(who), message)
        headers = {"idempotency-key": f"{who}-{signed_at}-{place}"}
        answer = await self.clients[place].post("/v1/redemptions", json=body, headers=headers)
        assert answer.status_code in (201, 422), answer.text
        return "accepted" if answer.status_code == 201 else str(answer.json()["code"])


async def test_f1_of_two_tills_that_take_one_coupon_at_once_one_gets_it_in_every_round(
    till: Till, town: Town, tmp_path: Path
) -> None:
    people = [f"racer-{number}" for number in range(PEOPLE)]
    await till.enrol(*people)
    await till.register("ร้านที่สอง")
    await till.open_campaign(BIG, funds=RACES * AMOUNT + 1_000_000)
    await till.settle()
    await till.sequencer.retire()
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
    async with AsyncExitStack() as stack:
        clients = []
        for server in servers:
            stack.callback(server.kill)
            await server.start()
            assert server.url is not None
            client = httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS)
            clients.append(await stack.enter_async_context(client))
        races = Races(till, clients)
        for latest in range(RACES // (STEPS * PEOPLE) + 1):
            await _rounds(races, people, RACES - latest * STEPS * PEOPLE)
            # Every step is used: the chain's clock goes on to where all of them are new.
            await till.sleep_until(await till.now() + 15 * STEPS)
    assert races.told == {"accepted": RACES, "already_spent": RACES}
    async with till.runtime.engine.connect() as connection:
        kept = "SELECT count(*), sum(amount) FROM redemptions WHERE campaign = 2"
        held = (await connection.execute(text(kept))).one()
    assert tuple(held) == (RACES, RACES * AMOUNT)


async def _rounds(races: Races, people: list[str], left: int) -> None:
    """As many races as are left and this moment's steps give: step by step, everybody's."""
    newest = await races.till.step_now(2)
    for step in range(STEPS):
        signed_at = newest - 15 * (STEPS - 1 - step)
        racing = people[: max(min(left - step * len(people), len(people)), 0)]
        for begin in range(0, len(racing), AT_ONCE):
            some = racing[begin : begin + AT_ONCE]
            await asyncio.gather(*(races.race(who, signed_at) for who in some))
