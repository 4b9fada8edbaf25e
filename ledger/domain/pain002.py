"""The bank's neutral answer: ISO 20022 pain.002 (payment status report), read by its lines.

Taken: one message about one file of ours. Every payment it names must be counted by status in
`NbOfTxsPerSts`, so that a report with a transaction cut out does not read as a shorter one.
A document type is refused, and with it every entity anybody could declare.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from ledger.domain.bank_answer import (
    ANSWER_BYTES_MAX,
    REASON_LETTERS_MAX,
    Answer,
    Outcome,
    PaymentStatus,
)
from ledger.domain.payments import bad_line
from ledger.errors import BankFileInvalid

NAMESPACE: Final = re.compile(r"urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.[0-9]{2}", re.ASCII)
DEPTH_MAX: Final = 24
STATUSES: Final = {
    "ACSC": PaymentStatus.PAID,
    "ACCC": PaymentStatus.PAID,
    "RJCT": PaymentStatus.RETURNED,
    "CANC": PaymentStatus.RETURNED,
    "ACTC": PaymentStatus.ORDERED,
    "ACCP": PaymentStatus.ORDERED,
    "ACSP": PaymentStatus.ORDERED,
    "PDNG": PaymentStatus.ORDERED,
    "RCVD": PaymentStatus.ORDERED,
}
"""ISO's external codes that a credit transfer can have; others are refused with their line."""
PARTLY: Final = "PART"
_BAHT: Final = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,2})0{0,3})?", re.ASCII)


@dataclass(slots=True)
class Node:
    """An element with the line it begins on. `name` is without its namespace."""

    name: str
    line: int
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def all(self, path: str) -> Iterator[Node]:
        """Every element at a path below this one."""
        first, _, rest = path.partition("/")
        for child in self.children:
            if child.name == first:
                yield from child.all(rest) if rest else (child,)

    def value(self, path: str) -> tuple[str, int] | None:
        """The text of the only element at a path, with its line. BankFileInvalid for a second."""
        found = list(self.all(path))
        if len(found) > 1:
            raise _refusal(found[1].line, f"{path} a second time")
        return (found[0].text.strip(), found[0].line) if found else None


def _refusal(line: int, why: str) -> BankFileInvalid:
    return BankFileInvalid(rows=[bad_line(line, why)])


def read_pain002(raw: bytes) -> Answer:
    """Read a status report. Raises BankFileInvalid, naming the line, for anything but one."""
    root = _tree(raw)
    reports = list(root.all("CstmrPmtStsRpt"))
    if root.name != "Document" or len(reports) != 1:
        raise _refusal(root.line, "not a payment status report")
    (report,) = reports
    groups = list(report.all("OrgnlGrpInfAndSts"))
    if len(groups) != 1:
        raise _refusal(report.line, "a report answers exactly one file")
    (group,) = groups
    reference, line = _needed(group, "OrgnlMsgId")
    infos = list(report.all("OrgnlPmtInfAndSts"))
    for info in infos:
        named, at = _needed(info, "OrgnlPmtInfId")
        if named != reference:
            raise _refusal(at, f"it answers {named!r} inside an answer to {reference!r}")
    nodes = [node for info in infos for node in info.all("TxInfAndSts")]
    outcomes = tuple(_outcome(node) for node in nodes)
    _check_counts(group, infos, nodes)
    return Answer(
        reference=reference,
        line=line,
        outcomes=outcomes,
        whole=_whole(group, infos, bool(nodes)),
        sent_count=_count(group.value("OrgnlNbOfTxs")),
        sent_total=_baht(group.value("OrgnlCtrlSum")),
    )


def _needed(node: Node, path: str) -> tuple[str, int]:
    found = node.value(path)
    if found is None or not found[0]:
        raise _refusal(node.line, f"{node.name} without {path}")
    return found


def _outcome(node: Node) -> Outcome:
    status, line = _needed(node, "TxSts")
    if status not in STATUSES:
        raise _refusal(line, f"status {status[:8]!r} is unknown")
    amounts = list(node.all("OrgnlTxRef/Amt/InstdAmt"))
    if amounts and amounts[0].attributes.get("Ccy") != "THB":
        raise _refusal(amounts[0].line, "an amount that is not in THB")
    reasons = [
        each.text.strip()
        for path in ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry", "StsRsnInf/AddtlInf")
        for each in node.all(path)
    ]
    return Outcome(
        line=node.line,
        reference=_needed(node, "OrgnlEndToEndId")[0],
        status=STATUSES[status],
        amount=_baht(node.value("OrgnlTxRef/Amt/InstdAmt")),
        reason=" ".join(reasons)[:REASON_LETTERS_MAX],
    )


def _check_counts(group: Node, infos: list[Node], nodes: list[Node]) -> None:
    """The transactions there are must be those that are counted, by status, and in satang."""
    counters = [node for at in (group, *infos) for node in at.all("NbOfTxsPerSts")]
    if nodes and not counters:
        raise _refusal(group.line, "transactions without NbOfTxsPerSts: nothing says it is whole")
    there = Counter(_needed(node, "TxSts")[0] for node in nodes)
    for counter in counters:
        status, line = _needed(counter, "DtldSts")
        counted = _count(_needed(counter, "DtldNbOfTxs"))
        if nodes and counted != there[status]:
            raise _refusal(line, f"{counted} of {status[:8]} counted, {there[status]} there")
        total = _baht(counter.value("DtldCtrlSum"))
        mine = [node for node in nodes if _needed(node, "TxSts")[0] == status]
        amounts = [_baht(node.value("OrgnlTxRef/Amt/InstdAmt")) for node in mine]
        known = [amount for amount in amounts if amount is not None]
        if total is not None and len(known) == len(mine) and nodes and sum(known) != total:
            raise _refusal(line, f"{total} satang of {status[:8]} summed, {sum(known)} there")
    if nodes and not there.keys() <= {_needed(each, "DtldSts")[0] for each in counters}:
        raise _refusal(group.line, "a status that is not counted")


def _whole(group: Node, infos: list[Node], named: bool) -> PaymentStatus | None:
    """The status of the file where it has one for all; the payment block's word is the nearer."""
    told = [each.value("PmtInfSts") for each in infos] + [group.value("GrpSts")]
    for found in told:
        if found is None or found[0] == PARTLY:
            continue
        if found[0] not in STATUSES:
            raise _refusal(found[1], f"status {found[0][:8]!r} is unknown")
        return STATUSES[found[0]]
    if not named:
        raise _refusal(group.line, "a report that says nothing of any payment")
    return None


def _count(found: tuple[str, int] | None) -> int | None:
    if found is None:
        return None
    text, line = found
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise _refusal(line, "not a number")
    return int(text)


def _baht(found: tuple[str, int] | None) -> int | None:
    if found is None:
        return None
    text, line = found
    parts = _BAHT.fullmatch(text)
    if parts is None:
        raise _refusal(line, f"{text[:20]!r} is not an amount of whole satang")
    return int(parts[1]) * 100 + int((parts[2] or "").ljust(2, "0"))


def _tree(raw: bytes) -> Node:
    """Parse without entities, external or internal. BankFileInvalid names the line it broke on."""
    if len(raw) > ANSWER_BYTES_MAX:
        raise _refusal(0, f"more than {ANSWER_BYTES_MAX} bytes")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    building = _Building(parser)
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.text
    parser.StartDoctypeDeclHandler = building.doctype
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise _refusal(error.lineno, expat.errors.messages[error.code]) from error
    except (LookupError, ValueError) as error:
        raise _refusal(1, "its encoding cannot be read") from error
    assert building.root is not None, "expat refuses a document without an element"
    return building.root


class _Building:
    """The handlers of one parse."""

    def __init__(self, parser: Any) -> None:
        self.parser = parser
        self.root: Node | None = None
        self.open: list[Node] = []

    @property
    def line(self) -> int:
        return int(self.parser.CurrentLineNumber)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if NAMESPACE.fullmatch(namespace) is None:
            raise _refusal(self.line, f"{local[:40]!r} is not of pain.002")
        if len(self.open) >= DEPTH_MAX:
            raise _refusal(self.line, "nested too deeply")
        node = Node(local, self.line, attributes=attributes)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def end(self, name: str) -> None:
        self.open.pop()

    def text(self, text: str) -> None:
        self.open[-1].text += text

    def doctype(self, *_declared: object) -> None:
        raise _refusal(self.line, "a document type, which no bank's answer has")
