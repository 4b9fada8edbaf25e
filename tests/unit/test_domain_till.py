"""The till's own rules: each just met and just missed, in their order, and fail-closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.hashing import keccak
from ledger.domain.sentences import advise, say
from ledger.domain.till_terms import (
    DistanceTerms,
    GoodsNotice,
    HouseholdTerms,
    Instalment,
    Stacking,
    TillFacts,
    TillTerms,
)
from ledger.domain.usage import Usage
from ledger.domain.verdict import Reason, Venue, Verdict, judge, offer
from tests.property.domain_city import MERCHANT, NOON, PASS, REQUEST, STARTS, campaign

NOTICE = GoodsNotice(th="ห้ามซื้อสุรา", en="No alcohol")
DISTANCE = DistanceTerms(
    metres_max=300,
    position_age_seconds_max=120,
    accuracy_metres_max=100,
    stand_uses_per_day_max=20,
)
HERE = TillFacts(distance_metres=300, position_age_seconds=120, accuracy_metres=100)
INSTALMENTS = (
    Instalment(opens=STARTS, amount=50_000),
    Instalment(opens=NOON + 60, amount=50_000),
    Instalment(opens=NOON + 120, amount=100_000, after_spending=60_000),
)
PARTS = TillTerms(instalments=INSTALMENTS)
HOUSEHOLD = TillTerms(household=HouseholdTerms(allowance=80_000, per_day_max=40_000))
SHOP = TillTerms(merchant_per_day_max=500_000)
READ = TillTerms(goods_notice=NOTICE)
STACKED = TillTerms(stacking=Stacking(group="lunch", rank=2))
NEAR = TillTerms(distance=DISTANCE)
PAPER = TillTerms(paper_pin_above=9_999)


def verdict(
    till: TillTerms, facts: TillFacts | None = None, *, spent: int = 0, **request: Any
) -> Verdict:
    """The verdict on 100 baht of lunch at noon, whose pass has spent so much before."""
    return judge(
        campaign(),
        PASS,
        MERCHANT,
        Usage(last_step=1 if spent else 0, spent_total=spent),
        replace(REQUEST, **request),
        NOON,
        till=till,
        facts=facts or TillFacts(),
    )


@pytest.mark.parametrize(
    ("reason", "till", "facts"),
    [
        (Reason.TILL_FACT_MISSING, HOUSEHOLD, {}),
        (Reason.TILL_FACT_MISSING, HOUSEHOLD, {"household_spent": 0}),
        (Reason.TILL_FACT_MISSING, HOUSEHOLD, {"household_spent_today": 0}),
        (None, HOUSEHOLD, {"household_spent": 70_000, "household_spent_today": 30_000}),
        (Reason.HOUSEHOLD_QUOTA_USED, HOUSEHOLD,
         {"household_spent": 70_001, "household_spent_today": 30_000}),
        (Reason.HOUSEHOLD_QUOTA_USED, HOUSEHOLD,
         {"household_spent": 70_000, "household_spent_today": 30_001}),
        (Reason.TILL_FACT_MISSING, SHOP, {}),
        (None, SHOP, {"merchant_taken_today": 490_000}),
        (Reason.MERCHANT_CAP_REACHED, SHOP, {"merchant_taken_today": 490_001}),
        (Reason.NOTICE_NOT_ACKNOWLEDGED, READ, {}),
        (Reason.NOTICE_NOT_ACKNOWLEDGED, READ, {"notice_acknowledged": bytes(32)}),
        (None, READ, {"notice_acknowledged": NOTICE.hash}),
        (Reason.TILL_FACT_MISSING, STACKED, {}),
        (Reason.TILL_FACT_MISSING, STACKED, {"pays_first": 3}),
        (None, STACKED, {"stacking_known": True}),
        (Reason.OTHER_COUPON_FIRST, STACKED, {"stacking_known": True, "pays_first": 3}),
        (None, PAPER, {}),
        (Reason.PAPER_PIN_NEEDED, PAPER, {"by_paper": True}),
        (None, PAPER, {"by_paper": True, "pin_given": True}),
        (None, TillTerms(paper_pin_above=10_000), {"by_paper": True}),
    ],
)  # fmt: skip
def test_a_till_rule_refuses_from_its_edge_on_and_without_its_fact(
    reason: Reason | None, till: TillTerms, facts: dict[str, Any]
) -> None:
    assert verdict(till, TillFacts(**facts)).reason is reason


@pytest.mark.parametrize(
    ("reason", "why", "changes"),
    [
        (None, None, {}),
        (Reason.TOO_FAR, None, {"distance_metres": 301}),
        (Reason.PLACE_UNKNOWN, "old", {"position_age_seconds": 121}),
        (Reason.PLACE_UNKNOWN, "imprecise", {"accuracy_metres": 101}),
        (Reason.PLACE_UNKNOWN, "missing", {"distance_metres": None}),
        (Reason.PLACE_UNKNOWN, "missing", {"position_age_seconds": None}),
        (Reason.PLACE_UNKNOWN, "missing", {"accuracy_metres": None}),
        (Reason.PLACE_UNKNOWN, "missing", {"distance_metres": -1}),
        (Reason.PLACE_UNKNOWN, "missing", {"position_age_seconds": -1}),
        (Reason.PLACE_UNKNOWN, "missing", {"accuracy_metres": -1}),
        (None, None, {"distance_metres": 0, "position_age_seconds": 0, "accuracy_metres": 0}),
        (None, None, {"distance_metres": None, "at_stand": True, "stand_uses_today": 19}),
        (Reason.PLACE_UNKNOWN, "stand_used_up",
         {"distance_metres": None, "at_stand": True, "stand_uses_today": 20}),
        (Reason.PLACE_UNKNOWN, "stand_used_up", {"distance_metres": None, "at_stand": True}),
        (None, None, {"at_stand": True, "stand_uses_today": 20}),
        (Reason.TOO_FAR, None,
         {"distance_metres": 301, "at_stand": True, "stand_uses_today": 20}),
        (Reason.PLACE_UNKNOWN, "missing", {"distance_metres": None, "stand_uses_today": 0}),
    ],
)  # fmt: skip
def test_a_place_is_known_by_a_fresh_exact_position_or_a_counted_stand(
    reason: Reason | None, why: str | None, changes: dict[str, Any]
) -> None:
    found = verdict(NEAR, replace(HERE, **changes))
    assert found.reason is reason
    assert found.figures.get("why") == why


def test_without_an_exception_for_stands_a_stand_is_no_place() -> None:
    strict = TillTerms(distance=replace(DISTANCE, stand_uses_per_day_max=0))
    facts = TillFacts(at_stand=True, stand_uses_today=0)
    assert verdict(strict, facts).reason is Reason.PLACE_UNKNOWN


def test_a_refusal_for_the_place_says_how_old_vague_or_far() -> None:
    assert verdict(NEAR, replace(HERE, position_age_seconds=121)).figures == {
        "why": "old",
        "position_age_seconds": 121,
        "position_age_seconds_max": 120,
    }
    assert verdict(NEAR, replace(HERE, accuracy_metres=101)).figures == {
        "why": "imprecise",
        "accuracy_metres": 101,
        "accuracy_metres_max": 100,
    }
    assert verdict(NEAR).figures == {"why": "missing", "stand_uses_per_day_max": 20}
    assert verdict(NEAR, replace(HERE, distance_metres=301)).figures == {
        "distance_metres": 301,
        "metres_max": 300,
    }


def test_the_household_is_told_what_it_used_and_what_is_left() -> None:
    day = verdict(HOUSEHOLD, TillFacts(household_spent=0, household_spent_today=38_000))
    assert day.figures == {
        "amount": 10_000,
        "period": "day",
        "household_spent": 38_000,
        "household_max": 40_000,
        "household_left": 2_000,
    }
    thai, english = say(day.code, day.figures)
    assert thai == "ครัวเรือนนี้ใช้สิทธิ์วันนี้ไปแล้ว 380 บาท จาก 400 บาท เหลือ 20 บาท"
    assert english == "The household has used 380 of its 400 baht today; 20 baht are left."
    every = verdict(HOUSEHOLD, TillFacts(household_spent=90_000, household_spent_today=0))
    assert every.figures["period"] == "all"
    assert every.figures["household_left"] == 0


def test_the_merchant_is_told_what_it_took_and_may_still_take() -> None:
    found = verdict(SHOP, TillFacts(merchant_taken_today=495_000))
    assert found.figures == {
        "amount": 10_000,
        "merchant": 9,
        "taken_today": 495_000,
        "merchant_per_day_max": 500_000,
        "merchant_left": 5_000,
    }
    over = verdict(SHOP, TillFacts(merchant_taken_today=600_000))
    assert over.figures["merchant_left"] == 0


def test_a_total_is_judged_where_a_household_has_no_day() -> None:
    total = TillTerms(household=HouseholdTerms(allowance=40_000))
    found = verdict(total, TillFacts(household_spent=30_001))
    assert found.reason is Reason.HOUSEHOLD_QUOTA_USED
    assert found.figures["period"] == "all"


def test_a_household_may_have_a_total_or_a_day_alone() -> None:
    day = TillTerms(household=HouseholdTerms(per_day_max=40_000))
    assert verdict(day, TillFacts(household_spent_today=30_000)).accepted
    total = TillTerms(household=HouseholdTerms(allowance=40_000))
    assert verdict(total, TillFacts(household_spent=30_000)).accepted


def test_a_missing_fact_names_the_rule_it_is_missing_for() -> None:
    assert verdict(HOUSEHOLD).figures == {"rule": "household"}
    assert verdict(SHOP).figures == {"rule": "merchant"}
    assert verdict(STACKED).figures == {"rule": "stacking"}
    assert "โควตาครัวเรือน" in say("till_fact_missing", {"rule": "household"})[0]
    assert "which coupon pays first" in say("till_fact_missing", {"rule": "stacking"})[1]


def test_the_notice_is_read_out_in_its_own_language() -> None:
    found = verdict(READ)
    assert found.figures["notice_hash"] == "0x" + NOTICE.hash.hex()
    thai, english = say(found.code, found.figures)
    assert "ห้ามซื้อสุรา" in thai
    assert "No alcohol" in english


def test_the_other_coupon_is_named_by_its_campaign() -> None:
    found = verdict(STACKED, TillFacts(stacking_known=True, pays_first=3))
    assert found.figures == {"campaign": 3, "group": "lunch", "rank": 2}


def test_a_paper_coupon_is_told_the_limit_of_its_pin() -> None:
    found = verdict(PAPER, TillFacts(by_paper=True))
    assert found.figures == {"amount": 10_000, "paper_pin_above": 9_999}


def test_till_rules_are_judged_in_their_order_and_after_the_contracts() -> None:
    everything = TillTerms(
        distance=DISTANCE,
        household=HOUSEHOLD.household,
        merchant_per_day_max=500_000,
        goods_notice=NOTICE,
        stacking=STACKED.stacking,
        instalments=(Instalment(opens=NOON + 1, amount=200_000),),
        paper_pin_above=9_999,
    )
    facts = TillFacts(
        household_spent=80_000,
        household_spent_today=40_000,
        merchant_taken_today=500_000,
        stacking_known=True,
        pays_first=3,
        by_paper=True,
    )
    fixes: list[tuple[Reason, dict[str, Any], dict[str, Any]]] = [
        (Reason.INSTALMENT_NOT_RELEASED, {"instalments": ()}, {}),
        (Reason.HOUSEHOLD_QUOTA_USED, {}, {"household_spent": 0, "household_spent_today": 0}),
        (Reason.MERCHANT_CAP_REACHED, {}, {"merchant_taken_today": 0}),
        (Reason.NOTICE_NOT_ACKNOWLEDGED, {}, {"notice_acknowledged": NOTICE.hash}),
        (Reason.OTHER_COUPON_FIRST, {}, {"pays_first": None}),
        (Reason.PLACE_UNKNOWN, {},
         {"distance_metres": 301, "position_age_seconds": 1, "accuracy_metres": 1}),
        (Reason.TOO_FAR, {}, {"distance_metres": 1}),
        (Reason.PAPER_PIN_NEEDED, {}, {"pin_given": True}),
    ]  # fmt: skip
    assert verdict(everything, facts, amount=10_001).reason is Reason.SHARE_EXCEEDED
    for reason, terms, told in fixes:
        assert verdict(everything, facts).reason is reason
        everything, facts = replace(everything, **terms), replace(facts, **told)
    assert verdict(everything, facts).accepted


@pytest.mark.parametrize("venue", [Venue.CHAIN, Venue.FORCE])
def test_the_chain_does_not_judge_what_only_the_till_can_know(venue: Venue) -> None:
    judged = judge(
        campaign(), PASS, MERCHANT, Usage(), replace(REQUEST, venue=venue), NOON + 900, till=NEAR
    )
    assert judged.accepted


@pytest.mark.parametrize(
    ("till", "facts", "most"),
    [
        (TillTerms(), {}, 10_000),
        (HOUSEHOLD, {}, 0),
        (HOUSEHOLD, {"household_spent": 79_000, "household_spent_today": 0}, 1_000),
        (HOUSEHOLD, {"household_spent": 0, "household_spent_today": 37_000}, 3_000),
        (HOUSEHOLD, {"household_spent": 90_000, "household_spent_today": 0}, 0),
        (SHOP, {"merchant_taken_today": 499_999}, 1),
        (SHOP, {}, 0),
        (TillTerms(instalments=(Instalment(opens=NOON, amount=7_000),)), {}, 7_000),
        (TillTerms(instalments=(Instalment(opens=NOON + 1, amount=7_000),)), {}, 0),
        (PAPER, {}, 10_000),
        (PAPER, {"by_paper": True}, 9_999),
        (PAPER, {"by_paper": True, "pin_given": True}, 10_000),
        (NEAR, {}, 0),
        (READ, {"notice_acknowledged": NOTICE.hash}, 10_000),
    ],
)
def test_the_offer_is_what_the_till_would_accept(
    till: TillTerms, facts: dict[str, Any], most: int
) -> None:
    told = TillFacts(**facts)
    assert offer(campaign(), PASS, Usage(), MERCHANT, 20_000, NOON, till=till, facts=told) == most


def test_every_refusal_of_the_till_fills_its_sentences_in_both_languages() -> None:
    refusals = [
        verdict(PARTS, spent=45_000),
        verdict(HOUSEHOLD, TillFacts(household_spent=0, household_spent_today=40_000)),
        verdict(SHOP, TillFacts(merchant_taken_today=500_000)),
        verdict(READ),
        verdict(STACKED, TillFacts(stacking_known=True, pays_first=3)),
        verdict(NEAR),
        verdict(NEAR, replace(HERE, position_age_seconds=500)),
        verdict(NEAR, replace(HERE, accuracy_metres=500)),
        verdict(NEAR, TillFacts(at_stand=True)),
        verdict(NEAR, replace(HERE, distance_metres=500)),
        verdict(PAPER, TillFacts(by_paper=True)),
        verdict(HOUSEHOLD),
        verdict(SHOP),
        verdict(STACKED),
    ]
    told = set()
    for refused in refusals:
        assert refused.reason is not None and refused.reason >= Reason.INSTALMENT_NOT_RELEASED
        for text in (
            *say(refused.code, refused.figures),
            *advise(refused.code, refused.figures),
        ):
            assert "–" not in text and "{" not in text
        told.add(say(refused.code, refused.figures))
    assert len(told) == len(refusals), "no two refusals read alike"


def test_a_notice_is_named_by_the_hash_of_its_canonical_text() -> None:
    notice = GoodsNotice(th="ห้ามซื้อสุรา", en="No alcohol")
    assert notice.hash == keccak('{"en":"No alcohol","th":"ห้ามซื้อสุรา"}'.encode())
