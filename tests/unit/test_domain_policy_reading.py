"""The reader of policies at its edges: the last figure that is read, and where each field goes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.clock import WINDOW_SECONDS_MAX
from ledger.domain.policy import DOCUMENT_BYTES_MAX, Policy, parse_policy, policy_terms
from ledger.domain.policy_document import DAYS, ListTerms, Name
from ledger.domain.ranges import U19, U24, U32
from ledger.domain.reading import Reading
from ledger.domain.till_terms import NO_TILL_TERMS, HouseholdTerms
from ledger.domain.vocabulary import ALL_DISTRICTS, CATEGORIES
from ledger.errors import ListInvalid, PolicyInvalid

STARTS = 1_761_692_400
DIGEST = "0x" + "0f" * 32
PLAIN: dict[str, Any] = {
    "version": 1,
    "name": {"th": "ก", "en": "x"},
    "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-10-30T06:00:00+07:00"},
    "hours": {"every_day": ["06:00", "07:00"]},
    "share_basis_points": 1,
    "allowance": "1",
    "audience": ["resident"],
    "categories": "any",
    "districts": "any",
    "same_district": False,
    "issue": "everyone",
}


def read(**changes: Any) -> Policy:
    """The plainest policy, changed, as it is read."""
    return parse_policy(json.dumps(PLAIN | changes).encode())


def refusal(document: bytes) -> dict[str, Any]:
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(document)
    return refused.value.details


def test_the_plainest_policy_has_no_other_rule_than_its_own() -> None:
    policy = read()
    assert replace(policy, canonical=b"") == Policy(
        name=Name(th="ก", en="x"),
        starts=STARTS,
        ends=STARTS + 86_400,
        first_use_by=0,
        open_hours=sum(1 << 6 + 24 * day for day in range(7)),
        share_basis_points=1,
        allowance=1,
        per_use_max=0,
        per_day_max=0,
        bill_min=0,
        audience=1,
        categories=CATEGORIES.all,
        districts=ALL_DISTRICTS,
        same_district=False,
        issue=None,
        till=NO_TILL_TERMS,
        canonical=b"",
    )


def test_every_field_is_read_to_its_own_place() -> None:
    policy = read(
        first_use_by="2025-10-29T07:00:30+07:00",
        allowance="9",
        per_use_max="6",
        per_day_max="7",
        bill_min="8",
        audience=["student", "senior"],
        categories=["grocery", "temple"],
        districts=[0, 63],
        same_district=True,
        issue={"list": {"count": U32, "hash": DIGEST}},
    )
    assert policy.first_use_by == STARTS + 3_630
    assert (policy.allowance, policy.per_use_max, policy.per_day_max, policy.bill_min) == (
        9,
        6,
        7,
        8,
    )
    assert policy.audience == 1 << 1 | 1 << 5
    assert policy.categories == 1 << 1 | 1 << 8
    assert policy.districts == 1 | 1 << 63
    assert policy.same_district is True
    assert policy.issue == ListTerms(count=U32, hash=b"\x0f" * 32)


def test_a_day_s_hours_stand_in_that_day_and_reach_midnight() -> None:
    for index, day in enumerate(DAYS):
        wide = {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-11-05T06:00:00+07:00"}
        policy = read(window=wide, hours={day: [["00:00", "01:00"], ["01:00", "02:00"],
                                               ["23:00", "24:00"]]})  # fmt: skip
        assert policy.open_hours == (0b11 | 1 << 23) << 24 * index


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"share_basis_points": 10_000}, "share_basis_points", 10_000),
        ({"allowance": str(U24)}, "allowance", U24),
        ({"allowance": str(U24), "per_use_max": str(U24)}, "per_use_max", U24),
        ({"allowance": str(U24), "per_day_max": str(U19)}, "per_day_max", U19),
        ({"bill_min": str(U24)}, "bill_min", U24),
        ({"allowance": "5", "per_day_max": "5", "per_use_max": "5"}, "per_use_max", 5),
        ({"name": {"th": "ก" * 120, "en": "x" * 120}}, "name", Name(th="ก" * 120, en="x" * 120)),
        ({"issue": {"list": {"count": 1, "hash": DIGEST}}}, "issue",
         ListTerms(count=1, hash=b"\x0f" * 32)),
        ({"window": {"starts": "2025-10-29T06:00+07:00", "ends": "2026-10-28T06:00:00+07:00"}},
         "ends", STARTS + WINDOW_SECONDS_MAX),
        ({"window": {"starts": "2025-10-29T06:00+07:00", "ends": "2025-10-29T06:00:01+07:00"}},
         "ends", STARTS + 1),
        ({"first_use_by": "2025-10-29T06:00:00+07:00"}, "first_use_by", STARTS),
        ({"first_use_by": "2025-10-30T05:59:59+07:00"}, "first_use_by", STARTS + 86_399),
        ({"first_use_by": "2025-10-29T08:00:00+07:00", "hours": {"every_day": ["08:00", "09:00"]}},
         "first_use_by", STARTS + 7_200),
    ],
)  # fmt: skip
def test_the_last_figure_that_fits_is_read_as_it_stands(
    changes: dict[str, Any], field: str, value: Any
) -> None:
    assert getattr(read(**changes), field) == value


@pytest.mark.parametrize(
    ("changes", "pointer", "why"),
    [
        ({"hours": {"every_day": ["06:00", "06:00"]}},
         "/hours/every_day", "the span is empty: it ends before it begins"),
        ({"bill_min": str(U24 + 1)}, "/bill_min", f"more than {U24} satang"),
        ({"allowance": str(U24), "per_use_max": str(U24 + 1)},
         "/per_use_max", f"more than {U24} satang"),
        ({"share_basis_points": -1}, "/share_basis_points", "not in 1 … 10000"),
        ({"districts": [-1]}, "/districts/0", "not in 0 … 63"),
        ({"issue": {"list": {"count": U32 + 1, "hash": DIGEST}}},
         "/issue/list/count", f"not in 1 … {U32}"),
        ({"name": {"th": "ก" * 121, "en": "x"}},
         "/name/th", "a text of 1 … 120 characters is needed"),
        ({"name": {"th": "ก", "en": 7}}, "/name/en", "a text of 1 … 120 characters is needed"),
        ({"first_use_by": "2025-10-29T07:59:59+07:00",
          "hours": {"every_day": ["08:00", "09:00"]}}, "/hours", "never open before first_use_by"),
        ({"window": {"starts": "2025-10-29T06:00+07:00", "ends": "2025-10-29T08:00:00+07:00"},
          "hours": {"every_day": ["08:00", "09:00"]}}, "/hours", "no hour of the window is open"),
        ({"window": {"starts": "2025-10-29T06:59:59+07:00", "ends": "2025-10-29T07:00:00+07:00"},
          "hours": {"every_day": ["07:00", "08:00"]}}, "/hours", "no hour of the window is open"),
    ],
)  # fmt: skip
def test_one_more_is_refused_with_the_figure_it_passed(
    changes: dict[str, Any], pointer: str, why: str
) -> None:
    details = refusal(json.dumps(PLAIN | changes).encode())
    assert (details["pointer"], details["why"]) == (pointer, why)


def test_a_document_of_the_longest_length_is_read_and_one_byte_more_is_not() -> None:
    document = json.dumps(PLAIN).encode()
    longest = document + b" " * (DOCUMENT_BYTES_MAX - len(document))
    assert parse_policy(longest) == parse_policy(b"\xef\xbb\xbf" + document)
    assert refusal(longest + b"\n") == {
        "pointer": "/",
        "line": 1,
        "why": "more than 65,536 bytes",
        "why_th": "ยาวเกิน 65,536 ไบต์",
    }


def test_a_byte_that_is_no_utf_8_is_refused_at_its_line() -> None:
    for document, line in [(b"\xff", 1), (b"\n\xff", 2), (b"\n\n{}\xff\n\n", 3)]:
        assert refusal(document) == {
            "pointer": "/",
            "line": line,
            "why": "not UTF-8",
            "why_th": "ไม่ใช่ข้อความ UTF-8",
        }


def test_a_span_that_begins_in_the_hour_of_the_one_before_is_refused() -> None:
    spans = [["06:00", "07:00"], ["06:00", "08:00"]]
    found = refusal(json.dumps(PLAIN | {"hours": {"every_day": spans}}).encode())
    assert found["pointer"] == "/hours/every_day/1"
    assert found["why"] == "spans must ascend and not overlap"


def test_an_hour_that_is_no_text_is_refused_where_it_stands() -> None:
    found = refusal(json.dumps(PLAIN | {"hours": {"every_day": ["06:00", 23]}}).encode())
    assert found["pointer"] == "/hours/every_day/1"


def test_a_distance_that_names_no_stand_takes_nobody_at_a_stand() -> None:
    distance = {"metres_max": 300, "position_age_seconds_max": 60, "accuracy_metres_max": 100}
    terms = read(till={"distance": distance}).till.distance
    assert terms is not None
    assert terms.stand_uses_per_day_max == 0


def test_what_a_household_is_not_limited_by_is_zero() -> None:
    assert read(till={"household": {"allowance": "5"}}).till.household == HouseholdTerms(
        allowance=5, per_day_max=0
    )
    assert read(till={"household": {"per_day_max": "5"}}).till.household == HouseholdTerms(
        allowance=0, per_day_max=5
    )


def test_the_first_of_several_missing_fields_is_named_by_the_alphabet() -> None:
    without = {name: value for name, value in PLAIN.items() if name not in {"issue", "allowance"}}
    assert refusal(json.dumps(without).encode())["pointer"] == "/allowance"


def test_a_member_that_is_missing_stands_at_the_line_of_what_holds_it() -> None:
    reading = Reading(value={}, pointer="/a", lines={"": 1, "/a": 4})
    with pytest.raises(PolicyInvalid) as refused:
        reading.at("b/c", {}).at(0, None).fail("why", "เหตุ")
    assert refused.value.details == {
        "pointer": "/a/b~1c/0",
        "line": 4,
        "why": "why",
        "why_th": "เหตุ",
    }


def test_a_list_that_is_not_the_bound_one_is_refused_in_words() -> None:
    bound = read(issue={"list": {"count": 2, "hash": DIGEST}})
    with pytest.raises(ListInvalid) as refused:
        policy_terms(bound, "0x" + "11" * 20, {7: 1})
    why = "1 passes, not the list of 2 the policy binds"
    assert refused.value.details["rows"] == [{"row": 0, "why": why}]
    with pytest.raises(ListInvalid) as refused:
        policy_terms(read(), "0x" + "11" * 20, {7: 1})
    why = "the policy issues to everyone, so no list can be given"
    assert refused.value.details["rows"] == [{"row": 0, "why": why}]
