"""`nakhon up`: a whole city on this machine, in the foreground."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.desk import Desk
from wallet_cli.language import both
from wallet_cli.output import Column

if TYPE_CHECKING:
    from ledger.services.runtime import Runtime
    from ledger.settings import Settings
    from wallet_cli.embedded import Embedded

_RUNNING: Final = (
    Column("city", "เมือง", "City"),
    Column("api", "เซิร์ฟเวอร์", "API"),
    Column("rpc", "โหนด", "RPC"),
    Column("deployment", "ไฟล์บันทึกสัญญา", "Deployment record"),
    Column("officers", "กุญแจเจ้าหน้าที่", "Officers' keys"),
    Column("environment", "ตัวแปรแวดล้อม", "Environment to source"),
)


def declare(app: typer.Typer) -> None:
    """Add the command to the root."""
    command(
        app,
        "up",
        th="เปิดเมืองทั้งเมืองบนเครื่องนี้: เชนสำหรับพัฒนา สัญญา ดัชนี ผู้จัดลำดับ และ API\n\n"
        "ข้อมูลอยู่ในโฟลเดอร์เดียว เปิดใหม่ก็ต่อจากเดิม หยุดด้วย Ctrl-C "
        "ใส่ --rpc เพื่อใช้โหนดที่มีอยู่ กับไฟล์กุญแจของเมืองจริง หรือกับ --development-keys",
        en="Run a whole city on this machine: development chain, contracts, index, sequencer, API."
        "\n\nAll of it lives in one directory and goes on after a restart; Ctrl-C stops it. With "
        "--rpc it serves a node that is there already, with the city's own keyfiles or "
        "--development-keys.",
        example="nakhon up --port 8000",
        takes=Takes.CHAIN | Takes.OUTPUT,
    )(run_up)


def _moment(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text[:40]!r} is not a time like 2025-10-29T12:00+07:00"
        ) from None
    if when.tzinfo is None:
        raise typer.BadParameter(f"{text[:40]!r} names no time zone; add +07:00")
    return when


def run_up(
    desk: Desk,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            metavar="DIR",
            help=both("โฟลเดอร์ของเมือง [NAKHON_HOME]", "the city's directory [NAKHON_HOME]"),
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65_535,
            help=both("พอร์ต API 0 คือเลือกให้ [NAKHON_PORT]", "port of the API, 0 = any free one"),
        ),
    ] = None,
    rpc_port: Annotated[
        int | None,
        typer.Option(
            "--rpc-port",
            min=1,
            max=65_535,
            help=both("พอร์ตของเชนสำหรับพัฒนา", "port of the development chain"),
        ),
    ] = None,
    begin: Annotated[
        datetime | None,
        typer.Option(
            "--begin",
            parser=_moment,
            metavar="TIME",
            help=both(
                "เวลาเริ่มของเชนใหม่ เช่น 2025-10-29T12:00+07:00",
                "when a new chain begins, such as 2025-10-29T12:00+07:00",
            ),
        ),
    ] = None,
    development_keys: Annotated[
        bool,
        typer.Option(
            "--development-keys",
            help=both(
                "ใช้กับ --rpc: ติดตั้งและใช้กุญแจสาธารณะของ Anvil/Hardhat",
                "with --rpc: deploy and serve with the published keys of Anvil and Hardhat",
            ),
        ),
    ] = False,
) -> None:
    """Serve until Ctrl-C or SIGTERM, and then stop every child."""
    from api.process import run
    from ledger.log_lines import write_log

    settings = _settings(desk, home, port)
    write_log(sys.stderr)
    if desk.options.rpc_url is not None and development_keys:
        run(_serve_node(desk, settings))
    elif desk.options.rpc_url is not None:
        run(_serve(desk, settings))
    else:
        genesis_time = None if begin is None else int(begin.timestamp())
        run(_serve_embedded(desk, settings, rpc_port, genesis_time))
    desk.printer.note("หยุดแล้ว ข้อมูลยังอยู่ครบ", "stopped; everything is kept")


def _settings(desk: Desk, home: Path | None, port: int | None) -> "Settings":
    from ledger.settings import read_settings

    options = {
        "NAKHON_HOME": home,
        "NAKHON_PORT": port,
        "NAKHON_RPC_URL": desk.options.rpc_url,
        "NAKHON_DEPLOYMENT": desk.options.deployment,
    }
    chosen = {name: str(value) for name, value in options.items() if value is not None}
    return read_settings({**desk.surroundings.environment, **chosen})


async def _serve_embedded(
    desk: Desk, settings: "Settings", rpc_port: int | None, genesis_time: int | None
) -> None:
    from wallet_cli.embedded import open_embedded

    desk.printer.note("กำลังเปิดเมือง", "starting the city")
    async with open_embedded(settings, rpc_port=rpc_port, genesis_time=genesis_time) as city:
        await _run(desk, city)


async def _serve_node(desk: Desk, settings: "Settings") -> None:
    from wallet_cli.embedded import settle

    desk.printer.note("กำลังเปิดเมือง", "starting the city")
    await _run(desk, await settle(settings))


async def _run(desk: Desk, city: "Embedded") -> None:
    from api.run import run_city
    from wallet_cli.embedded import officer_keys, write_environment

    async def started(runtime: "Runtime", api_url: str) -> None:
        await officer_keys(runtime)
        environment = write_environment(runtime, api_url)
        officers = runtime.settings.home / "officers"
        _tell(desk, runtime, api_url, officers=str(officers), environment=str(environment))

    await run_city(city.settings, signers=city.signers, started=started)


async def _serve(desk: Desk, settings: "Settings") -> None:
    from api.run import run_city

    async def started(runtime: "Runtime", api_url: str) -> None:
        _tell(desk, runtime, api_url)

    await run_city(settings, started=started)


def _tell(desk: Desk, runtime: "Runtime", api_url: str, **more: str) -> None:
    settings = runtime.settings
    desk.printer.record(
        _RUNNING,
        {
            "city": f"{settings.city_th} · {settings.city_en}",
            "api": api_url,
            "rpc": settings.rpc_url,
            "deployment": str(settings.deployment),
            **more,
        },
    )
    desk.printer.note("พร้อมแล้ว หยุดด้วย Ctrl-C", "ready; Ctrl-C stops it")
