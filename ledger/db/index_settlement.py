"""What the index holds of paying shops: rounds on the chain, credits, debts, files, returns."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import col

from ledger.db.tables_index_settlement import (
    RecordedFile,
    ReturnedPayment,
    RoundOnChain,
    RoundStep,
    SettledLine,
)
from ledger.domain.settled_lines import SettledLine as Line
from ledger.domain.settled_lines import pack_lines
from ledger.domain.state import Credit, RoundStatus

_PLACE: Final = "{0}.block_number * 1000000 + {0}.log_index"
"""Where an event stands, as one number: no block holds a million logs."""

_MOVES: Final = (
    f"SELECT l.campaign, l.merchant, l.amount + l.copay AS delta, {_PLACE.format('l')} AS place"
    " FROM settled_lines l WHERE l.chain_id = :chain_id AND {where}"
    " UNION ALL"
    f" SELECT l.campaign, l.merchant, -l.amount - l.copay, {_PLACE.format('p')}"
    " FROM returned_payments p JOIN settled_lines l ON l.chain_id = p.chain_id"
    " AND l.round = p.round AND l.page = p.page AND l.merchant = p.merchant"
    " WHERE p.chain_id = :chain_id AND {where}"
    " UNION ALL"
    f" SELECT l.campaign, l.merchant, -l.amount, {_PLACE.format('l')}"
    " FROM covered_debts l WHERE l.chain_id = :chain_id AND {where}"
    " UNION ALL"
    f" SELECT l.campaign, l.merchant, 0, {_PLACE.format('l')}"
    " FROM included_voids l WHERE l.chain_id = :chain_id AND {where}"
)
_CREDITS: Final = (
    "SELECT t.campaign, t.merchant, t.paid,"
    " (SELECT coalesce(sum(v.amount + v.copay), 0) FROM included_voids v"
    "  WHERE v.chain_id = :chain_id AND v.campaign = t.campaign AND v.merchant = t.merchant)"
    " AS voided,"
    " (SELECT coalesce(sum(i.amount + i.copay), 0) FROM included_redemptions i"
    "  WHERE i.chain_id = :chain_id AND i.campaign = t.campaign AND i.merchant = t.merchant"
    f"  AND {_PLACE.format('i')} < t.place) AS taken"
    " FROM (SELECT m.campaign, m.merchant, sum(m.delta) AS paid, max(m.place) AS place"
    "  FROM ({moves}) m GROUP BY m.campaign, m.merchant HAVING max(abs(m.delta)) > 0) t"
    " ORDER BY t.campaign, t.merchant"
)
_OF_CAMPAIGN: Final = text(_CREDITS.format(moves=_MOVES.format(where="l.campaign = :number")))
_OF_MERCHANT: Final = text(_CREDITS.format(moves=_MOVES.format(where="l.merchant = :number")))


_CAMPAIGNS_PAID: Final = text(
    "SELECT DISTINCT campaign FROM settled_lines WHERE chain_id = :chain_id ORDER BY campaign"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What a shop owes a campaign, as the chain reckons it."""

    campaign: int
    merchant: int
    owed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRound:
    """A round as the chain has it. `settled_block` is where its last page was settled.

    `files` are the SHA-256 of the files recorded for it, `returned` the shops whose payment came
    back. `day` is a Bangkok day, `total` satang, `lines_hash` what its pages are held to.
    """

    number: int
    status: RoundStatus
    day: int
    pages: int
    total: int
    lines_hash: str
    pages_settled: int
    settled_block: int | None = None
    files: frozenset[str] = field(default_factory=frozenset)
    returned: frozenset[int] = field(default_factory=frozenset)


Asker = AsyncSession | AsyncConnection


async def owed_to(asker: Asker, chain_id: int, campaign: int) -> int:
    """What shops owe a campaign for voids after they were paid."""
    return sum(debt.owed for debt in await _debts(asker, _OF_CAMPAIGN, chain_id, campaign))


async def campaigns_paid(asker: Asker, chain_id: int) -> list[int]:
    """Campaigns out of which rounds have paid shops."""
    found = await asker.execute(_CAMPAIGNS_PAID, {"chain_id": chain_id})
    return [row.campaign for row in found]


async def debts_of_campaign(session: AsyncSession, chain_id: int, campaign: int) -> list[Debt]:
    """Who owes a campaign, by shop."""
    return await _debts(session, _OF_CAMPAIGN, chain_id, campaign)


async def debts_of_merchant(session: AsyncSession, chain_id: int, merchant: int) -> list[Debt]:
    """What a shop owes, by campaign."""
    return await _debts(session, _OF_MERCHANT, chain_id, merchant)


async def _debts(asker: Asker, query: Any, chain_id: int, number: int) -> list[Debt]:
    found = []
    for row in await asker.execute(query, {"chain_id": chain_id, "number": number}):
        credit = Credit(amount=int(row.taken) - int(row.voided), paid=int(row.paid)).reckoned()
        if credit.owed:
            found.append(Debt(campaign=row.campaign, merchant=row.merchant, owed=credit.owed))
    return found


async def chain_round(
    session: AsyncSession, chain_id: int, document_hash: str
) -> ChainRound | None:
    """The round on the chain that was made of the city's round with this hash; None before."""
    made = await session.scalar(
        select(RoundOnChain)
        .where(
            col(RoundOnChain.chain_id) == chain_id,
            col(RoundOnChain.document_hash) == document_hash,
        )
        .order_by(col(RoundOnChain.round).desc())
        .limit(1)
    )
    if made is None:
        return None
    status, settled_block = RoundStatus.MADE, None
    steps = select(RoundStep).where(
        col(RoundStep.chain_id) == chain_id, col(RoundStep.round) == made.round
    )
    for step in await session.scalars(steps.order_by(col(RoundStep.block_number))):
        status = RoundStatus(step.step)
        settled_block = step.block_number if status is RoundStatus.SETTLED else None
    settled = await session.scalar(
        select(col(SettledLine.page))
        .where(col(SettledLine.chain_id) == chain_id, col(SettledLine.round) == made.round)
        .order_by(col(SettledLine.page).desc())
        .limit(1)
    )
    files = await session.scalars(
        select(col(RecordedFile.file_hash)).where(
            col(RecordedFile.chain_id) == chain_id, col(RecordedFile.round) == made.round
        )
    )
    returned = await session.scalars(
        select(col(ReturnedPayment.merchant)).where(
            col(ReturnedPayment.chain_id) == chain_id, col(ReturnedPayment.round) == made.round
        )
    )
    return ChainRound(
        number=made.round,
        status=status,
        day=made.day,
        pages=made.pages,
        total=made.total,
        lines_hash=made.lines_hash,
        pages_settled=int(settled or 0),
        settled_block=settled_block,
        files=frozenset(files),
        returned=frozenset(returned),
    )


async def page_with(
    session: AsyncSession, chain_id: int, number: int, merchant: int
) -> tuple[int, bytes] | None:
    """The page of a round on the chain that holds a shop's lines, with its packed lines."""
    page = await session.scalar(
        select(col(SettledLine.page))
        .where(
            col(SettledLine.chain_id) == chain_id,
            col(SettledLine.round) == number,
            col(SettledLine.merchant) == merchant,
        )
        .limit(1)
    )
    if page is None:
        return None
    rows = await session.scalars(
        select(SettledLine)
        .where(
            col(SettledLine.chain_id) == chain_id,
            col(SettledLine.round) == number,
            col(SettledLine.page) == page,
        )
        .order_by(col(SettledLine.position))
    )
    lines = [
        Line(campaign=row.campaign, merchant=row.merchant, amount=row.amount, copay=row.copay)
        for row in rows
    ]
    return int(page), pack_lines(lines)


async def merchants_of(session: AsyncSession, chain_id: int, number: int) -> set[int]:
    """The shops that a round on the chain has settled."""
    rows = await session.scalars(
        select(col(SettledLine.merchant))
        .where(col(SettledLine.chain_id) == chain_id, col(SettledLine.round) == number)
        .distinct()
    )
    return set(rows)


_LEFT: Final = text(
    "SELECT (SELECT coalesce(sum(i.amount + i.copay), 0) FROM included_redemptions i"
    " WHERE i.chain_id = :chain_id AND i.campaign = :campaign AND i.merchant = :merchant)"
    " - (SELECT coalesce(sum(v.amount + v.copay), 0) FROM included_voids v"
    " WHERE v.chain_id = :chain_id AND v.campaign = :campaign AND v.merchant = :merchant)"
    " - (SELECT coalesce(sum(m.delta), 0) FROM ("
    + _MOVES.format(where="l.campaign = :campaign AND l.merchant = :merchant")
    + ") m)"
)
_COMING_BACK: Final = text(
    "SELECT coalesce(sum(l.amount + l.copay), 0) FROM round_payments p"
    " JOIN payment_rounds r ON r.number = p.round"
    " JOIN rounds_made m ON m.chain_id = :chain_id AND m.document_hash = r.hash"
    " JOIN settled_lines l ON l.chain_id = m.chain_id AND l.round = m.round"
    " AND l.merchant = p.merchant AND l.campaign = :campaign"
    " WHERE p.status = 'returned' AND p.merchant = :merchant AND NOT EXISTS"
    " (SELECT 1 FROM returned_payments b WHERE b.chain_id = m.chain_id AND b.round = m.round"
    " AND b.merchant = p.merchant)"
)
_VOIDS_WAITING: Final = text(
    "SELECT coalesce(sum(t.amount + t.copay), 0) FROM till_voids t"
    " JOIN redemptions r ON r.id = t.redemption_id"
    " WHERE t.status = 'accepted' AND r.campaign = :campaign AND r.merchant = :merchant"
)


async def short_lines(session: AsyncSession, chain_id: int, lines: Iterable[Line]) -> list[Line]:
    """The lines that pay more than the shop's credit will hold, once the returns and voids that
    are under way are on the chain: the contract would refuse them."""
    found = []
    for line in lines:
        shop = {"campaign": line.campaign, "merchant": line.merchant}
        values = shop | {"chain_id": chain_id}
        left = int(await session.scalar(_LEFT, values) or 0)
        left += int(await session.scalar(_COMING_BACK, values) or 0)
        left -= int(await session.scalar(_VOIDS_WAITING, shop) or 0)
        if 0 < line.total > left:
            found.append(line)
    return found


_SETTLED_OF: Final = text(
    "SELECT (SELECT coalesce(sum(l.amount + l.copay), 0) FROM settled_lines l"
    " JOIN round_steps s ON s.chain_id = l.chain_id AND s.round = l.round AND s.step = 'settled'"
    " WHERE l.chain_id = :chain_id AND l.merchant = :merchant AND s.block_number <= :final)"
    " AS settled,"
    " (SELECT coalesce(sum(p.amount), 0) FROM returned_payments p WHERE p.chain_id = :chain_id"
    " AND p.merchant = :merchant AND p.block_number <= :final) AS returned,"
    " (SELECT coalesce(sum(d.amount), 0) FROM covered_debts d WHERE d.chain_id = :chain_id"
    " AND d.merchant = :merchant AND d.block_number <= :final) AS covered"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledSums:
    """A shop's sums by the chain alone, in satang: what rounds settled for it, what of that the
    bank gave back, and what the treasurer covered of its debts."""

    settled: int
    returned: int
    covered: int


async def settled_sums(
    session: AsyncSession, chain_id: int, merchant: int, *, final: int
) -> SettledSums:
    """A shop's sums up to block `final`."""
    values = {"chain_id": chain_id, "merchant": merchant, "final": final}
    row = (await session.execute(_SETTLED_OF, values)).one()
    return SettledSums(
        settled=int(row.settled), returned=int(row.returned), covered=int(row.covered)
    )
