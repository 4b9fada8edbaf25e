"""A town that is open for lunch, on a chain of its own: built once, reset for every test."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.city import ROLES, one_key_each
from deploy.deploy import deploy
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.signer import DevSigner
from tests.conftest import FUNDERS, NOON, City
from tests.integration.till import DATABASE, LUNCH, Till, open_till


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Somchai, Malee and Lek hold passes 1, 2 and 3; one restaurant; campaign 1 is open."""

    devnet: Devnet
    city: City
    database: Path
    keys: dict[str, str]


@pytest.fixture(scope="session")
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


@pytest.fixture
async def till(town: Town, tmp_path: Path) -> AsyncIterator[Till]:
    """A server in the town; afterwards chain and clock go back, whatever the test did."""
    shutil.copy(town.database, tmp_path / DATABASE)
    snapshot = await town.devnet.snapshot()
    async with open_till(town.city, tmp_path, keys=town.keys) as opened:
        history = await opened.gateway.rpc("eth_feeHistory", ["0x1", "latest", []])
        await opened.sync()
        yield opened
        await opened.automine(True)
        await opened.gateway.rpc("anvil_setNextBlockBaseFeePerGas", [history["baseFeePerGas"][-1]])
    await town.devnet.revert(snapshot)
