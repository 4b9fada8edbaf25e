"""Every packed layout reads back what was written, and has one spelling per value."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from ledger.domain.hashing import checksum_address
from ledger.domain.listing import extend_hash, list_count, list_hash, passes_in, words_of
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass
from ledger.domain.redemption import (
    Entry,
    RedeemedRecord,
    RefusedRecord,
    pack_batch,
    pack_records,
    pack_refused,
    read_batch,
    unpack_batch,
    unpack_records,
    unpack_refused,
)
from ledger.domain.usage import Usage, read_lane, write_lane
from ledger.errors import InputInvalid
from tests.property.domain_city import U24, U32, entries, passes, records, usages


@given(st.lists(entries, min_size=1, max_size=20))
def test_a_batch_reads_back_as_the_entries_that_were_packed(packed: list[Entry]) -> None:
    assert unpack_batch(pack_batch(packed)) == packed


@given(st.binary(max_size=400))
@example(b"")
@example(b"\x00")
@example(b"\x01\x00\x00\x00\x00" + bytes(79))
def test_any_bytes_are_a_batch_in_its_one_spelling_or_refused(raw: bytes) -> None:
    with contextlib.suppress(InputInvalid):
        assert pack_batch(unpack_batch(raw)) == raw


@given(st.lists(entries, min_size=1, max_size=4), st.data())
def test_a_changed_byte_of_a_batch_is_another_batch_or_refused(
    packed: list[Entry], data: st.DataObject
) -> None:
    raw = bytearray(pack_batch(packed))
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(InputInvalid):
        assert unpack_batch(bytes(raw)) != packed


@given(st.binary(max_size=400))
def test_the_chains_reading_of_any_bytes_takes_them_all_or_refuses(raw: bytes) -> None:
    with contextlib.suppress(InputInvalid):
        read = read_batch(raw)
        sizes = sum(90 if head >> 23 else 79 for _entry, head in read)
        assert 1 + 4 * raw[0] + sizes == len(raw)


@given(st.lists(records, max_size=20))
def test_records_read_back_as_they_were_packed(packed: list[RedeemedRecord]) -> None:
    assert unpack_records(pack_records(packed)) == packed


@given(st.binary(max_size=120))
def test_any_bytes_are_records_in_their_one_spelling_or_refused(raw: bytes) -> None:
    with contextlib.suppress(InputInvalid):
        assert pack_records(unpack_records(raw)) == raw


@given(
    st.lists(
        st.builds(
            RefusedRecord,
            index=st.integers(0, 2**16 - 1),
            reason=st.integers(0, 255),
            pass_number=st.integers(0, U32),
            head=st.integers(0, U24),
            amount=st.integers(0, U24),
        ),
        max_size=10,
    )
)
def test_refused_records_read_back_as_they_were_packed(packed: list[RefusedRecord]) -> None:
    assert unpack_refused(pack_refused(packed)) == packed


@given(st.binary(max_size=120))
def test_any_bytes_are_refused_records_or_refused(raw: bytes) -> None:
    with contextlib.suppress(InputInvalid):
        assert pack_refused(unpack_refused(raw)) == raw


@given(passes)
def test_a_pass_word_reads_back_as_the_pass(packed: Pass) -> None:
    assert Pass.unpack(packed.pack()) == packed


@given(st.integers(0, 2**256 - 1) | st.integers(0, 2**130))
def test_any_word_is_a_pass_in_its_one_spelling_or_refused(word: int) -> None:
    with contextlib.suppress(InputInvalid):
        assert Pass.unpack(word).pack() == word


@given(
    st.binary(min_size=20, max_size=20),
    st.integers(0, 63),
    st.integers(0, 63),
    st.sampled_from(MerchantStatus),
)
def test_a_merchant_word_reads_back_as_the_merchant(
    payout: bytes, category: int, district: int, status: MerchantStatus
) -> None:
    packed = Merchant(
        number=4,
        payout=checksum_address(payout),
        category=category,
        district=district,
        status=status,
    )
    assert Merchant.unpack(4, packed.pack()) == packed


@given(st.integers(0, 2**184 + 2**170))
def test_any_word_is_a_merchant_in_its_one_spelling_or_refused(word: int) -> None:
    with contextlib.suppress(InputInvalid):
        assert Merchant.unpack(1, word).pack() == word


@given(usages)
def test_a_usage_lane_reads_back_as_the_usage(packed: Usage) -> None:
    assert Usage.unpack(packed.pack()) == packed


@given(st.integers(0, 2**64 - 1))
def test_every_64_bits_are_a_usage_in_its_one_spelling(lane: int) -> None:
    assert Usage.unpack(lane).pack() == lane


@given(st.integers(0, 2**256 - 1), st.integers(0, U32), usages)
def test_writing_a_lane_leaves_its_neighbours_alone(slot: int, number: int, usage: Usage) -> None:
    written = write_lane(slot, number, usage)
    for other in range(number - number % 4, number - number % 4 + 4):
        expected = usage if other == number else read_lane(slot, other)
        assert read_lane(written, other) == expected


@given(usages, st.sampled_from(["last_step", "spent_today", "spent_total"]), st.integers(1, 2**40))
def test_a_lane_that_overflows_is_refused_before_it_touches_a_neighbour(
    usage: Usage, lane: str, by: int
) -> None:
    widths = {"last_step": 21, "spent_today": 19, "spent_total": 24}
    overflowing = replace(usage, **{lane: 2 ** widths[lane] - 1 + by})
    with contextlib.suppress(InputInvalid):
        overflowing.pack()
        raise AssertionError("packed")


@given(st.sets(st.integers(1, U32), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_a_list_is_the_same_words_and_hash_in_any_order(numbers: set[int], random: object) -> None:
    shuffled = sorted(numbers, key=hash)
    words = words_of(shuffled)
    assert words == words_of(sorted(numbers))
    assert list_count(words) == len(numbers)
    assert passes_in(words) == sorted(numbers)


@given(st.sets(st.integers(1, 5_000), min_size=2, max_size=40), st.data())
def test_one_bit_more_or_less_is_another_list_hash(numbers: set[int], data: st.DataObject) -> None:
    left_out = data.draw(st.sampled_from(sorted(numbers)))
    without = list_hash(words_of(numbers - {left_out}))
    assert without != list_hash(words_of(numbers))


@given(st.sets(st.integers(1, 5_000), min_size=1, max_size=40), st.integers(0, 10))
def test_the_list_hash_can_be_run_in_pages_with_empty_words(numbers: set[int], cut: int) -> None:
    words = words_of(numbers)
    indexes = list(words)
    running = list_hash({index: words[index] for index in indexes[:cut]})
    for index in indexes[cut:]:
        running = extend_hash(running, index, words[index])
    assert running == list_hash({**words, 10**6: 0})
