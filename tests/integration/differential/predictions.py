"""What an action will come to, said before it is sent: every event, or the error."""

from dataclasses import dataclass, field, replace
from typing import Any

from ledger.domain import events
from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.clock import signed_at_of
from ledger.domain.redemption import (
    ENTRIES_MAX,
    RECORD_BYTES,
    RedeemedRecord,
    pack_records,
    pack_refused,
    read_batch,
)
from ledger.domain.signatures import recover, sign
from ledger.domain.typed_data import void_digest
from ledger.domain.verdict import copay_returned
from ledger.errors import InputInvalid, SignatureInvalid
from tests.integration.differential.actions import Redeem, Slip, Twist, Void, twisted
from tests.integration.differential.court import Court, Judgment
from tests.integration.differential.model import Model
from tests.integration.differential.people import address, key_of

WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The events of an action in their order, or the name of the error (and its arguments).

    `judgments` are those of a batch, one for each entry that is judged.
    """

    error: str = ""
    arguments: dict[str, Any] | None = None
    told: tuple[events.Event, ...] = ()
    judgments: tuple[Judgment, ...] = field(default=(), repr=False)


def unauthorised(model: Model, sender: str, contract: str, function: str) -> str:
    """The error of a caller without the role of a restricted function; "" for one who has it."""
    allowed = model.may(sender, contract, function)
    return "" if allowed else "AccessManagedUnauthorized"


def running(model: Model, number: int) -> str:
    """The error for a campaign that can take neither redemptions nor voids; "" for one that can."""
    campaign = model.campaign(number)
    if campaign is None:
        return "CouponBook_CampaignUnknown"
    if campaign.status not in (CampaignStatus.OPEN, CampaignStatus.PAUSED):
        return "CouponBook_WrongStatus"
    return ""


def transfer(model: Model, from_: str, to: str, value: int) -> events.Transfer:
    """The token's event of a payment."""
    return events.Transfer(contract=model.token, from_=from_, to=to, value=value)


def payment_error(model: Model, from_: str, to: str, value: int) -> str:
    """Why the token refuses a payment, whoever asks; "" where it does not."""
    if model.stopped:
        return "EnforcedPause"
    if not model.path_open(from_, to):
        return "CityToken_PathRefused"
    return "" if value <= model.balance(from_) else "ERC20InsufficientBalance"


def withdrawal_error(model: Model, owner: str, value: int) -> str:
    """Why the book may not take a payment from its owner; "" where it may."""
    if value > model.allowances.get(owner, 0):
        return "ERC20InsufficientAllowance"
    return payment_error(model, owner, model.book, value)


# Batches


def of_redeem(model: Model, action: Redeem) -> Prediction:
    """Every entry judged by the domain, and what the batch comes to."""
    if not action.forced and (error := unauthorised(model, action.sender, "CouponBook", "redeem")):
        return Prediction(error=error)
    if error := running(model, action.campaign):
        return Prediction(error=error)
    try:
        entries = read_batch(action.packed(model.separator))
    except InputInvalid:
        entries = []
    if not 0 < len(entries) <= ENTRIES_MAX:
        return Prediction(error="CouponBook_BatchMalformed")
    campaign = model.state.campaigns[action.campaign]
    court = Court(model=model, campaign=campaign, now=action.at, forced=action.forced)
    judgments: list[Judgment] = []
    for index, (entry, head) in enumerate(entries):
        judgments.append(court.hear(entry, head))
        reason = judgments[-1].reason
        if action.forced and reason is not None:
            return Prediction(
                error="CouponBook_RedemptionRefused",
                arguments={"index": index, "reason": int(reason)},
                judgments=tuple(judgments),
            )
    return Prediction(told=_told(model, action, judgments), judgments=tuple(judgments))


def _told(model: Model, action: Redeem, judgments: list[Judgment]) -> tuple[events.Event, ...]:
    taken = [judgment for judgment in judgments if judgment.reason is None]
    told: list[events.Event] = [
        transfer(model, judgment.holder, model.book, judgment.entry.copay)
        for judgment in taken
        if judgment.entry.copay
    ]
    if taken:
        told.append(
            events.Redeemed(
                contract=model.book,
                campaign=action.campaign,
                batch=len(model.state.books[action.campaign].batches) + 1,
                records=pack_records([judgment.redeemed() for judgment in taken]),
                at=action.at,
            )
        )
    refused = [
        judgment.refused(index)
        for index, judgment in enumerate(judgments)
        if judgment.reason is not None
    ]
    if refused:
        told.append(
            events.RedemptionsRefused(
                contract=model.book,
                campaign=action.campaign,
                records=pack_refused(refused),
                at=action.at,
            )
        )
    return tuple(told)


# Voids


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a void brings along: where the redemption lies, and the merchant's signature."""

    batch: int
    records: bytes
    index: int
    record: RedeemedRecord | None
    r: bytes
    vs: bytes


def proof_of(model: Model, action: Void) -> Proof:
    """The proof as the action's author would make it, slips included."""
    campaign = model.campaign(action.campaign)
    book = model.state.books.get(action.campaign)
    place = book.place_of(action.pass_number, action.step) if book else None
    if campaign is None or book is None or place is None:
        return Proof(batch=1, records=bytes(22), index=0, record=None, r=bytes(32), vs=bytes(32))
    batch, index = place
    record = book.redemption(action.pass_number, action.step)
    assert record is not None, "a place has a record"
    digest = void_digest(
        model.separator,
        campaign=action.campaign,
        pass_number=record.pass_number,
        merchant=record.merchant,
        amount=action.amount + (action.slip is Slip.MESSAGE),
        signed_at=signed_at_of(campaign.terms.starts, record.step),
        voided_at=action.voided_at,
    )
    twist = Twist.TWIN if action.slip is Slip.TWIN else Twist.NONE
    signature = twisted(*sign(digest, key_of(action.signer)), twist)
    proof = Proof(
        batch=batch.number,
        records=batch.records,
        index=index,
        record=record,
        r=signature[:32],
        vs=signature[32:],
    )
    return _slipped(proof, action.slip)


def _slipped(proof: Proof, slip: Slip) -> Proof:
    match slip:
        case Slip.INDEX:
            return replace(proof, index=len(proof.records) // RECORD_BYTES)
        case Slip.BATCH:
            return replace(proof, batch=proof.batch + 1_000)
        case Slip.RECORDS:
            return replace(proof, records=proof.records[:-1] + bytes([proof.records[-1] ^ 1]))
        case Slip.EMPTY:
            return replace(proof, records=b"")
        case _:
            return proof


def of_void(model: Model, action: Void) -> Prediction:
    """A void by the wire format: proof, signature, holder, time, amount, then the copay."""
    if error := running(model, action.campaign):
        return Prediction(error=error)
    campaign = model.state.campaigns[action.campaign]
    proof = proof_of(model, action)
    if error := _proof_error(model, action, proof):
        return Prediction(error=error)
    record = proof.record
    assert record is not None, "an unknown record was refused"
    signed_at = signed_at_of(campaign.terms.starts, record.step)
    if error := _signature_error(model, action, record, signed_at, proof):
        return Prediction(error=error)
    holder = address(action.holder)
    if model.state.holders.get(holder) != record.pass_number:
        return Prediction(error="CouponBook_HolderMismatch")
    before = model.state.books[action.campaign].voids.get((record.pass_number, record.step))
    last, voided = (before.voided_at, before.amount) if before else (0, 0)
    earliest, latest = max(last + 1, action.at - WEEK), action.at + 60
    if not earliest <= action.voided_at <= latest:
        return Prediction(error="CouponBook_VoidOutOfTime")
    if action.amount == 0:
        return Prediction(error="CouponBook_AmountZero")
    if action.amount > record.amount - voided:
        return Prediction(error="CouponBook_VoidExceeds")
    copay = copay_returned(record.copay, record.amount, voided, action.amount)
    if copay and (error := payment_error(model, model.book, holder, copay)):
        return Prediction(error=error)
    told: list[events.Event] = [
        events.Voided(
            contract=model.book,
            campaign=action.campaign,
            pass_=record.pass_number,
            merchant=record.merchant,
            amount=action.amount,
            copay=copay,
            signed_at=signed_at,
            voided_at=action.voided_at,
            at=action.at,
        )
    ]
    if copay:
        told.append(transfer(model, model.book, holder, copay))
    return Prediction(told=tuple(told))


def _proof_error(model: Model, action: Void, proof: Proof) -> str:
    batches = model.state.books[action.campaign].batches
    known = batches[proof.batch - 1] if proof.batch <= len(batches) else None
    if known is None or known.records != proof.records:
        return "CouponBook_RecordsUnknown"
    if proof.index >= len(proof.records) // RECORD_BYTES:
        return "CouponBook_RecordUnknown"
    return ""


def _signature_error(
    model: Model, action: Void, record: RedeemedRecord, signed_at: int, proof: Proof
) -> str:
    digest = void_digest(
        model.separator,
        campaign=action.campaign,
        pass_number=record.pass_number,
        merchant=record.merchant,
        amount=action.amount,
        signed_at=signed_at,
        voided_at=action.voided_at,
    )
    try:
        signer = recover(digest, proof.r, proof.vs)
    except SignatureInvalid:
        signer = ""
    payout = model.state.merchants[record.merchant].payout
    return "" if signer == payout else "CouponBook_VoidNotSigned"


def campaign_in(
    model: Model, number: int, *statuses: CampaignStatus
) -> tuple[Campaign | None, str]:
    """A campaign that must have one of these statuses, or the error."""
    campaign = model.campaign(number)
    if campaign is None:
        return None, "CouponBook_CampaignUnknown"
    if campaign.status not in statuses:
        return None, "CouponBook_WrongStatus"
    return campaign, ""
