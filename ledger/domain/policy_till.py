"""The member "till" of a policy document: its fields, and the contradictions among them."""

from __future__ import annotations

import re
from typing import Final

from ledger.domain.amounts import brief_baht
from ledger.domain.clock import thai_date
from ledger.domain.policy_document import Policy
from ledger.domain.ranges import U24
from ledger.domain.reading import Reading
from ledger.domain.till_terms import (
    DistanceTerms,
    GoodsNotice,
    HouseholdTerms,
    Instalment,
    Stacking,
    TillTerms,
)

HOUSEHOLD_MAX: Final = 99_999_999
NOTICE_MAX: Final = 1_000
INSTALMENTS_MAX: Final = 24
RANK_MAX: Final = 99
METRES_MAX: Final = 100_000
POSITION_AGE_MAX: Final = 3_600
STAND_USES_MAX: Final = 100_000
_GROUP: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_RULES: Final = frozenset(
    {
        "distance", "household", "merchant_per_day_max", "goods_notice", "stacking",
        "instalments", "paper_pin_above",
    }
)  # fmt: skip
_DISTANCE: Final = frozenset({"metres_max", "position_age_seconds_max", "accuracy_metres_max"})


def read_till(reading: Reading) -> TillTerms:
    """Read the till's rules; each one may be absent. Raises PolicyInvalid for the first defect."""
    fields = reading.fields(frozenset(), _RULES)
    merchant, paper = fields.get("merchant_per_day_max"), fields.get("paper_pin_above")
    return TillTerms(
        distance=_distance(fields["distance"]) if "distance" in fields else None,
        household=_household(fields["household"]) if "household" in fields else None,
        merchant_per_day_max=merchant.satang(HOUSEHOLD_MAX) if merchant else 0,
        goods_notice=_notice(fields["goods_notice"]) if "goods_notice" in fields else None,
        stacking=_stacking(fields["stacking"]) if "stacking" in fields else None,
        instalments=_instalments(fields["instalments"]) if "instalments" in fields else (),
        paper_pin_above=paper.satang(U24) if paper else 0,
    )


def check_till(policy: Policy, reading: Reading) -> None:
    """Refuse what the till's rules and the rest of the policy contradict each other in."""
    fields = reading.fields(frozenset(), _RULES)
    till = policy.till
    if till.paper_pin_above and till.paper_pin_above >= _use_max(policy):
        fields["paper_pin_above"].fail(
            "no single use can be above it, so no PIN would ever be asked for",
            "ไม่มีการใช้สิทธิ์ครั้งใดเกินยอดนี้ได้ จึงไม่มีวันถามรหัส",
        )
    if till.instalments:
        _check_instalments(policy, fields["instalments"])


def _use_max(policy: Policy) -> int:
    limits = (policy.per_use_max, policy.per_day_max, policy.allowance)
    return min(limit for limit in limits if limit)


def _distance(reading: Reading) -> DistanceTerms:
    fields = reading.fields(_DISTANCE, frozenset({"stand_uses_per_day_max"}))
    stand = fields.get("stand_uses_per_day_max")
    return DistanceTerms(
        metres_max=fields["metres_max"].integer(1, METRES_MAX),
        position_age_seconds_max=fields["position_age_seconds_max"].integer(1, POSITION_AGE_MAX),
        accuracy_metres_max=fields["accuracy_metres_max"].integer(1, METRES_MAX),
        stand_uses_per_day_max=stand.integer(0, STAND_USES_MAX) if stand else 0,
    )


def _household(reading: Reading) -> HouseholdTerms:
    fields = reading.fields(frozenset(), frozenset({"allowance", "per_day_max"}))
    if not fields:
        reading.fail("an allowance or a day's maximum is needed", "ต้องมียอดรวมหรือยอดต่อวัน")
    total, day = fields.get("allowance"), fields.get("per_day_max")
    terms = HouseholdTerms(
        allowance=total.satang(HOUSEHOLD_MAX) if total else 0,
        per_day_max=day.satang(HOUSEHOLD_MAX) if day else 0,
    )
    if day and terms.allowance and terms.per_day_max > terms.allowance:
        day.fail("above the household's allowance", "มากกว่าสิทธิ์ทั้งหมดของครัวเรือน")
    return terms


def _notice(reading: Reading) -> GoodsNotice:
    fields = reading.fields(frozenset({"th", "en"}), frozenset())
    return GoodsNotice(th=fields["th"].text(NOTICE_MAX), en=fields["en"].text(NOTICE_MAX))


def _stacking(reading: Reading) -> Stacking:
    fields = reading.fields(frozenset({"group", "rank"}), frozenset())
    group = fields["group"]
    if not isinstance(group.value, str) or not _GROUP.fullmatch(group.value):
        group.fail(
            "a word of a-z, 0-9 and _ is needed, at most 32 characters",
            "ต้องเป็นคำจาก a-z, 0-9 และ _ ยาวไม่เกิน 32 ตัวอักษร",
        )
    return Stacking(group=group.value, rank=fields["rank"].integer(1, RANK_MAX))


def _instalments(reading: Reading) -> tuple[Instalment, ...]:
    items = reading.items()
    if len(items) > INSTALMENTS_MAX:
        reading.fail(f"more than {INSTALMENTS_MAX} entries", f"มีเกิน {INSTALMENTS_MAX} รายการ")
    return tuple(_instalment(item) for item in items)


def _instalment(reading: Reading) -> Instalment:
    fields = reading.fields(frozenset({"opens", "amount"}), frozenset({"after_spending"}))
    after = fields.get("after_spending")
    return Instalment(
        opens=fields["opens"].time(),
        amount=fields["amount"].satang(U24),
        after_spending=after.satang(U24) if after else 0,
    )


def _check_instalments(policy: Policy, reading: Reading) -> None:
    before, latest = 0, 0
    for item, one in zip(reading.items(), policy.till.instalments, strict=True):
        opens = item.at("opens", one.opens)
        if one.opens <= latest:
            opens.fail("instalments must open in ascending order", "งวดต้องเรียงตามเวลาเปิด")
        if not policy.starts <= one.opens < policy.ends:
            opens.fail(
                "the instalment opens outside the window",
                f"งวดเปิดนอกช่วง {thai_date(policy.starts)}–{thai_date(policy.ends)}",
            )
        if one.after_spending > before:
            item.at("after_spending", one.after_spending).fail(
                f"only {brief_baht(before)} baht are released before it, so it never opens",
                f"ก่อนงวดนี้เปิดให้ใช้เพียง {brief_baht(before)} บาท งวดนี้จึงไม่มีวันเปิด",
            )
        before, latest = before + one.amount, one.opens
    if before != policy.allowance:
        sums = f"{brief_baht(before)}", f"{brief_baht(policy.allowance)}"
        reading.fail(
            f"the instalments are {sums[0]} baht in all, the allowance is {sums[1]}",
            f"ทุกงวดรวมกัน {sums[0]} บาท แต่สิทธิ์ทั้งหมดคือ {sums[1]} บาท",
        )
