"""`python -m ledger.indexer`: the process of its own, and the way back."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from ledger.chain.gateway import Gateway
from ledger.db.index_blocks import event_count
from ledger.db.session import make_engine, reading
from tests.conftest import City
from tests.integration.story import Story


async def start(city: City, directory: Path, *arguments: str) -> asyncio.subprocess.Process:
    record = directory / "record.json"
    deployment = city.deployment
    record.write_text(
        json.dumps(
            {
                "chain_id": deployment.chain_id,
                "block": deployment.block,
                "block_hash": deployment.block_hash,
                "contracts": {name: asdict(one) for name, one in deployment.contracts.items()},
                "roles": {role: list(held) for role, held in deployment.roles.items()},
            }
        )
    )
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ledger.indexer", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ
        | {
            "NAKHON_RPC_URL": city.rpc_url,
            "NAKHON_DEPLOYMENT": str(record),
            "NAKHON_DATABASE_URL": f"sqlite+aiosqlite:///{directory}/index.sqlite3",
        },
    )


async def count(directory: Path, chain_id: int) -> int:
    engine = make_engine(f"sqlite+aiosqlite:///{directory}/index.sqlite3")
    try:
        async with reading(engine) as connection:
            return await event_count(connection, chain_id)
    finally:
        await engine.dispose()


async def test_it_follows_stops_and_reads_anew(
    gateway: Gateway, city: City, tmp_path: Path
) -> None:
    story = Story(gateway, city)
    await story.enrol(3)
    anew = await start(city, tmp_path, "rebuild")
    told, complaints = await anew.communicate()
    assert (anew.returncode, told.decode().endswith("\n")) == (0, True), complaints
    events = await count(tmp_path, city.deployment.chain_id)
    assert told.decode().startswith(f"{events} events")
    following = await start(city, tmp_path)
    await story.enrol(2)
    for _ in range(300):
        if await count(tmp_path, city.deployment.chain_id) == events + 3:
            break
        await asyncio.sleep(0.2)
    following.send_signal(signal.SIGTERM)
    await following.communicate()
    assert following.returncode == 0
    assert await count(tmp_path, city.deployment.chain_id) == events + 3


async def test_a_wrong_argument_or_a_missing_record_is_said_plainly(
    city: City, tmp_path: Path
) -> None:
    wrong = await start(city, tmp_path, "backwards")
    _, complaint = await wrong.communicate()
    assert (wrong.returncode, complaint[:5]) == (2, b"usage")
    missing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ledger.indexer"),
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"NAKHON_DEPLOYMENT": str(tmp_path / "none.json")},
    )
    _, complaint = await missing.communicate()
    assert missing.returncode == 1
    assert b"deployment_mismatch" in complaint and b"Traceback" not in complaint
