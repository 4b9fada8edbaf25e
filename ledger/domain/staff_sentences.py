"""What people call each act of the staff, who did it, on what, and what was sought, in Thai and in
English. The log itself keeps what was asked for as it was asked for: its hashes cover that."""

from __future__ import annotations

import re
from typing import Final

from ledger.domain.staff_log import TARGET_LENGTH_MAX, StaffAct

Words = tuple[str, str]
"""Thai, then English."""

NOTHING: Final[Words] = ("", "")

STAFF_SENTENCES: Final[dict[str, Words]] = {
    # Keys
    "issue_key": ("ออกกุญแจให้เจ้าหน้าที่", "gave an officer a key"),
    "withdraw_key": ("เพิกถอนกุญแจเจ้าหน้าที่", "withdrew an officer's key"),
    # Systems of city hall
    "add_webhook": ("ให้ระบบอื่นรับแจ้งเหตุการณ์", "let another system hear events"),
    "remove_webhook": ("เลิกแจ้งเหตุการณ์แก่ระบบอื่น", "ended another system's hearing"),
    "rotate_webhook": ("เปลี่ยนรหัสลับของปลายทาง", "changed a webhook's secret"),
    "enable_webhook": ("เปิดปลายทางที่ปิดไปอีกครั้ง", "enabled a webhook again"),
    "replay_webhook": ("ส่งเหตุการณ์ย้อนหลังอีกครั้ง", "sent past events again"),
    # Campaigns
    "store_policy": ("เก็บเอกสารเงื่อนไข", "stored a policy"),
    "store_list": ("เก็บรายชื่อผู้มีสิทธิ์", "stored a list of passes"),
    "replay_policy": ("ลองเงื่อนไขกับประวัติจริง", "replayed a policy on the past"),
    "draft_campaign": ("ร่างโครงการ", "drafted a campaign"),
    "approve_campaign": ("อนุมัติโครงการ", "approved a campaign"),
    "issue_campaign": ("ออกคูปองของโครงการ", "issued a campaign's coupons"),
    "pause_campaign": ("พักโครงการ", "paused a campaign"),
    "resume_campaign": ("เปิดโครงการต่อ", "resumed a campaign"),
    "sweep_campaign": ("ปิดโครงการและคืนเงินที่เหลือ", "closed a campaign and returned the rest"),
    "fund_campaign": ("เติมเงินโครงการ", "funded a campaign"),
    "mint_tokens": ("ออกโทเคนเมือง", "made city tokens"),
    "remind_campaign": ("ส่งข้อความเตือนของโครงการ", "sent a campaign's reminders"),
    "list_messages": ("ดูข้อความที่จะส่งถึงประชาชน", "looked at messages to residents"),
    "mark_messages": ("บันทึกผลการส่งข้อความ", "recorded what became of messages"),
    # People and shops
    "enrol_passes": ("ออกบัตรสมาชิก", "enrolled passes"),
    "find_passes": ("ค้นหาบัตรสมาชิก", "searched for a pass"),
    "read_pass": ("ดูบัตรสมาชิกและประวัติ", "looked at a pass and its history"),
    "rebind_pass": ("ย้ายบัตรไปกุญแจใหม่", "moved a pass to another key"),
    "change_pass": ("เปลี่ยนสถานะบัตร", "changed a pass"),
    "set_households": ("กำหนดครัวเรือน", "set households"),
    "list_stand_uses": ("ดูการใช้ป้ายตั้งโต๊ะ", "looked at uses of stands"),
    "read_verdict": ("ดูคำวินิจฉัยของผู้อื่น", "looked at somebody's verdict"),
    "assist_move": ("ช่วยย้ายบัตรไปโทรศัพท์ใหม่", "helped move a pass to a new phone"),
    "list_assisted": ("ดูรายการช่วยเหลือ", "looked at acts of help"),
    "register_merchant": ("ขึ้นทะเบียนร้าน", "registered a shop"),
    "register_shops": ("ขึ้นทะเบียนร้านจากตาราง", "registered shops from a table"),
    "change_merchant": ("เปลี่ยนสถานะร้าน", "changed a shop"),
    "void_redemption": ("ร้านยกเลิกรายการ", "a shop undid a redemption"),
    "ask_void": ("แคชเชียร์ขอยกเลิกรายการ", "a cashier asked for a redemption to be undone"),
    # Money
    "set_bank_details": ("กำหนดบัญชีธนาคารของร้าน", "set a shop's bank account"),
    "set_city_bank_details": ("กำหนดบัญชีธนาคารของเมือง", "set the city's bank account"),
    "make_round": ("จัดทำรอบจ่ายเงิน", "made a round of payments"),
    "read_round": ("ดูรอบจ่ายเงิน", "looked at a round"),
    "list_lines": ("ดูรายการจ่ายและบัญชีของร้าน", "looked at a round's lines and accounts"),
    "approve_round": ("อนุมัติรอบจ่ายเงิน", "approved a round of payments"),
    "withdraw_round": ("ยกเลิกรอบจ่ายเงิน", "withdrew a round of payments"),
    "payout_file": ("รับไฟล์สำหรับธนาคาร", "took the file for the bank"),
    "take_answer": ("นำเข้าผลจากธนาคาร", "took in the bank's answer"),
    "list_debts": ("ดูร้านที่ค้างคืนเงิน", "looked at what shops owe"),
    "cover_debt": ("ชำระเงินค้างแทนร้าน", "covered what a shop owes"),
    "funder_statement": ("ดูใบแจ้งของผู้สมทบทุน", "looked at a funder's statement"),
    "any_statement": ("ดูใบแจ้งยอดของร้าน", "looked at a shop's statement"),
}

OFFICES: Final[dict[str, Words]] = {
    "admin": ("ผู้ดูแลระบบ", "admin"),
    "treasurer": ("เหรัญญิก", "treasurer"),
    "campaign_officer": ("เจ้าหน้าที่โครงการ", "campaign officer"),
    "approver": ("ผู้อนุมัติ", "approver"),
    "issuer": ("ผู้ให้สิทธิ์", "issuer"),
    "registrar": ("นายทะเบียน", "registrar"),
    "guardian": ("ผู้พิทักษ์ระบบ", "guardian"),
    "ambassador": ("ผู้ช่วยประชาชน", "ambassador"),
    "auditor": ("ผู้ตรวจสอบ", "auditor"),
}
"""What a key may be given for."""

_PLACES: Final[tuple[tuple[re.Pattern[str], Words], ...]] = tuple(
    (re.compile(rf"/v1/{path}(?:/.*)?"), words)
    for path, words in (
        (r"campaigns/(\d+)", ("โครงการ {}", "campaign {}")),
        (r"passes/(\d+)", ("บัตรที่ {}", "pass {}")),
        (r"merchants/(\d+)", ("ร้านที่ {}", "shop {}")),
        (r"statements/(\d+)", ("ร้านที่ {}", "shop {}")),
        (r"rounds/(\d+)", ("รอบจ่ายที่ {}", "round {}")),
        (r"verdicts/([^/]+)", ("คำวินิจฉัย {}", "verdict {}")),
        (r"redemptions/([^/]+)", ("รายการ {}", "redemption {}")),
        (r"funders/([^/]+)", ("ผู้สมทบทุน {}", "funder {}")),
        (r"webhooks/([^/]+)", ("ปลายทาง {}", "webhook {}")),
    )
)
_SOUGHT: Final[dict[str, Words]] = {
    "holder": ("กุญแจ", "key"),
    "status": ("สถานะ", "status"),
    "form": ("รูปแบบไฟล์", "form"),
    "layout": ("แบบไฟล์ธนาคาร", "bank layout"),
    "limit": ("ครั้งละไม่เกิน", "at most"),
}
_VALUES: Final[dict[tuple[str, str], Words]] = {
    ("status", "queued"): ("รอส่ง", "queued"),
    ("status", "sent"): ("ส่งแล้ว", "sent"),
    ("status", "failed"): ("ส่งไม่ได้", "failed"),
    ("status", "waiting"): ("ถึงเวลาส่ง", "waiting"),
}
_LATER_PAGE: Final[Words] = ("หน้าต่อจากก่อนหน้า", "a later page")
_ESCAPED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SHOP: Final = re.compile(r"merchant (\d+)")


def spoken(act: StaffAct) -> dict[str, str]:
    """Return all that people are told of an act beside its fields, by the names the log's readers
    leave out: `th`, `by_th`, `on_th`, `sought_th`, and the same in English."""
    said = {
        "": told(act.act),
        "by_": who(act.act, act.by, act.key),
        "on_": on_what(act.act, act.target),
        "sought_": sought(act.target),
    }
    return {
        prefix + language: words[side]
        for prefix, words in said.items()
        for side, language in enumerate(("th", "en"))
    }


def told(act: str) -> Words:
    """Return the two names of an act; one from another version is told by its code."""
    return STAFF_SENTENCES.get(act, (f"ทำรายการ {act}", f"did {act}"))


def who(act: str, by: str, key: str) -> Words:
    """Return who acted: an officer under their own name, a shop by its number, whoever has the
    machine as that."""
    shop = _SHOP.fullmatch(by)
    if shop and key.startswith("0x"):
        return f"ร้านที่ {shop[1]}", f"shop {shop[1]}"
    if act in ("issue_key", "withdraw_key") and by == "operator":
        return "ผู้ดูแลเครื่อง", "whoever runs the machine"
    return by, by


def on_what(act: str, target: str) -> Words:
    """Return what an act was done to; nothing where the act's name says it all."""
    if act == "issue_key":
        name, _, roles = target.rpartition(": ")
        offices = [OFFICES.get(role, (role, role)) for role in roles.split()]
        thai, english = (", ".join(each[side] for each in offices) for side in (0, 1))
        return f"{name}: {thai}", f"{name}: {english}"
    if act == "withdraw_key":
        return f"กุญแจ {target}", f"key {target}"
    path = _decoded(target.partition("?")[0])
    for pattern, (thai, english) in _PLACES:
        found = pattern.fullmatch(path)
        if found:
            return thai.format(found[1]), english.format(found[1])
    return NOTHING


def sought(target: str) -> Words:
    """Return what a look asked for beside its address, decoded; "…" where the log has not all."""
    asked: dict[str, list[str]] = {}
    for part in filter(None, target.partition("?")[2].split("&")):
        name, _, value = map(_decoded, part.replace("+", " ").partition("="))
        asked.setdefault(name, []).append(value)
    if not asked:
        return NOTHING
    cut = "…" if len(target) >= TARGET_LENGTH_MAX else ""
    parts = [_asked_for(name, values) for name, values in asked.items()]
    thai, english = (" · ".join(part[side] for part in parts) + cut for side in (0, 1))
    return thai, english


def _decoded(text: str) -> str:
    """A part of an address as its reader typed it."""
    return _ESCAPED.sub(
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text
    )


def _asked_for(name: str, values: list[str]) -> Words:
    if name == "cursor":
        return _LATER_PAGE
    named = _SOUGHT.get(name, (name, name))
    said = [_VALUES.get((name, value), (value, value)) for value in values]
    thai, english = (f"{named[side]} {', '.join(each[side] for each in said)}" for side in (0, 1))
    return thai, english
