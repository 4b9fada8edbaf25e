"""`nakhon wallet`: everything a resident does, from the key to the receipt."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wallet_cli.arguments import (
    ACCURACY_METRES,
    Accuracy,
    Position,
    Yes,
    baht_option,
    number_option,
)
from wallet_cli.command import Takes, command, group
from wallet_cli.desk import Desk
from wallet_cli.language import both
from wallet_cli.output import Column, JsonObject, Kind, OutputFormat
from wallet_cli.pictures import CodeSource, InvertOption, PngOption, show_code, text_of

if TYPE_CHECKING:
    from wallet_cli.client import CityClient

app = group(
    th="กระเป๋าคูปองของประชาชน",
    en="a resident's wallet",
)

CLEAR_SCREEN: Final = "\x1b[2J\x1b[H"

_HOLDER: Final = Takes.CITY | Takes.KEYFILE | Takes.OUTPUT

KEY_COLUMNS: Final = (
    Column("address", "ที่อยู่", "Address"),
    Column("keyfile", "ไฟล์กุญแจ", "Keyfile"),
)
_COUPONS: Final = (
    Column("campaign", "โครงการ", "Campaign"),
    Column("name", "ชื่อ", "Name"),
    Column("left_now", "ใช้ได้ตอนนี้", "Left now", Kind.BAHT),
    Column("left", "คงเหลือ", "Left in all", Kind.BAHT),
    Column("spent", "ใช้แล้ว", "Spent", Kind.BAHT),
    Column("ends", "สิ้นสุด", "Ends", Kind.TIME),
    Column("refusal_code", "ใช้ไม่ได้เพราะ", "Refused because"),
)
REDEMPTION_COLUMNS: Final = (
    Column("id", "รายการ", "Redemption"),
    Column("status", "สถานะ", "Status"),
    Column("merchant", "ร้าน", "Shop"),
    Column("shop_name", "ชื่อร้าน", "Name"),
    Column("bill", "บิล", "Bill", Kind.BAHT),
    Column("amount", "เมืองจ่าย", "City pays", Kind.BAHT),
    Column("copay", "โทเคนที่จ่าย", "Tokens paid", Kind.BAHT),
    Column("voided", "ยกเลิกแล้ว", "Voided", Kind.BAHT),
    Column("signed_at", "ลงลายเซ็นเมื่อ", "Signed at", Kind.TIME),
)
_PRESENT: Final = (
    Column("campaign", "โครงการ", "Campaign"),
    Column("bill", "บิลไม่เกิน", "Bill at most", Kind.BAHT),
    Column("amount", "เมืองจ่ายไม่เกิน", "City pays at most", Kind.BAHT),
    Column("copay", "โทเคนไม่เกิน", "Tokens at most", Kind.BAHT),
    Column("signed_at", "ลงลายเซ็นเมื่อ", "Signed at", Kind.TIME),
)

Bill = Annotated[int, baht_option("--bill", "-b", th="ยอดบิล บาท", en="the bill, in baht")]
Copay = Annotated[
    int | None,
    baht_option("--copay", th="ส่วนที่จ่ายด้วยโทเคนเมือง", en="part paid in city tokens"),
]
Campaign = Annotated[
    int | None,
    number_option("--campaign", "-c", th="เลขที่โครงการ", en="number of the campaign"),
]


def _name(of: JsonObject | None) -> str | None:
    return None if of is None else f"{of['th']} · {of['en']}"


def _coupons(client: "CityClient") -> list[JsonObject]:
    items: list[JsonObject] = client.get("/v1/me/coupons")["items"]
    return items


def redemption_row(redemption: JsonObject) -> JsonObject:
    """A redemption with its shop's name where a table looks for it."""
    return {**redemption, "shop_name": _name(redemption.get("merchant_name"))}


@command(
    app,
    "create",
    th="สร้างกุญแจใหม่ เก็บเป็นไฟล์ V3 ที่เข้ารหัส ใครได้ไฟล์กับรหัสผ่านไปจะใช้คูปองแทนได้",
    en="Make a new key in an encrypted V3 keyfile. File and password together spend the coupons.",
    example="nakhon wallet create --keyfile somchai.json",
    takes=Takes.KEYFILE | Takes.OUTPUT,
)
def create(desk: Desk) -> None:
    from wallet_cli.keys import new_private_key, refuse_existing, write_keyfile

    path = desk.keyfile_path()
    refuse_existing(path)
    key = write_keyfile(path, new_private_key(), desk.new_password())
    desk.printer.record(KEY_COLUMNS, {"address": key.address, "keyfile": str(path)})
    desk.printer.note(
        "แจ้งที่อยู่นี้กับเทศบาลเพื่อลงทะเบียนบัตร สำรองไฟล์นี้ไว้ ไม่มีใครกู้รหัสผ่านให้ได้",
        "give this address to the city for a pass; keep a copy: nobody can recover the password",
    )


@command(
    app,
    "address",
    th="ที่อยู่ของกระเป๋า (สาธารณะ ไม่ต้องใช้รหัสผ่าน)",
    en="The wallet's address (public, no password needed).",
    example="nakhon wallet address",
    takes=Takes.KEYFILE | Takes.OUTPUT,
)
def address(desk: Desk) -> None:
    from wallet_cli.keys import address_in

    path = desk.keyfile_path()
    shown = address_in(path) or desk.key.address
    desk.printer.record(KEY_COLUMNS, {"address": shown, "keyfile": str(path)})


@command(
    app,
    "coupons",
    th="คูปองที่มี เหลือเท่าไร และใช้ไม่ได้เพราะอะไร",
    en="The coupons you have, what is left of each, and why one cannot be used.",
    example="nakhon wallet coupons",
    takes=_HOLDER,
)
def coupons(desk: Desk) -> None:
    with desk.holder() as client:
        found = _coupons(client)
    if desk.printer.form is not OutputFormat.TABLE:
        desk.printer.rows(_COUPONS, [_flat(coupon) for coupon in found])
        return
    desk.printer.rows(_COUPONS, [_flat(coupon) for coupon in found])
    for coupon in found:
        if refusal := coupon.get("refusal"):
            number = coupon["campaign"]
            desk.printer.note(f"{number}: {refusal['th']}", f"{number}: {refusal['en']}")
        _tell_limits(desk, coupon)


def _tell_limits(desk: Desk, coupon: JsonObject) -> None:
    from wallet_cli.limits import limit_sentences

    number = coupon["campaign"]
    for thai, english in limit_sentences(coupon.get("limits")):
        desk.printer.note(f"{number}: {thai}", f"{number}: {english}")


def _flat(coupon: JsonObject) -> JsonObject:
    refusal = coupon.get("refusal")
    shown = dict(coupon)
    shown["name_th"] = (coupon.get("name") or {}).get("th")
    shown["refusal_code"] = refusal["code"] if refusal else None
    return {**shown, "name": _name(coupon.get("name"))}


@command(
    app,
    "show",
    th="คิวอาร์ให้ร้านสแกน ร้านใดสแกนก็ได้ ไม่เกินยอดที่ลงลายเซ็น ใช้ได้ 90 วินาที",
    en="A QR for any shop to scan: it takes at most these figures, within 90 seconds.",
    example="nakhon wallet show --bill 120 --png me.png --watch",
    takes=_HOLDER,
)
def show(
    desk: Desk,
    bill: Bill,
    amount: Annotated[
        int | None,
        baht_option("--amount", th="ให้เมืองจ่ายไม่เกิน", en="the city pays at most"),
    ] = None,
    copay: Copay = None,
    campaign: Campaign = None,
    png: PngOption = None,
    light: InvertOption = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", "-w", help=both("ต่ออายุทุก 15 วินาที", "renew every 15 seconds")),
    ] = False,
) -> None:
    from ledger.domain.typed_data import redemption_digest
    from ledger.qr.codec import PresentCode, encode
    from wallet_cli.spending import choose_coupon, presented, seconds_to_next_step

    with desk.holder() as client:
        coupon = choose_coupon(_coupons(client), campaign)
        _tell_limits(desk, coupon)
        desk.printer.note(
            "ร้านใดสแกนภายใน 90 วินาที รับได้ไม่เกินยอดที่แสดง อย่าส่งภาพนี้ให้ใคร",
            "any shop that scans this within 90 seconds takes at most these figures: "
            "send the picture to nobody",
        )
        while True:
            signed = presented(coupon, bill=bill, amount=amount, copay=copay or 0, now=client.now())
            signature = desk.key.sign(redemption_digest(client.city.separator, signed))
            code = PresentCode(
                campaign=signed.campaign,
                bill=signed.bill,
                amount=signed.amount,
                copay=signed.copay,
                signed_at=signed.signed_at,
                r=signature[:32],
                vs=signature[32:],
            )
            text = encode(code, client.city.origin, client.city.tag)
            if watch and desk.surroundings.out.isatty():
                desk.printer.raw(CLEAR_SCREEN)
            show_code(desk, text, png, light=light)
            desk.printer.record(
                _PRESENT,
                {
                    "text": text,
                    "campaign": signed.campaign,
                    "bill": str(signed.bill),
                    "amount": str(signed.amount),
                    "copay": str(signed.copay),
                    "signed_at": signed.signed_at,
                    "png": None if png is None else str(png),
                },
            )
            if not watch:
                return
            time.sleep(seconds_to_next_step(int(coupon["starts"]), client.now()))


@command(
    app,
    "scan",
    th="อ่านคิวอาร์จากภาพและบอกว่าเป็นอะไร โดยยังไม่ทำอะไร",
    en="Read a QR from a picture and say what it is, without doing anything.",
    example="nakhon wallet scan charge.png",
    takes=Takes.CITY | Takes.OUTPUT,
)
def scan(desk: Desk, source: CodeSource) -> None:
    from ledger.qr.scan import scan_any
    from wallet_cli.code_rows import code_columns, code_row

    with desk.public() as client:
        code = scan_any(text_of(source), client.city.tag)
    desk.printer.record(code_columns(code), code_row(code))


@command(
    app,
    "pay",
    th="จ่ายตามคิวอาร์ของร้าน แสดงชื่อร้านที่ขึ้นทะเบียนและยอดจริงก่อนลงลายเซ็น",
    en="Pay a shop's charge: the registered name and the exact figures are shown before signing.",
    example="nakhon wallet pay charge.png",
    takes=_HOLDER,
)
def pay(
    desk: Desk,
    source: CodeSource,
    bill: Annotated[
        int | None,
        baht_option("--bill", "-b", th="ยอดบิล เมื่อคิวอาร์ไม่ได้ระบุ", en="the bill, on a stand"),
    ] = None,
    copay: Copay = None,
    campaign: Campaign = None,
    png: Annotated[
        Path | None,
        typer.Option("--receipt", metavar="FILE", help=both("ภาพใบรับ", "the receipt as PNG")),
    ] = None,
    yes: Yes = False,
    position: Position = None,
    accuracy: Accuracy = ACCURACY_METRES,
) -> None:
    from wallet_cli.limits import read_place
    from wallet_cli.payment import pay_charge

    place = read_place(position, accuracy)
    with desk.holder() as client:
        paid = pay_charge(
            desk,
            client,
            text_of(source),
            bill=bill,
            copay=copay or 0,
            campaign=campaign,
            yes=yes,
            place=place,
        )
    if png is not None:
        from wallet_cli.pictures import write_png

        write_png(png, str(paid["receipt"]["qr"]))
    desk.printer.record(REDEMPTION_COLUMNS, redemption_row(paid))
