"""What a devnet keeps on disk, so that a kill at any moment leaves a chain that can be loaded.

A directory holds `state.json` (replaced atomically, about once a second while blocks are made),
`exit.json` (written by Anvil itself when it is told to stop, and only then), and `clock.json` (the
chain's clock, which may be far ahead of the last block). Anvil's own `--state-interval` writes in
place and can be cut off in the middle; nothing here can.
"""

import fcntl
import gzip
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from deploy.atomic_file import replace_file
from ledger.errors import InputInvalid, WrongState

LOCK_SECONDS_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A chain that can be loaded: where it lies and the time at which it stopped."""

    path: Path
    block: int
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDirectory:
    """The files of one devnet."""

    path: Path

    @property
    def state(self) -> Path:
        return self.path / "state.json"

    @property
    def exit_state(self) -> Path:
        return self.path / "exit.json"

    @property
    def clock(self) -> Path:
        return self.path / "clock.json"

    @property
    def log(self) -> Path:
        return self.path / "anvil.log"

    @property
    def cache(self) -> Path:
        return self.path / "cache"

    def lock(self) -> IO[bytes]:
        """Take the directory for one node. The child inherits the lock and holds it until it ends.

        Waits for a node that is still writing its last state; raises WrongState after that.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        file = (self.path / "lock").open("wb")
        until = time.monotonic() + LOCK_SECONDS_MAX
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return file
            except BlockingIOError:
                if time.monotonic() > until:
                    file.close()
                    what = f"the devnet in {self.path}"
                    raise WrongState(what=what, state="running", needs="stopped") from None
                time.sleep(0.05)

    def newest(self) -> Saved | None:
        """The chain to continue, None when there is none yet. Call with the lock held.

        A half-written `exit.json` is dropped: `state.json` is then at most a second older. A
        `state.json` that cannot be read raises InputInvalid, and is left where it is.
        """
        stopped = self._readable_exit_state()
        kept = _read(self.state, self._clock_time()) if self.state.exists() else None
        if stopped is not None and (kept is None or stopped.block >= kept.block):
            self.exit_state.replace(self.state)
            return Saved(path=self.state, block=stopped.block, time=stopped.time)
        self.exit_state.unlink(missing_ok=True)
        return kept

    def _readable_exit_state(self) -> Saved | None:
        if not self.exit_state.exists():
            return None
        try:
            return _read(self.exit_state, self._clock_time())
        except InputInvalid:
            return None

    def _clock_time(self) -> int:
        try:
            return int(json.loads(self.clock.read_bytes())["time"])
        except (FileNotFoundError, ValueError, KeyError):
            return 0

    def keep(self, dump: str) -> None:
        """Replace `state.json` by what `anvil_dumpState` answered. Whole, or not at all."""
        replace_file(self.state, gzip.decompress(bytes.fromhex(dump.removeprefix("0x"))))

    def keep_time(self, now: int) -> None:
        """Remember the chain's clock: it does not go back when no block was made since."""
        replace_file(self.clock, json.dumps({"time": now}).encode())


def _read(path: Path, clock: int) -> Saved:
    try:
        document = json.loads(path.read_bytes())
        block, when = document["best_block_number"], int(document["block"]["timestamp"], 16)
    except (ValueError, KeyError, TypeError) as error:
        why = f"it is not a saved chain ({error}); delete it to begin a new one"
        raise InputInvalid(what=str(path), why=why) from error
    return Saved(path=path, block=_number(block), time=max(when, clock))


def _number(value: int | str) -> int:
    return int(value, 16) if isinstance(value, str) else value
