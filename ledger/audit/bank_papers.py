"""The files that went to the bank and came back, read by the auditor as the bank reads them. Pure.

A file is of one of two kinds: a payout (pain.001, or a layout's) or an answer (pain.002, or a
layout's). Which one it is, it says itself.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

from ledger.domain.bank_answer import ANSWER_BYTES_MAX, Answer
from ledger.domain.bank_layout import BankLayout
from ledger.domain.bank_layout_answer import read_answer, read_record
from ledger.domain.pain001 import CURRENCY
from ledger.domain.pain001 import NAMESPACE as PAIN001
from ledger.domain.pain002 import read_pain002
from ledger.domain.payments import bad_line
from ledger.errors import BankFileInvalid, InputInvalid

_REFERENCE: Final = re.compile(r"NKH-[0-9a-f]{8}-R[0-9]{6,10}-M([0-9]{6,10})", re.ASCII)
_BAHT: Final = re.compile(r"([0-9]{1,16})\.([0-9]{2})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """One payment as the payout file has it; `merchant` is None where its reference names none."""

    reference: str
    merchant: int | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPaper:
    """One file, by the name it was given under, with its SHA-256.

    `payments` are those of a payout; `answer` is None for one. `fault` says why it cannot be read.
    """

    name: str
    digest: bytes
    reference: str = ""
    payments: tuple[Ordered, ...] = ()
    answer: Answer | None = None
    fault: str = ""

    @property
    def total(self) -> int:
        """What a payout comes to, in satang."""
        return sum(each.amount for each in self.payments)


@dataclass(slots=True)
class _Reading:
    reference: str
    payments: list[Ordered] = field(default_factory=list)

    def add(self, line: int, reference: str, amount: int) -> None:
        named = _REFERENCE.fullmatch(reference)
        if any(each.reference == reference for each in self.payments):
            raise BankFileInvalid(rows=[bad_line(line, f"the payment {reference} a second time")])
        self.payments.append(
            Ordered(
                reference=reference,
                merchant=None if named is None else int(named[1]),
                amount=amount,
            )
        )

    def checked(self, line: int, count: int, total: int) -> tuple[str, tuple[Ordered, ...]]:
        found = len(self.payments), sum(each.amount for each in self.payments)
        if found != (count, total):
            why = f"{count} payments of {total} satang told, {found[0]} of {found[1]} there"
            raise BankFileInvalid(rows=[bad_line(line, why)])
        return self.reference, tuple(self.payments)


def read_paper(name: str, raw: bytes, layouts: Sequence[BankLayout]) -> BankPaper:
    """Read a file of either kind and any of the layouts. It never fails: `fault` says why not."""
    digest = hashlib.sha256(raw).digest()
    try:
        if len(raw) > ANSWER_BYTES_MAX:
            raise InputInvalid(what="bank file", why=f"more than {ANSWER_BYTES_MAX} bytes")
        if raw.lstrip().startswith(b"<"):
            found: Answer | tuple[str, tuple[Ordered, ...]] = (
                _pain001(raw) if PAIN001.encode() in raw[:1_000] else read_pain002(raw)
            )
        else:
            found = _by_layout(raw, layouts)
    except (BankFileInvalid, InputInvalid) as refused:
        return BankPaper(name=name, digest=digest, fault=_why(refused.details))
    if isinstance(found, Answer):
        return BankPaper(name=name, digest=digest, reference=found.reference, answer=found)
    return BankPaper(name=name, digest=digest, reference=found[0], payments=found[1])


def _why(details: Mapping[str, object]) -> str:
    rows = details.get("rows")
    if isinstance(rows, list):
        return "; ".join(f"line {row['line']}: {row['why']}" for row in rows[:3])
    return str(details.get("why", ""))


def _pain001(raw: bytes) -> tuple[str, tuple[Ordered, ...]]:
    if b"<!" in raw:
        raise InputInvalid(what="bank file", why="it declares a document type or hides a comment")
    try:
        root = ElementTree.fromstring(raw)
    except ElementTree.ParseError as error:
        raise InputInvalid(what="bank file", why=f"not XML: {error}") from error
    space = {"": PAIN001}
    texts = {
        path: (root.findtext(f"CstmrCdtTrfInitn/GrpHdr/{path}", "", space))
        for path in ("MsgId", "NbOfTxs", "CtrlSum")
    }
    reading = _Reading(texts["MsgId"])
    for line, node in enumerate(root.iter(f"{{{PAIN001}}}CdtTrfTxInf"), start=1):
        amount = node.find("Amt/InstdAmt", space)
        if amount is None or amount.get("Ccy") != CURRENCY:
            raise BankFileInvalid(rows=[bad_line(line, "a payment without an amount in baht")])
        reference = node.findtext("PmtId/EndToEndId", "", space)
        reading.add(line, reference, _satang(amount.text or ""))
    if not texts["NbOfTxs"].isdecimal():
        raise InputInvalid(what="bank file", why="it does not count its payments")
    return reading.checked(0, int(texts["NbOfTxs"]), _satang(texts["CtrlSum"]))


def _satang(text: str) -> int:
    parts = _BAHT.fullmatch(text)
    if parts is None:
        raise InputInvalid(what="bank file", why=f"{text[:20]!r} is no amount of baht")
    return int(parts[1]) * 100 + int(parts[2])


def _by_layout(
    raw: bytes, layouts: Sequence[BankLayout]
) -> Answer | tuple[str, tuple[Ordered, ...]]:
    """By the layout whose header the first line is; the fault of the last such where none reads."""
    fault: BankFileInvalid | InputInvalid = InputInvalid(
        what="bank file", why="it is of no layout that is known here"
    )
    for layout in layouts:
        first = raw.split(layout.line_end, 1)[0]
        for record, read in ((layout.payout.header, _payout), (layout.answer.header, read_answer)):
            try:
                read_record(layout, record, first)
            except InputInvalid:
                continue
            try:
                return read(layout, raw)
            except (BankFileInvalid, InputInvalid) as refused:
                fault = refused
    raise fault


def _payout(layout: BankLayout, raw: bytes) -> tuple[str, tuple[Ordered, ...]]:
    lines = raw.split(layout.line_end)
    if len(lines) < 3 or lines[-1] != b"":
        raise BankFileInvalid(rows=[bad_line(len(lines), "the file ends in the middle")])
    header = read_record(layout, layout.payout.header, lines[0])
    reading = _Reading(str(header["file.reference"]))
    for number, line in enumerate(lines[1:-2], start=2):
        try:
            values = read_record(layout, layout.payout.payment, line)
        except InputInvalid as error:
            why = str(error.details["why"])
            raise BankFileInvalid(rows=[bad_line(number, why)]) from error
        reading.add(number, str(values["payment.reference"]), int(values["payment.amount"]))
    trailer = read_record(layout, layout.payout.trailer, lines[-2])
    told = {**header, **trailer}
    return reading.checked(len(lines) - 1, int(told["file.count"]), int(told["file.total"]))
