"""Time as the campaigns read it: Bangkok days, hours of the week, 15-second steps.

All times are Unix seconds, UTC. Thailand has no daylight saving time: the offset is a constant.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from ledger.errors import StepInvalid

BANGKOK_OFFSET: Final = 25_200
STEP_SECONDS: Final = 15
STEP_MAX: Final = 2**21 - 1
TIME_MAX: Final = 2**40 - 1
DAY_SECONDS: Final = 86_400
WINDOW_SECONDS_MAX: Final = 364 * DAY_SECONDS

_THAI_MONTHS: Final = (
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.",
    "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.",
)  # fmt: skip
_ENGLISH_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def bangkok_day(t: int) -> int:
    """Return the number of the Bangkok calendar day of `t`, counted from 1970-01-01."""
    return (t + BANGKOK_OFFSET) // DAY_SECONDS


def hour_of_week(t: int) -> int:
    """Return the hour of the Bangkok week of `t`: Monday 00:00 is 0, Sunday 23:00 is 167."""
    return ((t + BANGKOK_OFFSET) // 3_600 + 72) % 168


def step_of(starts: int, signed_at: int) -> int:
    """Return the step (1 …) of a signed time. Raises StepInvalid when it lies on none."""
    steps, rest = divmod(signed_at - starts, STEP_SECONDS)
    if rest or not 0 <= steps < STEP_MAX:
        raise StepInvalid(signed_at=signed_at, starts=starts)
    return steps + 1


def signed_at_of(starts: int, step: int) -> int:
    """Return the time of a step. Raises StepInvalid outside 1 … STEP_MAX."""
    if not 1 <= step <= STEP_MAX:
        raise StepInvalid(step=step, starts=starts)
    return starts + (step - 1) * STEP_SECONDS


def latest_step(starts: int, now: int) -> int:
    """Return the last step whose time is not after `now`. Raises StepInvalid before `starts`."""
    if now < starts:
        raise StepInvalid(signed_at=now, starts=starts)
    return min((now - starts) // STEP_SECONDS + 1, STEP_MAX)


def _bangkok(t: int) -> datetime:
    return datetime.fromtimestamp(t, UTC) + timedelta(seconds=BANGKOK_OFFSET)


def thai_date(t: int) -> str:
    """Write `t` as people in Thailand do, in the Buddhist era: "29 ต.ค. 2568 12:00 น."."""
    at = _bangkok(t)
    return f"{thai_day(at)} {at:%H:%M} น."


def english_date(t: int) -> str:
    """Write `t` in English, Bangkok time, common era: "29 Oct 2025 12:00"."""
    at = _bangkok(t)
    return f"{english_day(at)} {at:%H:%M}"


def thai_day(day: date) -> str:
    """Write a day in the Buddhist era: "29 ต.ค. 2568"."""
    return f"{day.day} {_THAI_MONTHS[day.month - 1]} {day.year + 543}"


def english_day(day: date) -> str:
    """Write a day in English, common era: "29 Oct 2025"."""
    return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
