"""The development chain: it survives a restart and a kill, and dies with its parent."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.devnet import CHAIN_ID, HOST, Devnet, DevnetOptions
from ledger.errors import InputInvalid, NodeUnreachable, PortBusy, WrongState

NOON = 1_761_714_000

PARENT = """
import asyncio, sys
from pathlib import Path
from deploy.devnet import Devnet, DevnetOptions

async def main() -> None:
    async with Devnet(DevnetOptions(directory=Path(sys.argv[1]))) as devnet:
        await devnet.mine(3)
        print(devnet.pid, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def block(devnet: Devnet, tag: str = "latest") -> dict[str, str]:
    found = await devnet.rpc("eth_getBlockByNumber", tag, False)
    assert isinstance(found, dict)
    return found


async def pay(devnet: Devnet) -> str:
    accounts = await devnet.rpc("eth_accounts")
    sent = {"from": accounts[0], "to": accounts[1], "value": "0x1"}
    tx_hash = str(await devnet.rpc("eth_sendTransaction", sent))
    assert await devnet.rpc("eth_getTransactionReceipt", tx_hash) is not None
    return tx_hash


async def until_gone(pid: int) -> None:
    for _ in range(3_000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the node outlived its parent")


async def test_a_devnet_begins_at_the_genesis_time_on_the_loopback_address() -> None:
    async with Devnet(DevnetOptions(genesis_time=NOON)) as devnet:
        assert devnet.rpc_url.startswith(f"http://{HOST}:")
        assert int(await devnet.rpc("eth_chainId"), 16) == CHAIN_ID
        assert NOON <= await devnet.now() < NOON + 30
        addresses = Path(f"/proc/{devnet.pid}/net/tcp").read_text(encoding="ascii")
        assert f"0100007F:{devnet.port:04X}" in addresses


async def test_the_clock_is_moved_forward_and_never_back() -> None:
    async with Devnet(DevnetOptions(genesis_time=NOON)) as devnet:
        await devnet.set_time(NOON + 86_400)
        assert int((await block(devnet))["timestamp"], 16) == NOON + 86_400
        assert NOON + 86_400 <= await devnet.now() < NOON + 86_430
        moved = await devnet.advance(60)
        assert int((await block(devnet))["timestamp"], 16) == moved
        with pytest.raises(InputInvalid):
            await devnet.set_time(NOON)


async def test_a_snapshot_is_reverted_to_once() -> None:
    async with Devnet() as devnet:
        before = await block(devnet)
        snapshot = await devnet.snapshot()
        await devnet.mine(5)
        await devnet.revert(snapshot)
        assert (await block(devnet))["hash"] == before["hash"]
        with pytest.raises(InputInvalid):
            await devnet.revert(snapshot)


async def test_a_transaction_above_the_osaka_gas_cap_is_refused() -> None:
    async with Devnet() as devnet:
        accounts = await devnet.rpc("eth_accounts")
        with pytest.raises(Exception, match="gas"):
            await devnet.rpc(
                "eth_sendTransaction",
                {"from": accounts[0], "to": accounts[1], "gas": hex(16_777_217)},
            )


async def test_blocks_become_final_two_blocks_later() -> None:
    async with Devnet() as devnet:
        await devnet.mine(10)
        assert int((await block(devnet, "finalized"))["number"], 16) == 8


async def test_chain_and_clock_continue_after_a_restart(tmp_path: Path) -> None:
    options = DevnetOptions(directory=tmp_path, genesis_time=NOON)
    async with Devnet(options) as devnet:
        tx_hash = await pay(devnet)
        await devnet.set_time(NOON + 100_000)
        before = await block(devnet)
    async with Devnet(options) as devnet:
        assert (await block(devnet))["hash"] == before["hash"]
        assert await devnet.rpc("eth_getTransactionReceipt", tx_hash) is not None
        assert NOON + 100_000 <= await devnet.now() < NOON + 100_030
        await devnet.mine()
        assert int((await block(devnet))["timestamp"], 16) >= NOON + 100_000


async def test_the_clock_does_not_go_back_when_no_block_was_made_since(tmp_path: Path) -> None:
    options = DevnetOptions(directory=tmp_path, genesis_time=NOON)
    async with Devnet(options) as devnet:
        await devnet.rpc("evm_increaseTime", 5_000)
        await devnet.persist()
        await devnet.kill()
    async with Devnet(options) as devnet:
        assert await devnet.now() >= NOON + 5_000


async def test_a_killed_node_continues_from_its_last_second(tmp_path: Path) -> None:
    options = DevnetOptions(directory=tmp_path, genesis_time=NOON)
    async with Devnet(options) as devnet:
        kept = await pay(devnet)
        await devnet.persist()
        await devnet.kill()
    async with Devnet(options) as devnet:
        assert await devnet.rpc("eth_getTransactionReceipt", kept) is not None
        await pay(devnet)


async def until_written(directory: Path, height: int) -> None:
    """Wait until the chain on disk ends at a height."""
    for _ in range(600):
        with contextlib.suppress(FileNotFoundError):
            if json.loads((directory / "state.json").read_bytes())["best_block_number"] == height:
                return
        await asyncio.sleep(0.05)
    pytest.fail(f"block {height} was not written")


async def test_blocks_that_change_nothing_wait_to_be_written_with_others(tmp_path: Path) -> None:
    async with Devnet(DevnetOptions(directory=tmp_path, genesis_time=NOON)) as devnet:
        await until_written(tmp_path, 0)
        await pay(devnet)
        await until_written(tmp_path, 1)
        await devnet.mine(5)
        await asyncio.sleep(2)
        await until_written(tmp_path, 1)
        await pay(devnet)
        await until_written(tmp_path, 7)
        await devnet.mine(60)
        await until_written(tmp_path, 67)


async def test_a_state_cut_off_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    options = DevnetOptions(directory=tmp_path, genesis_time=NOON)
    async with Devnet(options) as devnet:
        kept = await pay(devnet)
        await devnet.persist()
        await devnet.kill()
    whole = (tmp_path / "state.json").read_bytes()
    (tmp_path / "exit.json").write_bytes(whole[: len(whole) // 2])
    async with Devnet(options) as devnet:
        assert await devnet.rpc("eth_getTransactionReceipt", kept) is not None


async def test_a_ruined_state_is_named_and_left_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{", encoding="ascii")
    with pytest.raises(InputInvalid) as refused:
        await Devnet(DevnetOptions(directory=tmp_path)).start()
    assert "state.json" in refused.value.details["what"]
    assert (tmp_path / "state.json").exists()


async def test_a_busy_port_is_named() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortBusy) as refused:
            await Devnet(DevnetOptions(port=port)).start()
    assert refused.value.details["port"] == port


async def test_two_nodes_do_not_share_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.devnet_state.LOCK_SECONDS_MAX", 0)
    async with Devnet(DevnetOptions(directory=tmp_path)):
        with pytest.raises(WrongState):
            await Devnet(DevnetOptions(directory=tmp_path)).start()


async def test_stopping_twice_or_before_a_start_is_harmless() -> None:
    devnet = Devnet()
    await devnet.stop()
    await devnet.start()
    await devnet.stop()
    await devnet.stop()
    with pytest.raises(NodeUnreachable):
        await devnet.now()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
async def test_the_node_saves_itself_and_ends_with_its_parent(
    tmp_path: Path, how: signal.Signals
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout is not None
    with contextlib.closing(parent.stdout):
        node = int(await asyncio.to_thread(parent.stdout.readline))
        parent.send_signal(how)
        await asyncio.to_thread(parent.wait)
        await until_gone(node)
    async with Devnet(DevnetOptions(directory=tmp_path)) as devnet:
        assert int((await block(devnet))["number"], 16) == 3
