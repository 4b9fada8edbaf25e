"""Undo a redemption with its merchant's consent, wholly or in part (P9)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads, index_redemptions, intents, redemptions
from ledger.db.ids import new_id
from ledger.db.tables_till import Intent, TillVoid
from ledger.domain.campaign import CampaignStatus
from ledger.domain.redemption import RedemptionStatus
from ledger.domain.signatures import recover
from ledger.domain.typed_data import void_digest
from ledger.domain.verdict import copay_returned
from ledger.errors import InputInvalid, SignatureInvalid, UnknownRedemption, WrongState
from ledger.services.receipts import Redemption, redemption_of
from ledger.services.runtime import Runtime

VOID_AGE_SECONDS_MAX: Final = 7 * 86_400
VOID_AHEAD_SECONDS_MAX: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidOrder:
    """A merchant's signed wish to undo `amount` of a redemption."""

    redemption_id: str
    amount: int
    voided_at: int
    r: bytes
    vs: bytes


def asked_by(merchant: int) -> str:
    """How an intent says that a shop asked for it."""
    return f"merchant {merchant}"


async def void(
    session: AsyncSession, runtime: Runtime, order: VoidOrder, *, requested_by: str, now: int
) -> Intent:
    """Check a void as the contract will and put it in the outbox; its intent.

    Allowance, day, budget and copay come back once the chain has it. A void of a redemption that
    waits for the chain itself waits behind it. Raises UnknownRedemption, SignatureInvalid when the
    merchant's payout key did not sign it, InputInvalid for an amount or time the contract would
    refuse, WrongState for a redemption that failed or a campaign that is closed.
    """
    found = await redemption_of(session, runtime, order.redemption_id)
    if found is None:
        raise UnknownRedemption(redemption=order.redemption_id)
    if found.status is RedemptionStatus.FAILED:
        raise WrongState(what="redemption", state=found.status.value, needs="accepted")
    campaign = await index_reads.campaign_of(session, runtime.chain_id, found.campaign)
    if campaign is None or campaign.status is CampaignStatus.CLOSED:
        raise WrongState(what="campaign", state="closed", needs="open")
    await _check_signature(session, runtime, found, order)
    before = await _check_figures(session, runtime, found, order, now=now)
    intent = Intent(
        id=new_id("int"),
        kind=intents.VOID,
        campaign=found.campaign,
        pass_number=found.pass_number,
        step=found.step,
        payload={
            "redemption": found.id,
            "amount": order.amount,
            "voided_at": order.voided_at,
            "r": order.r.hex(),
            "vs": order.vs.hex(),
        },
        requested_by=requested_by,
        created_at=now,
        updated_at=now,
    )
    await intents.enqueue(session, intent)
    if found.accepted_at is not None:
        await _keep(session, found, order, intent.id, before=before, now=now)
    return intent


async def _check_signature(
    session: AsyncSession, runtime: Runtime, found: Redemption, order: VoidOrder
) -> None:
    merchant = await index_reads.merchant_of(session, runtime.chain_id, found.merchant)
    digest = void_digest(
        runtime.deployment.domain_separator,
        campaign=found.campaign,
        pass_number=found.pass_number,
        merchant=found.merchant,
        amount=order.amount,
        signed_at=found.signed_at,
        voided_at=order.voided_at,
    )
    if merchant is None or recover(digest, order.r, order.vs) != merchant.payout:
        raise SignatureInvalid(why="not the signature of the merchant's payout address")


async def _check_figures(
    session: AsyncSession, runtime: Runtime, found: Redemption, order: VoidOrder, *, now: int
) -> int:
    """What was or is being undone already. The chain counts the same, a little later."""
    taken = await redemptions.voids_of(session, found.id)
    waiting = [void for void in taken if void.status == "accepted"]
    before = found.voided + sum(void.amount for void in waiting)
    if not 1 <= order.amount <= found.amount - before:
        left = found.amount - before
        raise InputInvalid(what="amount", why=f"{order.amount} of {left} satang still to undo")
    last = max(
        await index_redemptions.last_voided_at(
            session, runtime.chain_id, found.campaign, found.pass_number, found.signed_at
        ),
        max((void.voided_at for void in waiting), default=0),
    )
    if order.voided_at <= last:
        raise InputInvalid(what="voided_at", why=f"not later than the void before, {last}")
    if not now - VOID_AGE_SECONDS_MAX <= order.voided_at <= now + VOID_AHEAD_SECONDS_MAX:
        raise InputInvalid(what="voided_at", why=f"too far from the till's time, {now}")
    return before


async def _keep(
    session: AsyncSession,
    found: Redemption,
    order: VoidOrder,
    intent_id: str,
    *,
    before: int,
    now: int,
) -> None:
    void_ = TillVoid(
        redemption_id=found.id,
        amount=order.amount,
        copay=copay_returned(found.copay, found.amount, before, order.amount),
        voided_at=order.voided_at,
        accepted_at=now,
        r=order.r,
        vs=order.vs,
        intent_id=intent_id,
    )
    try:
        await redemptions.add_void(session, void_)
    except IntegrityError as twice:
        raise InputInvalid(what="voided_at", why="a void of this time was sent before") from twice
