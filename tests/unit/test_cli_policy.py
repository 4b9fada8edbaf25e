"""`nakhon policy`: check, explain, hash, diff and schema, on files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.policy import parse_policy
from tests.unit.cli_teller import ended
from tests.unit.test_policy_files import FILES
from tests.unit.test_policy_schema import FULL
from wallet_cli.exit_codes import ExitCode

HALF = next(path for path in FILES if path.stem == "half_half_plus_2025")
WALLET = next(path for path in FILES if path.stem == "ten_thousand_baht_wallet")


def written(directory: Path, document: dict[str, Any], name: str = "policy.json") -> Path:
    path = directory / name
    path.write_text(json.dumps(document, indent=1), "utf-8")
    return path


def half(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(HALF.read_bytes()) | changes
    return {name: value for name, value in document.items() if value is not None}


def test_check_gives_the_hash_and_exits_well() -> None:
    code, out, err = ended(["policy", "check", str(HALF), "--json"])
    assert code is ExitCode.OK, err
    assert json.loads(out)["hash"] == "0x" + parse_policy(HALF.read_bytes()).hash.hex()


def test_check_names_line_and_reason_in_both_languages(tmp_path: Path) -> None:
    broken = FULL | {"till": FULL["till"] | {"household": {"allowance": "1", "per_day_max": "2"}}}
    code, out, err = ended(["policy", "check", str(written(tmp_path, broken)), "--lang", "both"])
    assert code is ExitCode.USAGE
    assert out == ""
    assert "/till/household/per_day_max" in err
    assert "มากกว่าสิทธิ์ทั้งหมดของครัวเรือน" in err
    assert "above the household's allowance" in err


def test_a_budget_that_cannot_cover_the_list_is_refused_with_its_line(tmp_path: Path) -> None:
    issue = {"list": {"count": 37, "hash": "0x" + "a1" * 32}}
    path = written(tmp_path, half(issue=issue))
    enough = ended(["policy", "check", str(path), "--budget", "74,000", "--json"])
    assert enough[0] is ExitCode.OK, enough[2]
    assert json.loads(enough[1])["needed"] == "7400000"
    code, _out, err = ended(
        ["policy", "check", str(path), "--budget", "73,999.99", "--lang", "both"]
    )
    assert code is ExitCode.USAGE
    line = path.read_text("utf-8")[: path.read_text("utf-8").index('"count"')].count("\n") + 1
    assert f"/issue/list/count (line {line})" in err
    assert "37 people at 2,000 baht are 74,000 baht, more than the budget of 73,999.99" in err
    assert "37 คน คนละ 2,000 บาท รวม 74,000 บาท เกินงบประมาณ 73,999.99 บาท" in err


def test_a_budget_for_everyone_needs_to_know_how_many_they_are() -> None:
    base = ["policy", "check", str(HALF), "--lang", "en", "--budget"]
    assert ended([*base, "4000"])[0] is ExitCode.USAGE
    assert "how many people" in ended([*base, "4000"])[2]
    assert ended([*base, "4000", "--people", "2"])[0] is ExitCode.OK
    code, _out, err = ended([*base, "4000", "--people", "3"])
    assert code is ExitCode.USAGE
    assert "/allowance" in err and "3 people" in err


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_explain_reads_every_scheme_in_thai_and_english(path: Path) -> None:
    code, out, err = ended(["policy", "explain", str(path), "--json"])
    assert code is ExitCode.OK, err
    rows = json.loads(out)
    assert all(row["th"] and row["en"] for row in rows)
    for language, word in (("th", "ใช้สิทธิ์"), ("en", "baht")):
        assert word in ended(["policy", "explain", str(path), "--lang", language])[1]


def test_explain_covers_every_rule_of_the_till(tmp_path: Path) -> None:
    out = ended(["policy", "explain", str(written(tmp_path, FULL)), "-o", "json"])[1]
    english = " ".join(row["en"] for row in json.loads(out))
    thai = " ".join(row["th"] for row in json.loads(out))
    for words in (
        "Instalment 1: 5,000 baht from 1 Feb 2026 06:00.",
        "Instalment 2: 5,000 baht from 1 Apr 2026 00:00, once 3,000 baht have been spent.",
        "All passes of one household together use at most 9,000 baht in all.",
        "All passes of one household together use at most 400 baht a day.",
        "One shop may take at most 50,000 baht a day under this campaign.",
        "The holder first acknowledges what may not be bought: “Not for alcohol",
        (
            "coupons of the group “lunch” that could pay, the lowest rank pays first; this one has "
            "rank 1."
        ),
        (
            "within 300 metres of the shop, by a position at most 120 seconds old and at most 100 "
            "metres vague."
        ),
        "A shop's fixed stand replaces the position, at most 20 times a day.",
        "Above 500 baht at a time a paper coupon needs its PIN.",
    ):
        assert words in english
    for words in ("งวดที่ 2", "ครัวเรือน", "ประกาศสินค้าต้องห้าม", "300 เมตร", "ป้าย QR", "ต้องใส่รหัส"):
        assert words in thai


def test_hash_takes_many_files() -> None:
    code, out, _err = ended(["policy", "hash", *map(str, FILES), "-o", "csv"])
    assert code is ExitCode.OK
    assert len(out.splitlines()) == 1 + len(FILES)
    assert parse_policy(WALLET.read_bytes()).hash.hex() in out


def test_schema_prints_what_is_published() -> None:
    code, out, _err = ended(["policy", "schema"])
    assert code is ExitCode.OK
    assert json.loads(out)["$id"] == "urn:nakhon:policy:1"


def test_equal_policies_do_not_differ_however_they_are_laid_out(tmp_path: Path) -> None:
    other = written(tmp_path, dict(reversed(half().items())))
    code, out, err = ended(["policy", "diff", str(HALF), str(other), "-o", "json"])
    assert code is ExitCode.OK, err
    assert json.loads(out) == []


def diff(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> dict[str, dict[str, Any]]:
    one, two = written(tmp_path, old, "old.json"), written(tmp_path, new, "new.json")
    code, out, _err = ended(["policy", "diff", str(one), str(two), "-o", "json"])
    assert code is ExitCode.DIFFERS
    return {row["rule"]: row for row in json.loads(out)}


def test_diff_tells_both_values_as_sentences_and_whom_it_helps_and_hurts(tmp_path: Path) -> None:
    rows = diff(tmp_path, half(), half(per_day_max="10000", audience=["resident", "student"]))
    assert rows["per_day_max"]["was_en"] == ["At most 200 baht a day."]
    assert rows["per_day_max"]["now_th"] == ["ไม่เกินวันละ 100 บาท"]
    assert rows["per_day_max"]["helps_en"] == ["the budget"]
    assert rows["per_day_max"]["hurts_en"] == ["holders"]
    assert rows["audience"]["helps_en"] == ["students"]
    assert rows["audience"]["hurts_en"] == ["holders of paper coupons", "senior citizens"]
    assert set(rows) == {"per_day_max", "audience"}


TILL = FULL["till"]


@pytest.mark.parametrize(
    ("rule", "old", "new", "helps", "hurts"),
    [
        ("allowance", {}, {"allowance": "300000"}, "holders, shops", "the budget"),
        ("share_basis_points", {}, {"share_basis_points": 4_000}, "the budget", "holders"),
        ("per_day_max", {}, {"per_day_max": None}, "holders", "the budget"),
        ("per_use_max", {}, {"per_use_max": "100"}, "the budget", "holders"),
        ("bill_min", {}, {"bill_min": "100"}, "the budget", "holders, shops"),
        ("bill_min", {"bill_min": "100"}, {"bill_min": "50"}, "holders, shops", "the budget"),
        ("first_use_by", {}, {"first_use_by": None}, "holders", "the budget"),
        ("first_use_by", {}, {"first_use_by": "2025-11-10T23:00:00+07:00"},
         "the budget", "holders"),
        ("hours", {}, {"hours": {"every_day": ["05:00", "22:00"]}},
         "holders, shops", "holders, shops"),
        ("hours", {}, {"hours": {"every_day": ["00:00", "24:00"]}},
         "holders, shops", "the budget"),
        ("window", {}, {"window": {"starts": "2025-10-29T06:00:00+07:00",
                                   "ends": "2025-12-30T23:00:00+07:00"}},
         "the budget", "holders, shops"),
        ("categories", {}, {"categories": ["grocery", "health"]}, "health", "restaurants"),
        ("districts", {}, {"districts": [63]}, "", "shops in districts 0, 1, 2"),
        ("same_district", {}, {"same_district": True}, "own district", "holders, shops of other"),
        ("same_district", {"same_district": True}, {}, "holders, shops of other", "own district"),
        ("issue", {}, {"issue": {"list": {"count": 1, "hash": "0x" + "a1" * 32}}},
         "the budget", "those not on the new list"),
        ("issue", {"issue": {"list": {"count": 1, "hash": "0x" + "a1" * 32}}}, {},
         "holders", "the budget"),
        ("issue", {"issue": {"list": {"count": 1, "hash": "0x" + "a1" * 32}}},
         {"issue": {"list": {"count": 1, "hash": "0x" + "a2" * 32}}},
         "those on one of the lists only", "those on one of the lists only"),
        ("till.distance", {}, {"till": {"distance": TILL["distance"]}}, "the budget", "holders"),
        ("till.distance", {"till": {"distance": TILL["distance"]}},
         {"till": {"distance": TILL["distance"] | {"metres_max": 400, "accuracy_metres_max": 9}}},
         "holders", "holders"),
        ("till.household", {}, {"till": {"household": {"allowance": "5"}}},
         "the budget", "households of several passes"),
        ("till.household", {"till": {"household": {"allowance": "5"}}},
         {"till": {"household": {"per_day_max": "5"}}},
         "households of several passes", "households of several passes"),
        ("till.merchant_per_day_max", {"till": {"merchant_per_day_max": "5"}},
         {"till": {"merchant_per_day_max": "6"}}, "shops, holders", "the budget"),
        ("till.goods_notice", {}, {"till": {"goods_notice": TILL["goods_notice"]}},
         "", "sellers of forbidden goods"),
        ("till.goods_notice", {"till": {"goods_notice": TILL["goods_notice"]}}, {},
         "sellers of forbidden goods", ""),
        ("till.goods_notice", {"till": {"goods_notice": TILL["goods_notice"]}},
         {"till": {"goods_notice": {"th": "ก", "en": "a"}}}, "", ""),
        ("till.stacking", {}, {"till": {"stacking": {"group": "lunch", "rank": 2}}},
         "the budget", "other campaigns of the group"),
        ("till.stacking", {"till": {"stacking": {"group": "lunch", "rank": 2}}},
         {"till": {"stacking": {"group": "lunch", "rank": 1}}},
         "other campaigns of the group", "the budget"),
        ("till.instalments", {},
         {"till": {"instalments": [{"opens": "2025-10-29T06:00:00+07:00", "amount": "100000"},
                                   {"opens": "2025-11-29T06:00:00+07:00", "amount": "100000"}]}},
         "the budget", "holders"),
        ("till.paper_pin_above", {}, {"till": {"paper_pin_above": "50"}},
         "owners of lost paper coupons", "holders of paper coupons"),
        ("till.paper_pin_above", {"till": {"paper_pin_above": "50"}},
         {"till": {"paper_pin_above": "60"}},
         "holders of paper coupons", "owners of lost paper coupons"),
    ],
)  # fmt: skip
def test_every_rule_knows_whom_a_change_helps_and_hurts(
    tmp_path: Path, rule: str, old: dict[str, Any], new: dict[str, Any], helps: str, hurts: str
) -> None:
    before, after = half(**old), half(**new)
    rows = diff(tmp_path, before, after)
    assert set(rows) == {rule}
    for key, words in (("helps_en", helps), ("hurts_en", hurts)):
        said = ", ".join(rows[rule][key])
        assert words in said
        assert bool(words) == bool(said)


def test_diff_reads_as_a_table_in_either_language(tmp_path: Path) -> None:
    other = str(written(tmp_path, half(per_day_max=None)))
    thai = ended(["policy", "diff", str(HALF), other, "--lang", "th"])
    assert thai[0] is ExitCode.DIFFERS
    assert "ไม่เกินวันละ 200 บาท" in thai[1] and "ไม่มีเงื่อนไขนี้" in thai[1]
    english = ended(["policy", "diff", str(HALF), other, "--lang", "en"])
    assert "No such rule." in english[1]
    assert "1 rules differ: per_day_max" in english[2]
    csv = ended(["policy", "diff", str(HALF), other, "-o", "csv"])[1]
    assert "per_day_max" in csv
