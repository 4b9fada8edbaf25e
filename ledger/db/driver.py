"""The database's own driver, for the few statements that every redemption pays for.

The toolkit above it costs more for one of these than the database does. They are text with a fixed
spelling, however much they are about: a whole set, or all rows, are one parameter, so that the
server keeps its plan. Everything is part of the session's transaction, and failures are raised as
the toolkit raises them.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NoReturn

import orjson
import psycopg
from sqlalchemy import JSON, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import LargeBinary

_PARAMETER: Final = re.compile(r"(?<!:):([a-z_]+)")

Row = tuple[Any, ...]


class Statement:
    """One statement as each database spells it. `{name}` stands for "is one of the set `name`"."""

    def __init__(self, sql: str, *sets: str, postgresql: str | None = None) -> None:
        """`postgresql`: where it is more than another spelling there."""
        self.sets = sets
        among = {name: f"IN (SELECT value FROM json_each(:{name}))" for name in sets}
        arrays = {name: f"= ANY(:{name})" for name in sets}
        self.sqlite = sql.format(**among)
        self.postgresql = _PARAMETER.sub(r"%(\1)s", (postgresql or sql).format(**arrays))


class Insert:
    """An INSERT of rows with all the columns of a table."""

    def __init__(self, table: Table) -> None:
        columns = table.columns
        self._octets = [one.name for one in columns if isinstance(one.type, LargeBinary)]
        self._documents = [one.name for one in columns if isinstance(one.type, JSON)]
        names = ", ".join(f'"{column.name}"' for column in columns)
        places = ", ".join(f":{column.name}" for column in columns)
        self.sqlite = f"INSERT INTO {table.name} ({names}) VALUES ({places})"
        self.postgresql = (
            f"INSERT INTO {table.name} ({names}) SELECT {names}"
            f" FROM jsonb_populate_recordset(NULL::{table.name}, %(rows)s::jsonb)"
        )

    def spelled(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The rows as SQLite takes them: documents as text."""
        return [{**row, **{name: _text(row[name]) for name in self._documents}} for row in rows]

    def as_json(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """The rows as PostgreSQL takes them: one document."""
        return orjson.dumps(
            [{**row, **{name: _hex(row[name]) for name in self._octets}} for row in rows]
        ).decode()


def _text(document: Any) -> str | None:
    return None if document is None else orjson.dumps(document).decode()


def _hex(octets: bytes | None) -> str | None:
    return None if octets is None else "\\x" + octets.hex()


class Driver:
    """The driver's connection under one transaction. It ends with it."""

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self.sqlite = dialect.name == "sqlite"
        """Whether the database is SQLite; else it is PostgreSQL."""

    @classmethod
    async def of(cls, session: AsyncSession) -> "Driver":
        """The driver of the transaction that the session is in, or begins now."""
        connection = await session.connection()
        raw = await connection.get_raw_connection()
        return cls(raw.driver_connection, connection.dialect)

    async def fetch(self, statement: Statement, **asked: Any) -> list[Row]:
        """The rows a statement finds. A set is given as any collection."""
        try:
            if self.sqlite:
                values = asked | {name: _json(asked[name]) for name in statement.sets}
                found = await self._connection.execute_fetchall(statement.sqlite, values)
                return [tuple(row) for row in found]
            values = asked | {name: list(asked[name]) for name in statement.sets}
            cursor = await self._connection.execute(statement.postgresql, values)
            rows: list[Row] = await cursor.fetchall()
            return rows
        except (psycopg.Error, sqlite3.Error) as error:
            self._raise(statement.postgresql, error)

    async def change(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Carry a statement out for each row, in their order: how many rows it changed."""
        try:
            if self.sqlite:
                async with self._connection.executemany(statement.sqlite, rows) as cursor:
                    return int(cursor.rowcount)
            async with self._connection.cursor() as cursor:
                await cursor.executemany(statement.postgresql, rows)
                return int(cursor.rowcount)
        except (psycopg.Error, sqlite3.Error) as error:
            self._raise(statement.postgresql, error)

    async def insert(self, into: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows. Raises IntegrityError for one that is there or cannot be."""
        try:
            if self.sqlite:
                async with self._connection.executemany(into.sqlite, into.spelled(rows)):
                    return
            await self._connection.execute(into.postgresql, {"rows": into.as_json(rows)})
        except (psycopg.Error, sqlite3.Error) as error:
            self._raise(into.postgresql, error)

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[None]:
        """Send the inserts of the block without waiting for each: PostgreSQL answers all of them
        at the end, which raises what any of them would."""
        if self.sqlite:
            yield
            return
        try:
            async with self._connection.pipeline():
                yield
        except psycopg.Error as error:
            self._raise("a pipeline of inserts", error)

    def _raise(self, statement: str, error: Exception) -> NoReturn:
        base = sqlite3.Error if self.sqlite else psycopg.Error
        raise DBAPIError.instance(statement, None, error, base, dialect=self._dialect) from error


def _json(members: Collection[Any]) -> str:
    return orjson.dumps(list(members)).decode()
