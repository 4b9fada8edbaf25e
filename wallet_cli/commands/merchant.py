"""`nakhon merchant`: the till of a shop, and its registration."""

import secrets
from datetime import date
from typing import Annotated, Any, Final

import typer

from wallet_cli.arguments import (
    ACCURACY_METRES,
    Accuracy,
    OfMerchant,
    PinFile,
    Position,
    Yes,
    address_option,
    baht_option,
    number_option,
)
from wallet_cli.command import Takes, command, group
from wallet_cli.commands.wallet import REDEMPTION_COLUMNS, Bill, redemption_row
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.intents import follow
from wallet_cli.language import both
from wallet_cli.output import Column, Kind
from wallet_cli.pictures import CodeSource, InvertOption, PngOption, show_code, text_of

app = group(
    th="ร้านค้า: เรียกเก็บ สแกนคูปอง ยอดขาย ยกเลิกรายการ",
    en="shops: charge, scan coupons, takings, void",
)

REFERENCE_BYTES: Final = 8

_TILL: Final = Takes.CITY | Takes.KEYFILE | Takes.OUTPUT
_ORDER: Final = Takes.CITY | Takes.OFFICER | Takes.WAIT | Takes.OUTPUT

_CHARGE: Final = (
    Column("merchant", "ร้าน", "Shop"),
    Column("name", "ชื่อที่ขึ้นทะเบียน", "Registered name"),
    Column("bill", "บิล", "Bill", Kind.BAHT),
    Column("reference", "เลขอ้างอิง", "Reference"),
)
_TAKINGS: Final = (
    Column("campaign", "โครงการ", "Campaign"),
    Column("name", "ชื่อ", "Name"),
    Column("count", "จำนวนรายการ", "Redemptions"),
    Column("amount", "เมืองจ่าย", "City pays", Kind.BAHT),
    Column("copay", "โทเคนที่รับ", "Tokens paid", Kind.BAHT),
    Column("pending", "รอขึ้นเชน", "On its way", Kind.BAHT),
)


@command(
    app,
    "register",
    th="ขึ้นทะเบียนร้าน (นายทะเบียน) สถานที่ที่ไม่ใช่ร้านอาหารขึ้นเป็นร้านอาหารไม่ได้",
    en="Register a shop (registrar). A place that is no restaurant cannot be registered as one.",
    example="nakhon merchant register --payout 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 "
    '--name-th "ข้าวซอยคุณยาย" --name-en "Khao Soi Khun Yai" --district 7',
    takes=_ORDER,
)
def register(
    desk: Desk,
    payout: Annotated[
        str, address_option("--payout", th="ที่อยู่รับเงินของร้าน", en="the shop's payout address")
    ],
    name_th: Annotated[str, typer.Option("--name-th", help=both("ชื่อไทย", "name in Thai"))],
    name_en: Annotated[str, typer.Option("--name-en", help=both("ชื่ออังกฤษ", "name in English"))],
    district: Annotated[
        int, typer.Option("--district", min=0, max=63, help=both("เขต", "district, 0 to 63"))
    ],
    category: Annotated[
        str, typer.Option("--category", help=both("ประเภทที่ขอ", "category asked for"))
    ] = "restaurant",
    kind: Annotated[
        str | None,
        typer.Option("--kind", help=both("สถานที่นี้คืออะไร ปกติตามประเภท", "what the place is")),
    ] = None,
    latitude: Annotated[
        str | None, typer.Option("--latitude", help=both("ละติจูด", "latitude in degrees"))
    ] = None,
    longitude: Annotated[
        str | None, typer.Option("--longitude", help=both("ลองจิจูด", "longitude in degrees"))
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(
            "--override",
            help=both("เหตุผลเป็นลายลักษณ์อักษรหากยืนยัน", "a written reason to insist with"),
        ),
    ] = None,
) -> None:
    body: dict[str, Any] = {
        "payout": payout,
        "kind": kind or category,
        "category": category,
        "district": district,
        "name_th": name_th,
        "name_en": name_en,
    }
    optional = {"latitude": latitude, "longitude": longitude, "override_reason": override}
    body |= {key: value for key, value in optional.items() if value is not None}
    with desk.officer() as client:
        follow(desk, client, client.post("/v1/merchants", body))


def _change(desk: Desk, number: int, status: str, reason: str) -> None:
    with desk.officer() as client:
        body = {"status": status, "reason": reason}
        follow(desk, client, client.post(f"/v1/merchants/{number}/status", body))


Reason = Annotated[
    str,
    typer.Option("--reason", help=both("เหตุผล เก็บไว้กับคำสั่ง", "why; kept with the order")),
]


@command(
    app,
    "suspend",
    th="ระงับร้าน (นายทะเบียน)",
    en="Suspend a shop (registrar).",
    example='nakhon merchant suspend --merchant 3 --reason "แลกคูปองเป็นเงินสด ตรวจพบ"',
    takes=_ORDER,
)
def suspend(desk: Desk, merchant: OfMerchant, reason: Reason) -> None:
    _change(desk, merchant, "suspended", reason)


@command(
    app,
    "activate",
    th="เปิดร้านที่ถูกระงับ (นายทะเบียน)",
    en="Make a suspended shop active again (registrar).",
    example='nakhon merchant activate --merchant 3 --reason "ตรวจสอบแล้วไม่พบความผิด"',
    takes=_ORDER,
)
def activate(desk: Desk, merchant: OfMerchant, reason: Reason) -> None:
    _change(desk, merchant, "active", reason)


@command(
    app,
    "charge",
    th="คิวอาร์เรียกเก็บให้ลูกค้าสแกน ไม่ใส่ --bill คือป้ายตั้งโต๊ะที่ลูกค้าพิมพ์ยอดเอง",
    en="A QR for the customer to scan; without --bill a stand, where the customer types the bill.",
    example="nakhon merchant charge --merchant 3 --bill 120 --png charge.png",
    takes=Takes.CITY | Takes.OUTPUT,
)
def charge(
    desk: Desk,
    merchant: OfMerchant,
    bill: Annotated[
        int | None, baht_option("--bill", "-b", th="ยอดบิล บาท", en="the bill, in baht")
    ] = None,
    emvco: Annotated[
        bool,
        typer.Option("--emvco", help=both("รูปแบบ EMVCo (TLV)", "the EMVCo form (TLV)")),
    ] = False,
    png: PngOption = None,
    light: InvertOption = False,
) -> None:
    from ledger.qr.codec import ChargeCode, encode
    from ledger.qr.emvco import encode_charge, shop_label
    from wallet_cli.spending import registered_shop

    code = ChargeCode(
        merchant=merchant, bill=bill or 0, reference=secrets.token_bytes(REFERENCE_BYTES)
    )
    with desk.public() as client:
        shop = registered_shop(client, merchant)
        city = client.city
    if emvco:
        label = shop_label(shop.name_en, merchant)
        place = shop_label(city.name_en, 0)[:15].strip()
        text = encode_charge(code, city.tag, shop=label, city=place)
    else:
        text = encode(code, city.origin, city.tag)
    show_code(desk, text, png, light=light)
    desk.printer.record(
        _CHARGE,
        {
            "text": text,
            "merchant": merchant,
            "name": shop.name,
            "bill": str(code.bill),
            "reference": code.reference.hex(),
            "png": None if png is None else str(png),
        },
    )


@command(
    app,
    "scan",
    th="สแกนคิวอาร์คูปองของลูกค้า จากจอหรือกระดาษ ใส่ยอดบิล แล้วรอคำตอบจากเมือง\n"
    "คูปองกระดาษ: แสดงยอดให้ลูกค้าดูก่อนตัดสิทธิ์ ถ้ามีรหัส PIN ลูกค้ากดเอง\n"
    "โครงการที่ต้องรู้ตำแหน่งใช้ --position ของเครื่องนี้ ข้อห้ามของโครงการต้องให้ลูกค้ารับทราบก่อน",
    en="Scan a customer's coupon QR, type the bill, and get the city's answer.\n"
    "Paper: the figures are shown to the customer first, who types the PIN if there is one.\n"
    "Where a campaign asks for the place, --position is this till's; what it forbids is shown, and "
    "the customer agrees first.",
    example="nakhon merchant scan customer.png --merchant 3 --bill 120 --keyfile shop.json",
    takes=_TILL,
)
def scan(
    desk: Desk,
    source: CodeSource,
    merchant: OfMerchant,
    bill: Bill,
    copay: Annotated[
        int | None,
        baht_option("--copay", th="ส่วนที่จ่ายด้วยโทเคน", en="part paid in city tokens"),
    ] = None,
    campaign: Annotated[
        int | None,
        number_option("--campaign", "-c", th="โครงการ (กระดาษ)", en="campaign (paper)"),
    ] = None,
    pin_file: PinFile = None,
    position: Position = None,
    accuracy: Accuracy = ACCURACY_METRES,
    yes: Yes = False,
) -> None:
    from ledger.qr.codec import PaperCode
    from ledger.qr.scan import scan_any
    from wallet_cli.limits import read_place
    from wallet_cli.paper_payment import pay_by_paper
    from wallet_cli.presented import take_presented

    text, place = text_of(source), read_place(position, accuracy)
    with desk.public() as public:
        code = scan_any(text, public.city.tag)
    if isinstance(code, PaperCode):
        paid = pay_by_paper(
            desk, code, pin_file, merchant=merchant, bill=bill, copay=copay, campaign=campaign,
            yes=yes, place=place,
        )  # fmt: skip
    else:
        paid = take_presented(
            desk, text, merchant=merchant, bill=bill, copay=copay, yes=yes, place=place
        )
    desk.printer.record(REDEMPTION_COLUMNS, redemption_row(paid))


@command(
    app,
    "takings",
    th="ยอดที่ร้านรับ แยกตามโครงการ พร้อมรายการใน JSON",
    en="What the shop took, by campaign; JSON has every redemption too.",
    example="nakhon merchant takings --merchant 3 --keyfile shop.json",
    takes=_TILL,
)
def takings(desk: Desk, merchant: OfMerchant) -> None:
    from ledger.domain.clock import english_day, thai_day
    from wallet_cli.output import OutputFormat

    with desk.holder() as client:
        whole = client.takings(merchant)
    rows = [
        {**one, "name": " · ".join((one.get("name") or {}).values())} for one in whole["campaigns"]
    ]
    if desk.printer.form is OutputFormat.JSON:
        desk.printer.record(_TAKINGS, whole)
    else:
        desk.printer.rows(_TAKINGS, rows)
    if whole.get("due_on"):
        due = date.fromisoformat(whole["due_on"])
        desk.printer.note(
            f"ที่รับวันนี้เข้ารอบจ่ายได้ตั้งแต่ {thai_day(due)}",
            f"what is taken today may be paid from {english_day(due)}",
        )


@command(
    app,
    "void",
    th="ยกเลิกรายการทั้งหมดหรือบางส่วน สิทธิ์และเงินของลูกค้ากลับคืนเท่าที่ยกเลิก",
    en="Void a redemption, wholly or in part: the customer gets exactly that much back.",
    example="nakhon merchant void rdm_5v3k7q2mza4xw6yt5v3k7q2m --merchant 3 --yes",
    takes=_TILL | Takes.WAIT,
)
def void(
    desk: Desk,
    redemption: Annotated[
        str, typer.Argument(metavar="ID", help=both("รหัสรายการ rdm_…", "id, rdm_…"))
    ],
    merchant: OfMerchant,
    amount: Annotated[
        int | None,
        baht_option("--amount", th="ยกเลิกกี่บาท ปกติทั้งหมด", en="how much; all of it otherwise"),
    ] = None,
    yes: Yes = False,
) -> None:
    from ledger.domain.amounts import format_baht
    from ledger.domain.typed_data import void_digest

    with desk.holder() as client:
        path = f"/v1/redemptions/{client.segment(redemption)}"
        found = client.get(path)
        if found["merchant"] != merchant:
            raise failure(
                ExitCode.NOT_ALLOWED,
                "not_this_shop",
                th=f"รายการนี้ไม่ใช่ของร้านเลขที่ {merchant}",
                en=f"this redemption is not of shop number {merchant}",
            )
        left = int(found["amount"]) - int(found["voided"])
        undone = left if amount is None else amount
        shown = format_baht(undone)
        desk.confirm(f"ยกเลิก {shown} บาท ?", f"Void {shown} baht?", yes=yes)
        voided_at = client.now()
        digest = void_digest(
            client.city.separator,
            campaign=int(found["campaign"]),
            pass_number=int(found["pass"]),
            merchant=merchant,
            amount=undone,
            signed_at=int(found["signed_at"]),
            voided_at=voided_at,
        )
        body = {
            "amount": str(undone),
            "voided_at": voided_at,
            "signature": "0x" + desk.key.sign(digest).hex(),
        }
        follow(desk, client, client.post(f"{path}/void", body))
