"""What the chain finally took and no paid line stands for: the raw material of the next round."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_index import Checkpoint
from ledger.domain.settlement import COVER_PASS, Leg

ENTRIES_MAX: Final = 2_000_000

_COLUMNS: Final = {Leg.CITY: "amount", Leg.COPAY: "copay"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """One leg of a redemption, or of a void of it (`amount` below zero, `voided_at` its time); or a
    covered debt, of pass 0.

    `at` is its block's time, `taken_at` that of the redemption's.
    """

    campaign: int
    pass_number: int
    step: int
    leg: Leg
    voided_at: int
    merchant: int
    amount: int
    at: int
    taken_at: int


def _nothing_stands(step: str, pass_of: str, voided_at: str) -> str:
    return (
        " AND NOT EXISTS (SELECT 1 FROM round_entries e WHERE e.standing"
        f" AND e.campaign = {pass_of}.campaign AND e.pass_number = {pass_of}.pass_number"
        f" AND e.step = {step} AND e.leg = :leg AND e.voided_at = {voided_at})"
    )


def _taken(column: str) -> TextClause:
    return text(
        f"SELECT i.campaign, i.pass_number, i.step, 0 AS voided_at, i.merchant,"
        f" i.{column} AS amount, i.at, i.at AS taken_at FROM included_redemptions i"
        f" WHERE i.chain_id = :chain_id AND i.block_number <= :final AND i.{column} > 0"
        " AND (:merchant = 0 OR i.merchant = :merchant)"
        " AND (:campaign = 0 OR i.campaign = :campaign)"
        + _nothing_stands("i.step", "i", "0")
        + " LIMIT :most"
    )


def _voided(column: str) -> TextClause:
    return text(
        f"SELECT v.campaign, v.pass_number, i.step, v.voided_at, v.merchant,"
        f" -v.{column} AS amount, v.at, i.at AS taken_at FROM included_voids v"
        " JOIN campaign_drafts d ON d.chain_id = v.chain_id AND d.campaign = v.campaign"
        " JOIN included_redemptions i ON i.chain_id = v.chain_id AND i.campaign = v.campaign"
        " AND i.pass_number = v.pass_number AND i.step = (v.signed_at - d.starts) / 15 + 1"
        f" WHERE v.chain_id = :chain_id AND v.block_number <= :final AND v.{column} > 0"
        " AND (:merchant = 0 OR v.merchant = :merchant)"
        " AND (:campaign = 0 OR v.campaign = :campaign)"
        + _nothing_stands("i.step", "v", "v.voided_at")
        + " LIMIT :most"
    )


_COVERED: Final = text(
    f"SELECT c.campaign, {COVER_PASS} AS pass_number, c.step, 0 AS voided_at, c.merchant,"
    " c.amount, c.at, c.at AS taken_at FROM (SELECT d.campaign, d.merchant, d.amount, d.at,"
    " d.block_number, row_number() OVER"
    " (PARTITION BY d.campaign ORDER BY d.block_number, d.log_index) AS step"
    " FROM covered_debts d WHERE d.chain_id = :chain_id AND d.amount > 0) c"
    " WHERE c.block_number <= :final AND (:merchant = 0 OR c.merchant = :merchant)"
    " AND (:campaign = 0 OR c.campaign = :campaign)"
    " AND NOT EXISTS (SELECT 1 FROM round_entries e WHERE e.standing AND e.leg = :leg"
    f" AND e.campaign = c.campaign AND e.pass_number = {COVER_PASS} AND e.step = c.step)"
    " LIMIT :most"
)
_QUERIES: Final = [
    *((leg, query(column)) for leg, column in _COLUMNS.items() for query in (_taken, _voided)),
    (Leg.CITY, _COVERED),
]


async def final_height(session: AsyncSession, chain_id: int, confirmations: int) -> int:
    """The last block of the index that nothing can replace any more; below 0 for none."""
    last = await session.scalar(
        select(col(Checkpoint.block_number)).where(col(Checkpoint.chain_id) == chain_id)
    )
    return -1 if last is None else int(last) - confirmations


async def unsettled(
    session: AsyncSession, chain_id: int, *, final: int, merchant: int = 0, campaign: int = 0
) -> list[Unsettled]:
    """Everything up to block `final` that stands in no line, of one merchant or campaign where it
    is named: at most ENTRIES_MAX of each kind."""
    found = []
    for leg, query in _QUERIES:
        values = {
            "chain_id": chain_id,
            "final": final,
            "leg": leg,
            "most": ENTRIES_MAX,
            "merchant": merchant,
            "campaign": campaign,
        }
        for row in await session.execute(query, values):
            found.append(Unsettled(leg=leg, **row._mapping))
    return found
