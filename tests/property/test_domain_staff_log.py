"""The staff's log: whatever is changed in it is found, and the first act that is wrong is named."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.anchors import day_begins
from ledger.domain.clock import bangkok_day
from ledger.domain.staff_log import (
    NO_ACTS,
    LogFault,
    StaffAct,
    check_log,
    hash_of_act,
    next_act,
    read_act,
)
from ledger.errors import InputInvalid

MONDAY = day_begins(20_390)
NAMES = st.text(max_size=12).filter(lambda text: text.isprintable())


def log_of(gaps: list[int]) -> list[StaffAct]:
    """Acts that lie so many seconds apart."""
    acts: list[StaffAct] = []
    at = MONDAY
    for number, gap in enumerate(gaps, start=1):
        at += gap
        acts.append(
            next_act(
                number=number,
                at=at,
                act="read_pass",
                by="สมหญิง",
                key="key_1",
                target=f"/v1/passes/{number}",
                orders=["int_1"] if number % 2 else [],
                before=acts[-1].hash if acts else NO_ACTS,
            )
        )
    return acts


def heads_of(acts: list[StaffAct], last_day: int) -> dict[int, bytes]:
    """The heads that honest anchors hold of every day up to one."""
    heads = {}
    for day in range(bangkok_day(MONDAY), last_day + 1):
        dated = [act for act in acts if act.at < day_begins(day + 1)]
        heads[day] = dated[-1].hash if dated else NO_ACTS
    return heads


def made_anew(acts: list[StaffAct]) -> list[StaffAct]:
    """The same contents with numbers and hashes that agree: what a careful forger leaves."""
    forged: list[StaffAct] = []
    for number, act in enumerate(acts, start=1):
        before = forged[-1].hash if forged else NO_ACTS
        changed = replace(act, number=number, before=before)
        forged.append(replace(changed, hash=hash_of_act(changed.written())))
    return forged


LOGS = st.lists(st.integers(0, 60_000), min_size=2, max_size=12).map(log_of)


@given(LOGS)
def test_an_honest_log_agrees_with_itself_and_with_its_anchors(acts: list[StaffAct]) -> None:
    last = bangkok_day(acts[-1].at)
    report = check_log(acts, heads_of(acts, last))
    assert (report.fault, report.acts, report.anchored) == (None, len(acts), len(acts))
    assert [read_act(act.written()) for act in acts] == acts


@given(LOGS, st.data())
def test_any_changed_field_is_found_at_its_act(acts: list[StaffAct], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(acts) - 1))
    change = data.draw(
        st.sampled_from(
            [
                {"by": "somebody else"},
                {"act": "approve_round"},
                {"key": "key_2"},
                {"target": "/v1/passes/99"},
                {"orders": ("int_9",)},
                {"at": acts[at].at + 1},
                {"before": b"\x01" * 32},
                {"hash": b"\x01" * 32},
            ]
        )
    )
    changed = [*acts[:at], replace(acts[at], **change), *acts[at + 1 :]]
    assert check_log(changed, {}).fault == LogFault(code="act_altered", number=at + 1)


@given(LOGS, st.data())
def test_a_deleted_act_is_named(acts: list[StaffAct], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(acts) - 2))
    left = acts[:at] + acts[at + 1 :]
    assert check_log(left, {}).fault == LogFault(code="act_missing", number=at + 1)


@given(LOGS, st.data())
def test_an_act_put_in_twice_or_replaced_is_named(
    acts: list[StaffAct], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(acts) - 2))
    twice = [*acts[: at + 1], *acts[at:]]
    assert check_log(twice, {}).fault == LogFault(code="act_inserted", number=at + 1)
    other = replace(acts[at], by="somebody else")
    other = replace(other, hash=hash_of_act(other.written()))
    replaced = [*acts[:at], other, *acts[at + 1 :]]
    assert check_log(replaced, {}).fault == LogFault(code="act_unlinked", number=at + 2)


@given(LOGS, NAMES, st.data())
def test_a_log_whose_hashes_were_all_made_anew_is_found_by_its_anchors(
    acts: list[StaffAct], name: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(acts) - 1))
    heads = heads_of(acts, bangkok_day(acts[-1].at))
    for forged in (
        made_anew([*acts[:at], replace(acts[at], by=f"not {name}"), *acts[at + 1 :]]),
        made_anew([*acts[:at], *acts[at + 1 :]]),
        made_anew([*acts[:at], replace(acts[at], target="/v1/lies"), *acts[at:]]),
    ):
        assert check_log(forged, {}).fault is None
        fault = check_log(forged, heads).fault
        assert fault is not None and fault.number <= at + 1
        assert fault.day == bangkok_day(acts[at].at)


@given(LOGS)
def test_a_log_that_was_cut_short_misses_its_next_act(acts: list[StaffAct]) -> None:
    heads = heads_of(acts, bangkok_day(acts[-1].at))
    fault = check_log([], heads).fault
    assert fault is not None
    assert (fault.code, fault.number) == ("act_missing", 1)


def test_an_act_put_in_behind_the_anchor_of_its_day_is_named() -> None:
    acts = log_of([0, 60])
    day = bangkok_day(MONDAY)
    heads = heads_of(acts, day)
    late = made_anew([*acts, replace(acts[-1], act="approve_round")])
    assert check_log(late, heads).fault == LogFault(code="act_inserted", number=3, day=day)


def test_an_act_dated_before_the_one_it_follows_is_named() -> None:
    acts = log_of([100, 100])
    back = made_anew([acts[0], replace(acts[1], at=acts[0].at - 1)])
    assert check_log(back, {}).fault == LogFault(code="act_backdated", number=2)


@pytest.mark.parametrize(
    "change",
    [
        {"number": "1"}, {"number": True}, {"at": -1}, {"orders": [1]}, {"orders": None},
        {"hash": "0x12"}, {"before": "zz"}, {"by": 5}, {"more": 1}, {"hash": "0x" + "AA" * 32},
    ],
)  # fmt: skip
def test_what_is_no_act_is_refused(change: dict[str, object]) -> None:
    (act,) = log_of([0])
    with pytest.raises(InputInvalid):
        read_act(act.written() | change)
