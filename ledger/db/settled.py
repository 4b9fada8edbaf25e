"""What stands in a line, with what became of it: the other half of the books."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.rounds import entry_of
from ledger.db.tables_settlement import RoundEntry
from ledger.domain.settlement import Entry, Leg

STATEMENT_ENTRIES_MAX: Final = 200_000

_STATE: Final = (
    "CASE WHEN p.status IS NOT NULL THEN p.status WHEN r.status = 'made' THEN 'made'"
    " WHEN EXISTS (SELECT 1 FROM rounds_made m"
    " JOIN round_steps s ON s.chain_id = m.chain_id AND s.round = m.round AND s.step = 'settled'"
    " JOIN settled_lines l ON l.chain_id = m.chain_id AND l.round = m.round"
    " AND l.merchant = e.merchant"
    " WHERE m.chain_id = :chain_id AND m.document_hash = r.hash AND s.block_number <= :final)"
    " THEN 'settled' ELSE 'approved' END AS state"
)
_JOINED: Final = (
    " FROM round_entries e JOIN payment_rounds r ON r.number = e.round"
    " LEFT JOIN round_payments p ON p.round = e.round AND p.merchant = e.merchant"
    " WHERE e.standing AND e.{column} = :number"
)
_BY_MERCHANT: Final = text(
    "SELECT e.campaign, e.pass_number, e.step, e.leg, e.voided_at, e.merchant, e.amount, e.day,"
    f" e.ready, e.round, p.moved_at, {_STATE}"
    + _JOINED.format(column="merchant")
    + " ORDER BY e.round, e.day, e.campaign, e.pass_number, e.step, e.leg, e.voided_at LIMIT :most"
)
_OF_CAMPAIGN: Final = text(
    "SELECT leg, state, sum(amount) AS amount FROM ("
    f"SELECT e.leg, e.amount, {_STATE}" + _JOINED.format(column="campaign") + ") x"
    " GROUP BY leg, state"
)
_SENT_BACK: Final = text(
    "SELECT coalesce(sum(p.amount), 0) FROM round_payments p"
    " WHERE p.merchant = :merchant AND p.status = 'returned'"
)
_LAST_CARRIED: Final = text(
    "SELECT l.round, l.reason FROM round_lines l JOIN payment_rounds r ON r.number = l.round"
    " WHERE l.merchant = :merchant AND l.reason IS NOT NULL AND r.status <> 'withdrawn'"
    " AND l.round = (SELECT max(m.round) FROM round_lines m JOIN payment_rounds s"
    " ON s.number = m.round WHERE m.merchant = :merchant AND s.status <> 'withdrawn')"
)


def _on_chain(column: str, legs: str) -> TextClause:
    return text(
        f"SELECT coalesce(sum(i.{column}), 0) FROM {legs} i WHERE i.chain_id = :chain_id"
        " AND i.block_number <= :final AND i.merchant = :merchant"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An entry in its round. `state`: made, approved, settled on the chain, or what the bank says
    of its payment; since `moved_at`."""

    entry: Entry
    round: int
    state: str
    moved_at: int | None


async def standing_of_merchant(
    session: AsyncSession, chain_id: int, merchant: int, *, final: int
) -> list[Standing]:
    """Everything of a shop's that stands in a line, oldest round first."""
    values = {"chain_id": chain_id, "number": merchant, "final": final}
    rows = await session.execute(_BY_MERCHANT, values | {"most": STATEMENT_ENTRIES_MAX})
    return [
        Standing(
            entry=Entry(
                campaign=row.campaign,
                pass_number=row.pass_number,
                step=row.step,
                leg=Leg(row.leg),
                voided_at=row.voided_at,
                merchant=row.merchant,
                amount=row.amount,
                day=row.day,
                ready=row.ready,
            ),
            round=row.round,
            state=row.state,
            moved_at=row.moved_at,
        )
        for row in rows
    ]


async def standing_of_campaign(
    session: AsyncSession, chain_id: int, campaign: int, *, final: int
) -> dict[tuple[str, str], int]:
    """What stands in lines of one campaign, by leg and by what became of it."""
    values = {"chain_id": chain_id, "number": campaign, "final": final}
    rows = await session.execute(_OF_CAMPAIGN, values)
    return {(row.leg, row.state): int(row.amount) for row in rows}


async def sent_back(session: AsyncSession, merchant: int) -> int:
    """What banks returned of a shop's payments, whether or not the chain knows of it yet."""
    return int(await session.scalar(_SENT_BACK, {"merchant": merchant}) or 0)


async def last_carried(session: AsyncSession, merchant: int) -> tuple[str, set[str]] | None:
    """Why a shop's last line was carried, and the keys of what was in it; None if it was paid."""
    found = (await session.execute(_LAST_CARRIED, {"merchant": merchant})).first()
    if found is None:
        return None
    keys = set()
    for row in await session.scalars(
        select(RoundEntry)
        .where(col(RoundEntry.round) == found.round, col(RoundEntry.merchant) == merchant)
        .limit(STATEMENT_ENTRIES_MAX)
    ):
        keys.add(entry_of(row).key)
    return found.reason, keys


async def taken_on_chain(session: AsyncSession, chain_id: int, merchant: int, *, final: int) -> int:
    """What a shop took up to a block by the index alone, voids taken off, both legs."""
    values = {"chain_id": chain_id, "final": final, "merchant": merchant}
    total = 0
    for column in ("amount", "copay"):
        total += int(await session.scalar(_on_chain(column, "included_redemptions"), values) or 0)
        total -= int(await session.scalar(_on_chain(column, "included_voids"), values) or 0)
    return total


_MONEY: Final = {
    "funded": ("contributions", "amount", ""),
    "returned": ("contribution_returns", "amount", ""),
    "spent": ("included_redemptions", "amount", ""),
    "unspent_again": ("included_voids", "amount", ""),
    "copay": ("included_redemptions", "copay", ""),
    "copay_back": ("included_voids", "copay", ""),
    "young": ("included_redemptions", "amount + i.copay", " AND i.block_number > :final"),
    "young_back": ("included_voids", "amount + i.copay", " AND i.block_number > :final"),
    "covered": ("covered_debts", "amount", ""),
    "young_covered": ("covered_debts", "amount", " AND i.block_number > :final"),
}
_MONEY_QUERIES: Final = {
    name: text(
        f"SELECT coalesce(sum(i.{column}), 0) FROM {table} i"
        f" WHERE i.chain_id = :chain_id AND i.campaign = :campaign{more}"
    )
    for name, (table, column, more) in _MONEY.items()
}


async def campaign_sums(
    session: AsyncSession, chain_id: int, campaign: int, *, final: int
) -> dict[str, int]:
    """A campaign's money by the index alone; `young` is what came after block `final`."""
    values = {"chain_id": chain_id, "campaign": campaign}
    sums = {}
    for name, query in _MONEY_QUERIES.items():
        bounded = values | {"final": final} if _MONEY[name][2] else values
        sums[name] = int(await session.scalar(query, bounded) or 0)
    return sums
