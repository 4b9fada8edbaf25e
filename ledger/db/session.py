"""Engines and transactions. SQLite embedded, PostgreSQL in a city; the same statements on both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.db.turns import Turns

BUSY_TIMEOUT_MS: Final = 30_000
CONNECTIONS_MAX: Final = 16
BEGIN_OPTION: Final = "nakhon_begin"
DEFERRED: Final[dict[str, Any]] = {BEGIN_OPTION: "DEFERRED"}
STILL: Final[dict[str, Any]] = {
    "isolation_level": "REPEATABLE READ",
    "postgresql_readonly": True,
}
"""PostgreSQL's reader that sees one moment throughout, as every reader of SQLite does."""

TURNS_OPTION: Final = "nakhon_turns"

SERVER_SETTINGS: Final = (
    "client_connection_check_interval=1000",
    "lock_timeout=20000",
    "idle_in_transaction_session_timeout=120000",
    "tcp_keepalives_idle=5",
    "tcp_keepalives_interval=5",
    "tcp_keepalives_count=2",
)
"""Asked of PostgreSQL for every connection: a process that died, or a machine that went away, lets
go of its locks within seconds. An address with `options` of its own decides by itself."""

PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -32768",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 4000",
)
"""FULL: a commit that was answered survives the power going. Foreign keys are off by default."""


def make_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///file` or a PostgreSQL URL. It connects on first use.

    The directory of an SQLite file is made when it is missing.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(
            parsed,
            pool_size=CONNECTIONS_MAX,
            pool_pre_ping=True,
            connect_args={"options": " ".join(f"-c {each}" for each in SERVER_SETTINGS)}
            if "options" not in parsed.query
            else {},
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    turns = Turns(parsed.database, seconds_max=BUSY_TIMEOUT_MS // 1_000)
    engine = create_async_engine(parsed, execution_options={TURNS_OPTION: turns})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: _begin_sqlite says which kind is meant.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    kind = connection.get_execution_options().get(BEGIN_OPTION, "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {kind}")


@asynccontextmanager
async def _turn(engine: AsyncEngine) -> AsyncIterator[None]:
    """Wait in line for SQLite's one write lock; PostgreSQL needs no line."""
    turns: Turns | None = engine.get_execution_options().get(TURNS_OPTION)
    if turns is None:
        yield
        return
    async with turns.turn():
        yield


@asynccontextmanager
async def open_session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session that may write. The caller commits; what was not committed is rolled back.

    On SQLite the transaction takes the write lock when it begins, so that nothing read in it can
    have changed before it writes. Warning: two of these, one inside the other, wait for ever.
    """
    async with _turn(engine), AsyncSession(engine, expire_on_commit=False) as session:
        yield session


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session that commits when the block ends well and rolls back when it does not."""
    async with open_session(engine) as session:
        yield session
        await session.commit()


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """As `transaction`, a bare connection: for statements in bulk."""
    async with _turn(engine), engine.begin() as connection:
        yield connection


def _for_reading(engine: AsyncEngine) -> AsyncEngine:
    options = DEFERRED if engine.dialect.name == "sqlite" else STILL
    return engine.execution_options(**options)


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session for reading only: it never waits for, nor holds up, a writer."""
    async with AsyncSession(_for_reading(engine)) as session:
        yield session


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """As `snapshot`, a bare connection: for statements in bulk."""
    async with _for_reading(engine).connect() as connection:
        yield connection
