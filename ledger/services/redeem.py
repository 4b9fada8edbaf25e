"""At the till: what a coupon would pay, and taking it, in one transaction that ends before the
answer (DESIGN §6)."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.chain.signer import Signer
from ledger.db import index_reads, intents, papers, redemptions
from ledger.db.ids import new_id
from ledger.db.tables_till import Intent, RedemptionRecord
from ledger.domain.clock import step_of
from ledger.domain.merchants import Merchant
from ledger.domain.reasons import Reason
from ledger.domain.redemption import Maximum, SignedRedemption, redemption_id
from ledger.domain.signatures import recover
from ledger.domain.typed_data import receipt_digest, redemption_digest
from ledger.domain.usage import Usage
from ledger.domain.verdict import Request, Venue, Verdict, judge
from ledger.errors import Conflict, RedemptionRefused, SignatureInvalid
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing, standing_of

RACES_MAX: Final = 8


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


def holder_of(runtime: Runtime, signed: SignedRedemption) -> str:
    """Who signed. A signature that is none is refused like one of nobody (RedemptionRefused)."""
    digest = redemption_digest(runtime.deployment.domain_separator, signed)
    try:
        return recover(digest, signed.r, signed.vs)
    except SignatureInvalid as invalid:
        raise RedemptionRefused(Reason.SIGNATURE_INVALID.code) from invalid


async def redeem(
    session: AsyncSession, runtime: Runtime, claim: Claim, *, copay_funds: int, now: int
) -> RedemptionRecord:
    """Accept a redemption, or refuse it with the first rule that says no (RedemptionRefused).

    In the caller's transaction: signature, verdict, usage and budget by conditional update, the
    record with its verdict and signed receipt, and its outbox row. Nothing is promised until the
    caller commits, and nothing may be answered before. Raises UnknownCampaign; Conflict when others
    kept moving the same counters.
    """
    holder = holder_of(runtime, claim.signed)
    await papers.hold_pass_of(session, runtime.chain_id, holder)
    for _ in range(RACES_MAX):
        standing = await standing_of(session, runtime.chain_id, claim.signed.campaign, holder)
        merchant = await index_reads.merchant_of(session, runtime.chain_id, claim.merchant)
        verdict = judge_claim(standing, merchant, claim, copay_funds=copay_funds, now=now)
        if verdict.reason is not None:
            raise RedemptionRefused(verdict.reason.code, verdict.figures)
        if await _move(session, standing, claim):
            break
    else:
        raise Conflict(what="usage", why="too many redemptions of this coupon at once")
    await _promise_budget(session, standing, claim.amount)
    record = await _record(runtime, standing, claim, verdict, holder=holder, now=now)
    await _keep(session, record, now=now)
    return record


def judge_claim(
    standing: Standing, merchant: Merchant | None, claim: Claim, *, copay_funds: int, now: int
) -> Verdict:
    """The verdict on a claim by every rule, in the contract's order, with the till's expiry."""
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
    return judge(standing.campaign, pass_, merchant, standing.usage, request, now)


async def _move(session: AsyncSession, standing: Standing, claim: Claim) -> bool:
    assert standing.holding is not None, "a claim of nobody was refused"
    terms, number = standing.campaign.terms, standing.holding.pass_.number
    campaign = standing.campaign.number
    after: Usage = standing.usage.after_spending(
        terms.starts,
        step_of(terms.starts, claim.signed.signed_at),
        claim.amount,
        daily=terms.per_day_max != 0,
    )
    if not standing.usage_begun:
        await redemptions.start_usage(session, campaign, number, standing.usage)
    return await redemptions.move_usage(
        session, campaign, number, before=standing.usage, after=after
    )


async def _promise_budget(session: AsyncSession, standing: Standing, amount: int) -> None:
    campaign = standing.campaign
    if not standing.budget_begun:
        await redemptions.start_budget(
            session, campaign.number, funded=campaign.funded, spent=campaign.spent
        )
    if not await redemptions.spend_budget(session, campaign.number, amount):
        figures = {"amount": amount, "campaign": campaign.number, "budget_left": 0}
        raise RedemptionRefused(Reason.BUDGET_USED.code, figures)


async def _record(
    runtime: Runtime,
    standing: Standing,
    claim: Claim,
    verdict: Verdict,
    *,
    holder: str,
    now: int,
) -> RedemptionRecord:
    assert standing.holding is not None
    campaign, number = standing.campaign, standing.holding.pass_.number
    step = step_of(campaign.terms.starts, claim.signed.signed_at)
    maximum = claim.maximum
    record = RedemptionRecord(
        id=redemption_id(runtime.deployment.domain_separator, campaign.number, number, step),
        campaign=campaign.number,
        pass_number=number,
        step=step,
        merchant=claim.merchant,
        holder=holder,
        bill=claim.bill,
        amount=claim.amount,
        copay=claim.copay,
        signed_at=claim.signed.signed_at,
        maximum_bill=None if maximum is None else maximum.bill,
        maximum_amount=None if maximum is None else maximum.amount,
        maximum_copay=None if maximum is None else maximum.copay,
        r=claim.signed.r,
        vs=claim.signed.vs,
        policy_hash="0x" + verdict.policy_hash.hex(),
        accepted_at=now,
        receipt_r=b"",
        receipt_vs=b"",
        verdict={"accepted": True, "figures": _plain(verdict.figures)},
        intent_id=new_id("int"),
    )
    record.receipt_r, record.receipt_vs = await sign_receipt(
        runtime.deployment.domain_separator, runtime.sequencer, record
    )
    return record


async def sign_receipt(
    separator: bytes, sequencer: Signer, record: RedemptionRecord
) -> tuple[bytes, bytes]:
    """The sequencer's promise for one redemption: `(r, vs)` over the Receipt typed data."""
    digest = receipt_digest(
        separator,
        campaign=record.campaign,
        pass_number=record.pass_number,
        merchant=record.merchant,
        bill=record.bill,
        amount=record.amount,
        copay=record.copay,
        signed_at=record.signed_at,
        accepted_at=record.accepted_at,
        policy=bytes.fromhex(record.policy_hash[2:]),
    )
    return await sequencer.sign_digest(digest)


async def _keep(session: AsyncSession, record: RedemptionRecord, *, now: int) -> None:
    assert record.intent_id is not None
    intent = Intent(
        id=record.intent_id,
        kind=intents.REDEEM,
        campaign=record.campaign,
        pass_number=record.pass_number,
        step=record.step,
        payload={"redemption": record.id},
        created_at=now,
        updated_at=now,
    )
    await intents.enqueue(session, intent)
    try:
        await redemptions.add(session, record)
    except IntegrityError as twice:
        # A failed redemption of this very step is on record: its step is used for good.
        figures = {"signed_at": record.signed_at, "last_signed_at": record.signed_at}
        raise RedemptionRefused(Reason.ALREADY_SPENT.code, figures) from twice


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "0x" + value.hex() if isinstance(value, bytes) else value
        for name, value in figures.items()
    }
