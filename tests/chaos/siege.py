"""One run: a city is built, besieged by a schedule, left in peace, and judged."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.city import ROLES, one_key_each
from deploy.deploy import deploy
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.signer import DevSigner
from ledger.db.session import make_engine
from tests.chaos.line import open_line
from tests.chaos.machines import Machines
from tests.chaos.mortal import Mortal
from tests.chaos.oracle import Judgement, judge, settled
from tests.chaos.residents import Residents
from tests.chaos.schedule import SERVERS, Act
from tests.chaos.servers import Server
from tests.conftest import FUNDERS, NOON, City
from tests.integration.till import LUNCH, open_till

PEOPLE = 24
CONFIRMATIONS = 12
PEACE_SECONDS_MAX = 180

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run came to. No complaints: everything that was promised was kept, once."""

    judged: Judgement
    complaints: list[str]
    promised: int
    starts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A built city, before its servers run."""

    city: City
    starts: int
    ahead: int


async def besiege(
    directory: Path,
    database_url: str,
    acts: Sequence[Act],
    *,
    seed: int,
    say: Say,
    mortal: Mortal | None = None,
) -> Report:
    """Let residents pay while `acts` happen; afterwards wait for peace, and judge.

    `mortal` is the server of a PostgreSQL city; without it the database is a file.
    """
    options = DevnetOptions(directory=directory / "chain", genesis_time=NOON, block_seconds=1)
    devnet = Devnet(options)
    await devnet.start()
    options = DevnetOptions(directory=directory / "chain", port=devnet.port, block_seconds=1)
    engine = make_engine(database_url)
    machines: Machines | None = None
    try:
        town = await _build(devnet, directory, database_url)
        async with open_line(devnet.rpc_url) as line:
            environment = _environment(directory, database_url, town.city, line.url)
            servers = [Server(environment, directory / f"{n}.log") for n in range(SERVERS)]
            machines = Machines(options, devnet, line, servers, database_url, mortal, say)
            residents = Residents(
                servers, town.city.deployment.domain_separator, town.starts, town.ahead
            )
            async with _watched(machines):
                await _live(machines, residents, acts, seed=seed)
                say("peace: everything that was accepted becomes final")
                complaints = await _peace(engine)
            say(f"answers: {dict(residents.told.most_common())}")
            judged = await judge(engine, devnet.rpc_url, town.city.deployment, residents.promised)
    finally:
        await (devnet if machines is None else machines.devnet).stop()
        await engine.dispose()
    return Report(
        judged=judged,
        complaints=complaints + residents.complaints + judged.complaints,
        promised=len(residents.promised),
        starts=machines.starts,
    )


async def _build(devnet: Devnet, directory: Path, database_url: str) -> Town:
    signers = {name: DevSigner.numbered(index) for index, name in enumerate([*ROLES, *FUNDERS])}
    accounts = tuple(signers[name].address for name in ("TREASURER", *FUNDERS))
    config = one_key_each({role: signers[role].address for role in ROLES}, city_accounts=accounts)
    deployment = await deploy(devnet.rpc_url, signers["ADMIN"], config, directory)
    city = City(rpc_url=devnet.rpc_url, deployment=deployment, signers=signers)
    async with open_till(city, directory, database_url=database_url) as till:
        await till.sync()
        await till.enrol(*_people())
        await till.register("ข้าวซอย")
        await till.open_campaign(LUNCH)
        await till.settle()
        await till.sequencer.retire()
        campaign = (await till.client.get("/v1/campaigns/1")).json()
        ahead = await till.now() - int(time.time())
    (directory / "deployment.json").write_bytes(deployment.document())
    return Town(city=city, starts=int(campaign["terms"]["starts"]), ahead=ahead)


def _people() -> list[str]:
    return [f"resident-{number}" for number in range(PEOPLE)]


def _environment(directory: Path, database_url: str, city: City, rpc_url: str) -> dict[str, str]:
    return {
        "NAKHON_HOME": str(directory),
        "NAKHON_DATABASE_URL": database_url,
        "NAKHON_RPC_URL": rpc_url,
        "NAKHON_DEPLOYMENT": str(directory / "deployment.json"),
        "NAKHON_CLOCK": "chain",
        "NAKHON_PORT": "0",
        "NAKHON_CONFIRMATIONS": str(CONFIRMATIONS),
        "NAKHON_BATCH_WAIT_SECONDS": "1",
        "NAKHON_STUCK_AFTER_SECONDS": "10",
    }


@asynccontextmanager
async def _watched(machines: Machines) -> AsyncIterator[None]:
    """The servers run, and are started again when they die, while the block runs."""
    for server in machines.servers:
        await server.start()
    watchers = [asyncio.create_task(machines.watch_over(one)) for one in machines.servers]
    try:
        yield
    finally:
        machines.done.set()
        await asyncio.gather(*watchers, return_exceptions=True)
        for server in machines.servers:
            server.kill()


async def _live(
    machines: Machines, residents: Residents, acts: Sequence[Act], *, seed: int
) -> None:
    living = [asyncio.create_task(residents.live(name, seed)) for name in _people()]
    began, suffering = time.monotonic(), []
    try:
        for act in acts:
            await asyncio.sleep(max(act.at_ms / 1_000 - (time.monotonic() - began), 0))
            machines.say(f"{act}   ({len(residents.promised)} accepted)")
            suffering.append(asyncio.create_task(machines.suffer(act)))
        await asyncio.gather(*suffering)
    finally:
        residents.closing.set()
    await asyncio.gather(*living)


async def _peace(engine: AsyncEngine) -> list[str]:
    """Wait until nothing is on its way; a complaint where that never comes."""
    until = time.monotonic() + PEACE_SECONDS_MAX
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        with contextlib.suppress(SQLAlchemyError):
            if await settled(engine):
                return []
    return [f"not everything was final after {PEACE_SECONDS_MAX} s of peace"]
