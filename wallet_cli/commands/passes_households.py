"""`nakhon pass households`: which passes are one household."""

from pathlib import Path
from typing import Annotated, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.passes_paper import app
from wallet_cli.desk import Desk
from wallet_cli.files import read_file
from wallet_cli.language import both
from wallet_cli.output import Column

__all__ = ["app"]

_COLUMNS: Final = (
    Column("passes", "จำนวนบัตร", "Passes"),
    Column("households", "จำนวนครัวเรือน", "Households"),
)


@command(
    app,
    "households",
    th="กำหนดว่าบัตรใดเป็นครัวเรือนเดียวกัน จากไฟล์ CSV ถูกทุกบรรทัดหรือไม่รับเลย\n"
    "คอลัมน์: pass, household (รหัส ไม่ใช่ชื่อคน)",
    en="Say which passes are one household, from a CSV file: every line is good or none is taken.\n"
    "Columns: pass, household (a code, and no name of anybody).",
    example="nakhon pass households households.csv --key-file registrar.key",
    takes=Takes.CITY | Takes.OFFICER | Takes.OUTPUT,
)
def households(
    desk: Desk,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=both("ไฟล์ CSV", "a CSV file"))],
) -> None:
    raw = read_file(file)
    with desk.officer() as client:
        kept = client.post_raw("/v1/households", raw, "text/csv")
    desk.printer.record(_COLUMNS, kept)
