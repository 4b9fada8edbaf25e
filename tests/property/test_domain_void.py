"""A void gives everything back: the same books as if the redemption had never been.

One thing never goes back and is left out: `last_step`, so that no QR can be used twice.
Copays are rounded in the resident's favour: after each partial void at least the voided part of the
copay is back, and after the whole void all of it and not a satang more.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.domain import events
from ledger.domain.clock import bangkok_day, signed_at_of
from ledger.domain.projection import State, apply
from ledger.domain.redemption import RedeemedRecord, pack_records
from ledger.domain.state import Credit
from ledger.domain.till_rules import till_maximum
from ledger.domain.till_terms import HouseholdTerms, Instalment, TillFacts, TillTerms
from ledger.domain.usage import Usage
from ledger.domain.verdict import copay_returned, offer
from tests.property.domain_city import MERCHANT, PASS, STARTS, campaign, terms
from tests.property.test_domain_projection import BLOCK, opened
from tests.property.till_cases import tills

DAYS = st.sampled_from([0, 20_000, 500_000])


def pieces(amount: int, cuts: list[int]) -> list[int]:
    """Cut an amount into parts of at least one satang that add up to it."""
    marks = sorted({0, amount, *(cut % amount for cut in cuts)})
    return [after - before for before, after in pairwise(marks)]


def state_of(per_day_max: int) -> State:
    state = State()
    for number, event in enumerate(opened(per_day_max), 1):
        apply(state, event, replace(BLOCK, number=number))
    return state


def redeemed(state: State, record: RedeemedRecord) -> None:
    batch = len(state.books[1].batches) + 1
    event = events.Redeemed(campaign=1, batch=batch, records=pack_records([record]), at=9)
    apply(state, event, BLOCK)


def voided(state: State, record: RedeemedRecord, amount: int, before: int) -> int:
    """Void a part; return the copay that went back with it."""
    back = copay_returned(record.copay, record.amount, before, amount)
    event = events.Voided(
        campaign=1,
        pass_=record.pass_number,
        merchant=record.merchant,
        amount=amount,
        copay=back,
        signed_at=signed_at_of(STARTS, record.step),
        voided_at=99,
        at=99,
    )
    apply(state, event, BLOCK)
    return back


def books(state: State) -> dict[str, Any]:
    """What money and quotas come to; `last_step` of a pass is left out."""
    book = state.books[1]
    lanes = {number: Usage.unpack(lane) for number, lane in book.lanes.items()}
    return {
        "spent": state.campaigns[1].spent,
        "credits": {shop: owed for shop, owed in book.credits.items() if owed != Credit()},
        "lanes": {
            number: (used.spent_today, used.spent_total)
            for number, used in lanes.items()
            if used.spent_total
        },
    }


records = st.builds(
    RedeemedRecord,
    pass_number=st.integers(1, 9),
    merchant=st.integers(1, 3),
    bill=st.just(2**31),
    amount=st.integers(1, 9_000),
    copay=st.just(0) | st.integers(1, 50_000),
    step=st.integers(3_000, 3_400),
    unnamed=st.booleans(),
)
cuts = st.lists(st.integers(0, 9_000), max_size=4)


@given(DAYS, st.none() | records, records, cuts)
def test_redeem_then_void_in_any_pieces_leaves_the_books_as_they_were(
    per_day_max: int, earlier: RedeemedRecord | None, record: RedeemedRecord, parts: list[int]
) -> None:
    state = state_of(per_day_max)
    if earlier is not None:
        redeemed(state, replace(earlier, step=earlier.step - 500))
    before = books(state)
    held = deepcopy(state)
    redeemed(state, record)
    assert books(state) != before
    undone = copays = 0
    for part in pieces(record.amount, parts):
        copays += voided(state, record, part, undone)
        undone += part
        assert copays * record.amount >= record.copay * undone, "in the resident's favour"
        assert (copays - 1) * record.amount < record.copay * undone, "by less than a satang"
    assert undone == record.amount
    assert copays == record.copay
    after = books(state)
    day = bangkok_day(signed_at_of(STARTS, record.step))
    of = held.books[1].lanes.get(record.pass_number, 0)
    last = Usage.unpack(of)
    if last.last_step and bangkok_day(signed_at_of(STARTS, last.last_step)) != day:
        # The day of the lane is now the later one, of which nothing is used.
        today, total = after["lanes"][record.pass_number]
        assert today == 0
        before["lanes"][record.pass_number] = (0, total)
    assert after == before
    assert state.usage_of(1, record.pass_number).last_step == record.step


@given(DAYS, st.lists(records, min_size=2, max_size=5), st.data())
def test_voids_in_any_order_restore_the_books(
    per_day_max: int, taken: list[RedeemedRecord], data: st.DataObject
) -> None:
    state = state_of(per_day_max)
    before = books(state)
    done: list[RedeemedRecord] = []
    for number, record in enumerate(taken):
        later = replace(record, step=record.step + 700 * number)
        redeemed(state, later)
        done.append(later)
    for record in data.draw(st.permutations(done)):
        undone = 0
        for part in pieces(record.amount, data.draw(cuts)):
            voided(state, record, part, undone)
            undone += part
    assert books(state) == before


@given(DAYS, st.integers(0, 15_000), st.integers(1, 9_000), tills)
def test_what_the_rules_offer_after_a_void_is_what_they_offered_before(
    per_day_max: int, used: int, amount: int, till: TillTerms
) -> None:
    """Instalments, household and the shop's day count what is spent, so a void gives them back."""
    of = campaign(
        of=terms(per_day_max=per_day_max, share_basis_points=10_000, open_hours=2**168 - 1)
    )
    first, second, third = 3_000, 3_010, 3_020
    daily = per_day_max != 0
    usage = Usage().after_spending(STARTS, first, used, daily=daily) if used else Usage()
    spent = usage.after_spending(STARTS, second, amount, daily=daily)
    back = spent.after_void(STARTS, second, amount, daily=daily)
    assert (back.spent_today, back.spent_total) == (usage.spent_today, usage.spent_total)
    at = signed_at_of(STARTS, third)
    told = TillFacts(
        household_spent=used, household_spent_today=used, merchant_taken_today=used,
        stacking_known=True, distance_metres=0, position_age_seconds=0, accuracy_metres=0,
        notice_acknowledged=till.goods_notice.hash if till.goods_notice else None,
    )  # fmt: skip
    offers = [
        offer(of, PASS, one, MERCHANT, 50_000, at, till=till, facts=told) for one in (usage, back)
    ]
    assert offers[0] == offers[1]


@given(st.integers(1, 2**24 - 1), st.integers(0, 2**32 - 1), st.data())
def test_the_copay_of_a_void_is_rounded_up_and_never_beyond(
    amount: int, copay: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, amount))
    assume(first < amount)
    second = data.draw(st.integers(1, amount - first))
    one = copay_returned(copay, amount, 0, first)
    two = copay_returned(copay, amount, first, second)
    assert one == -(-copay * first // amount)
    assert one + two == copay_returned(copay, amount, 0, first + second)
    assert one + two + copay_returned(copay, amount, first + second, amount - first - second) == (
        copay
    )


def test_a_void_that_takes_spending_below_a_release_takes_the_release_back() -> None:
    till = TillTerms(
        household=HouseholdTerms(allowance=100),
        instalments=(
            Instalment(opens=STARTS, amount=50),
            Instalment(opens=STARTS, amount=50, after_spending=50),
        ),
    )
    facts = TillFacts(household_spent=0)
    assert till_maximum(till, facts, spent_total=50, now=STARTS) == 50
    assert till_maximum(till, facts, spent_total=49, now=STARTS) == 1
