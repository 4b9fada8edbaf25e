"""Transactions of the city's sending keys: signed and stored before they are sent."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_till import Batch, BatchHash, SequencerAccount

SIGNED: Final = "signed"
SENT: Final = "sent"
INCLUDED: Final = "included"
FINAL: Final = "final"
FAILED: Final = "failed"

OPEN: Final = (SIGNED, SENT, INCLUDED)

_NEW_ACCOUNT: Final = text(
    "INSERT INTO sequencer_accounts (chain_id, address, next_nonce)"
    " VALUES (:chain_id, :address, :next_nonce) ON CONFLICT (chain_id, address) DO NOTHING"
)


async def lock_account(
    session: AsyncSession, chain_id: int, address: str, *, first_nonce: int
) -> SequencerAccount:
    """The row of a sending key, locked until the transaction ends; made where there is none."""
    await session.execute(
        _NEW_ACCOUNT, {"chain_id": chain_id, "address": address, "next_nonce": first_nonce}
    )
    return await session.get_one(
        SequencerAccount, (chain_id, address), with_for_update=True, populate_existing=True
    )


async def add(session: AsyncSession, batch: Batch) -> int:
    """Keep a signed transaction and its hash; its number."""
    session.add(batch)
    await session.flush()
    assert batch.id is not None
    await remember_hash(session, batch)
    return batch.id


async def remember_hash(session: AsyncSession, batch: Batch) -> None:
    """Keep the bytes a batch is signed as now, beside all it was signed as before."""
    assert batch.id is not None
    session.add(
        BatchHash(
            tx_hash=batch.tx_hash,
            batch_id=batch.id,
            raw_tx=batch.raw_tx,
            fee_wei_max=batch.fee_wei_max,
            priority_fee_wei=batch.priority_fee_wei,
            signed_at=batch.signed_at,
        )
    )
    await session.flush()


async def find(session: AsyncSession, batch_id: int) -> Batch | None:
    """One transaction, as it stands now."""
    return await session.get(Batch, batch_id, populate_existing=True)


async def hold(session: AsyncSession, batch_id: int) -> Batch | None:
    """One transaction as it stands now, and nobody else changes it before this session ends."""
    return await session.get(Batch, batch_id, with_for_update=True, populate_existing=True)


async def unfinished(session: AsyncSession) -> Sequence[Batch]:
    """Transactions that are not final, by sender and account nonce."""
    rows = await session.scalars(
        select(Batch)
        .where(col(Batch.status).in_(OPEN))
        .order_by(col(Batch.sender), col(Batch.account_nonce))
    )
    return rows.all()


async def waiting_for_blocks(session: AsyncSession, kind: str) -> int:
    """How many transactions of a kind are signed or sent and in no block."""
    rows = await session.scalars(
        select(col(Batch.id)).where(col(Batch.status).in_([SIGNED, SENT]), col(Batch.kind) == kind)
    )
    return len(rows.all())


async def hashes_of(session: AsyncSession, batch_id: int) -> Sequence[BatchHash]:
    """Everything a transaction was ever signed as, newest first."""
    rows = await session.scalars(
        select(BatchHash)
        .where(col(BatchHash.batch_id) == batch_id)
        .order_by(col(BatchHash.fee_wei_max).desc())
    )
    return rows.all()
