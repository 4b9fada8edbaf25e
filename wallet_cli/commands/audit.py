"""`nakhon audit`: the books rebuilt from the chain alone, for people who trust nobody.

Read are an RPC address and the deployment's addresses. Only `diff` opens the city's index, to
compare it.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from wallet_cli.command import Takes, command, group
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.language import Language, both
from wallet_cli.output import Column, Kind, OutputFormat

if TYPE_CHECKING:
    from ledger.audit.diff import DiffReport
    from ledger.audit.replay import Progress
    from ledger.chain.deployment import Deployment
    from ledger.chain.gateway import Gateway

T = TypeVar("T")

app = group(
    th="ผู้ตรวจสอบ: สร้างบัญชีขึ้นใหม่จากเชนล้วน ๆ แล้วบอกทุกบรรทัดที่ไม่ตรง",
    en="auditors: rebuild the books from the chain alone and name every line that differs",
)

_CHAIN: Final = Takes.CHAIN | Takes.OUTPUT

_VERIFIED: Final = (
    Column("agrees", "ตรงทั้งหมด", "Everything agrees"),
    Column("block", "ถึงบล็อก", "Up to block"),
    Column("at", "เวลาบล็อก", "Its time", Kind.TIME),
    Column("events", "เหตุการณ์", "Events"),
    Column("transactions", "ธุรกรรม", "Transactions"),
    Column("redemptions", "การใช้สิทธิ์", "Redemptions"),
    Column("refusals", "ที่ถูกปฏิเสธ", "Refusals"),
    Column("voids", "การยกเลิก", "Voids"),
    Column("signatures", "ลายเซ็นที่ตรวจ", "Signatures checked"),
    Column("found", "สิ่งที่พบ", "Findings"),
)
_FINDINGS: Final = (
    Column("code", "รหัส", "Code"),
    Column("th", "สิ่งที่พบ", "Finding (Thai)"),
    Column("en", "อังกฤษ", "Finding"),
    Column("block", "บล็อก", "Block"),
    Column("tx_hash", "ธุรกรรม", "Transaction"),
)
_DIFFERENCES: Final = (
    Column("kind", "ชนิด", "Kind"),
    Column("th", "ความต่าง", "Difference (Thai)"),
    Column("en", "อังกฤษ", "Difference"),
)
_LINES: Final = (
    Column("at", "เมื่อ", "At", Kind.TIME),
    Column("th", "เหตุการณ์", "What happened (Thai)"),
    Column("en", "อังกฤษ", "What happened"),
    Column("block", "บล็อก", "Block"),
)

Until = Annotated[
    int | None,
    typer.Option("--until", min=0, metavar="BLOCK", help=both("ถึงบล็อก", "up to this block")),
]


def spoken_columns(columns: tuple[Column, ...], desk: Desk) -> tuple[Column, ...]:
    """For people, the sentences of their language alone; programs get both."""
    if desk.printer.form is not OutputFormat.TABLE or desk.language is Language.BOTH:
        return columns
    other = "en" if desk.language is Language.TH else "th"
    return tuple(column for column in columns if column.key != other)


@asynccontextmanager
async def _chain(desk: Desk) -> AsyncIterator[tuple["Gateway", "Deployment"]]:
    """The node and the deployment, which must be what the node serves."""
    from ledger.chain.deployment import Deployment, check_deployment
    from ledger.chain.gateway import Gateway

    deployment = Deployment.load(desk.deployment)
    async with Gateway(desk.rpc_url) as gateway:
        await check_deployment(gateway, deployment)
        yield gateway, deployment


def read_chain(
    desk: Desk,
    work: "Callable[[Gateway, Deployment, Progress], Coroutine[Any, Any, T]]",
) -> T:
    """Run an audit against the chain, with a bar of the blocks read."""
    import asyncio

    async def run() -> T:
        async with _chain(desk) as (gateway, deployment):
            goal = await gateway.block_number()
            with desk.progress("อ่านเชน", "Reading the chain", goal) as advance:
                return await work(gateway, deployment, lambda reached, _goal: advance(reached))

    return asyncio.run(run())


def compare_index(desk: Desk, index: str) -> "DiffReport":
    """Compare a database with the chain, with a bar of the blocks read."""
    from wallet_cli.index_database import open_index

    async def compare(
        gateway: "Gateway", deployment: "Deployment", progress: "Progress"
    ) -> "DiffReport":
        from ledger.audit.diff import diff as diff_index

        async with open_index(index) as engine:
            return await diff_index(gateway, engine, deployment, progress=progress)

    return read_chain(desk, compare)


def end(agrees: bool) -> None:
    """End with the exit code that says whether everything agreed."""
    if not agrees:
        raise typer.Exit(ExitCode.DIFFERS)


@command(
    app,
    "verify",
    th="ตรวจทุกลายเซ็น ทุกเงื่อนไข ทุกสตางค์ จากที่อยู่ RPC เพียงอย่างเดียว\n\nจบด้วยรหัส 6 หากพบสิ่งที่ไม่ถูกต้อง",
    en="Check every signature, every rule and every satang from the RPC address alone.\n\n"
    "Ends with 6 where anything is wrong.",
    example="nakhon audit verify --rpc http://127.0.0.1:8545 --deployment deployment.json",
    takes=_CHAIN,
)
def verify(desk: Desk, until: Until = None) -> None:
    from ledger.audit.verify import verify as verify_chain

    result = read_chain(
        desk,
        lambda gateway, deployment, progress: verify_chain(
            gateway, deployment, until=until, progress=progress
        ),
    )
    findings = [
        {
            "code": finding.code,
            "th": finding.th,
            "en": finding.en,
            "details": {key: str(value) for key, value in finding.details.items()},
            "block": finding.block,
            "tx_hash": finding.tx_hash,
        }
        for finding in result.findings
    ]
    figures = {
        "agrees": result.agrees,
        "block": result.head.number if result.head else None,
        "block_hash": result.head.hash if result.head else None,
        "at": result.head.time if result.head else None,
        "events": result.events,
        "transactions": result.transactions,
        "redemptions": result.redemptions,
        "refusals": result.refusals,
        "voids": result.voids,
        "signatures": result.signatures,
        "found": len(findings),
    }
    if desk.printer.form in (OutputFormat.TABLE, OutputFormat.JSON):
        desk.printer.record(_VERIFIED, {**figures, "findings": findings})
    if desk.printer.form is not OutputFormat.JSON and (
        findings or desk.printer.form is not OutputFormat.TABLE
    ):
        desk.printer.rows(spoken_columns(_FINDINGS, desk), findings)
    if result.agrees:
        desk.printer.note("เชนรักษาคำมั่นครบทุกข้อ", "the chain keeps every promise")
    else:
        count = len(findings)
        desk.printer.note(f"พบ {count} ข้อที่ไม่ถูกต้อง", f"{count} things are wrong")
    end(result.agrees)


@command(
    app,
    "trace",
    th="เล่าเรื่องของสิ่งหนึ่งตามที่เชนบันทึกไว้\n\n"
    "เช่น pass 1, merchant 3, campaign 1, round 2, coupon 1/12 (โครงการ/บัตร), แฮชธุรกรรม 0x…,\n"
    "รหัส rdm_… หรือข้อความใน QR ของใบรับ",
    en="Tell the story of one thing as the chain has it.\n\n"
    "Such as pass 1, merchant 3, campaign 1, round 2, coupon 1/12 (campaign/pass), the hash of a\n"
    "transaction, an id rdm_…, or the text of a receipt's QR",
    example="nakhon audit trace pass 1",
    takes=_CHAIN,
)
def trace(
    desk: Desk,
    subject: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBJECT", help=both("เรื่องของใคร เช่น pass 1", "whose story, such as pass 1")
        ),
    ],
    until: Until = None,
) -> None:
    from ledger.audit.trace import About
    from ledger.audit.trace import trace as trace_chain

    about = About.parse(" ".join(subject))
    story = read_chain(
        desk,
        lambda gateway, deployment, progress: trace_chain(
            gateway, deployment, about, until=until, progress=progress
        ),
    )
    if not story.lines:
        raise failure(
            ExitCode.NOT_FOUND,
            "story_empty",
            th="เชนไม่มีเรื่องของสิ่งนี้",
            en="the chain knows nothing of it",
        )
    desk.printer.rows(
        spoken_columns(_LINES, desk),
        [
            {
                "at": line.at,
                "th": line.th,
                "en": line.en,
                "block": line.block,
                "tx_hash": line.tx_hash,
                "campaign": line.campaign,
                "pass": line.pass_number,
                "merchant": line.merchant,
                "round": line.round,
            }
            for line in story.lines
        ],
    )


@command(
    app,
    "diff",
    th="เทียบดัชนีของเมืองกับเชนทีละแถว บอกทุกความต่าง จบด้วยรหัส 6 หากมี",
    en="Compare the city's index with the chain row by row; ends with 6 where anything differs.",
    example="nakhon audit diff --index sqlite:///.nakhon/nakhon.sqlite3",
    takes=_CHAIN,
)
def diff(
    desk: Desk,
    index: Annotated[
        str,
        typer.Option("--index", metavar="URL", help=both("ฐานข้อมูลดัชนี", "database of the index")),
    ],
) -> None:
    report = compare_index(desk, index)
    rows = [
        {
            "kind": str(each.kind),
            "table": each.table,
            "key": {name: str(value) for name, value in each.key.items()},
            "column": each.column,
            "chain": None if each.chain is None else str(each.chain),
            "index": None if each.index is None else str(each.index),
            "th": each.th,
            "en": each.en,
        }
        for each in report.differences
    ]
    if rows or desk.printer.form is not OutputFormat.TABLE:
        desk.printer.rows(spoken_columns(_DIFFERENCES, desk), rows)
    block = report.checkpoint.number
    desk.printer.note(
        f"เทียบ {report.rows} แถว ถึงบล็อก {block} ต่างกัน {len(rows)} แห่ง",
        f"{report.rows} rows compared up to block {block}, {len(rows)} differences",
    )
    end(report.agrees)
