"""The log of staff acts in the database: appended to under a lock, and read."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_staff import StaffActRecord, StaffLogHead
from ledger.domain.staff_log import NO_ACTS, StaffAct, next_act, read_act

_ONLY: Final = 1
_BEGIN: Final = text(
    "INSERT INTO staff_log_head (id, number, hash, at) VALUES (:id, 0, :hash, 0)"
    " ON CONFLICT (id) DO NOTHING"
)


async def hold_head(session: AsyncSession) -> StaffLogHead:
    """The head, locked until the caller's transaction ends: nobody else appends meanwhile."""
    await session.execute(_BEGIN, {"id": _ONLY, "hash": "0x" + NO_ACTS.hex()})
    return await session.get_one(StaffLogHead, _ONLY, with_for_update=True, populate_existing=True)


async def append(
    session: AsyncSession,
    *,
    at: int,
    act: str,
    by: str,
    key: str,
    target: str,
    orders: Sequence[str],
) -> StaffAct:
    """Write the next act in the caller's transaction. It is dated `at`, or later where the log
    already reaches further: its times never go back."""
    head = await hold_head(session)
    added = next_act(
        number=head.number + 1,
        at=max(at, head.at),
        act=act,
        by=by,
        key=key,
        target=target,
        orders=orders,
        before=bytes.fromhex(head.hash[2:]),
    )
    session.add(StaffActRecord(**added.written()))
    head.number, head.hash, head.at = added.number, "0x" + added.hash.hex(), added.at
    await session.flush()
    return added


async def head_before(session: AsyncSession, moment: int) -> tuple[int, bytes]:
    """The number and the hash of the last act before `moment`; (0, zeros) for none."""
    row = await session.scalar(
        select(StaffActRecord)
        .where(col(StaffActRecord.at) < moment)
        .order_by(col(StaffActRecord.number).desc())
        .limit(1)
    )
    return (0, NO_ACTS) if row is None else (row.number, bytes.fromhex(row.hash[2:]))


async def acts_after(session: AsyncSession, number: int, most: int) -> list[StaffAct]:
    """Acts in order, from just after a number on."""
    rows = await session.scalars(
        select(StaffActRecord)
        .where(col(StaffActRecord.number) > number)
        .order_by(col(StaffActRecord.number))
        .limit(most)
    )
    return [_act(row) for row in rows]


async def acts_before(session: AsyncSession, number: int | None, most: int) -> list[StaffAct]:
    """Acts newest first, from just before a number on."""
    query = select(StaffActRecord)
    if number is not None:
        query = query.where(col(StaffActRecord.number) < number)
    rows = await session.scalars(query.order_by(col(StaffActRecord.number).desc()).limit(most))
    return [_act(row) for row in rows]


async def count_acts(session: AsyncSession) -> int:
    """How many acts there are."""
    return int(await session.scalar(select(func.count()).select_from(StaffActRecord)) or 0)


def _act(row: StaffActRecord) -> StaffAct:
    return read_act(row.model_dump())
