"""`make demo`: a city on this machine, one campaign from beginning to end, then pages to open.

    python -m deploy.demo [--once] [--home DIR] [--port N] [--rpc-port N]

Exit codes: 0 the account closes and everybody agrees; 1 something disagrees or cannot run.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from api.run import run_city
from deploy.atomic_file import replace_file
from deploy.demo.city import City, Sequencing
from deploy.demo.keepsakes import open_for_visitors, write_environment_of_demo
from deploy.demo.story import tell_story
from deploy.demo.telling import Telling
from deploy.demo.till import StoryBroken
from ledger.domain.sentences import speak
from ledger.errors import LedgerError
from ledger.services.runtime import Runtime
from ledger.settings import Settings
from wallet_cli.client import CityClient
from wallet_cli.embedded import Embedded, officer_keys, open_embedded
from wallet_cli.failures import CommandFailure

EVE: Final = 1_761_620_400
"""Tuesday 28 October 2025, 10:00 in Bangkok: the day before the campaign begins."""
CONFIRMATIONS: Final = 1
TOLD: Final = "told"
"""A file in the home that says the whole story has been told there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line asks for. Port 0 and `rpc_port` None take free ones."""

    once: bool
    home: Path
    port: int
    rpc_port: int | None


def read_wishes(words: Sequence[str]) -> Wishes:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end when the account is closed")
    parser.add_argument("--home", type=Path, default=Path(".nakhon/demo"))
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--rpc-port", type=int, default=None)
    given = parser.parse_args(words)
    serving_port = 0 if given.once else 8000
    serving_rpc_port = None if given.once else 8545
    return Wishes(
        once=given.once,
        home=given.home,
        port=serving_port if given.port is None else given.port,
        rpc_port=serving_rpc_port if given.rpc_port is None else given.rpc_port,
    )


async def demo(wishes: Wishes, tell: Telling) -> None:
    """Tell the story, or go on serving where it has been told before."""
    told = wishes.home / TOLD
    again = told.exists() and not wishes.once
    if not again and wishes.home.exists():
        # A story that was cut off is told from its beginning: its chain and its index go together.
        await asyncio.to_thread(shutil.rmtree, wishes.home)
    settings = replace(
        Settings(),
        home=wishes.home,
        database_url=f"sqlite+aiosqlite:///{(wishes.home / 'nakhon.sqlite3').resolve()}",
        port=wishes.port,
        confirmations=CONFIRMATIONS,
        batch_wait_seconds=0,
    )
    stop = asyncio.Event()
    began = time.monotonic()
    async with open_embedded(settings, rpc_port=wishes.rpc_port, genesis_time=EVE) as embedded:

        async def started(runtime: Runtime, api_url: str) -> None:
            async with _city(runtime, api_url, embedded) as city:
                if not again:
                    await asyncio.to_thread(tell_story, city, tell)
                    seconds = time.monotonic() - began
                    tell.fact(f"ทั้งหมดใช้เวลา {seconds:.0f} วินาที", f"all of it took {seconds:.0f} s")
                if wishes.once:
                    stop.set()
                    return
                if not again:
                    await asyncio.to_thread(open_for_visitors, city, tell)
                    replace_file(told, b"")
                write_environment_of_demo(runtime, api_url)
                _show_addresses(tell, runtime, api_url)
                await stop.wait()

        await run_city(
            embedded.settings,
            signers=embedded.signers,
            stop=stop,
            started=started,
            sequencing=False,
        )


@asynccontextmanager
async def _city(runtime: Runtime, api_url: str, embedded: Embedded) -> AsyncIterator[City]:
    keys = await officer_keys(runtime)
    offices = {
        office: CityClient(api_url, bearer=path.read_text("utf-8").strip())
        for office, path in keys.items()
    }
    sequencing = Sequencing(runtime)
    await sequencing.start()
    try:
        yield City(
            loop=asyncio.get_running_loop(),
            runtime=runtime,
            api_url=api_url,
            signers=embedded.signers,
            offices=offices,
            sequencing=sequencing,
        )
    finally:
        await sequencing.stop()


def _show_addresses(tell: Telling, runtime: Runtime, api_url: str) -> None:
    tell.chapter("เมืองเปิดให้ลองใช้", "The city stays open for you")
    tell.fact(f"หน้าเว็บและ API: {api_url}", f"chain (RPC): {runtime.settings.rpc_url}")
    tell.fact(
        f"ในเทอร์มินัลที่สอง: . {runtime.settings.home}/environment แล้วลองคำสั่งใน README",
        "in a second terminal, source that file and follow the README's tour",
    )
    tell.fact("หยุดด้วย Ctrl-C", "Ctrl-C stops everything; what was done is kept")


def main(words: Sequence[str] | None = None) -> int:
    """Run the demo; the exit code."""
    wishes = read_wishes(sys.argv[1:] if words is None else words)
    tell = Telling()
    try:
        asyncio.run(demo(wishes, tell))
    except StoryBroken as broken:
        tell.fact(f"ไม่ตรงกัน: {broken.details}", f"this must not be: {broken.details}")
        return 1
    except CommandFailure as failed:
        tell.fact(failed.explanation.th, failed.explanation.en)
        return 1
    except LedgerError as failed:
        said = speak(failed)
        tell.fact(f"{said.th} {said.action_th}", f"{said.en} {said.action_en}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
