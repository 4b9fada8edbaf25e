"""Which coupon of a group pays first: the lowest rank of those that could pay this bill now."""

from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db.campaign_policies import policies_at
from ledger.domain.policy_document import Policy
from ledger.domain.till_terms import TillFacts, TillTerms
from ledger.domain.verdict import offer
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing, any_merchant, next_signed_at, standing_of
from ledger.services.till_facts import Asked, Circumstances, gather
from ledger.services.till_policies import parsed

CAMPAIGNS_MAX: Final = 500


def assumed(till: TillTerms, facts: TillFacts) -> TillFacts:
    """The facts as they are once the holder stands in a shop that took nothing yet, where the shop
    is open, and has read the notice: what a person can still do something about refuses nobody."""
    notice = None if till.goods_notice is None else till.goods_notice.hash
    near = replace(facts, distance_metres=0, position_age_seconds=0, accuracy_metres=0)
    taken = facts.merchant_taken_today or 0
    return replace(near, at_stand=False, notice_acknowledged=notice, merchant_taken_today=taken)


async def pays_first(
    session: AsyncSession,
    runtime: Runtime,
    standing: Standing,
    policy: Policy,
    asked: Asked,
    *,
    bill: int,
) -> int | None:
    """The campaign whose coupon has to pay this bill before this one; None where none could."""
    own, holding = policy.till.stacking, standing.holding
    if own is None or holding is None:
        return None
    before: list[tuple[int, int, Policy]] = []
    for number, canonical in await policies_at(
        session, runtime.chain_id, asked.signed_at, most=CAMPAIGNS_MAX
    ):
        other = parsed(canonical)
        rank = other.till.stacking
        if rank is not None and rank.group == own.group and rank.rank < own.rank:
            before.append((rank.rank, number, other))
    for _, number, other in sorted(before, key=lambda one: one[:2]):
        theirs = await standing_of(session, runtime, number, holding.holder)
        if await _could_pay(session, runtime, theirs, other, asked, bill=bill):
            return number
    return None


async def _could_pay(
    session: AsyncSession,
    runtime: Runtime,
    standing: Standing,
    policy: Policy,
    asked: Asked,
    *,
    bill: int,
) -> bool:
    # The other coupon is asked without this request's place and notice: leaving them out must
    # not be a way around it.
    there = replace(asked, circumstances=Circumstances())
    gathered = await gather(session, runtime, standing, policy.till, there)
    if standing.holding is None:
        return False
    most = offer(
        standing.campaign,
        standing.holding.pass_,
        standing.usage,
        asked.merchant or any_merchant(standing),
        bill,
        next_signed_at(standing.campaign, standing.usage, asked.signed_at),
        till=policy.till,
        facts=assumed(policy.till, gathered.facts),
    )
    return most > 0
