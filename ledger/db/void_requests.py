"""What cashiers asked their shop's owner to undo."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_devices import VoidRequest

ASKED: Final = "asked"
GRANTED: Final = "granted"
DECLINED: Final = "declined"


async def add(session: AsyncSession, request: VoidRequest) -> None:
    """Keep a request."""
    session.add(request)
    await session.flush()


async def of_merchant(session: AsyncSession, merchant: int, *, most: int) -> Sequence[VoidRequest]:
    """What a shop's cashiers asked for, newest first."""
    newest = (col(VoidRequest.asked_at).desc(), col(VoidRequest.id))
    rows = await session.scalars(
        select(VoidRequest)
        .where(col(VoidRequest.merchant) == merchant)
        .order_by(*newest)
        .limit(most)
    )
    return rows.all()


async def waiting_of(session: AsyncSession, redemption_id: str) -> VoidRequest | None:
    """The request of a redemption that nobody has answered yet."""
    rows = await session.scalars(
        select(VoidRequest).where(
            col(VoidRequest.redemption_id) == redemption_id, col(VoidRequest.status) == ASKED
        )
    )
    return rows.first()


async def count_waiting(session: AsyncSession, device_id: str) -> int:
    """A device's requests that nobody has answered yet."""
    counted = await session.scalar(
        select(func.count())
        .select_from(VoidRequest)
        .where(col(VoidRequest.device_id) == device_id, col(VoidRequest.status) == ASKED)
    )
    return int(counted or 0)


async def grant(session: AsyncSession, redemption_id: str, *, now: int) -> None:
    """The owner has signed a void of this redemption: whoever asked for one has an answer."""
    await session.execute(
        update(VoidRequest)
        .where(col(VoidRequest.redemption_id) == redemption_id, col(VoidRequest.status) == ASKED)
        .values(status=GRANTED, answered_at=now)
        .execution_options(synchronize_session=False)
    )


async def decline(session: AsyncSession, merchant: int, name: str, *, now: int) -> bool:
    """The owner says no to one request; False where it does not wait."""
    moved: Any = await session.execute(
        update(VoidRequest)
        .where(
            col(VoidRequest.id) == name,
            col(VoidRequest.merchant) == merchant,
            col(VoidRequest.status) == ASKED,
        )
        .values(status=DECLINED, answered_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(moved, CursorResult)
    return moved.rowcount == 1


async def find(session: AsyncSession, merchant: int, name: str) -> VoidRequest | None:
    """One request of a shop."""
    row = await session.get(VoidRequest, name, populate_existing=True)
    return row if row is not None and row.merchant == merchant else None
