"""A value of a document with the place it stands at, and the checks every field shares."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

from ledger.domain.located_json import child
from ledger.errors import PolicyInvalid

_TIME: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?\+07:00")
_SATANG: Final = re.compile(r"[1-9][0-9]{0,7}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value of the document with the place it stands at."""

    value: Any
    pointer: str
    lines: dict[str, int]

    def fail(self, why: str, why_th: str) -> NoReturn:
        """Raise PolicyInvalid at this value, or where it would have stood."""
        pointer = self.pointer
        while pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        raise PolicyInvalid(
            pointer=self.pointer or "/", line=self.lines[pointer], why=why, why_th=why_th
        )

    def at(self, name: str | int, value: Any) -> Reading:
        """Return the member of that name."""
        return Reading(value=value, pointer=child(self.pointer, name), lines=self.lines)

    def fields(self, required: frozenset[str], optional: frozenset[str]) -> dict[str, Reading]:
        """Return the members of an object that has all required and no unknown ones."""
        if not isinstance(self.value, dict):
            self.fail("an object { } is needed here", "ตรงนี้ต้องเป็นออบเจกต์ { }")
        for name in self.value:
            if name not in required | optional:
                self.at(name, None).fail("no such field is known", "ไม่รู้จักช่องนี้")
        for name in sorted(required):
            if name not in self.value:
                self.at(name, None).fail("the field is missing", "ขาดช่องนี้")
        return {name: self.at(name, value) for name, value in self.value.items()}

    def items(self) -> list[Reading]:
        """Return the items of a list that is not empty."""
        if not isinstance(self.value, list) or not self.value:
            self.fail("a list with at least one entry is needed", "ต้องเป็นรายการที่ไม่ว่าง")
        return [self.at(index, value) for index, value in enumerate(self.value)]

    def integer(self, least: int, most: int) -> int:
        """Return a whole number in least … most."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.fail("a whole number is needed", "ต้องเป็นจำนวนเต็ม")
        if not least <= self.value <= most:
            self.fail(f"not in {least} … {most}", f"ต้องอยู่ระหว่าง {least} ถึง {most}")
        return self.value

    def satang(self, most: int) -> int:
        """Return an amount: a string of digits, satang, from 1."""
        if not isinstance(self.value, str) or not _SATANG.fullmatch(self.value):
            self.fail(
                'satang as a string of digits are needed, like "20000" for 200 baht',
                'ต้องเป็นสตางค์ในเครื่องหมายคำพูด เช่น "20000" สำหรับ 200 บาท',
            )
        if int(self.value) > most:
            self.fail(f"more than {most} satang", f"เกิน {most} สตางค์")
        return int(self.value)

    def time(self) -> int:
        """Return a time written in Bangkok's offset."""
        if not isinstance(self.value, str) or not _TIME.fullmatch(self.value):
            self.fail(
                "a time like 2025-10-29T06:00:00+07:00 is needed",
                "ต้องเป็นเวลา เช่น 2025-10-29T06:00:00+07:00",
            )
        try:
            return int(datetime.fromisoformat(self.value).timestamp())
        except ValueError:
            self.fail("no such day or time exists", "ไม่มีวันหรือเวลานี้")

    def text(self, most: int) -> str:
        """Return a text of 1 … `most` characters, none of them a control or a direction."""
        text = self.value
        if not isinstance(text, str) or not text.strip() or len(text) > most:
            self.fail(
                f"a text of 1 … {most} characters is needed",
                f"ต้องเป็นข้อความยาว 1 ถึง {most} ตัวอักษร",
            )
        if any(unicodedata.category(character)[0] == "C" for character in text):
            self.fail("control or direction characters", "มีอักขระควบคุมหรืออักขระกลับทิศ")
        return text
