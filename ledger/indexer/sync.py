"""Bring the index up to the node's head: reorg undone, spans read, each in one transaction."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger.chain.decoding import decode_log
from ledger.chain.gateway import Gateway
from ledger.db.index_blocks import (
    blocks_from,
    drop_index,
    forget_blocks,
    hold_index,
    last_indexed,
    move_checkpoint,
)
from ledger.db.index_doubts import drop_doubt
from ledger.db.index_rows import Rows, insert_rows
from ledger.db.session import reading, writing
from ledger.db.tables_index import IndexedBlock, IndexedEvent
from ledger.domain.blocks import BlockRef, Reorg, reconcile_async
from ledger.errors import NodeLied, WrongChain, WrongState
from ledger.failpoints import reach
from ledger.indexer.checks import check_links
from ledger.indexer.facts import add_facts
from ledger.indexer.fetch import Span, read_spans
from ledger.indexer.memory import relaxed_collection
from ledger.indexer.place import Place
from ledger.indexer.source import Source
from ledger.indexer.spans import SpanSize
from ledger.indexer.totals import check_debts, check_growth, check_whole, debts_touched

CONFIRMATIONS: Final = 12
STATE_BLOCKS: Final = 100
"""How far back an ordinary (not archive) node still answers calls; they keep 128 blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one pass of the indexer did."""

    head: BlockRef
    indexed: BlockRef | None
    blocks: int
    events: int
    orphaned: tuple[BlockRef, ...] = ()


async def sync_once(
    gateway: Gateway,
    engine: AsyncEngine,
    source: Source,
    *,
    confirmations: int = CONFIRMATIONS,
    size: SpanSize | None = None,
    witness: Gateway | None = None,
    thorough: bool = False,
) -> SyncReport:
    """Read everything from the checkpoint to the node's head.

    Every span is one transaction: blocks, events, facts and checkpoint, or nothing. Blocks that the
    node replaced are forgotten first, with all they said. Raises ReorgTooDeep when the branches
    part more than `confirmations` blocks below our tip, UnknownEvent for a log nobody taught us,
    NodeLied when the node contradicts itself, its contracts or the `witness` (a second provider).

    The contracts' counters are compared with the rows of a span that reaches the head, where the
    node still has the states; after several spans, and when `thorough`, with the whole index before
    the last span stands.
    """
    head = await _head(gateway, source)
    async with reading(engine) as connection:
        last = await last_indexed(connection, source.chain_id)
    orphaned: tuple[BlockRef, ...] = ()
    if last is not None:
        reorg = await find_reorg(gateway, engine, source, last, head, confirmations)
        if reorg is not None:
            await _undo(engine, source, last, reorg)
            last, orphaned = reorg.ancestor, reorg.orphaned
    first = source.first_block if last is None else last.number + 1
    spans = read_spans(
        gateway, source, first, head.number, size or SpanSize(), partial(rows_of, source.chain_id)
    )
    blocks = events = 0
    with relaxed_collection():
        async with aclosing(spans):
            async for span, rows in spans:
                check_links(span.blocks[:1], last)
                await _check_witness(witness, span.blocks[-1])
                at_head = span.blocks[-1].number == head.number
                # A node may need a second for each old state; at the head the whole is compared.
                thorough = (
                    thorough or not at_head or not await _grew(gateway, source, rows, span, head)
                )
                check = _check_of(gateway, source, rows, span, at_head=at_head, whole=thorough)
                await _write(check, engine, source, last, span, rows)
                last = span.blocks[-1]
                blocks, events = blocks + len(span.blocks), events + rows.event_count()
    if thorough and not blocks and last is not None and last.number <= head.number:
        async with reading(engine) as connection:
            await check_whole(gateway, connection, source, last.number)
    return SyncReport(head=head, indexed=last, blocks=blocks, events=events, orphaned=orphaned)


async def _grew(gateway: Gateway, source: Source, rows: Rows, span: Span, head: BlockRef) -> bool:
    """Whether the counters could be asked about a span, and agreed."""
    first, last = span.blocks[0].number, span.blocks[-1].number
    if first <= head.number - STATE_BLOCKS:
        return False
    return await check_growth(gateway, source, rows, first, last)


Check = Callable[[AsyncConnection], Awaitable[None]]


def _check_of(
    gateway: Gateway, source: Source, rows: Rows, span: Span, *, at_head: bool, whole: bool
) -> Check | None:
    """What the contracts are asked once the rows stand, and before they are committed."""
    if not at_head:
        return None
    at = span.blocks[-1].number
    if whole:
        return lambda connection: check_whole(gateway, connection, source, at)
    campaigns = debts_touched(rows)
    if not campaigns:
        return None
    return lambda connection: check_debts(gateway, connection, source, campaigns, at)


async def _head(gateway: Gateway, source: Source) -> BlockRef:
    chain_id = await gateway.chain_id()
    if chain_id != source.chain_id:
        raise WrongChain(expected=source.chain_id, found=chain_id)
    head = await gateway.block("latest")
    if head is None:
        raise NodeLied(what="the node has no latest block")
    return head


async def find_reorg(
    gateway: Gateway,
    engine: AsyncEngine,
    source: Source,
    last: BlockRef,
    head: BlockRef,
    confirmations: int,
) -> Reorg | None:
    """What became of our last blocks, `last` being the newest: None when all still stand.

    A node that merely lags behind us has replaced nothing.
    """
    present = head if head.number <= last.number else await gateway.block(last.number)
    if present is None:
        raise NodeLied(what=f"block {last.number} is missing below head {head.number}")
    if present == last:
        return None
    lowest = min(last.number - confirmations, present.number)
    async with reading(engine) as connection:
        local = await blocks_from(connection, source.chain_id, lowest)
    if local[0] == present:
        return None
    final = last.number - confirmations
    return await reconcile_async(
        [block for block in local if block.number >= final], present, _fetcher(gateway)
    )


def _fetcher(gateway: Gateway) -> Callable[[str], Awaitable[BlockRef]]:
    async def fetch(block_hash: str) -> BlockRef:
        block = await gateway.block_by_hash(block_hash)
        if block is None:
            raise NodeLied(what=f"block {block_hash} is a parent and does not exist")
        return block

    return fetch


async def _undo(engine: AsyncEngine, source: Source, last: BlockRef, reorg: Reorg) -> None:
    async with writing(engine) as connection:
        await _expect(connection, source, last)
        await forget_blocks(connection, source.chain_id, reorg.orphaned)
        await move_checkpoint(connection, source.chain_id, reorg.ancestor)


async def _expect(connection: AsyncConnection, source: Source, last: BlockRef | None) -> None:
    """The checkpoint stands where we left it: no second indexer writes into this index."""
    await hold_index(connection)
    found = await last_indexed(connection, source.chain_id)
    if found != last:
        raise WrongState(
            what="index",
            state=None if found is None else found.number,
            needs=None if last is None else last.number,
        )


async def _check_witness(witness: Gateway | None, block: BlockRef) -> None:
    if witness is not None and await witness.block(block.number) != block:
        raise NodeLied(what=f"the second provider has another block {block.number}")


def rows_of(chain_id: int, span: Span) -> Rows:
    """The rows of a span: its blocks, its events, and what they say."""
    rows = Rows()
    add_block = rows.by_table[IndexedBlock].append
    add_event = rows.by_table[IndexedEvent].append
    for block in span.blocks:
        add_block((chain_id, block.hash, block.number, block.parent, block.time))
        for log in span.logs.get(block.number, ()):
            event = decode_log(log)
            index = int(log["logIndex"], 16)
            add_event(
                (
                    chain_id,
                    block.hash,
                    index,
                    block.number,
                    log["transactionHash"],
                    type(event).__name__,
                    event.contract,
                )
            )
            add_facts(rows, Place(chain_id, block.hash, index, block.number), event)
    return rows


async def _write(
    check: Check | None,
    engine: AsyncEngine,
    source: Source,
    before: BlockRef | None,
    span: Span,
    rows: Rows,
) -> None:
    """Commit a span; with a `check`, only if the index then agrees with the contracts."""
    last = span.blocks[-1]
    async with writing(engine) as connection:
        await _expect(connection, source, before)
        await insert_rows(connection, rows)
        await move_checkpoint(connection, source.chain_id, last)
        if check is not None:
            await check(connection)
    if rows.event_count():
        reach("indexed")


async def rebuild(
    gateway: Gateway,
    engine: AsyncEngine,
    source: Source,
    *,
    confirmations: int = CONFIRMATIONS,
) -> SyncReport:
    """Drop the index and read the chain again: the way back from ReorgTooDeep and from doubt.

    What was read agrees with the contracts as a whole, or IndexDrifted says what does not.
    """
    async with writing(engine) as connection:
        await drop_index(connection, source.chain_id)
    report = await sync_once(gateway, engine, source, confirmations=confirmations, thorough=True)
    await drop_doubt(engine, source.chain_id)
    return report
