"""`nakhon merchant stand …`: a shop's printed charge code in place of a position."""

from typing import Annotated, Final

import typer

from wallet_cli.arguments import OfMerchant
from wallet_cli.command import Takes, command
from wallet_cli.commands.merchant_devices import app
from wallet_cli.desk import Desk
from wallet_cli.language import both
from wallet_cli.output import Column, Kind
from wallet_cli.pictures import CodeSource, text_of

__all__ = ["app"]

_STANDS: Final = (
    Column("reference", "รหัสป้าย", "Reference"),
    Column("reason", "เหตุผล", "Reason"),
    Column("registered_at", "ลงทะเบียนเมื่อ", "Registered", Kind.TIME),
    Column("withdrawn_at", "ถอนเมื่อ", "Withdrawn", Kind.TIME),
)
_USES: Final = (
    Column("redemption", "รายการ", "Redemption"),
    Column("campaign", "โครงการ", "Campaign"),
    Column("reference", "รหัสป้าย", "Reference"),
    Column("reason", "เหตุผล", "Reason"),
    Column("used_at", "ใช้เมื่อ", "Used", Kind.TIME),
)
_SHOP: Final = Takes.CITY | Takes.KEYFILE | Takes.OUTPUT


def _reference(desk: Desk, source: str, merchant: int) -> str:
    """The reference of a shop's own charge code. Raises QrInvalid for anything else."""
    from ledger.qr.codec import ChargeCode
    from ledger.qr.scan import scan
    from wallet_cli.exit_codes import ExitCode
    from wallet_cli.failures import failure

    with desk.public() as client:
        code = scan(text_of(source), client.city.tag, ChargeCode)
    if code.merchant != merchant:
        raise failure(
            ExitCode.NOT_ALLOWED,
            "not_this_shop",
            th=f"คิวอาร์นี้ไม่ใช่ของร้านเลขที่ {merchant}",
            en=f"this code is not of shop number {merchant}",
        )
    return code.reference.hex()


@command(
    app,
    "stand-add",
    th="ลงทะเบียนป้ายคิวอาร์ที่ตั้งประจำร้าน ใช้แทนตำแหน่งได้ตามจำนวนครั้งที่โครงการยอม ทุกครั้งถูกบันทึก",
    en="Register the charge code that stands in the shop: where a campaign allows it, it replaces\n"
    "a position so often a day, and every use is listed with the reason.",
    example='nakhon merchant stand-add stand.png --merchant 3 --reason "ในตลาดไม่มีสัญญาณ GPS" '
    "--keyfile shop.json",
    takes=_SHOP,
)
def stand_add(
    desk: Desk,
    source: CodeSource,
    merchant: OfMerchant,
    reason: Annotated[
        str,
        typer.Option("--reason", help=both("เหตุผล เก็บไว้กับทุกครั้งที่ใช้", "why; kept with every use")),
    ],
) -> None:
    body = {"reference": _reference(desk, source, merchant), "reason": reason}
    with desk.holder() as client:
        kept = client.post(f"/v1/merchants/{merchant}/stands", body)
    desk.printer.record(_STANDS, kept)


@command(
    app,
    "stand-withdraw",
    th="ถอนป้ายคิวอาร์ประจำร้าน ใช้แทนตำแหน่งไม่ได้อีกทันที",
    en="Withdraw a stand: from the next request on it replaces nothing.",
    example="nakhon merchant stand-withdraw stand.png --merchant 3 --keyfile shop.json",
    takes=_SHOP,
)
def stand_withdraw(desk: Desk, source: CodeSource, merchant: OfMerchant) -> None:
    body = {"reference": _reference(desk, source, merchant)}
    with desk.holder() as client:
        gone = client.post(f"/v1/merchants/{merchant}/stands/withdraw", body)
    desk.printer.record(_STANDS, gone)


@command(
    app,
    "stands",
    th="ป้ายประจำร้านและทุกครั้งที่ใช้แทนตำแหน่ง พร้อมเหตุผล",
    en="The shop's stands, and every use in place of a position with its reason.",
    example="nakhon merchant stands --merchant 3 --keyfile shop.json",
    takes=_SHOP,
)
def stands(desk: Desk, merchant: OfMerchant) -> None:
    from wallet_cli.output import OutputFormat

    with desk.holder() as client:
        found = client.get(f"/v1/merchants/{merchant}/stands")
    if desk.printer.form is not OutputFormat.TABLE:
        desk.printer.record(_STANDS, found)
        return
    desk.printer.rows(_STANDS, found["stands"])
    desk.printer.rows(_USES, found["uses"])
