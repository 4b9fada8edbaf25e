"""A binary Merkle tree over Keccak-256, in the order the leaves are given.

    leaf = keccak256(0x00 · content)      node = keccak256(0x01 · left · right)

An odd node is carried up unchanged, so no leaf is ever counted twice and the tree is the one of
RFC 6962 (2.1) with another hash. The leading byte keeps a node from being shown as a leaf.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger.domain.hashing import keccak
from ledger.errors import InputInvalid

NO_LEAVES: Final = bytes(32)
"""The root of a tree without leaves."""

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_of(content: bytes) -> bytes:
    """Return the 32 bytes that stand for `content` in a tree."""
    return keccak(_LEAF + content)


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return the whole tree over leaves of 32 bytes each: the leaves first, the root's level last.
    For who asks for many paths."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        levels.append(_above(levels[-1]))
    return levels


def _above(level: list[bytes]) -> list[bytes]:
    paired = len(level) - len(level) % 2
    above = [keccak(_NODE + level[at] + level[at + 1]) for at in range(0, paired, 2)]
    return above + level[paired:]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves of 32 bytes each; NO_LEAVES for none."""
    (root,) = levels_of(leaves)[-1] or [NO_LEAVES]
    return root


def path_of(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """Return the siblings of a leaf from the bottom up. Raises IndexError for no such leaf."""
    return path_in(levels_of(leaves), position)


def path_in(levels: Sequence[Sequence[bytes]], position: int) -> list[bytes]:
    """As `path_of`, of a tree that `levels_of` made."""
    if not 0 <= position < len(levels[0]):
        raise IndexError(position)
    siblings = []
    for level in levels:
        beside = position ^ 1
        if beside < len(level):
            siblings.append(level[beside])
        position //= 2
    return siblings


def root_from(leaf: bytes, position: int, count: int, siblings: Sequence[bytes]) -> bytes:
    """Return the root that a leaf at `position` of `count` leaves leads to by its siblings.

    Raises InputInvalid where no tree of that size has such a path: wrong lengths, too few siblings
    or too many.
    """
    if not 0 <= position < count or any(len(each) != 32 for each in (leaf, *siblings)):
        raise InputInvalid(what="path", why=f"no leaf {position} of {count}, or not 32 bytes")
    node, rest = leaf, list(siblings)
    while count > 1:
        beside = position ^ 1
        if beside < count:
            if not rest:
                raise InputInvalid(what="path", why="a sibling is missing")
            sibling = rest.pop(0)
            pair = sibling + node if beside < position else node + sibling
            node = keccak(_NODE + pair)
        position, count = position // 2, (count + 1) // 2
    if rest:
        raise InputInvalid(what="path", why=f"{len(rest)} siblings too many")
    return node
