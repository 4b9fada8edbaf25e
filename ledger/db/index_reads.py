"""What the index says is so now: campaigns, passes, merchants, usage. States are read off facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.index_settlement import owed_to
from ledger.db.tables_index import (
    CampaignDraft,
    CampaignStep,
    Checkpoint,
    Contribution,
    IncludedRedemption,
    IncludedVoid,
    ListedWord,
    MerchantFact,
    PassFact,
)
from ledger.domain.campaign import Campaign, CampaignStatus, Terms
from ledger.domain.clock import bangkok_day, signed_at_of, step_of
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.listing import WORD_BITS
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.usage import Usage

ADDRESSES_AT_ONCE: Final = 500

_STATUS_AFTER: Final = {
    "approved": CampaignStatus.APPROVED,
    "issued": CampaignStatus.OPEN,
    "paused": CampaignStatus.PAUSED,
    "resumed": CampaignStatus.OPEN,
    "closed": CampaignStatus.CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A pass and who holds it now."""

    pass_: Pass
    holder: str


async def indexed_block(session: AsyncSession, chain_id: int) -> int | None:
    """The height the index reaches; None before its first span."""
    row = await session.get(Checkpoint, chain_id, populate_existing=True)
    return None if row is None else row.block_number


# Campaigns


async def campaign_of(session: AsyncSession, chain_id: int, number: int) -> Campaign | None:
    """A campaign with its terms, its state and what it was funded with.

    `spent` is 0 here: the till keeps its own count, and `spent_of` adds up the chain's. The words
    of its list are not read: `listed_words` does.
    """
    draft = await session.scalar(
        select(CampaignDraft).where(
            col(CampaignDraft.chain_id) == chain_id, col(CampaignDraft.campaign) == number
        )
    )
    if draft is None:
        return None
    steps = await session.scalars(
        select(CampaignStep)
        .where(col(CampaignStep.chain_id) == chain_id, col(CampaignStep.campaign) == number)
        .order_by(col(CampaignStep.block_number), col(CampaignStep.log_index))
    )
    funded = await session.scalar(
        select(func.coalesce(func.sum(Contribution.amount), 0)).where(
            col(Contribution.chain_id) == chain_id, col(Contribution.campaign) == number
        )
    )
    return _campaign(draft, steps.all(), funded=int(funded or 0))


def _campaign(draft: CampaignDraft, steps: Sequence[CampaignStep], *, funded: int) -> Campaign:
    status, paused_at = CampaignStatus.DRAFTED, 0
    by = {"approved": ZERO_ADDRESS, "issued": ZERO_ADDRESS}
    for step in steps:
        status = _STATUS_AFTER[step.step]
        paused_at = step.at if step.step == "paused" else 0
        if step.step in by:
            by[step.step] = step.by or ZERO_ADDRESS
    return Campaign(
        number=draft.campaign,
        terms=_terms(draft),
        status=status,
        drafted_by=draft.officer,
        approved_by=by["approved"],
        issued_by=by["issued"],
        funded=funded,
        paused_at=paused_at,
    )


def _terms(draft: CampaignDraft) -> Terms:
    return Terms(
        policy_hash=bytes.fromhex(draft.policy_hash[2:]),
        token=draft.token,
        starts=draft.starts,
        ends=draft.ends,
        first_use_by=draft.first_use_by,
        share_basis_points=draft.share_basis_points,
        allowance=draft.allowance,
        per_use_max=draft.per_use_max,
        per_day_max=draft.per_day_max,
        bill_min=draft.bill_min,
        audience=int(draft.audience, 16),
        categories=int(draft.categories, 16),
        districts=int(draft.districts, 16),
        open_hours=int(draft.open_hours, 16),
        same_district=draft.same_district,
        list_hash=bytes.fromhex(draft.list_hash[2:]),
        list_count=draft.list_count,
    )


async def campaign_numbers(
    session: AsyncSession, chain_id: int, *, after: int, most: int
) -> list[int]:
    """Numbers of campaigns above `after`, ascending."""
    rows = await session.scalars(
        select(col(CampaignDraft.campaign))
        .where(col(CampaignDraft.chain_id) == chain_id, col(CampaignDraft.campaign) > after)
        .order_by(col(CampaignDraft.campaign))
        .limit(most)
    )
    return list(rows)


async def listed_words(
    session: AsyncSession, chain_id: int, campaign: int, *, of: Iterable[int] | None = None
) -> dict[int, int]:
    """The words of a campaign's list that are on the chain, by index: all, or those that hold the
    passes `of`."""
    query = select(col(ListedWord.word_index), col(ListedWord.word)).where(
        col(ListedWord.chain_id) == chain_id, col(ListedWord.campaign) == campaign
    )
    if of is not None:
        query = query.where(col(ListedWord.word_index).in_({n // WORD_BITS for n in of}))
    return {index: int(word, 16) for index, word in await session.execute(query)}


async def spent_of(session: AsyncSession, chain_id: int, campaign: int) -> int:
    """What the chain says a campaign has spent: all that was included, less all that was undone,
    and what shops owe it because they were paid before it was undone."""
    included = await session.scalar(
        select(func.coalesce(func.sum(IncludedRedemption.amount), 0)).where(
            col(IncludedRedemption.chain_id) == chain_id,
            col(IncludedRedemption.campaign) == campaign,
        )
    )
    voided = await session.scalar(
        select(func.coalesce(func.sum(IncludedVoid.amount), 0)).where(
            col(IncludedVoid.chain_id) == chain_id, col(IncludedVoid.campaign) == campaign
        )
    )
    owed = await owed_to(session, chain_id, campaign)
    return int(included or 0) - int(voided or 0) + owed


# Usage


async def usage_of(
    session: AsyncSession,
    chain_id: int,
    campaign: int,
    pass_number: int,
    terms: Terms,
    *,
    waiting: Sequence[tuple[int, int]] = (),
) -> Usage:
    """What the chain says a pass has used of a campaign, with what `waiting` adds to it: signed
    times and amounts."""
    taken = await session.execute(
        select(col(IncludedRedemption.step), col(IncludedRedemption.amount)).where(
            col(IncludedRedemption.chain_id) == chain_id,
            col(IncludedRedemption.campaign) == campaign,
            col(IncludedRedemption.pass_number) == pass_number,
        )
    )
    voids = await session.execute(
        select(col(IncludedVoid.signed_at), col(IncludedVoid.amount)).where(
            col(IncludedVoid.chain_id) == chain_id,
            col(IncludedVoid.campaign) == campaign,
            col(IncludedVoid.pass_number) == pass_number,
        )
    )
    return fold_usage(
        terms,
        [(signed_at_of(terms.starts, step), amount) for step, amount in taken] + list(waiting),
        [(signed_at, amount) for signed_at, amount in voids],
    )


def fold_usage(
    terms: Terms, taken: Sequence[tuple[int, int]], voided: Sequence[tuple[int, int]]
) -> Usage:
    """The usage that redemptions and voids, each a signed time and an amount, come to.

    A void gives the day's quota back only while its redemption's Bangkok day is that of the last
    step: since steps only move forward, that is so exactly for the day of the last one.
    """
    if not taken:
        return Usage()
    last = max(signed_at for signed_at, _ in taken)
    today = 0
    if terms.per_day_max:
        day = bangkok_day(last)
        today = sum(amount for at, amount in taken if bangkok_day(at) == day)
        today -= sum(amount for at, amount in voided if bangkok_day(at) == day)
    total = sum(amount for _, amount in taken) - sum(amount for _, amount in voided)
    step = step_of(terms.starts, last)
    return Usage(last_step=step, spent_today=today, spent_total=total)


# Passes


async def pass_of(session: AsyncSession, chain_id: int, number: int) -> Holding | None:
    """A pass by its number."""
    return holding_of(
        await _pass_facts(session, _facts_of(chain_id).where(col(PassFact.number) == number))
    )


async def pass_held_by(session: AsyncSession, chain_id: int, holder: str) -> Holding | None:
    """The pass an address holds now; None for one it has lost to another."""
    numbers = select(col(PassFact.number)).where(
        col(PassFact.chain_id) == chain_id, col(PassFact.holder) == holder
    )
    rows = await _pass_facts(session, _facts_of(chain_id).where(col(PassFact.number).in_(numbers)))
    by_number: dict[int, list[PassFact]] = {}
    for row in rows:
        by_number.setdefault(row.number, []).append(row)
    for facts in by_number.values():
        holding = holding_of(facts)
        if holding is not None and holding.holder == holder:
            return holding
    return None


async def holders_among(
    session: AsyncSession, chain_id: int, addresses: Sequence[str]
) -> dict[str, int]:
    """Which of these addresses hold a pass now, and its number."""
    holding: dict[str, int] = {}
    for start in range(0, len(addresses), ADDRESSES_AT_ONCE):
        known = await session.scalars(
            select(col(PassFact.holder))
            .where(
                col(PassFact.chain_id) == chain_id,
                col(PassFact.holder).in_(addresses[start : start + ADDRESSES_AT_ONCE]),
            )
            .distinct()
        )
        for address in known.all():
            held = await pass_held_by(session, chain_id, address)
            if held is not None:
                holding[address] = held.pass_.number
    return holding


async def holder_of(session: AsyncSession, chain_id: int, number: int) -> str | None:
    """Who holds a pass now."""
    holding = await pass_of(session, chain_id, number)
    return None if holding is None else holding.holder


def _facts_of(chain_id: int) -> Select[PassFact]:
    return (
        select(PassFact)
        .where(col(PassFact.chain_id) == chain_id)
        .order_by(col(PassFact.number), col(PassFact.block_number), col(PassFact.log_index))
    )


async def _pass_facts(session: AsyncSession, query: Select[PassFact]) -> Sequence[PassFact]:
    return (await session.scalars(query)).all()


class PassTold(Protocol):
    """What a fact of a pass tells; None where it left that as it was."""

    @property
    def number(self) -> int: ...
    @property
    def holder(self) -> str: ...
    @property
    def status(self) -> int | None: ...
    @property
    def class_(self) -> int | None: ...
    @property
    def district(self) -> int | None: ...
    @property
    def valid_from(self) -> int | None: ...
    @property
    def valid_until(self) -> int | None: ...


def holding_of(facts: Sequence[PassTold]) -> Holding | None:
    """A pass as its facts, the oldest first, leave it; None without any."""
    if not facts:
        return None
    told = next(fact for fact in reversed(facts) if fact.status is not None)
    return Holding(
        holder=facts[-1].holder,
        pass_=Pass(
            number=told.number,
            class_=told.class_ or 0,
            district=told.district or 0,
            valid_from=told.valid_from or 0,
            valid_until=told.valid_until or 0,
            status=PassStatus(told.status or 0),
        ),
    )


# Merchants


async def merchant_of(session: AsyncSession, chain_id: int, number: int) -> Merchant | None:
    """A merchant by its number."""
    return (await merchants_of(session, chain_id, [number])).get(number)


async def merchants_of(
    session: AsyncSession, chain_id: int, numbers: Iterable[int]
) -> dict[int, Merchant]:
    """Merchants by their numbers; those nobody registered are left out."""
    rows = await session.scalars(
        select(MerchantFact)
        .where(col(MerchantFact.chain_id) == chain_id, col(MerchantFact.number).in_(numbers))
        .order_by(col(MerchantFact.block_number), col(MerchantFact.log_index))
    )
    return {row.number: _merchant(row) for row in rows}


async def merchant_paid_at(session: AsyncSession, chain_id: int, payout: str) -> Merchant | None:
    """The merchant whose money goes to an address now."""
    numbers = await session.scalars(
        select(col(MerchantFact.number))
        .where(col(MerchantFact.chain_id) == chain_id, col(MerchantFact.payout) == payout)
        .distinct()
    )
    for number in numbers.all():
        merchant = await merchant_of(session, chain_id, number)
        if merchant is not None and merchant.payout == payout:
            return merchant
    return None


async def merchants_after(
    session: AsyncSession, chain_id: int, *, after: int, most: int
) -> list[Merchant]:
    """Merchants with numbers above `after`, ascending."""
    numbers = (
        select(col(MerchantFact.number))
        .where(col(MerchantFact.chain_id) == chain_id, col(MerchantFact.number) > after)
        .distinct()
        .order_by(col(MerchantFact.number))
        .limit(most)
    )
    rows = await session.scalars(
        select(MerchantFact)
        .where(
            col(MerchantFact.chain_id) == chain_id,
            col(MerchantFact.number).in_(numbers.subquery().select()),
        )
        .order_by(
            col(MerchantFact.number), col(MerchantFact.block_number), col(MerchantFact.log_index)
        )
    )
    return list({row.number: _merchant(row) for row in rows}.values())


def _merchant(row: MerchantFact) -> Merchant:
    return Merchant(
        number=row.number,
        payout=row.payout,
        category=row.category,
        district=row.district,
        status=MerchantStatus(row.status),
    )
