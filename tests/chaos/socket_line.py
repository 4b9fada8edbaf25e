"""A line to PostgreSQL that breaks in the middle of a commit: before the server has heard of it, or
after it did and before its answer comes back."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
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
    """Where it listens, where the next commit is cut, and how many were."""

    directory: Path
    cut: Cut | None = None
    cuts: int = 0

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
                if self.cut is cut and words in part:
                    self.cut, self.cuts = None, self.cuts + 1
                    break
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass
        for each in both:
            each.close()


@asynccontextmanager
async def socket_line(behind: Path) -> AsyncIterator[SocketLine]:
    """A line to the server whose socket lies in `behind`; `directory` stands in its place."""
    with tempfile.TemporaryDirectory(prefix="nakhon-line-") as directory:
        line = SocketLine(Path(directory))

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await line.serve(behind, reader, writer)

        server = await asyncio.start_unix_server(connected, str(line.directory / SOCKET))
        try:
            yield line
        finally:
            server.close()
