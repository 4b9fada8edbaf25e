"""Random redemptions under one policy that has every rule, and the same rules as JSON Logic."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.clock import hour_of_week, signed_at_of
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.policy import Policy, parse_policy, policy_terms
from ledger.domain.redemption import Maximum
from ledger.domain.rules import FUTURE_SECONDS, Request, Venue, expiry_seconds, share_of
from ledger.domain.till_terms import TillFacts
from ledger.domain.usage import Usage

TOKEN: Final = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PAYOUT: Final = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
DOCUMENT: Final[dict[str, Any]] = {
    "version": 1,
    "name": {"th": "ทุกเงื่อนไข", "en": "Every rule"},
    "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-12-31T23:00:00+07:00"},
    "first_use_by": "2025-12-11T23:00:00+07:00",
    "hours": {"every_day": ["06:00", "23:00"]},
    "share_basis_points": 5_000,
    "allowance": "240000",
    "per_day_max": "20000",
    "per_use_max": "15000",
    "bill_min": "2000",
    "audience": ["resident", "paper", "senior"],
    "categories": ["restaurant", "grocery"],
    "districts": [1, 2, 3, 4],
    "same_district": True,
    "issue": {"list": {"count": 256, "hash": "0x" + "a1" * 32}},
    "till": {
        "distance": {
            "metres_max": 300,
            "position_age_seconds_max": 120,
            "accuracy_metres_max": 100,
            "stand_uses_per_day_max": 20,
        },
        "household": {"allowance": "480000", "per_day_max": "40000"},
        "merchant_per_day_max": "5000000",
        "goods_notice": {"th": "ห้ามซื้อสุรา", "en": "No alcohol"},
        "stacking": {"group": "lunch", "rank": 1},
        "instalments": [
            {"opens": "2025-10-29T06:00:00+07:00", "amount": "100000"},
            {"opens": "2025-11-20T06:00:00+07:00", "amount": "140000", "after_spending": "90000"},
        ],
        "paper_pin_above": "10000",
    },
}


def every_rule() -> Policy:
    """The policy of the benchmark: all rules of the contract and of the till at once."""
    return parse_policy(json.dumps(DOCUMENT).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchCase:
    """One redemption: what `judge` is given, and the same as one flat object of JSON."""

    campaign: Campaign
    pass_: Pass
    merchant: Merchant
    usage: Usage
    request: Request
    now: int
    facts: TillFacts
    flat: dict[str, Any]


def bench_cases(policy: Policy, count: int, seed: int) -> list[BenchCase]:
    """Make random cases: most rules are met most of the time, about half are accepted."""
    rng = random.Random(seed)
    return [_case(policy, rng) for _ in range(count)]


def _rarely(rng: random.Random) -> bool:
    return rng.random() < 1 / 64


def _case(policy: Policy, rng: random.Random) -> BenchCase:
    terms = policy_terms(policy, TOKEN)
    step = rng.randrange(1, (terms.ends - terms.starts) // 15)
    if not terms.open_hours >> hour_of_week(signed_at_of(terms.starts, step)) & 1 and not _rarely(
        rng
    ):
        step = step - step % 5_760 + rng.randrange(1, 4_000)
    signed_at = signed_at_of(terms.starts, step)
    spent_total = rng.randrange(0, 100_000)
    bill = rng.randrange(1_900, 30_000)
    amount = min(share_of(bill, terms.share_basis_points), rng.randrange(1, 15_500))
    district = rng.randrange(1, 5)
    campaign = Campaign(
        number=1,
        terms=terms,
        status=CampaignStatus.OPEN,
        funded=50_000_000,
        spent=rng.randrange(0, 50_000_000),
        list_words={0: 2**256 - 2},
    )
    pass_ = Pass(
        number=0 if _rarely(rng) else rng.randrange(1, 256),
        class_=rng.choice([0, 3, 5, 1 if _rarely(rng) else 0]),
        district=district,
        valid_from=0,
        valid_until=signed_at if _rarely(rng) else 0,
        status=PassStatus.SUSPENDED if _rarely(rng) else PassStatus.ACTIVE,
    )
    merchant = Merchant(
        number=rng.randrange(1, 500),
        payout=PAYOUT,
        category=8 if _rarely(rng) else rng.randrange(2),
        district=9 if _rarely(rng) else district,
        status=MerchantStatus.SUSPENDED if _rarely(rng) else MerchantStatus.ACTIVE,
    )
    usage = Usage(
        last_step=rng.randrange(0, step + (1 if _rarely(rng) else 0)),
        spent_today=rng.randrange(0, 8_000),
        spent_total=spent_total,
    )
    request = Request(
        bill=bill,
        amount=amount,
        signed_at=signed_at,
        venue=Venue.TILL,
        merchant=merchant.number,
        copay=1_000 if _rarely(rng) else 0,
        maximum=Maximum(bill=30_000, amount=15_000, copay=0) if rng.random() < 1 / 4 else None,
        copay_funds=rng.choice([0, 1_000]),
    )
    now = signed_at + rng.randrange(-70 if _rarely(rng) else 0, 1_000 if _rarely(rng) else 80)
    facts = _facts(policy, rng)
    flat = _flat(campaign, pass_, merchant, usage, request, now, facts)
    return BenchCase(
        campaign=campaign, pass_=pass_, merchant=merchant, usage=usage, request=request,
        now=now, facts=facts, flat=flat,
    )  # fmt: skip


def _facts(policy: Policy, rng: random.Random) -> TillFacts:
    notice = policy.till.goods_notice
    assert notice is not None
    at_stand = rng.random() < 1 / 8
    return TillFacts(
        distance_metres=None if at_stand or _rarely(rng) else rng.randrange(0, 303),
        position_age_seconds=rng.randrange(0, 122),
        accuracy_metres=rng.randrange(3, 102),
        at_stand=at_stand,
        stand_uses_today=rng.randrange(0, 21),
        household_spent=rng.randrange(0, 400_000),
        household_spent_today=rng.randrange(0, 28_000),
        merchant_taken_today=None if _rarely(rng) else rng.randrange(0, 5_020_000),
        notice_acknowledged=None if _rarely(rng) else notice.hash,
        pays_first=2 if _rarely(rng) else None,
        stacking_known=not _rarely(rng),
        by_paper=rng.random() < 1 / 8,
        pin_given=rng.random() < 7 / 8,
    )


def _flat(
    campaign: Campaign, pass_: Pass, merchant: Merchant, usage: Usage, request: Request, now: int,
    facts: TillFacts,
) -> dict[str, Any]:  # fmt: skip
    """The case as JSON Logic reads it. What it cannot compute is handed to it ready: the hour of
    the week, what counts against the day, the list and the rounded share."""
    terms, starts = campaign.terms, campaign.terms.starts
    most = request.maximum
    acknowledged = facts.notice_acknowledged
    return {
        "status": int(campaign.status), "unspent": campaign.unspent, "listed":
        campaign.lists(pass_.number), "pass": pass_.number, "pass_status": int(pass_.status),
        "class": pass_.class_, "home": pass_.district, "valid_from": pass_.valid_from,
        "valid_until": pass_.valid_until, "shop_status": int(merchant.status),
        "category": merchant.category, "shop": merchant.district,
        "last_at": signed_at_of(starts, usage.last_step) if usage.last_step else 0,
        "spent_today": usage.spent_on_day_of(starts, request.signed_at),
        "spent_total": usage.spent_total, "bill": request.bill, "amount": request.amount,
        "copay": request.copay, "copay_funds": request.copay_funds,
        "signed_at": request.signed_at, "now": now, "hour": hour_of_week(request.signed_at),
        "life": expiry_seconds(request.venue, named=most is None), "unnamed": most is not None,
        "bill_max": most.bill if most else 0, "amount_max": most.amount if most else 0,
        "copay_max": most.copay if most else 0,
        "share": share_of(request.bill, terms.share_basis_points),
        "distance": facts.distance_metres, "age": facts.position_age_seconds,
        "accuracy": facts.accuracy_metres, "at_stand": facts.at_stand,
        "stand_uses": facts.stand_uses_today, "household": facts.household_spent,
        "household_today": facts.household_spent_today, "taken": facts.merchant_taken_today,
        "notice": acknowledged.hex() if acknowledged else None, "pays_first": facts.pays_first,
        "stacking_known": facts.stacking_known, "by_paper": facts.by_paper,
        "pin_given": facts.pin_given,
    }  # fmt: skip


def json_logic_of(policy: Policy) -> dict[str, Any]:
    """The same rules as JSON Logic, in the same order; true is an acceptance."""
    till = policy.till
    assert till.distance and till.household and till.goods_notice
    hours = [hour for hour in range(168) if policy.open_hours >> hour & 1]
    amount = _var("amount")
    rules: list[Any] = [
        {"==": [_var("status"), int(CampaignStatus.OPEN)]},
        {">=": [_var("signed_at"), policy.starts]},
        {">": [_var("pass"), 0]},
        {"==": [_var("pass_status"), int(PassStatus.ACTIVE)]},
        {">=": [_var("signed_at"), _var("valid_from")]},
        {"or": [{"==": [_var("valid_until"), 0]},
                {"<": [_var("signed_at"), _var("valid_until")]}]},
        {">": [_var("signed_at"), _var("last_at")]},
        {"<=": [{"-": [_var("signed_at"), _var("now")]}, FUTURE_SECONDS]},
        {"<=": [_var("now"), {"+": [_var("signed_at"), _var("life")]}]},
        {"<": [_var("signed_at"), policy.ends]},
        {"in": [_var("class"), _bits(policy.audience, 32)]},
        _var("listed"),
        {"or": [_var("last_at"), {"<=": [_var("signed_at"), policy.first_use_by]}]},
        {"in": [_var("hour"), hours]},
        {"==": [_var("shop_status"), int(MerchantStatus.ACTIVE)]},
        {"in": [_var("category"), _bits(policy.categories, 64)]},
        {"in": [_var("shop"), _bits(policy.districts, 64)]},
        {"==": [_var("shop"), _var("home")]},
        {">=": [amount, 1]},
        {"<=": [{"+": [amount, _var("copay")]}, _var("bill")]},
        {">=": [_var("bill"), policy.bill_min]},
        {"or": [{"!": [_var("unnamed")]},
                {"and": [{"<=": [_var("bill"), _var("bill_max")]},
                         {"<=": [amount, _var("amount_max")]},
                         {"<=": [_var("copay"), _var("copay_max")]}]}]},
        {"<=": [amount, _var("share")]},
        {"<=": [amount, policy.per_use_max]},
        {"<=": [{"+": [_var("spent_today"), amount]}, policy.per_day_max]},
        {"<=": [{"+": [_var("spent_total"), amount]}, policy.allowance]},
        {"<=": [amount, _var("unspent")]},
        {"<=": [_var("copay"), _var("copay_funds")]},
        {"<=": [{"+": [_var("spent_total"), amount]}, {"+": [
            {"if": [{"and": [{">=": [_var("now"), one.opens]},
                             {">=": [_var("spent_total"), one.after_spending]}]}, one.amount, 0]}
            for one in till.instalments]}]},
        {"<=": [{"+": [_var("household_today"), amount]}, till.household.per_day_max]},
        {"<=": [{"+": [_var("household"), amount]}, till.household.allowance]},
        {"!==": [_var("taken"), None]},
        {"<=": [{"+": [_var("taken"), amount]}, till.merchant_per_day_max]},
        {"==": [_var("notice"), till.goods_notice.hash.hex()]},
        _var("stacking_known"),
        {"===": [_var("pays_first"), None]},
        {"or": [
            {"and": [_var("at_stand"),
                     {"<": [_var("stand_uses"), till.distance.stand_uses_per_day_max]}]},
            {"and": [{"!==": [_var("distance"), None]},
                     {"<=": [_var("age"), till.distance.position_age_seconds_max]},
                     {"<=": [_var("accuracy"), till.distance.accuracy_metres_max]},
                     {"<=": [_var("distance"), till.distance.metres_max]}]}]},
        {"or": [{"!": [_var("by_paper")]}, _var("pin_given"),
                {"<=": [amount, till.paper_pin_above]}]},
    ]  # fmt: skip
    return {"and": rules}


def _var(name: str) -> dict[str, str]:
    return {"var": name}


def _bits(mask: int, width: int) -> list[int]:
    return [bit for bit in range(width) if mask >> bit & 1]
