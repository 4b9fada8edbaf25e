"""docs/runbook.md, carried out: for every trouble on the page the city is brought into it, the
doctor names it, the page's remedy is applied, and the doctor finds nothing."""

import asyncio
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text

from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.clock import SystemClock
from ledger.chain.signer import keyfile_of
from ledger.db.migrate import migrate
from ledger.db.session import make_engine, writing
from ledger.errors import ReorgTooDeep
from ledger.sequencer.loop import Sequencer
from ledger.services.vitals import TROUBLES
from tests.chaos.oracle import judge, settled
from tests.chaos.servers import Server
from tests.integration.conftest import Town
from tests.integration.test_faults_time import JumpedClock
from tests.integration.test_two_processes import until
from tests.integration.till import CONFIRMATIONS, Till, key_of
from tests.integration.webhook_consumer import open_consumer
from wallet_cli.main import run

ROOT: Final = Path(__file__).resolve().parents[2]
RUNBOOK: Final = ROOT / "docs" / "runbook.md"
PASSWORD: Final = "รหัสผ่านของเมือง"


@dataclass(slots=True)
class Call:
    """A call in the night: a city with something wrong, and what the doctor says of it."""

    till: Till
    town: Town
    home: Path
    environment: dict[str, str]

    async def doctor(self) -> set[str]:
        """The codes of what is wrong."""
        out, err = io.StringIO(), io.StringIO()
        await asyncio.to_thread(run, ["doctor", "--json"], self.environment, out=out, err=err)
        told = json.loads(out.getvalue())
        rows = told if isinstance(told, list) else told["rows"]
        for row in rows:
            assert row["well"] or (row["action_th"] and row["action_en"]), row
        return {row["check"] for row in rows if not row["well"]}

    async def led(self, *kinds: str) -> None:
        """Somebody leads: what is looked at is something else."""
        async with writing(self.till.runtime.engine) as connection:
            await connection.execute(text("DELETE FROM leases"))
            for kind in kinds:
                await connection.execute(
                    text("INSERT INTO leases VALUES (:name, 'a process', 9999999999)"),
                    {"name": f"{kind} of the test"},
                )


@pytest.fixture
async def call(till: Till, town: Town, tmp_path: Path) -> Call:
    record = tmp_path / "deployment.json"
    record.write_bytes(town.city.deployment.document())
    await till.sequencer.retire()
    return Call(
        till,
        town,
        tmp_path,
        {
            "NAKHON_HOME": str(tmp_path),
            "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
            "NAKHON_RPC_URL": till.gateway.url,
            "NAKHON_DEPLOYMENT": str(record),
            "NAKHON_CLOCK": "chain",
            "NAKHON_PORT": "0",
            "NAKHON_CONFIRMATIONS": str(CONFIRMATIONS),
        },
    )


async def database_unreachable(call: Call) -> None:
    right = call.environment["NAKHON_DATABASE_URL"]
    call.environment["NAKHON_DATABASE_URL"] = "postgresql+psycopg://nobody@/no?host=/nowhere"
    assert "database_unreachable" in await call.doctor()
    call.environment["NAKHON_DATABASE_URL"] = right


async def migrations_missing(call: Call) -> None:
    """Tables of an older version: the newer process brings them up, however many start at once."""
    url = f"sqlite+aiosqlite:///{call.home / 'older.sqlite3'}"
    right, call.environment["NAKHON_DATABASE_URL"] = call.environment["NAKHON_DATABASE_URL"], url
    blank = make_engine(url)
    async with blank.begin() as connection:
        await connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
    assert {"migrations_missing", "database_unreachable"} & await call.doctor()
    others = [make_engine(url) for _ in range(2)]
    await asyncio.gather(*(migrate(each) for each in (blank, *others)))
    for each in (blank, *others):
        await each.dispose()
    assert "migrations_missing" not in await call.doctor()
    call.environment["NAKHON_DATABASE_URL"] = right


async def node_unreachable(call: Call) -> None:
    right = call.environment["NAKHON_RPC_URL"]
    call.environment["NAKHON_RPC_URL"] = "http://127.0.0.1:9"
    assert "node_unreachable" in await call.doctor()
    call.environment["NAKHON_RPC_URL"] = right


async def chain_not_ours(call: Call) -> None:
    """Another fork of the same chain id: nothing starts on it, and the right address mends it."""
    right = call.environment["NAKHON_RPC_URL"]
    async with Devnet(DevnetOptions()) as other:
        call.environment["NAKHON_RPC_URL"] = other.rpc_url
        assert "chain_not_ours" in await call.doctor()
        server = Server(call.environment, call.home / "refused.log")
        await server.start()
        assert server.url is None, "no city is served on another chain"
        server.kill()
    call.environment["NAKHON_RPC_URL"] = right


async def keys_wrong(call: Call) -> None:
    """The wrong key in the sequencer's place, then the right one."""
    password, keys = call.home / "password", call.home / "keys"
    password.write_text(PASSWORD, "utf-8")
    keys.mkdir()
    call.environment["NAKHON_KEY_PASSWORD_FILE"] = str(password)
    for role, expected in (("GUARDIAN", {"keys_wrong"}), ("SEQUENCER", set())):
        secret = call.town.city.signers[role].private_key
        keyfile = keyfile_of(secret, PASSWORD, iterations=2**10)
        (keys / "sequencer.json").write_bytes(keyfile)
        assert await call.doctor() == expected


async def index_behind(call: Call) -> None:
    """A reorg deeper than finality: the indexer stops, the page's command reads the chain anew."""
    await after_a_reorg_too_deep(call)


async def index_drifted(call: Call) -> None:
    """A row is altered; the city's indexer says so by itself; the page's command mends it."""
    async with writing(call.till.runtime.engine) as connection:
        await connection.execute(text("UPDATE contributions SET amount = amount + 100"))
    await call.led()
    server = Server(call.environment, call.home / "drifted.log")
    await server.start()
    try:

        async def told() -> bool:
            return "index_drifted" in await call.doctor()

        await until(told)
    finally:
        server.kill()
    await read_anew(call)
    await call.led("sequencer", "indexer")


async def outbox_old(call: Call) -> None:
    """The base fee is above the limit; the limit is raised and the process started again."""
    till = call.till
    assert (await till.pay("somchai", 1, 2_000, 1_000)).status_code == 201
    port = till.sequencer.port
    mean = Sequencer(replace(port, limits=replace(port.limits, fee_wei_max=1)), SystemClock())
    assert (await mean.step()).redemptions == 0
    await mean.retire()
    await till.sleep_until(await till.now() + 1_000)
    await till.sync()
    await call.led("sequencer", "indexer")
    assert "outbox_old" in await call.doctor()
    await call.led()
    while not await settled(till.runtime.engine):
        await till.settle()
    await till.sequencer.retire()
    await call.led("sequencer", "indexer")


async def sequencer_poor(call: Call) -> None:
    address = call.till.runtime.sequencer.address
    rpc = call.till.gateway.rpc
    held = await rpc("eth_getBalance", [address, "latest"])
    await rpc("anvil_setBalance", [address, hex(10**9)])
    assert await call.doctor() == {"sequencer_poor"}
    await rpc("anvil_setBalance", [address, held])


async def leader_missing(call: Call) -> None:
    """Nobody leads; a city's process is started, and leads as both."""
    await call.led()
    assert {"sequencer_missing", "indexer_missing"} <= await call.doctor()
    server = Server(call.environment, call.home / "started.log")
    await server.start()
    try:

        async def leads() -> bool:
            return not {"sequencer_missing", "indexer_missing"} & await call.doctor()

        await until(leads)
    finally:
        server.kill()
    await call.led("sequencer", "indexer")


async def webhooks_behind(call: Call) -> None:
    """Somebody is to hear and nobody tells; a city's process is started and tells it all."""
    with open_consumer(call.home / "heard.ndjson") as consumer:
        body = {"url": consumer.url()}
        answer = await call.till.signed(key_of("ข้าวซอย"), "POST", "/v1/webhooks", body)
        assert answer.status_code == 201, answer.text
        assert (await call.till.pay("somchai", 1, 2_000, 1_000)).status_code == 201
        assert "webhooks_behind" in await call.doctor()
        server = Server(call.environment, call.home / "telling.log")
        await server.start()
        try:

            async def told() -> bool:
                return bool(consumer.heard) and "webhooks_behind" not in await call.doctor()

            await until(told)
        finally:
            server.kill()
    await call.led()
    while not await settled(call.till.runtime.engine):
        await call.till.settle()
    await call.till.sequencer.retire()
    await call.led("sequencer", "indexer", "webhooks")


async def clock_wrong(call: Call) -> None:
    """A till whose clock is wrong refuses what seems to come from the future, until it is set."""
    till, there = call.till, call.till.runtime
    till.app.state.runtime = replace(there, clock=JumpedClock(there.clock, -600))
    refused = await till.pay("somchai", 1, 2_000, 1_000)
    assert refused.json()["code"] == "signed_in_future"
    till.app.state.runtime = there
    assert (await till.pay("somchai", 1, 2_000, 1_000)).status_code == 201
    while not await settled(there.engine):
        await till.settle()
    await till.sequencer.retire()
    await call.led("sequencer", "indexer")


REMEDIES: Final[dict[str, Callable[[Call], Awaitable[None]]]] = {
    "database_unreachable": database_unreachable,
    "migrations_missing": migrations_missing,
    "node_unreachable": node_unreachable,
    "chain_not_ours": chain_not_ours,
    "keys_wrong": keys_wrong,
    "index_behind": index_behind,
    "index_drifted": index_drifted,
    "outbox_old": outbox_old,
    "sequencer_poor": sequencer_poor,
    "sequencer_missing": leader_missing,
    "indexer_missing": leader_missing,
    "webhooks_behind": webhooks_behind,
    "clock_wrong": clock_wrong,
}


def test_every_paragraph_of_the_runbook_is_carried_out_here() -> None:
    page = RUNBOOK.read_text("utf-8")
    assert re.findall(r"^## (\w+_\w+)$", page, re.MULTILINE) == list(REMEDIES)
    assert set(REMEDIES) == set(TROUBLES)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("trouble", REMEDIES)
async def test_the_remedy_of_the_runbook_mends_what_it_says(call: Call, trouble: str) -> None:
    await call.led("sequencer", "indexer")
    assert await call.doctor() == set()
    await REMEDIES[trouble](call)
    assert await call.doctor() == set()


async def read_anew(call: Call) -> None:
    """The command of the page."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "ledger.indexer", "rebuild"],
        cwd=ROOT,
        env=os.environ | call.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr


async def after_a_reorg_too_deep(call: Call) -> None:
    """The chain is replaced below what counted as final, with a redemption in it."""
    till = call.till
    await call.led()
    # What is replaced lies above the town, which the other tests go back to.
    await till.mine(2 * CONFIRMATIONS + 3)
    answer = await till.pay("somchai", 1, 2_000, 1_000)
    await till.turn()
    await till.mine(CONFIRMATIONS + 1)
    await till.sync()
    await till.sequencer.retire()
    await till.gateway.rpc("anvil_reorg", [CONFIRMATIONS + 3, []])
    await till.mine(1)
    with pytest.raises(ReorgTooDeep):
        await till.sync()
    await till.mine(40)
    await call.led("sequencer", "indexer")
    assert await call.doctor() == {"index_behind"}
    await read_anew(call)
    await call.led()
    till.followed.since, till.followed.whole = 0, True
    for _ in range(8):
        await till.settle()
        if await settled(till.runtime.engine):
            break
    promised = {answer.json()["id"]: 1_000}
    judged = await judge(till.runtime.engine, till.gateway.url, till.runtime.deployment, promised)
    assert judged.complaints == []
    await till.sequencer.retire()
    await call.led("sequencer", "indexer")


@pytest.mark.timeout(240)
async def test_after_a_reorg_too_deep_the_index_is_read_anew_and_nothing_is_lost(
    call: Call,
) -> None:
    await after_a_reorg_too_deep(call)
