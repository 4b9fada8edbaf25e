"""`nakhon audit receipt`: is this receipt the city's own word, and was it kept?"""

from pathlib import Path
from typing import Annotated, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import read_chain, spoken_columns
from wallet_cli.commands.audit_flags import app
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.files import read_file
from wallet_cli.language import both
from wallet_cli.output import Column

__all__ = ["EXITS", "app"]

EXITS: Final[dict[str, ExitCode]] = {
    "proven": ExitCode.OK,
    "altered": ExitCode.REFUSED,
    "contradicted": ExitCode.DIFFERS,
    "omitted": ExitCode.DIFFERS,
    "anchor_missing": ExitCode.DIFFERS,
    "anchor_differs": ExitCode.DIFFERS,
    "not_anchored": ExitCode.CONFLICT,
    "not_yet": ExitCode.CONFLICT,
}
"""What each verdict ends with: the same statuses as those of verify_receipt.js."""

_COLUMNS: Final = (
    Column("verdict", "ผล", "Verdict"),
    Column("part", "ส่วน", "Part"),
    Column("th", "คำอธิบาย", "In words (Thai)"),
    Column("en", "อังกฤษ", "In words"),
    Column("date", "บัญชีของวันที่", "Books of"),
)


@command(
    app,
    "receipt",
    th="ตรวจใบรับหนึ่งใบกับเชน: ลายเซ็นของเมือง และที่ของมันในบัญชีที่ประทับไว้\n\n"
    "จบด้วยรหัส 3 หากถูกแก้ไข 6 หากเมืองผิดสัญญา 8 หากยังไม่ถึงเวลา",
    en="Check a receipt against the chain: the city's signature, and its place in the anchored "
    "books.\n\nEnds with 3 where it was altered, 6 where the city broke its word, 8 where it is "
    "too early.",
    example="nakhon audit receipt receipt.json --rpc http://127.0.0.1:8545 "
    "--deployment deployment.json",
    takes=Takes.CHAIN | Takes.OUTPUT,
)
def receipt(
    desk: Desk,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=both(
                "ใบรับ: JSON จาก /v1/receipts หรือข้อความใน QR",
                "a receipt: JSON of /v1/receipts, or the text of its QR",
            ),
        ),
    ],
) -> None:
    from ledger.audit.receipt_check import check_receipt, read_receipt_file

    held = read_receipt_file(read_file(file).decode("utf-8", "replace"))
    found = read_chain(
        desk,
        lambda gateway, deployment, progress: check_receipt(
            gateway, deployment, held, progress=progress
        ),
    )
    desk.printer.record(
        spoken_columns(_COLUMNS, desk),
        {
            "verdict": found.code,
            "part": found.part,
            "th": found.th,
            "en": found.en,
            "date": found.figures.get("date"),
        },
    )
    if EXITS[found.code] is not ExitCode.OK:
        raise typer.Exit(EXITS[found.code])
