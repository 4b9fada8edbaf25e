"""A policy read aloud: the same document as Thai and English sentences, rule by rule."""

from __future__ import annotations

from typing import Final

from ledger.domain.amounts import brief_baht
from ledger.domain.clock import english_date, thai_date
from ledger.domain.policy_document import Policy
from ledger.domain.policy_till_sentences import till_sentences
from ledger.domain.vocabulary import ALL_DISTRICTS, CATEGORIES, CLASSES, DISTRICT_BITS

_THAI_DAYS: Final = ("จันทร์", "อังคาร", "พุธ", "พฤหัสบดี", "ศุกร์", "เสาร์", "อาทิตย์")
_ENGLISH_DAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_DAY_MASK: Final = 2**24 - 1


Pair = tuple[str, str]


def explain(policy: Policy) -> tuple[list[str], list[str]]:
    """Return every rule of a policy as sentences: (Thai, English), in the same order."""
    pairs = [pair for said in rules_of(policy).values() for pair in said]
    pairs.append(
        (
            "เงินที่เหลือเมื่อจบโครงการคืนแก่ผู้สมทบทุนตามสัดส่วน",
            "What is left at the end goes back to the funders in proportion.",
        )
    )
    return [thai for thai, _ in pairs], [english for _, english in pairs]


sentences_of = explain


def rules_of(policy: Policy) -> dict[str, list[Pair]]:
    """Return the sentences of each rule a policy has, by its member of the document."""
    said = {
        "window": [_window(policy)],
        "hours": [_hours(policy)],
        "audience": [_audience(policy)],
        "issue": [_issue(policy)],
        **_figures(policy),
        "first_use_by": _deadline(policy),
        "categories": [_categories(policy)],
        "districts": [_districts(policy)],
        "same_district": _same_district(policy),
        **till_sentences(policy.till),
    }
    return {rule: pairs for rule, pairs in said.items() if pairs}


def _window(policy: Policy) -> tuple[str, str]:
    return (
        (
            f"โครงการ “{policy.name.th}” ใช้สิทธิ์ได้ตั้งแต่ {thai_date(policy.starts)} "
            f"จนถึงก่อน {thai_date(policy.ends)}"
        ),
        (
            f"“{policy.name.en}” runs from {english_date(policy.starts)} until just before "
            f"{english_date(policy.ends)}."
        ),
    )


def _hours(policy: Policy) -> tuple[str, str]:
    by_day = [policy.open_hours >> 24 * day & _DAY_MASK for day in range(7)]
    thai, english = [], []
    for first, last in _runs(by_day):
        spans = _spans(by_day[first])
        if not spans:
            continue
        thai.append(f"{_thai_days(first, last)} {spans} น.")
        english.append(f"{_english_days(first, last)} {spans}")
    return (
        f"ใช้ได้ในเวลา: {', '.join(thai)}",
        f"It can be used: {', '.join(english)} (Bangkok time).",
    )


def _runs(by_day: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for day, mask in enumerate(by_day):
        if runs and by_day[runs[-1][0]] == mask:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _spans(mask: int) -> str:
    spans: list[str] = []
    hour = 0
    while hour < 24:
        until = hour
        while until < 24 and mask >> until & 1:
            until += 1
        if until > hour:
            spans.append(f"{hour:02d}:00–{until:02d}:00")
        hour = until + 1
    return ", ".join(spans)


def _thai_days(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return "ทุกวัน"
    if first == last:
        return f"วัน{_THAI_DAYS[first]}"
    return f"วัน{_THAI_DAYS[first]}–{_THAI_DAYS[last]}"


def _english_days(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return "every day"
    if first == last:
        return _ENGLISH_DAYS[first]
    return f"{_ENGLISH_DAYS[first]}–{_ENGLISH_DAYS[last]}"


def _audience(policy: Policy) -> Pair:
    words = list(CLASSES.chosen(policy.audience))
    return (
        f"สำหรับ {', '.join(word.th for word in words)}",
        f"It is for {', '.join(word.en for word in words)}.",
    )


def _issue(policy: Policy) -> Pair:
    if policy.issue is None:
        return "ทุกคนในกลุ่มนี้ได้รับสิทธิ์", "Everyone in this group has a coupon."
    count, digest = policy.issue.count, "0x" + policy.issue.hash.hex()
    return (
        f"เฉพาะผู้มีชื่อในรายชื่อ {count:,} ราย (ลายนิ้วมือรายชื่อ {digest})",
        f"Only the {count:,} on the list have a coupon (fingerprint of the list {digest}).",
    )


def _figures(policy: Policy) -> dict[str, list[Pair]]:
    share, allowance = brief_baht(policy.share_basis_points), brief_baht(policy.allowance)
    said = {
        "share_basis_points": [
            (
                f"เมืองร่วมจ่ายไม่เกิน {share}% ของบิล เศษของสตางค์ปัดให้ผู้ใช้สิทธิ์",
                (
                    f"The city pays at most {share}% of a bill; a part of a satang is rounded in "
                    "the resident's favour."
                ),
            )
        ],
        "allowance": [
            (
                f"รวมทั้งโครงการไม่เกินคนละ {allowance} บาท",
                f"At most {allowance} baht per person in all.",
            )
        ],
    }
    if policy.per_day_max:
        most = brief_baht(policy.per_day_max)
        said["per_day_max"] = [(f"ไม่เกินวันละ {most} บาท", f"At most {most} baht a day.")]
    if policy.per_use_max:
        most = brief_baht(policy.per_use_max)
        said["per_use_max"] = [(f"ไม่เกินครั้งละ {most} บาท", f"At most {most} baht at a time.")]
    if policy.bill_min:
        least = brief_baht(policy.bill_min)
        said["bill_min"] = [(f"บิลขั้นต่ำ {least} บาท", f"The bill must be at least {least} baht.")]
    return said


def _deadline(policy: Policy) -> list[tuple[str, str]]:
    if not policy.first_use_by:
        return []
    return [
        (
            f"ต้องใช้สิทธิ์ครั้งแรกภายใน {thai_date(policy.first_use_by)} มิฉะนั้นสิทธิ์ทั้งหมดตกไป",
            (
                f"The first use must be by {english_date(policy.first_use_by)}, or the whole "
                "coupon lapses."
            ),
        )
    ]


def _categories(policy: Policy) -> Pair:
    if policy.categories == CATEGORIES.all:
        return "ใช้ได้กับร้านค้าทุกประเภท", "It can be used at shops of every kind."
    words = list(CATEGORIES.chosen(policy.categories))
    return (
        f"ใช้ได้กับ {', '.join(word.th for word in words)}",
        f"It can be used at {', '.join(word.en for word in words)}.",
    )


def _districts(policy: Policy) -> Pair:
    if policy.districts == ALL_DISTRICTS:
        return "ใช้ได้ทุกเขต", "It can be used in every district."
    numbers = ", ".join(
        str(number) for number in range(DISTRICT_BITS) if policy.districts >> number & 1
    )
    return f"ใช้ได้ในเขต {numbers}", f"It can be used in districts {numbers}."


def _same_district(policy: Policy) -> list[Pair]:
    if not policy.same_district:
        return []
    return [
        (
            "ร้านต้องอยู่เขตเดียวกับผู้ใช้สิทธิ์",
            "The shop must be in the resident's own district.",
        )
    ]
