"""`nakhon audit verdicts`: what the till signed, as a file that flags and auditors read."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wallet_cli.arguments import OfDeployment, number_option
from wallet_cli.command import Takes, command
from wallet_cli.commands.audit_verdict import app
from wallet_cli.desk import Desk
from wallet_cli.files import unwritable
from wallet_cli.language import both
from wallet_cli.papers import there_already

if TYPE_CHECKING:
    from typing import IO

__all__ = ["app"]


@command(
    app,
    "verdicts",
    th="ส่งออกคำวินิจฉัยที่จุดรับชำระลงลายเซ็นไว้ทั้งหมด บรรทัดละฉบับ สำหรับ nakhon audit flags --till\n\n"
    "อ่านจากฐานข้อมูลของเมือง ไม่เขียนทับไฟล์เดิม",
    en="Write every verdict the till signed into a file, one to a line, for\n"
    "nakhon audit flags --till.\n\n"
    "Reads the city's database; an existing file is not overwritten.",
    example="nakhon audit verdicts verdicts.ndjson --index sqlite:///nakhon.db",
    takes=Takes.NOTHING,
)
def verdicts(
    desk: Desk,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=both("ไฟล์ที่จะเขียน", "the file to write"))
    ],
    index: Annotated[
        str,
        typer.Option("--index", metavar="URL", help=both("ฐานข้อมูลของเมือง", "the city's database")),
    ],
    campaign: Annotated[
        int | None,
        number_option("--campaign", "-c", th="เฉพาะโครงการนี้", en="of this campaign only"),
    ] = None,
    deployment: OfDeployment = None,
) -> None:
    import asyncio

    if file.exists():
        raise there_already(file)
    # Only its owner may read it, and only a whole file bears the name that was asked for.
    temporary, mode = file.with_name(file.name + ".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        with os.fdopen(os.open(temporary, mode, 0o600), "wb") as out:
            written = asyncio.run(_write(deployment or desk.deployment, out, index, campaign))
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(file)
    except OSError as problem:
        raise unwritable(file, problem) from problem
    finally:
        temporary.unlink(missing_ok=True)
    desk.printer.note(
        f"เขียนคำวินิจฉัย {written} ฉบับลง {file}", f"{written} verdicts are written to {file}"
    )


async def _write(record: Path, out: "IO[bytes]", index: str, campaign: int | None) -> int:
    from contextlib import aclosing

    from ledger.audit.verdict_file import verdict_lines
    from ledger.chain.deployment import Deployment
    from wallet_cli.index_database import open_index

    deployment, written = Deployment.load(record), 0
    async with (
        open_index(index) as engine,
        aclosing(verdict_lines(engine, deployment, campaign)) as lines,
    ):
        async for line in lines:
            out.write(line)
            written += 1
    return written
