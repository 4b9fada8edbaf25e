"""Rows on their way into the index, as tuples in the order of their tables' columns."""

from collections.abc import Mapping
from functools import cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from ledger.db.index_copy import copy_rows
from ledger.db.tables_index import INDEX_TABLES, IndexedEvent, PlainFact
from ledger.errors import AmountInvalid

Row = tuple[Any, ...]
ROWS_A_STATEMENT: Final = 1_000
"""With 32 columns at most, below SQLite's 32,766 parameters a statement."""

SATANG_STORED_MAX: Final = 2**63 - 1


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


@cache
def columns_of(model: type[SQLModel]) -> tuple[str, ...]:
    """The columns of a table in its order."""
    return tuple(column.name for column in table_of(model).columns)


class Rows:
    """The rows of one span, by table."""

    def __init__(self) -> None:
        self.by_table: dict[type[SQLModel], list[Row]] = {model: [] for model in INDEX_TABLES}

    def add(self, model: type[SQLModel], values: Mapping[str, Any]) -> None:
        """Add one row. Every column must be given. AmountInvalid beyond what a database holds."""
        row = tuple(values[name] for name in columns_of(model))
        if any(isinstance(value, int) and value > SATANG_STORED_MAX for value in row):
            raise AmountInvalid(
                text=str(max(v for v in row if isinstance(v, int))), why="too large"
            )
        self.by_table[model].append(row)

    def event_count(self) -> int:
        """How many events the rows are of."""
        return len(self.by_table[IndexedEvent])


async def insert_rows(connection: AsyncConnection, rows: Rows) -> None:
    """Write all rows, parents before children, past the statement compiler: it would cost more
    than the database does."""
    for model in INDEX_TABLES:
        batch = rows.by_table[model]
        if not batch:
            continue
        if connection.dialect.name == "postgresql":
            await copy_rows(connection, table_of(model), batch)
            continue
        if model is PlainFact:
            values = [dict(zip(columns_of(model), row, strict=True)) for row in batch]
            await connection.execute(insert(table_of(model)), values)
            continue
        await _insert_many(connection, _insert_sql(model, connection.dialect), batch)


async def _insert_many(connection: AsyncConnection, sql: str, batch: list[Row]) -> None:
    whole = len(batch) - len(batch) % ROWS_A_STATEMENT
    for start in range(0, whole, ROWS_A_STATEMENT):
        some = batch[start : start + ROWS_A_STATEMENT]
        await connection.exec_driver_sql(_many_sql(sql), tuple(chain.from_iterable(some)))
    if whole < len(batch):
        await connection.exec_driver_sql(sql, batch[whole:])


@cache
def _many_sql(sql: str) -> str:
    """The statement for ROWS_A_STATEMENT rows at once: the driver lets other threads run while a
    statement works, so few long ones get in nobody's way, and many short ones in everybody's."""
    head, _, row = sql.partition(" VALUES ")
    return head + " VALUES " + ", ".join([row] * ROWS_A_STATEMENT)


_SQL: dict[tuple[type[SQLModel], str], str] = {}


def _insert_sql(model: type[SQLModel], dialect: Dialect) -> str:
    """The statement, with a place for each column in order."""
    assert dialect.positional, "a driver that wants names is written to by COPY"
    key = (model, dialect.name)
    if key not in _SQL:
        _SQL[key] = str(insert(table_of(model)).compile(dialect=dialect))
    return _SQL[key]
