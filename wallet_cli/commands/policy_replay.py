"""`nakhon policy replay`: a draft, tried on what really happened, before anybody approves it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.arguments import baht_option
from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import read_chain, spoken_columns
from wallet_cli.commands.policy import app
from wallet_cli.desk import Desk
from wallet_cli.files import read_file, replace_file
from wallet_cli.language import both
from wallet_cli.output import Column, Kind, OutputFormat

if TYPE_CHECKING:
    from ledger.domain.past import Past

__all__ = ["app"]

_TOTALS: Final = (
    Column("run", "แบบ", "Run"),
    Column("redemptions", "ได้ใช้", "Taken"),
    Column("refused", "ถูกปฏิเสธ", "Refused"),
    Column("cost", "เมืองจ่าย", "City pays", Kind.BAHT),
    Column("paid_by_people", "ประชาชนจ่าย", "People pay", Kind.BAHT),
    Column("passes", "บัตร", "Passes"),
    Column("shops", "ร้าน", "Shops"),
)
_REFUSALS: Final = (
    Column("rule", "รหัส", "Rule"),
    Column("th", "เหตุผล", "Reason (Thai)"),
    Column("en", "อังกฤษ", "Reason"),
    Column("refused", "ไม่ได้เลย", "Refused"),
    Column("given_less", "ได้น้อยลง", "Given less"),
    Column("strict", "หากขอเท่าเดิม", "As asked then"),
    Column("passes", "บัตร", "Passes"),
    Column("bills", "บิลที่ไม่ได้สิทธิ์", "Bills without a coupon", Kind.BAHT),
)
_RUNS: Final = {
    "real": ("เกิดขึ้นจริง", "what happened"),
    "strict": ("ตามที่ขอ", "as asked then"),
    "offered": ("ตามที่เสนอ", "as the draft offers"),
}


@command(
    app,
    "replay",
    th="ลองร่างเงื่อนไขกับการใช้สิทธิ์ในอดีต: ใครจะถูกปฏิเสธ เพราะอะไร เมืองจ่ายวันละเท่าไร ร้านไหนได้หรือเสีย\n\n"
    "อดีตมาจากไฟล์ --past (nakhon audit state redemptions -o csv) หรืออ่านจากเชนโดยตรง",
    en="Try a draft policy on past redemptions: who would be refused and why, what it would cost "
    "a day, which shops gain or lose.\n\n"
    "The past comes from a file (nakhon audit state redemptions -o csv) or from the chain itself.",
    example="nakhon policy replay lunch.json --past redemptions.csv --budget 120,000 "
    "--html report.html",
    takes=Takes.CHAIN | Takes.OUTPUT,
)
def replay(
    desk: Desk,
    draft: Annotated[
        Path, typer.Argument(metavar="DRAFT", help=both("ไฟล์ร่างเงื่อนไข", "the draft, a policy file"))
    ],
    past: Annotated[
        Path | None,
        typer.Option(
            "--past",
            metavar="FILE",
            help=both("การใช้สิทธิ์ในอดีต CSV หรือ NDJSON", "past redemptions, CSV or NDJSON"),
        ),
    ] = None,
    budget: Annotated[
        int | None, baht_option("--budget", th="งบประมาณเป็นบาท", en="the budget, in baht")
    ] = None,
    listed: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help=both("รายชื่อบัตรของร่าง CSV", "the draft's list of passes, CSV"),
        ),
    ] = None,
    weeks: Annotated[
        int | None,
        typer.Option(
            "--weeks",
            metavar="NUMBER",
            help=both(
                "เลื่อนอดีตไปกี่สัปดาห์ ไม่ระบุคือเลื่อนเมื่ออยู่นอกช่วงของร่างเท่านั้น",
                "move the past by so many weeks; left out: only where it misses the draft's window",
            ),
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help=both("เขียนรายงานพร้อมกราฟเป็นหน้า HTML", "write a page with charts"),
        ),
    ] = None,
) -> None:
    from ledger.services.csv_rows import read_pass_list
    from ledger.services.replay import replay_draft

    document = read_file(draft)
    passes = None if listed is None else read_pass_list(read_file(listed))
    report = replay_draft(
        document, _past(desk, past), budget=budget, listed=passes, weeks=weeks, city=_city(desk)
    )
    if page is not None:
        from ledger.services.replay_page import replay_page

        replace_file(page, replay_page(report).encode())
    _print(desk, report)


def _past(desk: Desk, file: Path | None) -> "Past":
    if file is not None:
        from ledger.services.past_file import PAST_BYTES_MAX, read_past

        return read_past(read_file(file, bytes_max=PAST_BYTES_MAX))
    from ledger.audit import past

    return read_chain(
        desk,
        lambda gateway, deployment, progress: past.read_past(
            gateway, deployment, progress=progress
        ),
    )


def _city(desk: Desk) -> str | None:
    """The city the draft is for, where `--deployment` names one."""
    if desk.options.deployment is None:
        return None
    from ledger.chain.deployment import Deployment
    from ledger.domain.past import city_name

    deployment = Deployment.load(desk.options.deployment)
    return city_name(deployment.chain_id, deployment.address("CouponBook"))


def _print(desk: Desk, report: dict[str, Any]) -> None:
    printer = desk.printer
    if printer.form in (OutputFormat.JSON, OutputFormat.NDJSON):
        printer.record((), report)
        return
    if printer.form is OutputFormat.CSV:
        printer.rows(_REFUSALS, report["refusals"])
        return
    runs = [
        {"run": " · ".join(printer.sentences(*names)), **report["totals"][run]}
        for run, names in _RUNS.items()
    ]
    printer.rows(_TOTALS, runs)
    printer.rows(spoken_columns(_REFUSALS, desk), report["refusals"])
    for each in report["not_judged"]:
        count = f"{each['redemptions']:,}"
        printer.note(
            f"ไม่ได้ตัดสิน: {each['th']} ({count} รายการ อดีตไม่มีข้อมูล)",
            f"not judged: {each['en']} ({count} redemptions: the past does not say)",
        )
    for note in report["notes"]:
        printer.note(note["th"], note["en"])
