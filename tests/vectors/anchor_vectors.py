"""Leaves of a day, and trees of every small size with a path for each of their leaves."""

from __future__ import annotations

from ledger.domain.anchors import REDEMPTION, VOID, Leaf
from ledger.domain.merkle import leaf_of, path_of, root_of
from tests.vectors.notation import NOON, U24, U32, Json, counted, text

TREE_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 13)


def leaf_fields(leaf: Leaf) -> Json:
    return {
        "kind": leaf.kind,
        "campaign": leaf.campaign,
        "pass": leaf.pass_number,
        "merchant": leaf.merchant,
        "bill": leaf.bill,
        "amount": leaf.amount,
        "copay": leaf.copay,
        "signed_at": leaf.signed_at,
        "voided_at": leaf.voided_at,
        "content": text(leaf.content()),
        "hash": text(leaf.hash),
    }


def tree_of(size: int) -> Json:
    leaves = [leaf_of(bytes([size, place])) for place in range(size)]
    return {
        "leaves": counted([text(leaf) for leaf in leaves]),
        "root": text(root_of(leaves)),
        "paths": counted(
            [counted([text(each) for each in path_of(leaves, place)]) for place in range(size)]
        ),
    }


def anchors_file() -> Json:
    lunch = Leaf(
        kind=REDEMPTION, campaign=1, pass_number=2, merchant=3, bill=10_001, amount=5_001,
        copay=5_000, signed_at=NOON,
    )  # fmt: skip
    undone = Leaf(
        kind=VOID, campaign=1, pass_number=2, merchant=3, bill=0, amount=2_000, copay=2_000,
        signed_at=NOON, voided_at=NOON + 61,
    )  # fmt: skip
    largest = Leaf(
        kind=REDEMPTION, campaign=U32, pass_number=U32, merchant=U32, bill=U32, amount=U24,
        copay=U32, signed_at=2**40 - 1,
    )  # fmt: skip
    return {
        "leaves": counted([leaf_fields(leaf) for leaf in (lunch, undone, largest)]),
        "trees": counted([tree_of(size) for size in TREE_SIZES]),
    }
