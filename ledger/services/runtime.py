"""One city as a process holds it: its database, its node, its contracts, its clock and its keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.chain.clock import Clock
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.chain.signer import Signer
from ledger.errors import InputInvalid
from ledger.services.known_facts import KnownFacts
from ledger.settings import Settings

SEQUENCER = "sequencer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The collaborators of every use case.

    `signers` are by name: the roles in lower case (`sequencer`, `registrar` …), and any further
    key that may fund campaigns. `clock` is the till's: on a devnet it is the chain's. `known` is
    what this process has read of the index already.
    """

    settings: Settings
    engine: AsyncEngine
    gateway: Gateway
    deployment: Deployment
    clock: Clock
    signers: Mapping[str, Signer]
    known: KnownFacts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", KnownFacts(self.deployment.chain_id))

    @property
    def chain_id(self) -> int:
        """The chain everything is about."""
        return self.deployment.chain_id

    @property
    def book(self) -> str:
        """The CouponBook's address."""
        return self.deployment.address("CouponBook")

    @property
    def token(self) -> str:
        """The city token's address."""
        return self.deployment.address("CityToken")

    @property
    def sequencer(self) -> Signer:
        """The key that signs receipts and batches."""
        return self.signer(SEQUENCER)

    def signer(self, name: str) -> Signer:
        """A key by its name. Raises InputInvalid for one this process does not hold."""
        try:
            return self.signers[name]
        except KeyError:
            raise InputInvalid(what="signer", why=f"no key is called {name[:40]!r}") from None

    @property
    def signers_by_address(self) -> dict[str, Signer]:
        """Every key this process holds, by address."""
        return {signer.address: signer for signer in self.signers.values()}
