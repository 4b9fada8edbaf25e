"""A line to PostgreSQL that breaks in the middle of a commit, or at any other word of a talk:
before the server has heard of it, or after it did and before its answer comes back."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
COMMIT_ASKED = b"COMMIT\x00"
COMMIT_DONE = b"COMMIT\x00"
"""The words of the protocol: a query's text and a command's tag both end with a zero byte."""


class Cut(StrEnum):
    """Where the next commit is lost."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(slots=True)
class SocketLine:
    """Where it listens, where the next commit is cut, and how many were.

    `spared` is how many commits come through first. `words` is how many more words are heard before
    `trouble` happens, in the place of a commit; a trouble that returns True cuts the line, another
    leaves it to the server.
    """

    directory: Path
    cut: Cut | None = None
    cuts: int = 0
    spared: int = 0
    words: int | None = None
    trouble: Callable[[], Awaitable[bool]] | None = None

    async def serve(
        self, behind: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(str(behind / SOCKET))
        both = (writer, server_writer)
        await asyncio.gather(
            self._pass_on(reader, server_writer, Cut.BEFORE, COMMIT_ASKED, both),
            self._pass_on(server_reader, writer, Cut.AFTER, COMMIT_DONE, both),
        )

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        cut: Cut,
        words: bytes,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        try:
            while part := await reader.read(65_536):
                if await self._breaks(cut, words in part):
                    break
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass
        for each in both:
            each.close()

    async def _breaks(self, cut: Cut, commits: bool) -> bool:
        """Whether the line breaks at this part of the talk."""
        if self.cut is not cut or (self.words is None and not commits):
            return False
        if self.words:
            self.words -= 1
            return False
        if self.words is None and self.spared:
            self.spared -= 1
            return False
        self.words, self.cut, self.cuts = None, None, self.cuts + 1
        return self.trouble is None or await self.trouble()


@asynccontextmanager
async def socket_line(behind: Path) -> AsyncIterator[SocketLine]:
    """A line to the server whose socket lies in `behind`; `directory` stands in its place."""
    with tempfile.TemporaryDirectory(prefix="nakhon-line-") as directory:
        line = SocketLine(Path(directory))
        talks: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = asyncio.create_task(line.serve(behind, reader, writer))
            talks.add(talk)
            talk.add_done_callback(talks.discard)

        server = await asyncio.start_unix_server(connected, str(line.directory / SOCKET))
        try:
            yield line
        finally:
            server.close()
            # Their other end was closed by now, or is in a moment.
            if talks:
                await asyncio.wait(talks)
