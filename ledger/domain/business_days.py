"""Days on which shops are paid: not a Saturday, not a Sunday, not a Thai public holiday.

A day is a number of Bangkok calendar days since 1970-01-01, as `clock.bangkok_day` counts them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from ledger.errors import InputInvalid

HOLIDAY_FILE: Final = "holidays_th.json"
_EPOCH: Final = date(1970, 1, 1).toordinal()
_SATURDAY: Final = 5


def day_of(when: date) -> int:
    """Return the number of a calendar day."""
    return when.toordinal() - _EPOCH


def date_of(day: int) -> date:
    """Return the calendar day of a number."""
    return date.fromordinal(day + _EPOCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessDays:
    """The years a calendar knows, and the days on which nobody is paid although it is no weekend.

    A day of another year is refused with InputInvalid: a missing list must never read as a year
    without holidays.
    """

    first_year: int
    last_year: int
    holidays: frozenset[int]

    def is_open(self, day: int) -> bool:
        """Say whether banks and the town hall work on a day."""
        when = date_of(day)
        if not self.first_year <= when.year <= self.last_year:
            known = f"{self.first_year} to {self.last_year}"
            raise InputInvalid(what="calendar", why=f"{when} is outside its years, {known}")
        return when.weekday() < _SATURDAY and day not in self.holidays

    def after(self, day: int, count: int) -> int:
        """Return the `count`-th business day after a day: T+1 is `after(day, 1)`."""
        assert count >= 1, count
        while count:
            day += 1
            count -= self.is_open(day)
        return day


def read_calendar(text: str) -> BusinessDays:
    """Read a holiday file. Raises InputInvalid for one that contradicts itself."""
    try:
        document = json.loads(text)
        first, last = int(document["first_year"]), int(document["last_year"])
        dates = [date.fromisoformat(row["date"]) for row in document["days"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputInvalid(what="calendar", why=f"not a holiday file: {error}") from error
    strange = [when for when in dates if not first <= when.year <= last]
    if strange or len(set(dates)) != len(dates):
        raise InputInvalid(what="calendar", why="a date twice, or outside its years")
    years = {when.year for when in dates}
    if years != set(range(first, last + 1)):
        raise InputInvalid(what="calendar", why="a year without a single holiday")
    return BusinessDays(
        first_year=first, last_year=last, holidays=frozenset(day_of(when) for when in dates)
    )


@cache
def thai_calendar() -> BusinessDays:
    """The calendar that comes with the ledger."""
    return read_calendar((files("ledger.domain") / HOLIDAY_FILE).read_text("utf-8"))
