"""The database fails in every way a database does, and nothing that was accepted is lost: commits
whose outcome nobody knows, a server killed and started again, a full disk (FAULTS 32)."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.db.session import make_engine
from ledger.domain.redemption import SignedRedemption
from ledger.services.together import Together
from tests.chaos.mortal import Mortal, open_mortal
from tests.chaos.oracle import judge, settled
from tests.chaos.servers import PATIENCE_SECONDS, Server
from tests.chaos.socket_line import Cut, SocketLine, socket_line
from tests.databases import POSTGRESQL, SQLITE, copy_rows, migrated, sqlite_url
from tests.integration.conftest import Town
from tests.integration.problems_expected import expect_problem, rows
from tests.integration.ruled_town import with_till
from tests.integration.test_two_processes import charge_now, until
from tests.integration.till import DATABASE, Till, key_of, open_till
from tests.postgres import Cluster

PEOPLE = [f"payer-{number}" for number in range(12)]
BLOCK = 4_096


# A commit whose outcome nobody knows


@pytest.fixture
async def line(till: Till, cluster: Cluster) -> AsyncIterator[SocketLine]:
    """The till's database behind a line that can break."""
    async with socket_line(cluster.directory) as opened:
        there = till.runtime
        url = there.settings.database_url
        assert str(cluster.directory) in url
        engine = make_engine(url.replace(str(cluster.directory), str(opened.directory)))
        till.app.state.runtime = here = replace(there, engine=engine)
        together, till.app.state.together = till.app.state.together, Together(here)
        yield opened
        till.app.state.runtime, till.app.state.together = there, together
        await engine.dispose()


@pytest.mark.parametrize("store", [POSTGRESQL], indirect=True)
@pytest.mark.parametrize("cut", list(Cut))
async def test_f32_a_connection_lost_inside_a_commit_is_asked_again_and_counts_once(
    till: Till, line: SocketLine, cut: Cut
) -> None:
    # Where a shop's day is counted, each is taken alone, after a group's commit that keeps nothing.
    assert await till.open_campaign(with_till(merchant_per_day_max="100000")) == 2
    promised = {}
    for number, who in enumerate(("somchai", "malee", "lek")):
        body, key = await counted_now(till, who, 1_000), {"idempotency-key": f"unknown-{number}"}
        line.cut, line.spared = cut, 1
        lost = await till.post("/v1/redemptions", body, **key)
        await expect_problem(lost, 503, "database_unavailable")
        assert line.cuts == number + 1
        assert await rows(till, "redemptions") == number + (1 if cut is Cut.AFTER else 0)
        again = await till.post("/v1/redemptions", body, **key)
        assert again.status_code == 201, again.text
        replayed = again.headers.get("idempotency-replayed") == "true"
        assert replayed == (cut is Cut.AFTER), "what was committed is not done a second time"
        promised[again.json()["id"]] = int(again.json()["amount"])
    await nothing_is_lost(till, promised)


@pytest.mark.parametrize("store", [POSTGRESQL], indirect=True)
@pytest.mark.parametrize("cut", list(Cut))
async def test_f32_a_connection_lost_inside_a_shared_commit_is_asked_again_before_the_answer(
    till: Till, line: SocketLine, cut: Cut
) -> None:
    first = await till.post("/v1/redemptions", await charge_now(till, "lek", 1_000))
    assert first.status_code == 201, "a campaign's first redemption is taken alone"
    promised = {first.json()["id"]: 1_000}
    for number, who in enumerate(("somchai", "malee")):
        body, key = await charge_now(till, who, 1_000), {"idempotency-key": f"shared-{number}"}
        line.cut = cut
        taken = await till.post("/v1/redemptions", body, **key)
        assert taken.status_code == 201, taken.text
        assert line.cuts == number + 1
        assert await rows(till, "redemptions") == number + 2
        replayed = taken.headers.get("idempotency-replayed") == "true"
        assert replayed == (cut is Cut.AFTER), "what was committed is not done a second time"
        again = await till.post("/v1/redemptions", body, **key)
        assert again.content == taken.content
        promised[taken.json()["id"]] = 1_000
    await nothing_is_lost(till, promised)


async def counted_now(till: Till, who: str, amount: int) -> dict[str, object]:
    """A redemption under the campaign that counts shops' days."""
    message = SignedRedemption(
        campaign=2, merchant=1, bill=amount, amount=amount, copay=0,
        signed_at=await till.step_now(2),
    )  # fmt: skip
    return till.charge_body(key_of(who), message)


async def nothing_is_lost(till: Till, promised: dict[str, int]) -> None:
    while not await settled(till.runtime.engine):
        await till.settle()
    judged = await judge(till.runtime.engine, till.gateway.url, till.runtime.deployment, promised)
    assert judged.complaints == []


# A database that is killed and started again


@pytest.fixture
def mortal() -> Iterator[Mortal]:
    with open_mortal() as opened:
        yield opened


@pytest.mark.timeout(240)
async def test_f32_a_database_killed_under_load_comes_back_with_everything_it_promised(
    town: Town, mortal: Mortal, tmp_path: Path
) -> None:
    url = mortal.cluster.url(await migrated(mortal.cluster, "city"))
    await copy_rows(sqlite_url(town.database), url)
    snapshot = await town.devnet.snapshot()
    async with open_till(town.city, tmp_path, keys=town.keys, database_url=url) as till:
        await till.sync()
        await till.enrol(*PEOPLE)
        promised: dict[str, int] = {}

        async def pay(who: str) -> None:
            """Ask until somebody answers, always under the same key."""
            body, key = await charge_now(till, who, 1_000), {"idempotency-key": who}
            while True:
                answer = await till.post("/v1/redemptions", body, **key)
                if answer.status_code == 201:
                    promised[answer.json()["id"]] = int(answer.json()["amount"])
                    return
                assert answer.status_code in (409, 503), answer.text
                await asyncio.sleep(0.2)

        paying = [asyncio.create_task(pay(who)) for who in PEOPLE]
        for _ in range(2):
            before = len(promised)
            await until(partial(_more_than, promised, before))
            await asyncio.to_thread(mortal.kill)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(mortal.start)
        await asyncio.gather(*paying)
        assert len(promised) == len(PEOPLE)
        while not await settled(till.runtime.engine):
            await till.settle()
        judged = await judge(
            till.runtime.engine, till.gateway.url, till.runtime.deployment, promised
        )
    await town.devnet.revert(snapshot)
    assert judged.complaints == []


async def _more_than(promised: dict[str, int], before: int) -> bool:
    return len(promised) > before or len(promised) == len(PEOPLE)


# A full disk


@pytest.mark.timeout(240)
@pytest.mark.parametrize("store", [SQLITE], indirect=True)
async def test_f32_a_full_disk_refuses_and_loses_nothing(
    till: Till, town: Town, tmp_path: Path
) -> None:
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
    server, promised = Server(environment, tmp_path / "server.log"), {}
    try:
        await server.start()
        assert server.url is not None and server.pid is not None
        async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as client:

            async def ask(body: dict[str, Any], key: str) -> httpx.Response:
                answer = await client.post(
                    "/v1/redemptions", json=body, headers={"idempotency-key": key}
                )
                if answer.status_code == 201:
                    promised[answer.json()["id"]] = int(answer.json()["amount"])
                return answer

            first = await ask(await charge_now(till, "somchai", 1_000), "first")
            assert first.status_code == 201, first.text
            # From now on no file of the process may grow: what a full disk means to it.
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (BLOCK, resource.RLIM_INFINITY))
            body = await charge_now(till, "malee", 1_000)
            full = await ask(body, "second")
            assert full.status_code == 503, full.text
            assert full.json()["detail_th"] and full.json()["action_th"]
            assert await rows(till, "redemptions") == 1
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, unlimited)
            later = await ask(body, "second")
            assert later.status_code == 201, later.text
            again = await ask(body, "second")
            assert again.content == later.content

            async def all_final() -> bool:
                await till.mine()
                return await settled(till.runtime.engine)

            await until(all_final)
    finally:
        server.kill()
    judged = await judge(till.runtime.engine, till.gateway.url, till.runtime.deployment, promised)
    assert judged.complaints == []
    assert (tmp_path / DATABASE).stat().st_size > BLOCK
