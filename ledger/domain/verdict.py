"""The verdict: a redemption judged by the rules of its campaign, exactly as the contract judges."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.clock import step_of
from ledger.domain.merchants import Merchant
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.reasons import Reason
from ledger.domain.rules import (
    RULES,
    Case,
    Figures,
    Request,
    Venue,
    share_of,
)
from ledger.domain.till_rules import till_maximum, till_refusal
from ledger.domain.till_terms import NO_TILL_FACTS, NO_TILL_TERMS, TillFacts, TillTerms
from ledger.domain.usage import Usage
from ledger.errors import StepInvalid

__all__ = [
    "Reason",
    "Request",
    "Venue",
    "Verdict",
    "copay_returned",
    "judge",
    "offer",
    "share_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome: `reason` None is an acceptance. `figures` fill the sentence of the reason.

    Figures are integers (satang, seconds, numbers) and words; after an acceptance they say what is
    left: `day_left` (absent without a day quota) and `allowance_left`.
    """

    reason: Reason | None
    policy_hash: bytes
    figures: Figures = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether no rule refuses."""
        return self.reason is None

    @property
    def code(self) -> str:
        """The reason's code, or "accepted"."""
        return "accepted" if self.reason is None else self.reason.code


def judge(
    campaign: Campaign,
    pass_: Pass | None,
    merchant: Merchant | None,
    usage: Usage,
    request: Request,
    now: int,
    *,
    till: TillTerms = NO_TILL_TERMS,
    facts: TillFacts = NO_TILL_FACTS,
) -> Verdict:
    """Judge one redemption by every rule: the contract's in its order, then the till's.

    `pass_` is the pass of whoever signed (None when recovery failed or the signer holds none);
    `usage` is that pass's under this campaign. `now` is the block's time, or the till's. The rules
    of `till` are judged at the till only: what it let in, no chain refuses for them.
    """
    terms = campaign.terms
    policy = terms.policy_hash
    if campaign.status not in (CampaignStatus.OPEN, CampaignStatus.PAUSED):
        return Verdict(
            reason=Reason.CAMPAIGN_NOT_OPEN,
            figures={"campaign": campaign.number, "state": campaign.status.name.lower()},
            policy_hash=policy,
        )
    if not request.head_valid:
        return Verdict(reason=Reason.SIGNATURE_INVALID, policy_hash=policy)
    if request.signed_at < terms.starts:
        figures = {"starts": terms.starts, "signed_at": request.signed_at}
        return Verdict(reason=Reason.NOT_STARTED, figures=figures, policy_hash=policy)
    try:
        step_of(terms.starts, request.signed_at)
    except StepInvalid as invalid:
        return Verdict(reason=Reason.STEP_INVALID, figures=invalid.details, policy_hash=policy)
    if pass_ is None or pass_.number == 0 or pass_.status in (PassStatus.NONE, PassStatus.ENDED):
        return Verdict(reason=Reason.SIGNATURE_INVALID, policy_hash=policy)
    case = Case(
        campaign=campaign,
        pass_=pass_,
        merchant=merchant,
        usage=usage,
        request=request,
        now=now,
    )
    for reason, refuses in RULES:
        refused = refuses(case)
        if refused is not None:
            return Verdict(reason=reason, figures=refused, policy_hash=policy)
    if till is not NO_TILL_TERMS and request.venue is Venue.TILL:
        refusal = till_refusal(case, till, facts)
        if refusal is not None:
            return Verdict(reason=refusal[0], figures=refusal[1], policy_hash=policy)
    return Verdict(reason=None, figures=_left_after(case), policy_hash=policy)


def offer(
    campaign: Campaign,
    pass_: Pass | None,
    usage: Usage,
    merchant: Merchant | None,
    bill: int,
    signed_at: int,
    *,
    copay: int = 0,
    till: TillTerms = NO_TILL_TERMS,
    facts: TillFacts = NO_TILL_FACTS,
) -> int:
    """Return the greatest amount `judge` accepts at the till for this bill, signed now; 0 if none.

    It is the least of the city's share of the bill, the maximum per use, and what is left of the
    day, the allowance, the budget, the bill beside the copay, the released instalments, the
    household's quota, the merchant's day, and of what paper may pay without its PIN.
    """
    terms = campaign.terms
    most = min(share_of(bill, terms.share_basis_points), bill - copay, campaign.unspent)
    most = min(most, terms.allowance - usage.spent_total)
    if terms.per_use_max:
        most = min(most, terms.per_use_max)
    if terms.per_day_max:
        most = min(most, terms.per_day_max - usage.spent_on_day_of(terms.starts, signed_at))
    at_till = till_maximum(till, facts, spent_total=usage.spent_total, now=signed_at)
    if at_till is not None:
        most = min(most, at_till)
    if most <= 0:
        return 0
    request = Request(
        bill=bill,
        amount=most,
        copay=copay,
        signed_at=signed_at,
        venue=Venue.TILL,
        merchant=merchant.number if merchant else 0,
        copay_funds=copay,
    )
    verdict = judge(campaign, pass_, merchant, usage, request, signed_at, till=till, facts=facts)
    return most if verdict.accepted else 0


def copay_returned(copay: int, amount: int, voided_before: int, voided_now: int) -> int:
    """Return the copay that goes back with a void: in all ceil(copay · voided / amount)."""
    after = -(-copay * (voided_before + voided_now) // amount)
    return after + (-copay * voided_before // amount)


def _left_after(case: Case) -> Figures:
    terms, request = case.campaign.terms, case.request
    figures: Figures = {
        "amount": request.amount,
        "copay": request.copay,
        "allowance_left": terms.allowance - case.usage.spent_total - request.amount,
    }
    if terms.per_day_max:
        today = case.usage.spent_on_day_of(terms.starts, request.signed_at)
        figures["day_left"] = terms.per_day_max - today - request.amount
    return figures
