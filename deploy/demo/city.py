"""The running city as the story's people meet it: its pages, its chain, its clock, its officers.

The city runs in an event loop of its own; the story runs in a thread and waits for what it sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from api.run import run_sequencer
from deploy.demo.people import Person
from deploy.demo.till import StoryBroken
from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.signer import DevSigner, KeySigner, Transaction, sign_transaction
from ledger.services.runtime import Runtime
from wallet_cli.client import CityClient, JsonObject
from wallet_cli.keys import Key

T = TypeVar("T")

PATIENCE_SECONDS: Final = 60
POLL_SECONDS: Final = 0.05
GAS_LIMIT: Final = 1_000_000
POCKET_WEI: Final = 10**18
SETTLED: Final = frozenset({"included", "final"})


@dataclass(slots=True)
class Sequencing:
    """The sequencer as a task that can be stopped and started again."""

    runtime: Runtime
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to carry the outbox to the chain."""
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(run_sequencer(self.runtime, self._stop))

    async def stop(self) -> None:
        """End after the present step."""
        self._stop.set()
        if self._task is not None:
            await self._task


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Handles of one running city, for use from outside its event loop."""

    loop: asyncio.AbstractEventLoop
    runtime: Runtime
    api_url: str
    signers: Mapping[str, DevSigner]
    offices: Mapping[str, CityClient]
    sequencing: Sequencing

    @property
    def rpc_url(self) -> str:
        """Where the node answers: all an auditor needs, with the contracts' addresses."""
        return self.runtime.settings.rpc_url

    @property
    def database_url(self) -> str:
        """The city's own index, for the comparison."""
        return self.runtime.settings.database_url

    @property
    def record(self) -> Path:
        """The published addresses of the contracts."""
        return self.runtime.settings.deployment

    # People

    def office(self, role: str) -> CityClient:
        """An officer's desk: a client with the bearer key of that role alone."""
        return self.offices[role]

    def wallet(self, person: Person) -> CityClient:
        """A client that signs its requests with the person's key."""
        return CityClient(self.api_url, key=Key(person.private_key))

    def signer_address(self, name: str) -> str:
        """Address of a role's key or of a funder."""
        return self.signers[name].address

    # Time

    def now(self) -> int:
        """The chain's clock, which is the till's."""
        return self._run(self.runtime.clock.now())

    def advance(self, seconds: int) -> None:
        """Move the clock on; wallets and the till follow it."""
        self.advance_to(self.now() + seconds)

    def advance_to(self, moment: int) -> None:
        """Move the clock to a later moment, and let the index see it."""
        self._rpc("evm_setNextBlockTimestamp", moment)
        self._rpc("evm_mine")
        self.wait_indexed()

    # Waiting for what the chain says

    def wait_final(self, names: Sequence[str]) -> None:
        """Wait until each of these redemptions is on the chain and final."""
        for name in names:
            self._wait_for(name, "final", lambda seen: seen["status"] == "final")

    def wait_voided(self, name: str) -> None:
        """Wait until a redemption is given back whole."""
        self._wait_for(name, "voided", lambda seen: seen["status"] == "voided")

    def _wait_for(self, name: str, what: str, done: Any) -> None:
        patience = time.monotonic() + PATIENCE_SECONDS
        seen: JsonObject = {}
        while time.monotonic() < patience:
            seen = self.office("registrar").get(f"/v1/redemptions/{name}")
            if done(seen):
                return
            time.sleep(POLL_SECONDS)
        raise StoryBroken(what=f"redemption {name}", wanted=what, found=seen.get("status"))

    def wait_indexed(self) -> None:
        """Wait until the index has every block the node has now."""
        head = int(self._rpc("eth_blockNumber"), 16)
        patience = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < patience:
            ready = self.office("registrar").get("/readyz")
            if (ready["indexed_block"] or 0) >= head:
                return
            time.sleep(POLL_SECONDS)
        raise StoryBroken(what="the index", wanted=f"block {head}", found=ready["indexed_block"])

    # The chain, read and written by others than the city

    def balance(self, name: str) -> int:
        """City tokens of a funder, in satang."""
        data = encode_call("CityToken", "balanceOf", self.signer_address(name))
        answer = self._run(self.runtime.gateway.call(self.runtime.token, data))
        return int(decode_result("CityToken", "balanceOf", answer)[0])

    def simulate(self, sender: str, data: bytes, to: str) -> JsonObject:
        """What one call would do now, with its events; nothing is changed."""
        call = {"from": sender, "to": to, "data": "0x" + data.hex()}
        blocks = self._rpc("eth_simulateV1", {"blockStateCalls": [{"calls": [call]}]}, "latest")
        return dict(blocks[0]["calls"][0])

    def send_as(self, private_key: bytes, data: bytes) -> str:
        """Send a transaction to the coupon book with somebody's own key; its hash."""
        return self._run(self._send(KeySigner(private_key), data))

    async def _send(self, signer: KeySigner, data: bytes) -> str:
        gateway = self.runtime.gateway
        await gateway.rpc("anvil_setBalance", [signer.address, hex(POCKET_WEI)])
        fees = await gateway.fees()
        signed = await sign_transaction(
            signer,
            Transaction(
                chain_id=self.runtime.chain_id,
                account_nonce=await gateway.transaction_count(signer.address),
                priority_fee_wei=fees.priority_fee_wei,
                fee_wei_max=fees.fee_wei_max(),
                gas_limit=GAS_LIMIT,
                to=self.runtime.book,
                data=data,
            ),
        )
        await gateway.send_raw(signed.raw)
        patience = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < patience:
            receipt = await gateway.receipt(signed.hash)
            if receipt is not None:
                if receipt["status"] != "0x1":
                    raise StoryBroken(what="a transaction", wanted="taken", found="reverted")
                return signed.hash
            await asyncio.sleep(POLL_SECONDS)
        raise StoryBroken(what="a transaction", wanted="included", found="waiting")

    @contextlib.contextmanager
    def sequencer_stopped(self) -> Iterator[None]:
        """Nothing reaches the chain by the city's hand while this lasts."""
        self._run(self.sequencing.stop())
        try:
            yield
        finally:
            self._run(self.sequencing.start())

    def _rpc(self, method: str, *params: Any) -> Any:
        return self._run(self.runtime.gateway.rpc(method, params))

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE_SECONDS)
