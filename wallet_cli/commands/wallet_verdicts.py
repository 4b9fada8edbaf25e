"""`nakhon wallet verdict`: the signed verdict on one's own redemption or refusal, as a file."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.wallet_paper import app
from wallet_cli.desk import Desk
from wallet_cli.files import replace_file
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

__all__ = ["app"]

_COLUMNS: Final = (
    Column("accepted", "รับหรือไม่", "Accepted"),
    Column("code", "ผล", "Outcome"),
    Column("judged_at", "ตัดสินเมื่อ", "Judged", Kind.TIME),
    Column("policy", "ลายนิ้วมือเงื่อนไข", "Policy hash"),
    Column("signer", "ผู้ลงลายเซ็น", "Signer"),
    Column("file", "ไฟล์", "File"),
)


@command(
    app,
    "verdict",
    th="ขอคำวินิจฉัยที่เมืองลงลายเซ็นไว้ เก็บเป็นไฟล์ให้ใครก็ตรวจซ้ำได้ด้วย nakhon audit verdict\n"
    "ผู้ถือบัตรและร้านที่เกี่ยวข้องขอได้",
    en="Get a signed verdict of your own and keep it as a file that anybody can judge again with\n"
    "nakhon audit verdict. For the holder and for the shop it names.",
    example="nakhon wallet verdict vrd_5v3k7q2mza4xw6yt5v3k7q2m --file verdict.json",
    takes=Takes.CITY | Takes.KEYFILE | Takes.OUTPUT,
)
def verdict(
    desk: Desk,
    name: Annotated[
        str, typer.Argument(metavar="VERDICT", help=both("รหัสคำวินิจฉัย", "the verdict's id"))
    ],
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help=both("เก็บเป็นไฟล์ JSON", "keep it as JSON")),
    ] = None,
) -> None:
    with desk.holder() as client:
        found = client.get(f"/v1/verdicts/{client.segment(name)}")
    if file is not None:
        replace_file(file, json.dumps(found, ensure_ascii=False, indent=2).encode() + b"\n")
    document = found["document"]
    desk.printer.record(
        _COLUMNS,
        {
            **found,
            "accepted": document["outcome"]["accepted"],
            "code": document["outcome"]["code"],
            "judged_at": document["now"],
            "policy": document["policy"],
            "file": None if file is None else str(file),
        },
    )
