"""Usage at its edges: lanes, days and steps back."""

from __future__ import annotations

import pytest

from ledger.domain.usage import Usage, read_lane, slot_of, write_lane
from ledger.errors import InputInvalid
from tests.property.domain_city import NOON, STARTS

NOON_STEP = (NOON - STARTS) // 15 + 1
DAY_STEPS = 86_400 // 15


def test_nothing_is_used_before_the_first_redemption() -> None:
    assert Usage() == Usage(last_step=0, spent_today=0, spent_total=0)
    assert not Usage().same_day(STARTS, STARTS)
    assert Usage(spent_today=5).spent_on_day_of(STARTS, STARTS) == 0


def test_the_first_step_of_all_is_a_day_like_any_other() -> None:
    assert Usage(last_step=1, spent_today=5).same_day(STARTS, STARTS)
    assert Usage(last_step=1, spent_today=5).spent_on_day_of(STARTS, STARTS) == 5


def test_a_day_ends_at_midnight_in_bangkok() -> None:
    used = Usage(last_step=NOON_STEP, spent_today=7)
    midnight = NOON + 12 * 3_600
    assert used.spent_on_day_of(STARTS, midnight - 1) == 7
    assert used.spent_on_day_of(STARTS, midnight) == 0


def test_spending_adds_up_within_a_day_and_begins_anew_on_the_next() -> None:
    first = Usage().after_spending(STARTS, NOON_STEP, 100, daily=True)
    assert first == Usage(last_step=NOON_STEP, spent_today=100, spent_total=100)
    second = first.after_spending(STARTS, NOON_STEP + 1, 50, daily=True)
    assert second == Usage(last_step=NOON_STEP + 1, spent_today=150, spent_total=150)
    third = second.after_spending(STARTS, NOON_STEP + DAY_STEPS, 1, daily=True)
    assert third == Usage(last_step=NOON_STEP + DAY_STEPS, spent_today=1, spent_total=151)


def test_without_a_day_quota_no_day_is_counted() -> None:
    assert Usage().after_spending(STARTS, NOON_STEP, 100, daily=False) == Usage(
        last_step=NOON_STEP, spent_today=0, spent_total=100
    )


def test_a_void_gives_back_the_day_only_where_it_still_counts() -> None:
    used = Usage(last_step=NOON_STEP, spent_today=100, spent_total=300)
    assert used.after_void(STARTS, NOON_STEP, 40, daily=True) == Usage(
        last_step=NOON_STEP, spent_today=60, spent_total=260
    )
    tomorrow = Usage(last_step=NOON_STEP + DAY_STEPS, spent_today=100, spent_total=300)
    assert tomorrow.after_void(STARTS, NOON_STEP, 40, daily=True) == Usage(
        last_step=NOON_STEP + DAY_STEPS, spent_today=100, spent_total=260
    )
    assert used.after_void(STARTS, NOON_STEP, 40, daily=False).spent_today == 100


def test_a_lane_holds_its_widest_values_and_not_one_more() -> None:
    widest = Usage(last_step=2**21 - 1, spent_today=2**19 - 1, spent_total=2**24 - 1)
    assert widest.pack() == 2**64 - 1
    assert Usage.unpack(2**64 - 1) == widest
    for name, field, bits in (
        ("last_step", "last_step", 21),
        ("spent_today", "spent_today", 19),
        ("spent_total", "spent_total", 24),
    ):
        with pytest.raises(InputInvalid) as refused:
            Usage(**{field: 2**bits}).pack()
        assert refused.value.details["what"] == name
    with pytest.raises(InputInvalid) as refused:
        Usage.unpack(2**64)
    assert refused.value.details["what"] == "usage lane"
    assert Usage(last_step=1, spent_today=2, spent_total=3).pack() == 1 | 2 << 21 | 3 << 40


def test_four_passes_share_a_slot_and_keep_their_own_lane() -> None:
    assert [slot_of(number) for number in (0, 3, 4, 7, 8)] == [0, 0, 1, 1, 2]
    one = Usage(last_step=1, spent_total=9)
    slot = write_lane(2**256 - 1, 6, one)
    assert read_lane(slot, 6) == one
    for neighbour in (4, 5, 7):
        assert read_lane(slot, neighbour) == Usage.unpack(2**64 - 1)
    assert write_lane(0, 5, one) == one.pack() << 64
