"""A development chain: Anvil as a child process that never outlives the process that started it.

The chain is kept on disk when a directory is given (`devnet_state`), and continues there after a
restart: same blocks, same clock. Warning: what a SIGKILL of Anvil itself takes is the last second
of blocks; readers see that as a reorganisation, and the sequencer sends its stored bytes again.
"""

import argparse
import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from deploy.devnet_state import Saved, StateDirectory
from ledger.chain.gateway import Gateway, Limits
from ledger.domain.blocks import BlockRef
from ledger.domain.sentences import advise, say
from ledger.errors import InputInvalid, LedgerError, NodeUnreachable, PortBusy, ToolMissing

ROOT: Final = Path(__file__).resolve().parent.parent
HOST: Final = "127.0.0.1"
CHAIN_ID: Final = 31337
ACCOUNTS: Final = 20
HARDFORK: Final = "osaka"

START_SECONDS_MAX: Final = 30
STOP_SECONDS_MAX: Final = 30
PORT_ATTEMPTS_MAX: Final = 5
BUSY_WAITS: Final = 20
LOG_BYTES_SHOWN: Final = 2_000
PERSIST_EVERY_SECONDS: Final = 1
PERSIST_PAUSE_FACTOR: Final = 4
PERSIST_EVERY_SECONDS_MAX: Final = 30
"""A pause is four times as long as the writing before it: a chain grown large costs little."""
IDLE_BLOCKS_MAX: Final = 50
"""Blocks without transactions may wait to be written until there are this many."""
STATES_ON_DISK_MAX: Final = 64
"""Past states that Anvil swaps out; its default of 3,600 fills a disk."""

_PR_SET_PDEATHSIG: Final = 1
_NO_REPEAT: Final = Limits(seconds_max=120, retry_pauses_ms=())


def find_anvil(root: Path = ROOT) -> Path:
    """The native Anvil: npm's, else the one on PATH. Raises ToolMissing.

    npm's launcher script is passed over: it would stand between us and the signals of the node.
    """
    for native in sorted((root / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil")):
        return native
    if found := shutil.which("anvil"):
        return Path(found)
    raise ToolMissing(tool="anvil", why="it is not installed here; run `make setup`")


@dataclass(frozen=True, slots=True, kw_only=True)
class DevnetOptions:
    """How a devnet starts. Without a directory the chain lives in memory.

    `port` None takes a free one. `genesis_time` (Unix seconds) counts for a new chain only; a saved
    chain continues at its own time. `block_seconds` adds a block at that pace to the one that every
    transaction gets; with `mining` False nothing is mined until it is asked for.
    """

    directory: Path | None = None
    port: int | None = None
    genesis_time: int | None = None
    block_seconds: int | None = None
    mining: bool = True
    chain_id: int = CHAIN_ID


class Devnet:
    """A running Anvil on 127.0.0.1 (chain 31337, Osaka rules, transaction gas cap enforced).

    `async with Devnet(DevnetOptions(...)) as devnet` starts and stops it. The node is told to stop,
    and saves itself, also when the parent process is killed. Must be started from a thread that
    lives as long as the node should: Linux ties the child to it.
    """

    def __init__(self, options: DevnetOptions | None = None) -> None:
        self.options = options or DevnetOptions()
        self.port = 0
        self._files: StateDirectory | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._persisting: asyncio.Task[None] | None = None
        self._held: contextlib.ExitStack = contextlib.ExitStack()

    @property
    def rpc_url(self) -> str:
        """Where the node answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the running node."""
        assert self._process is not None, "a devnet has a process between start and stop"
        return self._process.pid

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    # Life

    async def start(self) -> None:
        """Start the node and wait until it answers.

        Raises PortBusy when the given port is taken, ToolMissing without Anvil, WrongState when
        another node runs in the same directory, NodeUnreachable when it does not come up.
        """
        try:
            await self._start()
        except BaseException:
            self._held.close()
            raise

    async def _start(self) -> None:
        anvil = find_anvil()
        files = self._files = self._open_directory()
        lock = self._held.enter_context(files.lock())
        saved = files.newest()
        log = self._held.enter_context(files.log.open("w+b"))
        for _ in range(PORT_ATTEMPTS_MAX):
            self.port = await self._choose_port()
            command = [str(anvil), *self._arguments(files, saved)]
            self._process = _spawn(command, log, lock.fileno())
            if await self._answers(self._process, log):
                break
        else:
            raise PortBusy(port=self.port, what="anvil")
        if self.options.directory is not None:
            self._persisting = asyncio.create_task(self._persist_for_ever(files))

    def _open_directory(self) -> StateDirectory:
        if self.options.directory is not None:
            return StateDirectory(path=self.options.directory)
        scratch = tempfile.TemporaryDirectory(prefix="nakhon-devnet-", ignore_cleanup_errors=True)
        return StateDirectory(path=Path(self._held.enter_context(scratch)))

    async def _choose_port(self) -> int:
        """The given port once it is free, else any free one. Raises PortBusy."""
        if self.options.port is None:
            return _free_port()
        for _ in range(BUSY_WAITS):
            # The node of a parent that was just killed may need a moment to save itself.
            if _is_free(self.options.port):
                return self.options.port
            await asyncio.sleep(0.1)
        raise PortBusy(port=self.options.port, what="anvil")

    def _arguments(self, files: StateDirectory, saved: Saved | None) -> list[str]:
        options = self.options
        arguments = ["--quiet", "--host", HOST, "--port", str(self.port)]
        arguments += ["--cache-path", str(files.cache)]
        arguments += ["--max-persisted-states", str(STATES_ON_DISK_MAX)]
        arguments += ["--chain-id", str(options.chain_id), "--accounts", str(ACCOUNTS)]
        arguments += ["--hardfork", HARDFORK, "--enable-tx-gas-limit", "--slots-in-an-epoch", "1"]
        if options.block_seconds is not None:
            arguments += ["--block-time", str(options.block_seconds), "--mixed-mining"]
        elif not options.mining:
            arguments += ["--no-mining"]
        genesis_time = options.genesis_time if saved is None else saved.time
        if genesis_time is not None:
            arguments += ["--timestamp", str(genesis_time)]
        if saved is not None:
            arguments += ["--load-state", str(saved.path)]
        if options.directory is not None:
            arguments += ["--dump-state", str(files.exit_state)]
        return arguments

    async def _answers(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> bool:
        """True once the node answers, False when somebody took its port meanwhile."""
        async with Gateway(self.rpc_url, limits=_NO_REPEAT) as gateway:
            for _ in range(START_SECONDS_MAX * 50):
                if process.poll() is not None:
                    break
                with contextlib.suppress(NodeUnreachable):
                    await gateway.rpc("eth_chainId")
                    return True
                await asyncio.sleep(0.02)
        process.kill()
        process.wait()
        log.seek(0)
        said = log.read(LOG_BYTES_SHOWN).decode(errors="replace").strip()
        if "Address already in use" in said:
            return False
        raise NodeUnreachable(url=HOST, why=said or "anvil did not answer in time")

    async def stop(self) -> None:
        """Let the node save itself and end. Doing it twice, or before a start, is harmless."""
        if self._persisting is not None:
            self._persisting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._persisting
            self._persisting = None
        if self._process is not None:
            await self._end(self._process, signal.SIGTERM)
        self._held.close()

    async def kill(self) -> None:
        """End the node as a crash would: at once, saving nothing."""
        if self._process is not None:
            await self._end(self._process, signal.SIGKILL)
        await self.stop()

    async def _end(self, process: subprocess.Popen[bytes], how: signal.Signals) -> None:
        process.send_signal(how)
        for _ in range(STOP_SECONDS_MAX * 50):
            if process.poll() is not None:
                return
            await asyncio.sleep(0.02)
        process.kill()
        process.wait()

    # State on disk

    async def _persist_for_ever(self, files: StateDirectory) -> None:
        kept: BlockRef | None = None
        async with Gateway(self.rpc_url, limits=_NO_REPEAT) as gateway:
            while True:
                started = time.monotonic()
                # A node that is busy or gone is somebody else's news; the next round tries again.
                with contextlib.suppress(NodeUnreachable):
                    kept = await _persist(gateway, files, kept)
                pause = PERSIST_PAUSE_FACTOR * (time.monotonic() - started)
                await asyncio.sleep(
                    min(max(PERSIST_EVERY_SECONDS, pause), PERSIST_EVERY_SECONDS_MAX)
                )

    async def persist(self) -> None:
        """Write the chain to disk now: what is included at this moment survives any kill."""
        assert self._files is not None, "a devnet has a directory once it was started"
        async with Gateway(self.rpc_url, limits=_NO_REPEAT) as gateway:
            await _persist(gateway, self._files, None)

    # The chain

    async def rpc(self, method: str, *params: Any) -> Any:
        """One JSON-RPC call to the node, asked once."""
        async with Gateway(self.rpc_url, limits=_NO_REPEAT) as gateway:
            return await gateway.rpc(method, params)

    async def now(self) -> int:
        """The chain's clock: the time that a block made now would carry."""
        return int((await self.rpc("eth_getBlockByNumber", "pending", False))["timestamp"], 16)

    async def set_time(self, to: int) -> None:
        """Make a block at `to` (Unix seconds); the clock goes on from there.

        Raises InputInvalid for a time at or before the last block: a chain's time never goes back.
        """
        latest = int((await self.rpc("eth_getBlockByNumber", "latest", False))["timestamp"], 16)
        if to <= latest:
            raise InputInvalid(what="time", why=f"{to} is not after the last block's {latest}")
        await self.rpc("evm_setNextBlockTimestamp", to)
        await self.rpc("evm_mine")

    async def advance(self, seconds: int) -> int:
        """Move the clock on by `seconds` (1 or more) from now, with a block; the new time."""
        to = await self.now() + seconds
        await self.set_time(to)
        return to

    async def mine(self, blocks: int = 1) -> None:
        """Make empty blocks, or blocks of what is waiting."""
        await self.rpc("anvil_mine", blocks)

    async def snapshot(self) -> str:
        """Remember the state of the chain; `revert` goes back to it."""
        return str(await self.rpc("evm_snapshot"))

    async def revert(self, snapshot: str) -> None:
        """Go back to a snapshot, which is used up by it."""
        if not await self.rpc("evm_revert", snapshot):
            raise InputInvalid(what="snapshot", why=f"{snapshot} is not known to the node")


async def _persist(gateway: Gateway, files: StateDirectory, kept: BlockRef | None) -> BlockRef:
    """Write the clock, and the chain when it is another than at `kept`; the block now on disk."""
    latest, pending = await gateway.block("latest"), await gateway.block("pending")
    assert latest is not None, "a devnet has a latest block"
    assert pending is not None, "a devnet has a pending block"
    files.keep_time(pending.time)
    if kept is not None and kept.number <= latest.number < kept.number + IDLE_BLOCKS_MAX:
        same, *new = await gateway.headers(kept.number, latest.number)
        if same["hash"] == kept.hash and not any(header["transactions"] for header in new):
            return kept
    files.keep(str(await gateway.rpc("anvil_dumpState")))
    return latest


def _spawn(command: list[str], log: IO[bytes], lock: int) -> subprocess.Popen[bytes]:
    # Its own session: a Ctrl-C in the terminal reaches us, and we stop the node last.
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=(lock,),
        preexec_fn=_die_with_parent(os.getpid()) if sys.platform == "linux" else None,
    )


def _die_with_parent(parent: int) -> Callable[[], None]:
    """What the child runs before it becomes Anvil: its end is bound to the end of `parent`."""
    libc = ctypes.CDLL(None, use_errno=True)

    def bind() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # The parent died between fork and prctl.

    return bind


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


async def serve(options: DevnetOptions) -> None:
    """Run a devnet until this process is told to end."""
    async with Devnet(options) as devnet:
        sys.stdout.write(f"{devnet.rpc_url} chain {options.chain_id}, Ctrl-C stops it\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> int:
    """Run a devnet from the command line; exit 1 with a sentence when that is not possible."""
    parser = argparse.ArgumentParser(prog="python -m deploy.devnet")
    parser.add_argument("--port", type=int, default=8545)
    parser.add_argument("--directory", type=Path, default=Path(".nakhon/devnet"))
    chosen = parser.parse_args()
    try:
        asyncio.run(serve(DevnetOptions(directory=chosen.directory, port=chosen.port)))
    except KeyboardInterrupt:
        return 0
    except LedgerError as error:
        spoken = zip(say(error.code, error.details), advise(error.code, error.details), strict=True)
        for sentence, advice in spoken:
            sys.stderr.write(f"{sentence} {advice}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
