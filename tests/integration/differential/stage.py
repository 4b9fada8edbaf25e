"""The real chain of a history: every action in a block of its own, at its own time."""

from dataclasses import dataclass, field
from typing import Any

from ledger.chain.decoding import decode_log
from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Gateway
from ledger.chain.reverts import revert_of
from ledger.domain import events
from ledger.domain.blocks import BlockRef
from ledger.domain.signatures import address_of
from tests.conftest import City
from tests.integration.differential.actions import Action, Redeem, Tell, Void
from tests.integration.differential.model import Model
from tests.integration.differential.people import BUSYBODY, EVERYBODY, address
from tests.integration.differential.predictions import proof_of

GAS = 1 << 24
"""The most a transaction may have (EIP-7825)."""

DUMMIES = 250
"""Passes nobody uses, so that those of the history lie on both sides of a list word's end."""

WEI = 10**24


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the chain made of an action: its events, or its error."""

    block: BlockRef
    told: tuple[events.Event, ...]
    error: str
    arguments: dict[str, Any]
    gas: int


@dataclass(slots=True, kw_only=True)
class Stage:
    """A deployed city to which a history can happen, again and again from the same beginning."""

    gateway: Gateway
    city: City
    _snapshot: str = ""
    _head: BlockRef | None = None
    _beginning: list[tuple[events.Event, BlockRef]] = field(default_factory=list)

    async def prepare(self) -> None:
        """Make the beginning: wei for everybody, a busybody, passes nobody uses."""
        rpc = self.gateway.rpc
        await rpc("anvil_autoImpersonateAccount", [True])
        await self.gateway.batch(
            [("anvil_setBalance", [address(name), hex(WEI)]) for name in EVERYBODY]
        )
        for role in (2, 3, 4):
            await self._setup("ADMIN", "AccessManager", "grantRole", role, address(BUSYBODY), 0)
        dummies = [address_of(n.to_bytes(32, "big")) for n in range(1, DUMMIES + 1)]
        holders = b"".join(bytes.fromhex(dummy[2:]) for dummy in dummies)
        await self._setup("REGISTRAR", "CityPass", "enrol", 31, 63, 0, 0, holders)
        latest = await self.gateway.block_number()
        self._beginning = await self.history(latest)
        self._head = await self.gateway.block(latest)
        self._snapshot = await rpc("evm_snapshot")

    async def begin(self) -> Model:
        """Go back to the beginning; the model of it."""
        assert await self.gateway.rpc("evm_revert", [self._snapshot]), "the snapshot is there"
        self._snapshot = await self.gateway.rpc("evm_snapshot")
        self._head = await self.gateway.block("latest")
        model = Model(city=self.city)
        for event, block in self._beginning:
            model.take(event, block)
        return model

    @property
    def addresses(self) -> list[str]:
        """Of the contracts."""
        return [contract.address for contract in self.city.deployment.contracts.values()]

    async def history(self, last: int) -> list[tuple[events.Event, BlockRef]]:
        """Every event of the city up to a block, read from the chain's logs."""
        first = self.city.deployment.block
        blocks = {block.number: block for block in await self.gateway.blocks(first, last)}
        logs = await self.gateway.logs(first, last, self.addresses)
        return [(decode_log(log), blocks[int(log["blockNumber"], 16)]) for log in logs]

    async def rebuilt(self) -> Model:
        """A model from nothing but the chain's logs."""
        model = Model(city=self.city)
        for event, block in await self.history(await self.gateway.block_number()):
            model.take(event, block)
        return model

    async def _setup(self, sender: str, contract: str, function: str, *arguments: Any) -> None:
        data = encode_call(contract, function, *arguments)
        call = self._transaction(sender, contract, data)
        receipt = await self.gateway.rpc("eth_sendTransactionSync", [call])
        assert receipt["status"] == "0x1", (contract, function)

    def _transaction(self, sender: str, contract: str, data: bytes) -> dict[str, str]:
        to = self.city.deployment.contracts[contract].address
        data_hex = "0x" + data.hex()
        return {"from": address(sender), "to": to, "data": data_hex, "gas": hex(GAS)}

    async def perform(self, model: Model, action: Action) -> Outcome:
        """Let it happen, in one block at its time."""
        contract, data = calldata(model, action)
        _, receipt = await self.gateway.batch(
            [
                ("evm_setNextBlockTimestamp", [action.at]),
                ("eth_sendTransactionSync", [self._transaction(action.sender, contract, data)]),
            ]
        )
        assert self._head is not None, "a stage was prepared"
        block = BlockRef(
            number=int(receipt["blockNumber"], 16),
            hash=receipt["blockHash"],
            parent=self._head.hash,
            time=action.at,
        )
        self._head = block
        gas = int(receipt["gasUsed"], 16)
        if receipt["status"] == "0x1":
            told = tuple(decode_log(log) for log in receipt["logs"])
            return Outcome(block=block, told=told, error="", arguments={}, gas=gas)
        error, arguments = await self._error(receipt["transactionHash"])
        return Outcome(block=block, told=(), error=error, arguments=arguments, gas=gas)

    async def _error(self, tx_hash: str) -> tuple[str, dict[str, Any]]:
        trace = await self.gateway.rpc(
            "debug_traceTransaction", [tx_hash, {"tracer": "callTracer"}]
        )
        details = revert_of(trace.get("output", "0x"), trace.get("error", "")).details
        return details["error"], details["arguments"]


def calldata(model: Model, action: Action) -> tuple[str, bytes]:
    """The contract an action calls, and with what."""
    match action:
        case Tell():
            data = encode_call(action.contract, action.function, *action.arguments)
            return action.contract, data
        case Redeem():
            name = "forceRedeem" if action.forced else "redeem"
            packed = action.packed(model.separator)
            return "CouponBook", encode_call("CouponBook", name, action.campaign, packed)
        case Void():
            proof = proof_of(model, action)
            return "CouponBook", encode_call(
                "CouponBook",
                "void",
                action.campaign,
                proof.batch,
                proof.records,
                proof.index,
                address(action.holder),
                action.amount,
                action.voided_at,
                proof.r,
                proof.vs,
            )
