"""A draft replayed on the past: refused, given, paid; always the same bytes; nothing guessed."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.clock import bangkok_day
from ledger.domain.listing import list_hash, words_of
from ledger.domain.past import Past
from ledger.domain.replay_report import report_bytes
from ledger.errors import DeploymentMismatch, InputInvalid, ListInvalid, PolicyInvalid
from ledger.services.replay import replay_draft
from tests.unit.replayed import CITY, DAY, STARTS, document, invented, one, past

NOON = STARTS + 6 * 3_600


def replayed(of: Past, *, budget: int | None = None, **changed: Any) -> dict[str, Any]:
    return replay_draft(document(**changed), of, budget=budget)


def rules(report: dict[str, Any], run: str) -> dict[str, int]:
    return {each["rule"]: each[run] for each in report["refusals"] if each[run]}


def test_the_policy_that_was_in_force_refuses_nobody_and_costs_what_it_cost() -> None:
    of = past(one(NOON), one(NOON + DAY), one(NOON, pass_number=2, bill=3_001, amount=1_501))
    report = replayed(of, budget=1_000_000)
    assert report["refusals"] == []
    real, strict, offered = (report["totals"][run] for run in ("real", "strict", "offered"))
    assert real == strict == {k: v for k, v in offered.items() if k in real}
    assert (real["cost"], real["paid_by_people"]) == ("11501", "11500")
    assert report["budget"]["left"] == str(1_000_000 - 11_501)
    assert report["not_judged"] == []


def test_the_same_inputs_give_the_same_bytes_in_whatever_order_the_past_comes() -> None:
    of = invented(300)
    backwards = Past.of(CITY, reversed(of.redemptions))
    first = report_bytes(replayed(of, budget=500_000, per_day_max="10000"))
    assert report_bytes(replayed(backwards, budget=500_000, per_day_max="10000")) == first


def test_another_past_or_another_draft_has_another_digest() -> None:
    one_day, another = past(one(NOON)), past(one(NOON, voided=1))
    assert one_day.digest != another.digest != past(one(NOON), city="").digest
    hashes = {replayed(one_day, **each)["policy"]["hash"] for each in ({}, {"bill_min": "100"})}
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("bill_too_small", {"bill_min": "10001"}),
        ("not_in_audience", {"audience": ["senior"]}),
        ("wrong_category", {"categories": ["grocery"]}),
        ("wrong_district", {"districts": [2, 3]}),
        ("outside_hours", {"hours": {"every_day": ["06:00", "12:00"]}}),
    ],
)
def test_a_rule_that_does_not_fit_refuses_in_both_runs(rule: str, changed: dict[str, Any]) -> None:
    report = replayed(past(one(NOON), one(NOON, pass_number=2)), **changed)
    assert rules(report, "strict") == {rule: 2}
    assert rules(report, "refused") == {rule: 2}
    assert report["totals"]["offered"]["cost"] == "0"
    assert report["totals"]["offered"]["passes_left_without"] == 2
    assert report["refusals"][0]["bills"] == "20000"
    assert report["passes"][0]["rules"] == {rule: 1}
    assert report["shops"][0]["bills_refused"] == "20000"


def test_a_smaller_share_refuses_flatly_as_asked_and_offers_less_in_life() -> None:
    report = replayed(past(one(NOON)), share_basis_points=4000)
    assert rules(report, "strict") == {"share_exceeded": 1}
    assert rules(report, "refused") == rules(report, "given_less") == {}
    assert report["totals"]["offered"]["cost"] == "4000"
    assert report["shops"][0]["change"] == "-1000"


def test_a_day_quota_gives_the_rest_and_then_nothing_until_the_next_day() -> None:
    of = past(one(NOON), one(NOON + 60), one(NOON + 120), one(NOON + DAY))
    report = replayed(of, per_day_max="8000")
    assert rules(report, "strict") == {"day_quota_used": 2}
    assert rules(report, "given_less") == {"day_quota_used": 1}
    assert rules(report, "refused") == {"day_quota_used": 1}
    assert [each["offered"] for each in report["days"]] == ["8000", "5000"]
    assert report["days"][0]["day"]["th"] == "29 ต.ค. 2568"
    assert report["totals"]["offered"]["paid_by_people"] == str(30_000 - 13_000)


def test_the_day_on_which_the_budget_no_longer_suffices_is_named() -> None:
    of = past(*(one(NOON + day * DAY) for day in range(4)))
    report = replayed(of, budget=12_000)
    assert report["budget"]["exhausted_day"]["th"] == "31 ต.ค. 2568"
    assert report["budget"]["left"] == "0"
    assert [each["offered"] for each in report["days"]] == ["5000", "5000", "2000", "0"]
    assert [each["strict"] for each in report["days"]] == ["5000", "5000", "0", "0"]
    assert replayed(of, budget=20_000)["budget"]["exhausted_at"] is None


def test_without_a_budget_none_is_judged_and_the_report_says_so() -> None:
    report = replayed(past(one(NOON)))
    assert report["budget"] is None
    assert [each["rule"] for each in report["not_judged"]] == ["budget_used"]


def test_what_the_past_does_not_say_is_not_judged_and_counted() -> None:
    unknown = one(
        NOON, class_=None, district=None, valid_from=None, valid_until=None, category=None,
        merchant_district=None,
    )  # fmt: skip
    report = replayed(
        past(unknown, one(NOON, pass_number=2)), budget=10_000, districts=[1], same_district=True
    )
    assert {each["rule"]: each["redemptions"] for each in report["not_judged"]} == {
        "not_in_audience": 1,
        "pass_expired": 1,
        "wrong_category": 1,
        "wrong_district": 1,
    }
    assert report["refusals"] == []


def test_the_tills_rules_are_judged_only_where_somebody_stood_somewhere() -> None:
    till = {
        "distance": {
            "metres_max": 300,
            "position_age_seconds_max": 120,
            "accuracy_metres_max": 100,
            "stand_uses_per_day_max": 20,
        },
        "household": {"allowance": "8000"},
        "merchant_per_day_max": "12000",
        "goods_notice": {"th": "ห้ามซื้อสุรา", "en": "no liquor"},
        "stacking": {"group": "lunch", "rank": 1},
        "paper_pin_above": "10000",
    }
    near = {"distance_metres": 20, "position_age_seconds": 5, "accuracy_metres": 10}
    of = past(
        one(NOON, **near, household=7),
        one(NOON + 15, pass_number=2, **near, household=7),
        one(NOON + 30, pass_number=3, **{**near, "distance_metres": 301}, household=8),
        one(NOON + 45, pass_number=4),
        one(NOON + 60, pass_number=5),
    )
    report = replayed(of, budget=100_000, till=till)
    assert {each["rule"]: each["redemptions"] for each in report["not_judged"]} == {
        "household_quota_used": 2,
        "notice_not_acknowledged": 5,
        "other_coupon_first": 5,
        "paper_pin_needed": 5,
        "too_far": 2,
    }
    assert rules(report, "refused") == {"merchant_cap_reached": 1, "too_far": 1}
    assert rules(report, "given_less") == {"household_quota_used": 1, "merchant_cap_reached": 1}
    assert report["totals"]["offered"]["cost"] == "12000"


def test_the_next_instalment_opens_as_the_replay_spends_the_last() -> None:
    till = {
        "instalments": [
            {"opens": "2025-10-29T06:00:00+07:00", "amount": "5000"},
            {"opens": "2025-10-30T06:00:00+07:00", "amount": "195000", "after_spending": "5000"},
        ]
    }
    report = replayed(past(one(NOON), one(NOON + 60), one(NOON + DAY)), till=till)
    assert rules(report, "refused") == {"instalment_not_released": 1}
    assert report["totals"]["offered"]["cost"] == "10000"


def test_a_past_before_the_draft_moves_by_whole_weeks_and_says_so() -> None:
    weeks_ago = past(one(NOON - 10 * 7 * DAY), one(NOON - 10 * 7 * DAY + DAY))
    report = replayed(weeks_ago)
    assert report["settings"]["weeks_moved"] == 10
    assert [each["day"]["th"] for each in report["days"]] == ["29 ต.ค. 2568", "30 ต.ค. 2568"]
    assert any("10 สัปดาห์" in note["th"] for note in report["notes"])
    stays = replay_draft(document(), weeks_ago, weeks=0)
    assert rules(stays, "strict") == {"not_started": 2}
    later = replayed(past(one(NOON + 520 * 7 * DAY)))
    assert later["settings"]["weeks_moved"] == -520
    assert later["refusals"] == []


def test_a_past_that_touches_the_window_is_left_where_it_is() -> None:
    report = replayed(past(one(STARTS - DAY), one(NOON)))
    assert report["settings"]["weeks_moved"] == 0
    assert rules(report, "refused") == {"not_started": 1}


def test_validity_moves_with_the_past() -> None:
    back = 10 * 7 * DAY
    expiring = one(NOON - back, valid_from=1, valid_until=NOON - back + 60)
    assert replayed(past(expiring))["refusals"] == []
    refused = replayed(past(replace(expiring, valid_until=NOON - back - 60)))
    assert rules(refused, "refused") == {"pass_expired": 1}


def test_the_first_use_has_a_deadline_and_later_uses_have_none() -> None:
    late = {"first_use_by": "2025-10-29T23:00:00+07:00"}
    report = replayed(past(one(NOON), one(NOON + DAY), one(NOON + DAY, pass_number=2)), **late)
    assert rules(report, "refused") == {"first_use_missed": 1}
    assert report["totals"]["offered"]["passes"] == 1


def test_two_lunches_in_one_step_of_the_draft_are_both_judged() -> None:
    of = past(one(NOON + 1), one(NOON + 2, campaign=2), one(NOON + 3, campaign=3))
    report = replayed(of, allowance="200000")
    assert report["refusals"] == []


def test_what_was_voided_whole_is_left_out_and_in_part_counts_as_what_stood() -> None:
    of = past(one(NOON, voided=5_000), one(NOON, pass_number=2, voided=2_000))
    report = replayed(of)
    assert report["past"]["voided_left_out"] == 1
    assert report["past"]["voided_in_part"] == 1
    assert report["totals"]["real"]["cost"] == "3000"
    assert report["totals"]["offered"] | {} == report["totals"]["offered"]
    assert report["totals"]["offered"]["cost"] == "3000"
    assert report["totals"]["offered"]["paid_by_people"] == "3000"


def test_a_copay_in_tokens_is_judged_beside_the_amount_and_its_funds_are_not() -> None:
    report = replayed(past(one(NOON, copay=3_000)), budget=10_000)
    assert report["refusals"] == []
    assert [each["rule"] for each in report["not_judged"]] == ["copay_unpaid"]


def test_a_listed_draft_is_judged_by_its_list_or_not_at_all() -> None:
    bound = words_of([1, 7])
    issue = {"list": {"count": 2, "hash": "0x" + list_hash(bound).hex()}}
    of = past(one(NOON), one(NOON, pass_number=2))
    unlisted = replay_draft(document(issue=issue), of, budget=99_999)
    assert [each["rule"] for each in unlisted["not_judged"]] == ["not_on_list"]
    assert unlisted["settings"]["listed"] is False
    listed = replay_draft(document(issue=issue), of, budget=99_999, listed=[7, 1])
    assert listed["not_judged"] == []
    assert rules(listed, "refused") == {"not_on_list": 1}
    with pytest.raises(ListInvalid):
        replay_draft(document(issue=issue), of, listed=[1, 2])
    with pytest.raises(ListInvalid):
        replay_draft(document(), of, listed=[1, 2])


def test_nonsense_is_refused_and_nothing_is_reported() -> None:
    of = past(one(NOON))
    with pytest.raises(InputInvalid):
        replay_draft(document(), past())
    with pytest.raises(InputInvalid):
        replay_draft(document(), of, weeks=1_041)
    with pytest.raises(PolicyInvalid):
        replay_draft(b'{"version": 2}', of)
    with pytest.raises(DeploymentMismatch):
        replay_draft(document(), of, city="1:0x2222222222222222222222222222222222222222")
    assert replay_draft(document(), of, city=CITY)["past"]["city"] == CITY


def test_fifty_thousand_redemptions_add_up_however_they_are_counted() -> None:
    of = invented(50_000)
    report = replayed(of, budget=120_000_000, audience=["resident"], per_day_max="15000")
    totals = report["totals"]
    for run in ("real", "strict", "offered"):
        by = {
            each: sum(int(row[run]) for row in report[each])
            for each in ("days", "hours", "shops", "passes")
        }
        assert set(by.values()) == {int(totals[run]["cost"])}
    refused = sum(each["refused"] for each in report["refusals"])
    assert refused == totals["offered"]["refused"] == sum(d["refused"] for d in report["days"])
    assert sum(each["strict"] for each in report["refusals"]) == totals["strict"]["refused"]
    assert int(totals["offered"]["cost"]) <= 120_000_000
    assert len(report["days"]) == len({bangkok_day(each.signed_at) for each in of.redemptions})
