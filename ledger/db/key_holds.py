"""Who runs a request under an idempotency key now, in whatever process; a crash lets go at once.

On one machine with SQLite the operating system remembers it, as a lock on one byte of a file beside
the database; with PostgreSQL the server does, as a lock that ends with the transaction. Neither
writes anything.
"""

import fcntl
import hashlib
import os
import struct
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from ledger.db.idempotency import Asked
from ledger.errors import IdempotencyInProgress

SUFFIX: Final = "-keys"
_LOCK_OF_FILE: Final[int | None] = getattr(fcntl, "F_OFD_SETLK", None)
"""A lock of an open file and not of the process: two servers in one process exclude each other
too. Only Linux has it; elsewhere one process serves an SQLite city."""

_HELD: Final = text("SELECT pg_try_advisory_xact_lock(:key)")


class KeyHolds:
    """The keys under which this process runs requests, and the way to those of the others."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._running: set[tuple[str, str]] = set()
        database = engine.url.database if engine.dialect.name == "sqlite" else None
        named = database and database != ":memory:" and _LOCK_OF_FILE is not None
        self._path = Path(f"{database}{SUFFIX}") if named else None
        self._file: int | None = None

    @contextmanager
    def hold(self, asked: Asked) -> Iterator[None]:
        """Run under a key, alone. Raises IdempotencyInProgress where another request does."""
        name = (asked.principal, asked.key)
        if name in self._running:
            raise IdempotencyInProgress(key=asked.key)
        self._running.add(name)
        try:
            with self._byte_locked(asked):
                yield
        finally:
            self._running.discard(name)

    @contextmanager
    def _byte_locked(self, asked: Asked) -> Iterator[None]:
        if self._path is None:
            yield
            return
        number = number_of(asked)
        try:
            self._lock(fcntl.F_WRLCK, number)
        except (BlockingIOError, PermissionError):
            raise IdempotencyInProgress(key=asked.key) from None
        try:
            yield
        finally:
            self._lock(fcntl.F_UNLCK, number)

    def _lock(self, kind: int, number: int) -> None:
        assert self._path is not None and _LOCK_OF_FILE is not None, "a city of one process"
        if self._file is None:
            # Open as long as this object lives: to open it for each request costs more than all
            # that is read of the request.
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._file)
        asked = struct.pack("hhqqi0q", kind, os.SEEK_SET, number, 1, 0)
        fcntl.fcntl(self._file, _LOCK_OF_FILE, asked)


async def hold_in_database(session: AsyncSession, asked: Asked) -> None:
    """Hold a key until the session's transaction ends, against every process of the city.

    Raises IdempotencyInProgress where another transaction holds it.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    if not await session.scalar(_HELD, {"key": number_of(asked)}):
        raise IdempotencyInProgress(key=asked.key)


def number_of(asked: Asked) -> int:
    """62 bits that stand for a key: with a million running, two of them meet once in a million."""
    digest = hashlib.sha256(f"{asked.principal}\n{asked.key}".encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()[:8], "big") >> 2
