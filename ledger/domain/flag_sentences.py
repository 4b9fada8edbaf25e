"""What each rule says, in Thai and English: in general, and of one flag with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.amounts import brief_baht
from ledger.domain.flags import Flag

NAMED_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWords:
    """A rule's name and one flag of it; the latter with str.format fields."""

    name_th: str
    name_en: str
    th: str
    en: str


WORDS: Final[dict[str, RuleWords]] = {
    "far_from_shop": RuleWords(
        name_th="สแกนไกลจากร้าน",
        name_en="scan far from the shop",
        th="บัตร {pass_list} จ่ายที่ร้าน {shop_list} ขณะโทรศัพท์อยู่ห่าง"
        "อย่างน้อย {metres} เมตร ({uses} ครั้งในวันเดียว)",
        en="Pass {pass_list} paid at shop {shop_list} while its phone was at least {metres} metres "
        "away ({uses} times in one day).",
    ),
    "two_places": RuleWords(
        name_th="สองที่ในเวลาเดียวกัน",
        name_en="two places at once",
        th="บัตร {pass_list} จ่ายที่ร้าน {shop_list} ซึ่งอยู่คนละเขต ห่างกันเพียง {seconds} วินาที",
        en="Pass {pass_list} paid at shops {shop_list}, in two districts, only {seconds} seconds "
        "apart.",
    ),
    "cash_out_ring": RuleWords(
        name_th="กลุ่มแลกเงินสด",
        name_en="cash-out ring",
        th="บัตร {passes} ใบ ({pass_list}) ใช้พร้อมกันแทบทุกครั้ง เต็มวงเงินพอดี {uses} ครั้ง ที่ร้าน {shop_list} "
        "รวม {amount} บาท",
        en="{passes} passes ({pass_list}) are spent together nearly every time, {uses} times at "
        "exactly the limit, at shop {shop_list}: {amount} baht.",
    ),
    "same_pair": RuleWords(
        name_th="บัตรเดิมร้านเดิมถี่ผิดปกติ",
        name_en="same pass, same shop, too often",
        th="บัตร {pass_list} จ่ายที่ร้าน {shop_list} {uses} ครั้งใน {minutes} นาที รวม {amount} บาท",
        en="Pass {pass_list} paid at shop {shop_list} {uses} times within {minutes} minutes: "
        "{amount} baht.",
    ),
    "limit_burst": RuleWords(
        name_th="เต็มวงเงินรัว ๆ",
        name_en="burst at the limit",
        th="ร้าน {shop_list} รับ {uses} จาก {all} รายการเต็มวงเงินพอดีใน {minutes} นาที วันอื่นมักมี {usual} "
        "รวม {amount} บาท",
        en="Shop {shop_list} took {uses} of {all} redemptions at exactly the limit within "
        "{minutes} minutes, {usual} on a usual day: {amount} baht.",
    ),
    "closed_hours": RuleWords(
        name_th="พยายามใช้นอกเวลา",
        name_en="attempts in closed hours",
        th="พยายามใช้นอกเวลา {attempts} ครั้ง ใน {days} วัน ด้วยบัตร {passes} ใบ ({pass_list}) "
        "ที่ร้าน {shop_list}",
        en="{attempts} attempts in closed hours on {days} days, with {passes} passes "
        "({pass_list}), at shop {shop_list}.",
    ),
    "one_device": RuleWords(
        name_th="โทรศัพท์เครื่องเดียวหลายบัตร",
        name_en="one device for many passes",
        th="โทรศัพท์เครื่องเดียวจ่ายแทนบัตร {passes} ใบ ({pass_list}) {uses} ครั้ง ที่ร้าน {shop_list} "
        "รวม {amount} บาท",
        en="One phone paid for {passes} passes ({pass_list}), {uses} times, at shop {shop_list}: "
        "{amount} baht.",
    ),
    "no_return": RuleWords(
        name_th="ไม่มีลูกค้ากลับมา",
        name_en="no customer twice",
        th="ร้าน {shop_list} มีลูกค้า {customers} บัตรใน {days} วัน กลับมาเพียง {returning} "
        "ทั้งที่ร้านประเภทเดียวกันมีราวร้อยละ {peers} รวม {amount} บาท",
        en="Shop {shop_list} had {customers} customers in {days} days and {returning} came back; "
        "at others of its kind about {peers} in a hundred do: {amount} baht.",
    ),
}


def explain_flag(flag: Flag) -> tuple[str, str]:
    """The flag in Thai and in English, with its figures."""
    fields: dict[str, object] = dict(flag.figures)
    if "amount" in flag.figures:
        fields["amount"] = brief_baht(flag.figures["amount"])
    fields["shop_list"] = _listed(flag.merchants)
    fields["pass_list"] = _listed(flag.passes)
    words = WORDS[flag.rule]
    return words.th.format_map(fields), words.en.format_map(fields)


def _listed(numbers: tuple[int, ...]) -> str:
    if not numbers:
        return "–"
    shown = ", ".join(str(number) for number in numbers[:NAMED_MAX])
    return shown if len(numbers) <= NAMED_MAX else f"{shown}, … (+{len(numbers) - NAMED_MAX})"
