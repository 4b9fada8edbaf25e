"""Signatures recovered by all cores: the one thing of an audit that another process can do."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType
from typing import Final, Self

from ledger.audit.signers import SignedBatch, signers_in, signers_of_all
from ledger.domain.redemption import ENTRY_BYTES

PIECE_BYTES: Final = 500 * ENTRY_BYTES
"""A piece of work for a process: some 25 ms, so that handing it over costs nothing beside it."""

ALONE_BYTES_MAX: Final = 10_000 * ENTRY_BYTES
"""Below this the processes would take longer to start than the work takes."""


class Recovery:
    """Recovers the signers of batches, in order. Processes start when they are worth it."""

    def __init__(self, separator: bytes, *, processes: int | None = None) -> None:
        self._separator = separator
        self._processes = os.cpu_count() or 1 if processes is None else processes
        self._pool: ProcessPoolExecutor | None = None
        self._done_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    @property
    def helped(self) -> bool:
        """Whether other processes are at work."""
        return self._pool is not None

    async def signers(self, batches: Sequence[SignedBatch]) -> list[bytes]:
        """As `signers_in` of each batch, in their order."""
        self._done_bytes += sum(len(each.batch) for each in batches)
        if self._processes == 0 or self._done_bytes <= ALONE_BYTES_MAX:
            return [signers_in(self._separator, each) for each in batches]
        if self._pool is None:
            # Not forked: this process has threads and an event loop.
            self._pool = ProcessPoolExecutor(self._processes, mp_context=get_context("spawn"))
        loop = asyncio.get_running_loop()
        pieces = [
            loop.run_in_executor(self._pool, signers_of_all, self._separator, piece)
            for piece in _pieces(batches)
        ]
        return [signers for piece in await asyncio.gather(*pieces) for signers in piece]


def _pieces(batches: Sequence[SignedBatch]) -> list[list[SignedBatch]]:
    pieces: list[list[SignedBatch]] = []
    size = PIECE_BYTES
    for each in batches:
        if size >= PIECE_BYTES:
            pieces.append([])
            size = 0
        pieces[-1].append(each)
        size += len(each.batch)
    return pieces
