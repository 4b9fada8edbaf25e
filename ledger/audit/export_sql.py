"""Questions in SQL over an export, for reading alone: no network, no file but the export's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.audit.export_files import duckdb_module
from ledger.audit.export_tables import TABLES
from ledger.errors import InputInvalid, NotFound

ROWS_MAX: Final = 100_000
QUESTION_LETTERS_MAX: Final = 100_000
_SETTINGS: Final = (
    "SET memory_limit = '2GB'",
    "SET temp_directory = ''",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a question gave: the columns' names, and as many values a row."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def ask(directory: Path, question: str) -> Answer:
    """Answer one SELECT over the Parquet files of an export; each is a table of its name.

    The tables are read into memory, then every door is shut, and only then is the question put.
    Raises ToolMissing without DuckDB, NotFound for a directory without an export, InputInvalid for
    anything but one SELECT, one that fails, or more than ROWS_MAX rows.
    """
    duckdb = duckdb_module()
    if len(question) > QUESTION_LETTERS_MAX:
        raise InputInvalid(what="question", why=f"more than {QUESTION_LETTERS_MAX} letters")
    found = [table.name for table in TABLES if (directory / f"{table.name}.parquet").is_file()]
    if not found:
        raise NotFound(what="export in Parquet", which=str(directory))
    with duckdb.connect(":memory:") as connection:
        try:
            _one_select(duckdb, connection, question)
            for name in found:
                connection.execute(
                    f"CREATE TABLE {name} AS SELECT * FROM read_parquet($file)",
                    {"file": str(directory / f"{name}.parquet")},
                )
            for setting in _SETTINGS:
                connection.execute(setting)
            cursor = connection.execute(question)
            columns = tuple(str(each[0]) for each in cursor.description or ())
            rows: Sequence[tuple[Any, ...]] = cursor.fetchmany(ROWS_MAX + 1)
        except duckdb.Error as refused:
            raise InputInvalid(what="question", why=_first_line(refused)) from refused
    if len(rows) > ROWS_MAX:
        raise InputInvalid(what="question", why=f"more than {ROWS_MAX:,} rows: add a LIMIT")
    return Answer(columns=columns, rows=list(rows))


def _one_select(duckdb: Any, connection: Any, question: str) -> None:
    statements = connection.extract_statements(question)
    if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
        raise InputInvalid(what="question", why="one SELECT is needed, and nothing else")


def _first_line(refused: Exception) -> str:
    return str(refused).strip().partition("\n")[0][:300]
