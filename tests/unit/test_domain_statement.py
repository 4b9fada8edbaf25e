"""Statements as text: every cell is ours, and nothing of a name becomes markup."""

from __future__ import annotations

import io
import zipfile

from ledger.domain.settlement import Leg, Reason
from ledger.domain.statement import (
    Place,
    Statement,
    StatementRow,
    statement_csv,
    statement_html,
)
from ledger.services.statement_sheet import statement_xlsx

ROW = StatementRow(
    redemption="rdm_aaaaaaaaaaaaaaaaaaaaaaaa",
    campaign=1,
    leg=Leg.CITY,
    day=20_391,
    amount=-123_450,
    place=Place.CARRIED,
    reason=Reason.IN_DEBT,
)
STATEMENT = Statement(
    merchant=3,
    name_th="<script>alert(1)</script>",
    name_en='=cmd|"calc"',
    day=20_392,
    rows=(ROW,),
    on_chain=-123_450,
)


def test_a_name_cannot_become_markup() -> None:
    page = statement_html(STATEMENT)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "30/10/2568 (2025-10-30)" in page
    assert "-1,234.50" in page and "voids come to more than takings" in page


def test_a_table_holds_numbers_and_our_own_words_only() -> None:
    lines = statement_csv(STATEMENT).splitlines()
    assert lines[1] == (
        "rdm_aaaaaaaaaaaaaaaaaaaaaaaa,1,city,2025-10-30,-123450,-1234.50,carried,,,in_debt"
    )
    assert "cmd" not in "".join(lines)


def test_a_statement_agrees_to_the_satang_or_says_that_it_does_not() -> None:
    assert STATEMENT.agrees and "they agree" in statement_html(STATEMENT)
    row = StatementRow(
        redemption=ROW.redemption,
        campaign=1,
        leg=Leg.CITY,
        day=ROW.day,
        amount=-123_449,
        place=Place.PAID,
    )
    other = Statement(
        merchant=3, name_th="", name_en="", day=20_392, rows=(row,), on_chain=-123_450
    )
    assert not other.agrees and "THEY DIFFER" in statement_html(other)


def test_a_spreadsheet_holds_no_formula_and_is_the_same_bytes_again() -> None:
    made = statement_xlsx(STATEMENT)
    assert made == statement_xlsx(STATEMENT)
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        sheets = [
            book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name
        ]
        strings = book.read("xl/sharedStrings.xml").decode()
    assert len(sheets) == 2
    assert all("<f>" not in sheet and "hyperlink" not in sheet for sheet in sheets)
    assert '=cmd|"calc"' in strings or "=cmd|&quot;calc&quot;" in strings
    assert "<v>-1234.5</v>" in sheets[1]
