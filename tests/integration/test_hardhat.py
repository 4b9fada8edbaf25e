"""The page hardhat-local.md, followed word for word: its commands are run, in their order."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.chain.deployment import Deployment, check_deployment
from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.gateway import Gateway
from ledger.chain.signer import DevSigner, Transaction, sign_transaction
from ledger.domain.hashing import address_bytes
from ledger.errors import NodeUnreachable

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh( server)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)

REGISTRAR = DevSigner.numbered(5)
RESIDENT = DevSigner.numbered(18).address


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page's commands, for a directory and a port of this test alone."""

    blocks: tuple[tuple[bool, str], ...]
    home: Path
    port: int

    @property
    def rpc_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "NAKHON_HOME": str(self.home)}

    def run(self, script: str) -> str:
        """Run one block in a shell of its own; its output."""
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextlib.contextmanager
    def serving(self, script: str, name: str) -> Iterator[None]:
        """Run a block that serves; Ctrl-C ends it."""
        with (self.home.parent / f"{name}.log").open("wb") as log:
            server = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
            try:
                yield
                assert server.poll() is None, f"{name} ended by itself"
            finally:
                server.send_signal(signal.SIGINT)
                server.wait(timeout=120)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def page(tmp_path: Path) -> Page:
    home = tmp_path / ".nakhon"
    home.mkdir()
    port, api_port = free_port(), free_port()
    text = (ROOT / "hardhat-local.md").read_text(encoding="utf-8")
    found = []
    for server, script in BLOCK.findall(text):
        # `make setup` is what runs these tests; the rest is moved to where nobody else works.
        moved = (
            script.replace("make setup\n", "")
            .replace("8545", str(port))
            .replace("8000", str(api_port))
        )
        found.append((bool(server), moved.replace(".nakhon", str(home))))
    return Page(blocks=tuple(found), home=home, port=port)


async def until_answers(gateway: Gateway) -> None:
    for _ in range(1_200):
        with contextlib.suppress(NodeUnreachable):
            await gateway.chain_id()
            return
        await asyncio.sleep(0.1)
    pytest.fail("Hardhat's node did not come up")


async def until_there(path: Path) -> None:
    for _ in range(600):
        if path.exists():
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"{path.name} was not written")


async def enrol(gateway: Gateway, deployment: Deployment) -> None:
    fees = await gateway.fees()
    call = encode_call("CityPass", "enrol", 0, 1, 0, 0, address_bytes(RESIDENT))
    signed = await sign_transaction(
        REGISTRAR,
        Transaction(
            chain_id=deployment.chain_id,
            account_nonce=await gateway.transaction_count(REGISTRAR.address),
            priority_fee_wei=fees.priority_fee_wei,
            fee_wei_max=fees.fee_wei_max(),
            gas_limit=1_000_000,
            to=deployment.address("CityPass"),
            data=call,
        ),
    )
    await gateway.send_raw(signed.raw)
    receipt = await gateway.receipt(signed.hash)
    assert receipt is not None
    assert receipt["status"] == "0x1"


def listening_addresses(port: int) -> set[str]:
    rows = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    local = (row.split()[1] for row in rows if row.split()[3] == "0A")
    return {address for address, _, at in (entry.partition(":") for entry in local)
            if int(at, 16) == port}  # fmt: skip


@pytest.mark.timeout(300)
async def test_a_newcomer_can_follow_the_page(page: Page) -> None:
    (_, install), (node_serves, node), (_, deploy), (city_serves, city), (_, look) = page.blocks
    assert (node_serves, city_serves) == (True, True)
    await asyncio.to_thread(page.run, install)
    with page.serving(node, "hardhat"):
        async with Gateway(page.rpc_url) as gateway:
            await until_answers(gateway)
            assert listening_addresses(page.port) == {"0100007F"}
            for _ in range(2):
                await asyncio.to_thread(page.run, deploy)
            deployment = Deployment.load(page.home / "deployments" / "31337.json")
            await check_deployment(gateway, deployment)
            await enrol(gateway, deployment)
            asked = encode_call("CityPass", "lastNumber")
            answer = await gateway.call(deployment.address("CityPass"), asked)
            assert decode_result("CityPass", "lastNumber", answer) == (1,)
        with page.serving(city, "city"):
            await until_there(page.home / "environment")
            shown = await asyncio.to_thread(page.run, look)
            assert "Mae Hia Town" in shown
