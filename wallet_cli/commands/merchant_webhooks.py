"""`nakhon merchant webhook …`: a shop's or city hall's own systems hear what happened."""

import time
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import typer

from wallet_cli.arguments import Yes
from wallet_cli.command import Takes, command, group
from wallet_cli.commands.merchant_force import app as merchant
from wallet_cli.desk import Desk
from wallet_cli.language import both
from wallet_cli.output import Column, JsonObject, Kind

app = merchant
"""The group this module's own commands hang under."""

webhook = group(
    th="แจ้งเหตุการณ์: ให้ระบบของร้านหรือของเทศบาลรู้เองว่ารับอะไรไปและได้เงินเมื่อไร",
    en="webhooks: let a shop's or city hall's own systems hear what was taken and paid",
)
merchant.add_typer(webhook, name="webhook")

_PATH: Final = "/v1/webhooks"
_ASK: Final = Takes.CITY | Takes.KEYFILE | Takes.OFFICER | Takes.OUTPUT
_WEBHOOKS: Final = (
    Column("webhook", "ปลายทาง", "Webhook"),
    Column("url", "ที่อยู่", "Address"),
    Column("stream", "สายเหตุการณ์", "Stream"),
    Column("status", "สถานะ", "Status"),
    Column("why", "เหตุผล", "Why"),
    Column("position", "ตำแหน่งล่าสุด", "Position"),
    Column("pending", "รอส่ง", "Waiting"),
    Column("failing_since", "ส่งไม่ได้ตั้งแต่", "Failing since", Kind.TIME),
    Column("delivered_at", "ส่งได้ล่าสุด", "Last delivered", Kind.TIME),
)
_SECRET: Final = (*_WEBHOOKS, Column("secret", "รหัสลับ (แสดงครั้งเดียว)", "Secret (shown once)"))
_GONE: Final = (Column("webhook", "ปลายทางที่เลิกแล้ว", "Removed"),)
_EVENTS: Final = (
    Column("sequence", "ลำดับ", "Number"),
    Column("type", "เหตุการณ์", "Event"),
    Column("timestamp", "เวลา", "Time"),
    Column("id", "เลขเหตุการณ์", "Id"),
    Column("data", "รายละเอียด", "Details"),
)
_VERIFIED: Final = (
    Column("id", "เลขเหตุการณ์", "Id"),
    Column("verified", "ลายเซ็นถูกต้อง", "Verified"),
)

Name = Annotated[
    str, typer.Argument(metavar="WEBHOOK", help=both("รหัสปลายทาง whk_…", "its id, whk_…"))
]
City = Annotated[
    bool,
    typer.Option(
        "--city",
        help=both(
            "ของเทศบาล ได้ยินทุกร้าน (ผู้ดูแลระบบหรือเหรัญญิก)",
            "city hall's, which hears every shop (admin or treasurer)",
        ),
    ),
]
After = Annotated[
    int,
    typer.Option(
        "--after", min=0, help=both("ตำแหน่งสุดท้ายที่ได้รับแล้ว", "the last position that was heard")
    ),
]


def _change(desk: Desk, city: bool, path: str, body: JsonObject | None = None) -> JsonObject:
    with desk.officer() if city else desk.holder() as client:
        return client.post(f"{_PATH}{path}", body)


@command(
    webhook,
    "add",
    th="ลงทะเบียนปลายทาง https ที่รับแจ้งเหตุการณ์นับจากนี้ รหัสลับแสดงครั้งเดียว เก็บไว้ให้ดี",
    en="Register an https address that hears what happens from now on. Its secret is shown once.",
    example="nakhon merchant webhook add https://till.example/nakhon --keyfile shop.json",
    takes=_ASK,
)
def add(
    desk: Desk,
    url: Annotated[str, typer.Argument(metavar="URL", help=both("ที่อยู่ https", "the https address"))],
    city: City = False,
) -> None:
    desk.printer.record(_SECRET, _change(desk, city, "", {"url": url}))


@command(
    webhook,
    "list",
    th="ปลายทางทั้งหมด สถานะ และจำนวนที่รอส่ง",
    en="All addresses, how they get on, and how much waits for them.",
    example="nakhon merchant webhook list --keyfile shop.json",
    takes=_ASK,
)
def list_(desk: Desk, city: City = False) -> None:
    with desk.officer() if city else desk.holder() as client:
        found = client.get(_PATH)
    desk.printer.rows(_WEBHOOKS, found["items"])


@command(
    webhook,
    "remove",
    th="เลิกแจ้งเหตุการณ์ไปยังปลายทางนี้",
    en="Send nothing more to an address.",
    example="nakhon merchant webhook remove whk_5v3k7q2mza4xw6yt5v3k7q2m --yes --keyfile shop.json",
    takes=_ASK,
)
def remove(desk: Desk, name: Name, city: City = False, yes: Yes = False) -> None:
    desk.confirm(f"เลิกแจ้งเหตุการณ์ไปยัง {name}?", f"send nothing more to {name}?", yes=yes)
    with desk.officer() if city else desk.holder() as client:
        gone = client.delete(f"{_PATH}/{client.segment(name)}")
    desk.printer.record(_GONE, gone)


@command(
    webhook,
    "rotate",
    th="ออกรหัสลับใหม่ รหัสเดิมยังใช้ตรวจได้อีกหนึ่งวัน",
    en="Take a new secret. For a day every delivery is signed with the old one as well.",
    example="nakhon merchant webhook rotate whk_5v3k7q2mza4xw6yt5v3k7q2m --keyfile shop.json",
    takes=_ASK,
)
def rotate(desk: Desk, name: Name, city: City = False) -> None:
    desk.printer.record(_SECRET, _change(desk, city, f"/{quote(name, safe='')}/rotate"))


@command(
    webhook,
    "enable",
    th="เปิดปลายทางที่ถูกปิดเพราะส่งไม่ได้ แล้วส่งต่อจากที่ค้าง",
    en="Send to a disabled address again, from where it stopped.",
    example="nakhon merchant webhook enable whk_5v3k7q2mza4xw6yt5v3k7q2m --keyfile shop.json",
    takes=_ASK,
)
def enable(desk: Desk, name: Name, city: City = False) -> None:
    desk.printer.record(_WEBHOOKS, _change(desk, city, f"/{quote(name, safe='')}/enable"))


@command(
    webhook,
    "replay",
    th="ส่งเหตุการณ์หลังตำแหน่งนี้ซ้ำทั้งหมด ด้วยเลขเดิม",
    en="Send everything behind a position again, each event under the id it had.",
    example="nakhon merchant webhook replay whk_5v3k7q2mza4xw6yt5v3k7q2m --after 41 "
    "--keyfile shop.json",
    takes=_ASK,
)
def replay(desk: Desk, name: Name, after: After, city: City = False) -> None:
    path = f"/{quote(name, safe='')}/replay"
    desk.printer.record(_WEBHOOKS, _change(desk, city, path, {"after": after}))


@command(
    webhook,
    "events",
    th="ดึงเหตุการณ์หลังตำแหน่งนี้มาเอง เรียงตามลำดับ",
    en="Fetch the events behind a position, in order.",
    example="nakhon merchant webhook events whk_5v3k7q2mza4xw6yt5v3k7q2m --after 41 -o ndjson "
    "--keyfile shop.json",
    takes=_ASK,
)
def events(desk: Desk, name: Name, after: After = 0, city: City = False) -> None:
    with desk.officer() if city else desk.holder() as client:
        path = f"{_PATH}/{client.segment(name)}/events"
        items, position = [], after
        while True:
            page = client.get(path, after=position, limit=200)
            items += page["items"]
            if not page["items"]:
                break
            position = page["position"]
    desk.printer.rows(_EVENTS, items)


@command(
    webhook,
    "verify",
    th="ตรวจลายเซ็นของเหตุการณ์ที่ได้รับ โดยไม่ต้องถามเมือง",
    en="Check the signature of what was received, without asking the city.",
    example="nakhon merchant webhook verify body.json --secret-file secret.txt "
    "--id evt_5v3k7q2mza4xw6yt5v3k7q2m --timestamp 1764310800 "
    "--signature v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    takes=Takes.OUTPUT,
)
def verify(
    desk: Desk,
    body: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=both("เนื้อความที่ได้รับ ทุกไบต์", "the body as it came, byte for byte")
        ),
    ],
    secret_file: Annotated[
        Path,
        typer.Option(
            "--secret-file", metavar="FILE", help=both("ไฟล์รหัสลับ whsec_…", "file with whsec_…")
        ),
    ],
    name: Annotated[str, typer.Option("--id", help=both("หัวข้อ webhook-id", "its webhook-id"))],
    timestamp: Annotated[
        str,
        typer.Option("--timestamp", help=both("หัวข้อ webhook-timestamp", "its time header")),
    ],
    signature: Annotated[
        str,
        typer.Option("--signature", help=both("หัวข้อ webhook-signature", "its signatures")),
    ],
    at: Annotated[
        int | None,
        typer.Option("--at", help=both("ได้รับเมื่อ ปกติคือบัดนี้", "received when; now without it")),
    ] = None,
) -> None:
    from ledger.domain.webhooks import check_delivery, read_secret
    from wallet_cli.files import read_file
    from wallet_cli.keys import secret_in

    check_delivery(
        read_secret(secret_in(secret_file)),
        name=name,
        timestamp=timestamp,
        signatures=signature,
        body=read_file(body),
        now=time.time_ns() // 1_000_000_000 if at is None else at,
    )
    desk.printer.record(_VERIFIED, {"id": name, "verified": True})
