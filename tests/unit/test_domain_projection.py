"""The projection: every event has its rule, and what the contracts never do is an alarm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from ledger.domain import events
from ledger.domain.blocks import BlockRef, reconcile
from ledger.domain.campaign import CampaignStatus
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.merchants import MerchantStatus
from ledger.domain.passes import PassStatus
from ledger.domain.projection import HANDLERS, State, apply
from ledger.domain.redemption import RedeemedRecord, pack_records
from ledger.domain.state import Grant
from ledger.domain.usage import Usage
from ledger.errors import NodeLied, UnknownEvent
from tests.property.domain_city import STARTS, TOKEN, terms

ANN = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
BEN = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
CAT = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
BLOCK = BlockRef(number=7, hash="0x07", parent="0x06", time=STARTS)


def raw(address: str) -> bytes:
    return bytes.fromhex(address[2:])


def replay(*log: events.Event, state: State | None = None) -> State:
    found = state or State()
    for event in log:
        apply(found, event, BLOCK)
    return found


def record(**changes: Any) -> bytes:
    one = RedeemedRecord(
        pass_number=1, merchant=1, bill=20_000, amount=10_000, copay=0, step=10, unnamed=False
    )
    return pack_records([replace(one, **changes)])


ENROLLED = events.PassesEnrolled(
    first=1, class_=0, district=3, valid_from=0, valid_until=0, holders=raw(ANN) + raw(BEN), at=1
)
REGISTERED = events.MerchantRegistered(number=1, payout=CAT, category=0, district=3, at=1)
DRAFTED = events.CampaignDrafted(campaign=1, officer=ANN, terms=terms(), at=1)
FUNDED = events.CampaignFunded(campaign=1, funder=ANN, contribution=1, amount=50_000, at=1)
OPEN = (
    DRAFTED,
    events.CampaignApproved(campaign=1, approver=BEN, at=2),
    events.CouponsIssued(campaign=1, issuer=CAT, at=3),
    FUNDED,
)
REDEEMED = events.Redeemed(campaign=1, batch=1, records=record(), at=STARTS + 200)
VOIDED = events.Voided(
    campaign=1, pass_=1, merchant=1, amount=4_000, copay=0, signed_at=STARTS + 135, voided_at=9,
    at=9,
)  # fmt: skip


def test_every_event_of_our_contracts_has_its_rule() -> None:
    assert HANDLERS.keys() == set(events.EVENTS)


def test_an_event_nobody_taught_us_stops_the_replay() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Novelty(events.Event):
        pass

    with pytest.raises(UnknownEvent):
        replay(Novelty())


def test_passes_are_numbered_densely_and_follow_their_holder() -> None:
    state = replay(ENROLLED)
    assert state.head == BLOCK
    assert (state.holders, state.numbers) == ({ANN: 1, BEN: 2}, {1: ANN, 2: BEN})
    replay(events.PassRebound(number=1, from_=ANN, to=CAT, at=2), state=state)
    assert state.pass_of(ANN) is None
    rebound = state.pass_of(CAT)
    assert rebound is not None and rebound.number == 1
    changed = events.PassChanged(
        number=1, holder=CAT, class_=5, district=4, valid_from=1, valid_until=2, status=2, at=3
    )
    replay(changed, state=state)
    assert state.passes[1].status is PassStatus.SUSPENDED
    assert state.passes[1].class_ == 5


def test_merchants_keep_one_payout_address_each() -> None:
    state = replay(REGISTERED)
    changed = events.MerchantChanged(number=1, payout=BEN, category=1, district=4, status=3, at=2)
    replay(changed, state=state)
    assert state.payouts == {BEN: 1}
    assert state.merchants[1].status is MerchantStatus.CLOSED


def test_a_campaign_passes_through_its_life() -> None:
    state = replay(*OPEN)
    found = state.campaigns[1]
    assert (found.drafted_by, found.approved_by, found.issued_by) == (ANN, BEN, CAT)
    assert (found.status, found.funded) == (CampaignStatus.OPEN, 50_000)
    replay(events.CampaignPaused(campaign=1, by=ANN, at=77), state=state)
    assert (state.campaigns[1].status, state.campaigns[1].paused_at) == (CampaignStatus.PAUSED, 77)
    replay(events.CampaignResumed(campaign=1, by=BEN, at=78), state=state)
    assert (state.campaigns[1].status, state.campaigns[1].paused_at) == (CampaignStatus.OPEN, 0)


def test_a_list_comes_in_pages() -> None:
    state = replay(replace(DRAFTED, terms=terms(list_count=3)))
    replay(
        events.CouponsListed(campaign=1, first_word=0, words=(0b100000, 0), at=2),
        events.CouponsListed(campaign=1, first_word=2, words=(1, 3), at=2),
        state=state,
    )
    assert state.campaigns[1].list_words == {0: 0b100000, 2: 1, 3: 3}
    assert state.campaigns[1].lists(5) and state.campaigns[1].lists(769)
    assert not state.campaigns[1].lists(256)


def test_a_redemption_moves_usage_budget_and_credit_and_a_void_moves_them_back() -> None:
    state = replay(*OPEN, REDEEMED)
    assert state.usage_of(1, 1) == Usage(last_step=10, spent_today=10_000, spent_total=10_000)
    assert state.campaigns[1].spent == 10_000
    assert state.credit_of(1, 1).amount == 10_000
    replay(VOIDED, state=state)
    assert state.usage_of(1, 1) == Usage(last_step=10, spent_today=6_000, spent_total=6_000)
    assert state.campaigns[1].spent == 6_000
    assert state.credit_of(1, 1).amount == 6_000
    assert state.books[1].voids[1, 10].amount == 4_000
    assert state.books[1].redeemed_count == 1
    place = state.books[1].place_of(1, 10)
    assert place is not None and (place[0].number, place[1]) == (1, 0)
    assert [found.step for _batch, _index, found in state.books[1].redemptions()] == [10]
    assert (state.usage_of(9, 1), state.usage_of(1, 9)) == (Usage(), Usage())
    assert state.credit_of(9, 9).amount == state.balance_of(TOKEN, ANN) == 0
    assert state.books[1].redemption(1, 11) is None


def test_tokens_move_between_balances_that_are_never_negative() -> None:
    minted = events.Transfer(contract=TOKEN, from_=ZERO_ADDRESS, to=ANN, value=100)
    state = replay(
        minted,
        events.TokensFunded(contract=TOKEN, to=ANN, amount=100, ref=bytes(32), at=1),
        events.Transfer(contract=TOKEN, from_=ANN, to=BEN, value=40),
        events.Transfer(contract=TOKEN, from_=BEN, to=ZERO_ADDRESS, value=40),
        events.TokensSettled(contract=TOKEN, from_=BEN, amount=40, ref=bytes(32), at=1),
        events.CityAccountSet(contract=TOKEN, account=CAT, allowed=True, at=1),
        events.CityAccountSet(contract=TOKEN, account=BEN, allowed=False, at=1),
        events.Paused(contract=TOKEN, account=ANN),
        events.Approval(contract=TOKEN, owner=ANN, spender=BEN, value=5),
    )
    book = state.tokens[TOKEN]
    assert book.balances == {ANN: 60}
    assert book.supply == book.funded - book.settled == 60
    assert (book.city_accounts, book.paused) == ({CAT}, True)
    replay(events.Unpaused(contract=TOKEN, account=ANN), state=state)
    assert not state.tokens[TOKEN].paused
    with pytest.raises(NodeLied):
        replay(events.Transfer(contract=TOKEN, from_=BEN, to=ANN, value=1), state=state)


def test_roles_are_granted_changed_and_revoked() -> None:
    granted = events.RoleGranted(role_id=6, account=ANN, delay=0, since=5, new_member=True)
    state = replay(
        granted,
        replace(granted, delay=60, since=9, new_member=False),
        replace(granted, account=BEN),
        events.RoleRevoked(role_id=6, account=BEN),
        events.RoleLabel(role_id=6, label="SEQUENCER"),
        events.RoleAdminChanged(role_id=6, admin=1),
        events.RoleGuardianChanged(role_id=6, guardian=7),
        events.RoleGrantDelayChanged(role_id=6, delay=8, since=9),
        events.TargetFunctionRoleUpdated(target=TOKEN, selector=b"\x01\x02\x03\x04", role_id=6),
        events.TargetAdminDelayUpdated(target=TOKEN, delay=3, since=4),
        events.TargetClosed(target=TOKEN, closed=True),
        events.AuthorityUpdated(contract=TOKEN, authority=CAT),
        events.OperationScheduled(
            operation_id=b"\x01", nonce=1, schedule=99, caller=ANN, target=TOKEN, data=b""
        ),
    )
    assert state.roles == {6: {ANN: Grant(since=5, delay=60)}}
    assert state.function_roles == {(TOKEN, b"\x01\x02\x03\x04"): 6}
    assert (state.closed_targets, state.authorities) == ({TOKEN}, {TOKEN: CAT})
    assert state.scheduled == {b"\x01": 99}
    replay(
        events.OperationExecuted(operation_id=b"\x01", nonce=1),
        events.TargetClosed(target=TOKEN, closed=False),
        state=state,
    )
    assert not state.scheduled and not state.closed_targets


@pytest.mark.parametrize(
    ("before", "impossible"),
    [
        ((ENROLLED,), replace(ENROLLED, first=4)),
        ((ENROLLED,), replace(ENROLLED, first=3)),
        ((), replace(ENROLLED, holders=b"\x01" * 21)),
        ((ENROLLED,), events.PassRebound(number=2, from_=ANN, to=CAT, at=1)),
        ((ENROLLED,), events.PassRebound(number=1, from_=ANN, to=BEN, at=1)),
        ((ENROLLED,), events.PassChanged(number=2, holder=ANN, class_=0, district=0, valid_from=0,
                                         valid_until=0, status=1, at=1)),
        ((REGISTERED,), REGISTERED),
        ((REGISTERED,), replace(REGISTERED, number=2)),
        ((), events.MerchantChanged(number=1, payout=ANN, category=0, district=0, status=1, at=1)),
        ((), replace(DRAFTED, campaign=2)),
        ((), events.CampaignApproved(campaign=1, approver=BEN, at=2)),
        (OPEN, FUNDED),
        (OPEN, events.CampaignClosed(campaign=1, unspent=49_999, at=2)),
        (OPEN, events.ContributionReturned(campaign=1, funder=ANN, contribution=2, amount=1, at=2)),
        (OPEN, events.ContributionReturned(campaign=1, funder=BEN, contribution=1, amount=50_000,
                                           at=2)),
        ((), REDEEMED),
        (OPEN, replace(REDEEMED, batch=2)),
        (OPEN, replace(REDEEMED, records=record()[:-1])),
        (OPEN, replace(REDEEMED, records=record(amount=50_001))),
        (OPEN, replace(REDEEMED, records=record(step=0))),
        (OPEN, replace(REDEEMED, records=record() + record())),
        ((*OPEN, REDEEMED), replace(REDEEMED, batch=2)),
        ((*OPEN, REDEEMED), replace(VOIDED, amount=10_001)),
        ((*OPEN, REDEEMED), replace(VOIDED, copay=1)),
        ((*OPEN, REDEEMED), replace(VOIDED, signed_at=STARTS + 150)),
        ((*OPEN, REDEEMED), replace(VOIDED, signed_at=STARTS + 1)),
        ((*OPEN, REDEEMED), replace(VOIDED, merchant=2)),
        ((*OPEN, REDEEMED, VOIDED), replace(VOIDED, amount=6_001)),
    ],
)  # fmt: skip
def test_what_the_contracts_never_do_is_told_as_a_lie_of_the_node(
    before: tuple[events.Event, ...], impossible: events.Event
) -> None:
    state = replay(*before)
    with pytest.raises(NodeLied):
        apply(state, impossible, BLOCK)


def test_a_first_block_has_nothing_to_reconcile() -> None:
    nothing: dict[str, BlockRef] = {}
    assert reconcile([], BLOCK, nothing.__getitem__) is None
