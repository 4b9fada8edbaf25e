"""The till follows the index: statuses, failures given back, counters made to agree.

The till leads: what it accepted counts before the chain has it. What the index adds (inclusion,
refusal, a void, a redemption somebody forced) is taken over here, and a counter that is touched is
computed anew: what the chain says, and on top of it what is accepted and still waits.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from ledger.db import index_reads, intents, redemptions, till_counts, till_follow
from ledger.db.session import transaction
from ledger.db.till_counts import DayKey
from ledger.db.till_follow import Lost, Pair
from ledger.domain.campaign import Terms
from ledger.domain.reasons import Reason
from ledger.domain.redemption import RedemptionStatus
from ledger.domain.usage import Usage

_log = logging.getLogger("nakhon.sequencer")


@dataclass(slots=True, kw_only=True)
class Followed:
    """How far the till has followed the index. `since` is a final block: nothing below changes."""

    since: int = 0
    whole: bool = True


async def follow(
    engine: AsyncEngine, chain_id: int, *, confirmations: int, followed: Followed, now: int
) -> bool:
    """Take over what the index says, in one transaction; False while the index is behind.

    With `followed.whole` every counter is compared (at start, and after a reorg); else only what
    has changed above `followed.since`.
    """
    async with transaction(engine) as session:
        head = await index_reads.indexed_block(session, chain_id)
        if head is None or head < await till_follow.last_block_seen(session, chain_id):
            return False
        final = max(head - confirmations, 0)
        touched = set(await till_follow.mark_orphaned(session, chain_id))
        touched.update(await till_follow.mark_saved(session, chain_id))
        await till_follow.mark_included(session, chain_id)
        touched.update(await _fail_lost(session, chain_id, followed.since, final, now=now))
        touched.update(await _take_voids(session, chain_id))
        touched.update(await till_follow.foreign(session, chain_id, since=followed.since))
        touched.update(await till_counts.forced_days(session, chain_id, since=followed.since))
        if followed.whole:
            touched.update(await till_follow.counters_off(session, chain_id))
        await till_follow.mark_final(session, chain_id, final=final)
        moved = {
            *await till_follow.paid_campaigns(session, chain_id, since=followed.since),
            *await till_follow.foreign_campaigns(session, chain_id, since=followed.since),
        }
        await _agree(session, chain_id, touched, moved, whole=followed.whole)
        followed.since, followed.whole = final, False
    return True


async def _fail_lost(
    session: AsyncSession, chain_id: int, since: int, final: int, *, now: int
) -> set[Pair]:
    displaced = await till_follow.displaced(session, chain_id)
    refused = await till_follow.refused(session, chain_id, since=since)
    stranded = await till_follow.stranded(session, chain_id, final=final)
    for lost, code in (
        *((lost, Reason.ALREADY_SPENT.code) for lost in displaced),
        *((lost, Reason(lost.reason or 0).code) for lost in refused),
        *((lost, Reason.CAMPAIGN_NOT_OPEN.code) for lost in stranded),
    ):
        await _fail(session, lost, code, now=now)
    return {lost.pair for lost in (*displaced, *refused, *stranded)}


async def _fail(session: AsyncSession, lost: Lost, code: str, *, now: int) -> None:
    moved = await redemptions.set_status(
        session,
        lost.id,
        expected=[RedemptionStatus.ACCEPTED],
        status=RedemptionStatus.FAILED,
        reason=code,
    )
    if not moved:
        return
    # The till had accepted it by the same rules: that the chain refuses is a defect somewhere.
    ids = {"redemption": lost.id, "code": code}
    _log.error("alarm: redemption %s failed on the chain: %s", *ids.values(), extra=ids)
    if lost.intent_id is not None:
        error = {"code": code, "details": {"redemption": lost.id}}
        await intents.settle(session, lost.intent_id, intents.FAILED, now=now, error=error)


async def _take_voids(session: AsyncSession, chain_id: int) -> set[Pair]:
    changed = await till_follow.undone(session, chain_id)
    for undone in changed:
        status = RedemptionStatus(undone.status)
        if undone.voided == undone.amount:
            status = RedemptionStatus.VOIDED
        elif status is RedemptionStatus.VOIDED:
            status = RedemptionStatus.INCLUDED
        await redemptions.set_status(
            session,
            undone.id,
            expected=[RedemptionStatus(undone.status)],
            status=status,
            voided=undone.voided,
        )
    await redemptions.settle_voids(session, chain_id)
    return {undone.pair for undone in changed}


async def _agree(
    session: AsyncSession,
    chain_id: int,
    pairs: Iterable[Pair],
    moved: Iterable[int],
    *,
    whole: bool,
) -> None:
    terms: dict[int, Terms] = {}
    campaigns = {*moved, *await till_follow.funding_changed(session, chain_id)}
    found = sorted(pairs)
    days = await till_counts.latest_days(session) if whole else []
    for campaign in sorted({pair[0] for pair in found} | {day[0] for day in days}):
        drafted = await index_reads.campaign_of(session, chain_id, campaign)
        if drafted is not None:
            terms[campaign] = drafted.terms
    # Shops' days are locked before the counters of passes: a redemption takes them in this order.
    await _agree_days(session, chain_id, found, days, terms)
    for campaign, pass_number in found:
        if campaign not in terms:
            continue
        campaigns.add(campaign)
        await agree_usage(session, chain_id, campaign, pass_number, terms[campaign])
    if whole:
        campaigns.update(await redemptions.budgeted_campaigns(session))
    for campaign in sorted(campaigns):
        await agree_budget(session, chain_id, campaign)


async def _agree_days(
    session: AsyncSession,
    chain_id: int,
    pairs: Iterable[Pair],
    days: Iterable[tuple[int, int, int]],
    terms: Mapping[int, Terms],
) -> None:
    """Make what shops took on the days in question what their redemptions come to."""
    keys = {
        DayKey(campaign=campaign, merchant=merchant, day=day, starts=terms[campaign].starts)
        for campaign, merchant, day in days
        if campaign in terms
    }
    for campaign, pass_number in pairs:
        if campaign in terms:
            starts = terms[campaign].starts
            keys |= await till_counts.days_touched(
                session, chain_id, campaign, starts, [pass_number]
            )
    for key in sorted(keys, key=lambda one: (one.campaign, one.merchant, one.day)):
        await till_counts.agree_day(session, chain_id, key)


async def agree_usage(
    session: AsyncSession, chain_id: int, campaign: int, pass_number: int, terms: Terms
) -> Usage:
    """Make a pass's counter what the chain says and, on top, what is accepted and waits."""
    await redemptions.lock_usage(session, campaign, pass_number)
    waiting = await redemptions.waiting_of_pass(session, campaign, pass_number)
    usage = await index_reads.usage_of(
        session,
        chain_id,
        campaign,
        pass_number,
        terms,
        waiting=[(record.signed_at, record.amount) for record in waiting],
    )
    await redemptions.set_usage(session, campaign, pass_number, usage)
    return usage


async def agree_budget(session: AsyncSession, chain_id: int, campaign: int) -> None:
    """Make a campaign's budget what the chain says and, on top, what is accepted and waits."""
    await redemptions.lock_budget(session, campaign)
    found = await index_reads.campaign_of(session, chain_id, campaign)
    spent = await index_reads.spent_of(session, chain_id, campaign)
    spent += await redemptions.waiting_in_campaign(session, campaign)
    funded = found.funded if found is not None else 0
    await redemptions.set_budget(session, campaign, funded=funded, spent=spent)
