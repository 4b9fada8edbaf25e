"""What each act of the staff is called by people, in Thai and in English."""

from __future__ import annotations

from typing import Final

STAFF_SENTENCES: Final[dict[str, tuple[str, str]]] = {
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


def told(act: str) -> tuple[str, str]:
    """Return the two names of an act; one from another version is told by its code."""
    return STAFF_SENTENCES.get(act, (f"ทำรายการ {act}", f"did {act}"))
