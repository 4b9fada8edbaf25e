"""The tables that only the till can tell: row by row out of one database and into another.

The index is not among them, since the chain tells it again; nor are leases and doubts of the index,
which are of a moment.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from sqlalchemy import JSON, Column, Integer, MetaData, Table, func, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from ledger.db.index_rows import table_of
from ledger.db.tables_doubts import IndexDoubt
from ledger.db.tables_index import INDEX_TABLES
from ledger.db.tables_till import Lease

READ_AT_ONCE: Final = 1_000
_REVISION: Final = text("SELECT version_num FROM alembic_version")
_COUNT_ON: Final = text("SELECT setval(pg_get_serial_sequence(:name, :counted), :highest)")


def till_tables() -> list[Table]:
    """Every table of the till, parents first."""
    of_a_moment = {table_of(Lease), table_of(IndexDoubt)}
    told_again = of_a_moment | {table_of(model) for model in INDEX_TABLES}
    return [table for table in SQLModel.metadata.sorted_tables if table not in told_again]


async def revision_of(connection: AsyncConnection) -> str:
    """Which migration a database stands at."""
    return str((await connection.execute(_REVISION)).scalar_one())


async def rows_of(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Any]]:
    """The rows of a table in the order of its primary key."""
    query = select(table).order_by(*table.primary_key.columns)
    found = await connection.stream(query.execution_options(yield_per=READ_AT_ONCE))
    async for row in found:
        yield row


async def occupied(connection: AsyncConnection) -> str | None:
    """The name of a till's table that has rows; None where all are empty."""
    for table in till_tables():
        if (await connection.execute(select(table).limit(1))).first() is not None:
            return table.name
    return None


async def insert_dumped(
    connection: AsyncConnection, table: Table, rows: Sequence[Sequence[Any]]
) -> None:
    """Write rows whose values stand in the order of the table's columns."""
    names = [column.name for column in table.columns]
    values = [dict(zip(names, row, strict=True)) for row in rows]
    await connection.execute(insert(_with_nulls(table)), values)


def _with_nulls(table: Table) -> Table:
    """The table as it is written from a dump: nothing is NULL and not the JSON value null."""
    json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    columns = [
        Column(column.name, json if isinstance(column.type, JSON) else column.type)
        for column in table.columns
    ]
    return Table(table.name, MetaData(), *columns)


async def count_on(connection: AsyncConnection) -> None:
    """Let the database count its rows on from the highest one that was restored."""
    if connection.dialect.name != "postgresql":
        return
    for table in till_tables():
        counted = table.autoincrement_column
        if counted is None or not isinstance(counted.type, Integer) or counted.foreign_keys:
            continue
        highest = (await connection.execute(select(func.max(counted)))).scalar_one()
        if highest is not None:
            values = {"name": table.name, "counted": counted.name, "highest": highest}
            await connection.execute(_COUNT_ON, values)
