"""Every fault of a draft at once, each at its field, and none that is of our own making."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.policy import parse_policy
from ledger.domain.policy_faults import FAULTS_MAX, policy_faults

GOOD: dict[str, Any] = {
    "version": 1,
    "name": {"th": "ข้าวกลางวัน", "en": "Lunch"},
    "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-12-31T23:00:00+07:00"},
    "first_use_by": "2025-11-11T23:00:00+07:00",
    "hours": {"every_day": ["06:00", "23:00"]},
    "share_basis_points": 5000,
    "allowance": "200000",
    "per_day_max": "20000",
    "audience": ["resident"],
    "categories": ["restaurant"],
    "districts": "any",
    "same_district": False,
    "issue": "everyone",
    "till": {"household": {"allowance": "300000"}},
}


def pointers(**changed: Any) -> list[str]:
    """Where a policy with some fields changed is wrong."""
    return [fault.pointer for fault in policy_faults(json.dumps(GOOD | changed).encode())]


def test_a_good_policy_has_no_fault() -> None:
    assert pointers() == []


def test_every_bad_field_is_named_and_no_good_one() -> None:
    found = pointers(
        name={"th": "", "en": ""},
        window={"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-10-28T06:00:00+07:00"},
        allowance="",
        audience=[],
        share_basis_points=0,
        colour="green",
    )
    assert sorted(found) == [
        "/allowance",
        "/audience",
        "/colour",
        "/name/en",
        "/name/th",
        "/share_basis_points",
        "/window/ends",
    ]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"per_day_max": "200001"}, "/per_day_max"),
        ({"first_use_by": "2027-01-01T00:00:00+07:00"}, "/first_use_by"),
        ({"hours": {"every_day": ["09:00", "08:00"]}}, "/hours/every_day"),
        ({"till": {"household": {"allowance": "0"}}}, "/till/household/allowance"),
        ({"issue": {"list": {}}}, "/issue/list/count"),
    ],
)
def test_a_contradiction_stands_at_the_field_that_is_to_be_changed(
    changed: dict[str, Any], pointer: str
) -> None:
    assert pointers(**changed) == [pointer]


def test_both_languages_say_why() -> None:
    (fault,) = policy_faults(json.dumps(GOOD | {"share_basis_points": 0}).encode())
    assert fault.en == "not in 1 … 10000"
    assert fault.th == "ต้องอยู่ระหว่าง 1 ถึง 10000"


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"null", b"\xff", b'"a"'])
def test_what_is_no_object_has_one_fault_at_its_root(document: bytes) -> None:
    assert [fault.pointer for fault in policy_faults(document)] == ["/"]


@given(st.binary(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3)
    | st.dictionaries(st.sampled_from([*GOOD, "other"]), inside, max_size=5),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_bytes_have_faults_or_are_a_policy(document: bytes) -> None:
    found = policy_faults(document)
    assert len(found) <= FAULTS_MAX
    if not found:
        parse_policy(document)
