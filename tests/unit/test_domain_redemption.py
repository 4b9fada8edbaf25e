"""Batches, records and ids: the refusals a round trip does not show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.listing import list_hash, words_of
from ledger.domain.redemption import (
    NEXT,
    Entry,
    Maximum,
    RedeemedRecord,
    RedemptionStatus,
    in_batch_order,
    pack_batch,
    pack_records,
    read_batch,
    redemption_id,
    unpack_batch,
    unpack_records,
)
from ledger.errors import InputInvalid, ListInvalid

ENTRY = Entry(step=7, merchant=3, bill=100, amount=50, copay=0, r=b"\x01" * 32, vs=b"\x02" * 32)
RECORD = RedeemedRecord(
    pass_number=1, merchant=3, bill=100, amount=50, copay=0, step=7, unnamed=False
)


def test_an_entry_has_79_bytes_and_90_with_a_maximum() -> None:
    named = pack_batch([ENTRY])
    unnamed = pack_batch([replace(ENTRY, maximum=Maximum(bill=100, amount=50, copay=0))])
    assert len(named) == 1 + 4 + 79
    assert len(unnamed) == 1 + 4 + 90


def test_a_batch_names_each_merchant_once_in_ascending_order() -> None:
    entries = [replace(ENTRY, merchant=number) for number in (9, 3, 9, 5)]
    packed = pack_batch(entries)
    assert packed[0] == 3
    assert packed[1:13] == b"".join(number.to_bytes(4, "big") for number in (3, 5, 9))
    assert unpack_batch(packed) == entries


@pytest.mark.parametrize(
    "change",
    [
        {"step": 0}, {"step": 2**21}, {"merchant": 0}, {"merchant": 2**32}, {"bill": 2**32},
        {"bill": -1}, {"amount": 2**24}, {"copay": 2**32}, {"r": b""}, {"vs": b"\x00" * 33},
        {"maximum": Maximum(bill=2**32, amount=0, copay=0)},
        {"maximum": Maximum(bill=0, amount=2**24, copay=0)},
        {"maximum": Maximum(bill=0, amount=0, copay=-1)},
    ],
)  # fmt: skip
def test_a_figure_that_does_not_fit_is_never_packed(change: dict[str, Any]) -> None:
    with pytest.raises(InputInvalid):
        pack_batch([replace(ENTRY, **change)])


def test_a_batch_is_neither_empty_nor_above_its_limits() -> None:
    with pytest.raises(InputInvalid):
        pack_batch([])
    with pytest.raises(InputInvalid):
        pack_batch([ENTRY] * 301)
    with pytest.raises(InputInvalid):
        pack_batch([replace(ENTRY, merchant=number) for number in range(1, 257)])
    assert len(unpack_batch(pack_batch([ENTRY] * 300))) == 300


def test_only_one_spelling_of_a_batch_is_read() -> None:
    packed = pack_batch([ENTRY, replace(ENTRY, merchant=5)])
    swapped = packed[:1] + packed[5:9] + packed[1:5] + packed[9:]
    unused = bytes([3]) + packed[1:9] + (9).to_bytes(4, "big") + packed[9:]
    reserved = packed[:9] + bytes([packed[9] | 0x40]) + packed[10:]
    outside = packed[:12] + bytes([2]) + packed[13:]
    for other in (swapped, unused, reserved, outside, packed[:-1], packed + b"\x00", packed[:6]):
        with pytest.raises(InputInvalid):
            unpack_batch(other)


def test_the_chain_reads_entries_our_reader_refuses() -> None:
    packed = pack_batch([ENTRY])
    reserved = packed[:5] + bytes([0x60]) + packed[6:]
    outside = packed[:8] + bytes([7]) + packed[9:]
    assert read_batch(reserved)[0][1] == 0x600007
    assert read_batch(outside)[0][0].merchant == 0


def test_the_signed_message_of_an_entry_is_its_figures_or_its_maximum() -> None:
    named = ENTRY.signed(4, 1_000)
    assert (named.campaign, named.merchant, named.bill, named.amount) == (4, 3, 100, 50)
    unnamed = replace(ENTRY, maximum=Maximum(bill=900, amount=450, copay=9)).signed(4, 1_000)
    assert (unnamed.merchant, unnamed.bill, unnamed.amount, unnamed.copay) == (0, 900, 450, 9)


def test_records_with_reserved_bits_or_cut_short_are_refused() -> None:
    packed = pack_records([RECORD])
    for other in (packed[:-1], packed[:19] + b"\x40" + packed[20:], b"\x00"):
        with pytest.raises(InputInvalid):
            unpack_records(other)


def test_ids_of_redemptions_differ_by_every_part() -> None:
    first = redemption_id(bytes(32), 1, 2, 3)
    assert len(first) == 28 and first.startswith("rdm_")
    others = {
        redemption_id(b"\x01" + bytes(31), 1, 2, 3),
        redemption_id(bytes(32), 2, 2, 3),
        redemption_id(bytes(32), 1, 3, 3),
        redemption_id(bytes(32), 1, 2, 4),
    }
    assert len(others | {first}) == 5


def test_a_batch_is_ordered_by_pass_then_by_step() -> None:
    assert in_batch_order([(1, 5), (1, 6), (2, 1)])
    assert not in_batch_order([(1, 6), (1, 5)])
    assert not in_batch_order([(2, 1), (1, 5)])
    assert not in_batch_order([(1, 5), (1, 5)])


def test_every_status_has_its_row_and_nothing_final_goes_back_to_the_till() -> None:
    assert NEXT.keys() == set(RedemptionStatus)
    assert RedemptionStatus.ACCEPTED in NEXT[RedemptionStatus.INCLUDED], "its block was orphaned"
    assert RedemptionStatus.ACCEPTED not in NEXT[RedemptionStatus.FINAL]
    for nexts in NEXT.values():
        assert nexts <= set(RedemptionStatus)


def test_every_bad_row_of_a_list_is_named() -> None:
    with pytest.raises(ListInvalid) as refused:
        words_of([5, 0, 5, 2**32, 6])
    assert [row["row"] for row in refused.value.details["rows"]] == [2, 3, 4]
    with pytest.raises(ListInvalid):
        words_of([])
    assert list_hash({}) == bytes(32)
