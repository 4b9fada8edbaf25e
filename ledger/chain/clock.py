"""What time it is: the machine's on a real chain, the chain's own on a devnet."""

import time
from dataclasses import dataclass
from typing import Protocol

from ledger.chain.gateway import Gateway
from ledger.errors import NodeLied


class Clock(Protocol):
    """Answers the present Unix time in whole seconds."""

    async def now(self) -> int:
        """Unix seconds."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of the machine."""

    async def now(self) -> int:
        """Unix seconds."""
        return time.time_ns() // 1_000_000_000


@dataclass(frozen=True, slots=True)
class DevnetClock:
    """The time the devnet's next block would carry, wherever its clock was moved to."""

    gateway: Gateway

    async def now(self) -> int:
        """Unix seconds."""
        pending = await self.gateway.rpc("eth_getBlockByNumber", ["pending", False])
        if not isinstance(pending, dict):
            raise NodeLied(what="a devnet has a pending block")
        return int(pending["timestamp"], 16)
