"""A claim at the till judged: who signed, where the pass stands, and what the rules say."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db.redemptions import Move
from ledger.domain.acceptance import KeptVerdict
from ledger.domain.clock import step_of
from ledger.domain.merchants import Merchant
from ledger.domain.redemption import Maximum, SignedRedemption
from ledger.domain.signatures import recover
from ledger.domain.till_terms import TillTerms
from ledger.domain.typed_data import redemption_digest
from ledger.domain.usage import Usage
from ledger.domain.verdict import Request, Venue, Verdict, judge
from ledger.errors import SignatureInvalid
from ledger.services.runtime import Runtime
from ledger.services.stacking import pays_first
from ledger.services.standing import Standing, standing_of
from ledger.services.till_facts import Asked, Circumstances, Gathered, gather
from ledger.services.verdicts import signed_verdict

CROWD: Final = 4
"""Fewer signatures are checked sooner than they are handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A redemption as it reaches the till: what is to be taken, and what the holder signed.

    `signed.merchant` is 0 where the holder named none: then its figures are maxima.
    """

    merchant: int
    bill: int
    amount: int
    copay: int
    signed: SignedRedemption

    @property
    def maximum(self) -> Maximum | None:
        """What was signed as the most, where no merchant was named."""
        if self.signed.merchant:
            return None
        return Maximum(bill=self.signed.bill, amount=self.signed.amount, copay=self.signed.copay)


def holder_of(runtime: Runtime, signed: SignedRedemption) -> str | None:
    """Who signed; None for a signature that is none: it is judged like one of nobody."""
    digest = redemption_digest(runtime.deployment.domain_separator, signed)
    try:
        return recover(digest, signed.r, signed.vs)
    except SignatureInvalid:
        return None


async def holders_of(runtime: Runtime, signed: Sequence[SignedRedemption]) -> list[str | None]:
    """As `holder_of`, for a crowd: checked on the other cores, while this one reads on."""
    if len(signed) < CROWD:
        return [holder_of(runtime, each) for each in signed]
    return await asyncio.to_thread(lambda: [holder_of(runtime, each) for each in signed])


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """A claim with everything it was judged by."""

    standing: Standing
    merchant: Merchant | None
    request: Request
    gathered: Gathered
    till: TillTerms
    verdict: Verdict


async def hear(
    session: AsyncSession,
    runtime: Runtime,
    claim: Claim,
    holder: str | None,
    circumstances: Circumstances,
    *,
    copay_funds: int,
    now: int,
) -> Hearing:
    """Judge a claim by every rule, the contract's and then the till's, holding what it counts on.

    Raises UnknownCampaign, PolicyMissing.
    """
    standing = await standing_of(session, runtime, claim.signed.campaign, holder)
    merchant = await runtime.known.merchant(session, claim.merchant, block=standing.block)
    policy = await runtime.known.policy(session, standing.campaign)
    signed_at = claim.signed.signed_at
    asked = Asked(merchant=merchant, signed_at=signed_at, now=now, circumstances=circumstances)
    first = await pays_first(session, runtime, standing, policy, asked, bill=claim.bill)
    gathered = await gather(
        session, runtime, standing, policy.till, asked, pays_first=first, taking=True
    )
    return heard(claim, standing, merchant, policy.till, gathered, copay_funds=copay_funds, now=now)


def heard(
    claim: Claim,
    standing: Standing,
    merchant: Merchant | None,
    till: TillTerms,
    gathered: Gathered,
    *,
    copay_funds: int,
    now: int,
) -> Hearing:
    """A claim judged by what was read for it. Pure."""
    request = Request(
        bill=claim.bill,
        amount=claim.amount,
        copay=claim.copay,
        signed_at=claim.signed.signed_at,
        venue=Venue.TILL,
        merchant=claim.merchant,
        maximum=claim.maximum,
        copay_funds=copay_funds,
    )
    pass_ = None if standing.holding is None else standing.holding.pass_
    verdict = judge(
        standing.campaign,
        pass_,
        merchant,
        standing.usage,
        request,
        now,
        till=till,
        facts=gathered.facts,
    )
    return Hearing(
        standing=standing,
        merchant=merchant,
        request=request,
        gathered=gathered,
        till=till,
        verdict=verdict,
    )


async def signed(
    runtime: Runtime, hearing: Hearing, *, now: int, redemption_id: str | None = None
) -> KeptVerdict:
    """The verdict as it is kept: with its evidence and the sequencer's signature."""
    return await signed_verdict(
        runtime,
        hearing.standing,
        hearing.merchant,
        hearing.request,
        hearing.verdict,
        facts=hearing.gathered.facts,
        now=now,
        redemption_id=redemption_id,
    )


def _usage_after(standing: Standing, claim: Claim) -> Usage:
    terms = standing.campaign.terms
    step = step_of(terms.starts, claim.signed.signed_at)
    daily = terms.per_day_max != 0
    return standing.usage.after_spending(terms.starts, step, claim.amount, daily=daily)


def moved(standing: Standing, claim: Claim) -> Move:
    """How a pass's counter moves once an accepted claim counts."""
    assert standing.holding is not None, "a claim of nobody was refused"
    return Move(
        campaign=standing.campaign.number,
        pass_number=standing.holding.pass_.number,
        before=standing.usage if standing.usage_begun else None,
        after=_usage_after(standing, claim),
    )
