"""The projection against a model that keeps everything unpacked, over random histories."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import events
from ledger.domain.blocks import BlockRef
from ledger.domain.campaign import Campaign, CampaignStatus, returned_shares
from ledger.domain.clock import signed_at_of
from ledger.domain.projection import State, apply
from ledger.domain.redemption import RedeemedRecord, pack_records
from ledger.domain.state import Credit
from ledger.domain.usage import Usage
from ledger.domain.verdict import copay_returned
from ledger.errors import NodeLied
from tests.property.domain_city import STARTS, TERMS, TOKEN, terms

BLOCK = BlockRef(number=1, hash="0x01", parent="0x00", time=STARTS)
FUNDER = TOKEN
FUNDED = 10**9


def opened(per_day_max: int) -> list[events.Event]:
    """A campaign from draft to open, funded."""
    of = terms(per_day_max=per_day_max, allowance=2**24 - 1)
    return [
        events.CampaignDrafted(campaign=1, officer=TOKEN, terms=of, at=1),
        events.CampaignApproved(campaign=1, approver=TOKEN, at=2),
        events.CouponsIssued(campaign=1, issuer=TOKEN, at=3),
        events.CampaignFunded(campaign=1, funder=FUNDER, contribution=1, amount=FUNDED, at=4),
    ]


@dataclass
class Model:
    """What the chain keeps, unpacked; writes the events the contract would."""

    daily: bool
    usages: dict[int, Usage] = field(default_factory=dict)
    taken: dict[tuple[int, int], RedeemedRecord] = field(default_factory=dict)
    voided: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    log: list[events.Event] = field(default_factory=list)
    batches: int = 0

    def redeem(self, wishes: list[tuple[int, int, int, int, int]]) -> None:
        records = []
        for number, merchant, ahead, amount, copay in wishes:
            before = self.usages.get(number, Usage())
            step = before.last_step + ahead
            after = before.after_spending(STARTS, step, amount, daily=self.daily)
            self.usages[number] = after
            record = RedeemedRecord(
                pass_number=number, merchant=merchant, bill=amount + copay, amount=amount,
                copay=copay, step=step, unnamed=False,
            )  # fmt: skip
            self.taken[number, step] = record
            records.append(record)
        self.batches += 1
        self.log.append(
            events.Redeemed(campaign=1, batch=self.batches, records=pack_records(records), at=9)
        )

    def void(self, key: tuple[int, int], amount: int) -> None:
        record = self.taken[key]
        undone, undone_copay = self.voided.get(key, (0, 0))
        back = copay_returned(record.copay, record.amount, undone, amount)
        self.voided[key] = undone + amount, undone_copay + back
        self.usages[key[0]] = self.usages[key[0]].after_void(
            STARTS, key[1], amount, daily=self.daily
        )
        self.log.append(
            events.Voided(
                campaign=1,
                pass_=key[0],
                merchant=record.merchant,
                amount=amount,
                copay=back,
                signed_at=signed_at_of(STARTS, key[1]),
                voided_at=99,
                at=99,
            )
        )

    def credits(self) -> dict[int, Credit]:
        sums: dict[int, Credit] = {}
        for key, record in self.taken.items():
            undone, undone_copay = self.voided.get(key, (0, 0))
            before = sums.get(record.merchant, Credit())
            sums[record.merchant] = Credit(
                amount=before.amount + record.amount - undone,
                copay=before.copay + record.copay - undone_copay,
            )
        return sums


wishes = st.tuples(
    st.integers(1, 6),
    st.integers(1, 3),
    st.integers(1, 3_000),
    st.integers(1, 9_000),
    st.integers(0, 500),
)


@st.composite
def histories(draw: st.DrawFn) -> Model:
    """Batches and voids in any order."""
    model = Model(daily=draw(st.booleans()))
    for _ in range(draw(st.integers(1, 8))):
        open_keys = [
            key
            for key, record in model.taken.items()
            if model.voided.get(key, (0, 0))[0] < record.amount
        ]
        voiding = draw(st.booleans())
        if open_keys and voiding:
            key = draw(st.sampled_from(open_keys))
            left = model.taken[key].amount - model.voided.get(key, (0, 0))[0]
            model.void(key, draw(st.integers(1, left)))
        else:
            model.redeem(draw(st.lists(wishes, min_size=1, max_size=12)))
    return model


def replay(log: list[events.Event]) -> State:
    """The state after a log."""
    state = State()
    for event in log:
        apply(state, event, BLOCK)
    return state


@settings(max_examples=200)
@given(histories())
def test_the_projection_is_the_unpacked_model(model: Model) -> None:
    state = replay([*opened(2**19 - 1 if model.daily else 0), *model.log])
    spent = sum(record.amount for record in model.taken.values())
    spent -= sum(amount for amount, _copay in model.voided.values())
    assert state.campaigns[1].spent == spent
    assert state.books[1].credits == model.credits()
    for number, usage in model.usages.items():
        assert state.usage_of(1, number) == usage
    for (number, step), record in model.taken.items():
        assert state.books[1].redemption(number, step) == record
    for key, (amount, copay) in model.voided.items():
        total = state.books[1].voids[key]
        assert (total.amount, total.copay) == (amount, copay)


@given(histories())
def test_two_replays_of_one_log_are_equal(model: Model) -> None:
    log = [*opened(2**19 - 1 if model.daily else 0), *model.log]
    assert replay(log) == replay(list(log))


@given(histories())
def test_voiding_everything_restores_all_but_the_last_steps(model: Model) -> None:
    for key, record in list(model.taken.items()):
        left = record.amount - model.voided.get(key, (0, 0))[0]
        if left:
            model.void(key, left)
    state = replay([*opened(2**19 - 1 if model.daily else 0), *model.log])
    assert state.campaigns[1].spent == 0
    assert set(state.books[1].credits.values()) == {Credit()}
    for number, usage in model.usages.items():
        now = state.usage_of(1, number)
        assert (now.spent_today, now.spent_total) == (0, 0)
        assert now.last_step == usage.last_step


@given(histories(), st.data())
def test_a_batch_that_comes_again_is_never_counted_twice(model: Model, data: st.DataObject) -> None:
    state = replay([*opened(2**19 - 1 if model.daily else 0), *model.log])
    batch = data.draw(
        st.sampled_from([event for event in model.log if isinstance(event, events.Redeemed)])
    )
    for again in (batch, replace(batch, batch=model.batches + 1)):
        with pytest.raises(NodeLied):
            apply(state, again, BLOCK)


@given(st.lists(st.integers(1, FUNDED), min_size=1, max_size=5))
def test_the_sweep_returns_what_is_left_and_nothing_else(more: list[int]) -> None:
    log: list[events.Event] = opened(0)
    for number, amount in enumerate(more, start=2):
        log.append(
            events.CampaignFunded(
                campaign=1, funder=FUNDER, contribution=number, amount=amount, at=5
            )
        )
    state = replay(log)
    given_ = [FUNDED, *more]
    shares = returned_shares(sum(given_), given_)
    apply(state, events.CampaignClosed(campaign=1, unspent=sum(given_), at=6), BLOCK)
    for number, share in enumerate(shares, start=1):
        wrong: dict[str, Any] = {"campaign": 1, "funder": FUNDER, "contribution": number, "at": 7}
        with pytest.raises(NodeLied):
            apply(state, events.ContributionReturned(amount=share + 1, **wrong), BLOCK)
        apply(state, events.ContributionReturned(amount=share, **wrong), BLOCK)
        with pytest.raises(NodeLied):
            apply(state, events.ContributionReturned(amount=share, **wrong), BLOCK)
    assert state.campaigns[1] == Campaign(
        number=1,
        terms=replace(TERMS, per_day_max=0, allowance=2**24 - 1),
        status=CampaignStatus.CLOSED,
        drafted_by=TOKEN,
        approved_by=TOKEN,
        issued_by=TOKEN,
        funded=sum(given_),
    )
    assert [one.returned for one in state.books[1].contributions] == shares
