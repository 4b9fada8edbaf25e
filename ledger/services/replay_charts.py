"""The charts of a replay's page: bars in whole units of a drawing, no script, nothing from outside.

A chart is what the template draws: rectangles and words with their places. Each bar carries a title
for whoever points at it or listens; the figures themselves stand in the table beside the chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.amounts import brief_baht

WIDTH: Final = 960
LEFT: Final = 96
RIGHT: Final = 12
PLOT_HEIGHT: Final = 220
TOP: Final = 24
"""Room above the first line of words: Thai vowels and tone marks rise above the letter."""

AXIS_HEIGHT: Final = 34
ROW_HEIGHT: Final = 34
BAR_HEIGHT: Final = 16
NAME_WIDTH: Final = 300
FIGURE_WIDTH: Final = 132
X_LABELS_MAX: Final = 8
SHOPS_SHOWN: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rectangle. `kind` is its class in the style sheet."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A short text at a point, its `anchor` start, middle or end."""

    x: int
    y: int
    text: str
    anchor: str = "start"
    kind: str = "word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing of WIDTH by `height`; `rules` are the heights of its horizontal lines."""

    height: int
    bars: tuple[Bar, ...]
    words: tuple[Word, ...]
    rules: tuple[int, ...] = ()


def _nice(most: int) -> int:
    """The next round number at or above: 1, 2 or 5 times a power of ten."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if factor * step >= most:
                return factor * step
        step *= 10


def _pair_of(columns: Sequence[Any], *, money: bool) -> Chart:
    """Two bars a column, side by side; a column is (label, title, left, right)."""
    top = _nice(max(1, *(max(left, right) for _, _, left, right in columns)))
    slot = (WIDTH - LEFT - RIGHT) * 100 // len(columns)
    base = TOP + PLOT_HEIGHT
    every = -(-len(columns) // X_LABELS_MAX)
    bars, words = [], []
    for index, (label, title, left, right) in enumerate(columns):
        start = LEFT + index * slot // 100
        wide = max(slot * 42 // 10_000, 1)
        for place, (value, kind) in enumerate(((left, "real"), (right, "draft"))):
            tall = value * PLOT_HEIGHT // top
            bars.append(
                Bar(
                    x=start + place * wide,
                    y=base - tall,
                    width=max(wide - (1 if wide > 3 else 0), 1),
                    height=tall,
                    kind=kind,
                    title=title,
                )
            )
        if index % every == 0:
            words.append(Word(x=start + wide, y=base + 22, text=label, anchor="middle"))
    rules = tuple(base - PLOT_HEIGHT * part // 4 for part in range(5))
    for part, height in enumerate(rules):
        value = top * part // 4
        text = brief_baht(value) if money else f"{value:,}"
        words.append(Word(x=LEFT - 8, y=height + 5, text=text, anchor="end"))
    return Chart(height=base + AXIS_HEIGHT, bars=tuple(bars), words=tuple(words), rules=rules)


def days_chart(days: Sequence[dict[str, Any]]) -> Chart:
    """What the city paid each day, and what it would pay."""
    return _pair_of(
        [
            (
                each["day"]["th"],
                _of_day(each),
                int(each["real"]),
                int(each["offered"]),
            )
            for each in days
        ],
        money=True,
    )


def _of_day(day: dict[str, Any]) -> str:
    real, offered = brief_baht(int(day["real"])), brief_baht(int(day["offered"]))
    return f"{day['day']['th']}: จริง {real} ร่าง {offered} บาท"


def _of_hour(hour: dict[str, Any]) -> str:
    given = hour["asked"] - hour["refused"]
    return f"{hour['hour']:02d}:00 น.: มา {hour['asked']:,} ได้ {given:,} ครั้ง"


def hours_chart(hours: Sequence[dict[str, Any]]) -> Chart:
    """How many came each hour, and how many of them would be given something."""
    return _pair_of(
        [
            (
                f"{each['hour']:02d}:00",
                _of_hour(each),
                each["asked"],
                each["asked"] - each["refused"],
            )
            for each in hours
        ],
        money=False,
    )


def refusals_chart(refusals: Sequence[dict[str, Any]]) -> Chart:
    """By rule: refused, and given less."""
    most = max(1, *(each["refused"] + each["given_less"] for each in refusals))
    room = WIDTH - NAME_WIDTH - FIGURE_WIDTH - RIGHT
    bars, words = [], []
    for index, each in enumerate(refusals):
        y = TOP + index * ROW_HEIGHT
        refused = each["refused"] * room // most
        less = each["given_less"] * room // most
        title = f"{each['th']}: ปฏิเสธ {each['refused']:,} ได้น้อยลง {each['given_less']:,}"
        bars.append(_row(NAME_WIDTH, y, refused, "loss", title))
        bars.append(_row(NAME_WIDTH + refused, y, less, "less", title))
        words.append(Word(x=NAME_WIDTH - 10, y=y + 13, text=each["th"], anchor="end"))
        figure = f"{each['refused']:,} + {each['given_less']:,}"
        words.append(Word(x=NAME_WIDTH + refused + less + 8, y=y + 13, text=figure))
    return Chart(height=TOP + len(refusals) * ROW_HEIGHT + 6, bars=tuple(bars), words=tuple(words))


def shops_chart(shops: Sequence[dict[str, Any]]) -> Chart:
    """The shops whose takings change most: gains to the right of the middle, losses to the left."""
    chosen = most_changed(shops)
    most = max(1, *(abs(int(each["change"])) for each in chosen))
    middle = LEFT + (WIDTH - LEFT) // 2
    half = (WIDTH - LEFT) // 2 - FIGURE_WIDTH
    bars, words = [], []
    for index, each in enumerate(chosen):
        y, change = TOP + index * ROW_HEIGHT, int(each["change"])
        wide = abs(change) * half // most
        gains = change >= 0
        title = f"ร้าน {each['shop']}: {'+' if gains else ''}{brief_baht(change)} บาท"
        bars.append(
            _row(middle if gains else middle - wide, y, wide, "gain" if gains else "loss", title)
        )
        words.append(Word(x=0, y=y + 13, text=f"ร้าน {each['shop']}"))
        figure = f"{'+' if gains else '−'}{brief_baht(abs(change))}"
        at = middle + wide + 8 if gains else middle - wide - 8
        words.append(Word(x=at, y=y + 13, text=figure, anchor="start" if gains else "end"))
    return Chart(height=TOP + len(chosen) * ROW_HEIGHT + 6, bars=tuple(bars), words=tuple(words))


def most_changed(shops: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most SHOPS_SHOWN shops: those that gain most and those that lose most, best first."""
    ordered = sorted(shops, key=lambda each: (-int(each["change"]), each["shop"]))
    if len(ordered) <= SHOPS_SHOWN:
        return ordered
    return ordered[: SHOPS_SHOWN // 2] + ordered[-SHOPS_SHOWN // 2 :]


def _row(x: int, y: int, width: int, kind: str, title: str) -> Bar:
    return Bar(x=x, y=y, width=width, height=BAR_HEIGHT, kind=kind, title=title)
