"""A shop's statement as a spreadsheet: text is written as text, so nothing of it can calculate."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from ledger.domain.business_days import date_of
from ledger.domain.statement import LEGS, PLACES, REASONS, Statement, StatementRow

HEADINGS: Final = (
    ("รายการ", "Redemption"),
    ("โครงการ", "Campaign"),
    ("เงินของ", "Share"),
    ("วันที่", "Day"),
    ("บาท", "Baht"),
    ("สถานะ", "Where"),
    ("รอบ", "Round"),
    ("จ่ายเมื่อ", "Paid on"),
    ("เหตุผล", "Reason"),
)
_WIDTHS: Final = (30, 12, 28, 12, 14, 44, 8, 12, 44)
_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed time, so that equal statements are equal files."""


def statement_xlsx(statement: Statement) -> bytes:
    """The statement as XLSX, in Thai and English: one sheet of sums, one of entries."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"created": _MADE})
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    _sums(book.add_worksheet("ยอดรวม Sums"), statement, bold, money)
    _entries(book.add_worksheet("รายการ Entries"), statement, bold, money)
    book.close()
    return out.getvalue()


def _sums(sheet: Any, statement: Statement, bold: Any, money: Any) -> None:
    sheet.set_column(0, 0, 50)
    sheet.set_column(1, 1, 16)
    sheet.write_string(0, 0, f"ร้าน {statement.merchant} · Shop {statement.merchant}", bold)
    sheet.write_string(1, 0, f"{statement.name_th} · {statement.name_en}")
    sheet.write_string(2, 0, date_of(statement.day).isoformat())
    lines = [(" · ".join(words), statement.sum_of(place)) for place, words in PLACES.items()]
    lines.append(("รวม · Total", statement.total))
    lines.append(("ตามเชน · By the chain", statement.on_chain))
    for row, (words, satang) in enumerate(lines, start=4):
        sheet.write_string(row, 0, words)
        sheet.write_number(row, 1, _baht(satang), money)
    agreed = "ตรงกัน · they agree" if statement.agrees else "ไม่ตรงกัน · THEY DIFFER"
    sheet.write_string(5 + len(lines), 0, agreed, bold)


def _entries(sheet: Any, statement: Statement, bold: Any, money: Any) -> None:
    sheet.freeze_panes(1, 0)
    for column, (words, width) in enumerate(zip(HEADINGS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, " · ".join(words), bold)
    for number, row in enumerate(statement.rows, start=1):
        for column, text in enumerate(_texts(row)):
            if text:
                sheet.write_string(number, column, text)
        sheet.write_number(number, 4, _baht(row.amount), money)


def _texts(row: StatementRow) -> tuple[str, ...]:
    return (
        row.redemption,
        str(row.campaign),
        " · ".join(LEGS[row.leg]),
        date_of(row.day).isoformat(),
        "",
        " · ".join(PLACES[row.place]),
        "" if row.round is None else str(row.round),
        "" if row.paid_on is None else date_of(row.paid_on).isoformat(),
        "" if row.reason is None else " · ".join(REASONS[row.reason]),
    )


def _baht(satang: int) -> Decimal:
    return Decimal(satang) / 100
