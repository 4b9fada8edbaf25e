"""A round in packed lines and pages; what the projection refuses of paying shops."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain import events
from ledger.domain.blocks import BlockRef
from ledger.domain.hashing import keccak
from ledger.domain.projection import State, apply
from ledger.domain.redemption import RedeemedRecord, pack_records
from ledger.domain.settled_lines import (
    END,
    SettledLine,
    lines_of,
    pack_lines,
    page_hashes,
    pages_of,
    unpack_lines,
)
from ledger.domain.settlement import Entry, Leg, Line, Reason, Round
from ledger.domain.state import Credit, RoundStatus
from ledger.errors import NodeLied
from tests.property.domain_city import STARTS, terms

ANN = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
BEN = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
BLOCK = BlockRef(number=7, hash="0x07", parent="0x06", time=STARTS)


def line(merchant: int, campaign: int = 1, amount: int = 100, copay: int = 0) -> SettledLine:
    return SettledLine(campaign=campaign, merchant=merchant, amount=amount, copay=copay)


def entry(campaign: int, amount: int, leg: Leg = Leg.CITY, **more: Any) -> Entry:
    plain = {"pass_number": 1, "step": 1, "merchant": 3, "day": 1, "ready": 1}
    return Entry(campaign=campaign, amount=amount, leg=leg, **(plain | more))


def test_a_line_is_24_bytes_and_reads_back() -> None:
    packed = pack_lines([line(2, 7, -5, 9)])
    assert packed.hex() == "0000000700000002fffffffffffffffb0000000000000009"
    assert unpack_lines(packed) == [line(2, 7, -5, 9)]
    with pytest.raises(ValueError, match="no lines"):
        unpack_lines(packed[:-1])


def test_a_paid_line_becomes_one_for_each_campaign_and_zeros_stay() -> None:
    entries = (
        entry(2, 50, Leg.COPAY),
        entry(1, 100),
        entry(1, -100, voided_at=9, step=2),
        entry(2, 30, pass_number=2),
    )
    paid = Line(merchant=3, amount=80, entries=entries, reason=None, account=None)
    held = replace(paid, merchant=2, reason=Reason.SUSPENDED)
    made = Round(number=1, day=1, legs=frozenset(Leg), minimum=0, lines=(held, paid))
    assert lines_of(made) == [line(3, 1, 0, 0), line(3, 2, 30, 50)]


def test_a_shop_stands_on_one_page_and_the_pages_are_chained_from_the_end() -> None:
    lines = [line(1), line(2, 1), line(2, 2), line(3)]
    pages = pages_of(lines, most=2)
    assert [unpack_lines(page) for page in pages] == [lines[:1], lines[1:3], lines[3:]]
    hashes = page_hashes(pages)
    assert hashes[-1] == END
    assert hashes[2] == keccak(keccak(pages[2]) + END)
    assert hashes[0] == keccak(keccak(pages[0]) + hashes[1])


PAGES = [pack_lines([line(1, amount=6_000)])]
MADE = events.RoundMade(
    round=1, maker=ANN, day=20_000, pages=1, total=6_000, lines_hash=page_hashes(PAGES)[0],
    document_hash=bytes(32), at=1,
)  # fmt: skip
APPROVED = events.RoundApproved(round=1, approver=BEN, at=2)
SETTLED = events.LinesSettled(round=1, page=1, lines=PAGES[0], at=3)
DONE = events.RoundSettled(round=1, total=6_000, at=3)
RETURNED = events.PaymentReturned(round=1, page=1, merchant=1, amount=6_000, at=4)
FILE = events.FileRecorded(round=1, file_hash=bytes(31) + b"\1", payments=1, total=6_000, at=4)


def town(*log: events.Event) -> State:
    """Shop 1 took 60 baht of a campaign that holds 500."""
    record = RedeemedRecord(
        pass_number=1, merchant=1, bill=12_000, amount=6_000, copay=0, step=10, unnamed=False
    )
    state = State()
    for event in (
        events.CampaignDrafted(campaign=1, officer=ANN, terms=terms(), at=1),
        events.CampaignFunded(campaign=1, funder=ANN, contribution=1, amount=50_000, at=1),
        events.Redeemed(campaign=1, batch=1, records=pack_records([record]), at=STARTS + 200),
        *log,
    ):
        apply(state, event, BLOCK)
    return state


def voided(amount: int) -> events.Voided:
    return events.Voided(
        campaign=1, pass_=1, merchant=1, amount=amount, copay=0, signed_at=STARTS + 135,
        voided_at=amount, at=5,
    )  # fmt: skip


def test_a_round_is_made_approved_settled_and_its_payment_comes_back_once() -> None:
    state = town(MADE, APPROVED, SETTLED, DONE, FILE)
    assert state.credit_of(1, 1) == Credit(amount=6_000, paid=6_000)
    assert (state.rounds[1].status, len(state.rounds[1].files)) == (RoundStatus.SETTLED, 1)
    apply(state, RETURNED, BLOCK)
    assert state.credit_of(1, 1) == Credit(amount=6_000)
    with pytest.raises(NodeLied):
        apply(state, RETURNED, BLOCK)


def test_a_void_after_payment_is_owed_and_stays_spent_until_it_is_covered() -> None:
    state = town(MADE, APPROVED, SETTLED, DONE, voided(2_000))
    assert state.credit_of(1, 1) == Credit(amount=4_000, paid=6_000, owed=2_000)
    assert (state.campaigns[1].spent, state.books[1].owed) == (6_000, 2_000)
    with pytest.raises(NodeLied, match="owe"):
        apply(state, events.CampaignClosed(campaign=1, unspent=44_000, at=6), BLOCK)
    apply(state, events.DebtCovered(campaign=1, merchant=1, by=ANN, amount=2_000, at=6), BLOCK)
    assert state.credit_of(1, 1) == Credit(amount=4_000, paid=4_000)
    assert state.campaigns[1].spent == 4_000


def test_a_debt_that_the_campaign_cannot_carry_was_never_taken_on() -> None:
    state = town(MADE, APPROVED, SETTLED, DONE)
    state.campaigns[1] = replace(state.campaigns[1], funded=3_000, spent=3_000)
    with pytest.raises(NodeLied, match="spent"):
        apply(state, events.DebtCovered(campaign=1, merchant=1, by=ANN, amount=-1, at=6), BLOCK)


def test_a_round_that_was_cut_short_is_settled_with_what_it_paid() -> None:
    pages = [PAGES[0], pack_lines([line(2, amount=10)])]
    made = replace(MADE, pages=2, total=6_010, lines_hash=page_hashes(pages)[0])
    state = town(made, APPROVED, SETTLED, DONE)
    assert (state.rounds[1].status, state.rounds[1].settled) == (RoundStatus.SETTLED, 6_000)


@pytest.mark.parametrize(
    "log",
    [
        (replace(MADE, round=2),),
        (MADE, replace(MADE, round=2)),
        (APPROVED,),
        (MADE, replace(APPROVED, approver=ANN)),
        (MADE, SETTLED),
        (MADE, APPROVED, replace(SETTLED, page=2)),
        (MADE, APPROVED, replace(SETTLED, lines=PAGES[0][:-1])),
        (MADE, APPROVED, replace(SETTLED, lines=pack_lines([line(1, amount=6_001)]))),
        (replace(MADE, total=5_999), APPROVED, SETTLED),
        (replace(MADE, lines_hash=bytes(32)), APPROVED, SETTLED, DONE),
        (MADE, APPROVED, DONE),
        (MADE, APPROVED, SETTLED, replace(DONE, total=5_999)),
        (MADE, APPROVED, SETTLED, events.RoundWithdrawn(round=1, by=ANN, at=3)),
        (MADE, APPROVED, SETTLED, FILE),
        (MADE, APPROVED, SETTLED, DONE, replace(RETURNED, amount=1)),
        (MADE, APPROVED, SETTLED, DONE, replace(RETURNED, merchant=2)),
        (MADE, APPROVED, SETTLED, DONE, replace(RETURNED, page=2)),
    ],
)
def test_what_the_settlement_book_never_does_is_an_alarm(log: tuple[events.Event, ...]) -> None:
    with pytest.raises(NodeLied):
        town(*log)
