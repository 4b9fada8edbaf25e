"""The page's way back from a lost database: `nakhon backup`, `nakhon restore`, and the city goes on
(FAULTS 32)."""

import asyncio
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.db.session import make_engine
from tests.chaos.oracle import judge, settled
from tests.chaos.servers import PATIENCE_SECONDS, Server
from tests.databases import POSTGRESQL, Store, sqlite_url
from tests.integration.conftest import Town
from tests.integration.test_two_processes import charge_now, until
from tests.integration.till import CONFIRMATIONS, Till
from tests.postgres import Cluster
from wallet_cli.exit_codes import ExitCode
from wallet_cli.main import run

pytestmark = pytest.mark.timeout(240)


@dataclass(slots=True)
class Disaster:
    """A till whose database is lost after a backup, and what it had promised."""

    till: Till
    environment: dict[str, str]
    home: Path
    promised: dict[str, int] = field(default_factory=dict)

    async def nakhon(self, *words: str, database: str) -> tuple[ExitCode, str]:
        out, err = io.StringIO(), io.StringIO()
        chosen = [*words, "--database", database, "--json"]
        code = await asyncio.to_thread(run, chosen, self.environment, out=out, err=err)
        return code, out.getvalue() + err.getvalue()

    async def takes(self, who: str, amount: int, **key: str) -> tuple[dict[str, Any], bytes]:
        """What was sent, and what was answered."""
        body = await charge_now(self.till, who, amount)
        answer = await self.till.post("/v1/redemptions", body, **key)
        assert answer.status_code == 201, answer.text
        self.promised[answer.json()["id"]] = amount
        return body, answer.content

    async def goes_on(self, database: str, asked: dict[str, Any], answered: bytes) -> None:
        """A city's process on the restored database: it answers as before, and takes more."""
        server = Server(
            self.environment | {"NAKHON_DATABASE_URL": database}, self.home / "server.log"
        )
        engine = make_engine(database)
        try:
            await server.start()
            assert server.url is not None, server.log.read_text("utf-8")
            async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as client:
                same = await _ask(client, asked, KEY)
                assert (same.status_code, same.content) == (201, answered), same.text
                await self._takes_more(client)
            await self._all_final(engine)
        finally:
            server.kill()
            await engine.dispose()

    async def _takes_more(self, client: httpx.AsyncClient) -> None:
        await self.till.sleep_until(await self.till.now() + 30)
        body = await charge_now(self.till, "somchai", 1_300)
        more = await _ask(client, body, {"idempotency-key": "after-the-restore"})
        assert more.status_code == 201, more.text
        self.promised[more.json()["id"]] = 1_300

    async def _all_final(self, engine: AsyncEngine) -> None:
        async def done() -> bool:
            await self.till.mine()
            return await settled(engine)

        await until(done)
        runtime = self.till.runtime
        judged = await judge(engine, self.till.gateway.url, runtime.deployment, self.promised)
        assert judged.complaints == []
        assert judged.redemptions == len(self.promised)


KEY = {"idempotency-key": "before-the-backup"}


async def _ask(
    client: httpx.AsyncClient, body: dict[str, Any], key: dict[str, str]
) -> httpx.Response:
    headers = key | {"content-type": "application/json"}
    return await client.post("/v1/redemptions", content=json.dumps(body).encode(), headers=headers)


@pytest.fixture
def disaster(till: Till, town: Town, tmp_path: Path) -> Disaster:
    record = tmp_path / "deployment.json"
    record.write_bytes(town.city.deployment.document())
    environment = {
        "NAKHON_HOME": str(tmp_path),
        "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
        "NAKHON_RPC_URL": till.gateway.url,
        "NAKHON_DEPLOYMENT": str(record),
        "NAKHON_CLOCK": "chain",
        "NAKHON_PORT": "0",
        "NAKHON_CONFIRMATIONS": str(CONFIRMATIONS),
    }
    return Disaster(till, environment, tmp_path)


async def test_a_city_whose_database_is_lost_goes_on_from_its_backup_on_the_other_engine(
    disaster: Disaster, store: Store, cluster: Cluster, tmp_path: Path
) -> None:
    """The chain has gone on since the backup was taken."""
    till, file = disaster.till, tmp_path / "city.backup"
    name = cluster.create()
    restored = (
        sqlite_url(tmp_path / "restored.sqlite3") if store.kind == POSTGRESQL else cluster.url(name)
    )
    await disaster.takes("somchai", 1_000)
    await disaster.takes("malee", 1_100)
    await till.settle()
    asked, answered = await disaster.takes("lek", 1_200, **KEY)
    lost = till.runtime.settings.database_url
    code, told = await disaster.nakhon("backup", str(file), database=lost)
    assert code is ExitCode.OK and file.stat().st_mode & 0o077 == 0, told
    await till.turn()
    await till.sequencer.retire()

    code, told = await disaster.nakhon("restore", str(file), database=restored)
    assert code is ExitCode.OK, told
    again, told = await disaster.nakhon("restore", str(file), database=restored)
    assert again is not ExitCode.OK and "wrong_state" in told
    await disaster.goes_on(restored, asked, answered)
    assert len(disaster.promised) == 4
    cluster.drop(name)
