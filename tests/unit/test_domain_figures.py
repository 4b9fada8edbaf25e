"""What a verdict says beside its code: every figure of every refusal, and what is left."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.campaign import CampaignStatus
from ledger.domain.listing import list_hash, words_of
from ledger.domain.merchants import MerchantStatus
from ledger.domain.passes import PassStatus
from ledger.domain.policy import parse_policy, policy_terms
from ledger.domain.redemption import UNNAMED, Entry, Maximum
from ledger.domain.rules import next_opening
from ledger.domain.till_terms import HouseholdTerms, Instalment, TillFacts, TillTerms
from ledger.domain.usage import Usage
from ledger.domain.verdict import Reason, Request, Venue, copay_returned, judge, offer
from ledger.errors import ListInvalid, PolicyInvalid
from tests.property.domain_city import (
    CAMPAIGN,
    ENDS,
    MERCHANT,
    NOON,
    PASS,
    REQUEST,
    STARTS,
    TERMS,
    campaign,
    terms,
)
from tests.unit.test_domain_policy import TOKEN, policy_document
from tests.unit.test_domain_verdict import ELEVEN_PM, NOON_STEP, verdict
from tests.unit.test_policy_schema import FULL, changed

MAXIMUM = Maximum(bill=19_999, amount=9_000, copay=7)


@pytest.mark.parametrize(
    ("reason", "world", "figures"),
    [
        (Reason.CAMPAIGN_NOT_OPEN, {"status": CampaignStatus.DRAFTED},
         {"campaign": 1, "state": "drafted"}),
        (Reason.SIGNATURE_INVALID, {"request": {"head_valid": False}}, {}),
        (Reason.SIGNATURE_INVALID, {"pass_": {"status": PassStatus.ENDED}}, {}),
        (Reason.NOT_STARTED, {"request": {"signed_at": STARTS - 15}},
         {"starts": STARTS, "signed_at": STARTS - 15}),
        (Reason.STEP_INVALID, {"request": {"signed_at": NOON + 1}},
         {"starts": STARTS, "signed_at": NOON + 1}),
        (Reason.PASS_SUSPENDED, {"pass_": {"status": PassStatus.SUSPENDED}}, {"pass": 5}),
        (Reason.PASS_EXPIRED, {"pass_": {"valid_from": 3, "valid_until": NOON}},
         {"valid_from": 3, "valid_until": NOON, "signed_at": NOON}),
        (Reason.ALREADY_SPENT, {"usage": Usage(last_step=NOON_STEP + 1)},
         {"signed_at": NOON, "last_signed_at": NOON + 15}),
        (Reason.SIGNED_IN_FUTURE, {"now": NOON - 61},
         {"signed_at": NOON, "now": NOON - 61, "seconds": 61}),
        (Reason.PRESENTATION_EXPIRED, {"now": NOON + 901},
         {"signed_at": NOON, "now": NOON + 901, "limit_seconds": 900}),
        (Reason.FORCE_TOO_EARLY, {"now": NOON + 1, "request": {"venue": Venue.FORCE}},
         {"free_at": NOON + 900, "now": NOON + 1}),
        (Reason.FORCE_NEEDS_MERCHANT,
         {"now": NOON + 900, "request": {"venue": Venue.FORCE, "maximum": MAXIMUM}}, {}),
        (Reason.CAMPAIGN_PAUSED, {"status": CampaignStatus.PAUSED, "paused_at": NOON - 1},
         {"paused_at": NOON - 1, "signed_at": NOON}),
        (Reason.ENDED, {"of": {"ends": NOON - 1}}, {"ends": NOON - 1, "signed_at": NOON}),
        (Reason.NOT_IN_AUDIENCE, {"pass_": {"class_": 1}},
         {"class": "student", "audience": ["resident", "paper"]}),
        (Reason.NOT_ON_LIST, {"of": {"list_count": 37}}, {"pass": 5, "list_count": 37}),
        (Reason.FIRST_USE_MISSED, {"of": {"first_use_by": NOON - 1}},
         {"first_use_by": NOON - 1, "signed_at": NOON}),
        (Reason.OUTSIDE_HOURS, {"request": {"signed_at": ELEVEN_PM}, "now": ELEVEN_PM},
         {"signed_at": ELEVEN_PM, "opens_at": STARTS + 86_400}),
        (Reason.MERCHANT_UNKNOWN, {"merchant": {"status": MerchantStatus.NONE}}, {"merchant": 9}),
        (Reason.MERCHANT_SUSPENDED, {"merchant": {"status": MerchantStatus.CLOSED}},
         {"merchant": 9, "state": "closed"}),
        (Reason.WRONG_CATEGORY, {"merchant": {"category": 8}},
         {"merchant": 9, "category": "temple", "categories": ["restaurant", "grocery"]}),
        (Reason.WRONG_DISTRICT, {"of": {"districts": 1}},
         {"merchant": 9, "merchant_district": 3, "pass_district": 3, "same_district": False}),
        (Reason.WRONG_DISTRICT, {"of": {"same_district": True}, "merchant": {"district": 4}},
         {"merchant": 9, "merchant_district": 4, "pass_district": 3, "same_district": True}),
        (Reason.AMOUNT_INVALID, {"request": {"amount": 0, "copay": 2}},
         {"bill": 20_000, "amount": 0, "copay": 2}),
        (Reason.BILL_TOO_SMALL, {"of": {"bill_min": 20_001}},
         {"bill": 20_000, "bill_min": 20_001}),
        (Reason.MAXIMUM_EXCEEDED, {"request": {"maximum": MAXIMUM, "copay": 8}},
         {"bill": 20_000, "amount": 10_000, "copay": 8,
          "bill_max": 19_999, "amount_max": 9_000, "copay_max": 7}),
        (Reason.SHARE_EXCEEDED, {"request": {"amount": 10_001}},
         {"bill": 20_000, "amount": 10_001, "amount_max": 10_000, "share_basis_points": 5_000}),
        (Reason.PER_USE_EXCEEDED, {"of": {"per_use_max": 9_999}},
         {"amount": 10_000, "per_use_max": 9_999}),
        (Reason.DAY_QUOTA_USED, {"usage": Usage(last_step=1, spent_today=30_000)},
         {"amount": 10_000, "spent_today": 30_000, "per_day_max": 20_000, "day_left": 0}),
        (Reason.ALLOWANCE_USED, {"usage": Usage(last_step=1, spent_total=195_000)},
         {"amount": 10_000, "spent_total": 195_000, "allowance": 200_000,
          "allowance_left": 5_000}),
        (Reason.ALLOWANCE_USED, {"usage": Usage(last_step=1, spent_total=300_000)},
         {"amount": 10_000, "spent_total": 300_000, "allowance": 200_000, "allowance_left": 0}),
        (Reason.BUDGET_USED, {"spent": 19_995_000},
         {"amount": 10_000, "campaign": 1, "budget_left": 5_000}),
        (Reason.BUDGET_USED, {"spent": 30_000_000},
         {"amount": 10_000, "campaign": 1, "budget_left": 0}),
        (Reason.COPAY_UNPAID, {"request": {"copay": 5, "copay_funds": 4}},
         {"copay": 5, "copay_funds": 4}),
        (Reason.COPAY_UNPAID, {"request": {"copay": 1, "copay_funds": -3}},
         {"copay": 1, "copay_funds": -3}),
    ],
)  # fmt: skip
def test_a_refusal_tells_these_figures_and_the_policy(
    reason: Reason, world: dict[str, Any], figures: dict[str, Any]
) -> None:
    found = verdict(**world)
    assert found.reason is reason
    assert found.figures == figures
    assert found.policy_hash == TERMS.policy_hash
    assert not found.accepted


def test_a_merchant_that_nobody_knows_is_named_as_it_was_asked_for() -> None:
    found = judge(CAMPAIGN, PASS, None, Usage(), REQUEST, NOON)
    assert (found.reason, found.figures) == (Reason.MERCHANT_UNKNOWN, {"merchant": 9})


def test_nobody_signed_is_no_signature() -> None:
    assert judge(CAMPAIGN, None, MERCHANT, Usage(), REQUEST, NOON).reason is (
        Reason.SIGNATURE_INVALID
    )


def test_an_acceptance_tells_what_is_left_after_it() -> None:
    used = Usage(last_step=1, spent_today=4_000, spent_total=70_000)
    request = {"copay": 3, "copay_funds": 3}
    assert verdict(usage=used, request=request).figures == {
        "amount": 10_000,
        "copay": 3,
        "allowance_left": 120_000,
        "day_left": 6_000,
    }


def test_the_first_second_of_a_campaign_is_within_it() -> None:
    found = verdict(request={"signed_at": STARTS}, now=STARTS)
    assert found.accepted
    last = {"signed_at": ENDS - 15}
    assert verdict(of={"open_hours": 2**168 - 1}, request=last, now=ENDS).accepted


def test_a_rule_of_the_till_names_the_policy_too() -> None:
    found = judge(
        CAMPAIGN, PASS, MERCHANT, Usage(), REQUEST, NOON, till=TillTerms(merchant_per_day_max=1)
    )
    assert (found.code, found.policy_hash) == ("till_fact_missing", TERMS.policy_hash)


@pytest.mark.parametrize(
    ("opened", "after", "seconds"),
    [
        ({12}, 0, 12 * 3_600),
        ({1}, 0, 3_600),
        ({2}, 0, 2 * 3_600),
        ({0}, 0, 168 * 3_600),
        ({167}, 0, 167 * 3_600),
        ({12}, 1_234, 12 * 3_600),
        ({1}, 3_599, 3_600),
        (set(), 0, None),
    ],
)
def test_the_next_opening_is_the_first_full_hour_ahead(
    opened: set[int], after: int, seconds: int | None
) -> None:
    monday = STARTS - 54 * 3_600
    hours = sum(1 << hour for hour in opened)
    assert next_opening(hours, monday + after) == (0 if seconds is None else monday + seconds)


def test_an_entry_keeps_its_maximum_its_copay_and_how_it_came() -> None:
    entry = Entry(
        step=NOON_STEP, merchant=9, bill=20_000, amount=10_000, copay=4, maximum=MAXIMUM,
        r=bytes(32), vs=bytes(32),
    )  # fmt: skip
    found = Request.of_entry(entry, UNNAMED | NOON_STEP, STARTS, forced=True, copay_funds=11)
    assert found == Request(
        bill=20_000, amount=10_000, copay=4, signed_at=NOON, venue=Venue.FORCE, merchant=9,
        maximum=MAXIMUM, copay_funds=11, head_valid=True,
    )  # fmt: skip
    free = Request.of_entry(entry, NOON_STEP, STARTS, forced=False, copay_funds=0)
    assert free.venue is Venue.CHAIN


def test_an_offer_leaves_room_for_the_copay_and_its_maximum_is_one_satang_sharp() -> None:
    whole = campaign(of=terms(share_basis_points=10_000))
    assert offer(whole, PASS, Usage(), MERCHANT, 5_000, NOON) == 5_000
    assert offer(whole, PASS, Usage(), MERCHANT, 5_000, NOON, copay=1_200) == 3_800
    assert offer(whole, PASS, Usage(), MERCHANT, 1, NOON) == 1
    assert offer(whole, PASS, Usage(), MERCHANT, 0, NOON) == 0
    assert offer(whole, PASS, Usage(), MERCHANT, 5_000, NOON, copay=5_000) == 0
    assert offer(whole, PASS, Usage(), None, 5_000, NOON) == 0
    poor = replace(whole, spent=whole.funded - 77)
    assert offer(poor, PASS, Usage(), MERCHANT, 5_000, NOON) == 77
    broke = replace(whole, spent=whole.funded)
    assert offer(broke, PASS, Usage(), MERCHANT, 5_000, NOON) == 0


def test_an_offer_counts_what_instalments_and_households_have_used() -> None:
    till = TillTerms(instalments=(Instalment(opens=STARTS, amount=9_000),))
    used = Usage(last_step=1, spent_total=8_000)
    assert offer(campaign(), PASS, used, MERCHANT, 20_000, NOON, till=till) == 1_000
    home = TillTerms(household=HouseholdTerms(allowance=100))
    assert offer(campaign(), PASS, used, MERCHANT, 20_000, NOON, till=home) == 0
    told = TillFacts(household_spent=99)
    assert offer(campaign(), PASS, used, MERCHANT, 20_000, NOON, till=home, facts=told) == 1
    missing = TillFacts(household_spent_today=0)
    assert offer(campaign(), PASS, used, MERCHANT, 2, NOON, till=home, facts=missing) == 0


@pytest.mark.parametrize(
    ("copay", "amount", "before", "now", "back"),
    [
        (100, 3, 0, 1, 34),
        (100, 3, 1, 1, 33),
        (100, 3, 2, 1, 33),
        (100, 3, 0, 3, 100),
        (0, 5, 0, 2, 0),
        (1, 9_000, 0, 1, 1),
        (1, 9_000, 1, 8_999, 0),
        (7, 2, 1, 1, 3),
    ],
)
def test_a_partial_void_returns_the_copay_rounded_up_and_the_rest_in_the_end(
    copay: int, amount: int, before: int, now: int, back: int
) -> None:
    assert copay_returned(copay, amount, before, now) == back


def test_the_terms_of_the_contract_are_the_documents() -> None:
    document = policy_document(
        per_use_max="15000", bill_min="2000", districts=[0, 63], same_district=True
    )
    policy = parse_policy(json.dumps(document).encode())
    found = policy_terms(policy, TOKEN)
    assert (found.policy_hash, found.token) == (policy.hash, TOKEN)
    assert (found.per_use_max, found.per_day_max, found.bill_min) == (15_000, 20_000, 2_000)
    assert (found.districts, found.same_district) == (1 << 63 | 1, True)
    assert (found.list_count, found.list_hash) == (0, bytes(32))


def test_a_list_that_is_not_the_bound_one_says_why() -> None:
    words = words_of(range(1, 38))
    with pytest.raises(ListInvalid) as refused:
        policy_terms(parse_policy(json.dumps(policy_document()).encode()), TOKEN, words)
    why = "the policy issues to everyone, so no list can be given"
    assert refused.value.details == {"rows": [{"row": 0, "why": why}]}
    issue = {"list": {"count": 38, "hash": "0x" + list_hash(words).hex()}}
    with pytest.raises(ListInvalid) as refused:
        policy_terms(parse_policy(json.dumps(policy_document(issue=issue)).encode()), TOKEN, words)
    why = "37 passes, not the list of 38 the policy binds"
    assert refused.value.details == {"rows": [{"row": 0, "why": why}]}


@pytest.mark.parametrize(
    ("changes", "accepted"),
    [
        ({"per_day_max": "200000"}, True),
        ({"per_day_max": None, "per_use_max": "200000"}, True),
        ({"per_use_max": "20000"}, True),
        ({"first_use_by": "2025-10-29T06:00:00+07:00"}, True),
        ({"first_use_by": "2025-12-31T22:59:59+07:00"}, True),
        ({"first_use_by": "2025-10-29T07:00:00+07:00", "hours": {"every_day": ["07:00", "08:00"]}},
         True),
        ({"first_use_by": "2025-10-29T06:59:59+07:00", "hours": {"every_day": ["07:00", "08:00"]}},
         False),
        ({"first_use_by": "2025-10-29T06:59:58+07:00", "hours": {"every_day": ["07:00", "08:00"]}},
         False),
        ({"first_use_by": None, "hours": {"wednesday": ["06:00", "07:00"]}}, True),
        ({"first_use_by": None, "hours": {"wednesday": ["05:00", "06:00"]}}, True),
        ({"window": {"starts": "2025-10-29T06:59:59+07:00", "ends": "2025-10-29T07:00:00+07:00"},
          "first_use_by": None, "hours": {"every_day": ["06:00", "07:00"]}}, True),
        ({"window": {"starts": "2025-10-29T06:30:00+07:00", "ends": "2025-10-29T07:20:00+07:00"},
          "first_use_by": None, "hours": {"every_day": ["07:00", "08:00"]}}, True),
        ({"window": {"starts": "2025-10-29T06:30:00+07:00", "ends": "2025-10-29T07:00:00+07:00"},
          "first_use_by": None, "hours": {"every_day": ["07:00", "08:00"]}}, False),
        ({"window": {"starts": "2025-10-29T06:59:59+07:00", "ends": "2025-10-29T12:00:00+07:00"},
          "first_use_by": None, "hours": {"every_day": ["11:00", "12:00"]}}, True),
        ({"window": {"starts": "2025-10-29T06:59:59+07:00", "ends": "2025-10-29T12:00:00+07:00"},
          "first_use_by": None, "hours": {"every_day": ["05:00", "06:00"]}}, False),
        ({"window": {"starts": "2025-10-29T06:59:59+07:00", "ends": "2025-10-29T12:00:00+07:00"},
          "first_use_by": None, "hours": {"every_day": ["06:00", "07:00"]}}, True),
        ({"window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2026-10-28T06:00:00+07:00"}},
         True),
    ],
)  # fmt: skip
def test_a_document_is_accepted_up_to_its_edges(changes: dict[str, Any], accepted: bool) -> None:
    raw = json.dumps(policy_document(**changes)).encode()
    if accepted:
        assert parse_policy(raw)
    else:
        with pytest.raises(PolicyInvalid) as refused:
            parse_policy(raw)
        assert refused.value.details["pointer"] == "/hours"


def test_twenty_four_instalments_are_read_and_no_more() -> None:
    month = [
        {"opens": f"2026-03-{day:02d}T06:00:00+07:00", "amount": "40000"} for day in range(1, 26)
    ]
    document = changed("/till/instalments", month[:24]) | {"allowance": "960000"}
    assert len(parse_policy(json.dumps(document).encode()).till.instalments) == 24
    document = changed("/till/instalments", month) | {"allowance": "1000000"}
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(json.dumps(document).encode())
    assert refused.value.details["why"] == "more than 24 entries"


@pytest.mark.parametrize("rule", sorted(FULL["till"]))
def test_each_rule_of_the_till_stands_alone(rule: str) -> None:
    document = FULL | {"till": {rule: FULL["till"][rule]}}
    till = parse_policy(json.dumps(document).encode()).till
    assert till == replace(TillTerms(), **{rule: getattr(till, rule)})
    assert till != TillTerms()
