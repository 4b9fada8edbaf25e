"""What a coupon would pay now, spending nothing, and the message to sign to take it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads
from ledger.domain.campaign import Campaign
from ledger.domain.clock import STEP_SECONDS, latest_step, signed_at_of
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass
from ledger.domain.redemption import SignedRedemption
from ledger.domain.typed_data import redemption_typed_data
from ledger.domain.usage import Usage
from ledger.domain.verdict import Request, Venue, Verdict, judge, offer, share_of
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing, standing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """The verdict and the figures. `typed_data` is None where a rule refuses."""

    campaign: Campaign
    merchant: int
    bill: int
    amount: int
    copay: int
    signed_at: int
    verdict: Verdict
    typed_data: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for: `merchant` 0 means a code for whoever scans it."""

    campaign: int
    merchant: int
    bill: int
    holder: str
    copay: int = 0


async def quote(
    session: AsyncSession, runtime: Runtime, question: Question, *, copay_funds: int, now: int
) -> Quoted:
    """The most the coupon pays of this bill if signed now. Raises UnknownCampaign."""
    standing = await standing_of(session, runtime.chain_id, question.campaign, question.holder)
    merchant = (
        any_merchant(standing)
        if question.merchant == 0
        else (await index_reads.merchant_of(session, runtime.chain_id, question.merchant))
    )
    signed_at = next_signed_at(standing.campaign, standing.usage, now)
    amount = most_now(standing, merchant, question.bill, copay=question.copay, signed_at=signed_at)
    verdict = judge(
        standing.campaign,
        _pass(standing),
        merchant,
        standing.usage,
        Request(
            bill=question.bill,
            amount=amount or wanted(standing.campaign, question.bill, question.copay),
            copay=question.copay,
            signed_at=signed_at,
            venue=Venue.TILL,
            merchant=merchant.number if merchant else question.merchant,
            copay_funds=copay_funds,
        ),
        now,
    )
    return Quoted(
        campaign=standing.campaign,
        merchant=question.merchant,
        bill=question.bill,
        amount=amount if verdict.accepted else 0,
        copay=question.copay,
        signed_at=signed_at,
        verdict=verdict,
        typed_data=_message(runtime, question, amount, signed_at) if verdict.accepted else None,
    )


def most_now(
    standing: Standing, merchant: Merchant | None, bill: int, *, copay: int, signed_at: int
) -> int:
    """The greatest amount the rules allow for this bill, signed at `signed_at`; 0 if none."""
    return offer(
        standing.campaign,
        _pass(standing),
        standing.usage,
        merchant,
        bill,
        signed_at,
        copay=copay,
    )


def left_now(standing: Standing, *, now: int) -> Verdict:
    """Whether the coupon can pay anything at all now, at a shop that fits: the verdict on one
    satang of a bill that is large enough."""
    campaign = standing.campaign
    merchant = any_merchant(standing)
    request = Request(
        bill=max(campaign.terms.bill_min, 10_000),
        amount=1,
        signed_at=next_signed_at(campaign, standing.usage, now),
        venue=Venue.TILL,
        merchant=merchant.number,
    )
    return judge(campaign, _pass(standing), merchant, standing.usage, request, now)


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


def wanted(campaign: Campaign, bill: int, copay: int) -> int:
    """What to judge where nothing can be paid: as if nothing had been used yet."""
    most = min(share_of(bill, campaign.terms.share_basis_points), bill - copay)
    if campaign.terms.per_use_max:
        most = min(most, campaign.terms.per_use_max)
    return max(most, 1)


def any_merchant(standing: Standing) -> Merchant:
    """A shop no rule of the campaign minds: it stands for the one that will scan."""
    terms, pass_ = standing.campaign.terms, _pass(standing)
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


def _pass(standing: Standing) -> Pass | None:
    return None if standing.holding is None else standing.holding.pass_


def _message(runtime: Runtime, question: Question, amount: int, signed_at: int) -> dict[str, Any]:
    message = SignedRedemption(
        campaign=question.campaign,
        merchant=question.merchant,
        bill=question.bill,
        amount=amount,
        copay=question.copay,
        signed_at=signed_at,
    )
    return redemption_typed_data(runtime.chain_id, runtime.book, message)
