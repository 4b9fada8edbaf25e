"""docs/audit.md as its reader does it: every command of its blocks, on a machine that has only the
address of a node and the files."""

import asyncio
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.devnet import Devnet
from ledger.chain.gateway import Gateway
from ledger.db.migrate import migrate
from ledger.db.session import make_engine
from ledger.indexer.sync import sync_once
from tests.conftest import City
from tests.integration.story import Story
from tests.integration.tampering import PaidCity, paid_city

PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
SECONDS_MAX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of the page, and how it has to end."""

    command: str
    ends_with: int


def steps() -> list[Step]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    found = []
    for line in "".join(blocks).splitlines():
        command, _, remark = line.partition("  # ")
        code = re.fullmatch(r"ends with (\d+)", remark)
        found.append(Step(command=command, ends_with=int(code[1]) if code else 0))
    return found


@pytest.fixture(scope="module")
def folder(
    devnet: Devnet, deployed: City, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """What the city hands over: its record, the bank's files, and a copy of its index."""
    where = tmp_path_factory.mktemp("audit")
    (where / "settlement").mkdir()

    async def build() -> PaidCity:
        async with Gateway(devnet.rpc_url) as gateway:
            city = await paid_city(Story(gateway, deployed), layouts=(None, None))
            engine = make_engine(f"sqlite+aiosqlite:///{where}/nakhon.sqlite3")
            await migrate(engine)
            await sync_once(gateway, engine, city.story.source)
            await engine.dispose()
            return city

    city = asyncio.run(build())
    for name, raw in city.files.items():
        (where / "settlement" / f"{name}.xml").write_bytes(raw)
    (where / "deployment.json").write_bytes(deployed.deployment.document())
    yield where


def test_the_page_has_commands() -> None:
    commands = [step.command.split(" -")[0] for step in steps()]
    for wanted in ("verify", "close $DAY", "trace round 1", "state roles", "export books", "diff"):
        assert f"nakhon audit {wanted}" in commands


def test_every_command_of_the_page_does_what_it_says(folder: Path, devnet: Devnet) -> None:
    """In one shell, as a reader would: the same exports hold for all that follows."""
    nakhon = Path(sys.executable).parent / "nakhon"
    assert nakhon.exists()
    lines = ["set -u"]
    for step in steps():
        told = f"echo ended with $?: {shlex.quote(step.command)}"
        lines += [step.command, f"test $? -eq {step.ends_with} || {{ {told}; exit 99; }}"]
    script = "\n".join(lines).replace("http://127.0.0.1:8545", devnet.rpc_url)
    done = subprocess.run(
        [shutil.which("bash") or "/bin/bash", "-c", script],
        cwd=folder,
        env={"PATH": f"{nakhon.parent}:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert "Traceback" not in done.stderr
    assert "the chain keeps every promise" in done.stderr + done.stdout
    page = (folder / "close.html").read_text("utf-8")
    assert "ทุกบัญชีตรงกัน" in page or "ตรงกันจนถึงบล็อกนี้" in page
    assert (folder / "books" / "redemptions.csv").exists()
