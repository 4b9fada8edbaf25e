"""`nakhon audit staff`: what the staff did, held to itself and to the anchors on the chain."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import end, read_chain, spoken_columns
from wallet_cli.commands.audit_anchors import app
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.files import read_file
from wallet_cli.language import both
from wallet_cli.output import Column, Kind, OutputFormat

if TYPE_CHECKING:
    from ledger.domain.staff_log import StaffAct

__all__ = ["app"]

LOG_BYTES_MAX: Final = 512 * 1024 * 1024

_ACTS: Final = (
    Column("number", "ลำดับ", "No."),
    Column("at", "เมื่อ", "At", Kind.TIME),
    Column("by", "ใคร", "Who"),
    Column("by_th", "ใคร (ไทย)", "Who (Thai)"),
    Column("by_en", "ใคร (อังกฤษ)", "Who (English)"),
    Column("th", "ทำอะไร", "What (Thai)"),
    Column("en", "อังกฤษ", "What"),
    Column("on_th", "กับอะไร", "On what (Thai)"),
    Column("on_en", "กับอะไร (อังกฤษ)", "On what"),
    Column("sought_th", "ระบุอะไร", "Asked for (Thai)"),
    Column("sought_en", "ระบุอะไร (อังกฤษ)", "Asked for"),
    Column("target", "ที่อยู่ที่เรียก", "Address asked"),
)
_SAID: Final = (
    Column("number", "ลำดับ", "No."),
    Column("at", "เมื่อ", "At", Kind.TIME),
    Column("by", "ใคร", "Who"),
    Column("did", "ทำอะไร", "What"),
    Column("on", "กับอะไร", "On what"),
    Column("sought", "ระบุอะไร", "Asked for"),
)
"""What people read: the log's own fields are for programs."""
_REPORT: Final = (
    Column("agrees", "ตรงทั้งหมด", "Everything agrees"),
    Column("acts", "รายการ", "Acts"),
    Column("anchored", "ที่ประทับไว้บนเชน", "Held by an anchor"),
    Column("heads", "วันที่เทียบ", "Days compared"),
    Column("code", "รหัส", "Code"),
    Column("number", "รายการแรกที่ผิด", "First act that is wrong"),
    Column("th", "สิ่งที่พบ", "Finding (Thai)"),
    Column("en", "อังกฤษ", "Finding"),
)


@command(
    app,
    "staff",
    th="ตรวจบันทึกการกระทำของเจ้าหน้าที่กับบัญชีที่ประทับไว้ บอกรายการแรกที่ถูกแก้ ลบ หรือแทรก จบด้วยรหัส 6\n\n"
    "อ่านจากไฟล์ที่ส่งออกไว้ หรือจากฐานข้อมูลด้วย --index ใช้ --list เพื่อแสดงหรือส่งออก",
    en="Hold the log of what the staff did to its anchors; names the first act that was altered, "
    "deleted or inserted, and ends with 6.\n\nReads an exported file, or a database with --index. "
    "With --list it shows or exports the acts.",
    example="nakhon audit staff acts.ndjson --rpc http://127.0.0.1:8545",
    takes=Takes.CHAIN | Takes.OUTPUT,
)
def staff(
    desk: Desk,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help=both("บันทึกที่ส่งออกไว้ (NDJSON หรือ JSON)", "an exported log, NDJSON or JSON"),
        ),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option("--index", metavar="URL", help=both("ฐานข้อมูลของเมือง", "the city's database")),
    ] = None,
    show: Annotated[
        bool,
        typer.Option("--list", help=both("แสดงรายการ ไม่ตรวจ", "list the acts, check nothing")),
    ] = False,
) -> None:
    acts = _acts(file, index)
    if show:
        _list(desk, acts)
        return
    from ledger.audit.anchor_check import check_anchors
    from ledger.audit.staff_check import SENTENCES
    from ledger.domain.staff_log import check_log

    anchors = read_chain(
        desk,
        lambda gateway, deployment, progress: check_anchors(gateway, deployment, progress=progress),
    )
    report = check_log(acts, anchors.heads)
    fault = report.fault
    words = None if fault is None else SENTENCES[fault.code]
    figures = {} if fault is None else {"number": fault.number}
    desk.printer.record(
        spoken_columns(_REPORT, desk),
        {
            "agrees": fault is None,
            "acts": report.acts,
            "anchored": report.anchored,
            "heads": report.heads,
            "code": fault and fault.code,
            "number": fault and fault.number,
            "day": fault and fault.day,
            "th": words and words.th.format_map(figures),
            "en": words and words.en.format_map(figures),
        },
    )
    end(fault is None)


def _acts(file: Path | None, index: str | None) -> "list[StaffAct]":
    import asyncio

    from ledger.audit.staff_check import read_acts, stored_acts

    if (file is None) == (index is None):
        raise failure(
            ExitCode.USAGE,
            "log_unnamed",
            th="ระบุไฟล์หรือ --index อย่างใดอย่างหนึ่ง",
            en="name either a file or --index",
        )
    if file is not None:
        return read_acts(read_file(file, bytes_max=LOG_BYTES_MAX))

    async def stored() -> "list[StaffAct]":
        from wallet_cli.index_database import open_index

        async with open_index(str(index)) as engine:
            return await stored_acts(engine)

    return asyncio.run(stored())


def _list(desk: Desk, acts: "list[StaffAct]") -> None:
    from ledger.domain.staff_sentences import spoken

    told = [act.written() | spoken(act) for act in acts]
    if desk.printer.form is not OutputFormat.TABLE:
        desk.printer.rows(_ACTS, told)
        return

    def said(row: dict[str, Any], prefix: str) -> str:
        words = desk.printer.sentences(row[f"{prefix}th"], row[f"{prefix}en"])
        return " · ".join(dict.fromkeys(words))

    columns = {"by": "by_", "did": "", "on": "on_", "sought": "sought_"}
    desk.printer.rows(
        _SAID,
        [row | {name: said(row, prefix) for name, prefix in columns.items()} for row in told],
    )
