"""`nakhon pass paper` and `print`: a batch of papers, its registration, its sheets and cards."""

import csv
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.arguments import number_option
from wallet_cli.command import Takes, command
from wallet_cli.commands.passes import app
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.language import both
from wallet_cli.output import Column

if TYPE_CHECKING:
    from ledger.qr.sheets import Printed
    from wallet_cli.client import CityClient
    from wallet_cli.papers import Paper

__all__ = ["app"]

PAPERS_MAX: Final = 5_000
ADDRESSES_AT_ONCE: Final = 50
MINUTE: Final = 60

_MADE: Final = (
    Column("papers", "ไฟล์คูปองกระดาษ", "Papers"),
    Column("count", "จำนวน", "Count"),
    Column("pin", "มีรหัส PIN", "With PIN"),
    Column("csv", "ไฟล์ลงทะเบียน", "Registration"),
)
_PRINTED: Final = (
    Column("pdf", "ไฟล์ PDF", "PDF"),
    Column("count", "จำนวน", "Count"),
    Column("pins", "ไฟล์รหัส PIN", "PINs"),
)

PapersFile = Annotated[
    Path,
    typer.Argument(
        metavar="PAPERS", help=both("ไฟล์คูปองกระดาษที่เข้ารหัสไว้", "the encrypted file of papers")
    ),
]


@command(
    app,
    "paper",
    th="สร้างคูปองกระดาษ: ไฟล์ลับที่เข้ารหัสไว้ และไฟล์ CSV สำหรับลงทะเบียนด้วย pass enrol\n"
    "ใครได้ไฟล์ลับกับรหัสผ่านไปจะใช้คูปองแทนได้ทุกใบ",
    en="Make papers: one encrypted secret file, and a CSV file to register with pass enrol.\n"
    "The secret file and its password together spend every one of them.",
    example="nakhon pass paper papers.json --count 500 --district 7 --csv papers.csv",
    takes=Takes.PASSWORD | Takes.OUTPUT,
)
def paper(
    desk: Desk,
    file: PapersFile,
    table: Annotated[
        Path,
        typer.Option("--csv", metavar="FILE", help=both("ไฟล์ลงทะเบียน", "the registration file")),
    ],
    district: Annotated[
        int, typer.Option("--district", min=0, max=63, help=both("เขต", "district, 0 to 63"))
    ],
    count: Annotated[
        int,
        typer.Option("--count", "-n", min=1, max=PAPERS_MAX, help=both("กี่ใบ", "how many")),
    ] = 10,
    class_: Annotated[
        str, typer.Option("--class", help=both("ประเภทผู้ถือ", "class of the holders"))
    ] = "paper",
    valid_until: Annotated[
        str,
        typer.Option(
            "--valid-until",
            help=both("ใช้ได้ถึงสิ้นวันที่ เช่น 2026-09-30", "through this day, such as 2026-09-30"),
        ),
    ] = "",
    pin: Annotated[
        bool,
        typer.Option("--pin", help=both("แต่ละใบมีรหัส PIN หกหลัก", "each has a PIN of six digits")),
    ] = False,
) -> None:
    from wallet_cli.keys import new_private_key
    from wallet_cli.papers import Batch, refuse_existing, write_batch, write_new

    refuse_existing(file, table)
    batch = Batch(secret=new_private_key(), count=count, pin=pin)
    medium = "paper_pin" if pin else "paper"
    rows: list[list[object]] = [
        [one.address, class_, district, valid_until, medium] for one in batch.papers()
    ]
    write_batch(file, batch, desk.new_password())
    header: list[object] = ["address", "class", "district", "valid_until", "medium"]
    write_new(table, _csv([header, *rows]))
    desk.printer.record(_MADE, {"papers": str(file), "count": count, "pin": pin, "csv": str(table)})
    desk.printer.note(
        "เก็บไฟล์ลับไว้ที่เดียว ลงทะเบียนด้วย nakhon pass enrol แล้วพิมพ์ด้วย nakhon pass print",
        "keep the secret file in one place; enrol with nakhon pass enrol, then nakhon pass print",
    )


def _csv(rows: list[list[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


@command(
    app,
    "print",
    th="พิมพ์แผ่นคูปอง (A4 แผ่นละสิบใบ มีเส้นตัด) หรือบัตรพกด้วย --cards เป็น PDF\n"
    "ต้องลงทะเบียนแล้ว PDF คือเงินสด เก็บให้ดี รหัส PIN แยกไปไฟล์ของตัวเองด้วย --pins",
    en="Print coupon sheets (A4, ten a page, with cut lines), or with --cards wallet cards,\n"
    "as PDF, of enrolled papers. The PDF is cash. PINs go to a file of their own with --pins.",
    example="nakhon pass print papers.json --campaign 1 --pdf sheets.pdf",
    takes=Takes.CITY | Takes.OFFICER | Takes.PASSWORD | Takes.OUTPUT,
)
def print_(
    desk: Desk,
    file: PapersFile,
    pdf: Annotated[
        Path, typer.Option("--pdf", metavar="FILE", help=both("ไฟล์ PDF ใหม่", "the PDF to write"))
    ],
    campaign: Annotated[
        int | None,
        number_option("--campaign", "-c", th="โครงการที่พิมพ์บนคูปอง", en="campaign on the coupons"),
    ] = None,
    cards: Annotated[
        bool, typer.Option("--cards", help=both("บัตรพกขนาดบัตรเครดิต", "cards of wallet size"))
    ] = False,
    pins: Annotated[
        Path | None,
        typer.Option("--pins", metavar="FILE", help=both("ไฟล์รหัส PIN", "write the PINs as CSV")),
    ] = None,
) -> None:
    from ledger.qr.sheets import card_sheets
    from wallet_cli.papers import read_batch, refuse_existing, write_new

    if cards == (campaign is not None):
        raise failure(
            ExitCode.USAGE,
            "sheets_or_cards",
            th="เลือกอย่างใดอย่างหนึ่ง: --campaign สำหรับแผ่นคูปอง หรือ --cards สำหรับบัตรพก",
            en="choose one: --campaign for coupon sheets, or --cards for wallet cards",
        )
    refuse_existing(pdf, pins)
    papers = list(read_batch(file, desk.old_password()).papers())
    now = int(time.time()) // MINUTE * MINUTE
    with desk.officer() as client:
        passes = _passes(client, papers)
        printed = _printed(client, papers, passes)
        city = client.city
        if campaign is None:
            content = card_sheets(city.name_th, city.name_en, printed, now=now)
        else:
            content = _coupons(client, campaign, printed, now)
    write_new(pdf, content)
    if pins is not None:
        told = sorted((passes[one.address]["pass"], one.pin) for one in papers)
        write_new(pins, _csv([["pass", "pin"], *([number, pin] for number, pin in told)]))
    shown = {"pdf": str(pdf), "count": len(printed), "pins": None if pins is None else str(pins)}
    desk.printer.record(_PRINTED, shown)


def _passes(client: "CityClient", papers: "list[Paper]") -> dict[str, dict[str, Any]]:
    """The pass of each paper's address. NOT_FOUND where some have none yet."""
    addresses = [one.address for one in papers]
    passes: dict[str, dict[str, Any]] = {}
    for start in range(0, len(addresses), ADDRESSES_AT_ONCE):
        some = addresses[start : start + ADDRESSES_AT_ONCE]
        found = client.get("/v1/passes?" + "&".join(f"holder={address}" for address in some))
        passes |= {str(one["holder"]): one for one in found["items"]}
    missing = sum(address not in passes for address in addresses)
    if missing:
        raise failure(
            ExitCode.NOT_FOUND,
            "papers_not_enrolled",
            th=f"ยังไม่ได้ลงทะเบียน {missing} จาก {len(addresses)} ใบ หรือย้ายไปโทรศัพท์แล้ว",
            en=f"{missing} of {len(addresses)} papers hold no pass: not enrolled yet, or moved",
            action_th="ลงทะเบียนไฟล์ CSV ก่อน: nakhon pass enrol",
            action_en="enrol their CSV file first: nakhon pass enrol",
        )
    return passes


def _printed(
    client: "CityClient", papers: "list[Paper]", passes: dict[str, dict[str, Any]]
) -> "list[Printed]":
    from ledger.qr.codec import encode
    from ledger.qr.sheets import Printed

    city = client.city
    printed = [
        Printed(
            pass_number=int(passes[one.address]["pass"]),
            text=encode(one.code, city.origin, city.tag),
            pin_needed=one.code.pin_needed,
            valid_until=int(passes[one.address]["valid_until"]),
        )
        for one in papers
    ]
    return sorted(printed, key=lambda one: one.pass_number)


def _coupons(client: "CityClient", campaign: int, printed: "list[Printed]", now: int) -> bytes:
    from ledger.qr.sheets import Heading, coupon_sheets

    said = client.get(f"/v1/campaigns/{campaign}")
    name = said.get("name") or {}
    heading = Heading(
        city_th=client.city.name_th,
        city_en=client.city.name_en,
        name_th=str(name.get("th") or campaign),
        name_en=str(name.get("en") or campaign),
        amount=int(said["terms"]["allowance"]),
        ends=int(said["terms"]["ends"]),
    )
    return coupon_sheets(heading, printed, now=now)
