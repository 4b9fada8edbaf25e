"""Banks' own layouts as data: fixed width or delimited, in TIS-620 or UTF-8, with totals.

A layout is a JSON document: records of fields, each a literal or a named value with its width and
form. `bank_layouts/*.json` are three examples, and no bank's certified format: a city that has a
bank's description writes a file like them, and no code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from ledger.domain.bank_answer import PaymentStatus
from ledger.domain.business_days import date_of
from ledger.domain.payments import Payment, PaymentFile, bad_line, check_file, plain_baht
from ledger.errors import BankFileInvalid, InputInvalid, LedgerError, NotFound

LAYOUT_FOLDER: Final = "bank_layouts"
WIDTH_MAX: Final = 200
FIELDS_MAX: Final = 60
ENCODINGS: Final = ("tis-620", "utf-8")
LINE_ENDS: Final = {"lf": b"\n", "crlf": b"\r\n"}
FORMATS: Final = ("text", "satang", "baht", "ddmmyyyy", "ddmmbbbb", "yyyymmdd")
VALUES: Final = (
    "file.reference", "file.round", "file.count", "file.total", "file.pay_on", "file.account_sum",
    "file.paid_total", "file.returned_total",
    "debtor.bank", "debtor.number", "debtor.name",
    "payment.line", "payment.reference", "payment.bank", "payment.number", "payment.name",
    "payment.amount", "payment.status", "payment.reason",
)  # fmt: skip
_BUDDHIST_YEARS: Final = 543

Record = tuple["Field", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record: a literal, or a value by its name."""

    value: str | None
    literal: str
    width: int
    align: Literal["left", "right"]
    fill: str
    format: str
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The three kinds of record of one direction; the first field of each tells them apart."""

    header: Record
    payment: Record
    trailer: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLayout:
    """A bank's payout and answer files. `example` marks a layout that no bank has confirmed."""

    name: str
    th: str
    en: str
    example: bool
    fixed: bool
    delimiter: str
    encoding: str
    line_end: bytes
    payout: Part
    answer: Part
    statuses: Mapping[str, PaymentStatus]


def read_layout(text: str) -> BankLayout:
    """Read a layout document. Raises InputInvalid saying what it lacks or cannot mean."""
    try:
        document = json.loads(text)
        fixed = {"fixed": True, "delimited": False}[document["form"]]
        delimiter = "" if fixed else document["delimiter"]
        layout = BankLayout(
            name=str(document["name"]),
            th=str(document["about"]["th"]),
            en=str(document["about"]["en"]),
            example=bool(document["example"]),
            fixed=fixed,
            delimiter=delimiter,
            encoding=ENCODINGS[ENCODINGS.index(document["encoding"])],
            line_end=LINE_ENDS[document["line_end"]],
            payout=_part(document["payout"], fixed),
            answer=_part(document["answer"], fixed),
            statuses={
                str(key): PaymentStatus(word)
                for key, word in document["answer"]["statuses"].items()
            },
        )
    except LedgerError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputInvalid(what="bank layout", why=f"{type(error).__name__}: {error}") from error
    if not fixed and (len(delimiter) != 1 or delimiter not in ",;|\t"):
        raise InputInvalid(what="bank layout", why="a delimiter is one of , ; | and the tab")
    return layout


def _part(document: Mapping[str, Any], fixed: bool) -> Part:
    part = Part(
        header=_record(document["header"], fixed),
        payment=_record(document["payment"], fixed),
        trailer=_record(document["trailer"], fixed),
    )
    marks = {record[0].literal for record in (part.header, part.payment, part.trailer)}
    if len(marks) != 3 or "" in marks:
        raise InputInvalid(what="bank layout", why="records must begin with literals that differ")
    return part


def _record(fields: Sequence[Mapping[str, Any]], fixed: bool) -> Record:
    if not 1 <= len(fields) <= FIELDS_MAX:
        raise InputInvalid(what="bank layout", why=f"1 to {FIELDS_MAX} fields to a record")
    return tuple(_field(field, fixed) for field in fields)


def _field(document: Mapping[str, Any], fixed: bool) -> Field:
    known = {"value", "literal", "width", "align", "fill", "format", "overlong"}
    if strange := sorted(document.keys() - known):
        raise InputInvalid(what="bank layout", why=f"a field has no {strange[0]!r}")
    field = Field(
        value=document.get("value"),
        literal=document.get("literal", ""),
        width=document.get("width", 0),
        align=document.get("align", "left"),
        fill=document.get("fill", " "),
        format=document.get("format", "text"),
        cut=document.get("overlong", "refuse") == "cut",
    )
    if ("value" in document) == ("literal" in document):
        raise InputInvalid(what="bank layout", why="a field is either a value or a literal")
    if field.value is not None and field.value not in VALUES:
        raise InputInvalid(what="bank layout", why=f"no value is called {field.value!r}")
    if field.cut and field.value not in ("debtor.name", "payment.name", "payment.reason"):
        raise InputInvalid(what="bank layout", why="only a name or a reason may be cut")
    if field.format not in FORMATS or field.align not in ("left", "right") or len(field.fill) != 1:
        raise InputInvalid(what="bank layout", why=f"the form of {field.value!r} is unknown")
    if fixed and not 1 <= field.width <= WIDTH_MAX:
        raise InputInvalid(what="bank layout", why=f"{field.value!r} has no width")
    return field


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def render_payout(layout: BankLayout, file: PaymentFile) -> bytes:
    """The payout file in a bank's layout. Raises BankFileInvalid naming each line that does not
    fit: nothing but a name is ever cut, and a letter the encoding lacks is never replaced."""
    check_file(file)
    lines: list[bytes] = []
    rows: list[dict[str, object]] = []
    whole = _file_values(file)
    records = [(layout.payout.header, whole)]
    for number, payment in enumerate(file.payments, start=1):
        records.append((layout.payout.payment, whole | _payment_values(payment, number)))
    records.append((layout.payout.trailer, whole))
    for number, (record, values) in enumerate(records, start=1):
        try:
            lines.append(write_record(layout, record, values))
        except InputInvalid as error:
            rows.append(bad_line(number, str(error.details["why"])))
    if rows:
        raise BankFileInvalid(rows=rows)
    return b"".join(line + layout.line_end for line in lines)


def _file_values(file: PaymentFile) -> dict[str, str | int]:
    return {
        "file.reference": file.reference,
        "file.round": file.round,
        "file.count": file.count,
        "file.total": file.total,
        "file.pay_on": file.pay_on,
        "file.account_sum": sum(int(payment.account.number) for payment in file.payments) % 10**15,
        "debtor.bank": file.debtor.bank,
        "debtor.number": file.debtor.number,
        "debtor.name": file.debtor.name,
    }


def _payment_values(payment: Payment, number: int) -> dict[str, str | int]:
    return {
        "payment.line": number,
        "payment.reference": payment.reference,
        "payment.bank": payment.account.bank,
        "payment.number": payment.account.number,
        "payment.name": payment.account.name,
        "payment.amount": payment.amount,
    }


def write_record(layout: BankLayout, record: Record, values: Mapping[str, str | int]) -> bytes:
    """One line without its end. Raises InputInvalid for a value that does not fit its field."""
    fields = [_written(layout, field, values) for field in record]
    return (b"" if layout.fixed else layout.delimiter.encode()).join(fields)


def _written(layout: BankLayout, field: Field, values: Mapping[str, str | int]) -> bytes:
    text = field.literal if field.value is None else _spelled(field, values[field.value])
    try:
        raw = text.encode(layout.encoding)
    except UnicodeEncodeError as error:
        raise InputInvalid(what="letter", why=f"{layout.encoding} has not every letter") from error
    if not layout.fixed:
        return raw
    while len(raw) > field.width and field.cut:
        text = text[:-1]
        raw = text.encode(layout.encoding)
    if len(raw) > field.width:
        why = f"{field.value} has {len(raw)} bytes, {field.width} fit"
        raise InputInvalid(what="width", why=why)
    fill = field.fill.encode(layout.encoding)
    return raw.ljust(field.width, fill) if field.align == "left" else raw.rjust(field.width, fill)


def _spelled(field: Field, value: str | int) -> str:
    match field.format, value:
        case "satang", int():
            return str(value)
        case "baht", int():
            return plain_baht(value)
        case ("ddmmyyyy" | "ddmmbbbb" | "yyyymmdd") as form, int():
            when = date_of(value)
            year = when.year + (_BUDDHIST_YEARS if form == "ddmmbbbb" else 0)
            day_month = f"{when.day:02d}{when.month:02d}"
            return f"{year}{when:%m%d}" if form == "yyyymmdd" else f"{day_month}{year}"
        case _:
            return str(value)


# ── the examples ─────────────────────────────────────────────────────────────────────────────────


@cache
def example_layouts() -> Mapping[str, BankLayout]:
    """The layouts that come with the ledger, by name."""
    folder = files("ledger.domain") / LAYOUT_FOLDER
    found = [
        read_layout(entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    ]
    return {layout.name: layout for layout in sorted(found, key=lambda layout: layout.name)}


def layout_named(name: str) -> BankLayout:
    """A layout by its name. Raises NotFound."""
    try:
        return example_layouts()[name]
    except KeyError:
        raise NotFound(what="bank layout", which=name[:40]) from None
