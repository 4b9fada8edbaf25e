"""An export as files: CSV for everything, XLSX for people, Parquet for `nakhon audit sql`.

Equal chains give equal bytes of CSV and XLSX. No cell of either is a formula, whatever a text says;
Parquet holds the texts as they are. Each file is whole or is not there.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ledger.audit.export import Account, Row, head_of, rows_of
from ledger.audit.export_tables import TABLES, VERSION, ExportColumn, ExportTable, Kind
from ledger.domain.clock import BANGKOK_OFFSET
from ledger.domain.harmless_text import csv_cell, neutralise
from ledger.errors import ToolMissing

MANIFEST: Final = "export.json"
WORKBOOK: Final = "nakhon.xlsx"
SHEET_ROWS_MAX: Final = 1_000_000
CELL_LETTERS_MAX: Final = 32_000
_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed time, so that equal exports are equal files."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)

SQL_TYPES: Final[dict[Kind, str]] = {
    Kind.NUMBER: "BIGINT",
    Kind.SATANG: "BIGINT",
    Kind.TIME: "BIGINT",
    Kind.TEXT: "VARCHAR",
    Kind.TRUTH: "BOOLEAN",
}


class FileFormat(StrEnum):
    """What an export can be written as."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One file of an export. `sha256` is hexadecimal; `rows` counts no heading."""

    file: str
    rows: int
    sha256: str


def write_export(
    account: Account, directory: Path, formats: Sequence[FileFormat], *, thai: bool = False
) -> list[Written]:
    """Write an export into a directory, which is made where it is missing.

    `thai`: the first line of each CSV is in Thai, behind the mark by which spreadsheets know UTF-8.
    Last comes `export.json` with the chain, the block and every file's hash. Raises ToolMissing
    for Parquet without DuckDB, before anything is written, and OSError.
    """
    if FileFormat.PARQUET in formats:
        duckdb_module()
    directory.mkdir(parents=True, exist_ok=True)
    written: list[Written] = []
    for table in TABLES:
        if FileFormat.CSV in formats:
            write = _csv_writer(account, table, thai)
            written.append(_whole(directory / f"{table.name}.csv", write))
        if FileFormat.PARQUET in formats:
            written.append(_whole(directory / f"{table.name}.parquet", _parquet(account, table)))
    if FileFormat.XLSX in formats:
        written.append(_whole(directory / WORKBOOK, lambda path: _workbook(account, path)))
    _whole(directory / MANIFEST, lambda path: _manifest(account, written, path))
    return written


def duckdb_module() -> Any:
    """DuckDB. Raises ToolMissing where the extra `sql` was not installed."""
    try:
        import duckdb
    except ImportError:
        why = "it comes with pip install 'nakhon[sql]'; CSV and XLSX do without it"
        raise ToolMissing(tool="DuckDB", why=why) from None
    return duckdb


def _whole(path: Path, write: Callable[[Path], int]) -> Written:
    temporary = path.with_name(path.name + ".new")
    try:
        rows = write(temporary)
        digest = hashlib.sha256()
        with temporary.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return Written(file=path.name, rows=rows, sha256=digest.hexdigest())


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────


def _csv_writer(account: Account, table: ExportTable, thai: bool) -> Callable[[Path], int]:
    heads = [column.th if thai else column.name for column in table.columns]
    return lambda path: write_csv(
        path, heads, table.columns, rows_of(account, table.name), mark=thai
    )


def write_csv(
    path: Path,
    heads: Sequence[str],
    columns: Sequence[ExportColumn],
    rows: Iterable[Row],
    *,
    mark: bool = False,
    raw: bool = False,
) -> int:
    """Write one table in UTF-8 with LF and return how many rows; `mark` puts a byte-order mark.

    Texts are made harmless for a spreadsheet, unless they are to be `raw`.
    """
    shown = _raw_cell if raw else _harmless_cell
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        if mark:
            file.write(_BOM)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        for row in rows:
            writer.writerow([shown(each, value) for each, value in zip(columns, row, strict=True)])
            count += 1
    return count


def _raw_cell(column: ExportColumn, value: Any) -> Any:
    if column.kind is Kind.TRUTH:
        return "true" if value else "false"
    return value


def _harmless_cell(column: ExportColumn, value: Any) -> Any:
    if column.kind is Kind.TEXT and value is not None:
        return csv_cell(value)
    return _raw_cell(column, value)


# ── Parquet ──────────────────────────────────────────────────────────────────────────────────────


def _parquet(account: Account, table: ExportTable) -> Callable[[Path], int]:
    return lambda path: write_parquet(path, table, rows_of(account, table.name))


def write_parquet(path: Path, table: ExportTable, rows: Iterable[Row]) -> int:
    """Write one table as Parquet with typed columns and return how many rows.

    The rows pass through a CSV beside the file, which is how DuckDB takes millions of them.
    """
    passage = path.with_name(path.name + ".csv")
    names = [column.name for column in table.columns]
    types = {column.name: SQL_TYPES[column.kind] for column in table.columns}
    try:
        count = write_csv(passage, names, table.columns, rows, raw=True)
        with duckdb_module().connect(":memory:") as connection:
            connection.execute("SET threads = 1")
            read = (
                "read_csv($source, columns = $types, header = true, auto_detect = false, "
                "delim = ',', quote = '\"', escape = '\"')"
            )
            connection.execute(
                f"COPY (SELECT * FROM {read}) TO $target (FORMAT parquet)",
                {"source": str(passage), "types": types, "target": str(path)},
            )
    finally:
        passage.unlink(missing_ok=True)
    return count


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────


def _workbook(account: Account, path: Path) -> int:
    return write_workbook(path, ((table, rows_of(account, table.name)) for table in TABLES))


def write_workbook(path: Path, tables: Iterable[tuple[ExportTable, Iterator[Row]]]) -> int:
    """Write one sheet a table, a further one after each million of rows; return how many rows.

    Amounts are in baht and times are Bangkok's, as people read them.
    """
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(path, options)
    book.set_properties({"created": _MADE})
    formats = {
        "head": book.add_format({"bold": True}),
        Kind.SATANG: book.add_format({"num_format": "#,##0.00"}),
        Kind.TIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    count = 0
    for table, rows in tables:
        number = 1
        while True:
            name = table.th if number == 1 else f"{table.th} {number}"
            filled = _sheet(book.add_worksheet(name), table, rows, formats)
            count, number = count + filled, number + 1
            if filled < SHEET_ROWS_MAX:
                break
    book.close()
    return count


def _sheet(sheet: Any, table: ExportTable, rows: Iterator[Row], formats: Any) -> int:
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(table.columns):
        sheet.set_column(position, position, 20)
        text = f"{column.th} · {column.en}"
        if column.kind is Kind.SATANG:
            text += " (บาท · baht)"
        sheet.write_string(0, position, text, formats["head"])
    number = 0
    for number, row in enumerate(islice(rows, SHEET_ROWS_MAX), start=1):
        for position, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            if value is not None:
                _cell(sheet, number, position, column.kind, value, formats)
    return number


def _cell(sheet: Any, row: int, column: int, kind: Kind, value: Any, formats: Any) -> None:
    match kind:
        case Kind.TEXT:
            sheet.write_string(row, column, neutralise(value, letters_max=CELL_LETTERS_MAX))
        case Kind.TRUTH:
            sheet.write_boolean(row, column, value)
        case Kind.SATANG:
            sheet.write_number(row, column, Decimal(value) / 100, formats[kind])
        case Kind.TIME:
            at = _EPOCH + timedelta(seconds=value + BANGKOK_OFFSET)
            sheet.write_datetime(row, column, at, formats[kind])
        case Kind.NUMBER:
            sheet.write_number(row, column, value)


# ── what was exported ────────────────────────────────────────────────────────────────────────────


def _manifest(account: Account, written: Sequence[Written], path: Path) -> int:
    head, deployment = head_of(account), account.deployment
    document = {
        "format": VERSION,
        "chain_id": deployment.chain_id,
        "book": deployment.address("CouponBook"),
        "block": head.number,
        "block_hash": head.hash,
        "block_time": head.time,
        "files": [
            {"file": each.file, "rows": each.rows, "sha256": each.sha256} for each in written
        ],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return len(written)
