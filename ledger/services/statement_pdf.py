"""Statements of shops and funders, closing accounts of campaigns: as PDF, to print and to sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ledger.domain.amounts import format_baht
from ledger.domain.business_days import date_of
from ledger.domain.funder_statement import BYS, FunderStatement, bucket_words, thai_day
from ledger.domain.statement import (
    LEGS,
    PLACES,
    REASONS,
    ClosingAccount,
    Statement,
    StatementRow,
    chain_sums,
)
from ledger.errors import InputInvalid
from ledger.qr.sheets import printed, printed_text

ROWS_MAX: Final = 5_000
"""Of one table, some hundred and fifty pages and ten seconds; CSV and XLSX take more."""

Cell = str | tuple[str, str]
"""One text, or the same in Thai and in English."""


def statement_pdf(statement: Statement, *, city_th: str, now: int) -> bytes:
    """A shop's statement as A4 pages, Thai first. Raises InputInvalid beyond ROWS_MAX entries, and
    where the letters are missing."""
    sums: list[tuple[Cell, ...]] = [
        (words, format_baht(statement.sum_of(place)))
        for place, words in PLACES.items()
        if statement.sum_of(place)
    ]
    sums.append((("รวม", "Total"), format_baht(statement.total)))
    for words, baht in chain_sums(statement):
        th, _, en = words.partition(" · ")
        sums.append(((th, en), baht))
    return _report(
        title=(f"ใบแจ้งยอดร้าน {statement.merchant}", f"Statement of shop {statement.merchant}"),
        whose=(statement.name_th, statement.name_en),
        city_th=city_th,
        day=statement.day,
        verdict=_agreed(statement.agrees),
        tables=[
            _table(("ยอดรวม", "Sums"), (("", ""), ("บาท", "Baht")), (3, 1), (1,), sums),
            _table(
                ("รายการ", "Entries"),
                (
                    ("รายการ", "Redemption"), ("โครงการ", "Campaign"), ("เงินของ", "Share"),
                    ("วันที่", "Day"), ("บาท", "Baht"), ("สถานะ", "Where"), ("รอบ", "Round"),
                    ("จ่ายเมื่อ", "Paid on"),
                ),
                (31, 12, 21, 16, 14, 34, 8, 16),
                (4,),
                [_entry(row) for row in statement.rows],
            ),
        ],
        now=now,
    )  # fmt: skip


def _entry(row: StatementRow) -> tuple[Cell, ...]:
    th, en = PLACES[row.place]
    if row.reason is not None:
        th, en = (f"{th}: {REASONS[row.reason][0]}", f"{en}: {REASONS[row.reason][1]}")
    return (
        row.redemption,
        str(row.campaign),
        LEGS[row.leg],
        thai_day(row.day),
        format_baht(row.amount),
        (th, en),
        "" if row.round is None else str(row.round),
        "" if row.paid_on is None else thai_day(row.paid_on),
    )


def funder_pdf(statement: FunderStatement, *, city_th: str, now: int) -> bytes:
    """What a funder's money bought as A4 pages, Thai first. Raises as `statement_pdf`."""
    heads = (
        ("โครงการ", "Campaign"), ("ลำดับ", "Contribution"), ("สมทบ", "Contributed"),
        ("ใช้ซื้อ", "Bought"), ("คืนแล้ว", "Returned"), ("คงเหลือ", "Left"),
    )  # fmt: skip
    lines: list[tuple[Cell, ...]] = [
        (
            str(line.campaign),
            str(line.contribution),
            *map(format_baht, (line.amount, line.bought, line.returned, line.left)),
        )
        for line in statement.lines
    ]
    tables = [_table(("เงินสมทบ", "Contributions"), heads, (2, 2, 3, 3, 3, 3), (2, 3, 4, 5), lines)]
    for by, words in BYS.items():
        rows: list[tuple[Cell, ...]] = [
            (bucket_words(by, bucket), format_baht(amount))
            for bucket, amount in statement.shares[by].items()
        ]
        rows.append((("รวม", "Total"), format_baht(sum(statement.shares[by].values()))))
        tables.append(_table(words, (("", ""), ("บาท", "Baht")), (3, 1), (1,), rows))
    return _report(
        title=("ใบแจ้งผู้สมทบทุน", "Statement of a funder"),
        whose=(statement.funder, ""),
        city_th=city_th,
        day=statement.day,
        verdict=_agreed(statement.agrees),
        tables=tables,
        now=now,
    )


def account_pdf(account: ClosingAccount, *, city_th: str, day: int, now: int) -> bytes:
    """A campaign's closing account as one A4 page with room for two signatures, Thai first."""
    rows: list[tuple[Cell, ...]] = [
        ((row.th, row.en), format_baht(row.amount)) for row in account.rows
    ]
    rows.append((("คงเหลือ", "Balance"), format_baht(account.balance)))
    return _report(
        title=(
            f"บัญชีปิดโครงการ {account.campaign}",
            f"Closing account of campaign {account.campaign}",
        ),
        whose=("", ""),
        city_th=city_th,
        day=day,
        verdict=_agreed(account.balance == 0),
        tables=[_table(("รายการ", "Items"), (("", ""), ("บาท", "Baht")), (3, 1), (1,), rows)],
        signed_by=(("เหรัญญิก", "Treasurer"), ("ผู้อนุมัติ", "Approver")),
        now=now,
    )


def _agreed(agrees: bool) -> tuple[str, str]:
    if agrees:
        return "ยอดตรงกันทุกสตางค์", "It agrees to the satang."
    return "ยอดไม่ตรงกัน", "IT DOES NOT AGREE."


def _table(
    title: tuple[str, str],
    heads: Sequence[tuple[str, str]],
    widths: Sequence[int],
    right: Sequence[int],
    rows: Sequence[Sequence[Cell]],
) -> dict[str, Any]:
    if len(rows) > ROWS_MAX:
        raise InputInvalid(what="statement", why=f"more than {ROWS_MAX:,} rows: take CSV or XLSX")
    return {
        "title": _cell(title),
        "heads": [_cell(head) for head in heads],
        "widths": list(widths),
        "right": list(right),
        "rows": [[_cell(cell) for cell in row] for row in rows],
    }


def _cell(cell: Cell) -> dict[str, str]:
    th, en = (cell, "") if isinstance(cell, str) else cell
    return {"th": printed_text(th), "en": printed_text(en)}


def _report(
    *,
    title: tuple[str, str],
    whose: tuple[str, str],
    city_th: str,
    day: int,
    verdict: tuple[str, str],
    tables: Sequence[dict[str, Any]],
    now: int,
    signed_by: Sequence[tuple[str, str]] = (),
) -> bytes:
    data = {
        "title": _cell(title),
        "whose": _cell(whose),
        "city": _cell(city_th),
        "day": _cell((f"ณ วันที่ {thai_day(day)}", f"as of {date_of(day).isoformat()}")),
        "verdict": _cell(verdict),
        "tables": list(tables),
        "signed_by": [_cell(each) for each in signed_by],
    }
    return printed("report.typ", data, now)
