"""A whole city inside one process and one directory: devnet, contracts, keys, index, till, API.

Everything lives below the home, so a second start goes on where the first one stopped, however it
stopped. The keys of the roles are the development keys the whole world knows: no other chain takes
them.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy.atomic_file import replace_file
from deploy.city import ROLES, DeployConfig, one_key_each
from deploy.deploy import deploy, record_path
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.signer import DevSigner
from ledger.db.api_keys import ROLES as OFFICES
from ledger.db.api_keys import issue_key, officer_of
from ledger.db.session import transaction
from ledger.errors import KeyUnknown
from ledger.services.runtime import Runtime
from ledger.settings import ClockKind, Settings
from wallet_cli.files import write_private

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

FUNDERS: Final = ("partner",)
"""City accounts besides the treasurer that may fund campaigns."""
BLOCK_SECONDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A devnet that runs, with the city on it, and the settings to serve it with."""

    settings: Settings
    signers: Mapping[str, DevSigner]


def development_keys() -> dict[str, DevSigner]:
    """The key of each role and funder, by its lower-case name; the deployer is `admin`."""
    names = [*(role.lower() for role in ROLES), *FUNDERS]
    return {name: DevSigner.numbered(index) for index, name in enumerate(names)}


def development_config(keys: Mapping[str, DevSigner]) -> DeployConfig:
    """One key for each role; the treasurer and the funders are city accounts of the token."""
    roles = {role: keys[role.lower()].address for role in ROLES if role != "ADMIN"}
    accounts = tuple(keys[name].address for name in ("treasurer", *FUNDERS))
    return one_key_each(roles, city_accounts=accounts)


@asynccontextmanager
async def open_embedded(
    settings: Settings, *, rpc_port: int | None = None, genesis_time: int | None = None
) -> AsyncIterator[Embedded]:
    """Start the devnet and put the city on it. `genesis_time` counts for a new chain only.

    Raises ToolMissing without Anvil, PortBusy for a taken port, WrongState when another process
    runs this home.
    """
    options = DevnetOptions(
        directory=settings.home / "devnet",
        port=rpc_port,
        genesis_time=genesis_time,
        block_seconds=BLOCK_SECONDS,
    )
    async with Devnet(options) as devnet:
        yield await settle(replace(settings, rpc_url=devnet.rpc_url))


async def settle(settings: Settings) -> Embedded:
    """Put the city, with the development keys, on the node of the settings: Anvil, Hardhat ….

    Raises DevelopmentKeyRefused when its chain is not a devnet.
    """
    keys, records = development_keys(), settings.home / "deployments"
    made = await deploy(settings.rpc_url, keys["admin"], development_config(keys), records)
    deployment = record_path(records, made.chain_id)
    return Embedded(
        settings=replace(settings, deployment=deployment, clock=ClockKind.CHAIN), signers=keys
    )


async def officer_keys(runtime: Runtime) -> dict[str, Path]:
    """A file with an API key for each office, below the home, made where it is missing.

    A key the database no longer knows is replaced by a new one.
    """
    directory = runtime.settings.home / "officers"
    files = {office: directory / f"{office}.key" for office in OFFICES}
    now = await runtime.clock.now()
    async with transaction(runtime.engine) as session:
        for office, path in files.items():
            if not await _is_known(session, _held(path)):
                _hold(path, await issue_key(session, name=office, roles=[office], now=now))
    return files


def _held(path: Path) -> str:
    return path.read_text("utf-8").strip() if path.exists() else ""


def _hold(path: Path, key: str) -> None:
    path.unlink(missing_ok=True)
    write_private(path, f"{key}\n".encode())


async def _is_known(session: "AsyncSession", key: str) -> bool:
    try:
        await officer_of(session, key)
    except KeyUnknown:
        return False
    return True


def write_environment(runtime: Runtime, api_url: str) -> Path:
    """A file to source: it points every other command at this city."""
    path = runtime.settings.home / "environment"
    lines = {
        "NAKHON_API_URL": api_url,
        "NAKHON_RPC_URL": runtime.settings.rpc_url,
        "NAKHON_DEPLOYMENT": str(runtime.settings.deployment.resolve()),
    }
    content = "".join(f"export {name}='{value}'\n" for name, value in lines.items())
    replace_file(path, content.encode())
    return path
