"""What a person reads when something is refused or fails: Thai first, English second, what to do.

Every error code and every reason has a sentence; a test walks both. Details fill the fields; a
detail that is missing reads as "–", since a failure must never fail to be told. Texts that came
from outside are shown without control or direction characters and cut to a readable length.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.amounts import brief_baht
from ledger.domain.clock import english_date, thai_date
from ledger.domain.error_sentences import ERROR_SENTENCES
from ledger.domain.reason_sentences import REASON_SENTENCES
from ledger.domain.sentence import Sentence
from ledger.domain.vocabulary import CATEGORIES, CLASSES, Vocabulary
from ledger.errors import InputInvalid, LedgerError, RedemptionRefused

__all__ = ["SENTENCES", "Sentence", "Spoken", "advise", "say", "shown", "speak"]

SENTENCES: Final[dict[str, Sentence]] = {**ERROR_SENTENCES, **REASON_SENTENCES}
"""By code. An error and a reason of one code (`signature_invalid`) share their words."""

_TEXT_MAX: Final = 200
_ROWS_SHOWN: Final = 5
_MISSING: Final = "–"
_STATES: Final = {
    "none": "ไม่มี",
    "drafted": "ร่าง",
    "approved": "อนุมัติแล้ว",
    "open": "เปิดใช้",
    "paused": "หยุดชั่วคราว",
    "closed": "ปิดแล้ว",
    "active": "ใช้งาน",
    "suspended": "ถูกระงับ",
    "ended": "สิ้นสุดแล้ว",
    "accepted": "รับแล้ว",
    "included": "บันทึกแล้ว",
    "final": "สมบูรณ์",
    "voided": "ยกเลิกแล้ว",
    "failed": "ไม่สำเร็จ",
}

_WORDS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "period": {"day": ("วันนี้", "today"), "all": ("ทั้งโครงการ", "in all")},
    "place": {
        "missing": ("ไม่ได้รับตำแหน่งจากโทรศัพท์", "the phone told no position"),
        "old": ("ตำแหน่งเก่าเกินไป", "the position is too old"),
        "imprecise": ("ตำแหน่งไม่แม่นยำพอ", "the position is too vague"),
        "stand_used_up": (
            "ป้ายประจำร้านใช้แทนตำแหน่งไม่ได้แล้วในวันนี้",
            "the shop's stand cannot replace a position any more today",
        ),
    },
    "rule": {
        "household": ("โควตาครัวเรือน", "household quota"),
        "merchant": ("ยอดรับต่อวันของร้าน", "the merchant's day"),
        "stacking": ("ลำดับการใช้คูปอง", "which coupon pays first"),
    },
}
"""Words of figures by format word: (Thai, English)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A sentence with its fields filled, and what to do about it."""

    th: str
    en: str
    action_th: str
    action_en: str


def say(code: str, details: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """Return the Thai and the English sentence of a code. Raises KeyError for an unknown code."""
    sentence = SENTENCES[code]
    return _fill(_THAI, sentence.th, details), _fill(_ENGLISH, sentence.en, details)


def advise(code: str, details: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """Return what to do about a code, in Thai and English. Raises KeyError for an unknown code."""
    sentence = SENTENCES[code]
    return (
        _fill(_THAI, sentence.action_th, details),
        _fill(_ENGLISH, sentence.action_en, details),
    )


def speak(failure: LedgerError) -> Spoken:
    """Return everything to tell about a failure; a refusal speaks for its reason."""
    code = failure.reason if isinstance(failure, RedemptionRefused) else failure.code
    th, en = say(code, failure.details)
    action_th, action_en = advise(code, failure.details)
    return Spoken(th=th, en=en, action_th=action_th, action_en=action_en)


def shown(text: str) -> str:
    """Return a text from outside as it may be shown: no control, format or direction characters."""
    kept = "".join(
        character if unicodedata.category(character)[0] != "C" else " "
        for character in text[: _TEXT_MAX + 1]
    )
    return kept if len(kept) <= _TEXT_MAX else kept[: _TEXT_MAX - 1] + "…"


def _fill(language: _Formatter, template: str, details: Mapping[str, Any] | None) -> str:
    return language.vformat(template, (), details or {})


class _Formatter(string.Formatter):
    """str.format with our own format words: baht, date, until, percent, seconds, class …"""

    def __init__(self, *, thai: bool) -> None:
        super().__init__()
        self.thai = thai

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        # A detail may bring its own Thai words beside the English ones.
        in_thai = kwargs.get(f"{key}_th") if self.thai else None
        return kwargs.get(str(key)) if in_thai is None else in_thai

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None:
            return _MISSING
        match format_spec:
            case "baht" if isinstance(value, int):
                return brief_baht(value)
            case "date" | "until" if isinstance(value, int):
                return self._date(value, endless=format_spec == "until")
            case "percent" if isinstance(value, int):
                return brief_baht(value) + "%"
            case "seconds" if isinstance(value, int):
                return self._seconds(value)
            case "class" | "category":
                return self._words(CLASSES if format_spec == "class" else CATEGORIES, value)
            case "state":
                return _STATES.get(str(value), str(value)) if self.thai else str(value)
            case "rows":
                return self._rows(value)
            case "period" | "place" | "rule":
                word = _WORDS[format_spec].get(str(value), (str(value), str(value)))
                return shown(word[0 if self.thai else 1])
            case _:
                return shown(str(value))

    def _date(self, value: int, *, endless: bool) -> str:
        if endless and value == 0:
            return "ไม่มีกำหนด" if self.thai else "no end"
        try:
            return thai_date(value) if self.thai else english_date(value)
        except (OverflowError, ValueError, OSError):
            # A time beyond the year 9999: somebody's 40 bits, not a calendar's date.
            return str(value)

    def _seconds(self, value: int) -> str:
        for size, thai, english in (
            (86_400, "วัน", "day"),
            (3_600, "ชั่วโมง", "hour"),
            (60, "นาที", "minute"),
        ):
            if value >= size and value % size == 0:
                count = value // size
                plural = "" if count == 1 else "s"
                return f"{count} {thai}" if self.thai else f"{count} {english}{plural}"
        return f"{value} วินาที" if self.thai else f"{value} seconds"

    def _words(self, vocabulary: Vocabulary, value: Any) -> str:
        names = [value] if isinstance(value, str) else list(value)
        return ", ".join(self._word(vocabulary, str(name)) for name in names[:8])

    def _word(self, vocabulary: Vocabulary, name: str) -> str:
        try:
            word = vocabulary.word(vocabulary.number(name))
        except InputInvalid:
            # A number a city has not named yet reads as itself.
            return shown(name)
        return word.th if self.thai else word.en

    def _rows(self, value: Any) -> str:
        rows = list(value)
        label = "บรรทัด" if self.thai else "row"
        told = "; ".join(
            f"{label} {row.get('row', _MISSING)}: {shown(self._why(row))}"
            for row in rows[:_ROWS_SHOWN]
        )
        more = len(rows) - _ROWS_SHOWN
        if more <= 0:
            return told
        return told + (f" และอีก {more} บรรทัด" if self.thai else f" and {more} more")

    def _why(self, row: Mapping[str, Any]) -> str:
        in_thai = row.get("why_th") if self.thai else None
        return str(row.get("why", _MISSING) if in_thai is None else in_thai)


_THAI: Final = _Formatter(thai=True)
_ENGLISH: Final = _Formatter(thai=False)
