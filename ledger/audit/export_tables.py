"""The tables of an export: which columns, what they mean in Thai and English, of what kind.

Amounts are satang, times Unix seconds, days Bangkok dates as `YYYY-MM-DD`. `id` of a redemption is
the one on its receipt. The order of columns is part of the format: new ones are added at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

VERSION: Final = 1
"""Of the tables below. A column that changes its meaning makes another one."""


class Kind(StrEnum):
    """What a value is, and with it how a spreadsheet shows it."""

    NUMBER = "number"
    SATANG = "satang"
    TIME = "time"
    TEXT = "text"
    TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: its name for programs, its headings for people."""

    name: str
    th: str
    en: str
    kind: Kind = Kind.NUMBER


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One table: its name is the file's."""

    name: str
    th: str
    en: str
    columns: tuple[ExportColumn, ...]


_C = ExportColumn
_ID: Final = _C("id", "รหัสรายการ", "Redemption", Kind.TEXT)
_CAMPAIGN: Final = _C("campaign", "โครงการ", "Campaign")
_PASS: Final = _C("pass", "บัตรสมาชิก", "Pass")
_MERCHANT: Final = _C("merchant", "ร้าน", "Shop")
_ROUND: Final = _C("round", "รอบจ่าย", "Round")
_AMOUNT: Final = _C("amount", "เมืองจ่าย", "City pays", Kind.SATANG)
_COPAY: Final = _C("copay", "โทเคนที่จ่าย", "Tokens paid", Kind.SATANG)
_SIGNED_AT: Final = _C("signed_at", "ลงลายเซ็นเมื่อ", "Signed at", Kind.TIME)
_DAY: Final = _C("day", "วันที่", "Day", Kind.TEXT)
_AT: Final = _C("at", "เวลาบล็อก", "Block time", Kind.TIME)
_PLACE: Final = (
    _C("block", "บล็อก", "Block"),
    _C("tx_hash", "ธุรกรรม", "Transaction", Kind.TEXT),
)
_STATUS: Final = _C("status", "สถานะ", "Status", Kind.TEXT)
_CATEGORY: Final = _C("category", "ประเภทร้าน", "Category", Kind.TEXT)
_CLASS: Final = _C("class", "ประเภทบัตร", "Class", Kind.TEXT)
_DISTRICT: Final = _C("district", "เขต", "District")


TABLES: Final[tuple[ExportTable, ...]] = (
    ExportTable(
        "redemptions",
        "การใช้สิทธิ์",
        "Redemptions",
        (
            _ID, _CAMPAIGN, _C("batch", "ชุดที่", "Batch"), _C("position", "ลำดับ", "Position"),
            _PASS, _MERCHANT, _C("bill", "ยอดบิล", "Bill", Kind.SATANG), _AMOUNT, _COPAY,
            _SIGNED_AT, _DAY, _C("unnamed", "ไม่ระบุร้าน", "Names no shop", Kind.TRUTH),
            _C("voided", "ยกเลิกแล้ว", "Voided", Kind.SATANG),
            _C("voided_copay", "โทเคนที่คืน", "Tokens given back", Kind.SATANG),
            _CLASS, _C("district", "เขตของบัตร", "Pass's district"), _CATEGORY,
            _C("merchant_district", "เขตของร้าน", "Shop's district"), _AT, *_PLACE,
        ),
    ),
    ExportTable(
        "voids",
        "การยกเลิก",
        "Voids",
        (
            _ID, _CAMPAIGN, _PASS, _MERCHANT, _AMOUNT, _COPAY, _SIGNED_AT,
            _C("voided_at", "ยกเลิกเมื่อ", "Voided at", Kind.TIME), _DAY, _AT, *_PLACE,
        ),
    ),
    ExportTable(
        "refusals",
        "ที่ถูกปฏิเสธ",
        "Refusals",
        (
            _CAMPAIGN, _C("position", "ลำดับ", "Position"),
            _C("reason", "เหตุผล", "Reason", Kind.TEXT), _PASS, _AMOUNT, _SIGNED_AT, _AT, *_PLACE,
        ),
    ),
    ExportTable(
        "campaigns",
        "โครงการ",
        "Campaigns",
        (
            _CAMPAIGN, _STATUS, _C("funded", "เงินที่เติม", "Funded", Kind.SATANG),
            _C("spent", "ใช้แล้ว", "Spent", Kind.SATANG),
            _C("starts", "เริ่ม", "Starts", Kind.TIME), _C("ends", "สิ้นสุด", "Ends", Kind.TIME),
            _C("share_basis_points", "สัดส่วนเมือง (ต่อหมื่น)", "City's share (of 10,000)"),
            _C("allowance", "วงเงินสิทธิ์", "Allowance", Kind.SATANG),
            _C("per_use_max", "สูงสุดต่อครั้ง", "At most a use", Kind.SATANG),
            _C("per_day_max", "สูงสุดต่อวัน", "At most a day", Kind.SATANG),
            _C("bill_min", "บิลขั้นต่ำ", "Smallest bill", Kind.SATANG),
            _C("policy_hash", "ลายนิ้วมือเงื่อนไข", "Policy hash", Kind.TEXT),
            _C("drafted_by", "ผู้ร่าง", "Drafted by", Kind.TEXT),
            _C("approved_by", "ผู้อนุมัติ", "Approved by", Kind.TEXT),
            _C("issued_by", "ผู้ให้สิทธิ์", "Issued by", Kind.TEXT),
        ),
    ),
    ExportTable(
        "contributions",
        "เงินสมทบ",
        "Contributions",
        (
            _CAMPAIGN, _C("contribution", "ลำดับ", "Contribution"),
            _C("funder", "ผู้สมทบทุน", "Funder", Kind.TEXT), _AMOUNT,
            _C("returned", "คืนแล้ว", "Returned", Kind.SATANG),
        ),
    ),
    ExportTable(
        "merchants",
        "ร้านค้า",
        "Shops",
        (
            _MERCHANT, _STATUS, _CATEGORY, _DISTRICT,
            _C("payout", "บัญชีรับเงิน", "Payout address", Kind.TEXT), _AMOUNT, _COPAY,
            _C("paid", "จ่ายแล้ว", "Paid out", Kind.SATANG),
            _C("owed", "ร้านค้างคืน", "Shop owes", Kind.SATANG),
        ),
    ),
    ExportTable(
        "passes",
        "บัตรสมาชิก",
        "Passes",
        (
            _PASS, _STATUS, _C("holder", "ผู้ถือ", "Holder", Kind.TEXT), _CLASS, _DISTRICT,
            _C("valid_from", "เริ่มใช้ได้", "Valid from", Kind.TIME),
            _C("valid_until", "ใช้ได้ถึง", "Valid until", Kind.TIME),
        ),
    ),
    ExportTable(
        "rounds",
        "รอบจ่าย",
        "Rounds",
        (
            _ROUND, _STATUS, _DAY, _C("pages", "หน้า", "Pages"),
            _C("total", "รวม", "Total", Kind.SATANG),
            _C("maker", "ผู้ทำ", "Maker", Kind.TEXT),
            _C("approver", "ผู้อนุมัติ", "Approver", Kind.TEXT),
            _C("lines_hash", "ลายนิ้วมือรายการ", "Hash of its lines", Kind.TEXT),
            _C("document_hash", "ลายนิ้วมือเอกสาร", "Hash of its document", Kind.TEXT),
            _C("made_at", "ทำเมื่อ", "Made at", Kind.TIME),
            _C("settled_at", "ชำระเมื่อ", "Settled at", Kind.TIME),
        ),
    ),
    ExportTable(
        "round_lines",
        "รายการในรอบ",
        "Lines of rounds",
        (
            _ROUND, _C("page", "หน้า", "Page"), _CAMPAIGN, _MERCHANT, _AMOUNT, _COPAY,
            _C("returned", "ธนาคารคืน", "Returned by the bank", Kind.TRUTH), _AT, *_PLACE,
        ),
    ),
    ExportTable(
        "bank_files",
        "ไฟล์ธนาคาร",
        "Files for the bank",
        (
            _ROUND, _C("file_hash", "ลายนิ้วมือไฟล์", "Hash of the file", Kind.TEXT),
            _C("payments", "รายการโอน", "Payments"), _C("total", "รวม", "Total", Kind.SATANG),
            _AT, *_PLACE,
        ),
    ),
    ExportTable(
        "covered_debts",
        "หนี้ที่เมืองรับแทน",
        "Debts covered",
        (_CAMPAIGN, _MERCHANT, _C("by", "ผู้รับแทน", "By", Kind.TEXT), _AMOUNT, _AT, *_PLACE),
    ),
    ExportTable(
        "anchors",
        "หมุดรายวัน",
        "Daily anchors",
        (
            _DAY, _C("root", "ราก", "Root", Kind.TEXT), _C("leaves", "ใบ", "Leaves"), _AMOUNT,
            _COPAY, _C("staff_head", "หัวบันทึกเจ้าหน้าที่", "Head of the staff's log", Kind.TEXT),
            _AT, *_PLACE,
        ),
    ),
    ExportTable(
        "roles",
        "บทบาท",
        "Roles",
        (
            _C("role", "บทบาท", "Role", Kind.TEXT), _C("label", "ชื่อบทบาท", "Label", Kind.TEXT),
            _C("account", "บัญชี", "Account", Kind.TEXT), _C("since", "ตั้งแต่", "Since", Kind.TIME),
            _C("delay", "หน่วงเวลา (วินาที)", "Delay (seconds)"),
        ),
    ),
)  # fmt: skip


def table_named(name: str) -> ExportTable:
    """The table of a name. Raises KeyError."""
    return _BY_NAME[name]


_BY_NAME: Final = {table.name: table for table in TABLES}
