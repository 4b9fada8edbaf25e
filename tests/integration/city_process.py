"""A city's server as a process of its own, with the development keys: to be killed by tests.

`python -m tests.integration.city_process` reads the settings of the environment, says its address
when it answers, and serves until it is told to stop. SIGUSR1 makes its disk's fsync fail for good.
"""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.process import run
from api.run import run_city
from deploy.city import ROLES
from ledger.chain.signer import DevSigner
from ledger.services.runtime import Runtime
from ledger.settings import read_settings
from tests.chaos.failing_sync import fail_every_sync
from tests.conftest import FUNDERS

ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class CityProcess:
    """A running server: where it answers, and what can be done to it."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """What a power cut does to it."""
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """Stop the clock for it alone, as a machine that swaps does."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def city_process(environment: dict[str, str], log: Path) -> Iterator[CityProcess]:
    """One server, killed at the end if it still runs."""
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.city_process"],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url, log.read_text(errors="replace")
        yield CityProcess(process, url, log)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def _serve() -> None:
    async def started(_runtime: Runtime, url: str) -> None:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()

    names = [*ROLES, *FUNDERS]
    signers = {name.lower(): DevSigner.numbered(index) for index, name in enumerate(names)}
    await run_city(read_settings(), signers=signers, started=started)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    signal.signal(signal.SIGUSR1, lambda *_: fail_every_sync())
    run(_serve())
