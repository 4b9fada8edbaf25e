"""`nakhon audit close`: the books of a day, brought to zero, on a page that can be signed."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import app, compare_index, end, read_chain, spoken_columns
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.files import read_file, replace_file
from wallet_cli.language import both
from wallet_cli.output import Column, Kind, OutputFormat

if TYPE_CHECKING:
    from ledger.audit.bank_papers import BankPaper
    from ledger.audit.closing import Closing

__all__ = ["app"]

_FIGURES: Final = (
    Column("th", "รายการ", "Figure (Thai)"),
    Column("en", "อังกฤษ", "Figure"),
    Column("of_day", "วันนี้", "This day", Kind.BAHT),
    Column("to_date", "สะสม", "To date", Kind.BAHT),
)
_PAPERS: Final = (
    Column("name", "ไฟล์", "File"),
    Column("kind", "ชนิด", "Kind"),
    Column("round", "รอบจ่าย", "Round"),
    Column("digest", "SHA-256", "SHA-256"),
)
_NOTES: Final = (
    Column("code", "รหัส", "Code"),
    Column("th", "ข้อที่ไม่ตรง", "Difference (Thai)"),
    Column("en", "อังกฤษ", "Difference"),
)


BankFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--bank",
        metavar="FILE",
        help=both("ไฟล์ที่ส่งธนาคารหรือคำตอบ (ซ้ำได้)", "a bank's file or answer; again for more"),
    ),
]
Layouts = Annotated[
    list[Path] | None,
    typer.Option(
        "--layout",
        metavar="FILE",
        help=both("รูปแบบไฟล์ของธนาคาร (ซ้ำได้)", "a bank's own layout; again for more"),
    ),
]


@command(
    app,
    "close",
    th="ปิดบัญชีของวันหนึ่ง: เชน ดัชนี และธนาคารต้องต่างกัน 0 สตางค์ พร้อมหน้ากระดาษให้ลงนาม\n\n"
    "จบด้วยรหัส 6 หากมีข้อที่ไม่ตรง",
    en="Close the books of a day: chain, index and bank to zero satang, and a page to sign.\n\n"
    "Ends with 6 where anything differs.",
    example="nakhon audit close 2025-10-29 --bank payout.xml --bank answer.xml --page close.html",
    takes=Takes.CHAIN | Takes.OUTPUT,
)
def close(
    desk: Desk,
    day: Annotated[
        str, typer.Argument(metavar="DATE", help=both("วันที่ เช่น 2025-10-29", "the day, YYYY-MM-DD"))
    ],
    bank: BankFiles = None,
    layout: Layouts = None,
    statement: Annotated[
        list[Path] | None,
        typer.Option(
            "--statement",
            metavar="FILE",
            help=both("ใบแจ้งยอดร้าน CSV (ซ้ำได้)", "a shop's statement, CSV; again for more"),
        ),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index", metavar="URL", help=both("ฐานข้อมูลดัชนี", "database of the index, compared too")
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page", metavar="FILE", help=both("เขียนหน้ากระดาษ HTML", "write the page, HTML")
        ),
    ] = None,
) -> None:
    from ledger.audit.close_page import close_page
    from ledger.audit.closing import close as close_books
    from ledger.audit.statement_papers import read_statement
    from ledger.chain.deployment import Deployment

    number = _day(day)
    papers = _papers(bank or [], layout or [])
    statements = [read_statement(path.name, read_file(path)) for path in statement or []]
    closing = read_chain(
        desk,
        lambda gateway, deployment, progress: close_books(
            gateway, deployment, number, papers, statements, progress=progress
        ),
    )
    notes = [
        {"code": each.code, "th": each.th, "en": each.en, "block": each.block}
        for each in closing.findings
    ]
    if index is not None:
        report = compare_index(desk, index)
        notes += [
            {"code": "index_differs", "th": each.th, "en": each.en, "block": None}
            for each in report.differences
        ]
    if page is not None:
        chain_id = Deployment.load(desk.deployment).chain_id
        words = [(str(note["th"]), str(note["en"])) for note in notes]
        replace_file(page, close_page(closing, chain_id=chain_id, notes=words).encode())
    _print(desk, closing, notes)
    end(not notes)


def _day(text: str) -> int:
    from ledger.domain.business_days import day_of

    try:
        return day_of(date.fromisoformat(text))
    except ValueError:
        raise failure(
            ExitCode.USAGE,
            "date_invalid",
            th=f"{text[:20]!r} ไม่ใช่วันที่แบบ ค.ศ. เช่น 2025-10-29",
            en=f"{text[:20]!r} is no date such as 2025-10-29",
        ) from None


def _papers(files: list[Path], layouts: list[Path]) -> "list[BankPaper]":
    from ledger.audit.bank_papers import read_paper
    from ledger.domain.bank_layout import example_layouts, read_layout

    known = [read_layout(read_file(path).decode("utf-8", "replace")) for path in layouts]
    known += example_layouts().values()
    return [read_paper(path.name, read_file(path), known) for path in files]


def _print(desk: Desk, closing: "Closing", notes: list[dict[str, Any]]) -> None:
    from ledger.audit.close_page import paper_row
    from ledger.audit.closing import STANDS, WORDS, ZEROS

    figures: list[dict[str, Any]] = [
        {
            "what": name,
            "th": th,
            "en": en,
            "of_day": str(closing.of_day[name]),
            "to_date": str(closing.to_date[name]),
        }
        for name, (th, en) in WORDS.items()
    ]
    for table, sums in ((STANDS, closing.stands), (ZEROS, closing.zeros)):
        for name, (th, en) in table.items():
            figures.append(
                {"what": name, "th": th, "en": en, "of_day": None, "to_date": str(sums[name])}
            )
    papers = [paper_row(*each) for each in closing.papers]
    if desk.printer.form is OutputFormat.JSON:
        desk.printer.record(
            _FIGURES,
            {
                "agrees": not notes,
                "over": closing.over,
                "block": closing.block.number if closing.block else None,
                "figures": figures,
                "papers": papers,
                "differences": notes,
            },
        )
    else:
        desk.printer.rows(spoken_columns(_FIGURES, desk), figures)
    if desk.printer.form is OutputFormat.TABLE:
        if papers:
            desk.printer.rows(_PAPERS, papers)
        if notes:
            desk.printer.rows(spoken_columns(_NOTES, desk), notes)
    if not closing.over:
        desk.printer.note("วันนี้ยังไม่จบบนเชน", "the day is not over on the chain")
    count = len(notes)
    if notes:
        desk.printer.note(f"พบ {count} ข้อที่ไม่ตรง", f"{count} differences")
    else:
        desk.printer.note("ต่าง 0 สตางค์", "zero satang apart")
