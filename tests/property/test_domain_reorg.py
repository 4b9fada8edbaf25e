"""Reorgs against a brute-force model: the whole tree is known, so the answer can be looked up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.blocks import BlockRef, Reorg, reconcile, reconcile_async
from ledger.domain.hashing import keccak
from ledger.errors import NodeLied, ReorgTooDeep


def mine(parent: BlockRef, salt: int) -> BlockRef:
    """A child block; the salt tells siblings apart."""
    digest = keccak(parent.hash.encode() + salt.to_bytes(4, "big"))
    return BlockRef(
        number=parent.number + 1,
        hash="0x" + digest.hex(),
        parent=parent.hash,
        time=parent.time + 2,
    )


ROOT = BlockRef(number=100, hash="0x" + "aa" * 32, parent="0x" + "bb" * 32, time=1_761_692_400)


@st.composite
def trees(draw: st.DrawFn) -> list[BlockRef]:
    """A tree of blocks: each new one grows from any that is there, mostly from a late one."""
    blocks = [ROOT]
    for salt in range(draw(st.integers(0, 25))):
        back = draw(st.integers(0, min(6, len(blocks) - 1)))
        blocks.append(mine(blocks[-1 - back], salt))
    return blocks


def ancestry(tree: list[BlockRef], block: BlockRef) -> list[BlockRef]:
    """From the root to the block."""
    by_hash = {one.hash: one for one in tree}
    path = [block]
    while path[-1].parent in by_hash:
        path.append(by_hash[path[-1].parent])
    return path[::-1]


@given(trees(), st.data())
def test_a_reorg_is_found_exactly_where_the_branches_part(
    tree: list[BlockRef], data: st.DataObject
) -> None:
    ours = ancestry(tree, data.draw(st.sampled_from(tree)))
    local = ours[data.draw(st.integers(0, len(ours) - 1)) :]
    head = data.draw(st.sampled_from(tree))
    theirs = ancestry(tree, head)
    by_hash = {one.hash: one for one in tree}
    common = [block for block in local if block in theirs]
    if not common:
        with pytest.raises(ReorgTooDeep):
            reconcile(local, head, by_hash.__getitem__)
        return
    found = reconcile(local, head, by_hash.__getitem__)
    ancestor = common[-1]
    if ancestor in (head, local[-1]):
        assert found is None
        return
    assert found == Reorg(
        ancestor=ancestor,
        orphaned=tuple(block for block in local[::-1] if block.number > ancestor.number),
        adopted=tuple(block for block in theirs if block.number > ancestor.number),
    )


@given(trees(), st.data())
def test_following_every_reorg_ends_on_the_nodes_chain(
    tree: list[BlockRef], data: st.DataObject
) -> None:
    by_hash = {one.hash: one for one in tree}
    local = [ROOT]
    for head in data.draw(st.lists(st.sampled_from(tree), max_size=6)):
        reorg = reconcile(local, head, by_hash.__getitem__)
        if reorg is not None:
            for orphan in reorg.orphaned:
                assert local.pop() == orphan
            local.extend(reorg.adopted)
        elif head.number > local[-1].number:
            local = ancestry(tree, head)
        assert head in local
        assert local == ancestry(tree, local[-1])


@given(trees(), st.data())
async def test_the_asynchronous_form_gives_the_same_answer(
    tree: list[BlockRef], data: st.DataObject
) -> None:
    local = ancestry(tree, data.draw(st.sampled_from(tree)))
    head = data.draw(st.sampled_from(tree))
    by_hash = {one.hash: one for one in tree}

    async def fetch(wanted: str) -> BlockRef:
        return by_hash[wanted]

    assert await reconcile_async(local, head, fetch) == reconcile(local, head, by_hash.__getitem__)


@given(st.integers(-2, 2), st.booleans())
def test_a_node_that_answers_with_another_block_is_caught(by: int, renamed: bool) -> None:
    head = mine(mine(ROOT, 900), 901)

    def lie(wanted: str) -> BlockRef:
        honest = mine(ROOT, 900)
        changed = replace(honest, number=honest.number + by)
        return replace(changed, hash="0x" + "00" * 32) if renamed else changed

    if by == 0 and not renamed:
        known = {block.hash: block for block in (ROOT, mine(ROOT, 900))}
        assert reconcile([ROOT, mine(ROOT, 1)], head, known.__getitem__) is not None
        return
    with pytest.raises(NodeLied):
        reconcile([ROOT, mine(ROOT, 1)], head, lie)
