"""Instalments: when the next part of an allowance opens, and what a refusal tells of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.domain.sentences import say
from ledger.domain.till_terms import Instalment, TillTerms
from ledger.domain.usage import Usage
from ledger.domain.verdict import Reason, judge
from tests.property.domain_city import MERCHANT, NOON, PASS, REQUEST, STARTS, campaign
from tests.unit.test_domain_till import PARTS, verdict


@pytest.mark.parametrize(
    ("spent", "amount", "now", "accepted"),
    [
        (40_000, 10_000, NOON, True),
        (40_000, 10_001, NOON, False),
        (50_000, 10_000, NOON + 59, False),
        (50_000, 10_000, NOON + 60, True),
        (59_999, 10_000, NOON + 200, True),
        (90_000, 10_000, NOON + 119, True),
        (90_001, 10_000, NOON + 119, False),
        (90_001, 10_000, NOON + 120, True),
    ],
)
def test_an_instalment_opens_at_its_second_and_after_its_satang(
    spent: int, amount: int, now: int, accepted: bool
) -> None:
    found = judge(
        campaign(),
        PASS,
        MERCHANT,
        Usage(last_step=1, spent_total=spent),
        replace(REQUEST, bill=40_000, amount=amount),
        now,
        till=PARTS,
    )
    assert found.reason is (None if accepted else Reason.INSTALMENT_NOT_RELEASED)


def test_spending_has_to_come_before_the_instalment_it_releases() -> None:
    only = TillTerms(
        instalments=(
            Instalment(opens=STARTS, amount=60_000),
            Instalment(opens=STARTS + 1, amount=140_000, after_spending=60_000),
        )
    )
    assert only.released(NOON, 59_999) == 60_000
    assert only.released(NOON, 60_000) == 200_000
    assert verdict(only, spent=60_000).accepted
    assert not verdict(only, spent=59_999).accepted


def test_the_refusal_of_an_instalment_tells_which_one_comes_next() -> None:
    found = verdict(PARTS, spent=45_000)
    assert found.figures == {
        "amount": 10_000,
        "spent_total": 45_000,
        "released": 50_000,
        "released_left": 5_000,
        "next_amount": 50_000,
        "next_opens": NOON + 60,
        "next_after_spending": 0,
    }
    assert "เหลือ 50 บาท" in say(found.code, found.figures)[0]


def test_the_next_instalment_may_wait_for_spending_alone() -> None:
    late = replace(REQUEST, bill=200_000, amount=100_000)
    found = judge(
        campaign(of=campaign().terms), PASS, MERCHANT, Usage(last_step=1, spent_total=10_000),
        replace(late, amount=20_000), NOON + 500,
        till=TillTerms(
            instalments=(
                Instalment(opens=STARTS, amount=20_000),
                Instalment(opens=STARTS + 1, amount=180_000, after_spending=15_000),
            )
        ),
    )  # fmt: skip
    assert found.figures["next_after_spending"] == 15_000
    assert found.figures["next_opens"] == STARTS + 1
    assert found.figures["next_amount"] == 180_000


def test_more_spent_than_released_leaves_nothing_and_nothing_negative() -> None:
    short = TillTerms(instalments=(Instalment(opens=STARTS, amount=30_000),))
    figures = verdict(short, spent=40_000).figures
    assert figures["released_left"] == 0
    assert (figures["next_amount"], figures["next_opens"], figures["next_after_spending"]) == (
        0,
        0,
        0,
    )


def test_an_instalment_that_is_open_is_not_the_next_one() -> None:
    parts = TillTerms(
        instalments=(
            Instalment(opens=NOON, amount=9_000, after_spending=0),
            Instalment(opens=STARTS, amount=1, after_spending=500),
            Instalment(opens=NOON + 60, amount=70),
        )
    )
    found = verdict(parts, spent=500)
    assert found.figures["released"] == 9_001
    assert found.figures["next_opens"] == NOON + 60
