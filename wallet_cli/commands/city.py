"""`nakhon city`: the deployment, where places are, the shops on the map."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from wallet_cli.arguments import Address, Baht, PassNumber, Yes
from wallet_cli.command import Takes, command, group
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.intents import follow
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

PLACES_SHOWN_MAX: Final = 500


class HelpKind(StrEnum):
    """What a resident lost: the phone, or only the wish to go on with paper."""

    LOST_PHONE = "lost_phone"
    PAPER_TO_PHONE = "paper_to_phone"


app = group(
    th="เมือง: สัญญาบนเชน ตำบล และร้านบนแผนที่",
    en="the city: its contracts, its subdistricts, the shops on the map",
)

_CITY: Final = (
    Column("city", "เมือง", "City"),
    Column("chain_id", "เชน", "Chain id"),
    Column("origin", "ที่อยู่ใน QR", "Origin in QR codes"),
    Column("tag", "รหัสย่อเมือง", "Deployment tag"),
    Column("block", "เริ่มที่บล็อก", "Since block"),
    Column("sequencer", "ผู้จัดลำดับ", "Sequencer"),
    Column("contracts", "สัญญา", "Contracts"),
    Column("now", "เวลาของเมือง", "The city's time", Kind.TIME),
)

_PLACES: Final = (
    Column("code", "รหัส", "Code"),
    Column("name_th", "ตำบล", "Subdistrict (Thai)"),
    Column("name_en", "ชื่ออังกฤษ", "Subdistrict"),
    Column("district_th", "อำเภอ", "District"),
    Column("province_th", "จังหวัด", "Province"),
    Column("postcode", "ไปรษณีย์", "Postcode"),
    Column("latitude", "ละติจูด", "Latitude"),
    Column("longitude", "ลองจิจูด", "Longitude"),
    Column("basis", "ที่มาของพิกัด", "Coordinates from"),
)

_ASSISTED: Final = (
    Column("number", "ลำดับ", "No."),
    Column("acted_at", "เมื่อ", "At", Kind.TIME),
    Column("ambassador", "ผู้ช่วย", "Ambassador"),
    Column("kind", "เรื่อง", "What"),
    Column("pass", "บัตรสมาชิก", "Pass"),
    Column("from", "จาก", "From"),
    Column("to", "ไปที่", "To"),
    Column("reason", "เหตุผล", "Why"),
    Column("key", "กุญแจ", "Key"),
    Column("intent", "คำสั่ง", "Intent"),
)

_MERCHANTS: Final = (
    Column("merchant", "ร้าน", "Shop"),
    Column("name_th", "ชื่อ", "Name (Thai)"),
    Column("name_en", "ชื่ออังกฤษ", "Name"),
    Column("category", "ประเภท", "Category"),
    Column("district", "เขต", "District"),
    Column("status", "สถานะ", "Status"),
    Column("latitude", "ละติจูด", "Latitude"),
    Column("longitude", "ลองจิจูด", "Longitude"),
)


@command(
    app,
    "show",
    th="แสดงเมืองที่เซิร์ฟเวอร์นี้ให้บริการ และที่อยู่สัญญาบนเชน",
    en="Show the city this server serves and its contracts on the chain.",
    example="nakhon city show --json",
    takes=Takes.CITY | Takes.OUTPUT,
)
def show(desk: Desk) -> None:
    with desk.public() as client:
        city = client.city
        desk.printer.record(
            _CITY,
            {
                "city": f"{city.name_th} · {city.name_en}",
                "chain_id": city.chain_id,
                "origin": city.origin,
                "tag": city.tag.hex(),
                "block": city.block,
                "sequencer": city.sequencer,
                "contracts": dict(city.contracts),
                "now": client.now(),
            },
        )


@command(
    app,
    "find",
    th="ค้นหาตำบลจากชื่อ (ไทยหรืออังกฤษ) หรือรหัส ไม่ต้องต่อเซิร์ฟเวอร์",
    en="Find a subdistrict by its name (Thai or English) or code. Needs no server.",
    example='nakhon city find "แม่เหียะ"',
    takes=Takes.OUTPUT,
)
def find(
    desk: Desk,
    words: Annotated[list[str], typer.Argument(help=both("ชื่อหรือรหัส", "name or code"))],
    table: Annotated[
        Path | None,
        typer.Option("--table", metavar="FILE", help=both("ใช้ตารางอื่น", "another table")),
    ] = None,
) -> None:
    from ledger.domain.geography import Subdistrict, degrees
    from ledger.errors import NotFound
    from ledger.services.places import gazetteer, read_gazetteer

    places = read_gazetteer(table) if table else gazetteer()

    def row(place: Subdistrict) -> dict[str, object]:
        shown: dict[str, object] = {
            name: getattr(place, name)
            for name in ("code", "name_th", "name_en", "district_code", "district_th",
                         "district_en", "province_code", "province_th", "province_en", "postcode")
        }  # fmt: skip
        try:
            centre = places.centre_of(place)
        except NotFound:
            return {**shown, "latitude": None, "longitude": None, "basis": None}
        return {
            **shown,
            "latitude": degrees(centre.point.latitude),
            "longitude": degrees(centre.point.longitude),
            "basis": str(centre.basis),
            "estimated": centre.estimated,
        }

    asked = " ".join(words)
    found = places.find(asked)
    if not found:
        raise failure(
            ExitCode.NOT_FOUND,
            "place_unknown",
            th=f"ไม่พบตำบล “{asked}”",
            en=f"no subdistrict is called “{asked}”",
        )
    rows = [row(place) for place in found[:PLACES_SHOWN_MAX]]
    desk.printer.rows(_PLACES, rows)
    if any(each.get("estimated") for each in rows):
        desk.printer.note(
            "พิกัดบางแห่งเป็นค่าประมาณ: ค่าเฉลี่ยของตำบลรอบข้าง",
            "some coordinates are estimates: the mean of the places around",
        )


@command(
    app,
    "merchants",
    th="รายชื่อร้านทั้งหมดพร้อมพิกัด สำหรับทำแผนที่",
    en="List every shop with its coordinates, for a map.",
    example="nakhon city merchants -o csv",
    takes=Takes.CITY | Takes.OUTPUT,
)
def merchants(desk: Desk) -> None:
    with desk.public() as client:
        desk.printer.rows(_MERCHANTS, client.items("/v1/merchants"))


@command(
    app,
    "mint",
    th="สั่งออกโทเคนเมืองให้บัญชีหนึ่ง (เหรัญญิก)",
    en="Order city tokens for an account (treasurer).",
    example="nakhon city mint 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 200,000",
    takes=Takes.CITY | Takes.OFFICER | Takes.WAIT | Takes.OUTPUT,
)
def mint(
    desk: Desk,
    to: Address,
    amount: Baht,
    reference: Annotated[
        str, typer.Option("--reference", help=both("เลขอ้างอิง", "a reference to keep with it"))
    ] = "",
) -> None:
    with desk.officer() as client:
        body = {"to": to, "amount": str(amount), "reference": reference}
        follow(desk, client, client.post("/v1/tokens/mint", body))


@command(
    app,
    "assist",
    th="ช่วยประชาชนย้ายบัตรไปโทรศัพท์เครื่องใหม่ในชื่อของผู้ช่วยเอง (ทูตเมือง)",
    en="Help a resident move a pass to a new phone, under your own name (ambassador).",
    example="nakhon city assist 17 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --kind lost_phone "
    '--reason "โทรศัพท์ตกน้ำ ตรวจบัตรประชาชนแล้ว" --yes',
    takes=Takes.CITY | Takes.OFFICER | Takes.WAIT | Takes.OUTPUT,
)
def assist(
    desk: Desk,
    number: PassNumber,
    to: Address,
    reason: Annotated[
        str, typer.Option("--reason", help=both("เหตุผล เก็บไว้กับรายการ", "why; kept with the act"))
    ],
    kind: Annotated[
        HelpKind, typer.Option("--kind", help=both("เรื่องที่ช่วย", "what the help is about"))
    ] = HelpKind.LOST_PHONE,
    yes: Yes = False,
) -> None:
    desk.confirm(f"ย้ายบัตร {number} ไปที่ {to} ?", f"Move pass {number} to {to}?", yes=yes)
    body = {"kind": str(kind), "pass": number, "to": to, "reason": reason}
    with desk.officer() as client:
        follow(desk, client, client.post("/v1/assisted/moves", body))


@command(
    app,
    "assisted",
    th="ทุกรายการที่ทูตเมืองช่วยประชาชน ใครช่วยบัตรไหน เรื่องอะไร (เจ้าหน้าที่)",
    en="Every act of help by ambassadors: who helped which pass, with what (offices).",
    example="nakhon city assisted -o csv --key-file registrar.key",
    takes=Takes.CITY | Takes.OFFICER | Takes.OUTPUT,
)
def assisted(desk: Desk) -> None:
    with desk.officer() as client:
        desk.printer.rows(_ASSISTED, client.items("/v1/assisted"))
