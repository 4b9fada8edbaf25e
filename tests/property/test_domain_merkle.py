"""The tree of a day: any size, any leaf, any change."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.hashing import keccak
from ledger.domain.merkle import NO_LEAVES, leaf_of, path_of, root_from, root_of
from ledger.errors import InputInvalid

LEAVES = st.lists(st.binary(min_size=0, max_size=40).map(leaf_of), min_size=1, max_size=70)


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962's own words: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return keccak(b"\x01" + plain_root(leaves[:split]) + plain_root(leaves[split:]))


@given(LEAVES)
def test_the_root_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    assert root_of(leaves) == plain_root(leaves)


@given(LEAVES, st.data())
def test_every_leaf_leads_to_the_root_by_its_path(leaves: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    siblings = path_of(leaves, position)
    assert root_from(leaves[position], position, len(leaves), siblings) == root_of(leaves)


@given(LEAVES, st.data())
def test_a_changed_leaf_or_sibling_leads_elsewhere(
    leaves: list[bytes], data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    nodes = [leaves[position], *path_of(leaves, position)]
    at = data.draw(st.integers(0, len(nodes) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = int.from_bytes(nodes[at], "big") ^ (1 << bit)
    nodes[at] = changed.to_bytes(32, "big")
    assert root_from(nodes[0], position, len(leaves), nodes[1:]) != root_of(leaves)


@given(LEAVES, st.data())
def test_a_path_of_another_length_is_refused(leaves: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    siblings = path_of(leaves, position)
    with pytest.raises(InputInvalid):
        root_from(leaves[position], position, len(leaves), [*siblings, bytes(32)])
    if siblings:
        with pytest.raises(InputInvalid):
            root_from(leaves[position], position, len(leaves), siblings[:-1])


def test_no_leaves_have_the_root_zero_and_no_path() -> None:
    assert root_of([]) == NO_LEAVES
    with pytest.raises(IndexError):
        path_of([], 0)


@pytest.mark.parametrize(("position", "count"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_is_refused(position: int, count: int) -> None:
    with pytest.raises(InputInvalid):
        root_from(bytes(32), position, count, [])


def test_a_node_is_never_a_leaf() -> None:
    left, right = leaf_of(b"a"), leaf_of(b"b")
    assert leaf_of(left + right) != root_of([left, right])
    assert root_of([left]) == left != hashlib.sha256(b"a").digest()
