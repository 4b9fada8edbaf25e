"""The shop scanned the resident: what is taken under the figures that were signed as the most."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads
from ledger.domain.merchants import Merchant
from ledger.domain.redemption import SignedRedemption
from ledger.qr.codec import PresentCode
from ledger.qr.scan import scan
from ledger.services.hearing import Claim, holder_of
from ledger.services.limits import facts_ahead
from ledger.services.quote import Rules, most_now, wanted
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing, standing_of
from ledger.services.till_facts import NOTHING_TOLD, Asked


def read_present(runtime: Runtime, text: str) -> SignedRedemption:
    """What a resident's screen showed. Raises QrInvalid for anything else."""
    code = scan(text, runtime.deployment.tag, PresentCode)
    return SignedRedemption(
        campaign=code.campaign,
        merchant=0,
        bill=code.bill,
        amount=code.amount,
        copay=code.copay,
        signed_at=code.signed_at,
        r=code.r,
        vs=code.vs,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A resident's code, scanned by a shop for a bill. Without `copay`, as much of the resident's
    own tokens is meant as was signed and is there."""

    signed: SignedRedemption
    merchant: int
    bill: int
    copay: int | None

    def claim(
        self, standing: Standing, shop: Merchant | None, rules: Rules, *, copay_funds: int
    ) -> Claim:
        """The claim of it: the most the rules and the signed figures allow.

        What no rule allows becomes a claim all the same, to be refused with its reason.
        """
        signed, bill, copay = self.signed, self.bill, self.copay
        most = most_now(
            standing, shop, bill, copay=copay or 0, signed_at=signed.signed_at, rules=rules
        )
        amount = min(most, signed.amount) or min(
            wanted(standing.campaign, bill, copay or 0), max(signed.amount, 1)
        )
        if copay is None:
            copay = max(min(signed.copay, bill - amount, copay_funds), 0)
        return Claim(merchant=self.merchant, bill=bill, amount=amount, copay=copay, signed=signed)


async def claim_of(
    session: AsyncSession, runtime: Runtime, scanned: Scanned, *, copay_funds: int, now: int
) -> Claim:
    """The claim of a scanned code as things stand. Raises UnknownCampaign, PolicyMissing."""
    signed = scanned.signed
    holder = holder_of(runtime, signed)
    standing = await standing_of(session, runtime, signed.campaign, holder)
    shop = await index_reads.merchant_of(session, runtime.chain_id, scanned.merchant)
    policy = await runtime.known.policy(session, standing.campaign)
    asked = Asked(merchant=shop, signed_at=signed.signed_at, now=now, circumstances=NOTHING_TOLD)
    facts = await facts_ahead(session, runtime, standing, policy, asked, bill=scanned.bill)
    rules = Rules(till=policy.till, facts=facts)
    return scanned.claim(standing, shop, rules, copay_funds=copay_funds)
