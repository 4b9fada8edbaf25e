"""Anchor each day once it is over and final, and lead a redemption to the anchor of its day.

A day is anchored when something was redeemed or undone on it, or when the staff did anything since
the last anchor; other days are skipped. One day at a time: the next is ordered when the one before
is on the chain, since the contract takes them in ascending order only.
"""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import anchors, intents, staff
from ledger.db.session import snapshot, transaction
from ledger.db.tables_anchors import AnchoredDay, AnchorOrder
from ledger.db.unsettled import final_height
from ledger.domain.anchors import REDEMPTION, Anchor, DayTree, Leaf, day_begins
from ledger.domain.clock import bangkok_day
from ledger.domain.merkle import levels_of, path_in
from ledger.errors import LedgerError, NodeLied, NotAnchored, NotFound
from ledger.services import receipts
from ledger.services.orders import Order, place_orders
from ledger.services.runtime import SEQUENCER, Runtime

KIND: Final = "anchor"
PAUSE_SECONDS: Final = 5
AGAIN_AFTER_SECONDS: Final = 600
"""An anchor that the chain refused is ordered again, this long after."""

TREES_KEPT: Final = 4
SYSTEM: Final = "system"

_log = logging.getLogger("nakhon.anchors")


# ── making them ──────────────────────────────────────────────────────────────────────────────────


async def keep_up(runtime: Runtime, *, now: int) -> int | None:
    """Order the anchor of the next day that is due; the day, or None where none is.

    However often it is called and however many processes do, each day is ordered once: the order
    and the note of it commit together.
    """
    async with snapshot(runtime.engine) as session:
        ordered = await anchors.last_order(session)
        day = await _due(session, runtime, ordered, now=now)
        if day is None:
            return None
        tree = await anchors.tree_of(session, runtime.chain_id, day)
    # What is final does not change: nobody's write waits while it is hashed.
    anchor = await asyncio.to_thread(tree.anchor)
    async with transaction(runtime.engine) as session:
        head = await staff.hold_head(session)
        if _name(await anchors.last_order(session)) != _name(ordered):
            return None
        head.at = max(head.at, day_begins(day + 1))
        await _order(session, runtime, anchor, now=now)
    return day


async def _due(
    session: AsyncSession, runtime: Runtime, ordered: AnchorOrder | None, *, now: int
) -> int | None:
    """The day to order now: over, every block of it final, the one before it on the chain."""
    chain_id = runtime.chain_id
    final = await final_height(session, chain_id, runtime.settings.confirmations)
    final_time = await anchors.block_time(session, chain_id, final)
    if final_time is None:
        return None
    last_over = bangkok_day(final_time) - 1
    newest = await anchors.anchored_before(session, chain_id, None, 1)
    if ordered is not None and (not newest or newest[0][0].day < ordered.day):
        return ordered.day if await _failed(session, ordered, now=now) else None
    if newest:
        return await _next(session, chain_id, newest[0][0].day + 1, last_over)
    began = await anchors.first_time(session, chain_id)
    assert began is not None, "a block of it was just found"
    return await _next(session, chain_id, bangkok_day(began), last_over, acts=0)


def _name(ordered: AnchorOrder | None) -> tuple[int, str] | None:
    return None if ordered is None else (ordered.day, ordered.intent_id)


async def _failed(session: AsyncSession, ordered: AnchorOrder, *, now: int) -> bool:
    intent = await intents.find(session, ordered.intent_id)
    refused = intent is not None and intent.status == intents.FAILED
    return refused and now - ordered.ordered_at >= AGAIN_AFTER_SECONDS


async def _next(
    session: AsyncSession, chain_id: int, first: int, last: int, *, acts: int | None = None
) -> int | None:
    """The first day from `first` to `last` with anything to anchor. `acts` of the staff are
    anchored already; without it, those before `first`."""
    if first > last:
        return None
    if acts is None:
        acts, _head = await staff.head_before(session, day_begins(first))
    days = await anchors.days_with_leaves(session, chain_id, first, last)
    done, _head = await staff.head_before(session, day_begins(last + 1))
    if done > acts:
        following = (await staff.acts_after(session, acts, 1))[0]
        days.append(max(bangkok_day(following.at), first))
    return min(days, default=None)


async def _order(session: AsyncSession, runtime: Runtime, anchor: Anchor, *, now: int) -> None:
    _acts, head = await staff.head_before(session, day_begins(anchor.day + 1))
    anchor = replace(anchor, staff_head=head)
    (intent,) = await place_orders(session, runtime, [_words(anchor)], requested_by=SYSTEM, now=now)
    order = AnchorOrder(day=anchor.day, intent_id=intent.id, ordered_at=now)
    await anchors.keep_order(session, order)


def _words(anchor: Anchor) -> Order:
    return Order(
        kind=KIND,
        signer=SEQUENCER,
        contract="AnchorLog",
        function="anchor",
        arguments=[
            anchor.day,
            anchor.root,
            anchor.leaves,
            anchor.amount,
            anchor.copay,
            anchor.staff_head,
        ],
        about={"day": anchor.day, "leaves": anchor.leaves},
    )


async def run_anchors(runtime: Runtime, stop: asyncio.Event) -> None:
    """Keep up until `stop` is set, beside the sequencer. A failure is waited out and told."""
    while not stop.is_set():
        try:
            ordered = await keep_up(runtime, now=await runtime.clock.now())
        except (LedgerError, SQLAlchemyError, OSError) as failure:
            _log.error("alarm: no day could be anchored: %s", failure)
            ordered = None
        if ordered is None:
            await _pause(stop)


async def _pause(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(PAUSE_SECONDS):
            await stop.wait()
    except TimeoutError:
        return


# ── leading to them ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPath:
    """How a redemption's leaf leads to the root of its day, and where that is on the chain."""

    redemption: receipts.Redemption
    anchored: AnchoredDay
    tx_hash: str
    leaf: bytes
    position: int
    siblings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Tree:
    """A day's tree, made once for all who ask for a path in it."""

    levels: list[list[bytes]]
    positions: dict[bytes, int]


_trees: dict[tuple[int, str], _Tree] = {}
"""The last few days' trees, by chain and anchored root: a tree that has the root never changes."""


async def path_to_anchor(session: AsyncSession, runtime: Runtime, name: str) -> ReceiptPath:
    """The path of one redemption to the anchor of the day it was included on.

    Raises UnknownRedemption, NotAnchored while it is not on the chain or its day not anchored, and
    NodeLied where the index leads to another root than the chain has.
    """
    found = await receipts.redemption(session, runtime, name)
    if found.included is None:
        raise NotAnchored(redemption=name, why="it is not on the chain yet")
    at = await anchors.block_time(session, runtime.chain_id, found.included.block_number)
    assert at is not None, "it hangs on its block"
    held = await anchors.anchored_day(session, runtime.chain_id, bangkok_day(at))
    if held is None:
        raise NotAnchored(redemption=name, why="its day is not anchored yet")
    anchored, tx_hash = held
    tree, leaf = await _tree(session, runtime, anchored), _leaf_of(found).hash
    position = tree.positions.get(leaf)
    if position is None:
        raise NodeLied(what=f"the day of {name} was anchored without it")
    return ReceiptPath(
        redemption=found,
        anchored=anchored,
        tx_hash=tx_hash,
        leaf=leaf,
        position=position,
        siblings=tuple(path_in(tree.levels, position)),
    )


async def _tree(session: AsyncSession, runtime: Runtime, anchored: AnchoredDay) -> _Tree:
    key = (runtime.chain_id, anchored.root)
    if key not in _trees:
        day = await anchors.tree_of(session, runtime.chain_id, anchored.day)
        tree = await asyncio.to_thread(_grown, day)
        if tree.levels[-1] != [bytes.fromhex(anchored.root[2:])]:
            raise NodeLied(what=f"the index of day {anchored.day} leads to another root")
        while len(_trees) >= TREES_KEPT:
            _trees.pop(next(iter(_trees)), None)
        _trees[key] = tree
    return _trees[key]


def _grown(day: DayTree) -> _Tree:
    hashes = [leaf.hash for leaf in day.leaves]
    return _Tree(levels_of(hashes), {each: place for place, each in enumerate(hashes)})


def _leaf_of(found: receipts.Redemption) -> Leaf:
    assert found.included is not None, "only what is included has a leaf"
    record = found.included.record
    return Leaf(
        kind=REDEMPTION,
        campaign=found.included.campaign,
        pass_number=record.pass_number,
        merchant=record.merchant,
        bill=record.bill,
        amount=record.amount,
        copay=record.copay,
        signed_at=found.signed_at,
    )


async def leaves_of_day(
    session: AsyncSession, runtime: Runtime, day: int
) -> tuple[AnchoredDay, list[Leaf]]:
    """The anchor of a Bangkok day and every leaf of its tree, in the tree's order.

    They are what the index holds; whether they lead to the anchored root is for the reader to
    compute. Raises NotFound for a day without an anchor.
    """
    anchored, _tx_hash = await anchor_of_day(session, runtime, day)
    tree = await anchors.tree_of(session, runtime.chain_id, day)
    return anchored, tree.leaves


async def anchor_of_day(
    session: AsyncSession, runtime: Runtime, day: int
) -> tuple[AnchoredDay, str]:
    """The anchor of a Bangkok day and its transaction. Raises NotFound."""
    held = await anchors.anchored_day(session, runtime.chain_id, day)
    if held is None:
        raise NotFound(what="anchor", which=str(day))
    return held
