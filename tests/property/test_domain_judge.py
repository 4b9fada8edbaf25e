"""The verdict against a plain reading of the rules, and facts that hold for every redemption."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.clock import signed_at_of
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.redemption import Maximum
from ledger.domain.sentences import advise, say
from ledger.domain.usage import Usage
from ledger.domain.verdict import Reason, Request, Venue, judge, offer
from tests.property.domain_city import MERCHANT, NOON, PASS, STARTS, campaign, terms

FEW = st.integers(0, 4)
MASK = st.integers(0, 7)


@st.composite
def campaigns(draw: st.DrawFn, near: st.SearchStrategy[int]) -> Campaign:
    """A running campaign of random terms; its times lie around the time signed."""
    of = terms(
        ends=draw(near | st.just(STARTS + 86_400 * 60)),
        first_use_by=draw(st.just(0) | near),
        share_basis_points=draw(st.sampled_from([1, 3_333, 5_000, 10_000])),
        allowance=draw(st.integers(1, 40)),
        per_use_max=draw(st.integers(0, 20)),
        per_day_max=draw(st.integers(0, 30)),
        bill_min=draw(st.integers(0, 30)),
        audience=draw(MASK),
        categories=draw(MASK),
        districts=draw(MASK),
        open_hours=draw(st.just(2**168 - 1) | st.integers(0, 2**168 - 1)),
        same_district=draw(st.booleans()),
        list_count=draw(st.integers(0, 1)),
    )
    spent = draw(st.integers(0, 50))
    return campaign(
        of=of,
        status=draw(st.sampled_from([CampaignStatus.OPEN, CampaignStatus.PAUSED])),
        paused_at=draw(near),
        funded=spent + draw(st.integers(0, 20)),
        spent=spent,
        list_words={0: draw(st.integers(0, 63))},
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Campaign, Pass | None, Merchant | None, Usage, Request, int]:
    """Small numbers, so that every rule is often just met and often just missed."""
    step = draw(st.integers(1, 9_000))
    signed_at = signed_at_of(STARTS, step)
    near = st.integers(signed_at - 20, signed_at + 20)
    of_campaign = draw(campaigns(near))
    pass_ = Pass(
        number=draw(st.integers(0, 5)),
        class_=draw(FEW),
        district=draw(st.integers(0, 2)),
        valid_from=draw(st.just(0) | near),
        valid_until=draw(st.just(0) | near),
        status=draw(st.sampled_from(PassStatus)),
    )
    merchant = replace(
        MERCHANT,
        category=draw(st.integers(0, 3)),
        district=draw(st.integers(0, 3)),
        status=draw(st.sampled_from(MerchantStatus)),
    )
    usage = Usage(
        last_step=draw(st.just(0) | st.integers(1, 9_000)),
        spent_today=draw(st.integers(0, 20)),
        spent_total=draw(st.integers(0, 30)),
    )
    small = st.integers(0, 30)
    request = Request(
        bill=draw(small),
        amount=draw(small),
        copay=draw(FEW),
        copay_funds=draw(FEW),
        signed_at=signed_at,
        venue=draw(st.sampled_from(Venue)),
        merchant=9,
        maximum=draw(st.none() | st.builds(Maximum, bill=small, amount=small, copay=FEW)),
        head_valid=draw(st.sampled_from([True] * 9 + [False])),
    )
    now = signed_at + draw(
        st.sampled_from([-61, -60, 0, 90, 91, 899, 900, 901, 7 * 86_400, 7 * 86_400 + 1])
    )
    drop = draw(st.integers(0, 9))
    return (
        of_campaign,
        None if drop == 0 else pass_,
        None if drop == 1 else merchant,
        usage,
        request,
        now,
    )


def plain_rules(
    of: Campaign, pass_: Pass | None, merchant: Merchant | None, usage: Usage, r: Request, now: int
) -> list[tuple[Reason, bool]]:
    """Every rule as docs/wire-format.md words it, in its order, none stopping the next."""
    t, s = of.terms, r.signed_at
    p = pass_ or replace(PASS, number=0)
    m = merchant or replace(MERCHANT, status=MerchantStatus.NONE)
    last = STARTS + (usage.last_step - 1) * 15
    same_day = usage.last_step and (last + 25_200) // 86_400 == (s + 25_200) // 86_400
    today = usage.spent_today if same_day else 0
    hour = ((s + 25_200) // 3_600 + 72) % 168
    lasts = {Venue.TILL: 90 if r.maximum else 900}.get(r.venue, 7 * 86_400)
    most = r.maximum or Maximum(bill=r.bill, amount=r.amount, copay=r.copay)
    forced = r.venue is Venue.FORCE
    return [
        (Reason.SIGNATURE_INVALID, not r.head_valid or p.number == 0 or p.status in (0, 3)),
        (Reason.PASS_SUSPENDED, p.status == 2),
        (Reason.PASS_EXPIRED, s < p.valid_from or (p.valid_until != 0 and s >= p.valid_until)),
        (Reason.ALREADY_SPENT, usage.last_step != 0 and s <= last),
        (Reason.SIGNED_IN_FUTURE, s > now + 60),
        (Reason.PRESENTATION_EXPIRED, now > s + lasts),
        (Reason.FORCE_TOO_EARLY, forced and now < s + 900),
        (Reason.FORCE_NEEDS_MERCHANT, forced and r.maximum is not None),
        (Reason.CAMPAIGN_PAUSED, of.status == 4 and s >= of.paused_at),
        (Reason.ENDED, s >= t.ends),
        (Reason.NOT_IN_AUDIENCE, not t.audience >> p.class_ & 1),
        (Reason.NOT_ON_LIST, t.list_count > 0 and not (of.list_words or {})[0] >> p.number & 1),
        (Reason.FIRST_USE_MISSED, 0 < t.first_use_by < s and usage.last_step == 0),
        (Reason.OUTSIDE_HOURS, not t.open_hours >> hour & 1),
        (Reason.MERCHANT_UNKNOWN, m.status == 0),
        (Reason.MERCHANT_SUSPENDED, m.status != 1),
        (Reason.WRONG_CATEGORY, not t.categories >> m.category & 1),
        (
            Reason.WRONG_DISTRICT,
            not t.districts >> m.district & 1 or (t.same_district and m.district != p.district),
        ),
        (Reason.AMOUNT_INVALID, r.amount == 0 or r.amount + r.copay > r.bill),
        (Reason.BILL_TOO_SMALL, r.bill < t.bill_min),
        (
            Reason.MAXIMUM_EXCEEDED,
            r.bill > most.bill or r.amount > most.amount or r.copay > most.copay,
        ),
        (Reason.SHARE_EXCEEDED, r.amount * 10_000 > r.bill * t.share_basis_points + 9_999),
        (Reason.PER_USE_EXCEEDED, 0 < t.per_use_max < r.amount),
        (Reason.DAY_QUOTA_USED, 0 < t.per_day_max < today + r.amount),
        (Reason.ALLOWANCE_USED, usage.spent_total + r.amount > t.allowance),
        (Reason.BUDGET_USED, of.spent + r.amount > of.funded),
        (Reason.COPAY_UNPAID, r.copay > 0 and r.copay > r.copay_funds),
    ]


@settings(max_examples=600)
@given(cases())
def test_the_first_rule_that_refuses_names_the_refusal(
    case: tuple[Campaign, Pass | None, Merchant | None, Usage, Request, int],
) -> None:
    refusing = [reason for reason, refuses in plain_rules(*case) if refuses]
    verdict = judge(*case)
    assert verdict.reason == (refusing[0] if refusing else None)
    assert verdict.policy_hash == case[0].terms.policy_hash


@given(cases())
def test_every_refusal_has_figures_that_fill_both_sentences(
    case: tuple[Campaign, Pass | None, Merchant | None, Usage, Request, int],
) -> None:
    verdict = judge(*case)
    if verdict.reason is not None:
        for text in (*say(verdict.code, verdict.figures), *advise(verdict.code, verdict.figures)):
            assert text
            assert "–" not in text
            assert "{" not in text


@st.composite
def sound_cases(draw: st.DrawFn) -> dict[str, Any]:
    """A redemption no rule but those of amounts can refuse."""
    of = terms(
        share_basis_points=draw(st.integers(1, 10_000)),
        allowance=draw(st.integers(1, 2**24 - 1)),
        per_use_max=draw(st.just(0) | st.integers(1, 2**24 - 1)),
        per_day_max=draw(st.just(0) | st.integers(1, 2**19 - 1)),
        bill_min=draw(st.integers(0, 1_000)),
    )
    spent = draw(st.integers(0, 10**9))
    usage = draw(
        st.just(Usage())
        | st.builds(
            Usage,
            last_step=st.integers(1, 1_440),
            spent_today=st.integers(0, 2**19 - 1),
            spent_total=st.integers(0, 2**24 - 1),
        )
    )
    return {
        "campaign": campaign(of=of, spent=spent, funded=spent + draw(st.integers(0, 2**26))),
        "usage": usage,
        "bill": draw(st.integers(0, 100_000) | st.integers(0, 2**32 - 1)),
        "copay": draw(st.just(0) | st.integers(0, 50_000)),
    }


def _judged(case: dict[str, Any], amount: int, **changes: Any) -> Reason | None:
    request = Request(
        bill=case["bill"],
        amount=amount,
        copay=case["copay"],
        copay_funds=case["copay"],
        signed_at=NOON,
        venue=Venue.TILL,
        merchant=9,
    )
    return judge(
        case["campaign"], PASS, MERCHANT, case["usage"], replace(request, **changes), NOON
    ).reason


@settings(max_examples=400)
@given(sound_cases())
def test_the_offer_is_the_greatest_amount_the_rules_accept(case: dict[str, Any]) -> None:
    best = offer(
        case["campaign"], PASS, case["usage"], MERCHANT, case["bill"], NOON, copay=case["copay"]
    )
    assert best >= 0
    assert best == 0 or _judged(case, best) is None
    assert _judged(case, best + 1) is not None


@given(sound_cases(), st.data())
def test_less_than_an_accepted_amount_is_accepted_too(
    case: dict[str, Any], data: st.DataObject
) -> None:
    best = offer(
        case["campaign"], PASS, case["usage"], MERCHANT, case["bill"], NOON, copay=case["copay"]
    )
    assume(best > 0)
    assert _judged(case, data.draw(st.integers(1, best))) is None


@given(sound_cases(), st.integers(0, 2**20))
def test_more_budget_or_a_larger_bill_never_turns_acceptance_into_refusal(
    case: dict[str, Any], more: int
) -> None:
    best = offer(
        case["campaign"], PASS, case["usage"], MERCHANT, case["bill"], NOON, copay=case["copay"]
    )
    assume(best > 0)
    richer = case | {
        "campaign": replace(case["campaign"], funded=case["campaign"].funded + more),
        "bill": case["bill"] + more,
    }
    assert _judged(richer, best) is None


@given(sound_cases())
def test_what_was_accepted_once_is_refused_the_second_time(case: dict[str, Any]) -> None:
    best = offer(
        case["campaign"], PASS, case["usage"], MERCHANT, case["bill"], NOON, copay=case["copay"]
    )
    assume(best > 0)
    daily = case["campaign"].terms.per_day_max != 0
    step = (NOON - STARTS) // 15 + 1
    after = case["usage"].after_spending(STARTS, step, best, daily=daily)
    assert _judged(case | {"usage": after}, 1) is Reason.ALREADY_SPENT
    assert after.after_void(STARTS, step, best, daily=daily).spent_total == (
        case["usage"].spent_total
    )


@given(sound_cases())
def test_an_offer_needs_a_pass_and_a_merchant(case: dict[str, Any]) -> None:
    args = case["campaign"], case["usage"], case["bill"]
    assert offer(args[0], None, args[1], MERCHANT, args[2], NOON) == 0
    assert offer(args[0], PASS, args[1], None, args[2], NOON) == 0
