"""Every verdict of the till, signed: an acceptance with its redemption, a refusal for itself."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads, verdicts
from ledger.db.driver import Driver
from ledger.db.ids import new_id
from ledger.db.tables_rules import VerdictRecord
from ledger.domain.acceptance import KeptVerdict
from ledger.domain.clock import DAY_SECONDS
from ledger.domain.hashing import keccak
from ledger.domain.merchants import Merchant
from ledger.domain.till_terms import TillFacts
from ledger.domain.verdict import Request, Verdict
from ledger.domain.verdict_document import digest_of, document_of, written
from ledger.errors import RedemptionRefused, UnknownVerdict
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing

REFUSALS_A_MINUTE_MAX: Final = 30
REFUSALS_A_DAY_MAX: Final = 500
"""Of one pass, and of all who hold none together: nobody fills the disk with refusals."""


class JudgedRefusal(RedemptionRefused):
    """A refusal with its signed verdict, for whoever keeps it after the transaction is undone."""

    def __init__(self, verdict: Verdict, record: KeptVerdict) -> None:
        assert verdict.reason is not None, "an acceptance refuses nothing"
        super().__init__(verdict.reason.code, verdict.figures)
        self.record = record
        self.policy = record.policy_hash


async def signed_verdict(
    runtime: Runtime,
    standing: Standing,
    merchant: Merchant | None,
    request: Request,
    verdict: Verdict,
    *,
    facts: TillFacts,
    now: int,
    redemption_id: str | None = None,
) -> KeptVerdict:
    """The verdict with everything it was judged by, and the sequencer's signature over both."""
    pass_ = None if standing.holding is None else standing.holding.pass_
    document = document_of(
        standing.campaign, pass_, merchant, standing.usage, request, now, verdict, facts=facts
    )
    canonical = written(document)
    separator = runtime.deployment.domain_separator
    digest = digest_of(separator, document, evidence=keccak(canonical))
    r, vs = await runtime.sequencer.sign_digest(digest)
    return KeptVerdict(
        id=new_id("vrd"),
        campaign=standing.campaign.number,
        pass_number=0 if pass_ is None else pass_.number,
        merchant=request.merchant,
        accepted=verdict.accepted,
        code=verdict.code,
        policy_hash="0x" + verdict.policy_hash.hex(),
        document=canonical,
        r=r,
        vs=vs,
        judged_at=now,
        redemption_id=redemption_id,
    )


async def keep_refusal(session: AsyncSession, refusal: RedemptionRefused, *, now: int) -> None:
    """Keep a refusal's verdict, in a transaction that the refused redemption is no part of, and
    name it in the refusal. Beyond the bounds nothing is kept, and the refusal names none."""
    if not isinstance(refusal, JudgedRefusal):
        return
    record = refusal.record
    for seconds, most in ((60, REFUSALS_A_MINUTE_MAX), (DAY_SECONDS, REFUSALS_A_DAY_MAX)):
        if await verdicts.refusals_since(session, record.pass_number, now - seconds) >= most:
            return
    await verdicts.add(await Driver.of(session), [record])
    refusal.verdict = record.id


async def verdict_for_office(session: AsyncSession, verdict_id: str) -> VerdictRecord:
    """One verdict. Raises UnknownVerdict."""
    found = await verdicts.find(session, verdict_id)
    if found is None:
        raise UnknownVerdict(verdict=verdict_id[:40])
    return found


async def verdict_for_party(
    session: AsyncSession, runtime: Runtime, verdict_id: str, address: str
) -> VerdictRecord:
    """One verdict, for the holder of its pass or the shop it names. Raises UnknownVerdict for
    anybody else."""
    found = await verdict_for_office(session, verdict_id)
    holding = await index_reads.pass_held_by(session, runtime.chain_id, address)
    if holding is not None and holding.pass_.number == found.pass_number:
        return found
    shop = await index_reads.merchant_paid_at(session, runtime.chain_id, address)
    if shop is not None and shop.number == found.merchant:
        return found
    raise UnknownVerdict(verdict=verdict_id[:40])
