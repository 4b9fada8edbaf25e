"""The record of a deployment, and what every process asks before it begins: is it still so?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ledger.chain.artifacts import CONTRACTS
from ledger.chain.gateway import Gateway
from ledger.domain.hashing import keccak
from ledger.domain.typed_data import deployment_tag, domain_separator
from ledger.errors import DeploymentMismatch, WrongChain

BOOK: Final = "CouponBook"
EVERY_CONTRACT: Final = "(all)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedContract:
    """One contract as it was created: `code_hash` is the keccak-256 of its code on the chain."""

    address: str
    code_hash: str
    arguments: tuple[str, ...]
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A city on one chain: where its contracts are and which keys were given its roles.

    `block` is that of the oldest contract: an index begins there. The roles are those given at
    deployment; the present ones are read from the chain.
    """

    chain_id: int
    block: int
    block_hash: str
    contracts: Mapping[str, DeployedContract]
    roles: Mapping[str, tuple[str, ...]]
    domain_separator: bytes = field(init=False)
    tag: bytes = field(init=False)

    def __post_init__(self) -> None:
        separator = domain_separator(self.chain_id, self.contracts[BOOK].address)
        object.__setattr__(self, "domain_separator", separator)
        object.__setattr__(self, "tag", deployment_tag(separator))

    @classmethod
    def load(cls, path: Path) -> "Deployment":
        """Read a record. Raises DeploymentMismatch when there is none, or it cannot be read."""
        try:
            return cls.parse(path.read_bytes())
        except FileNotFoundError:
            why = f"there is no record {path.name}; run `nakhon deploy`"
            raise DeploymentMismatch(contract=EVERY_CONTRACT, why=why) from None

    @classmethod
    def parse(cls, document: bytes) -> "Deployment":
        """Read the bytes of a record. Raises DeploymentMismatch when they are not one."""
        try:
            raw = json.loads(document)
            if lacking := [name for name in CONTRACTS if name not in raw["contracts"]]:
                why = f"this city was deployed without {', '.join(lacking)}; it needs a new one"
                raise DeploymentMismatch(contract=lacking[0], why=why)
            contracts = {name: _contract(raw["contracts"][name]) for name in CONTRACTS}
            return cls(
                chain_id=int(raw["chain_id"]),
                block=int(raw["block"]),
                block_hash=str(raw["block_hash"]),
                contracts=contracts,
                roles={role: tuple(keys) for role, keys in raw["roles"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"the record cannot be read: {type(error).__name__} {error}"
            raise DeploymentMismatch(contract=EVERY_CONTRACT, why=why) from error

    def document(self) -> bytes:
        """The bytes of the record; `parse` gives the same value back."""
        raw = {
            "chain_id": self.chain_id,
            "block": self.block,
            "block_hash": self.block_hash,
            "contracts": {
                name: {
                    "address": contract.address,
                    "code_hash": contract.code_hash,
                    "arguments": list(contract.arguments),
                    "block": contract.block,
                }
                for name, contract in self.contracts.items()
            },
            "roles": {role: list(keys) for role, keys in self.roles.items()},
        }
        return (json.dumps(raw, indent=2, ensure_ascii=False) + "\n").encode()

    def address(self, name: str) -> str:
        """The address of one of `CONTRACTS`."""
        return self.contracts[name].address

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of all contracts, in the order of `CONTRACTS`."""
        return tuple(self.contracts[name].address for name in CONTRACTS)


def _contract(raw: Mapping[str, Any]) -> DeployedContract:
    return DeployedContract(
        address=str(raw["address"]),
        code_hash=str(raw["code_hash"]),
        arguments=tuple(str(argument) for argument in raw["arguments"]),
        block=int(raw["block"]),
    )


def code_hash(code: bytes) -> str:
    """How a record names the code of a contract: `0x` and its keccak-256."""
    return "0x" + keccak(code).hex()


async def check_deployment(gateway: Gateway, deployment: Deployment) -> None:
    """Return when the node serves the chain of the record and holds its contracts unchanged.

    Raises WrongChain for another chain id, DeploymentMismatch for another block under the
    deployment (a chain that began anew, or another fork) and for code that is missing or differs.
    """
    found = await gateway.chain_id()
    if found != deployment.chain_id:
        raise WrongChain(expected=deployment.chain_id, found=found)
    block = await gateway.block(deployment.block)
    if block is None or block.hash != deployment.block_hash:
        held = "no such block" if block is None else f"block {block.hash}"
        why = f"the chain has {held} at {deployment.block}, the record {deployment.block_hash}"
        raise DeploymentMismatch(contract=EVERY_CONTRACT, why=why)
    calls = [("eth_getCode", [address, "latest"]) for address in deployment.addresses]
    codes = await gateway.batch(calls)
    for name, code in zip(CONTRACTS, codes, strict=True):
        present = code_hash(bytes.fromhex(str(code).removeprefix("0x")))
        if present != deployment.contracts[name].code_hash:
            missing = "no code" if code == "0x" else f"code {present}"
            why = f"{missing} at {deployment.address(name)}"
            raise DeploymentMismatch(contract=name, why=why)
