"""From the outbox to transactions: redemptions in batches, everything else one at a time."""

import logging
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Fees
from ledger.chain.reverts import read_revert
from ledger.chain.signer import Signer
from ledger.db import batches, index_reads, index_redemptions, intents, redemptions
from ledger.db.session import open_session, snapshot, transaction
from ledger.db.tables_till import Intent, RedemptionRecord
from ledger.domain.redemption import Entry, Maximum, pack_batch, pack_records
from ledger.errors import LedgerError, TransactionReverted
from ledger.sequencer.batching import GAS_MAX, gas_bound, take_batch
from ledger.sequencer.port import Port
from ledger.sequencer.sending import Words, send, sign_and_store

_log = logging.getLogger("nakhon.sequencer")


# Redemptions


async def say_redemptions(port: Port, *, now: int) -> int:
    """Put waiting redemptions of each campaign into batches and send them; how many were said.

    A batch that could not hold all is followed by another one at once: at a busy hour more comes in
    the time in which a batch gathers than one transaction holds.
    """
    async with snapshot(port.engine) as session:
        waiting = await intents.campaigns_waiting(session)
        in_flight = await batches.waiting_for_blocks(session, intents.REDEEM)
    said, room = 0, port.limits.batches_in_flight_max - in_flight
    for campaign in waiting:
        more = True
        while room > 0 and more:
            taken, more = await _say_batch(port, campaign, now=now)
            said, room = said + taken, room - 1
    return said


async def _say_batch(port: Port, campaign: int, *, now: int) -> tuple[int, bool]:
    """Say one batch: how many it held, and whether it could not hold all."""
    fees = await _fees(port)
    if fees is None:
        return 0, False
    signer = port.sequencer
    chain_nonce = await port.gateway.transaction_count(signer.address)
    taken, said, more = await _choose(port, campaign)
    if not taken:
        return 0, False
    words = redeem_words(port, campaign, [entry for _intent, entry in taken])
    # The node runs the whole batch to answer this: nobody's write may wait for it.
    if not await _accepted(port, signer, words):
        return 0, False
    async with open_session(port.engine) as session:
        await lock(session, port, signer, chain_nonce)
        chosen = await intents.still_queued(session, [name for name, _entry in taken])
        if len(chosen) < len(taken):
            return 0, False
        batch = await sign_and_store(
            session, port, signer, words, fees=fees, chain_nonce=chain_nonce, now=now
        )
        assert batch.id is not None
        await intents.put_in_batch(session, chosen, batch.id)
        await session.commit()
    _log.info(
        "%d redemptions are signed",
        len(taken),
        extra={
            "transaction": batch.tx_hash,
            "campaign": campaign,
            "redemptions": [said[name] for name, _entry in taken],
        },
    )
    await send(port, batch, now=now)
    return len(taken), more


async def _choose(
    port: Port, campaign: int
) -> tuple[list[tuple[str, Entry]], dict[str, str], bool]:
    """Of the redemptions that wait longest, those that fit one transaction, in its order (by pass,
    then by step), by their intents' names; the redemption each intent is of; and whether others
    wait besides."""
    most = port.limits.batch_entries_max
    async with snapshot(port.engine) as session:
        waiting = await intents.waiting_redemptions(session, campaign, most)
        records = await redemptions.by_intent(session, [intent.id for intent in waiting])
    there = [intent.id for intent in waiting if intent.id in records]
    taken = take_batch([(name, entry_of(records[name])) for name in there], most=most)
    taken.sort(key=lambda each: (records[each[0]].pass_number, each[1].step))
    more = len(taken) < len(there) or len(waiting) >= most
    return taken, {name: record.id for name, record in records.items()}, more


async def lock(session: AsyncSession, port: Port, signer: Signer, chain_nonce: int) -> None:
    """Take the lock of a sending key before choosing what to say: another sequencer that chose
    first has committed by the time this returns, and its choice is seen. Raises WrongState where
    another one leads by now."""
    await batches.lock_account(
        session, port.deployment.chain_id, signer.address, first_nonce=chain_nonce
    )
    if port.lead is not None:
        await port.lead.confirm(session)


def redeem_words(port: Port, campaign: int, entries: list[Entry]) -> Words:
    """The call that brings these entries to the chain."""
    return Words(
        kind=intents.REDEEM,
        to=port.book,
        data=encode_call("CouponBook", "redeem", campaign, pack_batch(entries)),
        gas_limit=min(gas_bound(entries), GAS_MAX),
        campaign=campaign,
    )


async def _accepted(port: Port, signer: Signer, words: Words) -> bool:
    """Whether the contract would take the call now. A batch never reverts for one bad entry, so a
    revert concerns all of it: the role, or the campaign."""
    try:
        await port.gateway.call(words.to, words.data, sender=signer.address)
    except TransactionReverted as reverted:
        _log.error("alarm: campaign %s cannot be redeemed: %s", words.campaign, _read(reverted))
        return False
    return True


def entry_of(record: RedemptionRecord) -> Entry:
    """The entry of a batch that says one accepted redemption."""
    maximum = None
    if record.maximum_bill is not None:
        maximum = Maximum(
            bill=record.maximum_bill,
            amount=record.maximum_amount or 0,
            copay=record.maximum_copay or 0,
        )
    return Entry(
        step=record.step,
        merchant=record.merchant,
        bill=record.bill,
        amount=record.amount,
        copay=record.copay,
        maximum=maximum,
        r=record.r,
        vs=record.vs,
    )


# Orders: everything but redemptions


async def say_orders(port: Port, *, now: int) -> int:
    """Say the next order of each signer that waits for none of its own; how many were said.

    Orders that do not build on each other (registrations, voids) go out together. An order that the
    contract would refuse fails here, with the contract's reason, for no gas.
    """
    async with snapshot(port.engine) as session:
        waiting = await intents.waiting_orders(session, port.limits.orders_at_once)
        busy = await intents.busy_signers(session)
    said = 0
    for intent in waiting:
        signer = port.sequencer if intent.signer is None else port.signers.get(intent.signer)
        if signer is None:
            await _fail(port, intent, "key_unknown", {"signer": intent.signer}, now=now)
            continue
        alone = intent.kind not in intents.INDEPENDENT
        if signer.address in busy and alone:
            continue
        if alone:
            busy.add(signer.address)
        said += await _say_order(port, intent, signer, now=now)
    return said


async def _say_order(port: Port, intent: Intent, signer: Signer, *, now: int) -> int:
    fees = await _fees(port)
    called = await _call_of(port, intent)
    if fees is None or called is None:
        return 0
    to, data = called
    try:
        gas = await port.gateway.estimate_gas(signer.address, to, data)
    except TransactionReverted as reverted:
        error = _read(reverted)
        await _fail(port, intent, error.code, error.details, now=now)
        return 0
    words = Words(
        kind=intent.kind,
        to=to,
        data=data,
        gas_limit=min(gas * 5 // 4 + 10_000, GAS_MAX),
        campaign=intent.campaign,
    )
    chain_nonce = await port.gateway.transaction_count(signer.address)
    async with open_session(port.engine) as session:
        await lock(session, port, signer, chain_nonce)
        stored = await intents.find(session, intent.id)
        if stored is None or stored.status != intents.QUEUED:
            return 0
        batch = await sign_and_store(
            session, port, signer, words, fees=fees, chain_nonce=chain_nonce, now=now
        )
        assert batch.id is not None
        stored.signer = signer.address
        await intents.put_in_batch(session, [stored], batch.id)
        await session.commit()
    await send(port, batch, now=now)
    return 1


async def _call_of(port: Port, intent: Intent) -> tuple[str, bytes] | None:
    """Where an order goes and its calldata; None while what it is about is not on the chain."""
    if intent.kind != intents.VOID:
        return intent.payload["to"], bytes.fromhex(intent.payload["data"].removeprefix("0x"))
    payload = intent.payload
    assert intent.campaign is not None and intent.pass_number is not None
    assert intent.step is not None
    async with snapshot(port.engine) as session:
        found = await index_redemptions.batch_of(
            session, port.deployment.chain_id, intent.campaign, intent.pass_number, intent.step
        )
        holder = await index_reads.holder_of(session, port.deployment.chain_id, intent.pass_number)
    if found is None or holder is None:
        return None
    data = encode_call(
        "CouponBook",
        "void",
        intent.campaign,
        found.batch,
        pack_records(found.records),
        found.index,
        holder,
        payload["amount"],
        payload["voided_at"],
        bytes.fromhex(payload["r"]),
        bytes.fromhex(payload["vs"]),
    )
    return port.book, data


async def _fail(
    port: Port, intent: Intent, code: str, details: dict[str, Any], *, now: int
) -> None:
    _log.warning("intent %s (%s) failed: %s %s", intent.id, intent.kind, code, details)
    async with transaction(port.engine) as session:
        error = {"code": code, "details": details}
        await intents.settle(session, intent.id, intents.FAILED, now=now, error=error)


def _read(reverted: TransactionReverted) -> LedgerError:
    details = reverted.details
    return read_revert(str(details.get("data", "0x")), str(details.get("message", "")))


async def _fees(port: Port) -> Fees | None:
    fees = await port.gateway.fees()
    if fees.base_fee_wei > port.limits.fee_wei_max:
        _log.error(
            "alarm: nothing is sent: the base fee is above NAKHON_FEE_WEI_MAX, %d wei",
            port.limits.fee_wei_max,
        )
        return None
    return fees
