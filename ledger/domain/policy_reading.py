"""The fields of a policy document, one reader each, and the contradictions between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ledger.domain.clock import WINDOW_SECONDS_MAX, hour_of_week, thai_date
from ledger.domain.policy_document import DAYS, VERSION, ListTerms, Name, Policy
from ledger.domain.policy_till import check_till, read_till
from ledger.domain.ranges import U19, U24, U32
from ledger.domain.reading import Reading
from ledger.domain.till_terms import NO_TILL_TERMS
from ledger.domain.vocabulary import ALL_DISTRICTS, CATEGORIES, CLASSES, DISTRICT_BITS, Vocabulary

NAME_MAX: Final = 120
_HOUR: Final = re.compile(r"([01][0-9]|2[0-4]):00")
_HASH: Final = re.compile(r"0x[0-9a-f]{64}")
_REQUIRED: Final = frozenset(
    {
        "version", "name", "window", "hours", "share_basis_points", "allowance", "audience",
        "categories", "districts", "same_district", "issue",
    }
)  # fmt: skip
_OPTIONAL: Final = frozenset({"first_use_by", "per_use_max", "per_day_max", "bill_min", "till"})


def read_policy(document: Reading, canonical: bytes) -> Policy:
    """Read a whole document. Raises PolicyInvalid for the first defect or contradiction."""
    fields = document.fields(_REQUIRED, _OPTIONAL)
    fields["version"].integer(VERSION, VERSION)
    window = fields["window"].fields(frozenset({"starts", "ends"}), frozenset())
    allowance = fields["allowance"].satang(U24)
    policy = Policy(
        name=_name(fields["name"]),
        starts=window["starts"].time(),
        ends=window["ends"].time(),
        first_use_by=fields["first_use_by"].time() if "first_use_by" in fields else 0,
        open_hours=_hours(fields["hours"]),
        share_basis_points=fields["share_basis_points"].integer(1, 10_000),
        allowance=allowance,
        per_use_max=_optional_satang(fields, "per_use_max", U24),
        per_day_max=_optional_satang(fields, "per_day_max", U19),
        bill_min=_optional_satang(fields, "bill_min", U24),
        audience=_words(fields["audience"], CLASSES),
        categories=_words_or_any(fields["categories"], CATEGORIES),
        districts=_districts(fields["districts"]),
        same_district=_truth(fields["same_district"]),
        issue=_issue(fields["issue"]),
        till=read_till(fields["till"]) if "till" in fields else NO_TILL_TERMS,
        canonical=canonical,
    )
    _check_times(policy, fields, window)
    _check_amounts(policy, fields)
    if "till" in fields:
        check_till(policy, fields["till"])
    return policy


def _optional_satang(fields: dict[str, Reading], name: str, most: int) -> int:
    return fields[name].satang(most) if name in fields else 0


def _truth(reading: Reading) -> bool:
    if not isinstance(reading.value, bool):
        reading.fail("true or false is needed", "ต้องเป็น true หรือ false")
    return reading.value


def _name(reading: Reading) -> Name:
    fields = reading.fields(frozenset({"th", "en"}), frozenset())
    return Name(th=fields["th"].text(NAME_MAX), en=fields["en"].text(NAME_MAX))


def _words(reading: Reading, vocabulary: Vocabulary) -> int:
    mask = 0
    known = {word.name: word.number for word in vocabulary.words}
    for item in reading.items():
        if not isinstance(item.value, str) or item.value not in known:
            item.fail(f"one of {', '.join(known)} is needed", f"ต้องเป็นหนึ่งใน {', '.join(known)}")
        bit = 1 << known[item.value]
        if mask & bit:
            item.fail("named twice", "ซ้ำกัน")
        mask |= bit
    return mask


def _words_or_any(reading: Reading, vocabulary: Vocabulary) -> int:
    return vocabulary.all if reading.value == "any" else _words(reading, vocabulary)


def _districts(reading: Reading) -> int:
    if reading.value == "any":
        return ALL_DISTRICTS
    mask = 0
    for item in reading.items():
        bit = 1 << item.integer(0, DISTRICT_BITS - 1)
        if mask & bit:
            item.fail("named twice", "ซ้ำกัน")
        mask |= bit
    return mask


def _issue(reading: Reading) -> ListTerms | None:
    if reading.value == "everyone":
        return None
    if not isinstance(reading.value, dict):
        reading.fail('"everyone" or a list is needed', 'ต้องเป็น "everyone" หรือรายชื่อ')
    bound = reading.fields(frozenset({"list"}), frozenset())["list"]
    fields = bound.fields(frozenset({"count", "hash"}), frozenset())
    count = fields["count"].integer(1, U32)
    digest = fields["hash"].value
    if not isinstance(digest, str) or not _HASH.fullmatch(digest) or not int(digest, 16):
        fields["hash"].fail(
            "0x and 64 lower-case hexadecimal digits are needed",
            "ต้องเป็น 0x ตามด้วยเลขฐานสิบหกตัวพิมพ์เล็ก 64 ตัว",
        )
    return ListTerms(count=count, hash=bytes.fromhex(digest[2:]))


def _hours(reading: Reading) -> int:
    if not isinstance(reading.value, dict) or not reading.value:
        reading.fail("opening hours are needed", "ต้องระบุเวลาเปิดใช้สิทธิ์")
    if "every_day" in reading.value:
        day = _spans(reading.fields(frozenset({"every_day"}), frozenset())["every_day"])
        return sum(day << 24 * index for index in range(7))
    fields = reading.fields(frozenset(), frozenset(DAYS))
    return sum(_spans(fields[day]) << 24 * DAYS.index(day) for day in fields)


def _spans(reading: Reading) -> int:
    """Return the 24-bit mask of one span `["06:00", "23:00"]` or an ascending list of them."""
    items = reading.items()
    spans = [reading] if isinstance(items[0].value, str) else items
    mask = 0
    for span in spans:
        hours = _span(span)
        if mask >= hours & -hours:
            span.fail("spans must ascend and not overlap", "ช่วงเวลาต้องเรียงกันและไม่ซ้อนกัน")
        mask |= hours
    return mask


def _span(reading: Reading) -> int:
    items = reading.items()
    if len(items) != 2:
        reading.fail("two hours are needed: from, until", "ต้องมีสองเวลา: ตั้งแต่ และ ถึง")
    first, last = (_hour(item) for item in items)
    if first >= last:
        reading.fail("the span is empty: it ends before it begins", "ช่วงเวลาว่าง: จบก่อนเริ่ม")
    return (1 << last) - (1 << first)


def _hour(reading: Reading) -> int:
    found = _HOUR.fullmatch(reading.value) if isinstance(reading.value, str) else None
    if found is None:
        reading.fail(
            'a whole hour from "00:00" to "24:00" is needed',
            'ต้องเป็นชั่วโมงเต็ม "00:00" ถึง "24:00"',
        )
    return int(found.group(1))


def _check_times(policy: Policy, fields: dict[str, Reading], window: dict[str, Reading]) -> None:
    if policy.ends <= policy.starts:
        window["ends"].fail("the window ends before it starts", "วันสิ้นสุดอยู่ก่อนวันเริ่ม")
    if policy.ends - policy.starts > WINDOW_SECONDS_MAX:
        window["ends"].fail("the window is longer than 364 days", "ระยะเวลาเกิน 364 วัน")
    deadline = policy.first_use_by
    if deadline and not policy.starts <= deadline < policy.ends:
        fields["first_use_by"].fail(
            "the first-use deadline lies outside the window",
            f"กำหนดใช้ครั้งแรกอยู่นอกช่วง {thai_date(policy.starts)}–{thai_date(policy.ends)}",
        )
    open_by = deadline + 1 if deadline else policy.ends
    if not any(policy.open_hours >> hour & 1 for hour in _hours_in(policy.starts, open_by)):
        fields["hours"].fail(
            "no hour of the window is open" if not deadline else "never open before first_use_by",
            "ไม่มีชั่วโมงใดในระยะเวลาที่เปิดใช้สิทธิ์",
        )


def _hours_in(starts: int, ends: int) -> Iterator[int]:
    """Yield the hours of the week that a window touches, each at most once."""
    first = starts - starts % 3_600
    for hour in range(first, min(ends, first + 168 * 3_600), 3_600):
        yield hour_of_week(hour)


def _check_amounts(policy: Policy, fields: dict[str, Reading]) -> None:
    if policy.per_day_max > policy.allowance:
        fields["per_day_max"].fail("above the allowance", "มากกว่าสิทธิ์ทั้งหมด")
    if policy.per_use_max > policy.allowance:
        fields["per_use_max"].fail("above the allowance", "มากกว่าสิทธิ์ทั้งหมด")
    if policy.per_day_max and policy.per_use_max > policy.per_day_max:
        fields["per_use_max"].fail("above the day's maximum", "มากกว่าสิทธิ์ต่อวัน")
