"""A past read from a file: the CSV or NDJSON that `nakhon audit state redemptions` writes.

A file is read whole or refused whole, with every bad line named. An empty cell, or a column that is
not there, means that the past does not say.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.amounts import SATANG_MAX
from ledger.domain.clock import TIME_MAX
from ledger.domain.passes import DISTRICT_MAX
from ledger.domain.past import REDEMPTIONS_MAX, Past, PastRedemption
from ledger.domain.ranges import U24, U32
from ledger.domain.vocabulary import CATEGORIES, CLASSES, Vocabulary
from ledger.errors import CsvInvalid, InputInvalid, LedgerError
from ledger.services.csv_rows import COLUMNS_MAX, BadLines, whole_number, why_of

PAST_BYTES_MAX: Final = 256 * 1024 * 1024
LINE_BYTES_MAX: Final = 4_096
CITY_LETTERS_MAX: Final = 80

_REQUIRED: Final = ("pass", "merchant", "bill", "amount", "signed_at")
_BOM: Final = b"\xef\xbb\xbf"


def _number(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 20:
            if int(text) > most:
                raise InputInvalid(what="number", why=f"above {most}")
            return int(text)
        return whole_number(text, most=most)

    return read


def _word(vocabulary: Vocabulary) -> Callable[[str], int]:
    numbered = _number(vocabulary.bits - 1)

    def read(text: str) -> int:
        return numbered(text) if text[:1].isdigit() else vocabulary.number(text)

    return read


_COLUMNS: Final[dict[str, tuple[str, Callable[[str], int]]]] = {
    "pass": ("pass_number", _number(U32)),
    "merchant": ("merchant", _number(U32)),
    "bill": ("bill", _number(SATANG_MAX)),
    "amount": ("amount", _number(U24)),
    "signed_at": ("signed_at", _number(TIME_MAX)),
    "campaign": ("campaign", _number(U32)),
    "copay": ("copay", _number(SATANG_MAX)),
    "voided": ("voided", _number(U24)),
    "class": ("class_", _word(CLASSES)),
    "district": ("district", _number(DISTRICT_MAX)),
    "valid_from": ("valid_from", _number(TIME_MAX)),
    "valid_until": ("valid_until", _number(TIME_MAX)),
    "category": ("category", _word(CATEGORIES)),
    "merchant_district": ("merchant_district", _number(DISTRICT_MAX)),
    "distance_metres": ("distance_metres", _number(U32)),
    "position_age_seconds": ("position_age_seconds", _number(U32)),
    "accuracy_metres": ("accuracy_metres", _number(U32)),
    "household": ("household", _number(TIME_MAX)),
}
_ZERO_WHERE_EMPTY: Final = {"campaign": 0, "copay": 0, "voided": 0}


@dataclass(slots=True)
class _Reader:
    """What was read so far: the city, the redemptions, and on which line each was."""

    bad: BadLines
    city: str | None = None
    lines: dict[tuple[int, int, int], int] | None = None


def read_past(raw: bytes) -> Past:
    """Read a past: NDJSON where the first letter is `{`, else CSV with a line of column names.

    Raises CsvInvalid naming every bad line; InputInvalid above PAST_BYTES_MAX.
    """
    if len(raw) > PAST_BYTES_MAX:
        raise InputInvalid(what="past", why=f"more than {PAST_BYTES_MAX:,} bytes")
    raw = raw.removeprefix(_BOM)
    bad = BadLines(CsvInvalid)
    rows = _objects(raw, bad) if raw.lstrip()[:1] == b"{" else _cells(raw, bad)
    reader = _Reader(bad=bad, lines={})
    redemptions = [each for each in (_read(reader, *row) for row in rows) if each is not None]
    if not redemptions and not bad.rows:
        bad.add(1, "there is no redemption in it")
    bad.refuse()
    return Past.of(reader.city or "", redemptions)


def _texts(raw: bytes, bad: BadLines) -> Iterator[tuple[int, str]]:
    start, number = 0, 0
    while start < len(raw):
        end = raw.find(b"\n", start)
        end = len(raw) if end < 0 else end
        line, start, number = raw[start:end].strip(), end + 1, number + 1
        if not line:
            continue
        if number > REDEMPTIONS_MAX + 1:
            bad.add(number, f"more than {REDEMPTIONS_MAX:,} lines")
            return
        if len(line) > LINE_BYTES_MAX:
            bad.add(number, f"longer than {LINE_BYTES_MAX} bytes")
        elif b"\0" in line:
            bad.add(number, "a NUL character")
        else:
            try:
                yield number, line.decode()
            except UnicodeDecodeError:
                bad.add(number, "not UTF-8")


def _cells(raw: bytes, bad: BadLines) -> Iterator[tuple[int, Mapping[str, str]]]:
    texts = _texts(raw, bad)
    number, header = next(texts, (1, ""))
    names = [name.strip().lower() for name in _split(header)]
    missing = [name for name in _REQUIRED if name not in names]
    strange = [name for name in names if name not in _COLUMNS and name != "city"]
    if missing or strange or len(set(names)) != len(names) or len(names) > COLUMNS_MAX:
        bad.add(number, f"the first line must name the columns {', '.join(_REQUIRED)}", header)
        bad.refuse()
    for number, text in texts:
        try:
            cells = _split(text)
        except csv.Error as error:
            bad.add(number, f"not a line of a table: {error}")
            continue
        if len(cells) == len(names):
            yield number, dict(zip(names, map(str.strip, cells), strict=True))
        else:
            bad.add(number, f"{len(cells)} cells where the first line has {len(names)}")


def _split(text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")
    (cells,) = csv.reader([text], strict=True)
    return cells


def _objects(raw: bytes, bad: BadLines) -> Iterator[tuple[int, Mapping[str, str]]]:
    for number, text in _texts(raw, bad):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            bad.add(number, "not JSON", text)
            continue
        if not isinstance(found, dict):
            bad.add(number, "not an object", text)
        elif strange := [name for name in found if name not in _COLUMNS and name != "city"]:
            bad.add(number, "a field nobody knows", strange[0])
        elif any(_unfit(value) for value in found.values()):
            bad.add(number, "a value that is neither a whole number nor a text", text)
        else:
            yield number, {name: _plain(value) for name, value in found.items()}


def _unfit(value: Any) -> bool:
    return isinstance(value, bool) or not isinstance(value, int | str | None)


def _plain(value: Any) -> str:
    # Python refuses to write out an integer of thousands of digits; a line is too short for one.
    return "" if value is None else str(value).strip()


def _read(reader: _Reader, number: int, cells: Mapping[str, str]) -> PastRedemption | None:
    bad = reader.bad
    values: dict[str, Any] = {}
    for name, (attribute, read) in _COLUMNS.items():
        text = cells.get(name, "")
        if text == "":
            if name in _REQUIRED:
                bad.add(number, f"{name} is missing")
                return None
            values[attribute] = _ZERO_WHERE_EMPTY.get(name)
            continue
        try:
            values[attribute] = read(text)
        except LedgerError as error:
            bad.add(number, f"{name}: {why_of(error)}", text)
            return None
    found = PastRedemption(**values)
    why = _contradiction(reader, found, cells.get("city", ""))
    if why is not None:
        bad.add(number, why)
        return None
    assert reader.lines is not None
    reader.lines[found.key] = number
    return found


def _contradiction(reader: _Reader, found: PastRedemption, city: str) -> str | None:
    """What no till could have taken, a line that stands twice, or a line of another city."""
    assert reader.lines is not None
    if found.pass_number == 0 or found.merchant == 0:
        return "passes and shops are numbered from 1"
    if not 1 <= found.amount <= found.bill - found.copay:
        return "the amount and the copay are more than the bill, or the amount is nothing"
    if found.voided > found.amount:
        return "more was voided than taken"
    if found.key in reader.lines:
        return f"the redemption of line {reader.lines[found.key]} again"
    if len(city) > CITY_LETTERS_MAX or not city.isprintable():
        return "the name of the city cannot be read"
    if reader.city is None:
        reader.city = city
    return None if city == reader.city else "a redemption of another city than the lines before"
