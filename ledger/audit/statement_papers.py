"""Shops' statements against the chain, row by row: pure."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.audit.bank_match import paid_by
from ledger.audit.findings import Finding
from ledger.domain.redemption import redemption_id
from ledger.domain.settlement import Leg
from ledger.domain.state import State, VoidTotal
from ledger.domain.statement import BURNT, COLUMNS, Place

STATEMENT_BYTES_MAX: Final = 50_000_000

Entry = tuple[str, Leg]
"""A redemption's id and the share of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPaper:
    """One statement as CSV: what is left of each entry, and what is told paid, in satang.

    `fault` says why it cannot be read.
    """

    name: str
    sums: dict[Entry, int] = field(default_factory=dict)
    paid: int = 0
    fault: str = ""


def read_statement(name: str, raw: bytes) -> StatementPaper:
    """Read a statement. It never fails: `fault` says why not."""
    if len(raw) > STATEMENT_BYTES_MAX:
        return StatementPaper(name=name, fault=f"more than {STATEMENT_BYTES_MAX} bytes")
    sums: dict[Entry, int] = {}
    paid = 0
    line = 1
    try:
        rows = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            return StatementPaper(name=name, fault="its columns are not those of a statement")
        for row in rows:
            line = rows.line_num
            entry, amount = (row["redemption"], Leg(row["leg"])), int(row["amount_satang"])
            sums[entry] = sums.get(entry, 0) + amount
            paid += amount if Place(row["place"]) in BURNT else 0
    except (ValueError, TypeError, csv.Error) as broken:
        return StatementPaper(name=name, fault=f"line {line}: {broken}")
    return StatementPaper(name=name, sums=sums, paid=paid)


def match_statements(
    papers: Sequence[StatementPaper], state: State, separator: bytes
) -> Iterator[Finding]:
    """Yield what a statement says otherwise than the chain: entries, shops, what is paid."""
    if not papers:
        return
    due, shops = _entries(state, separator)
    for paper in papers:
        if paper.fault:
            yield _finding("statement_unreadable", paper, why=paper.fault)
            continue
        named = {shops[name] for name, _ in paper.sums if name in shops}
        if not named:
            # A statement does not say whose it is but by its entries.
            why = "it names no redemption of this chain"
            yield _finding("statement_unreadable", paper, why=why)
            continue
        if len(named) > 1:
            yield _finding("statement_of_many", paper, merchants=sorted(named))
        wanted = {key: satang for key, satang in due.items() if shops[key[0]] in named}
        for key in sorted(paper.sums.keys() | wanted.keys()):
            told, right = paper.sums.get(key, 0), wanted.get(key, 0)
            if told != right:
                what = {"redemption": key[0], "leg": key[1].value}
                yield _finding("statement_differs", paper, **what, found=told, expected=right)
        right = sum(_paid(state, merchant) for merchant in named)
        if paper.paid != right:
            yield _finding("statement_paid_differs", paper, found=paper.paid, expected=right)


def _finding(code: str, paper: StatementPaper, **details: object) -> Finding:
    return Finding(code=code, details={"file": paper.name, **details})


def _entries(state: State, separator: bytes) -> tuple[dict[Entry, int], dict[str, int]]:
    """What is left of every entry on the chain, and the shop of every redemption."""
    due: dict[Entry, int] = {}
    shops: dict[str, int] = {}
    for campaign, book in state.books.items():
        for _, _, record in book.redemptions():
            name = redemption_id(separator, campaign, record.pass_number, record.step)
            undone = book.voids.get((record.pass_number, record.step), VoidTotal())
            shops[name] = record.merchant
            due[name, Leg.CITY] = record.amount - undone.amount
            due[name, Leg.COPAY] = record.copay - undone.copay
    return due, shops


def _paid(state: State, merchant: int) -> int:
    """What rounds paid a shop, less what came back."""
    paid = sum(paid_by(each).get(merchant, 0) for each in state.rounds.values() if each.pages)
    return paid - sum(each.returned.get(merchant, 0) for each in state.rounds.values())
