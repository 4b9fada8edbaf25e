"""The till's reads and writes for several redemptions at once, a statement for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, bindparam, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import BigInteger
from sqlmodel import SQLModel, col

from ledger.db.idempotency import Answer, Asked, sweep_some
from ledger.db.index_reads import Holding, holding_of
from ledger.db.index_rows import table_of
from ledger.db.intents import UNSETTLED
from ledger.db.key_holds import number_of
from ledger.db.tables_index import Checkpoint, PassFact
from ledger.db.tables_papers import PassMove
from ledger.db.tables_till import CampaignBudget, IdempotentRequest, Intent, UsageCounter
from ledger.domain.usage import Usage

Key = tuple[int, int]
"""A campaign and a pass in it."""

_HOLD: Final = text(
    "SELECT k FROM unnest(:keys) AS k WHERE pg_try_advisory_xact_lock(k)"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))
_MOVE: Final = text(
    "UPDATE usage_counters SET last_step = :last_step, spent_today = :spent_today,"
    " spent_total = :spent_total WHERE campaign = :campaign AND pass_number = :pass_number"
    " AND last_step = :was_step AND spent_today = :was_today AND spent_total = :was_total"
)
_BEGIN: Final = text(
    "INSERT INTO usage_counters (campaign, pass_number, last_step, spent_today, spent_total)"
    " VALUES (:campaign, :pass_number, :last_step, :spent_today, :spent_total)"
    " ON CONFLICT (campaign, pass_number) DO NOTHING"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A pass's counter from `before` (None: it is begun) to `after`."""

    campaign: int
    pass_number: int
    before: Usage | None
    after: Usage


async def hold_keys(session: AsyncSession, asked: Sequence[Asked]) -> set[Asked]:
    """Those of the keys that no other process runs a request under: held until the end."""
    if session.get_bind().dialect.name == "sqlite":
        return set(asked)
    numbers = {number_of(each): each for each in asked}
    held = await session.scalars(_HOLD, {"keys": sorted(numbers)})
    return {numbers[number] for number in held}


async def answered_before(session: AsyncSession, asked: Sequence[Asked]) -> set[tuple[str, str]]:
    """Whose key has been seen, however long ago: (principal, key)."""
    where = tuple_(col(IdempotentRequest.principal), col(IdempotentRequest.key))
    rows = await session.execute(
        select(col(IdempotentRequest.principal), col(IdempotentRequest.key)).where(
            where.in_([(each.principal, each.key) for each in asked])
        )
    )
    return {(row.principal, row.key) for row in rows}


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


async def move_usages(session: AsyncSession, moves: Sequence[Move]) -> bool:
    """Move every counter. False where one of them was not what it was: then roll back."""
    begun = [_words(move) for move in moves if move.before is None]
    moved = [_words(move) for move in moves if move.before is not None]
    changed = 0
    for statement, rows in ((_BEGIN, begun), (_MOVE, moved)):
        if rows:
            changed += _changed(await session.execute(statement, rows))
    return changed == len(moves)


def _words(move: Move) -> dict[str, int]:
    words = {
        "campaign": move.campaign,
        "pass_number": move.pass_number,
        "last_step": move.after.last_step,
        "spent_today": move.after.spent_today,
        "spent_total": move.after.spent_total,
    }
    if move.before is None:
        return words
    return words | {
        "was_step": move.before.last_step,
        "was_today": move.before.spent_today,
        "was_total": move.before.spent_total,
    }


async def add_all(session: AsyncSession, rows: Mapping[type[SQLModel], Sequence[SQLModel]]) -> None:
    """Keep rows, table by table in the order given."""
    for model, found in rows.items():
        if found:
            await session.execute(insert(table_of(model)), [row.model_dump() for row in found])


async def keep_answers(
    session: AsyncSession, answers: Sequence[tuple[Asked, Answer]], *, now: int, not_before: int
) -> None:
    """Keep the answers of keys that nobody has used; those older than `not_before` go."""
    await sweep_some(session, [asked for asked, _ in answers], not_before=not_before)
    rows = [
        {
            "principal": asked.principal,
            "key": asked.key,
            "body_hash": asked.body_hash,
            "status_code": answer.status_code,
            "headers": {"content-type": answer.media_type},
            "body": answer.body,
            "created_at": now,
        }
        for asked, answer in answers
    ]
    await session.execute(insert(table_of(IdempotentRequest)), rows)


def _changed(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
