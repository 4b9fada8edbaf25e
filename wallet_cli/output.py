"""What a command prints: data on stdout in the shape asked for, everything else on stderr."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any, Final, TypeAlias, assert_never

from ledger.domain.harmless_text import csv_cell, harmless_json, neutralise
from wallet_cli.language import Language

Row: TypeAlias = Mapping[str, Any]
JsonObject: TypeAlias = dict[str, Any]

NOTE_LETTERS_MAX: Final = 2_000
WIDTH_OF_A_FILE: Final = 200
"""Columns of a table that goes into a pipe or a file, where no terminal says how wide it is."""


class OutputFormat(StrEnum):
    """Table for people, the others for programs."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class Kind(StrEnum):
    """How a value reads in a table. The formats for programs always get the plain value."""

    TEXT = "text"
    BAHT = "baht"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a row: the key programs see and the headings people see."""

    key: str
    th: str
    en: str
    kind: Kind = Kind.TEXT

    def heading(self, language: Language) -> str:
        """Thai, English, or both on two lines."""
        match language:
            case Language.TH:
                return self.th
            case Language.EN:
                return self.en
            case Language.BOTH:
                return f"{self.th}\n{self.en}"
            case _:
                assert_never(language)

    def label(self, language: Language) -> str:
        """The heading on one line."""
        return self.heading(language).replace("\n", " · ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """Writes rows and notes. Amounts come in as satang, times as Unix seconds."""

    form: OutputFormat
    language: Language
    out: IO[str]
    err: IO[str]

    def rows(self, columns: Sequence[Column], rows: Iterable[Row]) -> None:
        """Many things of one kind."""
        held = list(rows)
        match self.form:
            case OutputFormat.TABLE:
                self._table(columns, held)
            case OutputFormat.JSON:
                self._json(held)
            case OutputFormat.NDJSON:
                self._ndjson(held)
            case OutputFormat.CSV:
                self._csv(columns, held)
            case _:
                assert_never(self.form)

    def record(self, columns: Sequence[Column], row: Row) -> None:
        """One thing: a figure a line for people, an object for programs."""
        match self.form:
            case OutputFormat.TABLE:
                self._lines(columns, row)
            case OutputFormat.JSON:
                self._json(row)
            case OutputFormat.NDJSON:
                self._ndjson([row])
            case OutputFormat.CSV:
                self._csv(columns, [row])
            case _:
                assert_never(self.form)

    def raw(self, text: str) -> None:
        """Text of our own making, such as a QR drawn with blocks, onto stdout as it is."""
        self.out.write(text if text.endswith("\n") else text + "\n")
        self.out.flush()

    def note(self, th: str, en: str) -> None:
        """A sentence for the person, on stderr."""
        for sentence in self.sentences(th, en):
            self.remark(sentence)

    def remark(self, line: str) -> None:
        """A line without a language, such as an address and what was done to it, on stderr."""
        self.err.write(neutralise(line, letters_max=NOTE_LETTERS_MAX) + "\n")
        self.err.flush()

    def sentences(self, th: str, en: str) -> list[str]:
        """The sentences to show in this language: one, or Thai and then English."""
        match self.language:
            case Language.TH:
                return [th]
            case Language.EN:
                return [en]
            case Language.BOTH:
                return [th, en]
            case _:
                assert_never(self.language)

    def _table(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            numeric = column.kind is Kind.BAHT
            heading = Text(column.heading(self.language))
            table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(self._shown(column, row)) for column in columns))
        self._rich(table)

    def _lines(self, columns: Sequence[Column], row: Row) -> None:
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2))
        grid.add_column()
        grid.add_column(overflow="fold")
        for column in columns:
            label = Text(column.label(self.language), style="bold")
            grid.add_row(label, Text(self._shown(column, row)))
        self._rich(grid)

    def _rich(self, thing: Any) -> None:
        from rich.console import Console

        width = None if self.out.isatty() else WIDTH_OF_A_FILE
        Console(file=self.out, width=width, highlight=False, markup=False).print(thing)

    def _shown(self, column: Column, row: Row) -> str:
        value = row.get(column.key)
        if value is None or value == "":
            return "-"
        match column.kind:
            case Kind.BAHT:
                return baht(int(value))
            case Kind.TIME:
                return moment(int(value), self.language)
            case Kind.TEXT:
                return neutralise(_plain(value))
            case _:
                assert_never(column.kind)

    def _json(self, value: Any) -> None:
        document = json.dumps(value, ensure_ascii=False, indent=2, default=str)
        self.raw(harmless_json(document))

    def _ndjson(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.raw(harmless_json(json.dumps(row, ensure_ascii=False, default=str)))

    def _csv(self, columns: Sequence[Column], rows: Iterable[Row]) -> None:
        page = io.StringIO()
        writer = csv.writer(page, lineterminator="\n")
        writer.writerow([column.key for column in columns])
        for row in rows:
            values = (row.get(column.key) for column in columns)
            writer.writerow(["" if value is None else csv_cell(_plain(value)) for value in values])
        self.out.write(page.getvalue())
        self.out.flush()


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def baht(satang: int) -> str:
    """`1,234.50` for 123450 satang."""
    from ledger.domain.amounts import format_baht

    return format_baht(satang)


def moment(seconds: int, language: Language) -> str:
    """A time in Bangkok: the Buddhist era in Thai, the common era in English."""
    if seconds == 0:
        return "-"
    from ledger.domain.clock import english_date, thai_date

    return english_date(seconds) if language is Language.EN else thai_date(seconds)
