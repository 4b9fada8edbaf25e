"""Bangkok's days and hours, and the steps of a campaign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ledger.domain.clock import (
    STEP_MAX,
    bangkok_day,
    english_date,
    hour_of_week,
    latest_step,
    signed_at_of,
    step_of,
    thai_date,
)
from ledger.domain.rules import next_opening
from ledger.errors import InputInvalid, StepInvalid

STARTS = 1_761_692_400  # 2025-10-29T06:00:00+07:00
BANGKOK = timezone(timedelta(hours=7))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text + "+07:00").timestamp())


def test_a_bangkok_day_begins_at_midnight_in_bangkok() -> None:
    midnight = at("2025-10-30T00:00:00")
    assert bangkok_day(midnight) == bangkok_day(midnight - 1) + 1
    assert bangkok_day(at("2025-10-30T23:59:59")) == bangkok_day(midnight)


def test_a_leap_day_is_a_day_like_any_other() -> None:
    assert bangkok_day(at("2028-03-01T00:00:00")) - bangkok_day(at("2028-02-28T23:59:59")) == 2


def test_hours_of_the_week_agree_with_the_calendar() -> None:
    for hour in range(0, 24 * 400, 7):
        t = STARTS + hour * 3_600
        local = datetime.fromtimestamp(t, UTC).astimezone(BANGKOK)
        assert hour_of_week(t) == local.weekday() * 24 + local.hour
    assert hour_of_week(at("2025-10-27T00:00:00")) == 0, "a Monday"
    assert hour_of_week(at("2025-10-26T23:59:59")) == 167


def test_steps_count_fifteen_seconds_from_the_start() -> None:
    assert step_of(STARTS, STARTS) == 1
    assert step_of(STARTS, STARTS + 15) == 2
    assert signed_at_of(STARTS, STEP_MAX) == STARTS + (2**21 - 2) * 15
    assert step_of(STARTS, signed_at_of(STARTS, STEP_MAX)) == STEP_MAX
    assert STEP_MAX * 15 > 364 * 86_400


@pytest.mark.parametrize("signed_at", [STARTS + 1, STARTS - 15, 0, STARTS + STEP_MAX * 15, 2**40])
def test_a_time_off_the_steps_is_refused(signed_at: int) -> None:
    with pytest.raises(StepInvalid) as refused:
        step_of(STARTS, signed_at)
    assert refused.value.code == "step_invalid"
    assert isinstance(refused.value, InputInvalid)


@pytest.mark.parametrize("step", [0, -1, 2**21])
def test_a_step_out_of_range_has_no_time(step: int) -> None:
    with pytest.raises(StepInvalid):
        signed_at_of(STARTS, step)


def test_the_latest_step_never_lies_in_the_future() -> None:
    assert latest_step(STARTS, STARTS) == 1
    assert latest_step(STARTS, STARTS + 14) == 1
    assert latest_step(STARTS, STARTS + 15) == 2
    assert latest_step(STARTS, 2**40) == STEP_MAX
    with pytest.raises(StepInvalid):
        latest_step(STARTS, STARTS - 1)


def test_dates_are_written_in_the_buddhist_era_for_thais() -> None:
    assert thai_date(at("2025-10-29T12:00:00")) == "29 ต.ค. 2568 12:00 น."
    assert thai_date(at("2026-01-01T00:00:00")) == "1 ม.ค. 2569 00:00 น."
    assert english_date(at("2025-10-29T12:00:00")) == "29 Oct 2025 12:00"


def test_the_next_opening_is_a_full_hour_that_is_open() -> None:
    hours = sum(((1 << 23) - (1 << 6)) << 24 * day for day in range(7))
    assert next_opening(hours, at("2025-10-29T23:10:00")) == at("2025-10-30T06:00:00")
    assert next_opening(1, at("2025-10-27T00:10:00")) == at("2025-11-03T00:00:00")
    assert next_opening(0, STARTS) == 0
