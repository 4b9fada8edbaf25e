"""What an acceptance leaves: the redemption with its receipt, and the signed verdict."""

from typing import Any

from ledger.db.ids import new_id
from ledger.domain.acceptance import Acceptance, KeptVerdict
from ledger.domain.clock import step_of
from ledger.domain.redemption import redemption_id
from ledger.domain.typed_data import receipt_digest
from ledger.services.hearing import Claim, Hearing, signed
from ledger.services.runtime import Runtime


async def accepted(
    runtime: Runtime, claim: Claim, hearing: Hearing, *, holder: str, now: int
) -> tuple[Acceptance, KeptVerdict]:
    """An accepted claim as it is kept, receipt and verdict signed. Nothing is written."""
    standing, separator = hearing.standing, runtime.deployment.domain_separator
    assert standing.holding is not None, "a claim of nobody was refused"
    campaign, number = standing.campaign, standing.holding.pass_.number
    step = step_of(campaign.terms.starts, claim.signed.signed_at)
    name = redemption_id(separator, campaign.number, number, step)
    verdict = await signed(runtime, hearing, now=now, redemption_id=name)
    receipt_r, receipt_vs = await runtime.sequencer.sign_digest(
        receipt_digest(
            separator,
            campaign=campaign.number,
            pass_number=number,
            merchant=claim.merchant,
            bill=claim.bill,
            amount=claim.amount,
            copay=claim.copay,
            signed_at=claim.signed.signed_at,
            accepted_at=now,
            policy=hearing.verdict.policy_hash,
        )
    )
    maximum = claim.maximum
    acceptance = Acceptance(
        id=name,
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
        policy_hash=verdict.policy_hash,
        accepted_at=now,
        receipt_r=receipt_r,
        receipt_vs=receipt_vs,
        verdict={
            "accepted": True,
            "figures": _plain(hearing.verdict.figures),
            "id": verdict.id,
        },
        intent_id=new_id("int"),
    )
    return acceptance, verdict


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "0x" + value.hex() if isinstance(value, bytes) else value
        for name, value in figures.items()
    }
