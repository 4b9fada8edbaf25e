"""Why a line of a table was refused, in Thai: the reasons of our readers, one sentence for each."""

import re
from collections.abc import Callable, Mapping
from re import Match
from typing import Final

COLUMNS_TH: Final[Mapping[str, str]] = {
    "address": "ที่อยู่กุญแจ (address)",
    "payout": "ที่อยู่รับเงิน (payout)",
    "class": "กลุ่ม (class)",
    "district": "เขต (district)",
    "valid_from": "ใช้ได้ตั้งแต่ (valid_from)",
    "valid_until": "ใช้ได้ถึง (valid_until)",
    "medium": "สื่อ (medium)",
    "kind": "ชนิดสถานที่ (kind)",
    "category": "ประเภทร้าน (category)",
    "name_th": "ชื่อไทย (name_th)",
    "name_en": "ชื่ออังกฤษ (name_en)",
    "latitude": "ละติจูด (latitude)",
    "longitude": "ลองจิจูด (longitude)",
    "override_reason": "เหตุผลยกเว้น (override_reason)",
}

_KINDS: Final = {"temple": "วัด", "market": "ตลาด", "restaurant": "ร้านอาหาร"}
Sentence = Callable[[Match[str]], str]

_REASONS: Final[tuple[tuple[str, Sentence], ...]] = (
    (r"more than (\d+) lines", lambda it: f"มีเกิน {it[1]} บรรทัด"),
    (r"more than (\d+) cells", lambda it: f"มีเกิน {it[1]} ช่อง"),
    (r"more than (\d+) shops", lambda it: f"มีเกิน {it[1]} ร้าน แบ่งเป็นหลายไฟล์"),
    (
        r"the first line must name the columns (.+)",
        lambda it: f"บรรทัดแรกต้องเป็นชื่อคอลัมน์ {it[1]}",
    ),
    (
        r"(\d+) cells where the first line has (\d+)",
        lambda it: f"มี {it[1]} ช่อง แต่บรรทัดแรกมี {it[2]} ช่อง",
    ),
    (r"there is no line after the first", lambda _: "ไม่มีบรรทัดหลังชื่อคอลัมน์"),
    (r"a NUL character", lambda _: "มีอักขระที่อ่านไม่ได้ (NUL)"),
    (r"not UTF-8", lambda _: "ไม่ใช่ UTF-8: บันทึกไฟล์ใหม่เป็น CSV UTF-8"),
    (r"not a line of a table: .*", lambda _: "ไม่ใช่บรรทัดของตาราง: ดูเครื่องหมายคำพูดและจุลภาค"),
    (r"not a whole number in digits", lambda _: "ต้องเป็นตัวเลขจำนวนเต็ม"),
    (r"above (\d+)", lambda it: f"ต้องไม่เกิน {it[1]}"),
    (r"one of (.+) is needed", lambda it: f"ต้องเป็นค่าใดค่าหนึ่งของ {it[1]}"),
    (
        r"neither Unix seconds nor a date like (\S+)",
        lambda it: f"ต้องเป็นวันที่อย่าง {it[1]} หรือวินาทียูนิกซ์",
    ),
    (
        r"0x and forty hexadecimal digits are needed",
        lambda _: "ต้องขึ้นต้นด้วย 0x ตามด้วยเลขฐานสิบหก 40 ตัว",
    ),
    (
        r"its checksum is wrong: a digit was mistyped",
        lambda _: "พิมพ์ผิดอย่างน้อยหนึ่งตัว: เลขตรวจสอบไม่ตรง",
    ),
    (r"the zero address is nobody's", lambda _: "ที่อยู่ศูนย์ไม่เป็นของใคร"),
    (
        r"'(.*)' is not a (?:class|category|kind of place|kind)",
        lambda it: f"ไม่มีค่า “{it[1]}” ในระบบ",
    ),
    (
        r"(\d+) to (\d+) printable characters are needed",
        lambda it: f"ต้องเป็นข้อความยาว {it[1]} ถึง {it[2]} ตัวอักษร",
    ),
    (r"one of latitude and longitude is missing", lambda _: "ต้องมีทั้งละติจูดและลองจิจูด หรือเว้นทั้งคู่"),
    (r"no number of degrees, like (\S+)", lambda it: f"ต้องเป็นองศาทศนิยม เช่น {it[1]}"),
    (r"not in (-\d+) … (\d+)", lambda it: f"ต้องอยู่ระหว่าง {it[1]} ถึง {it[2]}"),
    (r"the place is a (.+)", lambda it: f"สถานที่นี้เป็น{_KINDS.get(it[1], it[1])} ไม่ตรงกับประเภทร้าน"),
    (r"passes are numbered from 1", lambda _: "หมายเลขบัตรเริ่มที่ 1"),
    (r"the (?:payout|address|pass) of line (\d+) again", lambda it: f"ซ้ำกับบรรทัด {it[1]}"),
    (r"holds pass (\d+) already", lambda it: f"มีบัตรหมายเลข {it[1]} อยู่แล้ว"),
    (r"valid_until is not after valid_from", lambda _: "วันสิ้นสุดต้องอยู่หลังวันเริ่ม"),
    (r"merchant (\d+) is paid at this address", lambda it: f"ร้านหมายเลข {it[1]} รับเงินที่ที่อยู่นี้อยู่แล้ว"),
)
_COMPILED: Final = tuple((re.compile(pattern), sentence) for pattern, sentence in _REASONS)


def thai_reason(why: str) -> str | None:
    """The reason in Thai, with the column's name before it where the reason names one; None for a
    reason that none of our readers gives."""
    column, colon, rest = why.partition(": ")
    named = COLUMNS_TH.get(column) if colon else None
    reason = rest if named else why
    for pattern, sentence in _COMPILED:
        found = pattern.fullmatch(reason)
        if found:
            return f"{named}: {sentence(found)}" if named else sentence(found)
    return None
