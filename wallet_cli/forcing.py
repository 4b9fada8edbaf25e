"""The merchant's own hand: one redemption brought to the chain with nothing but a node (P3)."""

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.chain.decoding import decode_log
from ledger.chain.deployment import Deployment, check_deployment
from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Gateway
from ledger.chain.reverts import read_revert
from ledger.chain.signer import KeySigner, Transaction, sign_transaction
from ledger.domain.events import Redeemed
from ledger.domain.reasons import Reason
from ledger.domain.redemption import pack_batch, unpack_records
from ledger.errors import LedgerError, NodeRefused, RedemptionRefused, TransactionReverted
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure, failure
from wallet_cli.stubs import Stub

GAS_MAX: Final = 400_000
"""More than one forced entry has ever needed; what is not used is not paid for."""

PRIORITY_FEE_WEI_MIN: Final = 1_000_000
POLL_SECONDS: Final = 0.2
"""Between two looks for the receipt."""


SPAN_BLOCKS: Final = 5_000


class Outcome(StrEnum):
    """What became of a stub."""

    FORCED = "forced"
    TAKEN = "taken"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """One stub's outcome. `taken`: it was on the chain already. `overtaken`: a later redemption of
    the same pass is, so this one never can be, and its receipt proves what the city owes. `sent`:
    it was not included in time. `refusal` is the contract's reason where it refused."""

    outcome: Outcome
    tx_hash: str | None = None
    block: int | None = None
    refusal: LedgerError | None = None


class Hand:
    """A key that brings stubs to the chain and pays for it. Anybody's will do."""

    def __init__(self, gateway: Gateway, deployment: Deployment, private_key: bytes) -> None:
        self.gateway = gateway
        self.deployment = deployment
        self.signer = KeySigner(private_key)
        self.book = deployment.address("CouponBook")

    async def check(self) -> None:
        """Raise WrongChain or DeploymentMismatch before anything is sent to a stranger's node."""
        await check_deployment(self.gateway, self.deployment)

    async def force(self, stub: Stub, *, wait_seconds: int) -> Forced:
        """Bring one redemption to the chain, or say why not; nothing is paid for a refusal.

        Raises CommandFailure where the key cannot pay, NodeUnreachable and NodeRefused.
        """
        data = encode_call(
            "CouponBook", "forceRedeem", stub.receipt.campaign, pack_batch([stub.entry])
        )
        try:
            await self.gateway.call(self.book, data, sender=self.signer.address)
        except TransactionReverted as reverted:
            return await self._refused(stub, reverted)
        return await self._send(stub, data, wait_seconds=wait_seconds)

    async def _send(self, stub: Stub, data: bytes, *, wait_seconds: int) -> Forced:
        fees = await self.gateway.fees()
        priority = max(fees.priority_fee_wei, PRIORITY_FEE_WEI_MIN)
        fee = max(fees.fee_wei_max(), priority)
        held = await self.gateway.balance(self.signer.address)
        if held < fee * GAS_MAX:
            raise _cannot_pay(self.signer.address, held=held, needed=fee * GAS_MAX)
        signed = await sign_transaction(
            self.signer,
            Transaction(
                chain_id=self.deployment.chain_id,
                account_nonce=await self.gateway.transaction_count(self.signer.address),
                priority_fee_wei=priority,
                fee_wei_max=fee,
                gas_limit=GAS_MAX,
                to=self.book,
                data=data,
            ),
        )
        try:
            await self.gateway.send_raw(signed.raw)
        except NodeRefused:
            # It may have known these very bytes; asked, not guessed.
            if await self.gateway.transaction(signed.hash) is None:
                raise
        return await self._included(stub, signed.hash, data, wait_seconds=wait_seconds)

    async def _included(
        self, stub: Stub, tx_hash: str, data: bytes, *, wait_seconds: int
    ) -> Forced:
        until = time.monotonic() + wait_seconds
        while (receipt := await self.gateway.receipt(tx_hash)) is None:
            if time.monotonic() >= until:
                return Forced(outcome=Outcome.SENT, tx_hash=tx_hash)
            await asyncio.sleep(POLL_SECONDS)
        block = int(receipt["blockNumber"], 16)
        if int(receipt["status"], 16) == 1:
            return Forced(outcome=Outcome.FORCED, tx_hash=tx_hash, block=block)
        # It was overtaken between the question and the block: the question is asked again.
        try:
            await self.gateway.call(self.book, data, block, sender=self.signer.address)
        except TransactionReverted as reverted:
            return await self._refused(stub, reverted)
        return Forced(outcome=Outcome.REFUSED, tx_hash=tx_hash, block=block)

    async def _refused(self, stub: Stub, reverted: TransactionReverted) -> Forced:
        found = await self._taken_by(stub)
        if found is not None:
            return found
        details = reverted.details
        said = read_revert(str(details.get("data", "0x")), str(details.get("message", "")))
        spent = isinstance(said, RedemptionRefused) and said.reason == Reason.ALREADY_SPENT.code
        return Forced(outcome=Outcome.OVERTAKEN if spent else Outcome.REFUSED, refusal=said)

    async def _taken_by(self, stub: Stub) -> Forced | None:
        """Where the chain holds this very redemption; newest blocks first. None where nowhere."""
        last = await self.gateway.block_number()
        while last >= self.deployment.block:
            first = max(last - SPAN_BLOCKS + 1, self.deployment.block)
            for log in await self.gateway.logs(first, last, [self.book]):
                event = decode_log(log)
                if isinstance(event, Redeemed) and _holds(event, stub):
                    block = int(log["blockNumber"], 16)
                    tx_hash = str(log["transactionHash"])
                    return Forced(outcome=Outcome.TAKEN, tx_hash=tx_hash, block=block)
            last = first - 1
        return None


def _holds(event: Redeemed, stub: Stub) -> bool:
    promised = stub.receipt
    return event.campaign == promised.campaign and any(
        (record.pass_number, record.step, record.merchant, record.amount)
        == (promised.pass_number, stub.entry.step, promised.merchant, promised.amount)
        for record in unpack_records(event.records)
    )


def _cannot_pay(address: str, *, held: int, needed: int) -> CommandFailure:
    return failure(
        ExitCode.CHAIN,
        "gas_missing",
        th=f"{address} มี {held} wei ไม่พอค่าธรรมเนียมของเชน (ต้องมี {needed} wei) ยังไม่ได้ส่งอะไร",
        en=f"{address} holds {held} wei, and the chain may charge {needed} wei: nothing was sent",
        action_th="โอนเหรียญของเชนเข้าที่อยู่นี้ หรือใช้ --keyfile ของคนที่มี ใครส่งแทนก็ได้",
        action_en="send it the chain's coin, or use --keyfile of somebody who has some: anyone may",
    )
