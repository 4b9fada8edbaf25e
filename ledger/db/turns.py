"""One writer after the other on an SQLite file, in whichever process they are.

SQLite itself lets a writer that finds its lock taken sleep and try again, longer each time: between
many small transactions that costs more than the work does, and whoever sleeps longest is overtaken.
Here the next one is woken. Nothing depends on it but the time: SQLite's own lock still decides.
"""

import asyncio
import fcntl
import os
import struct
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

SUFFIX: Final = "-turn"
_WAIT: Final[int | None] = getattr(fcntl, "F_OFD_SETLKW", None)
_ASK: Final[int | None] = getattr(fcntl, "F_OFD_SETLK", None)
"""Locks of an open file (Linux): elsewhere only the writers of one process take turns."""


class Turns:
    """The line of the writers of one engine, and behind it that of the other processes."""

    def __init__(self, database: str | None, *, seconds_max: int) -> None:
        """`seconds_max`: after so long nobody is waited for, and SQLite says what is wrong."""
        named = database and database != ":memory:" and _ASK is not None
        self._path = Path(f"{database}{SUFFIX}") if named else None
        self._seconds_max = seconds_max
        self._line = asyncio.Lock()
        self._file: int | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Write now, while nobody else does."""
        async with self._line:
            if self._path is None:
                yield
                return
            if not self._taken():
                await self._wait()
            try:
                yield
            finally:
                self._leave()

    def _taken(self) -> bool:
        if self._file is None:
            assert self._path is not None, "a database in a file"
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._file)
        try:
            self._lock(_ASK, fcntl.F_WRLCK)
        except (BlockingIOError, PermissionError):
            return False
        return True

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        waiting = loop.run_in_executor(None, self._lock, _WAIT, fcntl.F_WRLCK)
        try:
            await asyncio.wait_for(asyncio.shield(waiting), self._seconds_max)
        except TimeoutError:
            waiting.add_done_callback(self._leave)
        except asyncio.CancelledError:
            waiting.add_done_callback(self._leave)
            raise

    def _leave(self, _waited: object = None) -> None:
        self._lock(_ASK, fcntl.F_UNLCK)

    def _lock(self, how: int | None, kind: int) -> None:
        assert how is not None and self._file is not None, "a file that can be locked"
        fcntl.fcntl(self._file, how, struct.pack("hhqqi0q", kind, os.SEEK_SET, 0, 1, 0))
