"""The city's index, opened by an auditor: found or refused, and never made by looking for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.db.session import make_engine
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure


@asynccontextmanager
async def open_index(url: str) -> AsyncIterator[AsyncEngine]:
    """The database at `sqlite:///file` or `postgresql://…`.

    Raises CommandFailure: USAGE for an address that is none, NOT_FOUND without the file, MACHINE
    for a database that cannot be read as an index.
    """
    engine = _engine(url)
    try:
        yield engine
    except SQLAlchemyError as problem:
        raise failure(
            ExitCode.MACHINE,
            "index_unreadable",
            th="อ่านฐานข้อมูลนี้แบบดัชนีของเมืองไม่ได้",
            en="this database cannot be read as a city's index",
        ) from problem
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            parsed = parsed.set(drivername="sqlite+aiosqlite")
            _refuse_missing(Path(parsed.database or ""))
        return make_engine(parsed.render_as_string(hide_password=False))
    except (SQLAlchemyError, ImportError) as problem:
        raise failure(
            ExitCode.USAGE,
            "index_address_invalid",
            th="--index ต้องเป็น sqlite:///ไฟล์ หรือ postgresql://…",
            en="--index must be sqlite:///file or postgresql://…",
        ) from problem


def _refuse_missing(path: Path) -> None:
    if not path.is_file():
        raise failure(
            ExitCode.NOT_FOUND,
            "index_missing",
            th=f"ไม่พบไฟล์ดัชนี {path}",
            en=f"there is no index {path}",
        )
