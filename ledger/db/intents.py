"""The outbox: what the city still wants to say to the chain, and what became of it."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import CursorResult, and_, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from ledger.db.driver import Driver, Insert
from ledger.db.index_rows import table_of
from ledger.db.round_holds import NOT_HELD_BY_ROUND
from ledger.db.tables_till import Intent
from ledger.domain.acceptance import Acceptance

_INTENTS: Final = table_of(Intent)
_ADD: Final = Insert(_INTENTS)

REDEEM: Final = "redeem"
VOID: Final = "void"
REBIND: Final = "rebind_pass"

INDEPENDENT: Final = frozenset({VOID, "register_merchant", "enrol_passes"})
"""Kinds of which none builds on another one's outcome: a signer need not wait between them."""

QUEUED: Final = "queued"
SENT: Final = "sent"
INCLUDED: Final = "included"
FINAL: Final = "final"
FAILED: Final = "failed"

UNSETTLED: Final = (QUEUED, SENT, INCLUDED)

_UNSAID: Final[dict[str, Any]] = {
    **dict.fromkeys(column.name for column in _INTENTS.columns),
    "kind": REDEEM,
    "status": QUEUED,
}
"""An outbox row of a redemption, less what is its own."""


async def enqueue(session: AsyncSession, intent: Intent) -> None:
    """Put an intent in the outbox: it is said once the transaction commits, and never before."""
    await session.execute(insert(_INTENTS), intent.model_dump())


async def enqueue_redemptions(driver: Driver, accepted: Sequence[Acceptance]) -> None:
    """Put accepted redemptions in the outbox, as `enqueue` does."""
    await driver.insert(_ADD, [_redeeming(each) for each in accepted])


def _redeeming(accepted: Acceptance) -> dict[str, Any]:
    return _UNSAID | {
        "id": accepted.intent_id,
        "campaign": accepted.campaign,
        "pass_number": accepted.pass_number,
        "step": accepted.step,
        "payload": {"redemption": accepted.id},
        "created_at": accepted.accepted_at,
        "updated_at": accepted.accepted_at,
    }


async def next_position(session: AsyncSession, created_at: int) -> int:
    """The place of the next order of this second: orders keep the order they were given in."""
    last = await session.scalar(
        select(func.max(Intent.position)).where(col(Intent.created_at) == created_at)
    )
    return 0 if last is None else int(last) + 1


async def find(session: AsyncSession, intent_id: str) -> Intent | None:
    """One intent, as it stands now."""
    return await session.get(Intent, intent_id, populate_existing=True)


async def waiting_redemptions(session: AsyncSession, campaign: int, most: int) -> Sequence[Intent]:
    """Queued redemptions of a campaign, those that wait longest first, and never a step of a pass
    before an earlier one: `most` of them, and such earlier ones besides."""
    queued = (
        col(Intent.status) == QUEUED,
        col(Intent.kind) == REDEEM,
        col(Intent.campaign) == campaign,
    )
    oldest = (
        select(col(Intent.pass_number), col(Intent.step))
        .where(*queued)
        .order_by(col(Intent.created_at), col(Intent.pass_number), col(Intent.step))
        .limit(most)
        .subquery()
    )
    latest = (
        select(oldest.c.pass_number, func.max(oldest.c.step).label("step"))
        .group_by(oldest.c.pass_number)
        .subquery()
    )
    together = and_(
        col(Intent.pass_number) == latest.c.pass_number, col(Intent.step) <= latest.c.step
    )
    rows = (await session.scalars(select(Intent).join(latest, together).where(*queued))).all()
    # Two processes' clocks may differ: a later step does not count as waiting for longer.
    since: dict[str, int] = {}
    before: dict[int | None, int] = {}
    for row in sorted(rows, key=lambda row: (row.pass_number, row.step), reverse=True):
        since[row.id] = min(row.created_at, before.get(row.pass_number, row.created_at))
        before[row.pass_number] = since[row.id]
    return sorted(rows, key=lambda row: (since[row.id], row.pass_number, row.step))


async def still_queued(session: AsyncSession, intent_ids: Sequence[str]) -> list[Intent]:
    """Those of the named intents that nobody has said yet, in the order they are named in."""
    rows = await session.scalars(
        select(Intent).where(col(Intent.id).in_(intent_ids), col(Intent.status) == QUEUED)
    )
    found = {intent.id: intent for intent in rows}
    return [found[name] for name in intent_ids if name in found]


async def campaigns_waiting(session: AsyncSession) -> Sequence[int]:
    """Campaigns with redemptions in the outbox, the one that waits longest first."""
    rows = await session.execute(
        select(col(Intent.campaign), func.min(Intent.created_at))
        .where(col(Intent.status) == QUEUED, col(Intent.kind) == REDEEM)
        .group_by(col(Intent.campaign))
        .order_by(func.min(Intent.created_at))
    )
    return [campaign for campaign, _since in rows if campaign is not None]


async def waiting_orders(session: AsyncSession, most: int) -> Sequence[Intent]:
    """Queued intents that are one transaction each (all but redemptions), oldest first.

    A pass does not move before what its present holder spent is on the chain: a redemption that
    was accepted is never refused there because its signer holds the pass no more. A void waits
    while its shop is being paid: its credit must hold what was approved until that is settled.
    """
    earlier = aliased(Intent)
    spent_before = exists().where(
        col(earlier.kind) == REDEEM,
        col(earlier.status).in_([QUEUED, SENT]),
        col(earlier.pass_number) == col(Intent.pass_number),
    )
    rows = await session.scalars(
        select(Intent)
        .where(
            col(Intent.status) == QUEUED,
            col(Intent.kind) != REDEEM,
            or_(col(Intent.kind) != REBIND, ~spent_before),
            or_(col(Intent.kind) != VOID, NOT_HELD_BY_ROUND),
        )
        .order_by(col(Intent.created_at), col(Intent.position), col(Intent.id))
        .limit(most)
    )
    return rows.all()


async def in_batch(session: AsyncSession, batch_id: int) -> Sequence[Intent]:
    """The intents one transaction says, in their order inside it."""
    rows = await session.scalars(
        select(Intent).where(col(Intent.batch_id) == batch_id).order_by(col(Intent.position))
    )
    return rows.all()


async def busy_signers(session: AsyncSession) -> set[str]:
    """Senders of orders that are sent and not yet included: their next order waits for it."""
    rows = await session.scalars(
        select(col(Intent.signer))
        .where(
            col(Intent.status) == SENT,
            col(Intent.kind) != REDEEM,
            col(Intent.kind).not_in(INDEPENDENT),
        )
        .distinct()
    )
    return {signer for signer in rows if signer is not None}


async def put_in_batch(session: AsyncSession, intents: Sequence[Intent], batch_id: int) -> None:
    """Bind intents to the transaction that says them, in this order."""
    for position, intent in enumerate(intents):
        intent.batch_id = batch_id
        intent.position = position
        intent.status = SENT
    await session.flush()


async def take_back(session: AsyncSession, batch_id: int, *, now: int) -> int:
    """Return a transaction's intents to the outbox: it can never be included any more."""
    moved = await session.execute(
        update(Intent)
        .where(col(Intent.batch_id) == batch_id, col(Intent.status).in_([SENT, INCLUDED]))
        .values(status=QUEUED, batch_id=None, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(moved, CursorResult)
    return moved.rowcount


async def settle(
    session: AsyncSession, intent_id: str, status: str, *, now: int, **values: Any
) -> None:
    """Write what became of one intent."""
    await session.execute(
        update(Intent)
        .where(col(Intent.id) == intent_id)
        .values(status=status, updated_at=now, **values)
        .execution_options(synchronize_session=False)
    )


async def settle_batch(session: AsyncSession, batch_id: int, status: str, *, now: int) -> None:
    """Write one status for every intent of a transaction that has not failed."""
    await session.execute(
        update(Intent)
        .where(col(Intent.batch_id) == batch_id, col(Intent.status) != FAILED)
        .values(status=status, updated_at=now)
        .execution_options(synchronize_session=False)
    )


async def count_waiting(session: AsyncSession) -> int:
    """How much is still to be said."""
    total = await session.scalar(
        select(func.count()).select_from(Intent).where(col(Intent.status) == QUEUED)
    )
    return int(total or 0)
