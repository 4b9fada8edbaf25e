"""The till's reads and writes for several redemptions at once, a statement for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import BigInteger
from sqlmodel import SQLModel, col

from ledger.db.idempotency import Asked
from ledger.db.index_reads import Holding, holding_of
from ledger.db.index_rows import table_of
from ledger.db.intents import UNSETTLED
from ledger.db.key_holds import number_of
from ledger.db.tables_index import Checkpoint, PassFact
from ledger.db.tables_papers import PassMove
from ledger.db.tables_till import CampaignBudget, Intent, UsageCounter
from ledger.domain.usage import Usage

Key = tuple[int, int]
"""A campaign and a pass in it."""

_HOLD: Final = text(
    "SELECT k FROM unnest(:keys) AS k WHERE pg_try_advisory_xact_lock(k)"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))


async def hold_keys(session: AsyncSession, asked: Sequence[Asked]) -> set[Asked]:
    """Those of the keys that no other process runs a request under: held until the end."""
    if session.get_bind().dialect.name == "sqlite":
        return set(asked)
    numbers = {number_of(each): each for each in asked}
    held = await session.scalars(_HOLD, {"keys": sorted(numbers)})
    return {numbers[number] for number in held}


async def passes_held(
    session: AsyncSession, chain_id: int, holders: Sequence[str]
) -> dict[str, Holding]:
    """The pass each address holds now, the passes held until the transaction ends where others
    could move them (PostgreSQL). An address that a pass has left is left out."""
    query = (
        select(PassFact)
        .where(
            col(PassFact.chain_id) == chain_id,
            col(PassFact.number).in_(
                select(col(PassFact.number)).where(
                    col(PassFact.chain_id) == chain_id, col(PassFact.holder).in_(holders)
                )
            ),
        )
        .order_by(col(PassFact.number), col(PassFact.block_number), col(PassFact.log_index))
    )
    if session.get_bind().dialect.name != "sqlite":
        query = query.with_for_update()
    by_number: dict[int, list[PassFact]] = {}
    for fact in await session.scalars(query):
        by_number.setdefault(fact.number, []).append(fact)
    found = [holding for facts in by_number.values() if (holding := holding_of(facts)) is not None]
    return {holding.holder: holding for holding in found if holding.holder in set(holders)}


async def given_away(session: AsyncSession, numbers: Iterable[int]) -> set[int]:
    """Passes with any order to move them under way, whomever it takes them from."""
    rows = await session.scalars(
        select(col(PassMove.pass_number))
        .join(Intent, col(Intent.id) == col(PassMove.intent_id))
        .where(col(PassMove.pass_number).in_(list(numbers)), col(Intent.status).in_(UNSETTLED))
    )
    return set(rows)


async def usages(session: AsyncSession, keys: Sequence[Key]) -> dict[Key, Usage]:
    """The counters that have begun."""
    table = table_of(UsageCounter)
    rows = await session.execute(
        select(table).where(tuple_(table.c.campaign, table.c.pass_number).in_(keys))
    )
    return {
        (row.campaign, row.pass_number): Usage(
            last_step=row.last_step, spent_today=row.spent_today, spent_total=row.spent_total
        )
        for row in rows
    }


async def budgets(
    session: AsyncSession, chain_id: int, campaigns: Iterable[int]
) -> tuple[str | None, dict[int, tuple[int, int]]]:
    """The budgets that have begun, (funded, spent) in satang, and the hash of the block that the
    index reaches; None for it without any budget."""
    table = table_of(CampaignBudget)
    reached = select(col(Checkpoint.block_hash)).where(col(Checkpoint.chain_id) == chain_id)
    rows = await session.execute(
        select(reached.scalar_subquery().label("block"), table).where(
            table.c.campaign.in_(list(campaigns))
        )
    )
    block, found = None, {}
    for row in rows:
        block, found[row.campaign] = row.block, (row.funded, row.spent)
    return block, found


async def add_all(session: AsyncSession, rows: Mapping[type[SQLModel], Sequence[SQLModel]]) -> None:
    """Keep rows, table by table in the order given."""
    for model, found in rows.items():
        if found:
            await session.execute(insert(table_of(model)), [row.model_dump() for row in found])
