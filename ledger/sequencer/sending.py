"""Sign, store, commit; then send. A crash between any two lines leaves neither a gap nor a twin.

What a node answers to a send is never interpreted. Whether a transaction is known, included or
overtaken is looked up by its hashes and the account's count (`ledger.sequencer.watching`).
"""

import logging
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.chain.gateway import Fees
from ledger.chain.signer import Signer, Transaction, sign_transaction
from ledger.db import batches
from ledger.db.session import transaction
from ledger.db.tables_till import Batch
from ledger.errors import NodeRefused, TransactionReverted
from ledger.failpoints import reach
from ledger.sequencer.port import Port

BUMP_PER_CENT: Final = 15
"""Nodes ask for 10 % more of both fees before one transaction may take another's place."""

PRIORITY_FEE_WEI_MIN: Final = 1_000_000

_log = logging.getLogger("nakhon.sequencer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a transaction is to say: which contract is called, with what, for how much gas."""

    kind: str
    to: str
    data: bytes
    gas_limit: int
    campaign: int | None = None


async def sign_and_store(
    session: AsyncSession,
    port: Port,
    signer: Signer,
    words: Words,
    *,
    fees: Fees,
    chain_nonce: int,
    now: int,
) -> Batch:
    """Sign `words` under the account's next nonce and keep them, in the caller's transaction.

    `chain_nonce` is the account's count on the chain: where somebody else used the key, ours moves
    up to it. Nothing has been sent when this returns.
    """
    chain_id = port.deployment.chain_id
    account = await batches.lock_account(session, chain_id, signer.address, first_nonce=chain_nonce)
    nonce = max(account.next_nonce, chain_nonce)
    priority = max(fees.priority_fee_wei, PRIORITY_FEE_WEI_MIN)
    transaction_ = Transaction(
        chain_id=chain_id,
        account_nonce=nonce,
        priority_fee_wei=priority,
        fee_wei_max=min(max(fees.fee_wei_max(), priority), port.limits.fee_wei_max),
        gas_limit=words.gas_limit,
        to=words.to,
        data=words.data,
    )
    signed = await sign_transaction(signer, transaction_)
    account.next_nonce = nonce + 1
    batch = Batch(
        chain_id=chain_id,
        sender=signer.address,
        account_nonce=nonce,
        kind=words.kind,
        campaign=words.campaign,
        to=words.to,
        data=words.data,
        gas_limit=words.gas_limit,
        fee_wei_max=transaction_.fee_wei_max,
        priority_fee_wei=transaction_.priority_fee_wei,
        raw_tx=signed.raw,
        tx_hash=signed.hash,
        signed_at=now,
    )
    await batches.add(session, batch)
    reach("signed")
    return batch


async def send(port: Port, batch: Batch, *, now: int) -> bool:
    """Hand a stored transaction to the node; True where the node has it now.

    A refusal is looked up: the node may have known it all along. NodeUnreachable goes to the
    caller; the transaction stays stored and is sent again.
    """
    reach("stored")
    try:
        await port.gateway.send_raw(batch.raw_tx)
        reach("sent")
    except (NodeRefused, TransactionReverted) as refusal:
        if await port.gateway.transaction(batch.tx_hash) is None:
            _log.warning(
                "transaction %s (account nonce %d) was not taken: %s",
                batch.tx_hash,
                batch.account_nonce,
                refusal,
                extra={"transaction": batch.tx_hash},
            )
            return False
    async with transaction(port.engine) as session:
        stored = await batches.hold(session, _number(batch))
        if stored is not None and stored.status in (batches.SIGNED, batches.SENT):
            stored.status = batches.SENT
            stored.sent_at = now
            stored.attempts += 1
    return True


async def replace(port: Port, batch: Batch, *, fees: Fees, now: int) -> bool:
    """Sign a stuck transaction again under the same nonce for a higher fee, store it, send it.

    False, changing nothing, where the fee limit forbids another rise.
    """
    signer = port.signers.get(batch.sender)
    if signer is None:
        _log.error("no key for %s: transaction %s stays stuck", batch.sender, batch.tx_hash)
        return False
    fee = max(_bumped(batch.fee_wei_max), fees.fee_wei_max())
    priority = max(_bumped(batch.priority_fee_wei), fees.priority_fee_wei)
    if fee > port.limits.fee_wei_max:
        if _bumped(batch.fee_wei_max) > port.limits.fee_wei_max:
            _log.error("transaction %s is stuck at the highest fee allowed", batch.tx_hash)
            return False
        fee = port.limits.fee_wei_max
    async with transaction(port.engine) as session:
        stored = await batches.hold(session, _number(batch))
        if stored is None or stored.tx_hash != batch.tx_hash:
            return False
        if port.lead is not None:
            await port.lead.confirm(session)
        signed = await sign_transaction(
            signer,
            Transaction(
                chain_id=stored.chain_id,
                account_nonce=stored.account_nonce,
                priority_fee_wei=min(priority, fee),
                fee_wei_max=fee,
                gas_limit=stored.gas_limit,
                to=stored.to,
                data=stored.data,
            ),
        )
        stored.raw_tx, stored.tx_hash = signed.raw, signed.hash
        stored.fee_wei_max, stored.priority_fee_wei = fee, min(priority, fee)
        stored.signed_at, stored.status = now, batches.SIGNED
        await session.flush()
        await batches.remember_hash(session, stored)
        replaced = Batch(**stored.model_dump())
    ids = {"transaction": replaced.tx_hash, "replaces": batch.tx_hash}
    _log.warning("transaction %s is replaced by %s", *reversed(ids.values()), extra=ids)
    return await send(port, replaced, now=now)


def _bumped(wei: int) -> int:
    return wei * (100 + BUMP_PER_CENT) // 100 + 1


def _number(batch: Batch) -> int:
    assert batch.id is not None, "a transaction is stored before it is sent"
    return batch.id
