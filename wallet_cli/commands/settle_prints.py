"""`nakhon settle pdf` and `nakhon settle funder`: statements on paper, and what money bought."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from wallet_cli.arguments import number_argument
from wallet_cli.command import Takes, command
from wallet_cli.commands.settle import app
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.files import replace_file
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

__all__ = ["app"]

_CONTRIBUTIONS: Final = (
    Column("campaign", "โครงการ", "Campaign"),
    Column("contribution", "ลำดับ", "Contribution"),
    Column("amount", "สมทบ", "Contributed", Kind.BAHT),
    Column("bought", "ใช้ซื้อ", "Bought", Kind.BAHT),
    Column("returned", "คืนแล้ว", "Returned", Kind.BAHT),
    Column("left", "คงเหลือ", "Left", Kind.BAHT),
)
_SHARES: Final = (
    Column("by", "ตาม", "By"),
    Column("what", "อะไร", "What"),
    Column("amount", "จำนวนเงิน", "Amount", Kind.BAHT),
)


class Document(StrEnum):
    """What can be printed."""

    STATEMENT = "statement"
    ACCOUNT = "account"


@command(
    app,
    "pdf",
    th="เขียนใบแจ้งยอดของร้าน (statement) หรือบัญชีปิดโครงการ (account) เป็น PDF สำหรับพิมพ์",
    en="Write a shop's statement, or a campaign's closing account, as PDF to print.",
    example="nakhon settle pdf statement 3 shop3.pdf --key-file treasurer.key",
    takes=Takes.CITY | Takes.OFFICER,
)
def pdf(
    desk: Desk,
    document: Annotated[
        Document,
        typer.Argument(
            metavar="DOCUMENT", help=both("statement หรือ account", "statement or account")
        ),
    ],
    number: Annotated[
        int, number_argument(th="เลขที่ร้านหรือโครงการ", en="number of the shop or campaign")
    ],
    to: Annotated[Path, typer.Argument(metavar="FILE", help=both("ไฟล์ที่จะเขียน", "where to"))],
) -> None:
    path = (
        f"/v1/statements/{number}"
        if document is Document.STATEMENT
        else f"/v1/campaigns/{number}/account"
    )
    with desk.officer() as client:
        replace_file(to, client.download(path, form="pdf"))
    desk.printer.note(f"เขียน {to} แล้ว", f"{to} is written")


@command(
    app,
    "funder",
    th="ใบแจ้งผู้สมทบทุน: เงินที่ให้ ใช้ซื้ออะไรตามประเภทร้าน เขต และวัน คืนเท่าไร รวมตรงทุกสตางค์",
    en="A funder's statement: what its money bought by kind of shop, district and day, and what\n"
    "came back; it adds up to the satang.",
    example="nakhon settle funder 0x" + "ab" * 20 + " --pdf funder.pdf --key-file treasurer.key",
    takes=Takes.CITY | Takes.OFFICER | Takes.OUTPUT,
)
def funder(
    desk: Desk,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help=both("ที่อยู่ผู้สมทบทุน", "the funder's address"))
    ],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help=both("เขียนเป็นหน้าพิมพ์", "write a page to print")),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help=both("เขียนเป็นตาราง CSV", "write a table")),
    ] = None,
    to_pdf: Annotated[
        Path | None,
        typer.Option("--pdf", metavar="FILE", help=both("เขียนเป็น PDF", "write a PDF")),
    ] = None,
) -> None:
    with desk.officer() as client:
        path = f"/v1/funders/{client.segment(address)}/statement"
        found = client.get(path)
        for form, to in (("html", html), ("csv", csv), ("pdf", to_pdf)):
            if to is not None:
                replace_file(to, client.download(path, form=form))
    desk.printer.rows(_CONTRIBUTIONS, found["contributions"])
    desk.printer.rows(
        _SHARES,
        [
            {"by": by, "what": what, "amount": amount}
            for by, buckets in found["shares"].items()
            for what, amount in buckets.items()
        ],
    )
    if not found["agrees"]:
        raise failure(
            ExitCode.DIFFERS,
            "funder_statement_differs",
            th="ยอดที่แบ่งไม่เท่ากับยอดที่ซื้อ",
            en="the shares do not come to what was bought",
        )
