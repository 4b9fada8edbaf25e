"""The schemes of policies/ are documents and no code: each is checked, read aloud and judged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.clock import bangkok_day
from ledger.domain.merchants import Merchant
from ledger.domain.passes import Pass
from ledger.domain.policy import Policy, explain, parse_policy, policy_terms
from ledger.domain.policy_schema import schema_text
from ledger.domain.rules import Request, Venue
from ledger.domain.till_terms import TillFacts
from ledger.domain.usage import Usage
from ledger.domain.verdict import Verdict, judge, offer
from tests.property.domain_city import MERCHANT, PASS, TOKEN

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "policies").glob("*.json"))
HOUR = 3_600
DAY = 24 * HOUR


def policy_named(name: str) -> Policy:
    return parse_policy((ROOT / "policies" / f"{name}.json").read_bytes())


class Resident:
    """One resident under one policy: buys, and remembers what was spent."""

    def __init__(self, policy: Policy, pass_: Pass = PASS, merchant: Merchant = MERCHANT) -> None:
        self.policy, self.pass_, self.merchant = policy, pass_, merchant
        terms = policy_terms(policy, TOKEN)
        self.campaign = Campaign(
            number=1, terms=terms, status=CampaignStatus.OPEN, funded=2**40, spent=0
        )
        self.usage = Usage()

    def buys(self, amount: int, at: int, bill: int | None = None, **facts: Any) -> str:
        """The verdict's code on an amount at a time; what is accepted is spent."""
        return self.judged(amount, at, bill, **facts).code

    def judged(self, amount: int, at: int, bill: int | None = None, **facts: Any) -> Verdict:
        request = Request(
            bill=amount if bill is None else bill,
            amount=amount,
            signed_at=at,
            venue=Venue.TILL,
            merchant=self.merchant.number,
        )
        found = judge(
            self.campaign, self.pass_, self.merchant, self.usage, request, at,
            till=self.policy.till, facts=TillFacts(**facts),
        )  # fmt: skip
        if found.accepted:
            daily = self.policy.per_day_max != 0
            step = (at - self.policy.starts) // 15 + 1
            self.usage = self.usage.after_spending(self.policy.starts, step, amount, daily=daily)
        return found


def test_there_are_four_schemes() -> None:
    assert [path.stem for path in FILES] == [
        "free_lunch",
        "half_half_plus_2025",
        "household_vouchers",
        "ten_thousand_baht_wallet",
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_each_scheme_is_read_follows_the_schema_and_reads_aloud_whole(path: Path) -> None:
    policy = parse_policy(path.read_bytes())
    jsonschema.validate(
        json.loads(path.read_bytes()),
        json.loads(schema_text()),
        cls=jsonschema.Draft202012Validator,
    )
    thai, english = explain(policy)
    assert len(thai) == len(english) >= 8
    assert all(sentence.endswith(".") for sentence in english)
    assert not any(0x0E00 <= ord(letter) < 0x0E80 for letter in "".join(english))


def test_half_half_plus_pays_half_of_a_lunch_until_the_days_two_hundred() -> None:
    resident = Resident(policy_named("half_half_plus_2025"))
    noon = resident.policy.starts + 6 * HOUR
    assert resident.buys(9_000, noon, bill=18_000) == "accepted"
    assert resident.buys(9_001, noon + 15, bill=18_000) == "share_exceeded"
    assert resident.buys(11_001, noon + 30, bill=40_000) == "day_quota_used"
    assert resident.buys(11_000, noon + 45, bill=40_000) == "accepted"
    assert resident.buys(1, noon + 11 * HOUR, bill=2) == "outside_hours"
    assert resident.buys(20_000, noon + DAY, bill=40_000) == "accepted"
    late = Resident(resident.policy)
    assert late.buys(100, noon + 14 * DAY, bill=200) == "first_use_missed"


def test_the_wallet_is_spent_face_to_face_in_the_own_district_and_by_instalments() -> None:
    policy = policy_named("ten_thousand_baht_wallet")
    resident = Resident(policy)
    assert policy.till.goods_notice is not None
    seen = {"notice_acknowledged": policy.till.goods_notice.hash}
    here = {"distance_metres": 12, "position_age_seconds": 5, "accuracy_metres": 20} | seen
    at = policy.starts + HOUR
    assert resident.buys(10_000, at) == "notice_not_acknowledged"
    assert resident.buys(10_000, at, **seen) == "place_unknown"
    assert resident.buys(10_000, at, **(here | {"distance_metres": 301})) == "too_far"
    assert resident.buys(500_001, at, **here) == "instalment_not_released"
    assert resident.buys(299_999, at, **here) == "accepted"
    april = policy.till.instalments[1].opens
    assert resident.buys(200_002, april, **here) == "instalment_not_released"
    assert resident.buys(1, april + 15, **here) == "accepted"
    assert resident.buys(700_000, april + 30, **here) == "accepted"
    assert resident.buys(1, april + 45, **here) == "allowance_used"
    elsewhere = Resident(policy, merchant=replace(MERCHANT, district=4))
    assert elsewhere.buys(100, at, **here) == "wrong_district"
    stand = {"at_stand": True, "stand_uses_today": 3} | seen
    assert Resident(policy).buys(100, at, **stand) == "accepted"
    on_paper = here | {"by_paper": True}
    assert Resident(policy).buys(50_001, at, **on_paper) == "paper_pin_needed"
    assert Resident(policy).buys(50_000, at, **on_paper) == "accepted"


def test_a_household_shares_its_vouchers_whoever_pays() -> None:
    policy = policy_named("household_vouchers")
    mother, son = Resident(policy), Resident(policy, replace(PASS, number=6, class_=1))
    spent: dict[int, int] = {}

    def household_buys(who: Resident, amount: int, at: int) -> str:
        told: dict[str, Any] = {
            "household_spent": sum(spent.values()),
            "household_spent_today": spent.get(bangkok_day(at), 0),
            "merchant_taken_today": 0,
            "stacking_known": True,
        }
        code = who.buys(amount, at, **told)
        if code == "accepted":
            spent[bangkok_day(at)] = spent.get(bangkok_day(at), 0) + amount
        return code

    at = policy.starts + HOUR
    assert household_buys(mother, 30_000, at) == "accepted"
    assert household_buys(son, 10_001, at) == "household_quota_used"
    assert household_buys(son, 10_000, at) == "accepted"
    assert household_buys(mother, 1, at + 15) == "household_quota_used"
    assert household_buys(mother, 40_000, at + DAY) == "accepted"
    refused = household_buys(son, 1, at + 2 * DAY)
    assert refused == "household_quota_used"
    assert son.buys(1, at + 2 * DAY) == "till_fact_missing"


def test_the_vouchers_wait_for_the_coupon_that_pays_first_and_for_a_shop_with_room() -> None:
    policy = policy_named("household_vouchers")
    known = {"household_spent": 0, "household_spent_today": 0, "stacking_known": True}
    told = {**known, "merchant_taken_today": 0}
    at = policy.starts + HOUR
    assert Resident(policy).buys(1, at, **told, pays_first=2) == "other_coupon_first"
    full = {**known, "merchant_taken_today": 4_999_999}
    assert Resident(policy).buys(2, at, **full) == "merchant_cap_reached"
    assert Resident(policy).buys(1, at, **full) == "accepted"


def test_one_free_lunch_is_one_lunch_on_a_school_day() -> None:
    policy = policy_named("free_lunch")
    student = Resident(policy, replace(PASS, class_=1))
    monday_noon = policy.starts + 12 * HOUR
    assert student.buys(5_500, monday_noon - 2 * HOUR) == "outside_hours"
    assert student.buys(5_500, monday_noon) == "accepted"
    assert student.buys(5_500, monday_noon + DAY) == "allowance_used"
    best = offer(student.campaign, student.pass_, student.usage, MERCHANT, 5_500, monday_noon + DAY)
    assert best == 500
    assert Resident(policy).buys(5_500, monday_noon) == "not_in_audience"
    assert student.buys(1, monday_noon + 5 * DAY) == "ended"
