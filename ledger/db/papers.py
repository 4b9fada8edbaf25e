"""Keys on paper, and moves of passes from one key to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.intents import UNSETTLED
from ledger.db.tables_index import PassFact
from ledger.db.tables_papers import PaperKey, PassMove
from ledger.db.tables_till import ApiKey, Intent

ADDRESSES_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A move, how far its order has come, and the name of who gave it."""

    move: PassMove
    status: str
    by: str


async def add_keys(session: AsyncSession, keys: Sequence[tuple[str, bool]], *, now: int) -> None:
    """Remember keys that stand on paper: (address, whether a PIN belongs to it). What was known of
    an address before is replaced."""
    for address, pin in keys:
        await session.merge(PaperKey(address=address, pin=pin, added_at=now))
    await session.flush()


async def key_of(session: AsyncSession, address: str) -> PaperKey | None:
    """What is known of a key on paper; None for a phone's."""
    return await session.get(PaperKey, address, populate_existing=True)


async def hold_pass_of(session: AsyncSession, chain_id: int, holder: str) -> None:
    """Hold the pass of an address until the transaction ends, as `hold_pass` does."""
    if session.get_bind().dialect.name == "sqlite":
        return  # Its one writer holds everything already.
    await session.execute(
        select(col(PassFact.number))
        .where(col(PassFact.chain_id) == chain_id, col(PassFact.holder) == holder)
        .order_by(col(PassFact.block_number), col(PassFact.log_index))
        .with_for_update()
    )


async def hold_pass(session: AsyncSession, chain_id: int, number: int) -> None:
    """Hold a pass until the transaction ends: spending it and moving it take turns."""
    await session.execute(
        select(col(PassFact.number))
        .where(col(PassFact.chain_id) == chain_id, col(PassFact.number) == number)
        .order_by(col(PassFact.block_number), col(PassFact.log_index))
        .with_for_update()
    )


async def add_move(session: AsyncSession, move: PassMove) -> None:
    """Keep a move beside its order."""
    await session.execute(insert(PassMove).values(**move.model_dump(exclude={"id"})))


async def gave_away(session: AsyncSession, number: int, holder: str) -> bool:
    """Whether the last order to move a pass takes it from `holder`, and is under way."""
    last = (
        await session.execute(
            select(col(PassMove.from_address), col(Intent.status))
            .join(Intent, col(Intent.id) == col(PassMove.intent_id))
            .where(col(PassMove.pass_number) == number, col(Intent.status) != "failed")
            .order_by(col(PassMove.id).desc())
            .limit(1)
        )
    ).first()
    return last is not None and last.from_address == holder and last.status in UNSETTLED


async def under_way_to(session: AsyncSession, address: str) -> int | None:
    """The number of a pass that is on its way to an address."""
    number: int | None = await session.scalar(
        select(col(PassMove.pass_number))
        .join(Intent, col(Intent.id) == col(PassMove.intent_id))
        .where(col(PassMove.to_address) == address, col(Intent.status).in_(["queued", "sent"]))
        .limit(1)
    )
    return number


async def moves_of(session: AsyncSession, number: int, most: int) -> list[Moved]:
    """The moves of a pass, newest first."""
    rows = await session.execute(
        select(PassMove, col(Intent.status), col(ApiKey.name))
        .join(Intent, col(Intent.id) == col(PassMove.intent_id))
        .outerjoin(ApiKey, col(ApiKey.id) == col(PassMove.requested_by))
        .where(col(PassMove.pass_number) == number)
        .order_by(col(PassMove.id).desc())
        .limit(most)
    )
    return [
        Moved(move=move, status=status, by=name or move.requested_by) for move, status, name in rows
    ]
