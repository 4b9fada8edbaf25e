"""Tables, lists and batches: any input gives a value or a refusal, and nothing gets lost."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.db.index_reads import fold_usage
from ledger.domain.campaign import Terms
from ledger.domain.clock import signed_at_of
from ledger.domain.listing import words_of
from ledger.domain.redemption import ENTRIES_MAX, Entry, Maximum, pack_batch
from ledger.domain.usage import Usage
from ledger.errors import CsvInvalid, ListInvalid
from ledger.sequencer.batching import (
    DATA_BYTES_MAX,
    GAS_MAX,
    gas_bound,
    take_batch,
)
from ledger.services.campaigns import GAP_WORDS_MAX, WORDS_AT_ONCE, runs_of_words
from ledger.services.csv_rows import read_pass_list
from ledger.services.passes import read_enrolments

DAY = 86_400


@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_refused(raw: bytes) -> None:
    try:
        numbers = read_pass_list(b"pass\n" + raw)
    except ListInvalid as refused:
        assert refused.details["rows"]
    else:
        assert numbers == sorted(set(numbers)) and numbers


@given(st.binary(max_size=400))
def test_any_bytes_are_residents_or_refused(raw: bytes) -> None:
    try:
        assert read_enrolments(b"address,class,district\n" + raw)
    except CsvInvalid as refused:
        assert all(row["line"] > 0 and row["why"] for row in refused.details["rows"])


@given(st.sets(st.integers(1, 2**32 - 1), min_size=1, max_size=200))
def test_a_list_survives_its_table(numbers: set[int]) -> None:
    table = "pass\r\n" + "\r\n".join(str(number) for number in numbers)
    assert read_pass_list(table.encode()) == sorted(numbers)


@given(st.sets(st.integers(1, 60_000), min_size=1, max_size=300))
def test_runs_of_words_are_the_words_ascending_and_small_enough(numbers: set[int]) -> None:
    words = words_of(numbers)
    runs = runs_of_words(words)
    said = {first + place: bits for first, run in runs for place, bits in enumerate(run) if bits}
    assert said == words
    ends = [0]
    for first, run in runs:
        assert first >= ends[-1] and len(run) <= WORDS_AT_ONCE
        assert run[0] and run[-1]
        ends.append(first + len(run))
    assert GAP_WORDS_MAX < WORDS_AT_ONCE


entries = st.builds(
    Entry,
    step=st.integers(1, 2**21 - 1),
    merchant=st.integers(1, 400),
    bill=st.integers(0, 2**32 - 1),
    amount=st.integers(0, 2**24 - 1),
    copay=st.sampled_from([0, 0, 5_000]),
    maximum=st.one_of(st.none(), st.just(Maximum(bill=1, amount=1, copay=1))),
    r=st.just(bytes(32)),
    vs=st.just(bytes(32)),
)


@given(st.lists(entries, max_size=700), st.integers(1, 500))
def test_batches_hold_everything_in_order_within_every_limit(some: list[Entry], most: int) -> None:
    named = [(str(place), entry) for place, entry in enumerate(some)]
    left = named
    while left:
        batch = take_batch(left, most=most)
        assert batch == left[: len(batch)]
        left = left[len(batch) :]
        packed = pack_batch([entry for _name, entry in batch])
        assert 1 <= len(batch) <= min(most, ENTRIES_MAX)
        assert len(packed) <= DATA_BYTES_MAX
        assert gas_bound(entry for _name, entry in batch) <= GAS_MAX


@given(
    st.lists(
        st.tuples(st.integers(1, 40_000), st.integers(1, 500)),
        unique_by=lambda pair: pair[0],
        min_size=1,
        max_size=30,
    ),
    st.data(),
)
def test_usage_folded_from_the_index_is_usage_counted_step_by_step(
    taken: list[tuple[int, int]], data: st.DataObject
) -> None:
    starts = 1_761_692_400
    terms = _terms(starts)
    usage, done = Usage(), []
    voids: list[tuple[int, int]] = []
    for step, amount in sorted(taken):
        usage = usage.after_spending(starts, step, amount, daily=True)
        done.append((step, amount))
        if data.draw(st.booleans()):
            at = data.draw(st.integers(0, len(done) - 1))
            step_, left = done[at]
            if left:
                back = data.draw(st.integers(1, left))
                done[at] = (step_, left - back)
                usage = usage.after_void(starts, step_, back, daily=True)
                voids.append((signed_at_of(starts, step_), back))
    spent = [(signed_at_of(starts, step), amount) for step, amount in taken]
    assert fold_usage(terms, spent, voids) == usage


def _terms(starts: int) -> Terms:
    return Terms(
        policy_hash=bytes(32),
        token="0x" + "11" * 20,
        starts=starts,
        ends=starts + 60 * DAY,
        first_use_by=0,
        share_basis_points=5_000,
        allowance=200_000,
        per_use_max=0,
        per_day_max=20_000,
        bill_min=0,
        audience=1,
        categories=1,
        districts=1,
        open_hours=1,
        same_district=False,
        list_hash=bytes(32),
        list_count=0,
    )
