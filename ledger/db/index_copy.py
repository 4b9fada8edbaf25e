"""Rows into PostgreSQL by COPY: what an index that is read anew is written with."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection


async def copy_rows(
    connection: AsyncConnection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write rows in the order of `columns`, in the caller's transaction.

    Raises what an INSERT would: IntegrityError for a row that is there or cannot be.
    """
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection), "only PostgreSQL copies"
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    try:
        async with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                await copy.write_row(_adapted(row))
    except psycopg.Error as error:
        told = f"COPY {table}"
        raise DBAPIError.instance(
            told, None, error, psycopg.Error, dialect=connection.dialect
        ) from error


def _adapted(row: Sequence[Any]) -> Sequence[Any]:
    if not any(isinstance(value, dict | list) for value in row):
        return row
    return [Jsonb(value) if isinstance(value, dict | list) else value for value in row]
