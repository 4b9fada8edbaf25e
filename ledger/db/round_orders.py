"""Which order says which step of a round to the chain, and what still has to be said."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db import intents
from ledger.db.rounds import APPROVED, WITHDRAWN
from ledger.db.tables_settlement import PaymentRound, RoundOrder
from ledger.db.tables_till import Intent

MAKE: Final = "make"
APPROVE: Final = "approve"
SETTLE: Final = "settle"
WITHDRAW: Final = "withdraw"
FILE: Final = "file"
RECREDIT: Final = "recredit"

_SETTLED: Final = (
    "EXISTS (SELECT 1 FROM rounds_made m JOIN round_steps s ON s.chain_id = m.chain_id"
    " AND s.round = m.round AND s.step IN ('settled', 'withdrawn')"
    " WHERE m.chain_id = :chain_id AND m.document_hash = r.hash)"
)
_IN_FLIGHT: Final = text(
    "SELECT r.number FROM payment_rounds r WHERE r.status = 'approved' AND r.total > 0"
    f" AND (NOT {_SETTLED} OR EXISTS (SELECT 1 FROM rounds_made m JOIN round_steps s"
    " ON s.chain_id = m.chain_id AND s.round = m.round AND s.step = 'withdrawn'"
    " WHERE m.chain_id = :chain_id AND m.document_hash = r.hash)) ORDER BY r.number LIMIT 100"
)
_CUT_ROUNDS: Final = text(
    "SELECT r.number, m.round AS on_chain FROM rounds_made m"
    " JOIN round_steps s ON s.chain_id = m.chain_id AND s.round = m.round AND s.step = 'settled'"
    " JOIN payment_rounds r ON r.hash = m.document_hash"
    " WHERE m.chain_id = :chain_id AND s.total < m.total AND s.block_number <= :final"
    " ORDER BY r.number"
)
_CUT_SHOPS: Final = text(
    "SELECT DISTINCT e.merchant FROM round_entries e WHERE e.round = :number AND e.standing"
    " AND NOT EXISTS (SELECT 1 FROM settled_lines l WHERE l.chain_id = :chain_id"
    " AND l.round = :on_chain AND l.merchant = e.merchant) ORDER BY e.merchant"
)
_RETURNS: Final = text(
    "SELECT p.round, p.merchant FROM round_payments p"
    " JOIN payment_rounds r ON r.number = p.round WHERE p.status = 'returned'"
    " AND NOT EXISTS (SELECT 1 FROM rounds_made m JOIN returned_payments b"
    " ON b.chain_id = m.chain_id AND b.round = m.round AND b.merchant = p.merchant"
    " WHERE m.chain_id = :chain_id AND m.document_hash = r.hash)"
    " ORDER BY p.round, p.merchant LIMIT 1000"
)
_FAILED_FILES: Final = text(
    "SELECT o.round, o.part FROM round_orders o JOIN intents i ON i.id = o.intent_id"
    " WHERE o.step = 'file' AND i.status = 'failed' ORDER BY o.round, o.part LIMIT 100"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The order that says a step, as it stands."""

    intent: Intent

    @property
    def failed(self) -> bool:
        """Whether the contract refused it."""
        return self.intent.status == intents.FAILED


async def said_of(session: AsyncSession, number: int) -> dict[tuple[str, str], Said]:
    """The orders of a round, by step and part."""
    rows = await session.execute(
        select(RoundOrder, Intent)
        .join(Intent, col(Intent.id) == col(RoundOrder.intent_id))
        .where(col(RoundOrder.round) == number)
        .execution_options(populate_existing=True)
    )
    return {(order.step, order.part): Said(intent=intent) for order, intent in rows}


async def keep_order(
    session: AsyncSession, number: int, step: str, part: str, intent_id: str
) -> None:
    """Keep that an order says a step. IntegrityError where another process was quicker."""
    found = await session.get(RoundOrder, (number, step, part), populate_existing=True)
    if found is None:
        session.add(RoundOrder(round=number, step=step, part=part, intent_id=intent_id))
    else:
        found.intent_id = intent_id
    await session.flush()


async def rounds_in_flight(session: AsyncSession, chain_id: int) -> list[int]:
    """Approved rounds that pay somebody and are not settled on the chain, in their order."""
    return list(await session.scalars(_IN_FLIGHT, {"chain_id": chain_id}))


async def returns_to_say(session: AsyncSession, chain_id: int) -> list[tuple[int, int]]:
    """Rounds and shops whose payment came back from the bank, which the chain does not know yet."""
    rows = await session.execute(_RETURNS, {"chain_id": chain_id})
    return [(row.round, row.merchant) for row in rows]


async def cut_short(session: AsyncSession, chain_id: int, *, final: int) -> list[tuple[int, int]]:
    """Rounds and shops of a round that ended on the chain before their page was settled."""
    found = []
    for cut in (await session.execute(_CUT_ROUNDS, {"chain_id": chain_id, "final": final})).all():
        values = {"chain_id": chain_id, "number": cut.number, "on_chain": cut.on_chain}
        found += [(cut.number, shop) for shop in await session.scalars(_CUT_SHOPS, values)]
    return found


async def files_refused(session: AsyncSession) -> list[tuple[int, str]]:
    """Rounds and hashes of files whose record the contract refused."""
    rows = await session.execute(_FAILED_FILES)
    return [(row.round, row.part) for row in rows]


async def hold_approved(session: AsyncSession, number: int) -> PaymentRound | None:
    """A round that is approved, kept from everybody else until the transaction ends."""
    row = await session.get(PaymentRound, number, populate_existing=True, with_for_update=True)
    return row if row is not None and row.status == APPROVED else None


async def withdraw_approved(session: AsyncSession, number: int, *, now: int) -> bool:
    """An approved round of which nothing is settled is none. False if it was so already."""
    row = await hold_approved(session, number)
    if row is None:
        return False
    row.status, row.decided_at = WITHDRAWN, now
    await session.flush()
    return True
