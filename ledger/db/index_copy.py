"""Rows into PostgreSQL by COPY: what an index that is read anew is written with."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import JSON, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection


async def copy_rows(
    connection: AsyncConnection, table: Table, rows: Sequence[Sequence[Any]]
) -> None:
    """Write rows in the order of the table's columns, in the caller's transaction.

    Raises what an INSERT would: IntegrityError for a row that is there or cannot be.
    """
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection), "only PostgreSQL copies"
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    try:
        async with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in _adapted(table, rows):
                await copy.write_row(row)
    except psycopg.Error as error:
        told = f"COPY {table.name}"
        raise DBAPIError.instance(
            told, None, error, psycopg.Error, dialect=connection.dialect
        ) from error


def _adapted(table: Table, rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """The rows, with documents as the driver takes them."""
    documents = [place for place, of in enumerate(table.columns) if isinstance(of.type, JSON)]
    if not documents:
        return rows
    return [
        [Jsonb(value) if place in documents else value for place, value in enumerate(row)]
        for row in rows
    ]
