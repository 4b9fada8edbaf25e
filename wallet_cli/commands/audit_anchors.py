"""`nakhon audit anchors`: every anchored day made again from the chain, and compared."""

from typing import Any, Final

from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import end, read_chain, spoken_columns
from wallet_cli.commands.audit_receipt import app
from wallet_cli.desk import Desk
from wallet_cli.output import Column, Kind, OutputFormat

__all__ = ["app"]

_DAYS: Final = (
    Column("date", "วันที่", "Date"),
    Column("leaves", "รายการ", "Entries"),
    Column("amount", "เมืองจ่าย", "City pays", Kind.BAHT),
    Column("copay", "โทเคนที่จ่าย", "Tokens paid", Kind.BAHT),
    Column("anchored_at", "ประทับเมื่อ", "Anchored", Kind.TIME),
    Column("root", "ราก", "Root"),
    Column("agrees", "ตรง", "Agrees"),
)
_FAULTS: Final = (
    Column("code", "รหัส", "Code"),
    Column("th", "สิ่งที่พบ", "Finding (Thai)"),
    Column("en", "อังกฤษ", "Finding"),
)


@command(
    app,
    "anchors",
    th="สร้างบัญชีประจำวันขึ้นใหม่จากเชน แล้วเทียบกับที่ประทับไว้ จบด้วยรหัส 6 หากไม่ตรง",
    en="Make every day's books again from the chain and compare them with their anchors; ends "
    "with 6 where anything differs.",
    example="nakhon audit anchors --rpc http://127.0.0.1:8545 --deployment deployment.json",
    takes=Takes.CHAIN | Takes.OUTPUT,
)
def anchors(desk: Desk) -> None:
    from ledger.audit.anchor_check import AnchorReport, check_anchors, date_text

    report: AnchorReport = read_chain(
        desk,
        lambda gateway, deployment, progress: check_anchors(gateway, deployment, progress=progress),
    )
    wrong = {fault.day for fault in report.faults}
    days = [
        {
            "day": day,
            "date": date_text(day),
            "leaves": held.leaves,
            "amount": str(held.amount),
            "copay": str(held.copay),
            "anchored_at": held.at,
            "root": "0x" + held.root.hex(),
            "staff_head": "0x" + held.staff_head.hex(),
            "agrees": day not in wrong,
        }
        for day, held in sorted(report.anchored.items())
    ]
    faults: list[dict[str, Any]] = [
        {"code": fault.code, "date": date_text(fault.day), "th": fault.th, "en": fault.en}
        for fault in report.faults
    ]
    if desk.printer.form is OutputFormat.JSON:
        waiting = [date_text(day) for day in report.waiting]
        figures = {"agrees": not faults, "waiting": waiting, "days": days, "findings": faults}
        desk.printer.record((), figures)
    else:
        desk.printer.rows(_DAYS, days)
        if faults:
            desk.printer.rows(spoken_columns(_FAULTS, desk), faults)
    desk.printer.note(
        f"ประทับแล้ว {len(days)} วัน รอประทับ {len(report.waiting)} วัน ผิด {len(faults)} ข้อ",
        f"{len(days)} days anchored, {len(report.waiting)} wait, {len(faults)} things are wrong",
    )
    end(not faults)
