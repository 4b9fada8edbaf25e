"""What judging at the till reads of its own counters, a statement at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db.driver import Driver, Statement
from ledger.db.index_reads import fold_usage
from ledger.domain.campaign import Campaign
from ledger.domain.clock import signed_at_of
from ledger.domain.usage import Usage

_INDEXED: Final = text("SELECT block_hash FROM checkpoints WHERE chain_id = :chain_id")
_COUNTED: Final = text(
    "SELECT (SELECT block_hash FROM checkpoints WHERE chain_id = :chain_id) AS block,"
    " u.last_step, u.spent_today, u.spent_total, b.funded, b.spent,"
    " (SELECT CASE WHEN m.from_address = :holder AND i.status IN ('queued', 'sent', 'included')"
    "  THEN 1 ELSE 0 END FROM pass_moves m JOIN intents i ON i.id = m.intent_id"
    "  WHERE m.pass_number = :pass_number AND i.status <> 'failed'"
    "  ORDER BY m.id DESC LIMIT 1) AS gave_away"
    " FROM (SELECT 1 AS one) AS always"
    " LEFT JOIN usage_counters u ON u.campaign = :campaign AND u.pass_number = :pass_number"
    " LEFT JOIN campaign_budgets b ON b.campaign = :campaign"
)
"""`gave_away` is what `papers.gave_away` answers."""

_USED: Final = Statement(
    "SELECT pass_number, 'taken' AS what, step AS at, amount FROM included_redemptions"
    " WHERE chain_id = :chain_id AND campaign = :campaign AND pass_number {passes}"
    " UNION ALL SELECT pass_number, 'voided', signed_at, amount FROM included_voids"
    " WHERE chain_id = :chain_id AND campaign = :campaign AND pass_number {passes}"
    " UNION ALL SELECT pass_number, 'waiting', signed_at, amount FROM redemptions"
    " WHERE campaign = :campaign AND pass_number {passes} AND status = 'accepted'",
    "passes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The block the index reaches, and the till's counters: None where it has not begun one.

    `gave_away`: an order under way takes the pass from the holder that was asked about.
    """

    block: str | None
    usage: Usage | None
    budget: tuple[int, int] | None
    gave_away: bool


async def indexed_hash(session: AsyncSession, chain_id: int) -> str | None:
    """The hash of the block the index reaches; None before its first span."""
    found: str | None = await session.scalar(_INDEXED, {"chain_id": chain_id})
    return found


async def counted(
    session: AsyncSession, chain_id: int, campaign: int, pass_number: int | None, holder: str | None
) -> Counted:
    """The counters of a campaign and of one pass in it, as of one moment. The budget is
    (funded, spent)."""
    # No pass has the number 0, and nobody the empty address.
    asked = {
        "chain_id": chain_id,
        "campaign": campaign,
        "pass_number": pass_number or 0,
        "holder": holder or "",
    }
    row = (await session.execute(_COUNTED, asked)).one()
    begun = pass_number is not None and row.last_step is not None
    return Counted(
        block=row.block,
        usage=Usage(
            last_step=row.last_step, spent_today=row.spent_today, spent_total=row.spent_total
        )
        if begun
        else None,
        budget=None if row.funded is None else (row.funded, row.spent),
        gave_away=bool(row.gave_away),
    )


async def usages_to_begin_with(
    driver: Driver, chain_id: int, campaign: Campaign, passes: Sequence[int]
) -> dict[int, Usage]:
    """What counters begin with, by pass: the chain's usage and, on top, what is accepted and
    waits."""
    starts = campaign.terms.starts
    taken: dict[int, list[tuple[int, int]]] = {number: [] for number in passes}
    voided: dict[int, list[tuple[int, int]]] = {number: [] for number in passes}
    rows = await driver.fetch(_USED, chain_id=chain_id, campaign=campaign.number, passes=passes)
    for number, what, at, amount in rows:
        match what:
            case "taken":
                taken[number].append((signed_at_of(starts, at), amount))
            case "waiting":
                taken[number].append((at, amount))
            case _:
                voided[number].append((at, amount))
    return {number: fold_usage(campaign.terms, taken[number], voided[number]) for number in passes}
