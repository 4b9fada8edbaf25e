"""What each event becomes in the index: pure, and complete enough to need no call."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from ledger.db.index_rows import Rows
from ledger.db.tables_anchors import AnchoredDay
from ledger.db.tables_index import (
    CampaignDraft,
    CampaignStep,
    Contribution,
    ContributionReturn,
    IncludedRedemption,
    IncludedVoid,
    ListedWord,
    MerchantFact,
    PassFact,
    PlainFact,
    RefusedEntry,
    RoleFact,
    TokenTransfer,
)
from ledger.domain import events
from ledger.domain.hashing import checksum_address
from ledger.domain.merchants import MerchantStatus
from ledger.domain.passes import PassStatus
from ledger.domain.redemption import RECORD, RECORD_BYTES, unpack_refused
from ledger.domain.settlement_events import DayAnchored
from ledger.errors import NodeLied
from ledger.indexer.place import Place
from ledger.indexer.settlement_facts import SETTLEMENT_BUILDERS

STEP_MASK: Final = (1 << 21) - 1
HEAD_RESERVED: Final = 0x600000
ADDRESS_BYTES: Final = 20


def add_facts(rows: Rows, place: Place, event: events.Event) -> None:
    """Add the rows of one event. An event without a table of its own becomes a plain fact."""
    _BUILDERS.get(type(event), _plain)(rows, place, event)


def _redeemed(rows: Rows, place: Place, event: events.Redeemed) -> None:
    """The hot path: one tuple a redemption, in the order of the table's columns."""
    if not event.records or len(event.records) % RECORD_BYTES:
        raise NodeLied(what=f"records of {len(event.records)} bytes in block {place.block_number}")
    add = rows.by_table[IncludedRedemption].append
    for position, record in enumerate(RECORD.iter_unpack(event.records)):
        number, merchant, bill, high, low, copay, head_high, head_low = record
        head = head_high << 8 | head_low
        if head & HEAD_RESERVED:
            raise NodeLied(what=f"a redeemed head {head:#08x} in block {place.block_number}")
        add(
            (
                *place,
                position,
                event.campaign,
                event.batch,
                number,
                merchant,
                bill,
                high << 8 | low,
                copay,
                head & STEP_MASK,
                head > STEP_MASK,
                event.at,
            )
        )


def _refused(rows: Rows, place: Place, event: events.RedemptionsRefused) -> None:
    for position, record in enumerate(unpack_refused(event.records)):
        values = {
            "position": position,
            "campaign": event.campaign,
            "entry": record.index,
            "reason": record.reason,
            "pass_number": record.pass_number,
            "head": record.head,
            "step": record.step,
            "amount": record.amount,
            "at": event.at,
        }
        rows.add(RefusedEntry, place.key() | values)


def _voided(rows: Rows, place: Place, event: events.Voided) -> None:
    values = {
        "campaign": event.campaign,
        "pass_number": event.pass_,
        "merchant": event.merchant,
        "amount": event.amount,
        "copay": event.copay,
        "signed_at": event.signed_at,
        "voided_at": event.voided_at,
        "at": event.at,
    }
    rows.add(IncludedVoid, place.key() | values)


def _drafted(rows: Rows, place: Place, event: events.CampaignDrafted) -> None:
    terms = event.terms
    values = {
        "campaign": event.campaign,
        "officer": event.officer,
        "policy_hash": "0x" + terms.policy_hash.hex(),
        "token": terms.token,
        "starts": terms.starts,
        "ends": terms.ends,
        "first_use_by": terms.first_use_by,
        "share_basis_points": terms.share_basis_points,
        "allowance": terms.allowance,
        "per_use_max": terms.per_use_max,
        "per_day_max": terms.per_day_max,
        "bill_min": terms.bill_min,
        "audience": hex(terms.audience),
        "categories": hex(terms.categories),
        "districts": hex(terms.districts),
        "open_hours": hex(terms.open_hours),
        "same_district": terms.same_district,
        "list_hash": "0x" + terms.list_hash.hex(),
        "list_count": terms.list_count,
        "at": event.at,
    }
    rows.add(CampaignDraft, place.key() | values)


def _step(
    rows: Rows, place: Place, campaign: int, step: str, by: str | None, unspent: int | None, at: int
) -> None:
    values = {"campaign": campaign, "step": step, "by": by, "unspent": unspent, "at": at}
    rows.add(CampaignStep, place.key() | values)


def _approved(rows: Rows, place: Place, event: events.CampaignApproved) -> None:
    _step(rows, place, event.campaign, "approved", event.approver, None, event.at)


def _issued(rows: Rows, place: Place, event: events.CouponsIssued) -> None:
    _step(rows, place, event.campaign, "issued", event.issuer, None, event.at)


def _paused(rows: Rows, place: Place, event: events.CampaignPaused) -> None:
    _step(rows, place, event.campaign, "paused", event.by, None, event.at)


def _resumed(rows: Rows, place: Place, event: events.CampaignResumed) -> None:
    _step(rows, place, event.campaign, "resumed", event.by, None, event.at)


def _closed(rows: Rows, place: Place, event: events.CampaignClosed) -> None:
    _step(rows, place, event.campaign, "closed", None, event.unspent, event.at)


def _listed(rows: Rows, place: Place, event: events.CouponsListed) -> None:
    for index, word in enumerate(event.words, start=event.first_word):
        if word:
            values = {"word_index": index, "campaign": event.campaign, "word": f"{word:#066x}"}
            rows.add(ListedWord, place.key() | values)


def _funded(rows: Rows, place: Place, event: events.CampaignFunded) -> None:
    _money(rows, Contribution, place, event)


def _returned(rows: Rows, place: Place, event: events.ContributionReturned) -> None:
    _money(rows, ContributionReturn, place, event)


def _money(
    rows: Rows,
    table: type[Contribution] | type[ContributionReturn],
    place: Place,
    event: events.CampaignFunded | events.ContributionReturned,
) -> None:
    values = {
        "campaign": event.campaign,
        "contribution": event.contribution,
        "funder": event.funder,
        "amount": event.amount,
        "at": event.at,
    }
    rows.add(table, place.key() | values)


def _enrolled(rows: Rows, place: Place, event: events.PassesEnrolled) -> None:
    if not event.holders or len(event.holders) % ADDRESS_BYTES:
        raise NodeLied(what=f"holders of {len(event.holders)} bytes in block {place.block_number}")
    for start in range(0, len(event.holders), ADDRESS_BYTES):
        values = {
            "number": event.first + start // ADDRESS_BYTES,
            "what": "enrolled",
            "holder": checksum_address(event.holders[start : start + ADDRESS_BYTES]),
            "class_": event.class_,
            "district": event.district,
            "valid_from": event.valid_from,
            "valid_until": event.valid_until,
            "status": int(PassStatus.ACTIVE),
            "at": event.at,
        }
        rows.add(PassFact, place.key() | values)


def _rebound(rows: Rows, place: Place, event: events.PassRebound) -> None:
    values = {
        "number": event.number,
        "what": "rebound",
        "holder": event.to,
        "class_": None,
        "district": None,
        "valid_from": None,
        "valid_until": None,
        "status": None,
        "at": event.at,
    }
    rows.add(PassFact, place.key() | values)


def _pass_changed(rows: Rows, place: Place, event: events.PassChanged) -> None:
    values = {
        "number": event.number,
        "what": "changed",
        "holder": event.holder,
        "class_": event.class_,
        "district": event.district,
        "valid_from": event.valid_from,
        "valid_until": event.valid_until,
        "status": event.status,
        "at": event.at,
    }
    rows.add(PassFact, place.key() | values)


def _registered(rows: Rows, place: Place, event: events.MerchantRegistered) -> None:
    _merchant(rows, place, event, int(MerchantStatus.ACTIVE))


def _merchant_changed(rows: Rows, place: Place, event: events.MerchantChanged) -> None:
    _merchant(rows, place, event, event.status)


def _merchant(
    rows: Rows,
    place: Place,
    event: events.MerchantRegistered | events.MerchantChanged,
    status: int,
) -> None:
    values = {
        "number": event.number,
        "payout": event.payout,
        "category": event.category,
        "district": event.district,
        "status": status,
        "at": event.at,
    }
    rows.add(MerchantFact, place.key() | values)


def _transfer(rows: Rows, place: Place, event: events.Transfer) -> None:
    values = {
        "token": event.contract,
        "from_address": event.from_,
        "to_address": event.to,
        "value": event.value,
    }
    rows.add(TokenTransfer, place.key() | values)


def _granted(rows: Rows, place: Place, event: events.RoleGranted) -> None:
    values = {"granted": True, "delay": event.delay, "since": event.since}
    _role(rows, place, event, values)


def _revoked(rows: Rows, place: Place, event: events.RoleRevoked) -> None:
    _role(rows, place, event, {"granted": False, "delay": 0, "since": 0})


def _role(
    rows: Rows,
    place: Place,
    event: events.RoleGranted | events.RoleRevoked,
    values: Mapping[str, Any],
) -> None:
    named = {"role_id": str(event.role_id), "account": event.account}
    rows.add(RoleFact, {**place.key(), **named, **values})


def _anchored(rows: Rows, place: Place, event: DayAnchored) -> None:
    values = {
        "day": event.day,
        "root": "0x" + event.root.hex(),
        "leaves": event.leaves,
        "amount": event.amount,
        "copay": event.copay,
        "staff_head": "0x" + event.staff_head.hex(),
        "at": event.at,
    }
    rows.add(AnchoredDay, place.key() | values)


def _nothing(rows: Rows, place: Place, event: events.Locked) -> None:
    """A pass is locked from its enrolment on, which says so already: the event alone is kept."""


def _plain(rows: Rows, place: Place, event: events.Event) -> None:
    named = {"name": type(event).__name__, "fields": plain_fields(event)}
    rows.add(PlainFact, place.key() | named)


def plain_fields(event: events.Event) -> dict[str, Any]:
    """The fields of an event as JSON holds them: bytes in hexadecimal, numbers beyond 53 bits
    as decimal text."""
    assert is_dataclass(event)
    return {
        field.name: _json(getattr(event, field.name))
        for field in fields(event)
        if field.name != "contract"
    }


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1 << 53:
        return str(value)
    return value


_BUILDERS: Final[dict[type[events.Event], Callable[[Rows, Place, Any], None]]] = {
    events.Redeemed: _redeemed,
    events.RedemptionsRefused: _refused,
    events.Voided: _voided,
    events.CampaignDrafted: _drafted,
    events.CampaignApproved: _approved,
    events.CouponsIssued: _issued,
    events.CampaignPaused: _paused,
    events.CampaignResumed: _resumed,
    events.CampaignClosed: _closed,
    events.CouponsListed: _listed,
    events.CampaignFunded: _funded,
    events.ContributionReturned: _returned,
    events.PassesEnrolled: _enrolled,
    events.PassRebound: _rebound,
    events.PassChanged: _pass_changed,
    events.MerchantRegistered: _registered,
    events.MerchantChanged: _merchant_changed,
    events.Transfer: _transfer,
    events.RoleGranted: _granted,
    events.RoleRevoked: _revoked,
    events.Locked: _nothing,
    DayAnchored: _anchored,
    **SETTLEMENT_BUILDERS,
}
