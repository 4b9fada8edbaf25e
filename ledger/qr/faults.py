"""Why a text, a picture or a figure is no QR code of ours: a code and two sentences for each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from ledger.errors import QrInvalid


class QrFault(StrEnum):
    """The cause, in `QrInvalid.details["reason"]`; public and never renamed."""

    NOT_OURS = "qr_not_ours"
    TOO_LONG = "qr_too_long"
    TRUNCATED = "qr_truncated"
    VERSION_UNKNOWN = "qr_version_unknown"
    KIND_UNKNOWN = "qr_kind_unknown"
    NOT_CANONICAL = "qr_not_canonical"
    CHECKSUM_WRONG = "qr_checksum_wrong"
    OTHER_CITY = "qr_other_city"
    KIND_UNEXPECTED = "qr_kind_unexpected"
    FIELD_OUT_OF_RANGE = "qr_field_out_of_range"
    ORIGIN_INVALID = "qr_origin_invalid"
    PIN_INVALID = "qr_pin_invalid"
    PIN_NEEDED = "qr_pin_needed"
    PIN_UNEXPECTED = "qr_pin_unexpected"
    PICTURE_UNREADABLE = "qr_picture_unreadable"
    PICTURE_TOO_LARGE = "qr_picture_too_large"
    PICTURE_EMPTY = "qr_picture_empty"
    PICTURE_AMBIGUOUS = "qr_picture_ambiguous"


SAYINGS: Final[dict[QrFault, tuple[str, str]]] = {
    QrFault.NOT_OURS: (
        "คิวอาร์นี้ไม่ใช่คิวอาร์ของระบบคูปองเมือง",
        "This QR code does not belong to the city's coupons.",
    ),
    QrFault.TOO_LONG: (
        "ข้อความในคิวอาร์ยาวเกินกว่าที่ระบบใช้",
        "The text is longer than any of our QR codes.",
    ),
    QrFault.TRUNCATED: (
        "คิวอาร์อ่านได้ไม่ครบ กรุณาสแกนใหม่",
        "Part of the QR code is missing: scan it again.",
    ),
    QrFault.VERSION_UNKNOWN: (
        "คิวอาร์นี้เป็นรุ่นที่แอปยังไม่รู้จัก กรุณาอัปเดตแอป",
        "This app does not know the version of this QR code: update it.",
    ),
    QrFault.KIND_UNKNOWN: (
        "ไม่รู้จักชนิดของคิวอาร์นี้",
        "This app does not know this kind of QR code.",
    ),
    QrFault.NOT_CANONICAL: (
        "คิวอาร์นี้เขียนผิดรูปแบบ อาจถูกแก้ไข",
        "The QR code is not spelled as it was issued; somebody may have altered it.",
    ),
    QrFault.CHECKSUM_WRONG: (
        "ผลรวมตรวจสอบของคิวอาร์ไม่ถูกต้อง กรุณาสแกนใหม่",
        "The checksum of the QR code is wrong: scan it again.",
    ),
    QrFault.OTHER_CITY: (
        "คิวอาร์นี้เป็นของเมืองอื่น ใช้ที่นี่ไม่ได้",
        "This QR code belongs to another city and cannot be used here.",
    ),
    QrFault.KIND_UNEXPECTED: (
        "คิวอาร์นี้ใช้กับขั้นตอนนี้ไม่ได้",
        "This QR code is of another kind than this step needs.",
    ),
    QrFault.FIELD_OUT_OF_RANGE: (
        "ตัวเลขหรือข้อมูลเกินขนาดที่คิวอาร์เก็บได้",
        "A figure does not fit into its field of the QR code.",
    ),
    QrFault.ORIGIN_INVALID: (
        "ที่อยู่เว็บของเมืองใช้ทำคิวอาร์ไม่ได้",
        "The city's web address cannot stand in a QR code.",
    ),
    QrFault.PIN_INVALID: (
        "รหัส PIN ต้องเป็นเลขอารบิก 4 ถึง 12 หลัก",
        "A PIN is 4 to 12 digits, 0 to 9.",
    ),
    QrFault.PIN_NEEDED: (
        "คูปองกระดาษใบนี้ต้องใช้รหัส PIN",
        "This paper coupon needs its PIN.",
    ),
    QrFault.PIN_UNEXPECTED: (
        "คูปองกระดาษใบนี้ไม่ใช้รหัส PIN",
        "This paper coupon has no PIN.",
    ),
    QrFault.PICTURE_UNREADABLE: (
        "เปิดรูปนี้ไม่ได้ ต้องเป็นไฟล์ PNG ที่สมบูรณ์",
        "The picture cannot be opened: a whole PNG file is needed.",
    ),
    QrFault.PICTURE_TOO_LARGE: (
        "รูปใหญ่เกินไป กรุณาใช้รูปที่เล็กกว่า",
        "The picture is too large: use a smaller one.",
    ),
    QrFault.PICTURE_EMPTY: (
        "ไม่พบคิวอาร์ในรูปนี้",
        "There is no readable QR code in the picture.",
    ),
    QrFault.PICTURE_AMBIGUOUS: (
        "ในรูปมีคิวอาร์มากกว่าหนึ่งแบบ กรุณาตัดให้เหลือแบบเดียว",
        "The picture shows several different QR codes: leave one.",
    ),
}
assert SAYINGS.keys() == set(QrFault), "every fault needs its sentences"


def invalid(fault: QrFault, **figures: Any) -> QrInvalid:
    """Return the error to raise: `reason`, figures as evidence, and phrases that fit in brackets:
    `why` in English, `why_th` in Thai."""
    thai, english = SAYINGS[fault]
    why = english[0].lower() + english[1:].removesuffix(".")
    return QrInvalid(what="QR", why=why, why_th=thai, reason=fault.value, **figures)
