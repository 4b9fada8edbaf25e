"""The chain's own story, event after event, from an RPC address and the contracts' addresses."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from ledger.chain.decoding import decode_log
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain.blocks import BlockRef
from ledger.domain.events import Event
from ledger.domain.projection import State, apply
from ledger.errors import NodeLied, WrongChain
from ledger.indexer.checks import check_links
from ledger.indexer.fetch import Span, read_spans
from ledger.indexer.source import source_of
from ledger.indexer.spans import SpanSize

Progress = Callable[[int, int], None]
"""Told the block reached and the block aimed at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event and where it stands."""

    event: Event
    block: BlockRef
    tx_hash: str
    log_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The events of some blocks in a row, in order; `last` is the last of the blocks."""

    told: list[Told]
    last: BlockRef


def silent(reached: int, goal: int) -> None:
    """A listener that nobody needs to hear."""


async def chapters(
    gateway: Gateway,
    deployment: Deployment,
    *,
    until: int | None = None,
    progress: Progress = silent,
    size: SpanSize | None = None,
) -> AsyncGenerator[Chapter, None]:
    """Every event of the deployment, in order, up to block `until` or the head.

    The chain is held to itself as the indexer does it: parents, blooms, receipts. Raises NodeLied
    where it contradicts itself, UnknownEvent for a log that nobody taught us, WrongChain.
    """
    source = source_of(deployment)
    if await gateway.chain_id() != source.chain_id:
        raise WrongChain(expected=source.chain_id, found=await gateway.chain_id())
    head = await gateway.block_number() if until is None else until
    before: BlockRef | None = None
    spans = read_spans(gateway, source, source.first_block, head, size or SpanSize(), told_in)
    async with aclosing(spans):
        async for span, told in spans:
            check_links(span.blocks[:1], before)
            before = span.blocks[-1]
            yield Chapter(told=told, last=before)
            progress(before.number, head)
    if before is None:
        raise NodeLied(what=f"the head {head} lies before the deployment's {source.first_block}")


def told_in(span: Span) -> list[Told]:
    """The events of a span, in order."""
    return [
        Told(
            event=decode_log(log),
            block=block,
            tx_hash=log["transactionHash"],
            log_index=int(log["logIndex"], 16),
        )
        for block in span.blocks
        for log in span.logs.get(block.number, ())
    ]


async def rebuild_state(
    gateway: Gateway,
    deployment: Deployment,
    *,
    until: int | None = None,
    progress: Progress = silent,
) -> State:
    """Everything the chain says, from nothing but the chain. `head` is the last block read."""
    state = State()
    async for chapter in chapters(gateway, deployment, until=until, progress=progress):
        for told in chapter.told:
            apply(state, told.event, told.block)
        state.head = chapter.last
    return state
