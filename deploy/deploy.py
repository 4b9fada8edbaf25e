"""Putting a city on a chain, once, however often and however rudely it is started.

A second run verifies and changes nothing; a run after a crash goes on where the crash was. The
record is written last, so what has a record is complete.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from deploy.atomic_file import replace_file
from deploy.checksums import verify_artifacts
from deploy.city import CONTRACT_GRANTS, FUNCTIONS, ROLE_NUMBERS, ROLES, DeployConfig, Grant
from deploy.journal import Creation, Journal
from deploy.node import Node, open_node
from ledger.chain.artifacts import CONTRACTS, load_artifact
from ledger.chain.deployment import EVERY_CONTRACT, DeployedContract, Deployment, code_hash
from ledger.chain.encoding import encode_call
from ledger.chain.signer import DEVNET_CHAIN_IDS, Signer, refuse_development_key
from ledger.domain.hashing import keccak
from ledger.domain.signatures import address_of
from ledger.errors import DeploymentMismatch, DevelopmentKeyRefused

SMALL_KEYS_MAX: Final = 1_024
"""The private keys 1, 2, 3 … that people try first are refused up to here."""

Arguments = Callable[[Mapping[str, str]], list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing a deployment did: `what` was done to or by `subject`."""

    what: str
    subject: str
    address: str


Report = Callable[[Step], None]


def _silent(step: Step) -> None:
    del step


def record_path(directory: Path, chain_id: int) -> Path:
    """Where the record of a chain's deployment lies in a directory of records."""
    return directory / f"{chain_id}.json"


async def deploy(
    rpc_url: str,
    deployer: Signer,
    config: DeployConfig,
    directory: Path,
    *,
    report: Report = _silent,
) -> Deployment:
    """Create the seven contracts, give out the roles, and write `<directory>/<chain id>.json`.

    Raises DevelopmentKeyRefused for a published key on a chain that is not a devnet, and
    DeploymentMismatch for an altered artifact or a record that the chain contradicts. On a devnet
    a record of a chain that is gone is replaced; elsewhere it never is.
    """
    verify_artifacts()
    async with open_node(rpc_url, deployer) as node:
        chain_id = await node.chain_id()
        for address in sorted({deployer.address, *config.addresses}):
            refuse_known_key(address, chain_id)
        path = record_path(directory, chain_id)
        journal = Journal(path=path.with_suffix(".unfinished.json"))
        record = Deployment.load(path) if path.exists() else None
        contracts = await _standing(node, record) if record else None
        if contracts is None:
            contracts = await _create_all(node, journal, config, report)
        addresses = {name: contract.address for name, contract in contracts.items()}
        await _give_functions_and_roles(node, addresses, config, report)
        await _set_city_accounts(node, addresses, config, report)
        await _hand_over(node, addresses, config, report)
        administrators = record.roles["ADMIN"] if record else (deployer.address,)
        deployment = await _deployment(node, chain_id, contracts, config, administrators)
    if not path.exists() or path.read_bytes() != deployment.document():
        replace_file(path, deployment.document())
    journal.clear()
    return deployment


def refuse_known_key(address: str, chain_id: int) -> None:
    """Raise DevelopmentKeyRefused for a key that everybody can guess or look up.

    Those are the accounts of Anvil's and Hardhat's mnemonic and the keys 1 to `SMALL_KEYS_MAX`.
    A devnet takes any key.
    """
    refuse_development_key(address, chain_id)
    if chain_id in DEVNET_CHAIN_IDS:
        return
    if address in _small_key_addresses():
        raise DevelopmentKeyRefused(address=address, chain_id=chain_id)


@cache
def _small_key_addresses() -> frozenset[str]:
    return frozenset(address_of(key.to_bytes(32, "big")) for key in range(1, SMALL_KEYS_MAX + 1))


# What stands already


async def _standing(node: Node, record: Deployment) -> dict[str, DeployedContract] | None:
    """The contracts of the record, when the chain has them.

    None on a devnet that began anew, DeploymentMismatch when the chain has anything else.
    """
    try:
        if await node.block_hash(record.block) != record.block_hash:
            raise DeploymentMismatch(contract=EVERY_CONTRACT, why="the record is of another chain")
        for name, contract in record.contracts.items():
            if await _checked_code(node, name, contract.address) != contract.code_hash:
                raise DeploymentMismatch(contract=name, why="its code is not the recorded one")
    except DeploymentMismatch:
        began_anew = not await node.code(record.address(CONTRACTS[0]))
        if record.chain_id in DEVNET_CHAIN_IDS and began_anew:
            return None
        raise
    return dict(record.contracts)


async def _checked_code(node: Node, name: str, address: str) -> str:
    """The code hash of a contract whose code is, but for its immutables, the artifact's."""
    code, artifact = await node.code(address), load_artifact(name)
    if artifact.runtime_without_immutables(code) != artifact.runtime:
        why = f"the code at {address} is not that of the committed artifact"
        raise DeploymentMismatch(contract=name, why=why)
    return code_hash(code)


# Creating


def _arguments(deployer: str, config: DeployConfig) -> dict[str, Arguments]:
    """The constructor arguments of each contract from the addresses of those before it."""
    token = config.token
    return {
        "AccessManager": lambda at: [deployer],
        "MerchantRegistry": lambda at: [at["AccessManager"]],
        "CityPass": lambda at: [at["AccessManager"]],
        "CityToken": lambda at: [
            at["AccessManager"],
            token.name,
            token.symbol,
            token.decimals,
            token.resident_transfers,
            at["MerchantRegistry"],
        ],
        "CouponBook": lambda at: [at["AccessManager"], at["CityPass"], at["MerchantRegistry"]],
        "SettlementBook": lambda at: [at["AccessManager"], at["CityToken"], at["CouponBook"]],
        "AnchorLog": lambda at: [at["AccessManager"]],
    }


async def _create_all(
    node: Node, journal: Journal, config: DeployConfig, report: Report
) -> dict[str, DeployedContract]:
    created: dict[str, DeployedContract] = {}
    for name, arguments in _arguments(node.signer.address, config).items():
        before = {earlier: contract.address for earlier, contract in created.items()}
        created[name] = await _create(node, journal, name, arguments(before))
        report(Step(what="created", subject=name, address=created[name].address))
    return {name: created[name] for name in CONTRACTS}


async def _create(
    node: Node, journal: Journal, name: str, arguments: list[Any]
) -> DeployedContract:
    """Create a contract, or find the one that an interrupted run has created."""
    stated = tuple(str(argument) for argument in arguments)
    creation = journal.read().get(name)
    if creation is None or creation.arguments != stated or await _is_lost(node, creation):
        account_nonce = await node.account_nonce()
        signed = await node.sign_creation(name, arguments, account_nonce)
        creation = Creation(
            raw=signed.raw, hash=signed.hash, account_nonce=account_nonce, arguments=stated
        )
        journal.add(name, creation)
    await node.send(creation.raw)
    address, block = await node.receipt(creation.hash, what=f"create {name}")
    return DeployedContract(
        address=address,
        code_hash=await _checked_code(node, name, address),
        arguments=stated,
        block=block,
    )


async def _is_lost(node: Node, creation: Creation) -> bool:
    """True when a signed creation can never be included: its account nonce is not the next one."""
    if await node.account_nonce() == creation.account_nonce:
        return False
    return not await node.is_included(creation.hash)


# Wiring: every step asks the chain first, so a second run sends nothing.


async def _give_functions_and_roles(
    node: Node, addresses: Mapping[str, str], config: DeployConfig, report: Report
) -> None:
    manager = addresses["AccessManager"]
    calls: list[bytes] = []
    for name, roles in FUNCTIONS.items():
        for role, signatures in roles.items():
            missing = await _functions_without(node, addresses, name, role, signatures)
            if missing:
                target = [addresses[name], missing, ROLE_NUMBERS[role]]
                calls.append(encode_call("AccessManager", "setTargetFunctionRole", *target))
                report(Step(what=f"functions of {role}", subject=name, address=addresses[name]))
    for role, grant in _grants(addresses, config):
        wanted = [ROLE_NUMBERS[role], grant.address, grant.delay_seconds]
        if not await _is_granted(node, manager, wanted):
            calls.append(encode_call("AccessManager", "grantRole", *wanted))
            report(Step(what="role granted", subject=role, address=grant.address))
    if calls:
        await node.transact("AccessManager", manager, "multicall", calls)


def _grants(addresses: Mapping[str, str], config: DeployConfig) -> Iterator[tuple[str, Grant]]:
    """Every role that somebody is to hold: people, and contracts."""
    for role, grants in config.grants.items():
        for grant in grants:
            yield role, grant
    for name, roles in CONTRACT_GRANTS.items():
        for role in roles:
            yield role, Grant(address=addresses[name])


async def _functions_without(
    node: Node, addresses: Mapping[str, str], name: str, role: str, signatures: tuple[str, ...]
) -> list[bytes]:
    """The selectors among `signatures` that do not need `role` yet."""
    manager, missing = addresses["AccessManager"], []
    for signature in signatures:
        selector = keccak(signature.encode())[:4]
        asked = ("getTargetFunctionRole", addresses[name], selector)
        if await node.ask("AccessManager", manager, *asked) != ROLE_NUMBERS[role]:
            missing.append(selector)
    return missing


async def _is_granted(node: Node, manager: str, wanted: list[Any]) -> bool:
    """True when an account has a role with this delay, or will have when a change takes effect."""
    role, address, wanted_delay = wanted
    since, delay, pending, effect = await node.ask(
        "AccessManager", manager, "getAccess", role, address
    )
    return since != 0 and bool(wanted_delay == (pending if effect else delay))


async def _set_city_accounts(
    node: Node, addresses: Mapping[str, str], config: DeployConfig, report: Report
) -> None:
    token = addresses["CityToken"]
    contracts = (addresses["CouponBook"], addresses["SettlementBook"])
    for account in (*contracts, *config.city_accounts):
        if not await node.ask("CityToken", token, "isCityAccount", account):
            await node.transact("CityToken", token, "setCityAccount", account, True)
            report(Step(what="city account", subject="CityToken", address=account))


async def _hand_over(
    node: Node, addresses: Mapping[str, str], config: DeployConfig, report: Report
) -> None:
    """The deployer gives up ADMIN when the city named other administrators."""
    administrators = {grant.address for grant in config.grants.get("ADMIN", ())}
    deployer, manager = node.signer.address, addresses["AccessManager"]
    if not administrators or deployer in administrators:
        return
    held, _ = await node.ask("AccessManager", manager, "hasRole", ROLES["ADMIN"], deployer)
    if held:
        await node.transact("AccessManager", manager, "renounceRole", ROLES["ADMIN"], deployer)
        report(Step(what="role renounced", subject="ADMIN", address=deployer))


async def _deployment(
    node: Node,
    chain_id: int,
    contracts: Mapping[str, DeployedContract],
    config: DeployConfig,
    administrators: tuple[str, ...],
) -> Deployment:
    block = min(contract.block for contract in contracts.values())
    block_hash = await node.block_hash(block)
    if block_hash is None:
        raise DeploymentMismatch(contract=EVERY_CONTRACT, why=f"the chain lost block {block}")
    roles = {
        role: tuple(grant.address for grant in grants) for role, grants in config.grants.items()
    }
    return Deployment(
        chain_id=chain_id,
        block=block,
        block_hash=block_hash,
        contracts=contracts,
        roles={"ADMIN": administrators, **roles},
    )
