"""What a coupon would pay now, spending nothing, and the message to sign to take it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads
from ledger.domain.campaign import Campaign
from ledger.domain.merchants import Merchant
from ledger.domain.passes import Pass
from ledger.domain.redemption import SignedRedemption
from ledger.domain.till_terms import TillFacts, TillTerms
from ledger.domain.typed_data import redemption_typed_data
from ledger.domain.verdict import Request, Venue, Verdict, judge, offer, share_of
from ledger.services.limits import Limits, facts_ahead, limits_of
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing, any_merchant, next_signed_at, standing_of
from ledger.services.till_facts import NOTHING_TOLD, Asked, Circumstances


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
    limits: Limits
    typed_data: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for: `merchant` 0 means a code for whoever scans it."""

    campaign: int
    merchant: int
    bill: int
    holder: str
    copay: int = 0
    circumstances: Circumstances = NOTHING_TOLD


async def quote(
    session: AsyncSession, runtime: Runtime, question: Question, *, copay_funds: int, now: int
) -> Quoted:
    """The most the coupon pays of this bill if signed now, and its limits.

    What was not told yet, a position or the notice, is taken to be as it has to be: `limits` says
    what a redemption must bring. Raises UnknownCampaign, PolicyMissing.
    """
    standing = await standing_of(session, runtime, question.campaign, question.holder)
    policy = await runtime.known.policy(session, standing.campaign)
    shop = None
    if question.merchant:
        shop = await index_reads.merchant_of(session, runtime.chain_id, question.merchant)
    merchant = shop if question.merchant else any_merchant(standing)
    signed_at = next_signed_at(standing.campaign, standing.usage, now)
    asked = Asked(merchant=shop, signed_at=signed_at, now=now, circumstances=question.circumstances)
    facts = await facts_ahead(session, runtime, standing, policy, asked, bill=question.bill)
    rules = Rules(till=policy.till, facts=facts)
    amount = most_now(
        standing, merchant, question.bill, copay=question.copay, signed_at=signed_at, rules=rules
    )
    request = Request(
        bill=question.bill,
        amount=amount or wanted(standing.campaign, question.bill, question.copay),
        copay=question.copay,
        signed_at=signed_at,
        venue=Venue.TILL,
        merchant=merchant.number if merchant else question.merchant,
        copay_funds=copay_funds,
    )
    verdict = _judged(standing, merchant, request, now, rules)
    return Quoted(
        campaign=standing.campaign,
        merchant=question.merchant,
        bill=question.bill,
        amount=amount if verdict.accepted else 0,
        copay=question.copay,
        signed_at=signed_at,
        verdict=verdict,
        limits=limits_of(standing, policy, facts, signed_at=signed_at, shop=shop is not None),
        typed_data=_message(runtime, question, amount, signed_at) if verdict.accepted else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The till's rules of a policy, and what they are judged by."""

    till: TillTerms
    facts: TillFacts


def _judged(
    standing: Standing, merchant: Merchant | None, request: Request, now: int, rules: Rules
) -> Verdict:
    return judge(
        standing.campaign,
        _pass(standing),
        merchant,
        standing.usage,
        request,
        now,
        till=rules.till,
        facts=rules.facts,
    )


def most_now(
    standing: Standing,
    merchant: Merchant | None,
    bill: int,
    *,
    copay: int,
    signed_at: int,
    rules: Rules,
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
        till=rules.till,
        facts=rules.facts,
    )


def left_now(standing: Standing, *, now: int, rules: Rules) -> Verdict:
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
    return _judged(standing, merchant, request, now, rules)


def wanted(campaign: Campaign, bill: int, copay: int) -> int:
    """What to judge where nothing can be paid: as if nothing had been used yet."""
    most = min(share_of(bill, campaign.terms.share_basis_points), bill - copay)
    if campaign.terms.per_use_max:
        most = min(most, campaign.terms.per_use_max)
    return max(most, 1)


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
