"""Policies: what is read, what is refused and where, and the scheme every release must express."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from eth_utils.crypto import keccak

from ledger.domain.clock import hour_of_week, signed_at_of
from ledger.domain.listing import list_hash, words_of
from ledger.domain.policy import (
    DOCUMENT_BYTES_MAX,
    canonical,
    explain,
    parse_policy,
    policy_hash,
    policy_terms,
)
from ledger.domain.sentences import say
from ledger.errors import ListInvalid, PolicyInvalid

ROOT = Path(__file__).parents[2]
HALF_HALF = (ROOT / "policies" / "half_half_plus_2025.json").read_bytes()
SCHEMA: dict[str, Any] = json.loads((ROOT / "ledger/domain/policy.schema.json").read_bytes())
TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def policy_document(**changes: Any) -> dict[str, Any]:
    """The document of Half-half Plus, changed; None takes a field away."""
    document: dict[str, Any] = json.loads(HALF_HALF) | changes
    return {name: value for name, value in document.items() if value is not None}


def read(**changes: Any) -> Any:
    return parse_policy(json.dumps(policy_document(**changes)).encode())


def refusal(**changes: Any) -> tuple[str, str]:
    with pytest.raises(PolicyInvalid) as refused:
        read(**changes)
    return refused.value.details["pointer"], refused.value.details["why"]


def test_half_half_plus_of_2025_is_expressed_to_the_satang_and_the_second() -> None:
    terms = policy_terms(parse_policy(HALF_HALF), TOKEN)
    facts = json.loads((ROOT / "data" / "half_half_plus_2025.json").read_bytes())
    assert terms.starts == 1_761_692_400
    assert terms.ends == 1_767_196_800
    assert terms.first_use_by == 1_762_876_800
    assert terms.share_basis_points == facts["share_basis_points"]
    assert terms.per_day_max == facts["city_share_per_day_max_baht"] * 100
    assert terms.allowance == facts["city_share_total_max_baht"]["default"] * 100
    assert not terms.listed
    for hour in range(168):
        assert bool(terms.open_hours >> hour & 1) == (6 <= hour % 24 < 23)
    assert hour_of_week(terms.starts) == 54, "the 29th of October 2025 was a Wednesday"


def test_the_hash_is_keccak_of_the_rfc_8785_form() -> None:
    policy = parse_policy(HALF_HALF)
    by_hand = json.dumps(
        json.loads(HALF_HALF), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    assert canonical(policy) == by_hand
    assert policy_hash(policy) == keccak(by_hand)


def test_the_published_schema_accepts_what_the_reader_accepts() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    assert jsonschema_rs.is_valid(SCHEMA, json.loads(HALF_HALF))


def test_half_half_plus_reads_aloud_in_thai_and_english() -> None:
    thai, english = explain(parse_policy(HALF_HALF))
    assert "ใช้ได้ในเวลา: ทุกวัน 06:00–23:00 น." in thai
    assert "ไม่เกินวันละ 200 บาท" in thai
    assert "At most 2,000 baht per person in all." in english
    assert any("11 พ.ย. 2568 23:00 น." in sentence for sentence in thai)


def test_hours_read_aloud_by_runs_of_equal_days() -> None:
    lunch = ["11:00", "14:00"]
    hours = {
        **dict.fromkeys(["monday", "tuesday", "wednesday"], lunch),
        "sunday": [["08:00", "10:00"], ["17:00", "24:00"]],
    }
    thai, english = explain(read(hours=hours))
    assert (
        "It can be used: Monday–Wednesday 11:00–14:00, Sunday 08:00–10:00, 17:00–24:00 "
        "(Bangkok time)." in english
    )
    assert thai[1] == ("ใช้ได้ในเวลา: วันจันทร์–พุธ 11:00–14:00 น., วันอาทิตย์ 08:00–10:00, 17:00–24:00 น.")


@pytest.mark.parametrize(
    ("changes", "pointer", "why"),
    [
        ({"window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-10-29T06:00:00+07:00"}},
         "/window/ends", "before it starts"),
        ({"window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2026-10-28T06:00:01+07:00"}},
         "/window/ends", "364 days"),
        ({"window": {"starts": "2025-10-29T06:00:00Z", "ends": "2025-12-31T23:00:00+07:00"}},
         "/window/starts", "a time like"),
        ({"window": {"starts": "2025-02-29T06:00:00+07:00", "ends": "2025-12-31T23:00:00+07:00"}},
         "/window/starts", "no such day"),
        ({"window": "always"}, "/window", "object"),
        ({"first_use_by": "2025-10-29T05:59:59+07:00"}, "/first_use_by", "outside the window"),
        ({"first_use_by": "2025-12-31T23:00:00+07:00"}, "/first_use_by", "outside the window"),
        ({"hours": {}}, "/hours", "opening hours"),
        ({"hours": {"every_day": []}}, "/hours/every_day", "at least one"),
        ({"hours": {"every_day": ["23:00", "06:00"]}}, "/hours/every_day", "ends before"),
        ({"hours": {"every_day": ["06:30", "23:00"]}}, "/hours/every_day/0", "whole hour"),
        ({"hours": {"every_day": ["06:00", "25:00"]}}, "/hours/every_day/1", "whole hour"),
        ({"hours": {"every_day": ["06:00"]}}, "/hours/every_day", "two hours"),
        ({"hours": {"every_day": [["06:00", "09:00"], ["08:00", "10:00"]]}},
         "/hours/every_day/1", "overlap"),
        ({"hours": {"every_day": [["12:00", "14:00"], ["08:00", "10:00"]]}},
         "/hours/every_day/1", "ascend"),
        ({"hours": {"every_day": ["06:00", "23:00"], "monday": ["06:00", "23:00"]}},
         "/hours/monday", "no such field"),
        ({"hours": {"funday": ["06:00", "23:00"]}}, "/hours/funday", "no such field"),
        ({"window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-10-29T23:00:00+07:00"},
          "first_use_by": None, "hours": {"sunday": ["06:00", "23:00"]}}, "/hours", "no hour"),
        ({"first_use_by": "2025-10-30T06:00:00+07:00", "hours": {"sunday": ["06:00", "23:00"]}},
         "/hours", "never open before"),
        ({"share_basis_points": 0}, "/share_basis_points", "not in 1"),
        ({"share_basis_points": 10_001}, "/share_basis_points", "not in 1"),
        ({"share_basis_points": True}, "/share_basis_points", "whole number"),
        ({"share_basis_points": "5000"}, "/share_basis_points", "whole number"),
        ({"share_basis_points": 50.5}, "/share_basis_points", "whole numbers"),
        ({"allowance": 200_000}, "/allowance", "string of digits"),
        ({"allowance": "0"}, "/allowance", "string of digits"),
        ({"allowance": "-5"}, "/allowance", "string of digits"),
        ({"allowance": "๒๐๐"}, "/allowance", "string of digits"),
        ({"allowance": "16777216"}, "/allowance", "more than"),
        ({"per_day_max": "200001"}, "/per_day_max", "above the allowance"),
        ({"allowance": "16000000", "per_day_max": "524288"}, "/per_day_max", "more than 524287"),
        ({"per_use_max": "200001"}, "/per_use_max", "above the allowance"),
        ({"per_use_max": "20001"}, "/per_use_max", "above the day"),
        ({"bill_min": "0"}, "/bill_min", "string of digits"),
        ({"audience": []}, "/audience", "at least one"),
        ({"audience": ["resident", "resident"]}, "/audience/1", "twice"),
        ({"audience": ["martian"]}, "/audience/0", "one of resident"),
        ({"audience": "resident"}, "/audience", "at least one"),
        ({"categories": []}, "/categories", "at least one"),
        ({"categories": ["casino"]}, "/categories/0", "one of restaurant"),
        ({"districts": [64]}, "/districts/0", "not in 0"),
        ({"districts": [1, 1]}, "/districts/1", "twice"),
        ({"same_district": "no"}, "/same_district", "true or false"),
        ({"issue": "nobody"}, "/issue", "everyone"),
        ({"issue": {"list": {"count": 0, "hash": "0x" + "a1" * 32}}}, "/issue/list/count", "not"),
        ({"issue": {"list": {"count": 1, "hash": "0x" + "00" * 32}}}, "/issue/list/hash", "64"),
        ({"issue": {"list": {"count": 1, "hash": "0x" + "A1" * 32}}}, "/issue/list/hash", "64"),
        ({"issue": {"list": {"count": 1}}}, "/issue/list/hash", "missing"),
        ({"version": 2}, "/version", "not in 1"),
        ({"version": None}, "/version", "missing"),
        ({"name": {"th": " ", "en": "x"}}, "/name/th", "characters"),
        ({"name": {"th": "ก", "en": "x" * 121}}, "/name/en", "characters"),
        ({"name": {"th": "ก\u202eข", "en": "x"}}, "/name/th", "direction"),
        ({"name": {"th": "ก\x00", "en": "x"}}, "/name/th", "control"),
        ({"colour": "red"}, "/colour", "no such field"),
    ],
)  # fmt: skip
def test_a_defect_or_contradiction_is_refused_where_it_stands(
    changes: dict[str, Any], pointer: str, why: str
) -> None:
    found = refusal(**changes)
    assert found[0] == pointer
    assert why in found[1]


@pytest.mark.parametrize(
    ("raw", "line", "why"),
    [
        (b"", 1, "no JSON value"),
        (b"[]", 1, "object"),
        (b'{\n "version": 1,\n "version": 1}', 3, "twice"),
        (b'{\n\n "allowance": 1.5}', 3, "whole numbers"),
        (b'{"allowance": 1e3}', 1, "whole numbers"),
        (b'{"allowance": 0123}', 1, "whole numbers"),
        (b'{"allowance": 99999999999999999999}', 1, "too large"),
        (b'{"allowance": NaN}', 1, "no JSON value"),
        (b'{"allowance": 1,}', 1, "quotes"),
        (b'{"allowance" 1}', 1, "missing here"),
        (b'{"name": "\\ud800"}', 1, "not well formed"),
        (b'{"name": "open}', 1, "not well formed"),
        (b'{"name": "a\nb"}', 1, "not well formed"),
        (b"{} {}", 1, "after the end"),
        (b"\xff\xfe{}", 1, "not UTF-8"),
        (b'{\n"a": "\xff"}', 2, "not UTF-8"),
        (b"[" * 50, 1, "too deeply"),
        (b" " * (DOCUMENT_BYTES_MAX + 1), 1, "more than"),
    ],
)
def test_bytes_that_are_no_document_are_refused_with_their_line(
    raw: bytes, line: int, why: str
) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(raw)
    assert refused.value.details["line"] == line
    assert why in refused.value.details["why"]


def test_a_refusal_names_the_line_of_the_defect_in_thai_and_english() -> None:
    broken = HALF_HALF.replace(b'"20000"', b'"900000"')
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(broken)
    thai, english = say(refused.value.code, refused.value.details)
    line = HALF_HALF[: HALF_HALF.index(b"per_day_max")].count(b"\n") + 1
    assert english == (
        f"The policy document is wrong at /per_day_max (line {line}): more than 524287 satang."
    )
    assert thai == f"เอกสารเงื่อนไขโครงการผิดที่ /per_day_max (บรรทัด {line}): เกิน 524287 สตางค์"


def test_a_list_is_bound_by_count_and_hash() -> None:
    words = words_of(range(1, 38))
    issue = {"list": {"count": 37, "hash": "0x" + list_hash(words).hex()}}
    policy = read(issue=issue)
    terms = policy_terms(policy, TOKEN, words)
    assert (terms.list_count, terms.list_hash) == (37, list_hash(words))
    assert policy_terms(policy, TOKEN) == terms
    thai, _english = explain(policy)
    assert any("37 ราย" in sentence for sentence in thai)
    with pytest.raises(ListInvalid):
        policy_terms(policy, TOKEN, words_of(range(1, 39)))
    with pytest.raises(ListInvalid):
        policy_terms(read(), TOKEN, words)


def test_every_step_of_the_window_has_a_number() -> None:
    terms = policy_terms(parse_policy(HALF_HALF), TOKEN)
    last = (terms.ends - terms.starts) // 15
    assert signed_at_of(terms.starts, last) < terms.ends
    longest = read(
        window={"starts": "2025-10-29T06:00:00+07:00", "ends": "2026-10-28T06:00:00+07:00"}
    )
    assert signed_at_of(longest.starts, (longest.ends - longest.starts) // 15) < longest.ends
