"""At the till: what a coupon would pay, and taking it, in one transaction that ends before the
answer (DESIGN §6)."""

from dataclasses import replace
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import intents, papers, redemptions, verdicts
from ledger.db.driver import Driver
from ledger.domain.acceptance import Acceptance
from ledger.domain.verdict import judge
from ledger.errors import Conflict
from ledger.failpoints import reach
from ledger.services.acceptance import accepted
from ledger.services.hearing import Claim, Hearing, hear, holder_of, moved, signed
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing
from ledger.services.till_facts import NOTHING_TOLD, Circumstances, keep_stand_use, move
from ledger.services.verdicts import JudgedRefusal

RACES_MAX: Final = 8


async def redeem(
    session: AsyncSession,
    runtime: Runtime,
    claim: Claim,
    *,
    copay_funds: int,
    now: int,
    circumstances: Circumstances = NOTHING_TOLD,
) -> Acceptance:
    """Accept a redemption, or refuse it with the first rule that says no (JudgedRefusal, with its
    signed verdict).

    In the caller's transaction: signature, verdict, usage, budget, shop's day and household by
    conditional update, the record with its verdict and signed receipt, and its outbox row. Nothing
    is promised until the caller commits, and nothing may be answered before. Raises
    UnknownCampaign; PolicyMissing; Conflict when others kept moving the same counters.
    """
    holder = holder_of(runtime, claim.signed)
    if holder is not None:
        await papers.hold_pass_of(session, runtime.chain_id, holder)
    for _ in range(RACES_MAX):
        hearing = await hear(
            session, runtime, claim, holder, circumstances, copay_funds=copay_funds, now=now
        )
        if not hearing.verdict.accepted:
            raise JudgedRefusal(hearing.verdict, await signed(runtime, hearing, now=now))
        driver = await Driver.of(session)
        if await redemptions.move_usages(driver, [moved(hearing.standing, claim)]):
            if await _promise_budget(session, driver, hearing.standing, claim.amount):
                break
            await _move_back(driver, hearing.standing, claim)
    else:
        raise Conflict(
            what="usage",
            why="too many redemptions of this coupon at once",
            why_th="คูปองนี้มีรายการพร้อมกันมากเกินไป",
        )
    assert holder is not None, "a claim of nobody was refused"
    reach("judged")
    await move(session, hearing.gathered, hearing.standing.campaign.number, claim.amount)
    return await _keep(session, runtime, claim, hearing, holder=holder, now=now)


async def _move_back(driver: Driver, standing: Standing, claim: Claim) -> None:
    move = moved(standing, claim)
    undone = replace(move, before=move.after, after=standing.usage)
    back = await redemptions.move_usages(driver, [undone])
    assert back, "a counter that this transaction moved"


async def _promise_budget(
    session: AsyncSession, driver: Driver, standing: Standing, amount: int
) -> bool:
    campaign = standing.campaign
    if not standing.budget_begun:
        await redemptions.start_budget(
            session, campaign.number, funded=campaign.funded, spent=campaign.spent
        )
    return await redemptions.spend_budget(driver, campaign.number, amount)


async def _keep(
    session: AsyncSession,
    runtime: Runtime,
    claim: Claim,
    hearing: Hearing,
    *,
    holder: str,
    now: int,
) -> Acceptance:
    kept, verdict = await accepted(runtime, claim, hearing, holder=holder, now=now)
    driver = await Driver.of(session)
    await intents.enqueue_redemptions(driver, [kept])
    try:
        await redemptions.add(driver, [kept])
    except IntegrityError as twice:
        raise await _used_for_good(runtime, hearing, kept, now=now) from twice
    await verdicts.add(driver, [verdict])
    await keep_stand_use(session, hearing.gathered, kept, now=now)
    return kept


async def _used_for_good(
    runtime: Runtime, hearing: Hearing, record: Acceptance, *, now: int
) -> JudgedRefusal:
    """A failed redemption of this very step is on record: its step is used for good."""
    standing = hearing.standing
    usage = replace(standing.usage, last_step=record.step)
    verdict = judge(
        standing.campaign,
        None if standing.holding is None else standing.holding.pass_,
        hearing.merchant,
        usage,
        hearing.request,
        now,
        till=hearing.till,
        facts=hearing.gathered.facts,
    )
    again = replace(hearing, standing=replace(standing, usage=usage), verdict=verdict)
    return JudgedRefusal(verdict, await signed(runtime, again, now=now))
