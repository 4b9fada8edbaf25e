"""What a holder may still do, campaign by campaign, with the reason where nothing is possible."""

from dataclasses import dataclass
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
from ledger.services.campaigns import policy_with
from ledger.services.quote import any_merchant, left_now, most_now, next_signed_at
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing, standing_of

CAMPAIGNS_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """One pass under one campaign. `left_now` is the most that any bill could take right now."""

    campaign: Campaign
    policy: Policy | None
    usage: Usage
    left: int
    left_now: int
    last_signed_at: int
    verdict: Verdict


async def coupons_of(
    session: AsyncSession, runtime: Runtime, holding: Holding, *, now: int
) -> list[Coupon]:
    """Every coupon of a pass: of the campaigns that run and mean it, and of those it has used."""
    numbers = await index_reads.campaign_numbers(
        session, runtime.chain_id, after=0, most=CAMPAIGNS_MAX
    )
    found = []
    for number in numbers:
        standing = await standing_of(session, runtime.chain_id, number, holding.holder)
        if _means(standing, holding):
            found.append(await _coupon(session, standing, now=now))
    return found


def _means(standing: Standing, holding: Holding) -> bool:
    campaign = standing.campaign
    if standing.usage.last_step:
        return True
    runs = campaign.status in (CampaignStatus.OPEN, CampaignStatus.PAUSED)
    audience = campaign.terms.audience >> holding.pass_.class_ & 1
    return bool(runs and audience and campaign.lists(holding.pass_.number))


async def _coupon(session: AsyncSession, standing: Standing, *, now: int) -> Coupon:
    campaign, usage = standing.campaign, standing.usage
    terms = campaign.terms
    signed_at = next_signed_at(campaign, usage, now)
    verdict = left_now(standing, now=now)
    most = 0
    if verdict.accepted:
        shop = any_merchant(standing)
        most = most_now(standing, shop, SATANG_MAX, copay=0, signed_at=signed_at)
    last = signed_at_of(terms.starts, usage.last_step) if usage.last_step else 0
    return Coupon(
        campaign=campaign,
        policy=await policy_with(session, "0x" + terms.policy_hash.hex()),
        usage=usage,
        left=max(terms.allowance - usage.spent_total, 0),
        left_now=most,
        last_signed_at=last,
        verdict=verdict,
    )
