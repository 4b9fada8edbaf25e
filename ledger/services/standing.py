"""Where a pass stands under a campaign at the till: what judging needs, read in one transaction."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads, redemptions, till_reads
from ledger.db.driver import Driver
from ledger.db.index_reads import Holding
from ledger.domain.campaign import Campaign
from ledger.domain.clock import STEP_SECONDS, latest_step, signed_at_of
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.usage import Usage
from ledger.errors import UnknownCampaign
from ledger.services.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A campaign with the till's own count of its budget, and a pass's usage of it.

    Both lead the chain: what was accepted and is not included yet has been counted. A counter that
    has not `begun` was read off the index, and has no row of its own yet. `block` is the hash of
    the block the index reached.
    """

    campaign: Campaign
    holding: Holding | None
    usage: Usage
    usage_begun: bool = False
    budget_begun: bool = False
    block: str | None = None


async def standing_of(
    session: AsyncSession, runtime: Runtime, campaign_number: int, holder: str | None
) -> Standing:
    """Read where the pass of `holder` stands. Raises UnknownCampaign.

    A counter that the till has not begun yet is read off the index, and nothing is written.
    """
    chain_id, holding = runtime.chain_id, None
    if holder is not None:
        holding = await index_reads.pass_held_by(session, chain_id, holder)
    number = None if holding is None else holding.pass_.number
    counted = await till_reads.counted(session, chain_id, campaign_number, number, holder)
    if counted.gave_away:
        # The chain will say so soon; once the order is accepted, the old key holds nothing.
        holding, number = None, None
    campaign = await runtime.known.campaign(
        session,
        campaign_number,
        passes=() if number is None else (number,),
        block=counted.block,
    )
    if campaign is None:
        raise UnknownCampaign(campaign=campaign_number)
    usage = Usage()
    if number is not None and counted.usage is not None:
        usage = counted.usage
    elif number is not None:
        driver = await Driver.of(session)
        begun = await till_reads.usages_to_begin_with(driver, chain_id, campaign, [number])
        usage = begun[number]
    if counted.budget is not None:
        funded, spent = counted.budget
        campaign = replace(campaign, funded=funded, spent=spent)
    else:
        campaign = await _budget_on_chain(session, chain_id, campaign)
    return Standing(
        campaign=campaign,
        holding=holding,
        usage=usage,
        usage_begun=number is not None and counted.usage is not None,
        budget_begun=counted.budget is not None,
        block=counted.block,
    )


async def _budget_on_chain(session: AsyncSession, chain_id: int, campaign: Campaign) -> Campaign:
    """The campaign with `spent` as a budget begins: the chain's, and what is accepted and waits."""
    spent = await index_reads.spent_of(session, chain_id, campaign.number)
    spent += await redemptions.waiting_in_campaign(session, campaign.number)
    return replace(campaign, funded=max(campaign.funded, spent), spent=spent)


def next_signed_at(campaign: Campaign, usage: Usage, now: int) -> int:
    """The time to sign with: the latest step not after `now`, but later than the last one used.

    Before the campaign begins, its first step.
    """
    starts = campaign.terms.starts
    if now < starts:
        return starts
    signed_at = signed_at_of(starts, latest_step(starts, now))
    if usage.last_step and signed_at <= signed_at_of(starts, usage.last_step):
        return signed_at_of(starts, usage.last_step) + STEP_SECONDS
    return signed_at


def any_merchant(standing: Standing) -> Merchant:
    """A shop no rule of the campaign minds: it stands for the one that will scan."""
    terms = standing.campaign.terms
    pass_ = None if standing.holding is None else standing.holding.pass_
    district = _lowest_bit(terms.districts)
    if terms.same_district and pass_ is not None:
        district = pass_.district
    return Merchant(
        number=0,
        payout="0x" + "0" * 40,
        category=_lowest_bit(terms.categories),
        district=district,
        status=MerchantStatus.ACTIVE,
    )


def _lowest_bit(mask: int) -> int:
    return max((mask & -mask).bit_length() - 1, 0)
