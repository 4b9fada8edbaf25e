"""A PostgreSQL server that is killed and started again, as a power cut and a service manager do."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.socket_line import SOCKET
from tests.postgres import Cluster, open_cluster, start, wait_until_ready

GIVING_UP_SECONDS = 10
"""How long a server that cannot write may take until it ends, where it does."""


@dataclass(slots=True)
class Mortal:
    """A PostgreSQL server of its own, which can be killed and started again."""

    cluster: Cluster
    server: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """SIGKILL to all of it, as a power cut does."""
        data = self.cluster.directory / "data"
        pid = self.cluster.postmaster()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        if self.server is not None:
            self.server.wait()
        # Nobody has buried the killed server yet, so its number still looks taken.
        for lock in (data / "postmaster.pid", self.cluster.directory / f"{SOCKET}.lock"):
            lock.unlink(missing_ok=True)

    def start(self, prepare: Callable[[], None] | None = None) -> None:
        """Start it as a service manager does, and wait until it answers."""
        self.server = start(self.cluster.directory, durable=True, prepare=prepare)
        wait_until_ready(self.cluster.directory, self.server)

    def start_if_dead(self) -> None:
        """Start it again where it gave itself up."""
        assert self.server is not None, "it was started here before"
        try:
            self.server.wait(GIVING_UP_SECONDS)
        except subprocess.TimeoutExpired:
            return
        self.start()

    def say(self, setting: str) -> None:
        """Add a line to the server's configuration, which counts from the next reload on."""
        with (self.cluster.directory / "data" / "postgresql.conf").open("a") as file:
            file.write(f"{setting}\n")

    def reload(self) -> None:
        """Let the server read its configuration."""
        os.kill(self.cluster.postmaster(), signal.SIGHUP)


@contextmanager
def open_mortal() -> Iterator[Mortal]:
    """A durable server of one's own until the block ends."""
    with open_cluster(durable=True) as cluster:
        mortal = Mortal(cluster)
        yield mortal
        if mortal.server is not None:
            mortal.server.send_signal(signal.SIGQUIT)
            mortal.server.wait()
