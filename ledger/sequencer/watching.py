"""What became of the transactions: by receipt, by hash, by the account's count; never by guess."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.chain.decoding import decode_log
from ledger.chain.reverts import read_revert
from ledger.db import batches, index_reads, intents
from ledger.db.session import snapshot, transaction
from ledger.db.tables_till import Batch
from ledger.domain import events
from ledger.errors import LedgerError, NodeLied, TransactionReverted
from ledger.failpoints import reach
from ledger.sequencer.port import Port
from ledger.sequencer.sending import replace, send

_log = logging.getLogger("nakhon.sequencer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many transactions an account has sent: at the head, and as deep as nothing changes."""

    latest: int
    settled: int


async def watch(port: Port, *, now: int) -> None:
    """Look at every transaction that is not final, in the order of nonces, and act on each once."""
    async with snapshot(port.engine) as session:
        open_batches = list(await batches.unfinished(session))
        indexed = await index_reads.indexed_block(session, port.deployment.chain_id)
    if not open_batches:
        return
    head = await port.gateway.block("latest")
    if head is None:
        raise NodeLied(what="a chain with our transactions has no latest block")
    settled = max(head.number - port.limits.confirmations, 0)
    counts: dict[str, Counts] = {}
    for sender in {batch.sender for batch in open_batches}:
        # Read before the receipts: a count that grows meanwhile cannot make a transaction look
        # overtaken that was only just included.
        counts[sender] = Counts(
            latest=await port.gateway.transaction_count(sender, head.number),
            settled=await port.gateway.transaction_count(sender, settled),
        )
    for batch in open_batches:
        await _look(
            port, batch, counts[batch.sender], settled=settled, indexed=indexed or -1, now=now
        )


async def _look(
    port: Port, batch: Batch, counts: Counts, *, settled: int, indexed: int, now: int
) -> None:
    receipt = await _receipt(port, batch)
    if receipt is not None:
        reach("mined")
        # Included is said once the index can show it: who is told so may look at once.
        if int(receipt["blockNumber"], 16) <= indexed:
            await _included(port, batch, receipt, settled=settled, now=now)
    elif counts.settled > batch.account_nonce:
        await _overtaken(port, batch, now=now)
    elif counts.latest <= batch.account_nonce:
        await _waiting(port, batch, counts, now=now)


async def _receipt(port: Port, batch: Batch) -> dict[str, Any] | None:
    assert batch.id is not None
    async with snapshot(port.engine) as session:
        hashes = [known.tx_hash for known in await batches.hashes_of(session, batch.id)]
    for tx_hash in hashes:
        receipt = await port.gateway.receipt(tx_hash)
        if receipt is not None:
            return receipt
    return None


async def _included(
    port: Port, batch: Batch, receipt: dict[str, Any], *, settled: int, now: int
) -> None:
    number = int(receipt["blockNumber"], 16)
    block_hash = receipt["blockHash"]
    final = number <= settled
    if int(receipt["status"], 16) != 1:
        # Not before it is final: in another block the same transaction might pass.
        if final:
            await _reverted(port, batch, receipt, now=now)
        return
    if batch.status == batches.INCLUDED and batch.block_hash == block_hash and not final:
        return
    assert batch.id is not None
    async with transaction(port.engine) as session:
        stored = await batches.hold(session, batch.id)
        if stored is None:
            return
        stored.status = batches.FINAL if final else batches.INCLUDED
        stored.block_number, stored.block_hash = number, block_hash
        stored.gas_used = int(receipt["gasUsed"], 16)
        status = intents.FINAL if final else intents.INCLUDED
        await intents.settle_batch(session, batch.id, status, now=now)
        if final:
            reach("final")
        if stored.kind != intents.REDEEM:
            result = result_of([decode_log(log) for log in receipt["logs"]])
            for intent in await intents.in_batch(session, batch.id):
                intent.result = result | {"tx_hash": receipt["transactionHash"]}


async def _reverted(port: Port, batch: Batch, receipt: dict[str, Any], *, now: int) -> None:
    """The contract refused the whole transaction, though it had not when it was tried."""
    assert batch.id is not None
    error = await _reason(port, batch, receipt)
    ids = {"transaction": receipt["transactionHash"]}
    _log.error("alarm: %s %s was reverted", batch.kind, *ids.values(), extra=ids)
    async with transaction(port.engine) as session:
        stored = await batches.hold(session, batch.id)
        assert stored is not None
        stored.status, stored.error = batches.FAILED, error
        stored.block_number = int(receipt["blockNumber"], 16)
        stored.block_hash = receipt["blockHash"]
        if stored.kind == intents.REDEEM:
            await intents.take_back(session, batch.id, now=now)
        else:
            await intents.settle_batch(session, batch.id, intents.FAILED, now=now)
            for intent in await intents.in_batch(session, batch.id):
                intent.error = error


async def _reason(port: Port, batch: Batch, receipt: dict[str, Any]) -> dict[str, Any]:
    """What the contract says to the same call after the block that refused it."""
    reason: LedgerError = TransactionReverted(error="reverted", arguments={})
    try:
        await port.gateway.call(
            batch.to or port.book, batch.data, receipt["blockNumber"], sender=batch.sender
        )
    except TransactionReverted as reverted:
        reason = read_revert(
            str(reverted.details.get("data", "0x")), str(reverted.details.get("message", ""))
        )
    details = reason.details | {"tx_hash": receipt["transactionHash"]}
    return {"code": reason.code, "details": details}


async def _overtaken(port: Port, batch: Batch, *, now: int) -> None:
    """Another transaction with this nonce is settled: ours can never be included any more."""
    assert batch.id is not None
    _log.error(
        "alarm: account nonce %d of %s was used by somebody else; %s is said again",
        batch.account_nonce,
        batch.sender,
        batch.kind,
        extra={"transaction": batch.tx_hash},
    )
    async with transaction(port.engine) as session:
        stored = await batches.hold(session, batch.id)
        assert stored is not None
        stored.status = batches.FAILED
        stored.error = {"code": "nonce_taken", "details": {"account_nonce": batch.account_nonce}}
        await intents.take_back(session, batch.id, now=now)


async def _waiting(port: Port, batch: Batch, counts: Counts, *, now: int) -> None:
    """Not included anywhere: sent for the first time, sent again, or replaced."""
    if batch.status == batches.INCLUDED:
        ids = {"transaction": batch.tx_hash}
        _log.warning("the block of %s was orphaned", batch.tx_hash, extra=ids)
        await _back_to_sent(port, batch, now=now)
    known = await port.gateway.transaction(batch.tx_hash) is not None
    taken = known or await send(port, batch, now=now)
    # Only the next one in line can be stuck by its fee; those behind it wait for it.
    in_line = counts.latest == batch.account_nonce
    if in_line and (known or not taken) and _stuck(port, batch, now):
        await replace(port, batch, fees=await port.gateway.fees(), now=now)


def _stuck(port: Port, batch: Batch, now: int) -> bool:
    return now - batch.signed_at >= port.limits.stuck_after_seconds


async def _back_to_sent(port: Port, batch: Batch, *, now: int) -> None:
    assert batch.id is not None
    async with transaction(port.engine) as session:
        stored = await batches.hold(session, batch.id)
        assert stored is not None
        stored.status = batches.SENT
        stored.block_number, stored.block_hash, stored.gas_used = None, None, None
        await intents.settle_batch(session, batch.id, intents.SENT, now=now)


def result_of(said: Sequence[events.Event]) -> dict[str, Any]:
    """What an order brought about, by the events of its transaction: numbers given out, mainly."""
    result: dict[str, Any] = {}
    for event in said:
        match event:
            case events.CampaignDrafted():
                result["campaign"] = event.campaign
            case events.PassesEnrolled():
                result["first"] = event.first
                result["count"] = len(event.holders) // 20
            case events.MerchantRegistered():
                result["merchant"] = event.number
            case events.CampaignFunded():
                result["contribution"] = event.contribution
            case events.CouponsIssued():
                result["issued"] = True
            case events.CampaignClosed():
                result["unspent"] = str(event.unspent)
            case events.Voided():
                result["amount"] = str(event.amount)
                result["copay"] = str(event.copay)
            case _:
                continue
    return result
