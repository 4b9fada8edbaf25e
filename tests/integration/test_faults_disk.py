"""The disk under the database is full, or its fsync fails: nothing that was answered is lost, what
was not is asked again, and everything counts once (FAULTS 32)."""

import asyncio
import contextlib
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.domain.redemption import SignedRedemption
from tests.chaos.failing_sync import FDATASYNC, fail_every_sync
from tests.chaos.mortal import Mortal, open_mortal
from tests.chaos.oracle import judge, settled
from tests.chaos.servers import PATIENCE_SECONDS, Server
from tests.databases import SQLITE, copy_rows, migrated, sqlite_url
from tests.integration.conftest import Town
from tests.integration.problems_expected import expect_problem, rows
from tests.integration.test_two_processes import charge_now, until
from tests.integration.till import Till, key_of, open_till
from tests.postgres import server_user

pytestmark = pytest.mark.timeout(300)

PEOPLE = [f"payer-{number}" for number in range(12)]
STEPS = 40
SLACK_BYTES = 24 << 20
SMALL_DISK, NO_FILE_GROWS = "a small disk", "no file may grow"
WAYS = [NO_FILE_GROWS, *([SMALL_DISK] if os.geteuid() == 0 else [])]
"""A disk of one's own can only be had as root; a limit on every file, by anybody."""


@dataclass(slots=True)
class Payments:
    """Everybody pays again and again, each time under a key of its own, until something fails."""

    till: Till
    signed_at: int
    promised: dict[str, int] = field(default_factory=dict)
    lost: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked: int = 0

    async def until_refused(self, most: int) -> None:
        """Pay, until an answer is a 503; it is remembered, to be asked again."""
        for _ in range(most):
            await self.once()
            if self.lost:
                return

    async def once(self) -> None:
        step, person = divmod(self.asked, len(PEOPLE))
        self.asked += 1
        message = SignedRedemption(
            campaign=1, merchant=1, bill=1_000, amount=100, copay=0,
            signed_at=self.signed_at - 15 * (STEPS - step),
        )  # fmt: skip
        await self.ask(f"pays-{self.asked}", self.till.charge_body(key_of(PEOPLE[person]), message))

    async def ask(self, key: str, body: dict[str, Any]) -> bool:
        """Whether it was taken; a database that fails is a 503 and nothing else."""
        answer = await self.till.post("/v1/redemptions", body, **{"idempotency-key": key})
        if answer.status_code == 201:
            self.promised[answer.json()["id"]] = int(answer.json()["amount"])
            return True
        if answer.status_code != 409:
            await expect_problem(answer, 503, "database_unavailable")
        if (key, body) not in self.lost:
            self.lost.append((key, body))
        return False

    async def insist(self) -> None:
        """Ask again for what failed, until it is taken."""
        for key, body in list(self.lost):
            await until(partial(self.ask, key, body))

    async def judged(self) -> list[str]:
        """What the oracle complains of, once all of it is final."""
        while not await settled(self.till.runtime.engine):
            await self.till.settle()
        runtime = self.till.runtime
        held = await judge(runtime.engine, self.till.gateway.url, runtime.deployment, self.promised)
        return held.complaints


@pytest.fixture
def mortal() -> Iterator[Mortal]:
    with open_mortal() as opened:
        yield opened


@asynccontextmanager
async def paying(town: Town, mortal: Mortal, directory: Path) -> AsyncIterator[Payments]:
    """The town on a PostgreSQL server of its own, in this process."""
    url = mortal.cluster.url(await migrated(mortal.cluster, "city"))
    await copy_rows(sqlite_url(town.database), url)
    snapshot = await town.devnet.snapshot()
    async with open_till(town.city, directory, keys=town.keys, database_url=url) as till:
        await till.sync()
        await till.enrol(*PEOPLE)
        await till.settle()
        yield Payments(till, await till.step_now(1))
    await town.devnet.revert(snapshot)


@contextmanager
def full_disk(mortal: Mortal, way: str) -> Iterator[Callable[[bool], None]]:
    """A server whose disk can be filled (True) and emptied (False)."""
    data = mortal.cluster.directory / "data"
    mortal.kill()
    if way == NO_FILE_GROWS:
        mortal.start()
        yield lambda full: _limit(mortal, "0" if full else "unlimited")
        return
    aside = data.with_name("aside")
    data.rename(aside)
    data.mkdir()
    size = sum(each.stat().st_size for each in aside.rglob("*") if each.is_file()) + SLACK_BYTES
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(data)], check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(data)], check=True)
        data.chmod(0o700)
        shutil.rmtree(aside)
        mortal.start()
        yield lambda full: _fill(data / "filler") if full else (data / "filler").unlink()
    finally:
        mortal.kill()
        subprocess.run(["umount", "--lazy", str(data)], check=True)


def _limit(mortal: Mortal, most: str) -> None:
    """What no process of the server may write beyond, in any file: asked as its own user."""
    who = server_user(mortal.cluster.directory)
    postmaster = mortal.cluster.postmaster()
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for pid in (postmaster, *map(int, children)):
        # One that has ended meanwhile needs no limit.
        told = ["prlimit", f"--pid={pid}", f"--fsize={most}:unlimited"]
        subprocess.run(told, check=False, capture_output=True, **who)


def _fill(filler: Path) -> None:
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))


@pytest.mark.parametrize("way", WAYS)
async def test_f32_a_full_disk_under_postgresql_refuses_and_loses_nothing(
    town: Town, mortal: Mortal, tmp_path: Path, way: str
) -> None:
    async with paying(town, mortal, tmp_path) as payments:
        with full_disk(mortal, way) as fill:
            await payments.until_refused(len(PEOPLE))
            assert len(payments.promised) == len(PEOPLE), "there was room for these"
            await asyncio.to_thread(fill, True)
            await payments.until_refused((STEPS - 2) * len(PEOPLE))
            assert payments.lost, "a disk without room takes no more"
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                await asyncio.to_thread(fill, False)
            await asyncio.to_thread(mortal.start_if_dead)
            await payments.insist()
            await payments.once()
            assert len(payments.promised) == payments.asked
            assert await payments.judged() == []
            await payments.till.runtime.engine.dispose()


async def test_f32_a_failed_fsync_under_postgresql_is_a_crash_that_loses_nothing(
    town: Town, mortal: Mortal, tmp_path: Path
) -> None:
    """The kernel answers EIO to every fdatasync. The server does not ask a second time, which might
    be told that all is well (the pages are marked clean by then): it panics, and its log tells."""
    async with paying(town, mortal, tmp_path) as payments:
        mortal.kill()
        mortal.say("wal_sync_method = open_datasync")
        mortal.start(lambda: fail_every_sync(FDATASYNC[platform.machine()]))
        await payments.until_refused(len(PEOPLE))
        assert len(payments.promised) == len(PEOPLE), "nothing has failed yet"
        mortal.say("wal_sync_method = fdatasync")
        mortal.reload()
        await payments.until_refused(2 * len(PEOPLE))
        assert payments.lost
        log = mortal.cluster.directory / "log"
        assert "PANIC" in log.read_text("utf-8") and "Input/output error" in log.read_text("utf-8")
        mortal.say("wal_sync_method = open_datasync")
        await asyncio.to_thread(mortal.kill)
        await asyncio.to_thread(mortal.start)
        await payments.insist()
        assert len(payments.promised) == payments.asked
        assert await payments.judged() == []
        await payments.till.runtime.engine.dispose()


@pytest.mark.parametrize("store", [SQLITE], indirect=True)
async def test_f32_a_failed_fsync_under_sqlite_refuses_and_loses_nothing(
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
    server, promised = Server(environment, tmp_path / "server.log"), dict[str, int]()

    async def ask(who: str, body: dict[str, Any]) -> httpx.Response:
        assert server.url is not None
        async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as client:
            answer = await client.post(
                "/v1/redemptions", json=body, headers={"idempotency-key": who}
            )
        if answer.status_code == 201:
            promised[answer.json()["id"]] = int(answer.json()["amount"])
        return answer

    async def all_final() -> bool:
        await till.mine()
        return await settled(till.runtime.engine)

    try:
        await server.start()
        first = await ask("somchai", await charge_now(till, "somchai", 1_000))
        assert first.status_code == 201, first.text
        assert server.pid is not None
        os.kill(server.pid, signal.SIGUSR1)
        body = await charge_now(till, "malee", 1_000)
        for _ in range(2):
            await expect_problem(await ask("malee", body), 503, "database_unavailable")
        server.kill()
        await server.start()
        later = await ask("malee", body)
        assert later.status_code == 201, later.text
        assert (await ask("malee", body)).content == later.content
        await until(all_final)
    finally:
        server.kill()
    assert await rows(till, "redemptions") == 2
    runtime = till.runtime
    judged = await judge(runtime.engine, till.gateway.url, runtime.deployment, promised)
    assert judged.complaints == []
