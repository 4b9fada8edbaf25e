"""What judging at the till reads of its own counters, a statement at a time."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

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

_USED: Final = text(
    "SELECT 'taken' AS what, step AS at, amount FROM included_redemptions"
    " WHERE chain_id = :chain_id AND campaign = :campaign AND pass_number = :pass_number"
    " UNION ALL SELECT 'voided', signed_at, amount FROM included_voids"
    " WHERE chain_id = :chain_id AND campaign = :campaign AND pass_number = :pass_number"
    " UNION ALL SELECT 'waiting', signed_at, amount FROM redemptions"
    " WHERE campaign = :campaign AND pass_number = :pass_number AND status = 'accepted'"
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


async def usage_to_begin_with(
    session: AsyncSession, chain_id: int, campaign: Campaign, pass_number: int
) -> Usage:
    """What a counter begins with: the chain's usage and, on top, what is accepted and waits."""
    asked = {"chain_id": chain_id, "campaign": campaign.number, "pass_number": pass_number}
    terms = campaign.terms
    taken: list[tuple[int, int]] = []
    voided: list[tuple[int, int]] = []
    for what, at, amount in await session.execute(_USED, asked):
        match what:
            case "taken":
                taken.append((signed_at_of(terms.starts, at), amount))
            case "waiting":
                taken.append((at, amount))
            case _:
                voided.append((at, amount))
    return fold_usage(terms, taken, voided)
