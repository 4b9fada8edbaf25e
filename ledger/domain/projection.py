"""Events into state: pure, deterministic, and strict.

What the contracts never do raises NodeLied: a gap in the batches, a step that does not move
forward, more spent than funded. A projection that shrugs is one that drifts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from ledger.domain import events
from ledger.domain.access_projection import ACCESS_HANDLERS
from ledger.domain.blocks import BlockRef
from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, STEP_SECONDS, step_of
from ledger.domain.hashing import checksum_address
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.ranges import U19, U21, U24
from ledger.domain.redemption import RECORD, RECORD_BYTES
from ledger.domain.settlement_projection import SETTLEMENT_HANDLERS, put_credit
from ledger.domain.state import (
    CampaignBook,
    Contribution,
    Credit,
    RedeemedBatch,
    RefusedBatch,
    State,
    VoidTotal,
)
from ledger.domain.token_projection import TOKEN_HANDLERS
from ledger.errors import NodeLied, StepInvalid, UnknownEvent

__all__ = ["HANDLERS", "State", "apply"]


def apply(state: State, event: events.Event, block: BlockRef) -> None:
    """Move `state` by one event of `block`. Same events in the same order give the same state.

    Raises UnknownEvent for an event it has no rule for, NodeLied for one the contracts never emit
    in this state. After either the state is not to be used.
    """
    handler = HANDLERS.get(type(event))
    if handler is None:
        raise UnknownEvent(topic=type(event).__name__, block=block.number)
    state.head = block
    handler(state, event, block)


def _campaign(state: State, number: int) -> Campaign:
    found = state.campaigns.get(number)
    if found is None:
        raise NodeLied(what=f"campaign {number} was never drafted")
    return found


# ── passes and merchants ─────────────────────────────────────────────────────────────────────────


def _passes_enrolled(state: State, event: events.PassesEnrolled, block: BlockRef) -> None:
    if event.first != len(state.passes) + 1 or len(event.holders) % 20:
        raise NodeLied(what=f"passes enrolled from {event.first} after {len(state.passes)}")
    for index in range(len(event.holders) // 20):
        number = event.first + index
        holder = checksum_address(event.holders[20 * index : 20 * index + 20])
        if holder in state.holders:
            raise NodeLied(what=f"pass {number} for a holder of another pass")
        state.holders[holder] = number
        state.numbers[number] = holder
        state.passes[number] = Pass(
            number=number,
            class_=event.class_,
            district=event.district,
            valid_from=event.valid_from,
            valid_until=event.valid_until,
            status=PassStatus.ACTIVE,
        )


def _pass_rebound(state: State, event: events.PassRebound, block: BlockRef) -> None:
    if state.holders.get(event.from_) != event.number or event.to in state.holders:
        raise NodeLied(what=f"pass {event.number} rebound from or to the wrong holder")
    del state.holders[event.from_]
    state.holders[event.to] = event.number
    state.numbers[event.number] = event.to


def _pass_changed(state: State, event: events.PassChanged, block: BlockRef) -> None:
    if state.holders.get(event.holder) != event.number:
        raise NodeLied(what=f"pass {event.number} changed under the wrong holder")
    state.passes[event.number] = Pass(
        number=event.number,
        class_=event.class_,
        district=event.district,
        valid_from=event.valid_from,
        valid_until=event.valid_until,
        status=PassStatus(event.status),
    )


def _merchant_registered(state: State, event: events.MerchantRegistered, block: BlockRef) -> None:
    if event.number != len(state.merchants) + 1 or event.payout in state.payouts:
        raise NodeLied(what=f"merchant {event.number} registered out of order or twice")
    state.payouts[event.payout] = event.number
    state.merchants[event.number] = Merchant(
        number=event.number,
        payout=event.payout,
        category=event.category,
        district=event.district,
        status=MerchantStatus.ACTIVE,
    )


def _merchant_changed(state: State, event: events.MerchantChanged, block: BlockRef) -> None:
    before = state.merchants.get(event.number)
    if before is None or state.payouts.get(event.payout, event.number) != event.number:
        raise NodeLied(what=f"merchant {event.number} is unknown, or its payout another's")
    state.payouts.pop(before.payout, None)
    state.payouts[event.payout] = event.number
    state.merchants[event.number] = Merchant(
        number=event.number,
        payout=event.payout,
        category=event.category,
        district=event.district,
        status=MerchantStatus(event.status),
    )


# ── a campaign's life ────────────────────────────────────────────────────────────────────────────


def _campaign_drafted(state: State, event: events.CampaignDrafted, block: BlockRef) -> None:
    if event.campaign != len(state.campaigns) + 1:
        raise NodeLied(what=f"campaign {event.campaign} after {len(state.campaigns)}")
    state.campaigns[event.campaign] = Campaign(
        number=event.campaign,
        terms=event.terms,
        status=CampaignStatus.DRAFTED,
        drafted_by=event.officer,
    )
    state.books[event.campaign] = CampaignBook()


def _campaign_approved(state: State, event: events.CampaignApproved, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    state.campaigns[event.campaign] = replace(
        before, status=CampaignStatus.APPROVED, approved_by=event.approver
    )


def _coupons_listed(state: State, event: events.CouponsListed, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    new = enumerate(event.words, start=event.first_word)
    words = {**(before.list_words or {}), **{index: word for index, word in new if word}}
    state.campaigns[event.campaign] = replace(before, list_words=words)


def _coupons_issued(state: State, event: events.CouponsIssued, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    state.campaigns[event.campaign] = replace(
        before, status=CampaignStatus.OPEN, issued_by=event.issuer
    )


def _campaign_paused(state: State, event: events.CampaignPaused, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    state.campaigns[event.campaign] = replace(
        before, status=CampaignStatus.PAUSED, paused_at=event.at
    )


def _campaign_resumed(state: State, event: events.CampaignResumed, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    state.campaigns[event.campaign] = replace(before, status=CampaignStatus.OPEN, paused_at=0)


def _campaign_funded(state: State, event: events.CampaignFunded, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    given = state.books[event.campaign].contributions
    if event.contribution != len(given) + 1:
        raise NodeLied(what=f"contribution {event.contribution} after {len(given)}")
    given.append(Contribution(number=event.contribution, funder=event.funder, amount=event.amount))
    state.campaigns[event.campaign] = replace(before, funded=before.funded + event.amount)


def _campaign_closed(state: State, event: events.CampaignClosed, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    if state.books[event.campaign].owed:
        raise NodeLied(what=f"campaign {event.campaign} closed while shops owe it")
    if event.unspent != before.unspent:
        raise NodeLied(
            what=f"campaign {event.campaign} closed with {event.unspent}, has {before.unspent}"
        )
    state.campaigns[event.campaign] = replace(before, status=CampaignStatus.CLOSED, paused_at=0)


def _contribution_returned(
    state: State, event: events.ContributionReturned, block: BlockRef
) -> None:
    campaign, book = _campaign(state, event.campaign), state.books[event.campaign]
    if event.contribution != book.returned_count + 1 or (
        event.contribution > len(book.contributions)
    ):
        raise NodeLied(what=f"contribution {event.contribution} returned out of turn")
    given = book.contributions[book.returned_count]
    sum_before, sum_after = book.returned_funded, book.returned_funded + given.amount
    unspent, funded = campaign.unspent, campaign.funded
    share = unspent * sum_after // funded - unspent * sum_before // funded
    if given.funder != event.funder or event.amount != share:
        raise NodeLied(
            what=f"contribution {event.contribution} returned to another, or not {share}"
        )
    book.contributions[book.returned_count] = replace(given, returned=share)
    book.returned_count, book.returned_funded = event.contribution, sum_after


# ── redemptions ──────────────────────────────────────────────────────────────────────────────────


def _redeemed(state: State, event: events.Redeemed, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    book = state.books[event.campaign]
    if event.batch != len(book.batches) + 1 or len(event.records) % RECORD_BYTES:
        raise NodeLied(what=f"batch {event.batch} after {len(book.batches)}, or cut short")
    taken = _spend(book, before, event.records)
    spent = before.spent + sum(amount for amount, _copay in taken.values())
    if spent > before.funded:
        raise NodeLied(what=f"campaign {before.number} spent {spent} of {before.funded}")
    for merchant, (amount, copay) in taken.items():
        credit = book.credits.get(merchant, Credit())
        book.credits[merchant] = replace(
            credit, amount=credit.amount + amount, copay=credit.copay + copay
        )
    book.batches.append(
        RedeemedBatch(number=event.batch, at=event.at, records=event.records, block=block)
    )
    state.campaigns[event.campaign] = replace(before, spent=spent)


def _spend(book: CampaignBook, campaign: Campaign, records: bytes) -> dict[int, tuple[int, int]]:
    """Write the usage of each record and return (amount, copay) by merchant.

    The lanes are written out by hand: an auditor replays tens of millions of records through here.
    A property test compares it with `Usage`.
    """
    lanes = book.lanes
    daily = campaign.terms.per_day_max != 0
    base = campaign.terms.starts + BANGKOK_OFFSET - STEP_SECONDS
    taken: dict[int, tuple[int, int]] = {}
    for number, merchant, _, high, low, copay, head_high, head_low in RECORD.iter_unpack(records):
        amount = high << 8 | low
        step = (head_high << 8 | head_low) & U21
        lane = lanes.get(number, 0)
        last = lane & U21
        total = (lane >> 40) + amount
        today = 0
        if daily:
            today = amount
            if last and (base + last * 15) // DAY_SECONDS == (base + step * 15) // DAY_SECONDS:
                today += lane >> 21 & U19
        if step <= last or total > U24 or today > U19:
            raise NodeLied(what=f"pass {number} of campaign {campaign.number} at step {step}")
        lanes[number] = step | today << 21 | total << 40
        of_amount, of_copay = taken.get(merchant, (0, 0))
        taken[merchant] = (of_amount + amount, of_copay + copay)
    return taken


def _redemptions_refused(state: State, event: events.RedemptionsRefused, block: BlockRef) -> None:
    _campaign(state, event.campaign)
    state.books[event.campaign].refused.append(
        RefusedBatch(at=event.at, records=event.records, block=block)
    )


def _voided(state: State, event: events.Voided, block: BlockRef) -> None:
    before = _campaign(state, event.campaign)
    book, starts = state.books[event.campaign], before.terms.starts
    try:
        step = step_of(starts, event.signed_at)
    except StepInvalid as invalid:
        raise NodeLied(what=f"a void of {event.signed_at}, which is no step") from invalid
    record = book.redemption(event.pass_, step)
    undone = book.voids.get((event.pass_, step), VoidTotal())
    if record is None or record.merchant != event.merchant:
        raise NodeLied(what=f"a void of pass {event.pass_} at step {step}, never taken")
    total = VoidTotal(
        amount=undone.amount + event.amount,
        copay=undone.copay + event.copay,
        voided_at=event.voided_at,
    )
    if total.amount > record.amount or total.copay > record.copay:
        raise NodeLied(what=f"pass {event.pass_} at step {step} voided beyond its amount")
    book.voids[event.pass_, step] = total
    book.lanes[event.pass_] = (
        state.usage_of(event.campaign, event.pass_)
        .after_void(starts, step, event.amount, daily=before.terms.per_day_max != 0)
        .pack()
    )
    credit = book.credits[event.merchant]
    left = replace(credit, amount=credit.amount - event.amount, copay=credit.copay - event.copay)
    put_credit(state, event.campaign, event.merchant, left)


def _day_anchored(state: State, event: events.DayAnchored, block: BlockRef) -> None:
    """Leave the state alone: an anchor is over what the day's other events say."""


Handler = Callable[[State, Any, BlockRef], None]

HANDLERS: Final[dict[type[events.Event], Handler]] = {
    **ACCESS_HANDLERS,
    **TOKEN_HANDLERS,
    **SETTLEMENT_HANDLERS,
    events.PassesEnrolled: _passes_enrolled,
    events.PassRebound: _pass_rebound,
    events.PassChanged: _pass_changed,
    events.MerchantRegistered: _merchant_registered,
    events.MerchantChanged: _merchant_changed,
    events.CampaignDrafted: _campaign_drafted,
    events.CampaignApproved: _campaign_approved,
    events.CouponsListed: _coupons_listed,
    events.CouponsIssued: _coupons_issued,
    events.CampaignFunded: _campaign_funded,
    events.CampaignPaused: _campaign_paused,
    events.CampaignResumed: _campaign_resumed,
    events.CampaignClosed: _campaign_closed,
    events.ContributionReturned: _contribution_returned,
    events.Redeemed: _redeemed,
    events.RedemptionsRefused: _redemptions_refused,
    events.Voided: _voided,
    events.DayAnchored: _day_anchored,
}
"""What each event does. A meta-test walks `events.EVENTS`."""
