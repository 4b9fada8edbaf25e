"""A void judged again from its calldata: was it the merchant's, and was it allowed? Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.audit.rejudge import Complaint
from ledger.domain.campaign import CampaignStatus
from ledger.domain.clock import signed_at_of
from ledger.domain.events import Voided
from ledger.domain.redemption import RedeemedRecord, unpack_records
from ledger.domain.signatures import recover
from ledger.domain.state import State, VoidTotal
from ledger.domain.typed_data import void_digest
from ledger.domain.verdict import copay_returned
from ledger.errors import InputInvalid, SignatureInvalid

VOID_AGE_SECONDS_MAX: Final = 7 * 86_400
FUTURE_SECONDS_MAX: Final = 60


def judge_void(
    state: State,
    separator: bytes,
    now: int,
    arguments: Mapping[str, Any],
    event: Voided,
) -> Iterator[Complaint]:
    """Yield what is wrong with a void, given the state before it and the event it left."""
    number, amount, voided_at = (arguments[key] for key in ("campaign", "amount", "voidedAt"))
    place = {
        "campaign": number,
        "pass_number": event.pass_,
        "merchant": event.merchant,
    }
    campaign, book = state.campaigns[number], state.books[number]
    record = record_of(state, arguments)
    if record is None:
        yield "void_wrong", place | {"why": "its records are not those of the batch it names"}
        return
    signed_at = signed_at_of(campaign.terms.starts, record.step)
    told = (event.campaign, event.pass_, event.merchant, event.amount, event.signed_at)
    if told != (number, record.pass_number, record.merchant, amount, signed_at):
        yield "void_wrong", place | {"why": "its event tells of another redemption"}
    digest = void_digest(
        separator,
        campaign=number,
        pass_number=record.pass_number,
        merchant=record.merchant,
        amount=amount,
        signed_at=signed_at,
        voided_at=voided_at,
    )
    merchant = state.merchants.get(record.merchant)
    if merchant is None or _signer(digest, arguments["r"], arguments["vs"]) != merchant.payout:
        yield "void_without_consent", place
    before = book.voids.get((record.pass_number, record.step), VoidTotal())
    why = {
        "the campaign is closed": campaign.status is CampaignStatus.CLOSED,
        "more is undone than was taken": before.amount + amount > record.amount or amount == 0,
        "its time is out of bounds": not now - VOID_AGE_SECONDS_MAX
        <= voided_at
        <= now + FUTURE_SECONDS_MAX,
        "its time is not after the void before": voided_at <= before.voided_at,
        "the copay went back wrongly": event.copay
        != copay_returned(record.copay, record.amount, before.amount, amount),
    }
    for words, broken in why.items():
        if broken:
            yield "void_wrong", place | {"why": words}


def record_of(state: State, arguments: Mapping[str, Any]) -> RedeemedRecord | None:
    """The redemption that a void names, if the records it brings are those the chain took."""
    book = state.books.get(arguments["campaign"])
    batch, index = arguments["batch"], arguments["index"]
    if book is None or not 1 <= batch <= len(book.batches):
        return None
    if book.batches[batch - 1].records != arguments["records"]:
        return None
    try:
        records = unpack_records(arguments["records"])
    except InputInvalid:
        return None
    return records[index] if index < len(records) else None


def _signer(digest: bytes, r: bytes, vs: bytes) -> str | None:
    try:
        return recover(digest, r, vs)
    except SignatureInvalid:
        return None
