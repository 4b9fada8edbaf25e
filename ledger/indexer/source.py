"""What an index is of: one chain, from one block on, some contracts."""

from dataclasses import dataclass

from ledger.chain.deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The contracts to read, by name, and the first block that may hold a log of theirs."""

    chain_id: int
    first_block: int
    contracts: dict[str, str]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address whose logs are read."""
        return tuple(self.contracts.values())


def source_of(deployment: Deployment) -> Source:
    """The source that a deployment record names."""
    return Source(
        chain_id=deployment.chain_id,
        first_block=deployment.block,
        contracts={name: contract.address for name, contract in deployment.contracts.items()},
    )
