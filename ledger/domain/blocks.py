"""Blocks by number, hash and parent, and the one question about a reorg: where do branches part?

The answer needs blocks only the node has. The question is therefore a generator that asks for them
by hash; `reconcile` and `reconcile_async` carry its questions to a function of the caller's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass

from ledger.errors import NodeLied, ReorgTooDeep


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRef:
    """One block: `hash` and `parent` are `0x` texts in lower case, `time` is the block's own."""

    number: int
    hash: str
    parent: str
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorg:
    """Blocks of ours were replaced.

    `orphaned` are ours, newest first, in the order to undo them; `adopted` are the node's from just
    above `ancestor` up to its head, oldest first, in the order to read them.
    """

    ancestor: BlockRef
    orphaned: tuple[BlockRef, ...]
    adopted: tuple[BlockRef, ...]


FetchBlock = Callable[[str], BlockRef]
FetchBlockAsync = Callable[[str], Awaitable[BlockRef]]


def reconciling(
    local: Sequence[BlockRef], head: BlockRef
) -> Generator[str, BlockRef, Reorg | None]:
    """Ask for blocks by hash until it is known what became of `local` (oldest first, linked).

    Returns None when nothing we hold was replaced; a head that is an old block of ours replaces
    nothing. Raises ReorgTooDeep when the branches do not meet at or after `local[0]`, which is
    final: no automatic repair is safe there. Raises NodeLied when an answer is not the block asked
    for, one below its child.
    """
    if not local:
        return None
    ours = {block.number: block for block in local}
    lowest, tip = local[0].number, local[-1]
    adopted: list[BlockRef] = []
    block = head
    while True:
        if block.number < lowest:
            raise ReorgTooDeep(final=lowest, head=head.number, ancestor=None)
        if block.number in ours and ours[block.number].hash == block.hash:
            break
        if block.number == lowest:
            raise ReorgTooDeep(final=lowest, head=head.number, ancestor=None)
        adopted.append(block)
        parent = yield block.parent
        if parent.hash != block.parent or parent.number != block.number - 1:
            raise NodeLied(what=f"asked for the parent of block {block.number}, got another block")
        block = parent
    if block == tip or not adopted:
        return None
    orphaned = tuple(own for own in reversed(local) if own.number > block.number)
    return Reorg(ancestor=ours[block.number], orphaned=orphaned, adopted=tuple(reversed(adopted)))


def reconcile(local: Sequence[BlockRef], head: BlockRef, fetch: FetchBlock) -> Reorg | None:
    """Answer `reconciling` with a function that has the blocks at hand."""
    question = reconciling(local, head)
    try:
        wanted = next(question)
        while True:
            wanted = question.send(fetch(wanted))
    except StopIteration as answered:
        reorg: Reorg | None = answered.value
        return reorg


async def reconcile_async(
    local: Sequence[BlockRef], head: BlockRef, fetch: FetchBlockAsync
) -> Reorg | None:
    """Answer `reconciling` with a function that must ask the node."""
    question = reconciling(local, head)
    try:
        wanted = next(question)
        while True:
            wanted = question.send(await fetch(wanted))
    except StopIteration as answered:
        reorg: Reorg | None = answered.value
        return reorg
