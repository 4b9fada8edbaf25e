"""`nakhon audit flags` and `nakhon audit review`: what a person should look at, what they found."""

import os
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import Until, read_chain, spoken_columns
from wallet_cli.commands.audit_export import app
from wallet_cli.desk import Desk
from wallet_cli.files import read_file, unreadable, unwritable
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

if TYPE_CHECKING:
    from ledger.audit.flags import TillFile
    from ledger.domain.flag_queue import Queue
    from ledger.domain.flags import Thresholds

__all__ = ["app"]

_BY: Final = "nakhon audit flags"
_FLAGS: Final = (
    Column("flag", "รหัส", "Flag"),
    Column("name_th", "เงื่อนไข", "Rule (Thai)"),
    Column("name_en", "อังกฤษ", "Rule"),
    Column("state", "การตรวจ", "Review"),
    Column("since", "ตั้งแต่", "Since", Kind.TIME),
    Column("th", "สิ่งที่เห็น", "What was seen (Thai)"),
    Column("en", "อังกฤษ", "What was seen"),
    Column("count", "หลักฐาน", "Evidence"),
)
_REVIEW: Final = (
    Column("flag", "รหัส", "Flag"),
    Column("rule", "เงื่อนไข", "Rule"),
    Column("state", "การตรวจ", "Review"),
    Column("by", "ผู้ตรวจ", "By"),
    Column("why", "เหตุผล", "Why"),
    Column("at", "เมื่อ", "At", Kind.TIME),
    Column("head", "หัวคิว", "Head of the queue"),
)


class Decision(StrEnum):
    """What a reviewer makes of a flag."""

    OPEN = "open"
    CLEARED = "cleared"
    CONFIRMED = "confirmed"


@command(
    app,
    "flags",
    th="ชี้สิ่งที่คนควรตรวจ ตามเงื่อนไขที่เผยแพร่ใน docs/flags.md ไม่มีการลงโทษอัตโนมัติ\n\n"
    "อ่านจากเชน และจากไฟล์คำวินิจฉัยของจุดรับชำระ (--till) หากมี",
    en="Point at what a person should look at, by the rules published in docs/flags.md; nobody is\n"
    "punished by a program.\n\n"
    "Reads the chain and, where given, files of the till's verdicts (--till).",
    example="nakhon audit flags --queue reviews.jsonl --rpc http://127.0.0.1:8545",
    takes=Takes.CHAIN | Takes.OUTPUT,
)
def flags(
    desk: Desk,
    till: Annotated[
        list[Path] | None,
        typer.Option(
            "--till", metavar="FILE", help=both("คำวินิจฉัย NDJSON", "verdicts of the till, NDJSON")
        ),
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            "--thresholds",
            metavar="FILE",
            help=both("เกณฑ์ที่ต่างจากที่เผยแพร่ JSON", "other thresholds than published, JSON"),
        ),
    ] = None,
    queue: Annotated[
        Path | None,
        typer.Option(
            "--queue",
            metavar="FILE",
            help=both("คิวตรวจ JSON Lines ที่เติมต่อท้าย", "review queue, JSON lines, appended to"),
        ),
    ] = None,
    until: Until = None,
) -> None:
    from ledger.audit.export import read_account
    from ledger.audit.flags import flag_facts
    from ledger.domain.flag_rules import raise_flags
    from ledger.domain.flag_sentences import WORDS, explain_flag

    known, limits, verdicts = _queue(queue), _thresholds(thresholds), _till(till or [])
    account = read_chain(
        desk,
        lambda gateway, deployment, progress: read_account(
            gateway, deployment, until=until, progress=progress
        ),
    )
    found = raise_flags(flag_facts(account, verdicts), limits)
    if queue is not None:
        _append(queue, known.opened(found, by=_BY, at=int(time.time())))
    rows: list[dict[str, Any]] = []
    for flag in found:
        th, en = explain_flag(flag)
        review = known.reviews.get(flag.id)
        rows.append(
            {
                "flag": flag.id,
                "rule": flag.rule,
                "name_th": WORDS[flag.rule].name_th,
                "name_en": WORDS[flag.rule].name_en,
                "state": "open" if review is None else str(review.state),
                "since": flag.since,
                "th": th,
                "en": en,
                "merchants": list(flag.merchants),
                "passes": list(flag.passes),
                "figures": dict(flag.figures),
                "count": len(flag.evidence),
                "evidence": [account.redemption_of(key) for key in flag.evidence],
            }
        )
    desk.printer.rows(_spoken(desk), rows)
    desk.printer.note(
        f"ชี้ {len(found)} ข้อจาก {len(verdicts.notes)} คำวินิจฉัยและทั้งเชน ทุกข้อรอคนตรวจ ไม่ใช่ความผิด",
        f"{len(found)} flags from {len(verdicts.notes)} verdicts and the whole chain: "
        "each is a question for a person, not a fault",
    )


def _spoken(desk: Desk) -> tuple[Column, ...]:
    spoken = spoken_columns(_FLAGS, desk)
    if "en" not in {column.key for column in spoken}:
        return tuple(column for column in spoken if column.key != "name_en")
    if "th" not in {column.key for column in spoken}:
        return tuple(column for column in spoken if column.key != "name_th")
    return spoken


@command(
    app,
    "review",
    th="บันทึกผลการตรวจของคน ลงคิวที่เติมต่อท้ายเท่านั้น: open, cleared, confirmed",
    en="Write a person's decision on a flag into the queue, which is only appended to:\n"
    "open, cleared, confirmed.",
    example="nakhon audit review flg_5v3k7q2mza4xw6yt5v3k7q2m cleared --queue reviews.jsonl "
    '--by "Somsri" --why "a birthday at the canteen"',
    takes=Takes.OUTPUT,
)
def review(
    desk: Desk,
    flag: Annotated[str, typer.Argument(metavar="FLAG", help=both("รหัส flg_…", "id, flg_…"))],
    state: Annotated[
        Decision,
        typer.Argument(
            metavar="STATE", help=both("ผล: open, cleared, confirmed", "open, cleared or confirmed")
        ),
    ],
    queue: Annotated[
        Path, typer.Option("--queue", metavar="FILE", help=both("คิวตรวจ", "the review queue"))
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help=both("ใครตรวจ", "who decided"))],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help=both("เพราะอะไร", "and why"))],
) -> None:
    from ledger.domain.flag_queue import ReviewState

    known = _queue(queue)
    now = int(time.time())
    _append(queue, known.decided(flag, ReviewState(state), by=by, why=why, at=now))
    decided = known.reviews[flag]
    desk.printer.record(
        _REVIEW,
        {
            "flag": decided.flag,
            "rule": decided.rule,
            "state": str(decided.state),
            "by": decided.by,
            "why": decided.why,
            "at": decided.at,
            "head": known.head,
        },
    )


def _queue(path: Path | None) -> "Queue":
    from ledger.domain.flag_queue import QUEUE_BYTES_MAX, read_queue

    if path is None or not path.exists():
        return read_queue(b"")
    return read_queue(read_file(path, bytes_max=QUEUE_BYTES_MAX))


def _append(path: Path, lines: bytes) -> None:
    """Add whole lines at the end, durably; what stands in the file is never written again."""
    if not lines:
        return
    try:
        with path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise unwritable(path, problem) from problem


def _thresholds(path: Path | None) -> "Thresholds":
    import orjson

    from ledger.domain.flags import thresholds_of
    from ledger.errors import InputInvalid

    if path is None:
        return thresholds_of({})
    try:
        return thresholds_of(orjson.loads(read_file(path)))
    except ValueError as broken:
        raise InputInvalid(what="thresholds", why="it is not JSON") from broken


def _till(paths: list[Path]) -> "TillFile":
    from ledger.audit.flags import TillFile

    read = TillFile()
    for path in paths:
        try:
            with path.open("rb") as lines:
                read.read(lines)
        except OSError as problem:
            raise unreadable(path, problem) from problem
    return read
