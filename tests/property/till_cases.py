"""Random cases with till rules and facts: small numbers, so that every rule is met and missed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from ledger.domain.campaign import Campaign, Terms
from ledger.domain.clock import signed_at_of
from ledger.domain.policy_document import ListTerms, Name, Policy
from ledger.domain.till_terms import (
    DistanceTerms,
    GoodsNotice,
    HouseholdTerms,
    Instalment,
    Stacking,
    TillFacts,
    TillTerms,
)
from tests.property.domain_city import STARTS

NOTICE = GoodsNotice(th="ห้ามซื้อสุรา", en="No alcohol")
FEW = st.integers(0, 9)
MAYBE = st.none() | FEW

distances = st.builds(
    DistanceTerms,
    metres_max=FEW,
    position_age_seconds_max=FEW,
    accuracy_metres_max=FEW,
    stand_uses_per_day_max=st.integers(0, 3),
)
households = st.builds(HouseholdTerms, allowance=st.integers(0, 40), per_day_max=st.integers(0, 30))
instalments = st.builds(
    Instalment,
    opens=st.integers(1, 9_000).map(lambda step: signed_at_of(STARTS, step)),
    amount=st.integers(1, 30),
    after_spending=st.integers(0, 20),
)
tills = st.builds(
    TillTerms,
    distance=st.none() | distances,
    household=st.none() | households,
    merchant_per_day_max=st.integers(0, 40),
    goods_notice=st.none() | st.just(NOTICE),
    stacking=st.none() | st.just(Stacking(group="lunch", rank=2)),
    instalments=st.just(()) | st.lists(instalments, max_size=3).map(tuple),
    paper_pin_above=st.integers(0, 10),
)
facts = st.builds(
    TillFacts,
    distance_metres=MAYBE | st.just(-1),
    position_age_seconds=MAYBE,
    accuracy_metres=MAYBE,
    at_stand=st.booleans(),
    stand_uses_today=st.none() | st.integers(0, 4),
    household_spent=st.none() | st.integers(0, 45),
    household_spent_today=st.none() | st.integers(0, 35),
    merchant_taken_today=st.none() | st.integers(0, 45),
    notice_acknowledged=st.none() | st.just(NOTICE.hash) | st.just(bytes(32)),
    pays_first=st.none() | st.integers(1, 9),
    stacking_known=st.booleans(),
    by_paper=st.booleans(),
    pin_given=st.booleans(),
)


def policy_of(terms: Terms, till: TillTerms) -> Policy:
    """A policy whose contract terms are these; its document is the text of the terms."""
    return Policy(
        name=Name(th="ก", en="a"),
        starts=terms.starts,
        ends=terms.ends,
        first_use_by=terms.first_use_by,
        open_hours=terms.open_hours,
        share_basis_points=terms.share_basis_points,
        allowance=terms.allowance,
        per_use_max=terms.per_use_max,
        per_day_max=terms.per_day_max,
        bill_min=terms.bill_min,
        audience=terms.audience,
        categories=terms.categories,
        districts=terms.districts,
        same_district=terms.same_district,
        issue=ListTerms(count=terms.list_count, hash=terms.list_hash) if terms.listed else None,
        till=till,
        canonical=repr((terms, till)).encode(),
    )


def bound(campaign: Campaign, till: TillTerms) -> tuple[Campaign, Policy]:
    """The campaign with the hash of the policy its terms and these till rules make."""
    policy = policy_of(campaign.terms, till)
    terms: dict[str, Any] = {"policy_hash": policy.hash}
    return replace(campaign, terms=replace(campaign.terms, **terms)), policy
