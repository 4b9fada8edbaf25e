"""At the till: what a coupon would pay, and taking it, in one transaction that ends before the
answer (DESIGN §6)."""

from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.chain.signer import Signer
from ledger.db import intents, papers, redemptions, verdicts
from ledger.db.ids import new_id
from ledger.db.redemptions import Move
from ledger.db.tables_rules import VerdictRecord
from ledger.db.tables_till import Intent, RedemptionRecord
from ledger.domain.clock import step_of
from ledger.domain.merchants import Merchant
from ledger.domain.redemption import Maximum, SignedRedemption, redemption_id
from ledger.domain.signatures import recover
from ledger.domain.till_terms import TillTerms
from ledger.domain.typed_data import receipt_digest, redemption_digest
from ledger.domain.usage import Usage
from ledger.domain.verdict import Request, Venue, Verdict, judge
from ledger.errors import Conflict, SignatureInvalid
from ledger.failpoints import reach
from ledger.services.runtime import Runtime
from ledger.services.stacking import pays_first
from ledger.services.standing import Standing, standing_of
from ledger.services.till_facts import (
    NOTHING_TOLD,
    Asked,
    Circumstances,
    Gathered,
    gather,
    keep_stand_use,
    move,
)
from ledger.services.verdicts import JudgedRefusal, signed_verdict

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


def holder_of(runtime: Runtime, signed: SignedRedemption) -> str | None:
    """Who signed; None for a signature that is none: it is judged like one of nobody."""
    digest = redemption_digest(runtime.deployment.domain_separator, signed)
    try:
        return recover(digest, signed.r, signed.vs)
    except SignatureInvalid:
        return None


async def redeem(
    session: AsyncSession,
    runtime: Runtime,
    claim: Claim,
    *,
    copay_funds: int,
    now: int,
    circumstances: Circumstances = NOTHING_TOLD,
) -> RedemptionRecord:
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
            raise JudgedRefusal(hearing.verdict, await _signed(runtime, hearing, now=now))
        if await redemptions.move_usages(session, [moved(hearing.standing, claim)]):
            if await _promise_budget(session, hearing.standing, claim.amount):
                break
            await _move_back(session, hearing.standing, claim)
    else:
        raise Conflict(what="usage", why="too many redemptions of this coupon at once")
    assert holder is not None, "a claim of nobody was refused"
    reach("judged")
    await move(session, hearing.gathered, hearing.standing.campaign.number, claim.amount)
    return await _keep(session, runtime, claim, hearing, holder=holder, now=now)


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


async def _signed(runtime: Runtime, hearing: Hearing, *, now: int) -> VerdictRecord:
    return await signed_verdict(
        runtime,
        hearing.standing,
        hearing.merchant,
        hearing.request,
        hearing.verdict,
        facts=hearing.gathered.facts,
        now=now,
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


async def _move_back(session: AsyncSession, standing: Standing, claim: Claim) -> None:
    move = moved(standing, claim)
    undone = replace(move, before=move.after, after=standing.usage)
    back = await redemptions.move_usages(session, [undone])
    assert back, "a counter that this transaction moved"


async def _promise_budget(session: AsyncSession, standing: Standing, amount: int) -> bool:
    campaign = standing.campaign
    if not standing.budget_begun:
        await redemptions.start_budget(
            session, campaign.number, funded=campaign.funded, spent=campaign.spent
        )
    return await redemptions.spend_budget(session, campaign.number, amount)


async def _record(
    runtime: Runtime, claim: Claim, hearing: Hearing, *, holder: str, now: int
) -> RedemptionRecord:
    standing, verdict = hearing.standing, hearing.verdict
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


async def _keep(
    session: AsyncSession,
    runtime: Runtime,
    claim: Claim,
    hearing: Hearing,
    *,
    holder: str,
    now: int,
) -> RedemptionRecord:
    kept = await signed_rows(runtime, claim, hearing, holder=holder, now=now)
    await intents.enqueue(session, kept.intent)
    try:
        await redemptions.add(session, kept.record)
    except IntegrityError as twice:
        raise await _used_for_good(runtime, hearing, kept.record, now=now) from twice
    await verdicts.add(session, kept.verdict)
    await keep_stand_use(session, hearing.gathered, kept.record, now=now)
    return kept.record


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRows:
    """What an acceptance leaves: its outbox row, the redemption with its receipt, the verdict."""

    intent: Intent
    record: RedemptionRecord
    verdict: VerdictRecord


async def signed_rows(
    runtime: Runtime, claim: Claim, hearing: Hearing, *, holder: str, now: int
) -> SignedRows:
    """The rows of an accepted claim, receipt and verdict signed. Nothing is written."""
    record = await _record(runtime, claim, hearing, holder=holder, now=now)
    judged = await _signed(runtime, hearing, now=now)
    judged.redemption_id = record.id
    record.verdict = {**record.verdict, "id": judged.id}
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
    return SignedRows(intent=intent, record=record, verdict=judged)


async def _used_for_good(
    runtime: Runtime, hearing: Hearing, record: RedemptionRecord, *, now: int
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
    return JudgedRefusal(verdict, await _signed(runtime, again, now=now))


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "0x" + value.hex() if isinstance(value, bytes) else value
        for name, value in figures.items()
    }
