"""A devnet on which every figure of the gas benchmark is the `gasUsed` of a real transaction."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from bench.compiled import Compiled
from ledger.chain.gateway import Gateway

GAS_MAX: Final = 16_777_216
POLLS_MAX: Final = 6_000
POLL_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a transaction that succeeded cost, and what it created."""

    gas: int
    created: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A node whose accounts are unlocked. Account 0 is the administrator of everything."""

    gateway: Gateway
    accounts: tuple[str, ...]

    @classmethod
    async def open(cls, gateway: Gateway) -> "Chain":
        """The chain behind a gateway."""
        accounts = await gateway.rpc("eth_accounts")
        return cls(gateway=gateway, accounts=tuple(accounts))

    async def send(self, sender: str, to: str | None, data: bytes) -> Sent:
        """Send a transaction under the protocol's gas cap and wait for it; it must succeed."""
        fields: dict[str, Any] = {"from": sender, "gas": hex(GAS_MAX), "data": "0x" + data.hex()}
        if to is not None:
            fields["to"] = to
        tx_hash = await self.gateway.rpc("eth_sendTransaction", [fields])
        for _ in range(POLLS_MAX):
            receipt = await self.gateway.rpc("eth_getTransactionReceipt", [tx_hash])
            if receipt is not None:
                break
            await asyncio.sleep(POLL_SECONDS)
        assert receipt is not None, f"{tx_hash} was not mined"
        assert receipt["status"] == "0x1", f"{tx_hash} to {to} reverted"
        return Sent(gas=int(receipt["gasUsed"], 16), created=receipt["contractAddress"] or "")

    async def create(self, contract: Compiled, *arguments: Any) -> str:
        """Create a contract as the administrator; its address."""
        return (await self.send(self.accounts[0], None, contract.creation(*arguments))).created

    async def time(self) -> int:
        """The time of the last block."""
        block = await self.gateway.rpc("eth_getBlockByNumber", ["latest", False])
        return int(block["timestamp"], 16)
