"""`nakhon merchant`: the cashiers' devices of a shop, and the voids they ask the owner for."""

from typing import Annotated, Final

import typer

from wallet_cli.arguments import OfMerchant, Yes, baht_option
from wallet_cli.command import Takes, command
from wallet_cli.commands.merchant import app
from wallet_cli.desk import Desk
from wallet_cli.failures import CommandFailure
from wallet_cli.language import both
from wallet_cli.output import Column, Kind, OutputFormat

__all__ = ["app"]

_SIGNED: Final = Takes.CITY | Takes.KEYFILE | Takes.OUTPUT

_CODE: Final = (
    Column("code", "รหัสจับคู่", "Pairing code"),
    Column("merchant", "ร้าน", "Shop"),
    Column("device", "เครื่อง", "Device"),
    Column("expires_at", "ใช้ได้ถึง", "Good until", Kind.TIME),
)
_CLAIMED: Final = (
    Column("device", "เครื่อง", "Device"),
    Column("merchant", "ร้าน", "Shop"),
    Column("branch", "สาขา", "Branch"),
    Column("bill_max", "ไม่เกินต่อบิล", "At most a bill", Kind.BAHT),
    Column("day_max", "ไม่เกินต่อวัน", "At most a day", Kind.BAHT),
    Column("address", "กุญแจของเครื่อง", "The device's key"),
    Column("keyfile", "ไฟล์กุญแจ", "Keyfile"),
)
_DEVICES: Final = (
    Column("device", "เครื่อง", "Device"),
    Column("state", "สถานะ", "State"),
    Column("branch", "สาขา", "Branch"),
    Column("cashier", "ผู้รับเงิน", "Cashier"),
    Column("bill_max", "ไม่เกินต่อบิล", "At most a bill", Kind.BAHT),
    Column("day_max", "ไม่เกินต่อวัน", "At most a day", Kind.BAHT),
    Column("created_at", "ออกรหัสเมื่อ", "Offered", Kind.TIME),
    Column("claimed_at", "จับคู่เมื่อ", "Paired", Kind.TIME),
    Column("revoked_at", "ยกเลิกเมื่อ", "Withdrawn", Kind.TIME),
    Column("address", "กุญแจของเครื่อง", "The device's key"),
)
_WITHDRAWN: Final = (
    Column("device", "เครื่อง", "Device"),
    Column("merchant", "ร้าน", "Shop"),
    Column("state", "สถานะ", "State"),
    Column("revoked_at", "ยกเลิกเมื่อ", "Withdrawn", Kind.TIME),
)
_TODAY: Final = (
    Column("campaign", "โครงการ", "Campaign"),
    Column("count", "จำนวนรายการ", "Redemptions"),
    Column("amount", "เมืองจ่าย", "City pays", Kind.BAHT),
    Column("copay", "โทเคนที่รับ", "Tokens paid", Kind.BAHT),
)
_ASKED: Final = (
    Column("request", "คำขอ", "Request"),
    Column("state", "สถานะ", "State"),
    Column("redemption", "รายการ", "Redemption"),
    Column("amount", "ขอยกเลิก", "To undo", Kind.BAHT),
    Column("reason", "เหตุผล", "Why"),
    Column("branch", "สาขา", "Branch"),
    Column("device", "เครื่อง", "Device"),
    Column("asked_at", "ขอเมื่อ", "Asked", Kind.TIME),
    Column("answered_at", "ตอบเมื่อ", "Answered", Kind.TIME),
)

DeviceId = Annotated[
    str, typer.Argument(metavar="DEVICE", help=both("รหัสเครื่อง dev_…", "device, dev_…"))
]


@command(
    app,
    "pair",
    th="ออกรหัสจับคู่เครื่องให้ผู้รับเงินหนึ่งคน (เจ้าของร้าน) ใช้ได้ครั้งเดียวภายใน 5 นาที",
    en="Make a pairing code for one cashier's device (owner): good once, for five minutes.",
    example='nakhon merchant pair --merchant 3 --branch "หน้าร้าน" --cashier "น้องฝน" '
    "--bill-max 500 --day-max 5,000 --keyfile shop.json",
    takes=_SIGNED,
)
def pair(
    desk: Desk,
    merchant: OfMerchant,
    branch: Annotated[str, typer.Option("--branch", help=both("ชื่อสาขา", "name of the branch"))],
    cashier: Annotated[
        str,
        typer.Option(
            "--cashier",
            help=both("ชื่อผู้รับเงิน เห็นเฉพาะเจ้าของร้าน", "who holds it; told to the owner only"),
        ),
    ],
    bill_max: Annotated[
        int, baht_option("--bill-max", th="รับได้ไม่เกินต่อบิล", en="the most it takes for a bill")
    ],
    day_max: Annotated[
        int, baht_option("--day-max", th="รับได้ไม่เกินต่อวัน", en="the most it takes in a day")
    ],
) -> None:
    body = {
        "branch": branch,
        "cashier": cashier,
        "bill_max": str(bill_max),
        "day_max": str(day_max),
    }
    with desk.holder() as client:
        made = client.post(f"/v1/merchants/{merchant}/devices", body)
    desk.printer.record(_CODE, made)
    desk.printer.note(
        f"ที่เครื่องของผู้รับเงิน: nakhon merchant claim {made['code']} --merchant {merchant}",
        f"on the cashier's device: nakhon merchant claim {made['code']} --merchant {merchant}",
    )


@command(
    app,
    "claim",
    th="ทำเครื่องนี้เป็นเครื่องรับเงินของร้านด้วยรหัสจับคู่ และสร้างไฟล์กุญแจของเครื่อง",
    en="Make this a device of the shop with a pairing code, and make the device's own keyfile.",
    example="nakhon merchant claim 2345-6789 --merchant 3 --keyfile till.json",
    takes=_SIGNED,
)
def claim(
    desk: Desk,
    code: Annotated[
        str, typer.Argument(metavar="CODE", help=both("รหัสจับคู่ 8 ตัว", "the eight-letter code"))
    ],
    merchant: OfMerchant,
) -> None:
    from ledger.domain.pairing import read_code
    from wallet_cli.keys import new_private_key, refuse_existing, write_keyfile

    typed = read_code(code)
    path = desk.keyfile_path()
    refuse_existing(path)
    write_keyfile(path, new_private_key(), desk.new_password())
    try:
        with desk.holder() as client:
            paired = client.post("/v1/devices/claim", {"merchant": merchant, "code": typed})
    except CommandFailure:
        # Its key is nobody's: without this the next try would find a keyfile in its way.
        path.unlink(missing_ok=True)
        raise
    desk.printer.record(_CLAIMED, {**paired, "keyfile": str(path)})


@command(
    app,
    "devices",
    th="เครื่องรับเงินของร้าน ใครถือ รับได้เท่าไร (เจ้าของร้าน)",
    en="The shop's devices: who holds each and how much it may take (owner).",
    example="nakhon merchant devices --merchant 3 --keyfile shop.json",
    takes=_SIGNED,
)
def devices(desk: Desk, merchant: OfMerchant) -> None:
    with desk.holder() as client:
        found = client.get(f"/v1/merchants/{merchant}/devices")["items"]
    desk.printer.rows(_DEVICES, found)


@command(
    app,
    "revoke",
    th="ยกเลิกเครื่องรับเงินหรือรหัสจับคู่ คำขอถัดไปของเครื่องถูกปฏิเสธทันที (เจ้าของร้าน)",
    en="Withdraw a device or a code: its very next request is refused (owner).",
    example="nakhon merchant revoke dev_5v3k7q2mza4xw6yt5v3k7q2m --merchant 3 --yes",
    takes=_SIGNED,
)
def revoke(desk: Desk, device: DeviceId, merchant: OfMerchant, yes: Yes = False) -> None:
    desk.confirm(f"ยกเลิกเครื่อง {device} ?", f"Withdraw {device}?", yes=yes)
    with desk.holder() as client:
        name = client.segment(device)
        desk.printer.record(
            _WITHDRAWN, client.post(f"/v1/merchants/{merchant}/devices/{name}/revoke")
        )


@command(
    app,
    "today",
    th="ยอดวันนี้ของสาขาที่เครื่องนี้อยู่ และเครื่องนี้รับได้อีกเท่าไร",
    en="Today's takings of this device's branch, and what this device may still take.",
    example="nakhon merchant today --keyfile till.json",
    takes=_SIGNED,
)
def today(desk: Desk) -> None:
    with desk.holder() as client:
        day = client.get("/v1/devices/me/takings")
    if desk.printer.form is OutputFormat.JSON:
        desk.printer.record(_TODAY, day)
        return
    from wallet_cli.output import baht

    desk.printer.rows(_TODAY, day["campaigns"])
    left = baht(int(day["device_left"]))
    desk.printer.note(f"วันนี้เครื่องนี้รับได้อีก {left} บาท", f"this device may take {left} baht more today")


@command(
    app,
    "ask-void",
    th="ขอให้เจ้าของร้านยกเลิกรายการ (ผู้รับเงิน) ยังไม่มีอะไรถูกยกเลิกจนกว่าเจ้าของจะลงลายเซ็น",
    en="Ask the owner to void a redemption (cashier). Nothing is undone until the owner signs.",
    example="nakhon merchant ask-void rdm_5v3k7q2mza4xw6yt5v3k7q2m "
    '--reason "พิมพ์ยอดผิด ลูกค้ายังอยู่" --keyfile till.json',
    takes=_SIGNED,
)
def ask_void(
    desk: Desk,
    redemption: Annotated[
        str, typer.Argument(metavar="ID", help=both("รหัสรายการ rdm_…", "id, rdm_…"))
    ],
    reason: Annotated[
        str, typer.Option("--reason", help=both("เหตุผลให้เจ้าของร้าน", "why; the owner reads it"))
    ],
    amount: Annotated[
        int | None,
        baht_option("--amount", th="ขอยกเลิกกี่บาท ปกติทั้งหมด", en="how much; all otherwise"),
    ] = None,
) -> None:
    body = {"redemption": redemption, "reason": reason}
    if amount is not None:
        body["amount"] = str(amount)
    with desk.holder() as client:
        desk.printer.record(_ASKED, client.post("/v1/devices/me/void-requests", body))


@command(
    app,
    "asked",
    th="รายการที่ผู้รับเงินขอยกเลิก (เจ้าของร้าน) อนุญาตด้วย nakhon merchant void",
    en="What cashiers asked to void (owner). Grant one with: nakhon merchant void.",
    example="nakhon merchant asked --merchant 3 --keyfile shop.json",
    takes=_SIGNED,
)
def asked(desk: Desk, merchant: OfMerchant) -> None:
    with desk.holder() as client:
        found = client.get(f"/v1/merchants/{merchant}/void-requests")["items"]
    desk.printer.rows(_ASKED, found)


@command(
    app,
    "decline",
    th="ไม่อนุญาตคำขอยกเลิกของผู้รับเงิน (เจ้าของร้าน)",
    en="Say no to a cashier's request for a void (owner).",
    example="nakhon merchant decline vrq_5v3k7q2mza4xw6yt5v3k7q2m --merchant 3",
    takes=_SIGNED,
)
def decline(
    desk: Desk,
    request: Annotated[
        str, typer.Argument(metavar="REQUEST", help=both("รหัสคำขอ vrq_…", "request, vrq_…"))
    ],
    merchant: OfMerchant,
) -> None:
    with desk.holder() as client:
        name = client.segment(request)
        desk.printer.record(
            _ASKED, client.post(f"/v1/merchants/{merchant}/void-requests/{name}/decline")
        )
