"""`nakhon audit export` and `nakhon audit sql`: the chain as tables, and questions to them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import Until, read_chain
from wallet_cli.commands.audit_verdicts import app
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.files import unwritable
from wallet_cli.language import both
from wallet_cli.output import Column

if TYPE_CHECKING:
    from ledger.audit.export_files import FileFormat

__all__ = ["app"]

_WRITTEN: Final = (
    Column("file", "ไฟล์", "File"),
    Column("rows", "แถว", "Rows"),
    Column("sha256", "ลายนิ้วมือ SHA-256", "SHA-256"),
)
Directory = Annotated[
    Path, typer.Argument(metavar="DIR", help=both("โฟลเดอร์ของข้อมูลส่งออก", "folder of the export"))
]


@command(
    app,
    "export",
    th="ส่งออกทุกอย่างที่เชนบันทึกเป็นตาราง CSV, XLSX และ Parquet จากที่อยู่ RPC เพียงอย่างเดียว\n\n"
    "Parquet ต้องติดตั้งส่วนเสริม nakhon[sql]",
    en="Write everything the chain says as tables, from the RPC address alone.\n\n"
    "CSV, XLSX and Parquet; the last needs the extra nakhon[sql].",
    example="nakhon audit export books --format csv,xlsx --rpc http://127.0.0.1:8545 "
    "--deployment deployment.json",
    takes=Takes.CHAIN | Takes.OUTPUT,
)
def export(
    desk: Desk,
    directory: Directory,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="LIST",
            help=both("parquet, csv, xlsx คั่นด้วยจุลภาค", "parquet, csv, xlsx, by commas"),
        ),
    ] = "parquet,csv,xlsx",
    thai: Annotated[
        bool,
        typer.Option("--thai", help=both("หัวตาราง CSV เป็นภาษาไทย", "Thai headings in the CSV")),
    ] = False,
    until: Until = None,
) -> None:
    from ledger.audit.export import head_of, read_account
    from ledger.audit.export_files import FileFormat, duckdb_module, write_export

    chosen = _formats(formats)
    if FileFormat.PARQUET in chosen:
        duckdb_module()
    account = read_chain(
        desk,
        lambda gateway, deployment, progress: read_account(
            gateway, deployment, until=until, progress=progress
        ),
    )
    try:
        written = write_export(account, directory, chosen, thai=thai)
    except OSError as problem:
        raise unwritable(directory, problem) from problem
    desk.printer.rows(
        _WRITTEN,
        [{"file": each.file, "rows": each.rows, "sha256": each.sha256} for each in written],
    )
    block = head_of(account).number
    desk.printer.note(f"ส่งออกถึงบล็อก {block} แล้ว", f"exported up to block {block}")


def _formats(text: str) -> "list[FileFormat]":
    from ledger.audit.export_files import FileFormat

    try:
        return sorted({FileFormat(word.strip()) for word in text.split(",")})
    except ValueError:
        raise failure(
            ExitCode.USAGE,
            "export_format_unknown",
            th="--format รับ parquet, csv, xlsx คั่นด้วยจุลภาค",
            en="--format takes parquet, csv, xlsx, separated by commas",
        ) from None


@command(
    app,
    "sql",
    th="ถามข้อมูลส่งออกด้วย SQL อ่านอย่างเดียว ไม่แตะเครือข่ายหรือไฟล์อื่น\n\n"
    "ตาราง: redemptions, voids, refusals, campaigns, contributions, merchants, passes, rounds,\n"
    "round_lines, bank_files, covered_debts, anchors, roles\n\n"
    "ต้องติดตั้งส่วนเสริม nakhon[sql]",
    en="Put a question in SQL to an export; it reads, and touches no network and no other file.\n\n"
    "Tables: redemptions, voids, refusals, campaigns, contributions, merchants, passes, rounds,\n"
    "round_lines, bank_files, covered_debts, anchors, roles\n\n"
    "Needs the extra nakhon[sql].",
    example='nakhon audit sql "SELECT merchant, sum(amount) FROM redemptions GROUP BY 1" books',
    takes=Takes.OUTPUT,
)
def sql(
    desk: Desk,
    question: Annotated[
        str, typer.Argument(metavar="SELECT", help=both("คำถาม SQL", "the question, one SELECT"))
    ],
    directory: Directory,
) -> None:
    from ledger.audit.export_sql import ask

    answer = ask(directory, question)
    names = _distinct(answer.columns)
    desk.printer.rows(
        [Column(name, name, name) for name in names],
        [dict(zip(names, row, strict=True)) for row in answer.rows],
    )


def _distinct(names: tuple[str, ...]) -> list[str]:
    """Names of columns, the second of one name numbered."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    if all(count == 1 for count in seen.values()):
        return list(names)
    return [f"{name}_{position}" for position, name in enumerate(names, start=1)]
