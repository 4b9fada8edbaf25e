"""Whether a node's logs can be believed: pure questions, asked of every span.

A block is believed as it stands when its logs run from index 0 without a gap and their bloom is the
header's: then nothing of it was left out. A block without logs of ours is believed when its bloom
names none of our contracts. Every other block is suspect, and its receipts must confirm it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ledger.chain.bloom import bloom_of, may_hold
from ledger.domain.blocks import BlockRef
from ledger.errors import NodeLied

Log = Mapping[str, Any]


def check_links(blocks: Sequence[BlockRef], before: BlockRef | None) -> None:
    """Every block is the child of the one before it. NodeLied where the chain is broken."""
    for block in blocks:
        if before is not None and (block.parent, block.number) != (before.hash, before.number + 1):
            raise NodeLied(what=f"block {block.number} is not the child of {before.number}")
        before = block


def logs_by_block(
    blocks: Sequence[BlockRef], logs: Sequence[Log], addresses: Collection[str]
) -> dict[int, list[Log]]:
    """The logs of each height, in order.

    NodeLied for a log of another fork, of a contract that was not asked for, withdrawn (`removed`),
    doubled, or out of order. `addresses` are in lower case.
    """
    hashes = {block.number: block.hash for block in blocks}
    found: dict[int, list[Log]] = {}
    last = (-1, -1)
    for log in logs:
        place = (int(log["blockNumber"], 16), int(log["logIndex"], 16))
        if hashes.get(place[0]) != log["blockHash"]:
            raise NodeLied(what=f"a log of block {place[0]} belongs to another fork")
        if log.get("removed") or log["address"].lower() not in addresses:
            raise NodeLied(what=f"log {place[1]} of block {place[0]} was not asked for")
        if place <= last:
            raise NodeLied(what=f"log {place[1]} of block {place[0]} is doubled or out of order")
        last = place
        found.setdefault(place[0], []).append(log)
    return found


def is_suspect(bloom: int, logs: Sequence[Log], addresses: Collection[str]) -> bool:
    """Whether a block with this header bloom may hold logs of ours that are not among `logs`.

    `logs` are of this block, in order, as `logs_by_block` gives them.
    """
    if not logs:
        return any(may_hold(bloom, address) for address in addresses)
    # Indices ascend strictly, so that the last one tells whether there is a gap.
    gapless = int(logs[-1]["logIndex"], 16) == len(logs) - 1
    return not gapless or bloom_of(logs) != bloom


def check_receipts(
    block: BlockRef,
    logs: Sequence[Log],
    receipts: Sequence[Mapping[str, Any]],
    addresses: Collection[str],
) -> None:
    """The receipts of a suspect block hold exactly `logs`. NodeLied names what is missing."""
    of_receipts = [
        _essence(log)
        for receipt in receipts
        for log in receipt["logs"]
        if log["address"].lower() in addresses
    ]
    of_query = [_essence(log) for log in logs]
    if of_receipts != of_query:
        raise NodeLied(
            what=f"block {block.number} has {len(of_receipts)} logs of ours by its receipts, "
            f"{len(of_query)} by the log query"
        )


def _essence(log: Log) -> tuple[Any, ...]:
    return (log["logIndex"], log["blockHash"], log["topics"], log["data"], log["transactionHash"])
