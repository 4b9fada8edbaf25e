"""A city that `nakhon up` runs in a process of its own, and people who only have the command."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ledger.chain.signer import keyfile_of, read_keyfile
from wallet_cli.main import run

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 180
STOP_SECONDS_MAX = 30
BEGIN = "2025-10-29T12:00+07:00"
PASSWORD = "กุญแจทดสอบ ๑๒๓"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed, read back; only of a command that succeeded."""
        assert self.code == 0, self.err
        return json.loads(self.out)


def nakhon(*arguments: str, environment: dict[str, str], wanted: int | None = 0) -> Ended:
    """Run one command line in this process, as `main` would. `wanted` None takes any exit code."""
    out, err = io.StringIO(), io.StringIO()
    code = int(run(arguments, environment, out=out, err=err))
    assert wanted is None or code == wanted, (arguments, out.getvalue(), err.getvalue())
    return Ended(code=code, out=out.getvalue(), err=err.getvalue())


def nakhon_process(*arguments: str, environment: dict[str, str], wanted: int | None = 0) -> Ended:
    """As `nakhon`, in a process of its own: the whole program, import to exit."""
    done = subprocess.run(
        [sys.executable, "-m", "wallet_cli.main", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert wanted is None or done.returncode == wanted, (arguments, done.stdout, done.stderr)
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


class RunningCity:
    """`nakhon up` as a child process, on free ports, in one directory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.told: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None
        self._errors: list[str] = []
        self._readers: list[threading.Thread] = []

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        command = [sys.executable, "-m", "wallet_cli.main", "up", "--home", str(self.home)]
        self._process = subprocess.Popen(
            [*command, "--port", "0", "--begin", BEGIN, "-o", "ndjson"],
            cwd=ROOT,
            env=self.bare_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout and self._process.stderr
        self._readers = [
            threading.Thread(target=self._listen, args=(self._process.stderr,)),
            threading.Thread(target=self._hear, args=(self._process.stdout,)),
        ]
        for reader in self._readers:
            reader.start()
        until = time.monotonic() + START_SECONDS_MAX
        while not self.told and time.monotonic() < until and self._process.poll() is None:
            time.sleep(0.05)
        assert self.told, "".join(self._errors)

    def _hear(self, out: IO[str]) -> None:
        with out:
            for line in out:
                self.told = json.loads(line)

    def _listen(self, err: IO[str]) -> None:
        with err:
            self._errors.extend(err)

    def stop(self) -> int:
        """Ask it politely to end; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._gone()

    def kill(self) -> None:
        """What a power cut does to the process and its node."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._gone()

    def _gone(self) -> int:
        assert self._process is not None
        code = self._process.wait(STOP_SECONDS_MAX)
        for reader in self._readers:
            reader.join(STOP_SECONDS_MAX)
        self.told = {}
        return code

    @staticmethod
    def bare_environment() -> dict[str, str]:
        """This process's environment without any city in it."""
        kept = {name: value for name, value in os.environ.items() if "NAKHON" not in name}
        return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "LANG": "C"}

    @property
    def environment(self) -> dict[str, str]:
        """Points every command at this city."""
        return {
            **self.bare_environment(),
            "NAKHON_API_URL": self.told["api"],
            "NAKHON_RPC_URL": self.told["rpc"],
            "NAKHON_DEPLOYMENT": self.told["deployment"],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a keyfile, or an officer with an API key, and the command."""

    city: RunningCity
    options: tuple[str, ...]
    address: str = ""

    def does(self, *arguments: str, wanted: int | None = 0) -> Ended:
        """Run a command with this person's key."""
        whole = (*arguments, *self.options)
        return nakhon(*whole, environment=self.city.environment, wanted=wanted)

    def reads(self, *arguments: str) -> Any:
        """What a command says, as JSON."""
        return self.does(*arguments, "--json").json()


def officer(city: RunningCity, office: str) -> Person:
    """Who holds the API key of one office."""
    key = Path(city.told["officers"]) / f"{office}.key"
    return Person(city=city, options=("--key-file", str(key)))


def newcomer(city: RunningCity, directory: Path, name: str) -> Person:
    """Somebody who just made a keyfile with the command."""
    password, keyfile = directory / "password", directory / f"{name}.json"
    password.write_text(PASSWORD + "\n", "utf-8")
    options = ("--keyfile", str(keyfile), "--password-file", str(password))
    made = Person(city=city, options=options).reads("wallet", "create")
    # The same key under a cheaper scrypt: the real one costs a second a command.
    light = keyfile_of(read_keyfile(keyfile, PASSWORD), PASSWORD, iterations=2**10)
    keyfile.write_bytes(light)
    return Person(city=city, options=options, address=made["address"])


def eventually(question: Callable[[], bool], seconds: int = 120) -> None:
    """Wait until the answer is yes."""
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.3)


def csv_file(path: Path, header: Sequence[str], *rows: Sequence[object]) -> Path:
    """Write a table as a spreadsheet on Windows does: BOM and CRLF."""
    lines = [",".join(map(str, row)) for row in (header, *rows)]
    path.write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n").encode())
    return path
