"""A town that is open for lunch, on a chain of its own: built for each file, reset for a test."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.city import ROLES, one_key_each
from deploy.deploy import deploy
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.signer import DevSigner
from ledger.db.migrate import migrate
from ledger.db.session import make_engine
from tests.conftest import FUNDERS, NOON, City
from tests.databases import BOTH, SQLITE, STORES, Store, copy_rows, sqlite_url
from tests.integration.till import DATABASE, LUNCH, Till, open_till
from tests.postgres import Cluster


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The files of `BOTH` run on SQLite and on PostgreSQL, the others on SQLite alone, unless
    STORES=all asks for everything on both."""
    name = metafunc.module.__name__.rpartition(".")[2]
    both = name.startswith(BOTH) or os.environ.get("STORES") == "all"
    chosen = any("store" in mark.args for mark in metafunc.definition.iter_markers("parametrize"))
    if "store" in metafunc.fixturenames and both and not chosen:
        metafunc.parametrize("store", STORES, indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Where the test's databases come from; a fresh one has the tables of this version."""
    kind = getattr(request, "param", SQLITE)
    if kind == SQLITE:
        numbers = count()
        yield Store(kind, lambda: sqlite_url(tmp_path / "fresh" / f"{next(numbers)}.sqlite3"))
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    template: str = request.getfixturevalue("empty_database")
    made: list[str] = []

    def fresh() -> str:
        made.append(cluster.create(template=template))
        return cluster.url(made[-1])

    yield Store(kind, fresh)
    for name in made:
        cluster.drop(name)


@pytest.fixture
async def engine(store: Store) -> AsyncIterator[AsyncEngine]:
    """A migrated database without rows."""
    made = make_engine(store.fresh())
    await migrate(made)
    yield made
    await made.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Somchai, Malee and Lek hold passes 1, 2 and 3; one restaurant; campaign 1 is open."""

    devnet: Devnet
    city: City
    database: Path
    keys: dict[str, str]


def _of_a_town(fixture_name: str, config: pytest.Config) -> Literal["function", "module"]:
    """How long a town lasts: a file, and not the whole session, since after some hundred blocks
    Anvil forgets the states of the first ones, also of those it went back to. A test of faults in
    full mines as many by itself."""
    del fixture_name, config
    return "function" if os.environ.get("FAULT_ROUNDS") else "module"


@pytest.fixture(scope=_of_a_town)
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town, with everything that built it final."""
    directory = tmp_path_factory.mktemp("town")
    devnet = Devnet(DevnetOptions(genesis_time=NOON))
    try:
        city, keys = asyncio.run(_build(devnet, directory))
        yield Town(devnet=devnet, city=city, database=directory / DATABASE, keys=keys)
    finally:
        asyncio.run(devnet.stop())


async def _build(devnet: Devnet, directory: Path) -> tuple[City, dict[str, str]]:
    await devnet.start()
    signers = {name: DevSigner.numbered(index) for index, name in enumerate([*ROLES, *FUNDERS])}
    accounts = tuple(signers[name].address for name in ("TREASURER", *FUNDERS))
    config = one_key_each({role: signers[role].address for role in ROLES}, city_accounts=accounts)
    deployment = await deploy(devnet.rpc_url, signers["ADMIN"], config, directory)
    city = City(rpc_url=devnet.rpc_url, deployment=deployment, signers=signers)
    async with open_till(city, directory) as till:
        await till.sync()
        await till.enrol("somchai", "malee", "lek")
        await till.register("ข้าวซอย")
        await till.open_campaign(LUNCH)
        await till.settle()
        await till.sequencer.retire()
    return city, till.keys


@pytest.fixture(scope=_of_a_town)
def town_database(town: Town, cluster: Cluster, empty_database: str) -> Iterator[str]:
    """The town's rows in a PostgreSQL database, to copy from."""
    name = cluster.create(template=empty_database)
    asyncio.run(copy_rows(sqlite_url(town.database), cluster.url(name)))
    yield name
    cluster.drop(name)


@pytest.fixture
def town_url(
    request: pytest.FixtureRequest, store: Store, town: Town, tmp_path: Path
) -> Iterator[str]:
    """A copy of the town's database for one test."""
    if store.kind == SQLITE:
        shutil.copy(town.database, tmp_path / DATABASE)
        yield sqlite_url(tmp_path / DATABASE)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = cluster.create(template=request.getfixturevalue("town_database"))
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
async def till(town: Town, town_url: str, tmp_path: Path) -> AsyncIterator[Till]:
    """A server in the town; afterwards chain and clock go back, whatever the test did."""
    snapshot = await town.devnet.snapshot()
    async with open_till(town.city, tmp_path, keys=town.keys, database_url=town_url) as opened:
        history = await opened.gateway.rpc("eth_feeHistory", ["0x1", "latest", []])
        await opened.sync()
        yield opened
        await opened.automine(True)
        await opened.gateway.rpc("anvil_setNextBlockBaseFeePerGas", [history["baseFeePerGas"][-1]])
    await town.devnet.revert(snapshot)
