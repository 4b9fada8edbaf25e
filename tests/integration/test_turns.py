"""Writers of an SQLite city take turns, in whichever process they are; nobody waits for ever."""

import asyncio
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from ledger.db.migrate import migrate
from ledger.db.session import make_engine, transaction
from ledger.db.turns import Turns
from tests.databases import sqlite_url

HOLDER = """
import asyncio, sys
from ledger.db.turns import Turns

async def hold():
    async with Turns(sys.argv[1], seconds_max=30).turn():
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


def holding(database: Path) -> subprocess.Popen[str]:
    """A process that has the turn, and keeps it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


async def test_a_killed_process_lets_the_next_writer_in(tmp_path: Path) -> None:
    database = tmp_path / "city.sqlite3"
    turns = Turns(str(database), seconds_max=60)
    process = holding(database)

    async def write() -> str:
        async with turns.turn():
            return "written"

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.3)
    assert not writing.done(), "the other process has the turn"
    end(process)
    assert await asyncio.wait_for(writing, 30) == "written"


async def test_who_waited_long_enough_goes_on_and_leaves_nothing_locked(tmp_path: Path) -> None:
    database = tmp_path / "city.sqlite3"
    turns = Turns(str(database), seconds_max=1)
    process = holding(database)
    async with turns.turn():
        pass
    end(process)
    async with asyncio.timeout(30), Turns(str(database), seconds_max=60).turn():
        pass


async def test_a_writer_that_gives_up_waiting_takes_nobodys_turn(tmp_path: Path) -> None:
    database = tmp_path / "city.sqlite3"
    turns = Turns(str(database), seconds_max=60)
    process = holding(database)

    async def write() -> None:
        async with turns.turn():
            raise AssertionError("it was not its turn")

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.2)
    writing.cancel()
    await asyncio.wait([writing])
    assert writing.cancelled()
    end(process)
    async with asyncio.timeout(30), Turns(str(database), seconds_max=60).turn():
        pass


async def test_two_engines_on_one_file_write_one_after_the_other(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "city.sqlite3")
    engines = [make_engine(url), make_engine(url)]
    await migrate(engines[0])
    inside, most = 0, 0

    async def write(number: int) -> None:
        nonlocal inside, most
        async with transaction(engines[number % 2]) as session:
            inside += 1
            most = max(most, inside)
            await session.execute(
                text("INSERT INTO leases (name, owner, expires_at) VALUES (:name, 'x', 1)"),
                {"name": str(number)},
            )
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(write(number) for number in range(60)))
    async with transaction(engines[0]) as session:
        assert await session.scalar(text("SELECT count(*) FROM leases")) == 60
    for engine in engines:
        await engine.dispose()
    assert most == 1
