"""Where the till's records and the index differ: the questions, set by set, and nothing else.

A till's redemption is on the chain when the index holds one of the same campaign, pass and step
with the same figures. The same step with other figures is another redemption, and ours is lost.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

Pair = tuple[int, int]
"""A campaign and a pass."""

_SAME_STEP: Final = (
    " SELECT 1 FROM included_redemptions i WHERE i.chain_id = :chain_id"
    " AND i.campaign = r.campaign AND i.pass_number = r.pass_number AND i.step = r.step"
)
_SAME: Final = (
    _SAME_STEP + " AND i.merchant = r.merchant AND i.bill = r.bill"
    " AND i.amount = r.amount AND i.copay = r.copay"
)

_INCLUDED: Final = text(
    "UPDATE redemptions AS r SET status = 'included'"
    f" WHERE r.status = 'accepted' AND EXISTS ({_SAME})"
)
_SAVED: Final = text(
    f"SELECT r.id, r.campaign, r.pass_number FROM redemptions r"
    f" WHERE r.status = 'failed' AND EXISTS ({_SAME})"
)
_ORPHANED: Final = text(
    "SELECT r.id, r.campaign, r.pass_number FROM redemptions r"
    f" WHERE r.status IN ('included', 'voided') AND NOT EXISTS ({_SAME})"
)
_MOVE: Final = text(
    "UPDATE redemptions SET status = :status, reason = NULL, voided = 0 WHERE id = :id"
)
_FINAL: Final = text(
    "UPDATE redemptions AS r SET status = 'final' WHERE r.status = 'included'"
    f" AND EXISTS ({_SAME} AND i.block_number <= :final)"
)
_DISPLACED: Final = text(
    "SELECT r.id, r.campaign, r.pass_number, r.intent_id FROM redemptions r"
    f" WHERE r.status = 'accepted' AND EXISTS ({_SAME_STEP})"
)
_REFUSED: Final = text(
    "SELECT r.id, r.campaign, r.pass_number, r.intent_id, f.reason FROM refused_entries f"
    " JOIN events e ON e.chain_id = f.chain_id AND e.block_hash = f.block_hash"
    " AND e.log_index = f.log_index"
    " JOIN batch_hashes h ON h.tx_hash = e.tx_hash"
    " JOIN intents n ON n.batch_id = h.batch_id AND n.position = f.entry"
    " JOIN redemptions r ON r.intent_id = n.id"
    " WHERE f.chain_id = :chain_id AND f.block_number > :since AND r.status = 'accepted'"
    f" AND NOT EXISTS ({_SAME})"
)
_CLOSED: Final = text(
    "SELECT r.id, r.campaign, r.pass_number, r.intent_id FROM redemptions r"
    " WHERE r.status = 'accepted' AND r.campaign IN (SELECT s.campaign FROM campaign_steps s"
    " WHERE s.chain_id = :chain_id AND s.step = 'closed' AND s.block_number <= :final)"
)
_VOIDED: Final = text(
    "SELECT r.id, r.campaign, r.pass_number, r.status, r.amount, sum(v.amount) AS voided"
    " FROM included_voids v JOIN redemptions r ON r.campaign = v.campaign"
    " AND r.pass_number = v.pass_number AND r.signed_at = v.signed_at"
    " WHERE v.chain_id = :chain_id AND r.status IN ('included', 'final', 'voided')"
    " GROUP BY r.id, r.campaign, r.pass_number, r.status, r.amount, r.voided"
    " HAVING sum(v.amount) <> r.voided"
)
_NOT_VOIDED: Final = text(
    "SELECT r.id, r.campaign, r.pass_number, r.status, r.amount, 0 AS voided FROM redemptions r"
    " WHERE r.voided > 0 AND NOT EXISTS (SELECT 1 FROM included_voids v"
    " WHERE v.chain_id = :chain_id AND v.campaign = r.campaign"
    " AND v.pass_number = r.pass_number AND v.signed_at = r.signed_at)"
)
_FOREIGN: Final = text(
    "SELECT DISTINCT i.campaign, i.pass_number FROM included_redemptions i"
    " JOIN usage_counters c ON c.campaign = i.campaign AND c.pass_number = i.pass_number"
    " WHERE i.chain_id = :chain_id AND i.block_number > :since"
    " AND NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.campaign = i.campaign"
    " AND r.pass_number = i.pass_number AND r.step = i.step)"
    " UNION SELECT v.campaign, v.pass_number FROM included_voids v"
    " JOIN usage_counters c ON c.campaign = v.campaign AND c.pass_number = v.pass_number"
    " WHERE v.chain_id = :chain_id AND v.block_number > :since"
    " AND NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.campaign = v.campaign"
    " AND r.pass_number = v.pass_number AND r.signed_at = v.signed_at)"
)
_FOREIGN_CAMPAIGNS: Final = text(
    "SELECT i.campaign FROM included_redemptions i"
    " WHERE i.chain_id = :chain_id AND i.block_number > :since"
    " AND NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.campaign = i.campaign"
    " AND r.pass_number = i.pass_number AND r.step = i.step)"
    " UNION SELECT v.campaign FROM included_voids v"
    " WHERE v.chain_id = :chain_id AND v.block_number > :since"
    " AND NOT EXISTS (SELECT 1 FROM redemptions r WHERE r.campaign = v.campaign"
    " AND r.pass_number = v.pass_number AND r.signed_at = v.signed_at)"
)
_COUNTERS_OFF: Final = text(
    "SELECT c.campaign, c.pass_number FROM usage_counters c"
    " LEFT JOIN (SELECT campaign, pass_number, sum(amount) AS amount, max(step) AS step"
    " FROM included_redemptions WHERE chain_id = :chain_id GROUP BY campaign, pass_number) i"
    " ON i.campaign = c.campaign AND i.pass_number = c.pass_number"
    " LEFT JOIN (SELECT campaign, pass_number, sum(amount) AS amount FROM included_voids"
    " WHERE chain_id = :chain_id GROUP BY campaign, pass_number) v"
    " ON v.campaign = c.campaign AND v.pass_number = c.pass_number"
    " LEFT JOIN (SELECT campaign, pass_number, sum(amount) AS amount, max(step) AS step"
    " FROM redemptions WHERE status = 'accepted' GROUP BY campaign, pass_number) w"
    " ON w.campaign = c.campaign AND w.pass_number = c.pass_number"
    " WHERE c.spent_total <> coalesce(i.amount, 0) - coalesce(v.amount, 0) + coalesce(w.amount, 0)"
    " OR c.last_step < coalesce(i.step, 0) OR c.last_step < coalesce(w.step, 0)"
    " OR (c.last_step > coalesce(i.step, 0) AND c.last_step > coalesce(w.step, 0))"
)
_FUNDING: Final = text(
    "SELECT b.campaign, coalesce(sum(k.amount), 0) AS funded FROM campaign_budgets b"
    " LEFT JOIN contributions k ON k.campaign = b.campaign AND k.chain_id = :chain_id"
    " GROUP BY b.campaign, b.funded, b.spent HAVING coalesce(sum(k.amount), 0) <> b.funded"
    " AND NOT (b.funded = b.spent AND coalesce(sum(k.amount), 0) < b.spent)"
)
_PAID: Final = text(
    "SELECT campaign FROM settled_lines WHERE chain_id = :chain_id AND block_number > :since"
    " UNION SELECT l.campaign FROM returned_payments p JOIN settled_lines l"
    " ON l.chain_id = p.chain_id AND l.round = p.round AND l.merchant = p.merchant"
    " WHERE p.chain_id = :chain_id AND p.block_number > :since"
    " UNION SELECT campaign FROM covered_debts"
    " WHERE chain_id = :chain_id AND block_number > :since"
)
_LAST_SEEN: Final = text("SELECT max(block_number) FROM batches WHERE chain_id = :chain_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An accepted redemption that can no longer reach the chain. `reason` is the chain's number,
    None where another redemption of the same step stands there, or the campaign is closed."""

    id: str
    pair: Pair
    intent_id: str | None
    reason: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A redemption of which the chain has undone another amount than the till knew."""

    id: str
    pair: Pair
    status: str
    amount: int
    voided: int


async def mark_included(session: AsyncSession, chain_id: int) -> None:
    """Mark the accepted redemptions the index holds as included: their counters stay as they are,
    since they counted from their acceptance on."""
    await session.execute(_INCLUDED, {"chain_id": chain_id})


async def mark_saved(session: AsyncSession, chain_id: int) -> list[Pair]:
    """Mark failed redemptions that reached the chain after all as included; the pairs touched."""
    return await _move(session, _SAVED, "included", chain_id)


async def mark_orphaned(session: AsyncSession, chain_id: int) -> list[Pair]:
    """Mark what the index has lost again as accepted; the pairs touched."""
    return await _move(session, _ORPHANED, "accepted", chain_id)


async def _move(session: AsyncSession, which: TextClause, status: str, chain_id: int) -> list[Pair]:
    rows = await _rows(session, which, chain_id=chain_id)
    for row in rows:
        await session.execute(_MOVE, {"status": status, "id": row.id})
    return _pairs(rows)


async def mark_final(session: AsyncSession, chain_id: int, *, final: int) -> None:
    """Mark as final what stands in a final block."""
    await session.execute(_FINAL, {"chain_id": chain_id, "final": final})


async def displaced(session: AsyncSession, chain_id: int) -> list[Lost]:
    """Accepted redemptions whose step another one has taken on the chain."""
    return [_lost(row) for row in await _rows(session, _DISPLACED, chain_id=chain_id)]


async def refused(session: AsyncSession, chain_id: int, *, since: int) -> list[Lost]:
    """Accepted redemptions that our own batches brought and the chain refused."""
    rows = await _rows(session, _REFUSED, chain_id=chain_id, since=since)
    return [_lost(row, reason=row.reason) for row in rows]


async def stranded(session: AsyncSession, chain_id: int, *, final: int) -> list[Lost]:
    """Accepted redemptions of campaigns that are closed for good."""
    return [_lost(row) for row in await _rows(session, _CLOSED, chain_id=chain_id, final=final)]


async def undone(session: AsyncSession, chain_id: int) -> list[Undone]:
    """Redemptions whose voids on the chain come to another sum than the till's."""
    rows = await _rows(session, _VOIDED, chain_id=chain_id)
    rows += await _rows(session, _NOT_VOIDED, chain_id=chain_id)
    return [
        Undone(
            id=row.id,
            pair=(row.campaign, row.pass_number),
            status=row.status,
            amount=row.amount,
            voided=int(row.voided),
        )
        for row in rows
    ]


async def foreign(session: AsyncSession, chain_id: int, *, since: int) -> list[Pair]:
    """Pairs with redemptions above `since` that never passed this till (forced by a merchant)."""
    return _pairs(await _rows(session, _FOREIGN, chain_id=chain_id, since=since))


async def foreign_campaigns(session: AsyncSession, chain_id: int, *, since: int) -> list[int]:
    """Campaigns that were spent from, or given back to, past this till above `since`: also by
    passes the till has no counter of."""
    rows = await _rows(session, _FOREIGN_CAMPAIGNS, chain_id=chain_id, since=since)
    return [row.campaign for row in rows]


async def counters_off(session: AsyncSession, chain_id: int) -> list[Pair]:
    """Pairs whose counter is not what the chain and the waiting redemptions come to."""
    return _pairs(await _rows(session, _COUNTERS_OFF, chain_id=chain_id))


async def funding_changed(session: AsyncSession, chain_id: int) -> list[int]:
    """Campaigns that hold another sum on the chain than the till knew."""
    return [row.campaign for row in await _rows(session, _FUNDING, chain_id=chain_id)]


async def paid_campaigns(session: AsyncSession, chain_id: int, *, since: int) -> list[int]:
    """Campaigns out of which shops were paid, or their debts netted, above `since`."""
    return [row.campaign for row in await _rows(session, _PAID, chain_id=chain_id, since=since)]


async def last_block_seen(session: AsyncSession, chain_id: int) -> int:
    """The highest block that holds one of our transactions."""
    return int(await session.scalar(_LAST_SEEN, {"chain_id": chain_id}) or 0)


async def _rows(session: AsyncSession, query: TextClause, **values: Any) -> list[Row[Any]]:
    return list((await session.execute(query, values)).all())


def _pairs(rows: list[Row[Any]]) -> list[Pair]:
    return sorted({(row.campaign, row.pass_number) for row in rows})


def _lost(row: Row[Any], *, reason: int | None = None) -> Lost:
    return Lost(
        id=row.id, pair=(row.campaign, row.pass_number), intent_id=row.intent_id, reason=reason
    )
