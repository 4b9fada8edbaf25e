"""A real chain with a real city on it, for every test that wants one."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.city import ROLES, one_key_each
from deploy.deploy import deploy
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.chain.signer import DevSigner
from tests.databases import migrated
from tests.postgres import Cluster, open_cluster

NOON: int = 1_761_714_000
"""Wednesday 29 October 2025, 12:00 in Bangkok: when the devnet of the tests begins."""

FUNDERS = ("FUNDER_CITY", "FUNDER_PARTNER")


def pytest_configure() -> None:
    """Ctrl-C reaches what the tests start, also where they themselves run in the background: a
    shell starts such commands with the signal ignored, and their children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A deployed city: where its node is, its record, and the key of each role.

    `signers` has one key for every role of `deploy.city.ROLES` and for every name in `FUNDERS`;
    the treasurer and the funders are city accounts of the token.
    """

    rpc_url: str
    deployment: Deployment
    signers: dict[str, DevSigner]


@pytest.fixture(scope="module")
def devnet() -> Iterator[Devnet]:
    """One Anvil for a file of tests, in memory, at `NOON`, mining every transaction at once.

    Not for the whole session: after some hundred blocks Anvil forgets the states of the first ones,
    also of those it went back to.
    """
    running = Devnet(DevnetOptions(genesis_time=NOON))
    asyncio.run(running.start())
    yield running
    asyncio.run(running.stop())


@pytest.fixture(scope="module")
def deployed(devnet: Devnet, tmp_path_factory: pytest.TempPathFactory) -> City:
    """The five contracts on the file's devnet. Tests that change the chain use `city`."""
    names = [*ROLES, *FUNDERS]
    signers = {name: DevSigner.numbered(index) for index, name in enumerate(names)}
    accounts = tuple(signers[name].address for name in ("TREASURER", *FUNDERS))
    config = one_key_each({role: signers[role].address for role in ROLES}, city_accounts=accounts)
    directory: Path = tmp_path_factory.mktemp("deployments")
    deployment = asyncio.run(deploy(devnet.rpc_url, signers["ADMIN"], config, directory))
    return City(rpc_url=devnet.rpc_url, deployment=deployment, signers=signers)


@pytest.fixture
async def city(devnet: Devnet, deployed: City) -> AsyncIterator[City]:
    """The deployed city for one test: the chain goes back to where it was afterwards."""
    snapshot = await devnet.snapshot()
    yield deployed
    await devnet.revert(snapshot)


@pytest.fixture
async def gateway(devnet: Devnet) -> AsyncIterator[Gateway]:
    """A gateway to the file's devnet."""
    async with Gateway(devnet.rpc_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL server for the whole session; each test has a database of its own in it."""
    with open_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def empty_database(cluster: Cluster) -> str:
    """A migrated PostgreSQL database without rows, to copy from."""
    return asyncio.run(migrated(cluster, "template_empty"))
