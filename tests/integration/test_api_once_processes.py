"""The same key at two servers of one city: one effect, one answer, and a crash lets go at once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.db.idempotency import Asked
from ledger.db.key_holds import KeyHolds, hold_in_database
from ledger.db.session import make_engine, transaction, writing
from ledger.errors import IdempotencyInProgress
from tests.integration.conftest import Town
from tests.integration.problems_expected import charge, expect_problem, rows
from tests.integration.till import Till, open_till

ONCE = {"idempotency-key": "one-key-at-two-servers"}


@pytest.fixture
async def other(till: Till, town: Town, town_url: str, tmp_path: Path) -> AsyncIterator[Till]:
    """A second server of the same city, with nothing in common but database and node."""
    opened = open_till(town.city, tmp_path, keys=till.keys, database_url=town_url)
    async with opened as second:
        yield second


@asynccontextmanager
async def everything_locked(till: Till) -> AsyncIterator[None]:
    """Nobody can move a counter while this lasts: who began before it stands in the middle."""
    engine = make_engine(till.runtime.settings.database_url)
    async with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text("LOCK TABLE redemptions IN EXCLUSIVE MODE"))
        yield
    await engine.dispose()


async def test_a_key_that_runs_at_another_server_is_in_progress_here(
    till: Till, other: Till
) -> None:
    body = await charge(till)
    async with everything_locked(till):
        first = asyncio.create_task(till.post("/v1/redemptions", body, **ONCE))
        while not await running(till):
            assert not first.done(), first.result().text
            await asyncio.sleep(0.02)
        second = await other.post("/v1/redemptions", body, **ONCE)
        await expect_problem(second, 409, "idempotency_in_progress")
    taken = await first
    again = await other.post("/v1/redemptions", body, **ONCE)
    assert (taken.status_code, taken.content) == (again.status_code, again.content)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    changed = await other.post("/v1/redemptions", body | {"bill": "12001"}, **ONCE)
    await expect_problem(changed, 422, "idempotency_mismatch")
    assert await rows(till, "redemptions") == 1


async def running(till: Till) -> bool:
    """Whether the server holds the key, so that everybody else can see it."""
    if till.runtime.engine.dialect.name == "sqlite":
        return bool(till.app.state.holds._running)
    async with till.runtime.engine.connect() as connection:
        held = text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return bool((await connection.execute(held)).scalar_one())


async def test_of_many_at_two_servers_one_runs_and_nobody_gets_another_answer(
    till: Till, other: Till
) -> None:
    body = await charge(till)
    answers = await asyncio.gather(
        *(one.post("/v1/redemptions", body, **ONCE) for _ in range(15) for one in (till, other))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    busy = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert busy <= {"idempotency_in_progress"}
    assert await rows(till, "redemptions") == 1


async def test_one_coupon_at_two_servers_at_once_is_accepted_once(till: Till, other: Till) -> None:
    body = await charge(till)
    answers = await asyncio.gather(
        *(one.post("/v1/redemptions", body) for _ in range(10) for one in (till, other))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 19
    assert await rows(till, "redemptions") == 1


ASKED = Asked(principal="anybody", key="held by a process that dies", body_hash="0x" + "11" * 32)

HOLDER = f"""
import asyncio, sys, time
from ledger.db.idempotency import Asked
from ledger.db.key_holds import KeyHolds, hold_in_database
from ledger.db.session import make_engine, open_session

async def main():
    engine, asked = make_engine(sys.argv[1]), {ASKED!r}
    with KeyHolds(engine).hold(asked):
        if engine.dialect.name == "postgresql":
            async with open_session(engine) as session:
                await hold_in_database(session, asked)
                print("held", flush=True)
                await asyncio.sleep(600)
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_a_process_that_is_killed_lets_go_of_its_keys_at_once(engine: AsyncEngine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert await asyncio.to_thread(holder.stdout.readline) == b"held\n"
        with pytest.raises(IdempotencyInProgress):
            await take(engine)
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    async with asyncio.timeout(5):
        while True:
            try:
                await take(engine)
            except IdempotencyInProgress:
                await asyncio.sleep(0.05)
            else:
                break


async def take(engine: AsyncEngine) -> None:
    with KeyHolds(engine).hold(ASKED):
        async with transaction(engine) as session:
            await hold_in_database(session, ASKED)
