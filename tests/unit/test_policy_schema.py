"""The published schema and the reader: what one refuses the other refuses, where it can say so."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.policy import parse_policy
from ledger.domain.policy_schema import schema_text
from ledger.errors import PolicyInvalid
from tests.unit.test_policy_files import FILES

SCHEMA: dict[str, Any] = json.loads(schema_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
WALLET: dict[str, Any] = json.loads(
    next(path for path in FILES if "wallet" in path.stem).read_bytes()
)
FULL: dict[str, Any] = WALLET | {
    "till": WALLET["till"]
    | {
        "household": {"allowance": "900000", "per_day_max": "40000"},
        "merchant_per_day_max": "5000000",
        "stacking": {"group": "lunch", "rank": 1},
    }
}


def changed(pointer: str, value: Any) -> dict[str, Any]:
    """The full document with one member replaced, or taken away by None."""
    document = copy.deepcopy(FULL)
    *path, last = pointer.strip("/").split("/")
    holder: Any = document
    for name in path:
        holder = holder[int(name) if isinstance(holder, list) else name]
    key: Any = int(last) if isinstance(holder, list) else last
    if value is None:
        del holder[key]
    else:
        holder[key] = value
    return document


def refusal(document: Any) -> dict[str, Any]:
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(json.dumps(document).encode())
    return refused.value.details


def test_the_schema_is_one_itself_and_names_its_version() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == f"urn:nakhon:policy:{SCHEMA['properties']['version']['const']}"


def test_the_fullest_document_is_accepted_by_both() -> None:
    assert VALIDATOR.is_valid(FULL)
    assert parse_policy(json.dumps(FULL).encode()).till.household is not None


BROKEN: list[tuple[str, Any, str]] = [
    ("/version", 2, "not in 1"),
    ("/version", None, "missing"),
    ("/colour", "red", "no such field"),
    ("/name/th", " ", "characters"),
    ("/name/en", "x" * 121, "characters"),
    ("/window/starts", "2026-02-01T06:00:00Z", "a time like"),
    ("/window", "always", "object"),
    ("/hours", {}, "opening hours"),
    ("/hours/every_day", [], "at least one"),
    ("/hours/every_day", ["06:30", "07:00"], "whole hour"),
    ("/share_basis_points", 0, "not in 1"),
    ("/share_basis_points", "5000", "whole number"),
    ("/allowance", 1_000_000, "string of digits"),
    ("/allowance", "0", "string of digits"),
    ("/audience", [], "at least one"),
    ("/audience", ["martian"], "one of"),
    ("/audience", ["paper", "paper"], "twice"),
    ("/categories", ["casino"], "one of"),
    ("/districts", [64], "not in 0"),
    ("/same_district", "no", "true or false"),
    ("/issue", "nobody", "everyone"),
    ("/issue", {"list": {"count": 0, "hash": "0x" + "a1" * 32}}, "not in 1"),
    ("/issue", {"list": {"count": 1, "hash": "0x12"}}, "64"),
    ("/till", [], "object"),
    ("/till/weather", "fine", "no such field"),
    ("/till/distance/metres_max", 0, "not in 1"),
    ("/till/distance/metres_max", None, "missing"),
    ("/till/distance/position_age_seconds_max", 3_601, "not in 1"),
    ("/till/distance/accuracy_metres_max", 100_001, "not in 1"),
    ("/till/distance/stand_uses_per_day_max", -1, "not in 0"),
    ("/till/distance/colour", 1, "no such field"),
    ("/till/household", {}, "needed"),
    ("/till/household/allowance", 5, "string of digits"),
    ("/till/household/people", 5, "no such field"),
    ("/till/merchant_per_day_max", "0", "string of digits"),
    ("/till/goods_notice", {"th": "ก"}, "missing"),
    ("/till/goods_notice/en", "", "characters"),
    ("/till/goods_notice/en", "x" * 1_001, "characters"),
    ("/till/stacking/rank", 0, "not in 1"),
    ("/till/stacking/rank", 100, "not in 1"),
    ("/till/stacking/group", "Lunch", "a-z"),
    ("/till/stacking/group", "x" * 33, "a-z"),
    ("/till/stacking/group", 7, "a-z"),
    ("/till/instalments", [], "at least one"),
    ("/till/instalments", [{"opens": "2026-02-01T06:00+07:00", "amount": "1"}] * 25, "more than"),
    ("/till/instalments/0/opens", "soon", "a time like"),
    ("/till/instalments/0/amount", None, "missing"),
    ("/till/instalments/0/amount", "-5", "string of digits"),
    ("/till/instalments/1/after_spending", 5, "string of digits"),
    ("/till/paper_pin_above", "๕๐๐", "string of digits"),
]


@pytest.mark.parametrize(("pointer", "value", "why"), BROKEN)
def test_what_a_schema_can_say_is_refused_by_both(pointer: str, value: Any, why: str) -> None:
    document = changed(pointer, value)
    assert not VALIDATOR.is_valid(document)
    details = refusal(document)
    assert details["pointer"].startswith(pointer)
    assert why in details["why"]
    assert details["why_th"]


CONTRADICTIONS: list[tuple[str, Any, str, str]] = [
    ("/window/ends", "2026-01-01T00:00:00+07:00", "/window/ends", "before it starts"),
    ("/allowance", "16777216", "/allowance", "more than 16777215"),
    ("/till/household/per_day_max", "900001", "/till/household/per_day_max",
     "above the household's allowance"),
    ("/till/instalments/0/opens", "2026-02-01T05:59:59+07:00", "/till/instalments/0/opens",
     "outside the window"),
    ("/till/instalments/1/opens", "2026-08-01T00:00:00+07:00", "/till/instalments/1/opens",
     "outside the window"),
    ("/till/instalments/1/opens", "2026-02-01T06:00:00+07:00", "/till/instalments/1/opens",
     "ascending"),
    ("/till/instalments/0/after_spending", "1", "/till/instalments/0/after_spending",
     "only 0 baht are released before it"),
    ("/till/instalments/1/after_spending", "500001", "/till/instalments/1/after_spending",
     "only 5,000 baht are released before it"),
    ("/till/instalments/1/amount", "500001", "/till/instalments",
     "10,000.01 baht in all, the allowance is 10,000"),
    ("/till/instalments/1/amount", "499999", "/till/instalments", "9,999.99 baht in all"),
    ("/till/instalments/1/amount", "16777216", "/till/instalments/1/amount", "more than"),
    ("/till/paper_pin_above", "1000000", "/till/paper_pin_above", "no PIN would ever"),
    ("/till/goods_notice/th", "ก\u202eข", "/till/goods_notice/th", "direction"),
    ("/till/instalments/0/opens", "2026-02-30T06:00:00+07:00", "/till/instalments/0/opens",
     "no such day"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pointer", "value", "found", "why"),
    CONTRADICTIONS,
)
def test_a_contradiction_no_schema_can_say_is_refused_where_it_stands(
    pointer: str, value: Any, found: str, why: str
) -> None:
    document = changed(pointer, value)
    assert VALIDATOR.is_valid(document), "else it belongs to the other list"
    details = refusal(document)
    assert details["pointer"] == found
    assert why in details["why"]
    assert any(0x0E00 <= ord(letter) < 0x0E80 for letter in details["why_th"])


@pytest.mark.parametrize(
    ("limits", "most"),
    [({}, 999_999), ({"per_day_max": "300000"}, 299_999),
     ({"per_day_max": "300000", "per_use_max": "200000"}, 199_999)],
)  # fmt: skip
def test_a_paper_limit_is_below_what_one_use_can_reach(limits: dict[str, str], most: int) -> None:
    for amount, accepted in ((most, True), (most + 1, False)):
        document = changed("/till/paper_pin_above", str(amount)) | limits
        if accepted:
            assert parse_policy(json.dumps(document).encode()).till.paper_pin_above == most
        else:
            assert refusal(document)["pointer"] == "/till/paper_pin_above"


def test_the_edges_of_the_tills_figures_are_read_as_they_stand() -> None:
    till = parse_policy(json.dumps(FULL).encode()).till
    assert till.distance is not None and till.household is not None and till.stacking is not None
    assert (till.distance.metres_max, till.distance.position_age_seconds_max) == (300, 120)
    assert (till.distance.accuracy_metres_max, till.distance.stand_uses_per_day_max) == (100, 20)
    assert (till.household.allowance, till.household.per_day_max) == (900_000, 40_000)
    assert (till.stacking.group, till.stacking.rank) == ("lunch", 1)
    assert till.merchant_per_day_max == 5_000_000
    assert till.paper_pin_above == 50_000
    assert [one.amount for one in till.instalments] == [500_000, 500_000]
    assert [one.after_spending for one in till.instalments] == [0, 300_000]
    assert till.instalments[0].opens == 1_769_900_400
    for pointer, value in (
        ("/till/distance/metres_max", 100_000),
        ("/till/distance/metres_max", 1),
        ("/till/distance/position_age_seconds_max", 3_600),
        ("/till/distance/position_age_seconds_max", 1),
        ("/till/distance/accuracy_metres_max", 100_000),
        ("/till/distance/accuracy_metres_max", 1),
        ("/till/distance/stand_uses_per_day_max", 100_000),
        ("/till/distance/stand_uses_per_day_max", 0),
        ("/till/distance/stand_uses_per_day_max", None),
        ("/till/household/per_day_max", "900000"),
        ("/till/household/per_day_max", None),
        ("/till/household/allowance", None),
        ("/till/stacking/rank", 99),
        ("/till/stacking/group", "x" * 32),
        ("/till/goods_notice/th", "ก" * 1_000),
        ("/till/instalments/1/after_spending", "500000"),
        ("/till/instalments/1/opens", "2026-07-31T23:59:59+07:00"),
        ("/till/instalments/1/opens", "2026-02-01T06:00:01+07:00"),
        ("/till", {}),
    ):
        document = changed(pointer, value)
        assert VALIDATOR.is_valid(document), pointer
        parse_policy(json.dumps(document).encode())


@given(st.data())
def test_the_schema_is_never_stricter_than_the_reader_about_the_till(data: st.DataObject) -> None:
    leaf = st.none() | st.booleans() | st.integers(-2, 120) | st.sampled_from(["1", "20000", "x"])
    document = copy.deepcopy(FULL)
    till = document["till"]
    rule = data.draw(st.sampled_from(sorted(till)))
    if isinstance(till[rule], dict) and data.draw(st.booleans()):
        till[rule][data.draw(st.sampled_from(sorted(till[rule])))] = data.draw(leaf)
    else:
        till[rule] = data.draw(leaf | st.lists(leaf, max_size=2) | st.just({}))
    try:
        parse_policy(json.dumps(document).encode())
    except PolicyInvalid as refused:
        assert refused.details["pointer"].startswith("/till")
    else:
        assert VALIDATOR.is_valid(document)
