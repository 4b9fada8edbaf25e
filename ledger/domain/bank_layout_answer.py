"""A bank's answer in its own layout, read line by line: header, payments, trailer, nothing else.

The trailer counts and sums the lines above it, so that a file that lost some is refused; where it
also sums what was paid and what was returned, a status that was changed is found. An answer may
name a part of the round's payments: others were answered before, or will be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ledger.domain.bank_answer import (
    ANSWER_BYTES_MAX,
    REASON_LETTERS_MAX,
    Answer,
    Outcome,
    PaymentStatus,
)
from ledger.domain.bank_layout import BankLayout, Field, Record
from ledger.domain.payments import PAYMENTS_MAX, bad_line
from ledger.domain.sentences import shown
from ledger.errors import BankFileInvalid, InputInvalid

_DIGITS: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_BAHT: Final = re.compile(r"([0-9]{1,16})\.([0-9]{2})", re.ASCII)

_NUMBERS: Final = frozenset(
    {
        "file.count",
        "file.total",
        "file.paid_total",
        "file.returned_total",
        "payment.amount",
        "payment.line",
    }
)

Values = Mapping[str, str | int]


def read_answer(layout: BankLayout, raw: bytes) -> Answer:
    """Read an answer. Raises BankFileInvalid, naming every line that cannot be read."""
    if len(raw) > ANSWER_BYTES_MAX:
        raise BankFileInvalid(rows=[bad_line(0, f"more than {ANSWER_BYTES_MAX} bytes")])
    lines = raw.split(layout.line_end)
    if lines[-1] != b"":
        raise BankFileInvalid(rows=[bad_line(len(lines), "the file ends in the middle of a line")])
    lines.pop()
    if not 2 <= len(lines) <= PAYMENTS_MAX + 2:
        raise BankFileInvalid(rows=[bad_line(len(lines), "a header and a trailer are needed")])
    kinds = [
        layout.answer.header,
        *[layout.answer.payment] * (len(lines) - 2),
        layout.answer.trailer,
    ]
    rows: list[dict[str, object]] = []
    read: list[Values] = []
    for number, (record, line) in enumerate(zip(kinds, lines, strict=True), start=1):
        try:
            read.append(read_record(layout, record, line))
        except InputInvalid as error:
            rows.append(bad_line(number, str(error.details["why"])))
    if rows:
        raise BankFileInvalid(rows=rows)
    return _checked(layout, read)


def _checked(layout: BankLayout, read: list[Values]) -> Answer:
    header, *payments, trailer = read
    rows: list[dict[str, object]] = []
    outcomes = []
    for number, values in enumerate(payments, start=2):
        word = str(values["payment.status"])
        if word not in layout.statuses:
            rows.append(bad_line(number, f"status {word[:20]!r} is unknown"))
            continue
        outcomes.append(
            Outcome(
                line=number,
                reference=str(values["payment.reference"]),
                status=layout.statuses[word],
                amount=int(values["payment.amount"]),
                reason=shown(str(values.get("payment.reason", "")))[:REASON_LETTERS_MAX],
            )
        )
    last, total = len(read), sum(int(values["payment.amount"]) for values in payments)
    if int(trailer["file.count"]) != len(payments):
        why = f"{trailer['file.count']} payments counted, {len(payments)} there"
        rows.append(bad_line(last, why))
    if int(trailer["file.total"]) != total:
        rows.append(bad_line(last, f"{trailer['file.total']} satang summed, {total} there"))
    for status in (PaymentStatus.PAID, PaymentStatus.RETURNED):
        there = sum(each.amount or 0 for each in outcomes if each.status is status)
        told = int(trailer.get(f"file.{status}_total", there))
        if not rows and told != there:
            rows.append(bad_line(last, f"{told} satang told {status}, {there} there"))
    if rows:
        raise BankFileInvalid(rows=rows)
    return Answer(reference=str(header["file.reference"]), line=1, outcomes=tuple(outcomes))


def read_record(layout: BankLayout, record: Record, line: bytes) -> dict[str, str | int]:
    """The values of one line. Raises InputInvalid saying what is wrong with it."""
    pieces = _pieces(layout, record, line)
    values: dict[str, str | int] = {}
    for field, piece in zip(record, pieces, strict=True):
        try:
            text = piece.decode(layout.encoding)
        except UnicodeDecodeError as error:
            raise InputInvalid(what="line", why=f"not {layout.encoding}") from error
        if layout.fixed:
            text = text.rstrip(" ") if field.align == "left" else text
        if field.value is None:
            if text != field.literal:
                raise InputInvalid(what="line", why=f"{text[:20]!r} where {field.literal!r} stands")
        else:
            values[field.value] = _value(field, text)
    return values


def _pieces(layout: BankLayout, record: Record, line: bytes) -> list[bytes]:
    if not layout.fixed:
        pieces = line.split(layout.delimiter.encode())
        if len(pieces) != len(record):
            raise InputInvalid(what="line", why=f"{len(pieces)} fields, {len(record)} are needed")
        return pieces
    width = sum(field.width for field in record)
    if len(line) != width:
        raise InputInvalid(what="line", why=f"{len(line)} bytes, {width} are needed")
    pieces, at = [], 0
    for field in record:
        pieces.append(line[at : at + field.width])
        at += field.width
    return pieces


def _value(field: Field, text: str) -> str | int:
    if field.value not in _NUMBERS:
        return text
    if field.format == "baht":
        parts = _BAHT.fullmatch(text)
        if parts is None:
            raise InputInvalid(what="line", why=f"{text[:20]!r} is not baht with two decimals")
        return int(parts[1]) * 100 + int(parts[2])
    if _DIGITS.fullmatch(text) is None:
        raise InputInvalid(what="line", why=f"{text[:20]!r} is not a number")
    return int(text)
