"""Printed paper: sheets of coupons and wallet cards, as PDF.

What is printed reaches the page as JSON data, so a name that looks like markup is only letters.
Every picture on a page is a code of ours with its quiet zone, large enough for a cheap camera.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from ledger.domain.amounts import format_baht
from ledger.domain.clock import (
    BANGKOK_OFFSET,
    DAY_SECONDS,
    english_date,
    english_day,
    thai_date,
    thai_day,
)
from ledger.errors import InputInvalid
from ledger.qr.codec import TEXT_LENGTH_MAX, letters_of
from ledger.qr.image import QUIET_MODULES

PAPERS_MAX: Final = 5_000
NAME_LETTERS_MAX: Final = 120
FONTS: Final = Path(__file__).parents[2] / "node_modules" / "@expo-google-fonts" / "sarabun"
"""Sarabun, the letter of Thai government, as npm brings it."""
_WEIGHTS: Final = ("400Regular", "700Bold")
_TEMPLATES: Final = Path(__file__).parent / "templates"
_WORD_LETTERS: Final = 16
_GROUPS: Final = 3
_CALENDAR_ENDS: Final = 253_402_214_400
"""The last day of the year 9999: whatever ends later has no end."""
_PIN: Final = "ต้องใช้รหัส PIN · PIN needed"
_NUMBER: Final = "บัตรเลขที่ · Pass"
_STEPS: Final = {
    "th": "ยื่นใบนี้ให้ร้านที่ร่วมโครงการสแกน ร้านจะบอกยอดก่อนตัดสิทธิ์ เก็บรักษาเหมือนเงินสด อย่าให้ใครถ่ายภาพ",
    "en": "Let a shop of the scheme scan this; it tells the amount first. "
    "Keep it like cash: let nobody photograph it.",
}
_CARD: Final = {"th": "บัตรคูปองของเมือง", "en": "City coupon card"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One paper: the number of its pass, the text of its code, whether it asks for a PIN, and the
    first second at which the pass is no longer valid (0: it has no end)."""

    pass_number: int
    text: str
    pin_needed: bool
    valid_until: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What every coupon of a sheet says. `ends` is the first second it can no longer be used."""

    city_th: str
    city_en: str
    name_th: str
    name_en: str
    amount: int
    ends: int


def coupon_sheets(
    heading: Heading, papers: Sequence[Printed], *, now: int, fonts: Path = FONTS
) -> bytes:
    """A4 pages of ten coupons as PDF, in the order given.

    Raises InputInvalid for none or more than PAPERS_MAX papers, and where the letters are missing.
    """
    data = _common(heading.city_th, heading.city_en, papers, ends=heading.ends) | {
        "campaign": {"th": printed_text(heading.name_th), "en": printed_text(heading.name_en)},
        "amount": format_baht(heading.amount),
        "baht": " บาท · baht",
    }
    return printed("coupons.typ", data, now, fonts)


def card_sheets(
    city_th: str, city_en: str, papers: Sequence[Printed], *, now: int, fonts: Path = FONTS
) -> bytes:
    """A4 pages of ten wallet cards of credit-card size as PDF. Raises as `coupon_sheets`."""
    data = _common(city_th, city_en, papers) | {"card": _CARD}
    return printed("cards.typ", data, now, fonts)


def _common(
    city_th: str, city_en: str, papers: Sequence[Printed], *, ends: int = 0
) -> dict[str, Any]:
    if not 1 <= len(papers) <= PAPERS_MAX:
        raise InputInvalid(what="papers", why=f"1 to {PAPERS_MAX}, not {len(papers)}")
    city = {"th": printed_text(city_th), "en": printed_text(city_en)}
    return {
        "title": city["th"] or city["en"] or "Nakhon",
        "city": city,
        "pin": _PIN,
        "number": _NUMBER,
        "steps": _STEPS,
        "papers": [
            {
                "number": str(paper.pass_number),
                "picture": picture(paper.text),
                "letters": _lines(letters_of(paper.text)),
                "pin_needed": paper.pin_needed,
                "until": _until(min(filter(None, (ends, paper.valid_until)), default=0)),
            }
            for paper in papers
        ],
    }


def _lines(letters: str) -> list[str]:
    """The letters under a code in lines of a width; a dash at the end says that they go on."""
    groups = letters.split("-")
    lines = [groups[start : start + _GROUPS] for start in range(0, len(groups), _GROUPS)]
    shown = ["-".join(line) for line in lines]
    return [line + "-" for line in shown[:-1]] + shown[-1:]


def _until(moment: int) -> dict[str, str]:
    """Until when, as people read it: the last day itself where it ends at midnight."""
    if not 0 < moment <= _CALENDAR_ENDS:
        return {"th": "", "en": ""}
    if (moment + BANGKOK_OFFSET) % DAY_SECONDS == 0:
        last = datetime.fromtimestamp(moment - 1, timezone(timedelta(seconds=BANGKOK_OFFSET)))
        return {"th": f"ใช้ได้ถึงวันที่ {thai_day(last)}", "en": f"Valid through {english_day(last)}"}
    return {"th": f"ใช้ได้ก่อน {thai_date(moment)}", "en": f"Valid until {english_date(moment)}"}


def picture(text: str) -> str:
    """A code as SVG of one path, error correction M, with its quiet zone.

    Raises InputInvalid for an empty text or one beyond TEXT_LENGTH_MAX.
    """
    import segno

    if not 0 < len(text) <= TEXT_LENGTH_MAX:
        raise InputInvalid(what="text", why=f"1 to {TEXT_LENGTH_MAX} letters, not {len(text)}")
    rows = segno.make(text, error="m", boost_error=False, micro=False).matrix
    side = len(rows) + 2 * QUIET_MODULES
    path = "".join(
        f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for x, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path d="{path}" fill="#000"/></svg>'
    )


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many stand side by side."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((x, 1))
    return found


def printed_text(name: str) -> str:
    """A name as it can stand on paper: nothing invisible, at most NAME_LETTERS_MAX letters, and no
    word too long to be broken. A tone mark is never parted from its letter."""
    shown = "".join(
        letter if unicodedata.category(letter)[0] != "C" else " " for letter in name[:2_000]
    )
    words = " ".join(shown.split())
    if len(words) > NAME_LETTERS_MAX:
        end = NAME_LETTERS_MAX
        while end > 0 and unicodedata.combining(words[end]) + _is_mark(words[end]):
            end -= 1
        words = words[:end] + "…"
    return " ".join(_breakable(word) for word in words.split(" "))


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in {"Mn", "Mc", "Me"}


def _breakable(word: str) -> str:
    """Let the line break inside a long word of letters no dictionary knows."""
    if not word.isascii():
        return word
    parts = [word[start : start + _WORD_LETTERS] for start in range(0, len(word), _WORD_LETTERS)]
    return "\u200b".join(parts)


def printed(template: str, data: dict[str, Any], now: int, fonts: Path = FONTS) -> bytes:
    """A template filled with data, as PDF. Raises InputInvalid where the letters are missing."""
    import typst

    directories = [str(fonts / weight) for weight in _WEIGHTS]
    letters = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=directories
    )
    if "Sarabun" not in letters.families():
        raise InputInvalid(what="fonts", why=f"no Sarabun in {fonts}: run make setup")
    compiler = typst.Compiler(
        (_TEMPLATES / template).read_bytes(),
        font_paths=letters,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    made = compiler.compile(
        format="pdf", timestamp=datetime.fromtimestamp(now, UTC), pdf_tags=False
    )
    assert isinstance(made, bytes), "one PDF was asked for"
    return made
