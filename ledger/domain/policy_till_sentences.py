"""The till's rules of a policy read aloud, Thai and English."""

from __future__ import annotations

from ledger.domain.amounts import brief_baht
from ledger.domain.clock import english_date, thai_date
from ledger.domain.till_terms import (
    DistanceTerms,
    GoodsNotice,
    HouseholdTerms,
    Instalment,
    Stacking,
    TillTerms,
)

Pair = tuple[str, str]


def till_sentences(till: TillTerms) -> dict[str, list[Pair]]:
    """Return the sentences of each rule of the till, in the order of judging."""
    return {
        "till.instalments": [_instalment(n, one) for n, one in enumerate(till.instalments, 1)],
        "till.household": _household(till.household) if till.household else [],
        "till.merchant_per_day_max": _merchant(till.merchant_per_day_max),
        "till.goods_notice": _notice(till.goods_notice) if till.goods_notice else [],
        "till.stacking": [_stacking(till.stacking)] if till.stacking else [],
        "till.distance": _distance(till.distance) if till.distance else [],
        "till.paper_pin_above": _paper(till.paper_pin_above),
    }


def _merchant(most: int) -> list[Pair]:
    if not most:
        return []
    baht = brief_baht(most)
    return [
        (
            f"ร้านหนึ่งรับสิทธิ์ของโครงการนี้ได้ไม่เกินวันละ {baht} บาท",
            f"One shop may take at most {baht} baht a day under this campaign.",
        )
    ]


def _notice(notice: GoodsNotice) -> list[Pair]:
    return [
        (
            f"ก่อนใช้สิทธิ์ต้องรับทราบประกาศสินค้าต้องห้าม: “{notice.th}”",
            f"The holder first acknowledges what may not be bought: “{notice.en}”.",
        )
    ]


def _paper(most: int) -> list[Pair]:
    if not most:
        return []
    baht = brief_baht(most)
    return [
        (
            f"คูปองกระดาษที่ใช้เกินครั้งละ {baht} บาทต้องใส่รหัส",
            f"Above {baht} baht at a time a paper coupon needs its PIN.",
        )
    ]


def _instalment(number: int, one: Instalment) -> Pair:
    amount = brief_baht(one.amount)
    if not one.after_spending:
        return (
            f"งวดที่ {number}: {amount} บาท ใช้ได้ตั้งแต่ {thai_date(one.opens)}",
            f"Instalment {number}: {amount} baht from {english_date(one.opens)}.",
        )
    spent = brief_baht(one.after_spending)
    return (
        f"งวดที่ {number}: {amount} บาท ใช้ได้ตั้งแต่ {thai_date(one.opens)} เมื่อใช้ไปครบ {spent} บาทแล้ว",
        (
            f"Instalment {number}: {amount} baht from {english_date(one.opens)}, once {spent} baht "
            "have been spent."
        ),
    )


def _household(terms: HouseholdTerms) -> list[Pair]:
    pairs = []
    if terms.allowance:
        most = brief_baht(terms.allowance)
        pairs.append(
            (
                f"ทุกบัตรในครัวเรือนเดียวกันรวมกันไม่เกิน {most} บาท",
                f"All passes of one household together use at most {most} baht in all.",
            )
        )
    if terms.per_day_max:
        most = brief_baht(terms.per_day_max)
        pairs.append(
            (
                f"ทุกบัตรในครัวเรือนเดียวกันรวมกันไม่เกินวันละ {most} บาท",
                f"All passes of one household together use at most {most} baht a day.",
            )
        )
    return pairs


def _stacking(terms: Stacking) -> Pair:
    return (
        f"เมื่อมีคูปองกลุ่ม “{terms.group}” หลายใบที่ใช้ได้ ใบลำดับน้อยกว่าจ่ายก่อน ใบนี้อยู่ลำดับ {terms.rank}",
        (
            f"Of the coupons of the group “{terms.group}” that could pay, the lowest rank pays "
            f"first; this one has rank {terms.rank}."
        ),
    )


def _distance(terms: DistanceTerms) -> list[Pair]:
    pairs = [
        (
            (
                f"ต้องอยู่ห่างจากร้านไม่เกิน {terms.metres_max} เมตร "
                f"ด้วยตำแหน่งที่เก่าไม่เกิน {terms.position_age_seconds_max} วินาที "
                f"และคลาดเคลื่อนไม่เกิน {terms.accuracy_metres_max} เมตร"
            ),
            (
                f"The holder is within {terms.metres_max} metres of the shop, by a position at "
                f"most {terms.position_age_seconds_max} seconds old and at most "
                f"{terms.accuracy_metres_max} metres vague."
            ),
        )
    ]
    if terms.stand_uses_per_day_max:
        uses = terms.stand_uses_per_day_max
        pairs.append(
            (
                f"ป้าย QR ประจำร้านใช้แทนตำแหน่งได้ไม่เกินวันละ {uses} ครั้ง",
                f"A shop's fixed stand replaces the position, at most {uses} times a day.",
            )
        )
    return pairs
