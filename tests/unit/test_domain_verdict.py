"""The verdict at its edges: each rule just met and just missed, with the figures people read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.campaign import CampaignStatus
from ledger.domain.merchants import MerchantStatus
from ledger.domain.passes import PassStatus
from ledger.domain.redemption import Entry, Maximum
from ledger.domain.sentences import say
from ledger.domain.usage import Usage
from ledger.domain.verdict import Reason, Request, Venue, Verdict, judge, offer
from tests.property.domain_city import (
    ENDS,
    MERCHANT,
    NOON,
    PASS,
    REQUEST,
    STARTS,
    campaign,
    terms,
)

NOON_STEP = (NOON - STARTS) // 15 + 1
ELEVEN_PM = NOON + 11 * 3_600


def verdict(
    *,
    of: dict[str, Any] | None = None,
    pass_: dict[str, Any] | None = None,
    merchant: dict[str, Any] | None = None,
    usage: Usage | None = None,
    request: dict[str, Any] | None = None,
    now: int = NOON,
    **changes: Any,
) -> Verdict:
    """The verdict on lunch at noon, with some of the world changed."""
    return judge(
        campaign(of=terms(**(of or {})), **changes),
        replace(PASS, **(pass_ or {})),
        replace(MERCHANT, **(merchant or {})),
        usage or Usage(),
        replace(REQUEST, **(request or {})),
        now,
    )


def test_lunch_at_noon_is_accepted_and_says_what_is_left() -> None:
    found = verdict()
    assert found.accepted
    assert found.code == "accepted"
    assert found.figures == {
        "amount": 10_000,
        "copay": 0,
        "allowance_left": 190_000,
        "day_left": 10_000,
    }
    assert found.policy_hash == b"\x07" * 32


def test_a_mask_names_categories_and_districts_by_their_own_bits() -> None:
    three, seven = {"category": 3, "district": 7}, {"category": 7, "district": 3}
    named = {"categories": 1 << 3, "districts": 1 << 7}
    assert verdict(of=named, merchant=three).accepted
    assert verdict(of=named, merchant=seven).reason is Reason.WRONG_CATEGORY
    for district in (6, 8):
        beside = verdict(of=named, merchant={"category": 3, "district": district})
        assert beside.reason is Reason.WRONG_DISTRICT


def test_without_a_day_quota_no_day_is_left_to_speak_of() -> None:
    assert "day_left" not in verdict(of={"per_day_max": 0}).figures


@pytest.mark.parametrize(
    ("reason", "world"),
    [
        (Reason.CAMPAIGN_NOT_OPEN, {"status": CampaignStatus.DRAFTED}),
        (Reason.CAMPAIGN_NOT_OPEN, {"status": CampaignStatus.CLOSED}),
        (Reason.NOT_STARTED, {"request": {"signed_at": STARTS - 15}}),
        (Reason.STEP_INVALID, {"request": {"signed_at": NOON + 1}}),
        (Reason.SIGNATURE_INVALID, {"request": {"head_valid": False}}),
        (Reason.SIGNATURE_INVALID, {"pass_": {"number": 0}}),
        (Reason.SIGNATURE_INVALID, {"pass_": {"status": PassStatus.ENDED}}),
        (Reason.PASS_SUSPENDED, {"pass_": {"status": PassStatus.SUSPENDED}}),
        (Reason.PASS_EXPIRED, {"pass_": {"valid_from": NOON + 1}}),
        (None, {"pass_": {"valid_from": NOON}}),
        (Reason.PASS_EXPIRED, {"pass_": {"valid_until": NOON}}),
        (None, {"pass_": {"valid_until": NOON + 1}}),
        (Reason.ALREADY_SPENT, {"usage": Usage(last_step=NOON_STEP)}),
        (None, {"usage": Usage(last_step=NOON_STEP - 1)}),
        (Reason.SIGNED_IN_FUTURE, {"now": NOON - 61}),
        (None, {"now": NOON - 60}),
        (Reason.PRESENTATION_EXPIRED, {"now": NOON + 901}),
        (None, {"now": NOON + 900}),
        (Reason.CAMPAIGN_PAUSED, {"status": CampaignStatus.PAUSED, "paused_at": NOON}),
        (None, {"status": CampaignStatus.PAUSED, "paused_at": NOON + 1}),
        (Reason.ENDED, {"of": {"ends": NOON}}),
        (None, {"of": {"ends": NOON + 1}}),
        (Reason.NOT_IN_AUDIENCE, {"pass_": {"class_": 1}}),
        (Reason.NOT_ON_LIST, {"of": {"list_count": 1}, "list_words": {0: 1 << 4}}),
        (Reason.NOT_ON_LIST, {"of": {"list_count": 1}}),
        (None, {"of": {"list_count": 1}, "list_words": {0: 1 << 5}}),
        (Reason.FIRST_USE_MISSED, {"of": {"first_use_by": NOON - 1}}),
        (None, {"of": {"first_use_by": NOON}}),
        (None, {"of": {"first_use_by": NOON - 1}, "usage": Usage(last_step=1)}),
        (Reason.OUTSIDE_HOURS, {"request": {"signed_at": ELEVEN_PM}, "now": ELEVEN_PM}),
        (None, {"request": {"signed_at": ELEVEN_PM - 15}, "now": ELEVEN_PM}),
        (Reason.MERCHANT_UNKNOWN, {"merchant": {"status": MerchantStatus.NONE}}),
        (Reason.MERCHANT_SUSPENDED, {"merchant": {"status": MerchantStatus.SUSPENDED}}),
        (Reason.MERCHANT_SUSPENDED, {"merchant": {"status": MerchantStatus.CLOSED}}),
        (Reason.WRONG_CATEGORY, {"merchant": {"category": 8}}),
        (Reason.WRONG_DISTRICT, {"of": {"districts": 1}}),
        (Reason.WRONG_DISTRICT, {"of": {"same_district": True}, "merchant": {"district": 4}}),
        (None, {"of": {"same_district": True}}),
        (Reason.AMOUNT_INVALID, {"request": {"amount": 0}}),
        (Reason.AMOUNT_INVALID, {"request": {"amount": -1}}),
        (Reason.AMOUNT_INVALID, {"request": {"copay": -1}}),
        (Reason.AMOUNT_INVALID, {"request": {"copay": 10_001, "copay_funds": 10_001}}),
        (None, {"request": {"copay": 10_000, "copay_funds": 10_000}}),
        (Reason.BILL_TOO_SMALL, {"of": {"bill_min": 20_001}}),
        (None, {"of": {"bill_min": 20_000}}),
        (Reason.MAXIMUM_EXCEEDED,
         {"request": {"maximum": Maximum(bill=19_999, amount=10_000, copay=0)}}),
        (Reason.MAXIMUM_EXCEEDED,
         {"request": {"maximum": Maximum(bill=20_000, amount=9_999, copay=0)}}),
        (Reason.MAXIMUM_EXCEEDED,
         {"request": {"maximum": Maximum(bill=20_000, amount=10_000, copay=0), "copay": 1}}),
        (None, {"request": {"maximum": Maximum(bill=20_000, amount=10_000, copay=0)}}),
        (Reason.SHARE_EXCEEDED, {"request": {"amount": 10_001}}),
        (None, {"request": {"bill": 20_001, "amount": 10_001}}),
        (Reason.PER_USE_EXCEEDED, {"of": {"per_use_max": 9_999}}),
        (None, {"of": {"per_use_max": 10_000}}),
        (Reason.DAY_QUOTA_USED, {"usage": Usage(last_step=1, spent_today=10_001)}),
        (None, {"usage": Usage(last_step=1, spent_today=10_000)}),
        (Reason.ALLOWANCE_USED, {"usage": Usage(last_step=1, spent_total=190_001)}),
        (None, {"usage": Usage(last_step=1, spent_total=190_000)}),
        (Reason.BUDGET_USED, {"spent": 19_990_001}),
        (None, {"spent": 19_990_000}),
        (Reason.COPAY_UNPAID, {"request": {"copay": 1}}),
        (None, {"request": {"copay": 1, "copay_funds": 1}}),
    ],
)  # fmt: skip
def test_a_rule_refuses_from_its_edge_on(reason: Reason | None, world: dict[str, Any]) -> None:
    assert verdict(**world).reason is reason


def test_an_unnamed_presentation_lives_ninety_seconds_at_the_till_and_a_week_on_the_chain() -> None:
    unnamed = {"maximum": Maximum(bill=20_000, amount=10_000, copay=0)}
    assert verdict(request=unnamed, now=NOON + 90).accepted
    assert verdict(request=unnamed, now=NOON + 91).reason is Reason.PRESENTATION_EXPIRED
    week = NOON + 7 * 86_400
    on_chain = unnamed | {"venue": Venue.CHAIN}
    assert verdict(request=on_chain, now=week).accepted
    assert verdict(request=on_chain, now=week + 1).reason is Reason.PRESENTATION_EXPIRED


def test_force_waits_fifteen_minutes_and_needs_a_named_merchant() -> None:
    forced = {"venue": Venue.FORCE}
    assert verdict(request=forced, now=NOON + 899).reason is Reason.FORCE_TOO_EARLY
    assert verdict(request=forced, now=NOON + 900).accepted
    unnamed = forced | {"maximum": Maximum(bill=20_000, amount=10_000, copay=0)}
    assert verdict(request=unnamed, now=NOON + 900).reason is Reason.FORCE_NEEDS_MERCHANT
    ended = verdict(of={"ends": NOON}, request=unnamed, now=NOON + 900)
    assert ended.reason is Reason.FORCE_NEEDS_MERCHANT, "judged before the end"


def test_the_day_quota_refusal_tells_what_is_left() -> None:
    refused = verdict(usage=Usage(last_step=1, spent_today=18_000, spent_total=18_000))
    assert refused.figures == {
        "amount": 10_000,
        "spent_today": 18_000,
        "per_day_max": 20_000,
        "day_left": 2_000,
    }
    assert say(refused.code, refused.figures)[0] == "วันนี้ใช้สิทธิ์ไปแล้ว 180 บาท เหลือ 20 บาท"


def test_yesterdays_spending_does_not_count_against_today() -> None:
    used_up = Usage(last_step=1, spent_today=20_000, spent_total=20_000)
    tomorrow = NOON + 86_400
    assert verdict(usage=used_up).reason is Reason.DAY_QUOTA_USED
    assert verdict(usage=used_up, request={"signed_at": tomorrow}, now=tomorrow).accepted


def test_outside_hours_says_when_it_opens_again() -> None:
    refused = verdict(request={"signed_at": ELEVEN_PM}, now=ELEVEN_PM)
    assert refused.figures["opens_at"] == STARTS + 86_400
    assert "30 ต.ค. 2568 06:00 น." in say(refused.code, refused.figures)[0]


def test_a_temple_is_told_from_a_restaurant_in_words() -> None:
    refused = verdict(merchant={"category": 8})
    thai, english = say(refused.code, refused.figures)
    assert thai == "ร้านนี้จดทะเบียนเป็น วัด แต่โครงการใช้ได้กับ ร้านอาหาร, ร้านของชำ"
    assert "temples" in english


def test_an_entry_of_a_batch_makes_the_request_the_contract_judges() -> None:
    entry = Entry(
        step=NOON_STEP, merchant=9, bill=20_000, amount=10_000, copay=0, r=bytes(32), vs=bytes(32)
    )
    sound = Request.of_entry(entry, NOON_STEP, STARTS, forced=False, copay_funds=0)
    assert sound == replace(REQUEST, venue=Venue.CHAIN)
    for head in (0, 1 << 23, 1 << 22 | NOON_STEP, 1 << 21 | NOON_STEP):
        broken = Request.of_entry(entry, head, STARTS, forced=True, copay_funds=0)
        found = judge(campaign(), PASS, MERCHANT, Usage(), broken, NOON)
        assert found.reason is Reason.SIGNATURE_INVALID


def test_the_numbers_of_the_reasons_are_the_contracts() -> None:
    assert [reason.value for reason in Reason if reason.on_chain] == list(range(1, 28))
    for reason in Reason:
        assert Reason.of_code(reason.code) is reason
    with pytest.raises(KeyError):
        Reason.of_code("success")


def test_the_offer_is_half_the_bill_up_to_what_is_left() -> None:
    def offered(bill: int, usage: Usage | None = None, **world: Any) -> int:
        return offer(campaign(**world), PASS, usage or Usage(), MERCHANT, bill, NOON)

    assert offered(20_000) == 10_000
    assert offered(20_001) == 10_001
    assert offered(100_000) == 20_000
    assert offered(100_000, Usage(last_step=1, spent_today=18_000)) == 2_000
    assert offered(100_000, Usage(last_step=1, spent_total=199_999)) == 1
    assert offered(100_000, Usage(last_step=1, spent_total=200_000)) == 0
    assert offered(100_000, spent=19_999_993) == 7
    assert offered(100_000, of=terms(per_use_max=5_000)) == 5_000
    assert offered(100, of=terms(bill_min=101)) == 0
    assert offered(0) == 0
    assert offered(20_000, status=CampaignStatus.CLOSED) == 0
    assert offer(campaign(), PASS, Usage(), MERCHANT, 20_000, NOON, copay=15_000) == 5_000
    assert offer(campaign(), PASS, Usage(), MERCHANT, 20_000, ENDS) == 0
