"""The report of a replay: one JSON document, the same for the same draft and the same past.

Amounts are strings of satang, times Unix seconds, days those of Bangkok under the draft's calendar.
Everything stands in it that a page shows; what was not judged stands beside what was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import rfc8785

from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, bangkok_day, english_date, thai_date
from ledger.domain.policy import explain
from ledger.domain.reasons import Reason
from ledger.domain.replay import Line, Replay
from ledger.domain.sentences import shown
from ledger.domain.vocabulary import CATEGORIES

VERSION: Final = 1
HOURS: Final = 24
_HOUR_SECONDS: Final = 3_600

RULES: Final[dict[Reason, tuple[str, str]]] = {
    Reason.NOT_STARTED: ("ก่อนเริ่มโครงการ", "before the campaign starts"),
    Reason.ENDED: ("หลังสิ้นสุดโครงการ", "after the campaign ended"),
    Reason.PASS_EXPIRED: ("บัตรหมดอายุหรือยังไม่เริ่ม", "the pass is not valid then"),
    Reason.NOT_IN_AUDIENCE: ("ไม่อยู่ในกลุ่มเป้าหมาย", "not in the audience"),
    Reason.NOT_ON_LIST: ("ไม่อยู่ในรายชื่อ", "not on the list"),
    Reason.FIRST_USE_MISSED: ("พ้นกำหนดใช้ครั้งแรก", "first use came too late"),
    Reason.OUTSIDE_HOURS: ("นอกเวลาที่ใช้สิทธิ์ได้", "outside the hours"),
    Reason.WRONG_CATEGORY: ("ประเภทร้านไม่ร่วมโครงการ", "another category of shop"),
    Reason.WRONG_DISTRICT: ("ร้านอยู่นอกเขต", "a shop of another district"),
    Reason.AMOUNT_INVALID: ("จำนวนเงินไม่ถูกต้อง", "no valid amount"),
    Reason.BILL_TOO_SMALL: ("บิลต่ำกว่าขั้นต่ำ", "the bill is too small"),
    Reason.SHARE_EXCEEDED: ("เกินส่วนที่เมืองร่วมจ่าย", "above the city's share"),
    Reason.PER_USE_EXCEEDED: ("เกินสิทธิ์ต่อครั้ง", "above the maximum per use"),
    Reason.DAY_QUOTA_USED: ("ใช้สิทธิ์ของวันครบแล้ว", "the day's quota is used"),
    Reason.ALLOWANCE_USED: ("ใช้สิทธิ์ทั้งหมดครบแล้ว", "the allowance is used"),
    Reason.BUDGET_USED: ("งบประมาณหมด", "the budget is used"),
    Reason.COPAY_UNPAID: ("โทเคนร่วมจ่ายไม่พอ", "the copay in tokens is not covered"),
    Reason.INSTALMENT_NOT_RELEASED: ("งวดถัดไปยังไม่เปิด", "the next instalment is not released"),
    Reason.HOUSEHOLD_QUOTA_USED: ("สิทธิ์ของครัวเรือนครบแล้ว", "the household's quota is used"),
    Reason.MERCHANT_CAP_REACHED: ("ร้านรับครบเพดานของวัน", "the shop's daily cap is reached"),
    Reason.NOTICE_NOT_ACKNOWLEDGED: ("ยังไม่รับทราบประกาศสินค้า", "the notice is not acknowledged"),
    Reason.OTHER_COUPON_FIRST: ("คูปองอื่นต้องจ่ายก่อน", "another coupon pays first"),
    Reason.PLACE_UNKNOWN: ("ไม่ทราบตำแหน่ง", "the place is unknown"),
    Reason.TOO_FAR: ("อยู่ไกลจากร้าน", "too far from the shop"),
    Reason.PAPER_PIN_NEEDED: ("คูปองกระดาษต้องใส่รหัส", "the paper coupon needs its PIN"),
}
"""What a rule is called in a table. A rule without a name here reads as its code."""


def rule_name(reason: Reason) -> tuple[str, str]:
    """Return what a rule is called: Thai, English."""
    return RULES.get(reason, (reason.code, reason.code))


def report_of(replay: Replay) -> dict[str, Any]:
    """Return the whole report."""
    draft, lines = replay.draft, replay.lines
    th, en = explain(draft.policy)
    name = draft.policy.name
    return {
        "version": VERSION,
        "policy": {
            "hash": "0x" + draft.policy.hash.hex(),
            "name": {"th": shown(name.th), "en": shown(name.en)},
            "sentences": {"th": th, "en": en},
        },
        "past": _past(replay),
        "settings": {
            "budget": None if draft.budget is None else str(draft.budget),
            "weeks_moved": replay.weeks,
            "listed": None if draft.policy.issue is None else draft.list_words is not None,
        },
        "not_judged": [_unjudged(*each) for each in replay.unjudged.items()],
        "totals": _totals(lines),
        "budget": _budget(replay),
        "refusals": _refusals(lines),
        "days": _days(lines),
        "hours": _hours(lines),
        "shops": _shops(lines),
        "passes": _passes(lines),
        "notes": [{"th": th, "en": en} for th, en in _notes(replay)],
    }


def report_bytes(report: dict[str, Any]) -> bytes:
    """Return the report in its RFC 8785 form: byte for byte the same for the same inputs."""
    canonical: bytes = rfc8785.dumps(report)
    return canonical


def _past(replay: Replay) -> dict[str, Any]:
    of = replay.past.redemptions
    return {
        "city": replay.past.city or None,
        "digest": "0x" + replay.past.digest.hex(),
        "redemptions": len(of),
        "voided_left_out": replay.left_out,
        "voided_in_part": sum(1 for each in of if 0 < each.voided < each.amount),
        "judged": len(replay.lines),
        "first_signed_at": of[0].signed_at,
        "last_signed_at": of[-1].signed_at,
        "passes": len({each.pass_number for each in of}),
        "shops": len({each.merchant for each in of}),
    }


def _unjudged(reason: Reason, count: int) -> dict[str, Any]:
    th, en = rule_name(reason)
    return {"rule": reason.code, "th": th, "en": en, "redemptions": count}


def _totals(lines: Iterable[Line]) -> dict[str, Any]:
    held = list(lines)
    strict = [line for line in held if line.strict is None]
    offered = [line for line in held if line.offered]
    return {
        "real": _run(((line, line.past.kept) for line in held), len(held)),
        "strict": _run(((line, line.past.kept) for line in strict), len(held)),
        "offered": _run(((line, line.offered) for line in offered), len(held))
        | {
            "given_less": sum(1 for line in offered if line.less is not None),
            "passes_left_without": len(
                {line.past.pass_number for line in held}
                - {line.past.pass_number for line in offered}
            ),
        },
    }


def _run(given: Iterable[tuple[Line, int]], asked: int) -> dict[str, Any]:
    """What the city pays, what people pay themselves beside it, and whom it reaches."""
    held = list(given)
    cost = sum(amount for _, amount in held)
    bills = sum(line.past.kept_bill for line, _ in held)
    return {
        "redemptions": len(held),
        "refused": asked - len(held),
        "cost": str(cost),
        "paid_by_people": str(bills - cost),
        "passes": len({line.past.pass_number for line, _ in held}),
        "shops": len({line.past.merchant for line, _ in held}),
    }


def _budget(replay: Replay) -> dict[str, Any] | None:
    budget = replay.draft.budget
    if budget is None:
        return None
    short = next((line for line in replay.lines if line.less is Reason.BUDGET_USED), None)
    spent = sum(line.offered for line in replay.lines)
    return {
        "amount": str(budget),
        "left": str(budget - spent),
        "exhausted_at": None if short is None else short.signed_at,
        "exhausted_day": None if short is None else _day(bangkok_day(short.signed_at)),
    }


def _refusals(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """By rule, in the order of its number: refused in the strict run, refused or given less in
    the offered one, and the bills that got nothing."""
    strict: Counter[Reason] = Counter()
    refused: Counter[Reason] = Counter()
    less: Counter[Reason] = Counter()
    bills: Counter[Reason] = Counter()
    passes: dict[Reason, set[int]] = {}
    for line in lines:
        if line.strict is not None:
            strict[line.strict] += 1
        if line.less is None:
            continue
        if line.offered:
            less[line.less] += 1
        else:
            refused[line.less] += 1
            bills[line.less] += line.past.kept_bill
            passes.setdefault(line.less, set()).add(line.past.pass_number)
    found = []
    for reason in sorted({*strict, *refused, *less}):
        th, en = rule_name(reason)
        found.append(
            {
                "rule": reason.code,
                "th": th,
                "en": en,
                "strict": strict[reason],
                "refused": refused[reason],
                "given_less": less[reason],
                "passes": len(passes.get(reason, ())),
                "bills": str(bills[reason]),
            }
        )
    return found


def _day(number: int) -> dict[str, Any]:
    midnight = number * DAY_SECONDS - BANGKOK_OFFSET
    return {
        "starts": midnight,
        "th": thai_date(midnight).rpartition(" ")[0].rpartition(" ")[0],
        "en": english_date(midnight).rpartition(" ")[0],
    }


def _grouped(lines: Iterable[Line], key: Any) -> dict[Any, list[Line]]:
    groups: dict[Any, list[Line]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return dict(sorted(groups.items()))


def _figures(lines: list[Line]) -> dict[str, Any]:
    real = sum(line.past.kept for line in lines)
    offered = sum(line.offered for line in lines)
    return {
        "asked": len(lines),
        "strict_refused": sum(1 for line in lines if line.strict is not None),
        "refused": sum(1 for line in lines if not line.offered),
        "real": str(real),
        "strict": str(sum(line.past.kept for line in lines if line.strict is None)),
        "offered": str(offered),
        "change": str(offered - real),
        "paid_by_people": str(
            sum(line.past.kept_bill - line.offered for line in lines if line.offered)
        ),
    }


def _days(lines: Iterable[Line]) -> list[dict[str, Any]]:
    days = _grouped(lines, lambda line: bangkok_day(line.signed_at))
    return [{"day": _day(number)} | _figures(of) for number, of in days.items()]


def _hours(lines: Iterable[Line]) -> list[dict[str, Any]]:
    by_hour = _grouped(
        lines, lambda line: (line.signed_at + BANGKOK_OFFSET) // _HOUR_SECONDS % HOURS
    )
    return [{"hour": hour} | _figures(by_hour.get(hour, [])) for hour in range(HOURS)]


def _shops(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Every shop; `bills_refused` is the turnover that comes without a coupon, or not at all."""
    rows = []
    for number, of in _grouped(lines, lambda line: line.past.merchant).items():
        last = of[-1].past
        category = None if last.category is None else CATEGORIES.word(last.category)
        bills = sum(line.past.kept_bill for line in of if not line.offered)
        rows.append(
            {
                "shop": number,
                "category": None if category is None else category.name,
                "category_th": None if category is None else category.th,
                "district": last.merchant_district,
            }
            | _figures(of)
            | {"bills_refused": str(bills), "rules": _rules_of(of)}
        )
    return rows


def _passes(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {"pass": number} | _figures(of) | {"rules": _rules_of(of)}
        for number, of in _grouped(lines, lambda line: line.past.pass_number).items()
    ]


def _rules_of(lines: list[Line]) -> dict[str, int]:
    """Which rules refused in the offered run, and how often."""
    counted = Counter(line.less for line in lines if line.less and not line.offered)
    return {reason.code: count for reason, count in sorted(counted.items())}


def _notes(replay: Replay) -> list[tuple[str, str]]:
    notes = [
        (
            "“ตามที่ขอ” คือทุกคนขอเท่ากับที่ได้จริงในอดีต ส่วน “ตามที่เสนอ” คือระบบเสนอเท่าที่ร่างนี้ให้ได้ต่อบิล",
            "“Strict”: all ask for what they got then. “Offered”: what the draft gives of a bill.",
        ),
        (
            "รายงานนี้รู้เฉพาะการใช้สิทธิ์ที่สำเร็จในอดีต ไม่รู้ว่าผู้คนจะเปลี่ยนพฤติกรรมอย่างไร",
            "Only redemptions that were taken are known; how people would act otherwise is not.",
        ),
        (
            "เวลาถูกปัดลงเป็นช่วง 15 วินาทีของร่าง และบัตรเดียวกันไม่ซ้ำช่วง",
            "Times are rounded down to the draft's 15-second steps, one redemption of a pass each.",
        ),
    ]
    if replay.weeks:
        notes.append(
            (
                f"เลื่อนเวลาในอดีตไป {replay.weeks} สัปดาห์เต็ม วันในสัปดาห์และชั่วโมงคงเดิม",
                f"The past is moved by {replay.weeks} whole weeks; weekdays and hours stay.",
            )
        )
    if replay.left_out:
        notes.append(
            (
                f"ไม่นับ {replay.left_out} รายการที่ถูกยกเลิกทั้งหมด",
                f"{replay.left_out} redemptions that were voided whole are left out.",
            )
        )
    if any(0 < each.voided < each.amount for each in replay.past.redemptions):
        notes.append(
            (
                "รายการที่ยกเลิกบางส่วนนับตามที่เหลือ ทั้งยอดเงินและบิลตามสัดส่วน ปัดขึ้น",
                "What was voided in part counts as what was left, with as much of its bill.",
            )
        )
    return notes
