"""What the exit status of a command means: part of the interface, one table, never renumbered."""

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """Exit statuses of `nakhon`. 130 is the shell's own for an interrupted command."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    UNREACHABLE = 5
    DIFFERS = 6
    NOT_ALLOWED = 7
    CONFLICT = 8
    CHAIN = 9
    MACHINE = 10
    INTERRUPTED = 130


MEANINGS: Final[dict[ExitCode, tuple[str, str]]] = {
    ExitCode.OK: ("สำเร็จ", "done, or nothing differs"),
    ExitCode.UNEXPECTED: (
        "ความผิดพลาดที่ไม่คาดไว้ ถือเป็นข้อบกพร่องของโปรแกรม",
        "an unexpected failure: a defect, please report it",
    ),
    ExitCode.USAGE: (
        "คำสั่งหรือข้อมูลที่ป้อนไม่ถูกต้อง ยังไม่มีอะไรถูกส่งออกไป",
        "the command line or its input is wrong; nothing was done",
    ),
    ExitCode.REFUSED: ("เงื่อนไขข้อหนึ่งปฏิเสธ", "a rule refused it; the rule is named"),
    ExitCode.NOT_FOUND: ("ไม่พบสิ่งที่อ้างถึง", "what was named does not exist"),
    ExitCode.UNREACHABLE: (
        "ติดต่อเซิร์ฟเวอร์หรือโหนดไม่ได้ ลองใหม่ได้",
        "the server or the node cannot be reached; trying again may help",
    ),
    ExitCode.DIFFERS: (
        "ผลการตรวจสอบพบสิ่งที่ไม่ตรงกัน",
        "the audit found something that differs",
    ),
    ExitCode.NOT_ALLOWED: (
        "ไม่มีสิทธิ์ กุญแจ ลายเซ็น หรือรหัสผ่านไม่ถูกต้อง",
        "not allowed: key, role, signature or password",
    ),
    ExitCode.CONFLICT: (
        "ขัดกับสถานะปัจจุบัน หรือคำขอซ้ำที่เนื้อหาไม่ตรงกัน",
        "it conflicts with the present state or with an earlier request",
    ),
    ExitCode.CHAIN: (
        "เชื่อถือเชนหรือโหนดนี้ไม่ได้ หรือธุรกรรมถูกปฏิเสธ",
        "the chain is not the expected one, cannot be believed, or reverted",
    ),
    ExitCode.MACHINE: (
        "เครื่องนี้ขาดบางอย่าง เช่น โปรแกรม พอร์ต หรือสิทธิ์เขียนไฟล์",
        "this machine lacks something: a tool, a free port, a writable file",
    ),
    ExitCode.INTERRUPTED: ("ผู้ใช้สั่งหยุด", "interrupted by the user"),
}
assert MEANINGS.keys() == set(ExitCode), "every exit code needs its meaning"
