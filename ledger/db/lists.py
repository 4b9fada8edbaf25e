"""Uploaded lists of pass numbers, kept whole or not at all."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.ids import new_id
from ledger.db.tables_till import ListEntry, ListUpload


async def keep_list(
    session: AsyncSession,
    numbers: Sequence[int],
    *,
    list_hash: str,
    uploaded_by: str | None,
    now: int,
) -> str:
    """Keep a list of distinct pass numbers and return its id."""
    list_id = new_id("lst")
    session.add(
        ListUpload(
            id=list_id,
            count=len(numbers),
            hash=list_hash,
            uploaded_by=uploaded_by,
            created_at=now,
        )
    )
    await session.flush()
    await session.execute(
        insert(ListEntry), [{"list_id": list_id, "pass_number": number} for number in numbers]
    )
    return list_id


async def list_numbers(session: AsyncSession, list_id: str) -> list[int]:
    """The pass numbers of a list, ascending; empty where there is no such list."""
    rows = await session.scalars(
        select(col(ListEntry.pass_number))
        .where(col(ListEntry.list_id) == list_id)
        .order_by(col(ListEntry.pass_number))
    )
    return list(rows)


async def list_with_hash(session: AsyncSession, list_hash: str) -> list[int]:
    """The pass numbers of the list that has this hash; empty where none was uploaded."""
    list_id = await session.scalar(
        select(col(ListUpload.id)).where(col(ListUpload.hash) == list_hash).limit(1)
    )
    return [] if list_id is None else await list_numbers(session, list_id)
