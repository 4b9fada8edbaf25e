"""`nakhon pass`: the registrar's desk for holders."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from wallet_cli.arguments import Address, PassNumber, Yes
from wallet_cli.command import Takes, command, group
from wallet_cli.desk import Desk
from wallet_cli.files import read_file
from wallet_cli.intents import follow
from wallet_cli.language import both
from wallet_cli.output import Column, Kind, OutputFormat

app = group(
    th="บัตรสมาชิก: ลงทะเบียน ดู ย้ายเครื่อง ระงับ (นายทะเบียน)",
    en="passes: enrol, show, rebind, suspend (registrar)",
)

COLUMNS: Final = (
    Column("pass", "บัตรสมาชิก", "Pass"),
    Column("holder", "ผู้ถือ", "Holder"),
    Column("class", "ประเภท", "Class"),
    Column("district", "เขต", "District"),
    Column("valid_from", "เริ่มใช้ได้", "Valid from", Kind.TIME),
    Column("valid_until", "ใช้ได้ถึง", "Valid until", Kind.TIME),
    Column("status", "สถานะ", "Status"),
)

MOVE_COLUMNS: Final = (
    Column("at", "เมื่อ", "At", Kind.TIME),
    Column("by", "ผู้สั่ง", "By"),
    Column("reason", "เหตุผล", "Reason"),
    Column("from", "จาก", "From"),
    Column("to", "ไปที่", "To"),
    Column("medium", "เก็บไว้ที่", "Kept on"),
    Column("status", "สถานะ", "Status"),
)

_ORDER: Final = Takes.CITY | Takes.OFFICER | Takes.WAIT | Takes.OUTPUT

Reason = Annotated[
    str,
    typer.Option("--reason", help=both("เหตุผล เก็บไว้กับคำสั่ง", "why; kept with the order")),
]


class Medium(StrEnum):
    """Where a holder's key is kept."""

    PHONE = "phone"
    PAPER = "paper"
    PAPER_PIN = "paper_pin"


@command(
    app,
    "enrol",
    th="ลงทะเบียนผู้ถือบัตรจากไฟล์ CSV ถูกทุกบรรทัดหรือไม่รับเลย\n"
    "คอลัมน์: address, class, district, valid_from, valid_until, medium",
    en="Enrol holders from a CSV file: every line is good, or none is taken.\n"
    "Columns: address, class, district, valid_from, valid_until, medium.",
    example="nakhon pass enrol residents.csv --key-file registrar.key",
    takes=_ORDER,
)
def enrol(
    desk: Desk,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=both("ไฟล์ CSV", "a CSV file"))],
) -> None:
    raw = read_file(file)
    with desk.officer() as client:
        follow(desk, client, client.post_raw("/v1/passes", raw, "text/csv"))


@command(
    app,
    "show",
    th="ดูบัตรหนึ่งใบ และทุกครั้งที่ย้ายเครื่อง ใครสั่ง เพราะอะไร",
    en="Show one pass and every move it made: by whom and why.",
    example="nakhon pass show 17 --key-file registrar.key",
    takes=Takes.CITY | Takes.OFFICER | Takes.OUTPUT,
)
def show(desk: Desk, number: PassNumber) -> None:
    with desk.officer() as client:
        found = client.get(f"/v1/passes/{number}")
    desk.printer.record(COLUMNS, found)
    if desk.printer.form is OutputFormat.TABLE and found["moves"]:
        desk.printer.rows(MOVE_COLUMNS, found["moves"])


@command(
    app,
    "rebind",
    th="ย้ายบัตรไปที่อยู่ใหม่เมื่อโทรศัพท์หาย คูปองที่ยังไม่ใช้ตามไปด้วย กุญแจเดิมใช้ไม่ได้ทันที\n"
    "ผู้ถือบัตรเห็นว่าใครสั่งและเพราะอะไร",
    en="Move a pass to a new address after a lost phone; unspent coupons follow, and the old key\n"
    "spends nothing from now on. The holder sees who ordered it and why.",
    example="nakhon pass rebind 17 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 "
    '--reason "แจ้งโทรศัพท์หายที่เทศบาล" --yes',
    takes=_ORDER,
)
def rebind(
    desk: Desk,
    number: PassNumber,
    to: Address,
    reason: Reason,
    medium: Annotated[
        Medium,
        typer.Option("--medium", help=both("กุญแจใหม่เก็บไว้ที่ใด", "where the new key is kept")),
    ] = Medium.PHONE,
    yes: Yes = False,
) -> None:
    desk.confirm(f"ย้ายบัตร {number} ไปที่ {to} ?", f"Move pass {number} to {to}?", yes=yes)
    with desk.officer() as client:
        body = {"to": to, "reason": reason, "medium": medium.value}
        follow(desk, client, client.post(f"/v1/passes/{number}/rebind", body))


def _change(desk: Desk, number: int, status: str, reason: str) -> None:
    with desk.officer() as client:
        body = {"status": status, "reason": reason}
        follow(desk, client, client.post(f"/v1/passes/{number}/status", body))


@command(
    app,
    "suspend",
    th="ระงับบัตร ใช้คูปองไม่ได้จนกว่าจะเปิดใช้อีกครั้ง",
    en="Suspend a pass: no coupon of it can be used until it is active again.",
    example='nakhon pass suspend 17 --reason "แจ้งบัตรหายที่เทศบาล"',
    takes=_ORDER,
)
def suspend(desk: Desk, number: PassNumber, reason: Reason) -> None:
    _change(desk, number, "suspended", reason)


@command(
    app,
    "activate",
    th="เปิดใช้บัตรที่ถูกระงับ",
    en="Make a suspended pass active again.",
    example='nakhon pass activate 17 --reason "พบบัตรแล้ว ตรวจตัวตนแล้ว"',
    takes=_ORDER,
)
def activate(desk: Desk, number: PassNumber, reason: Reason) -> None:
    _change(desk, number, "active", reason)
