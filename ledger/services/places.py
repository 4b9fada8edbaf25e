"""Where places are: the published table of subdistricts, read from the data that ships with us."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from ledger.domain.geography import Gazetteer, parse_gazetteer
from ledger.errors import CsvInvalid, NotFound

DATA: Final = Path(__file__).resolve().parents[2] / "data"
SUBDISTRICTS: Final = DATA / "thai_subdistricts.csv"
TABLE_BYTES_MAX: Final = 16 * 1024 * 1024


def read_gazetteer(path: Path = SUBDISTRICTS) -> Gazetteer:
    """Read a table of subdistricts.

    Raises NotFound where there is no file, CsvInvalid where it is too large, not UTF-8 or has a
    bad row.
    """
    try:
        if path.stat().st_size > TABLE_BYTES_MAX:
            raise CsvInvalid(rows=[{"row": 1, "why": f"more than {TABLE_BYTES_MAX} bytes"}])
        table = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise NotFound(what="file", which=path.name) from None
    except UnicodeDecodeError as problem:
        raise CsvInvalid(rows=[{"row": 1, "why": f"not UTF-8: {problem.reason}"}]) from problem
    return parse_gazetteer(table)


@cache
def gazetteer() -> Gazetteer:
    """The table that ships with the product, read once."""
    return read_gazetteer()
