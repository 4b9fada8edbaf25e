"""One process, started and stopped as people do it: everything runs by itself in between."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from api.run import run_city
from ledger.domain.redemption import SignedRedemption
from ledger.errors import DeploymentMismatch, InputInvalid, NodeUnreachable, PortBusy, WrongChain
from ledger.services.runtime import Runtime
from ledger.settings import ClockKind, Settings
from tests.integration.conftest import Town
from tests.integration.till import DATABASE, Till, key_of

SECONDS_MAX = 30


def settings_of(town: Town, directory: Path, **changes: Any) -> Settings:
    record = directory / "31337.json"
    record.write_bytes(town.city.deployment.document())
    shutil.copy(town.database, directory / DATABASE)
    plain = Settings(
        home=directory,
        database_url=f"sqlite+aiosqlite:///{directory / DATABASE}",
        rpc_url=town.city.rpc_url,
        deployment=record,
        clock=ClockKind.CHAIN,
        port=0,
        confirmations=2,
        batch_wait_seconds=0,
    )
    return replace(plain, **changes)


@dataclass(frozen=True, slots=True)
class Served:
    runtime: Runtime
    url: str


@asynccontextmanager
async def serving(town: Town, settings: Settings) -> AsyncIterator[Served]:
    """The city runs while this lasts, and has ended without complaint afterwards."""
    stop, ready = asyncio.Event(), asyncio.Queue[Served]()

    async def started(runtime: Runtime, url: str) -> None:
        await ready.put(Served(runtime, url))

    signers = {name.lower(): signer for name, signer in town.city.signers.items()}
    running = asyncio.create_task(run_city(settings, signers=signers, stop=stop, started=started))
    first = asyncio.create_task(ready.get())
    await asyncio.wait({running, first}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        first.cancel()
        await running
    try:
        yield await first
    finally:
        stop.set()
        async with asyncio.timeout(SECONDS_MAX):
            await running


async def test_a_redemption_becomes_final_by_itself_and_survives_a_restart(
    till: Till, town: Town, tmp_path: Path
) -> None:
    message = SignedRedemption(
        campaign=1,
        merchant=1,
        bill=8_000,
        amount=4_000,
        copay=0,
        signed_at=await till.step_now(1),
    )
    body = till.charge_body(key_of("malee"), message)
    directory = tmp_path / "served"
    directory.mkdir()
    settings = settings_of(town, directory)
    async with serving(town, settings) as city, httpx.AsyncClient(base_url=city.url) as client:
        headers = {"idempotency-key": "one"}
        taken = await client.post("/v1/redemptions", json=body, headers=headers)
        assert taken.status_code == 201, taken.text
    async with serving(town, settings) as city, httpx.AsyncClient(base_url=city.url) as client:
        again = await client.post("/v1/redemptions", json=body, headers=headers)
        assert again.content == taken.content
        await _until_final(city, client, taken.json()["id"])


async def _until_final(city: Served, client: httpx.AsyncClient, name: str) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        for _ in range(SECONDS_MAX * 10):
            found = (await client.get(f"/v1/redemptions/{name}")).json()
            if found["status"] == "final":
                return
            if found["status"] == "included":
                await city.runtime.gateway.rpc("evm_mine")
            await asyncio.sleep(0.1)
    raise AssertionError(found)


async def test_a_busy_port_is_said_before_anything_is_opened(town: Town, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = settings_of(town, tmp_path, port=taken.getsockname()[1])
        with pytest.raises(PortBusy) as busy:
            await run_city(settings, signers={})
        assert busy.value.details["port"] == settings.port


async def test_a_record_of_other_contracts_is_refused(town: Town, tmp_path: Path) -> None:
    settings = settings_of(town, tmp_path)
    record = orjson.loads(settings.deployment.read_bytes())
    record["contracts"]["CityPass"]["code_hash"] = "0x" + "00" * 32
    settings.deployment.write_bytes(orjson.dumps(record))
    with pytest.raises(DeploymentMismatch):
        await run_city(settings, signers={})
    record["chain_id"] = 1
    settings.deployment.write_bytes(orjson.dumps(record))
    with pytest.raises(WrongChain):
        await run_city(settings, signers={})
    settings.deployment.unlink()
    with pytest.raises(DeploymentMismatch):
        await run_city(settings, signers={})


async def test_a_node_that_is_down_is_said_at_once(town: Town, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    settings = settings_of(town, tmp_path, rpc_url=f"http://127.0.0.1:{port}")
    with pytest.raises(NodeUnreachable):
        await run_city(settings, signers={})


async def test_keyfiles_without_their_password_are_refused(town: Town, tmp_path: Path) -> None:
    with pytest.raises(InputInvalid):
        await run_city(settings_of(town, tmp_path))
    missing = settings_of(town, tmp_path, key_password_file=tmp_path / "nowhere")
    with pytest.raises(InputInvalid):
        await run_city(missing)
