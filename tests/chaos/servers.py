"""A city's servers as processes that may die at any moment, also of their own failpoint."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.integration.city_process import ROOT

MODULE = "tests.integration.city_process"
PATIENCE_SECONDS = 180
"""How long a loaded machine may take for what usually takes a moment."""

KILLED = -signal.SIGKILL


class Server:
    """One process of a city. `url` is None until it answers, and where it died before it did."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment = environment
        self.log = log
        self.url: str | None = None
        self._process: subprocess.Popen[str] | None = None

    async def start(self, **more: str) -> None:
        """Start it, and wait until it answers or is dead."""
        with self.log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                cwd=ROOT,
                env=os.environ | self.environment | more,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        said = await asyncio.to_thread(self._process.stdout.readline)
        self.url = said.strip() or None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def ended(self) -> int | None:
        """How the process ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int | None:
        """Its process id; None where it does not run."""
        return self._process.pid if self._process is not None and self.alive else None

    def shoot(self) -> None:
        """SIGKILL, and nothing more: whoever watches over it buries it."""
        if self._process is not None:
            self._process.kill()
            self.url = None

    def kill(self) -> None:
        """What a power cut does to it. Doing it to a dead one is harmless."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process, self.url = None, None
