"""Spans out of the node: read one ahead, halved on failure, believed only when checked."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ledger.chain.gateway import Gateway, block_ref
from ledger.domain.blocks import BlockRef
from ledger.errors import NodeLied, NodeRefused, NodeUnreachable
from ledger.indexer.checks import (
    Log,
    check_links,
    check_receipts,
    is_suspect,
    logs_by_block,
)
from ledger.indexer.source import Source
from ledger.indexer.spans import SpanSize

Prepared = TypeVar("Prepared")

HEX_OF_A_WORD: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some blocks in a row and every log of ours in them, as far as the node can be held to it."""

    blocks: list[BlockRef]
    logs: dict[int, list[Log]]

    def words(self) -> int:
        """How much the logs say, in words of 32 bytes: their topics and their data."""
        return sum(
            sum([len(log["topics"]) + len(log["data"]) // HEX_OF_A_WORD for log in of_block])
            for of_block in self.logs.values()
        )


async def read_spans(
    gateway: Gateway,
    source: Source,
    first: int,
    head: int,
    size: SpanSize,
    prepare: Callable[[Span], Prepared],
) -> AsyncGenerator[tuple[Span, Prepared], None]:
    """Yield the spans from `first` to `head`, each with what `prepare` makes of it.

    The next span is read and prepared while the caller is busy with (waiting for its database over)
    the one before. NodeUnreachable or NodeRefused when even a single block cannot be read, NodeLied
    when what was read contradicts itself, and whatever `prepare` raises.
    """
    ahead: asyncio.Task[tuple[Span, Prepared]] | None = None
    try:
        while first <= head:
            task = ahead or asyncio.create_task(_read(gateway, source, first, head, size, prepare))
            ahead = None
            span, prepared = await task
            first = span.blocks[-1].number + 1
            if first <= head:
                ahead = asyncio.create_task(_read(gateway, source, first, head, size, prepare))
            yield span, prepared
    finally:
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)


async def _read(
    gateway: Gateway,
    source: Source,
    first: int,
    head: int,
    size: SpanSize,
    prepare: Callable[[Span], Prepared],
) -> tuple[Span, Prepared]:
    while True:
        start, end = size.after(first, head)
        try:
            span = await read_span(gateway, source, start, end)
        except (NodeUnreachable, NodeRefused):
            if start == end or not size.shrink():
                raise
            continue
        size.learn(len(span.blocks), span.words())
        return span, prepare(span)


async def read_span(gateway: Gateway, source: Source, first: int, last: int) -> Span:
    """Read the blocks `first` … `last` and their logs, and check them against each other."""
    logs = await gateway.logs(first, last, source.addresses)
    headers = await gateway.headers(first, last)
    blocks = [block_ref(header) for header in headers]
    check_links(blocks, None)
    asked = {address.lower() for address in source.addresses}
    try:
        by_block = logs_by_block(blocks, logs, asked)
        suspects = [
            (block, header)
            for block, header in zip(blocks, headers, strict=True)
            if is_suspect(_bloom(header), by_block.get(block.number, []), asked)
        ]
        for block, header in suspects:
            receipts = await gateway.receipts(header)
            check_receipts(block, by_block.get(block.number, []), receipts, asked)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NodeLied(what=f"a log or header is malformed: {error}") from error
    return Span(blocks=blocks, logs=by_block)


def _bloom(header: dict[str, Any]) -> int:
    return int(header["logsBloom"], 16)
