"""How long the next span is: weighed by what the events say, not by how many they are."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.blocks import BlockRef
from ledger.domain.redemption import RECORD_BYTES
from ledger.indexer.fetch import Span
from ledger.indexer.spans import SPAN_WORDS_TARGET, SpanSize


def log_of(records: int) -> dict[str, object]:
    """A Redeemed event of so many records, as a node tells it."""
    return {"topics": ["0x" + "11" * 32] * 3, "data": "0x" + "22" * (96 + RECORD_BYTES * records)}


def span_of(blocks: int, records: int) -> Span:
    """Blocks in a row with one such event in each."""
    refs = [
        BlockRef(number=n, hash="0x" + "00" * 32, parent="0x" + "00" * 32, time=n)
        for n in range(blocks)
    ]
    return Span(blocks=refs, logs={n: [log_of(records)] for n in range(blocks)})


def settled(records: int) -> int:
    """The length a reader comes to where every block has one event of so many records."""
    size = SpanSize()
    for _ in range(20):
        size.learn(size.blocks, span_of(size.blocks, records).words())
    return size.blocks


def test_a_noon_of_full_batches_is_read_in_shorter_spans_than_a_quiet_night() -> None:
    quiet, busy = settled(1), settled(300)
    assert busy < quiet / 4
    assert span_of(busy, 300).words() <= SPAN_WORDS_TARGET
    assert busy * 300 < 50_000, "rows of one transaction"


@given(st.integers(1, 2_000), st.integers(0, 10**9), st.integers(1, 10**6), st.integers(1, 2_000))
def test_a_span_is_at_least_one_block_and_never_above_its_most(
    blocks: int, words: int, target: int, most: int
) -> None:
    size = SpanSize(blocks=min(blocks, most), words_target=target, blocks_max=most)
    size.learn(size.blocks, words)
    assert 1 <= size.blocks <= most
    first, last = size.after(10, 10**6)
    assert last - first + 1 == size.blocks
