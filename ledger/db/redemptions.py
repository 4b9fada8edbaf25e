"""What the till accepted, and the counters that an acceptance moves in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, SelectBase, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.driver import Driver, Insert, Statement
from ledger.db.index_rows import table_of
from ledger.db.tables_till import CampaignBudget, RedemptionRecord, TillVoid, UsageCounter
from ledger.domain.acceptance import Acceptance, row_of
from ledger.domain.redemption import RedemptionStatus
from ledger.domain.usage import Usage

_ADD: Final = Insert(table_of(RedemptionRecord))
_NEW_USAGE: Final = Statement(
    "INSERT INTO usage_counters (campaign, pass_number, last_step, spent_today, spent_total)"
    " VALUES (:campaign, :pass_number, :last_step, :spent_today, :spent_total)"
    " ON CONFLICT (campaign, pass_number) DO NOTHING"
)
_MOVED_USAGE: Final = Statement(
    "UPDATE usage_counters SET last_step = :last_step, spent_today = :spent_today,"
    " spent_total = :spent_total WHERE campaign = :campaign AND pass_number = :pass_number"
    " AND last_step = :was_step AND spent_today = :was_today AND spent_total = :was_total"
)
_NEW_BUDGET: Final = text(
    "INSERT INTO campaign_budgets (campaign, funded, spent) VALUES (:campaign, :funded, :spent)"
    " ON CONFLICT (campaign) DO NOTHING"
)
_SPENT: Final = Statement(
    "UPDATE campaign_budgets SET spent = spent + :amount"
    " WHERE campaign = :campaign AND spent + :amount <= funded"
)


# Counters


async def usage_counter(session: AsyncSession, campaign: int, pass_number: int) -> Usage | None:
    """The till's counter of one pass in one campaign; None before its first use here."""
    row = await session.get(UsageCounter, (campaign, pass_number), populate_existing=True)
    if row is None:
        return None
    return Usage(last_step=row.last_step, spent_today=row.spent_today, spent_total=row.spent_total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A pass's counter from `before` (None: it is begun) to `after`."""

    campaign: int
    pass_number: int
    before: Usage | None
    after: Usage


async def move_usages(driver: Driver, moves: Sequence[Move]) -> bool:
    """Move every counter. False where one of them was not what it was: what was moved stays moved,
    so with more than one the caller rolls back."""
    begun = [_words(move) for move in moves if move.before is None]
    moved = [_words(move) for move in moves if move.before is not None]
    changed = 0
    for statement, rows in ((_NEW_USAGE, begun), (_MOVED_USAGE, moved)):
        if rows:
            changed += await driver.change(statement, rows)
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


async def budget(session: AsyncSession, campaign: int) -> CampaignBudget | None:
    """What a campaign holds and has promised at the till; None before its first use here."""
    return await session.get(CampaignBudget, campaign, populate_existing=True)


async def start_budget(session: AsyncSession, campaign: int, *, funded: int, spent: int) -> None:
    """Begin a campaign's budget where there is none; an existing one is left as it is."""
    await session.execute(_NEW_BUDGET, {"campaign": campaign, "funded": funded, "spent": spent})


async def spend_budget(driver: Driver, campaign: int, amount: int) -> bool:
    """Promise `amount` of a budget; False, promising nothing, where too little is left."""
    return await driver.change(_SPENT, [{"campaign": campaign, "amount": amount}]) == 1


async def set_budget(session: AsyncSession, campaign: int, *, funded: int, spent: int) -> None:
    """Write a campaign's budget as the chain and the waiting redemptions say it must be."""
    await start_budget(session, campaign, funded=max(funded, spent), spent=spent)
    await session.execute(
        update(CampaignBudget)
        .where(col(CampaignBudget.campaign) == campaign)
        .values(funded=max(funded, spent), spent=spent)
        .execution_options(synchronize_session=False)
    )


async def set_usage(session: AsyncSession, campaign: int, pass_number: int, usage: Usage) -> None:
    """Write a counter as the chain and the waiting redemptions say it must be."""
    begun = Move(campaign=campaign, pass_number=pass_number, before=None, after=usage)
    await move_usages(await Driver.of(session), [begun])
    await session.execute(
        update(UsageCounter)
        .where(col(UsageCounter.campaign) == campaign, col(UsageCounter.pass_number) == pass_number)
        .values(
            last_step=usage.last_step, spent_today=usage.spent_today, spent_total=usage.spent_total
        )
        .execution_options(synchronize_session=False)
    )


async def lock_usage(session: AsyncSession, campaign: int, pass_number: int) -> None:
    """Hold a counter until the transaction ends. One is begun where there is none: who redeems for
    the first time meanwhile waits for it."""
    begun = Move(campaign=campaign, pass_number=pass_number, before=None, after=Usage())
    await move_usages(await Driver.of(session), [begun])
    await session.get(
        UsageCounter, (campaign, pass_number), with_for_update=True, populate_existing=True
    )


async def lock_budget(session: AsyncSession, campaign: int) -> None:
    """Hold a budget until the transaction ends; one is begun where there is none."""
    await start_budget(session, campaign, funded=0, spent=0)
    await session.get(CampaignBudget, campaign, with_for_update=True, populate_existing=True)


async def budgeted_campaigns(session: AsyncSession) -> Sequence[int]:
    """Campaigns the till keeps a budget of."""
    return (await session.scalars(select(col(CampaignBudget.campaign)))).all()


# Redemptions


async def add(driver: Driver, accepted: Sequence[Acceptance]) -> None:
    """Keep accepted redemptions. The unique key (campaign, pass, step) refuses a second one."""
    await driver.insert(_ADD, [row_of(each) for each in accepted])


async def find(session: AsyncSession, redemption_id: str) -> RedemptionRecord | None:
    """The till's record of one redemption."""
    return await session.get(RedemptionRecord, redemption_id)


async def find_many(session: AsyncSession, ids: Sequence[str]) -> dict[str, RedemptionRecord]:
    """The till's records of several redemptions, by id; unknown ones are left out."""
    rows = await session.scalars(select(RedemptionRecord).where(col(RedemptionRecord.id).in_(ids)))
    return {row.id: row for row in rows}


async def by_intent(
    session: AsyncSession, intent_ids: Sequence[str]
) -> dict[str, RedemptionRecord]:
    """The redemptions that intents are to bring to the chain, by intent."""
    rows = await session.scalars(
        select(RedemptionRecord).where(col(RedemptionRecord.intent_id).in_(intent_ids))
    )
    return {row.intent_id: row for row in rows if row.intent_id is not None}


async def waiting_of_pass(
    session: AsyncSession, campaign: int, pass_number: int
) -> Sequence[RedemptionRecord]:
    """What a pass has accepted and the index has not, oldest step first."""
    rows = await session.scalars(
        select(RedemptionRecord)
        .where(
            col(RedemptionRecord.campaign) == campaign,
            col(RedemptionRecord.pass_number) == pass_number,
            col(RedemptionRecord.status) == RedemptionStatus.ACCEPTED.value,
        )
        .order_by(col(RedemptionRecord.step))
    )
    return rows.all()


async def waiting_in_campaign(session: AsyncSession, campaign: int) -> int:
    """The sum of amounts accepted at the till and not yet in the index."""
    total = await session.scalar(
        select(func.coalesce(func.sum(RedemptionRecord.amount), 0)).where(
            col(RedemptionRecord.campaign) == campaign,
            col(RedemptionRecord.status) == RedemptionStatus.ACCEPTED.value,
        )
    )
    return int(total or 0)


async def waiting_copay(session: AsyncSession, holder: str) -> int:
    """The sum of a holder's own tokens promised at the till and not yet moved on the chain."""
    total = await session.scalar(
        select(func.coalesce(func.sum(RedemptionRecord.copay), 0)).where(
            col(RedemptionRecord.holder) == holder,
            col(RedemptionRecord.copay) > 0,
            col(RedemptionRecord.status) == RedemptionStatus.ACCEPTED.value,
        )
    )
    return int(total or 0)


async def not_final(
    session: AsyncSession,
    merchant: int,
    *,
    after: tuple[int, str],
    most: int,
    among: SelectBase | None = None,
) -> Sequence[RedemptionRecord]:
    """A shop's redemptions that a reorg or a silent sequencer can still hold up, oldest first,
    after the position `(accepted_at, id)`; with `among`, a query of ids, of those alone."""
    query = select(RedemptionRecord).where(
        col(RedemptionRecord.merchant) == merchant,
        tuple_(col(RedemptionRecord.accepted_at), col(RedemptionRecord.id)) > after,
        col(RedemptionRecord.status).in_(
            [RedemptionStatus.ACCEPTED.value, RedemptionStatus.INCLUDED.value]
        ),
    )
    if among is not None:
        query = query.where(col(RedemptionRecord.id).in_(among))
    oldest = (col(RedemptionRecord.accepted_at), col(RedemptionRecord.id))
    return (await session.scalars(query.order_by(*oldest).limit(most))).all()


async def set_status(
    session: AsyncSession,
    redemption_id: str,
    *,
    expected: Sequence[RedemptionStatus],
    status: RedemptionStatus,
    **values: Any,
) -> bool:
    """Move a redemption to `status` if it stands in one of `expected`; say whether it moved."""
    moved = await session.execute(
        update(RedemptionRecord)
        .where(
            col(RedemptionRecord.id) == redemption_id,
            col(RedemptionRecord.status).in_([state.value for state in expected]),
        )
        .values(status=status.value, **values)
        .execution_options(synchronize_session=False)
    )
    return _changed(moved) == 1


# Voids


async def add_void(session: AsyncSession, void: TillVoid) -> None:
    """Keep a merchant's signed void. One redemption has one void for each `voided_at`."""
    await session.execute(insert(TillVoid).values(**void.model_dump(exclude={"id"})))


async def voids_of(session: AsyncSession, redemption_id: str) -> Sequence[TillVoid]:
    """The voids the till took for one redemption, earliest first."""
    rows = await session.scalars(
        select(TillVoid)
        .where(col(TillVoid.redemption_id) == redemption_id)
        .order_by(col(TillVoid.voided_at))
    )
    return rows.all()


_VOID_INCLUDED: Final = text(
    "UPDATE till_voids SET status = 'included' WHERE status IN ('accepted', 'failed') AND EXISTS ("
    " SELECT 1 FROM redemptions r JOIN included_voids v ON v.campaign = r.campaign"
    " AND v.pass_number = r.pass_number AND v.signed_at = r.signed_at"
    " WHERE r.id = till_voids.redemption_id AND v.chain_id = :chain_id"
    " AND v.voided_at = till_voids.voided_at)"
)
_VOID_FAILED: Final = text(
    "UPDATE till_voids SET status = 'failed' WHERE status = 'accepted' AND EXISTS ("
    " SELECT 1 FROM intents n WHERE n.id = till_voids.intent_id AND n.status = 'failed')"
)


async def settle_voids(session: AsyncSession, chain_id: int) -> None:
    """Write what became of the till's voids: on the chain, or refused there."""
    await session.execute(_VOID_INCLUDED, {"chain_id": chain_id})
    await session.execute(_VOID_FAILED)


def _changed(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
