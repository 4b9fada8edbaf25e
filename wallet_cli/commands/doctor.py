"""`nakhon doctor`: everything a city's process stands on, looked at once, and what to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.language import both
from wallet_cli.output import Column, OutputFormat, Printer, Row

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from ledger.chain.deployment import Deployment
    from ledger.chain.gateway import Gateway
    from ledger.services.vitals import Vitals
    from ledger.settings import Settings

_SEEN: Final = (
    Column("check", "สิ่งที่ตรวจ", "Check"),
    Column("well", "ปกติ", "Well"),
    Column("seen", "ที่เห็น", "Seen"),
)
_CHECKS: Final = (
    *_SEEN,
    Column("th", "สิ่งที่พบ", "Finding (Thai)"),
    Column("en", "อังกฤษ", "Finding"),
    Column("action_th", "สิ่งที่ต้องทำ", "What to do (Thai)"),
    Column("action_en", "อังกฤษ", "What to do"),
)
_EXITS: Final = {
    "database_unreachable": ExitCode.UNREACHABLE,
    "node_unreachable": ExitCode.UNREACHABLE,
    "chain_not_ours": ExitCode.CHAIN,
    "keys_wrong": ExitCode.NOT_ALLOWED,
}
"""Of several troubles the first of these decides; any other is the machine's (MACHINE)."""


def declare(app: typer.Typer) -> None:
    """Add the command to the root."""
    command(
        app,
        "doctor",
        th="ตรวจทุกอย่างที่เมืองต้องใช้ และบอกว่าต้องทำอะไร\n\n"
        "โหนด เชน สัญญา ฐานข้อมูล ตาราง กุญแจ ค่าธรรมเนียม นาฬิกา รายการที่รอ ดัชนี",
        en="Check everything a city stands on, and say what to do.\n\n"
        "Node, chain, contracts, database, tables, keys, fees, clocks, outbox, index.",
        example="nakhon doctor --rpc http://127.0.0.1:8545 --json",
        takes=Takes.CHAIN | Takes.OUTPUT,
    )(examine)


def examine(
    desk: Desk,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help=both(
                "ฐานข้อมูลของเมือง [NAKHON_DATABASE_URL]",
                "the city's database [NAKHON_DATABASE_URL]",
            ),
        ),
    ] = None,
) -> None:
    """Print one row for each check; the exit code says whether all is well."""
    import asyncio

    from ledger.services.vitals import TROUBLES

    found, seen = asyncio.run(_troubles(_settings(desk, database)))
    troubles = set(found)
    rows = [_row(code, seen.get(code, ""), wrong=code in troubles) for code in TROUBLES]
    if desk.printer.form is not OutputFormat.TABLE:
        desk.printer.rows(_CHECKS, rows)
    else:
        desk.printer.rows(_SEEN, rows)
        for row in rows:
            if not row["well"]:
                desk.printer.raw("\n".join(_paragraph(desk.printer, row)))
    if troubles:
        decided = (code for name, code in _EXITS.items() if name in troubles)
        raise typer.Exit(next(decided, ExitCode.MACHINE))


def _row(code: str, seen: str, *, wrong: bool) -> dict[str, Any]:
    from ledger.services.vitals import TROUBLES

    said = TROUBLES[code]
    told = {
        "th": said.th,
        "en": said.en,
        "action_th": said.action_th,
        "action_en": said.action_en,
    }
    return {"check": code, "well": not wrong, "seen": seen} | (
        told if wrong else dict.fromkeys(told, "")
    )


def _paragraph(printer: Printer, row: Row) -> list[str]:
    """What is wrong and what to do about it, for whoever was just woken up."""
    return [
        f"! {row['check']}  {row['seen']}".rstrip(),
        *(f"  {line}" for line in printer.sentences(row["th"], row["en"])),
        *(f"  → {line}" for line in printer.sentences(row["action_th"], row["action_en"])),
        f"  docs/runbook.md#{row['check']}",
        "",
    ]


def _settings(desk: Desk, database: str | None) -> "Settings":
    from ledger.settings import read_settings

    options = {
        "NAKHON_RPC_URL": desk.options.rpc_url,
        "NAKHON_DEPLOYMENT": desk.options.deployment,
        "NAKHON_DATABASE_URL": database,
    }
    given = {name: str(value) for name, value in options.items() if value is not None}
    return read_settings({**desk.surroundings.environment, **given})


async def _troubles(settings: "Settings") -> tuple[list[str], dict[str, str]]:
    """The codes of what is wrong, and what was seen at each check, right or wrong."""
    from ledger.chain.clock import DevnetClock, SystemClock
    from ledger.chain.deployment import Deployment
    from ledger.chain.gateway import Gateway
    from ledger.services.runtime import Runtime
    from ledger.services.vitals import vitals_of
    from ledger.settings import ClockKind

    deployment = Deployment.load(settings.deployment)
    async with Gateway(settings.rpc_url) as gateway, _database(settings) as engine:
        runtime = Runtime(
            settings=settings,
            engine=engine,
            gateway=gateway,
            deployment=deployment,
            clock=DevnetClock(gateway) if settings.clock is ClockKind.CHAIN else SystemClock(),
            signers={},
        )
        sequencer = deployment.roles["SEQUENCER"][0]
        vitals = await vitals_of(runtime, sequencer=sequencer)
        found = vitals.troubles
        if "node_unreachable" not in found:
            found += await _chain_troubles(gateway, deployment)
        seen = _figures(settings, deployment, vitals) | {
            "node_unreachable": _host(settings.rpc_url)
        }
    return found + await _key_troubles(settings, deployment), seen


def _figures(settings: "Settings", deployment: "Deployment", vitals: "Vitals") -> dict[str, str]:
    """What a check looked at: addresses and figures, the same in every language."""
    from sqlalchemy.engine import make_url

    database = make_url(settings.database_url).render_as_string(hide_password=True)
    seen = {
        "database_unreachable": database,
        "chain_not_ours": f"{deployment.chain_id} {settings.deployment}",
        "keys_wrong": str(settings.keys),
        "sequencer_poor": f"{deployment.roles['SEQUENCER'][0]} {_or_none(vitals.balance_wei)} wei",
        "clock_wrong": f"{_or_none(vitals.skew)} s",
    }
    stored = vitals.stored
    if stored is None:
        return seen
    untold = 0 if stored.webhooks is None else stored.webhooks.pending
    leaders = " ".join(sorted(stored.leaders)) or "-"
    return seen | {
        "migrations_missing": str(stored.revision),
        "index_behind": f"{_or_none(stored.indexed)} / {_or_none(vitals.head)}",
        "outbox_old": f"{stored.waiting}, {_or_none(vitals.age)} s, fee {_or_none(vitals.fee_wei)}"
        f" / {settings.fee_wei_max} wei",
        "sequencer_missing": leaders,
        "indexer_missing": leaders,
        "webhooks_behind": f"{untold}, {_or_none(vitals.webhook_age)} s",
    }


def _host(url: str) -> str:
    """An address without what it may hold besides: providers put their keys into the path."""
    from urllib.parse import urlsplit

    return urlsplit(url).netloc.rpartition("@")[2]


def _or_none(figure: int | None) -> str:
    return "-" if figure is None else str(figure)


@asynccontextmanager
async def _database(settings: "Settings") -> AsyncIterator["AsyncEngine"]:
    """The database as it is: one that is missing is not made by looking for it."""
    from sqlalchemy.engine import make_url

    from ledger.db.session import make_engine

    parsed = make_url(settings.database_url)
    missing = parsed.get_backend_name() == "sqlite" and not _is_file(parsed.database or "")
    engine = make_engine("sqlite+aiosqlite:///:memory:" if missing else settings.database_url)
    try:
        yield engine
    finally:
        await engine.dispose()


def _is_file(name: str) -> bool:
    return Path(name).is_file()


async def _chain_troubles(gateway: "Gateway", deployment: "Deployment") -> list[str]:
    from ledger.chain.deployment import check_deployment
    from ledger.errors import ChainFailure, DeploymentMismatch, WrongChain

    try:
        await check_deployment(gateway, deployment)
    except (WrongChain, DeploymentMismatch):
        return ["chain_not_ours"]
    except ChainFailure:
        return []
    return []


async def _key_troubles(settings: "Settings", deployment: "Deployment") -> list[str]:
    """A devnet is served with published keys and has no keyfiles."""
    from api.run import open_keyfiles
    from ledger.chain.signer import DEVNET_CHAIN_IDS
    from ledger.errors import LedgerError

    if settings.key_password_file is None and deployment.chain_id in DEVNET_CHAIN_IDS:
        return []
    try:
        held = await open_keyfiles(settings)
    except LedgerError:
        return ["keys_wrong"]
    key = held.get("sequencer")
    right = key is not None and key.address in deployment.roles["SEQUENCER"]
    return [] if right else ["keys_wrong"]
