"""JSON read strictly, remembering the line of every value, so that a defect can be pointed at.

Stricter than RFC 8259 where leniency would let two readers see two documents: no duplicate names,
no floats, no lone surrogates, a bounded depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, NoReturn

from ledger.errors import PolicyInvalid

DEPTH_MAX: Final = 8
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?![0-9.eE])")
_NUMBER: Final = re.compile(r"-?[0-9][0-9.eE+-]*")
_WORDS: Final = {"true": True, "false": False, "null": None}
_STRINGS: Final = JSONDecoder()
_INTEGER_MAX: Final = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedJson:
    """A JSON value and the line (from 1) of every value in it, by JSON pointer (RFC 6901)."""

    value: Any
    lines: dict[str, int]


def read_json(text: str) -> LocatedJson:
    """Read one JSON value. Raises PolicyInvalid with pointer and line of the first defect."""
    reader = _Reader(text=text)
    value = reader.value("", 0)
    reader.space()
    if reader.position != len(text):
        reader.fail("", "text after the end of the document", "มีข้อความหลังจบเอกสาร")
    return LocatedJson(value=value, lines=reader.lines)


def child(pointer: str, name: str | int) -> str:
    """Return the pointer of a member, escaped as RFC 6901 says."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


@dataclass(slots=True, kw_only=True)
class _Reader:
    text: str
    position: int = 0
    lines: dict[str, int] = field(default_factory=dict)

    def fail(self, pointer: str, why: str, why_th: str) -> NoReturn:
        line = self.text.count("\n", 0, self.position) + 1
        raise PolicyInvalid(pointer=pointer or "/", line=line, why=why, why_th=why_th)

    def space(self) -> None:
        found = _SPACE.match(self.text, self.position)
        assert found is not None, "the pattern matches nothing at all too"
        self.position = found.end()

    def peek(self) -> str:
        self.space()
        return self.text[self.position : self.position + 1]

    def take(self, character: str, pointer: str) -> None:
        if self.peek() != character:
            self.fail(pointer, f"{character} is missing here", f"ขาดเครื่องหมาย {character}")
        self.position += 1

    def value(self, pointer: str, depth: int) -> Any:
        first = self.peek()
        if depth > DEPTH_MAX:
            self.fail(pointer, "nested too deeply", "ซ้อนกันลึกเกินไป")
        self.lines[pointer] = self.text.count("\n", 0, self.position) + 1
        match first:
            case "{":
                return self.members(pointer, depth)
            case "[":
                return self.items(pointer, depth)
            case '"':
                return self.string(pointer)
            case _:
                return self.scalar(pointer)

    def members(self, pointer: str, depth: int) -> dict[str, Any]:
        self.position += 1
        found: dict[str, Any] = {}
        if self.peek() == "}":
            self.position += 1
            return found
        while True:
            if self.peek() != '"':
                self.fail(pointer, "a name in quotes is missing here", "ขาดชื่อในเครื่องหมายคำพูด")
            name = self.string(pointer)
            if name in found:
                self.fail(child(pointer, name), "the name stands twice", "ชื่อนี้ซ้ำกัน")
            self.take(":", child(pointer, name))
            found[name] = self.value(child(pointer, name), depth + 1)
            if self.peek() != ",":
                self.take("}", pointer)
                return found
            self.position += 1

    def items(self, pointer: str, depth: int) -> list[Any]:
        self.position += 1
        found: list[Any] = []
        if self.peek() == "]":
            self.position += 1
            return found
        while True:
            found.append(self.value(child(pointer, len(found)), depth + 1))
            if self.peek() != ",":
                self.take("]", pointer)
                return found
            self.position += 1

    def string(self, pointer: str) -> str:
        try:
            found: str
            found, self.position = _STRINGS.raw_decode(self.text, self.position)
            found.encode()
        except (JSONDecodeError, UnicodeEncodeError):
            self.fail(pointer, "the string is not well formed", "ข้อความในเครื่องหมายคำพูดผิดรูป")
        return found

    def scalar(self, pointer: str) -> Any:
        for word, meaning in _WORDS.items():
            if self.text.startswith(word, self.position):
                self.position += len(word)
                return meaning
        found = _INTEGER.match(self.text, self.position)
        if found is not None:
            digits = found.group()
            if len(digits) > 17 or abs(int(digits)) > _INTEGER_MAX:
                self.fail(pointer, "the number is too large", "ตัวเลขมากเกินไป")
            self.position = found.end()
            return int(digits)
        if not _NUMBER.match(self.text, self.position):
            self.fail(pointer, "no JSON value here", "ตรงนี้ไม่ใช่ค่า JSON")
        return self.fail(pointer, "only whole numbers are allowed", "ใช้ได้เฉพาะจำนวนเต็ม")
