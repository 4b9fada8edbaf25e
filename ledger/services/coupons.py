"""What a holder may still do, campaign by campaign, with the reason where nothing is possible."""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads
from ledger.db.index_reads import Holding
from ledger.domain.amounts import SATANG_MAX
from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.clock import signed_at_of
from ledger.domain.policy_document import Policy
from ledger.domain.usage import Usage
from ledger.domain.verdict import Verdict
from ledger.services.limits import Limits, facts_ahead, limits_of
from ledger.services.quote import Rules, left_now, most_now
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing, any_merchant, next_signed_at, standing_of
from ledger.services.till_facts import NOTHING_TOLD, Asked
from ledger.services.till_policies import known_policy

CAMPAIGNS_MAX: Final = 500
BILL_USUAL: Final = 10_000
"""A bill of a hundred baht, where none is meant in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """One pass under one campaign. `left_now` is the most that any bill could take right now.

    `policy`, `verdict` and `limits` are None where nobody has brought the policy's document: such
    a coupon pays nothing.
    """

    campaign: Campaign
    policy: Policy | None
    usage: Usage
    left: int
    left_now: int
    last_signed_at: int
    verdict: Verdict | None
    limits: Limits | None


async def coupons_of(
    session: AsyncSession, runtime: Runtime, holding: Holding, *, now: int
) -> list[Coupon]:
    """Every coupon of a pass: of the campaigns that run and mean it, and of those it has used."""
    numbers = await index_reads.campaign_numbers(
        session, runtime.chain_id, after=0, most=CAMPAIGNS_MAX
    )
    found = []
    for number in numbers:
        standing = await standing_of(session, runtime, number, holding.holder)
        if _means(standing, holding):
            found.append(await _coupon(session, runtime, standing, now=now))
    return found


def _means(standing: Standing, holding: Holding) -> bool:
    campaign = standing.campaign
    if standing.usage.last_step:
        return True
    runs = campaign.status in (CampaignStatus.OPEN, CampaignStatus.PAUSED)
    audience = campaign.terms.audience >> holding.pass_.class_ & 1
    return bool(runs and audience and campaign.lists(holding.pass_.number))


async def _coupon(
    session: AsyncSession, runtime: Runtime, standing: Standing, *, now: int
) -> Coupon:
    campaign, usage = standing.campaign, standing.usage
    terms = campaign.terms
    policy = await known_policy(session, terms.policy_hash)
    last = signed_at_of(terms.starts, usage.last_step) if usage.last_step else 0
    found = Coupon(
        campaign=campaign,
        policy=policy,
        usage=usage,
        left=max(terms.allowance - usage.spent_total, 0),
        left_now=0,
        last_signed_at=last,
        verdict=None,
        limits=None,
    )
    if policy is None:
        return found
    signed_at = next_signed_at(campaign, usage, now)
    asked = Asked(merchant=None, signed_at=signed_at, now=now, circumstances=NOTHING_TOLD)
    bill = max(terms.bill_min, BILL_USUAL)
    facts = await facts_ahead(session, runtime, standing, policy, asked, bill=bill)
    rules = Rules(till=policy.till, facts=facts)
    verdict = left_now(standing, now=now, rules=rules)
    most = 0
    if verdict.accepted:
        shop = any_merchant(standing)
        most = most_now(standing, shop, SATANG_MAX, copay=0, signed_at=signed_at, rules=rules)
    limits = limits_of(standing, policy, facts, signed_at=signed_at, shop=False)
    return replace(found, left_now=most, verdict=verdict, limits=limits)
