"""Tables that people upload: read whole, or refused whole with every bad line named.

UTF-8 with or without a byte-order mark; LF, CRLF or CR; a header that names the columns, in any
order; Thai and full-width digits count as digits. A cell may be quoted and never spans lines.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ledger.domain.ranges import U32
from ledger.errors import CsvInvalid, InputInvalid, LedgerError, ListInvalid
from ledger.services.table_reasons import thai_reason

LINES_MAX: Final = 200_000
COLUMNS_MAX: Final = 64
BAD_LINES_MAX: Final = 1_000
VALUE_SHOWN_MAX: Final = 40

T = TypeVar("T")

_BREAK: Final = re.compile(rb"\r\n|\n|\r")
_MARK: Final = b"\xef\xbb\xbf"
_DIGITS: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table: its number in the file, from 1, and its cells by column."""

    line: int
    cells: dict[str, str]


class BadLines:
    """Collects what is wrong with a table, line by line, until it is refused as a whole."""

    def __init__(self, refusal: type[CsvInvalid] | type[ListInvalid]) -> None:
        self.refusal = refusal
        self.rows: list[dict[str, Any]] = []
        self.lines: set[int] = set()

    def add(self, line: int, why: str, value: str = "") -> None:
        """Name one fault of a line, which may have others. After BAD_LINES_MAX bad lines, reading
        stops with those named so far."""
        if line not in self.lines and len(self.lines) >= BAD_LINES_MAX:
            self.refuse()
        self.lines.add(line)
        told = {"why": why, "why_th": thai_reason(why), "value": _shown(value)}
        self.rows.append({"line": line, "row": line, **told})

    def refuse(self) -> None:
        """Raise the refusal if any line was bad, with the faults in the order of the lines."""
        if self.rows:
            raise self.refusal(rows=sorted(self.rows, key=lambda row: int(row["line"])))


class Cells:
    """The cells of one row, each read by itself: the fault of one hides none of the others."""

    def __init__(self, row: Row, bad: BadLines) -> None:
        self.row = row
        self.bad = bad
        self.good = True

    def read(self, column: str, reader: Callable[[str], T], otherwise: T) -> T:
        """What the cell of a column says, "" for none; `otherwise` where it cannot be read, which
        is named in `bad`."""
        text = self.row.cells.get(column, "")
        try:
            return reader(text)
        except InputInvalid as error:
            self.refuse(f"{column}: {why_of(error)}", text)
            return otherwise

    def refuse(self, why: str, value: str = "") -> None:
        """Name a fault of the row."""
        self.good = False
        self.bad.add(self.row.line, why, value)


def read_rows(
    raw: bytes, columns: Sequence[str], bad: BadLines, *, optional: Sequence[str] = ()
) -> list[Row]:
    """The rows of a table that has all of `columns`, and maybe `optional` ones.

    What cannot be read is named in `bad`, which the caller refuses with. A header without the
    columns, or more than LINES_MAX lines, is refused at once.
    """
    lines = _BREAK.split(raw.removeprefix(_MARK))
    if len(lines) > LINES_MAX + 1:
        bad.add(LINES_MAX + 1, f"more than {LINES_MAX} lines")
        bad.refuse()
    readable = _readable(lines, bad)
    header_line, header = next(readable, (1, []))
    names = [cell.strip().lower() for cell in header]
    missing = [column for column in columns if column not in names]
    strange = [name for name in names if name not in {*columns, *optional}]
    if missing or strange or len(set(names)) != len(names):
        why = f"the first line must name the columns {', '.join(columns)}"
        bad.add(header_line, why, ",".join(header))
        bad.refuse()
    rows = []
    for line, cells in readable:
        if len(cells) != len(names):
            bad.add(line, f"{len(cells)} cells where the first line has {len(names)}")
            continue
        stripped = (cell.strip() for cell in cells)
        rows.append(Row(line=line, cells=dict(zip(names, stripped, strict=True))))
    if not rows and not bad.rows:
        bad.add(header_line, "there is no line after the first")
    return rows


def _readable(lines: Sequence[bytes], bad: BadLines) -> Iterator[tuple[int, list[str]]]:
    for number, raw in enumerate(lines, start=1):
        if not raw.strip(b" \t,"):
            continue
        if b"\0" in raw:
            bad.add(number, "a NUL character")
            continue
        try:
            (cells,) = csv.reader([raw.decode("utf-8")], strict=True)
        except UnicodeDecodeError:
            bad.add(number, "not UTF-8")
        except (csv.Error, ValueError) as error:
            bad.add(number, f"not a line of a table: {error}")
        else:
            if len(cells) <= COLUMNS_MAX:
                yield number, cells
            else:
                bad.add(number, f"more than {COLUMNS_MAX} cells")


def _shown(value: str) -> str:
    shown = value[:VALUE_SHOWN_MAX]
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in shown
    )


def whole_number(text: str, *, most: int) -> int:
    """A number written in digits of one script: Latin, full-width or Thai. Else InputInvalid."""
    plain = "".join(_digit(letter) for letter in text)
    if not _DIGITS.fullmatch(plain) or len({_script(letter) for letter in text}) > 1:
        raise InputInvalid(what="number", why="not a whole number in digits")
    if int(plain) > most:
        raise InputInvalid(what="number", why=f"above {most}")
    return int(plain)


def _digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").partition("DIGIT")[0]


def read_pass_list(raw: bytes) -> list[int]:
    """The pass numbers of a table with a column `pass`, ascending.

    Raises ListInvalid naming every bad line: no number, zero, too large, or named before.
    """
    bad = BadLines(ListInvalid)
    seen: dict[int, int] = {}
    for row in read_rows(raw, ["pass"], bad):
        text = row.cells["pass"]
        try:
            number = whole_number(text, most=U32)
        except InputInvalid as error:
            bad.add(row.line, str(error.details["why"]), text)
            continue
        if number == 0:
            bad.add(row.line, "passes are numbered from 1", text)
        elif number in seen:
            bad.add(row.line, f"the pass of line {seen[number]} again", text)
        else:
            seen[number] = row.line
    bad.refuse()
    return sorted(seen)


def why_of(error: LedgerError) -> str:
    """The short reason in an input error's details."""
    return str(error.details.get("why", error.code))
