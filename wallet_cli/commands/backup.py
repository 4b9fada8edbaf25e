"""`nakhon backup` and `nakhon restore`: the till's own records, from one database to another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.desk import Desk
from wallet_cli.files import unreadable, unwritable
from wallet_cli.language import both
from wallet_cli.output import Column

if TYPE_CHECKING:
    from ledger.services.backup import BackupReport
    from ledger.settings import Settings

_BACKUP: Final = (
    Column("file", "ไฟล์", "File"),
    Column("chain_id", "เชน", "Chain id"),
    Column("taken_at", "สำรองเมื่อ", "Taken at"),
    Column("revision", "รุ่นของตาราง", "Version of the tables"),
    Column("rows", "จำนวนแถว", "Rows"),
    Column("sha256", "ลายนิ้วมือ", "SHA-256"),
)

_File = Annotated[Path, typer.Argument(metavar="FILE", help=both("ไฟล์สำรอง", "the backup's file"))]
_Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help=both(
            "ฐานข้อมูลของเมือง [NAKHON_DATABASE_URL]", "the city's database [NAKHON_DATABASE_URL]"
        ),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add both commands to the root."""
    command(
        app,
        "backup",
        th="เขียนบันทึกของเมืองที่ไม่มีบนเชนลงไฟล์เดียว ขณะเมืองยังเปิดอยู่ก็ได้\n\n"
        "ดัชนีไม่อยู่ในไฟล์ เพราะอ่านใหม่จากเชนได้",
        en="Write what only the city's database knows into one file, while the city goes on.\n\n"
        "The index is not in it: the chain tells it again.",
        example="nakhon backup city.backup --database postgresql+psycopg://nakhon@db/nakhon",
        takes=Takes.CHAIN | Takes.OUTPUT,
    )(back_up)
    command(
        app,
        "restore",
        th="อ่านไฟล์สำรองลงฐานข้อมูลว่าง ไฟล์ที่ขาดหรือถูกแก้แม้แต่บิตเดียวไม่รับ\n\n"
        "จากนั้นเปิดเมืองตามปกติ ดัชนีจะอ่านเชนใหม่เอง",
        en="Read a backup into an empty database; a file cut short or altered by a bit is refused."
        "\n\nThen start the city as usual: its index reads the chain anew by itself.",
        example="nakhon restore city.backup --database sqlite+aiosqlite:///new.sqlite3",
        takes=Takes.CHAIN | Takes.OUTPUT,
    )(restore)


def back_up(desk: Desk, file: _File, database: _Database = None) -> None:
    """Write the file whole, readable by its owner alone, or leave the one that was there."""
    import asyncio

    report = asyncio.run(_write(_settings(desk, database), file))
    _tell(desk, file, report)


def restore(desk: Desk, file: _File, database: _Database = None) -> None:
    """Check the whole file first, then put it into the database in one transaction."""
    import asyncio

    report = asyncio.run(_restore(_settings(desk, database), file))
    _tell(desk, file, report)


def _settings(desk: Desk, database: str | None) -> "Settings":
    from ledger.settings import read_settings

    chosen = {"NAKHON_DEPLOYMENT": desk.options.deployment, "NAKHON_DATABASE_URL": database}
    given = {name: str(value) for name, value in chosen.items() if value is not None}
    return read_settings({**desk.surroundings.environment, **given})


async def _write(settings: "Settings", path: Path) -> "BackupReport":
    import os

    from ledger.chain.clock import SystemClock
    from ledger.chain.deployment import Deployment
    from ledger.services.backup import write_backup
    from wallet_cli.index_database import open_index

    chain_id = Deployment.load(settings.deployment).chain_id
    unfinished = path.with_name(path.name + ".new")
    async with open_index(settings.database_url) as engine:
        try:
            unfinished.unlink(missing_ok=True)
            number = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "wb") as sink:
                report = await write_backup(
                    engine, sink, chain_id=chain_id, now=await SystemClock().now()
                )
                sink.flush()
                os.fsync(sink.fileno())
            unfinished.replace(path)
        except OSError as problem:
            raise unwritable(path, problem) from problem
    return report


async def _restore(settings: "Settings", path: Path) -> "BackupReport":
    from ledger.chain.deployment import Deployment
    from ledger.db.migrate import migrate
    from ledger.db.session import make_engine
    from ledger.services.backup import check_backup, restore_backup

    chain_id = Deployment.load(settings.deployment).chain_id
    try:
        source = path.open("rb")
    except OSError as problem:
        raise unreadable(path, problem) from problem
    with source:
        check_backup(source)
        engine = make_engine(settings.database_url)
        try:
            await migrate(engine)
            return await restore_backup(engine, source, chain_id=chain_id)
        finally:
            await engine.dispose()


def _tell(desk: Desk, file: Path, report: "BackupReport") -> None:
    desk.printer.record(
        _BACKUP,
        {
            "file": str(file),
            "chain_id": report.chain_id,
            "taken_at": report.taken_at,
            "revision": report.revision,
            "rows": sum(report.rows.values()),
            "sha256": report.sha256,
        },
    )
