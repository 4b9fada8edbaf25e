"""What the sequencer speaks through, and what it is held to."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.chain.signer import Signer
from ledger.db.leases import Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large, how dear and how patient. Times in seconds, fees in wei a unit of gas.

    A transaction counts as settled `confirmations` blocks deep, as the index counts it.
    """

    batch_entries_max: int = 300
    batch_wait_seconds: int = 2
    stuck_after_seconds: int = 30
    fee_wei_max: int = 500_000_000_000
    confirmations: int = 12
    orders_at_once: int = 64
    batches_in_flight_max: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """The sequencer's collaborators. `signers` are its keys and the officers', by address.

    Nothing is signed but by the one who leads: `lead` is asked again in the transaction that keeps
    what was signed.
    """

    gateway: Gateway
    engine: AsyncEngine
    deployment: Deployment
    sequencer: Signer
    signers: Mapping[str, Signer]
    limits: Limits
    lead: Lead | None = None

    @property
    def book(self) -> str:
        """The CouponBook's address."""
        return self.deployment.address("CouponBook")
