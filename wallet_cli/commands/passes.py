"""`nakhon pass`: the registrar's desk for holders."""

from pathlib import Path
from typing import Annotated, Final

import typer

from wallet_cli.arguments import Address, PassNumber, Yes
from wallet_cli.command import Takes, command, group
from wallet_cli.desk import Desk
from wallet_cli.files import read_file
from wallet_cli.intents import follow
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

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

_ORDER: Final = Takes.CITY | Takes.OFFICER | Takes.WAIT | Takes.OUTPUT

Reason = Annotated[
    str,
    typer.Option("--reason", help=both("เหตุผล เก็บไว้กับคำสั่ง", "why; kept with the order")),
]


@command(
    app,
    "enrol",
    th="ลงทะเบียนผู้ถือบัตรจากไฟล์ CSV ถูกทุกบรรทัดหรือไม่รับเลย\n"
    "คอลัมน์: address, class, district, valid_from, valid_until",
    en="Enrol holders from a CSV file: every line is good, or none is taken.\n"
    "Columns: address, class, district, valid_from, valid_until.",
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
    th="ดูบัตรหนึ่งใบ",
    en="Show one pass.",
    example="nakhon pass show 17 --key-file registrar.key",
    takes=Takes.CITY | Takes.OFFICER | Takes.OUTPUT,
)
def show(desk: Desk, number: PassNumber) -> None:
    with desk.officer() as client:
        desk.printer.record(COLUMNS, client.get(f"/v1/passes/{number}"))


@command(
    app,
    "rebind",
    th="ย้ายบัตรไปที่อยู่ใหม่เมื่อโทรศัพท์หาย คูปองที่ยังไม่ใช้ตามไปด้วย",
    en="Move a pass to a new address after a lost phone; unspent coupons follow.",
    example="nakhon pass rebind 17 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --yes",
    takes=_ORDER,
)
def rebind(desk: Desk, number: PassNumber, to: Address, yes: Yes = False) -> None:
    desk.confirm(f"ย้ายบัตร {number} ไปที่ {to} ?", f"Move pass {number} to {to}?", yes=yes)
    with desk.officer() as client:
        follow(desk, client, client.post(f"/v1/passes/{number}/rebind", {"to": to}))


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
