"""The log of what the staff did, from a file or a database, held to itself and to the anchors."""

from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.audit.findings import Words
from ledger.db import staff
from ledger.db.session import snapshot
from ledger.domain.staff_log import FIELDS, StaffAct, read_act
from ledger.errors import InputInvalid

ACTS_AT_ONCE: Final = 5_000

SENTENCES: Final[dict[str, Words]] = {
    "act_altered": Words(
        th="รายการที่ {number} ถูกแก้ไข: เนื้อหาไม่ตรงกับลายนิ้วมือของมันเอง",
        en="Act {number} was altered: it has not the hash it is kept under.",
    ),
    "act_missing": Words(
        th="รายการที่ {number} ถูกลบออกไป",
        en="Act {number} was deleted.",
    ),
    "act_inserted": Words(
        th="รายการที่ {number} ถูกแทรกเข้ามาภายหลัง",
        en="Act {number} was inserted later.",
    ),
    "act_unlinked": Words(
        th="รายการที่ {number} ไม่ต่อจากรายการก่อนหน้า: รายการหนึ่งในสองนี้ถูกเปลี่ยน",
        en="Act {number} does not follow the one before it: one of the two was replaced.",
    ),
    "act_backdated": Words(
        th="รายการที่ {number} ลงเวลาย้อนหลัง",
        en="Act {number} is dated before the one it follows.",
    ),
    "log_rewritten": Words(
        th="ตั้งแต่รายการที่ {number} บันทึกถูกเขียนใหม่ ไม่ใช่ชุดที่ประทับไว้บนเชน",
        en="From act {number} on the log was rewritten: it is not the one that was anchored.",
    ),
}
"""Thai and English for everything that can be wrong with the log."""


def read_acts(raw: bytes) -> list[StaffAct]:
    """Read an exported log: a JSON document for each line, or one list of them, in either order.

    Sentences that stand beside an act are left out. Raises InputInvalid naming the line.
    """
    text = raw.strip()
    try:
        rows = (
            orjson.loads(text) if text.startswith(b"[") else list(map(orjson.loads, _lines(text)))
        )
    except ValueError as broken:
        raise InputInvalid(what="log of staff acts", why="it is not JSON") from broken
    acts = []
    for line, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise InputInvalid(what="log of staff acts", why=f"line {line} is no act")
        acts.append(_act(row, line))
    newest_first = len(acts) > 1 and acts[0].number > acts[-1].number
    return acts[::-1] if newest_first else acts


def _lines(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines() if line.strip()]


def _act(row: dict[str, Any], line: int) -> StaffAct:
    try:
        return read_act({name: value for name, value in row.items() if name in FIELDS})
    except InputInvalid as invalid:
        why = f"line {line}: {invalid.details['why']}"
        raise InputInvalid(what="log of staff acts", why=why) from invalid


async def stored_acts(engine: AsyncEngine) -> list[StaffAct]:
    """The whole log of a city's database, of one moment. Raises InputInvalid for rows that no act
    can have."""
    acts: list[StaffAct] = []
    async with snapshot(engine) as session:
        while page := await staff.acts_after(
            session, acts[-1].number if acts else -1, ACTS_AT_ONCE
        ):
            acts += page
    return acts
