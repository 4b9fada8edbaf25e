"""The tests' own PostgreSQL leaves nothing behind, however the tests end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.postgres import ROOT

HOLDER = """
import time
from tests.postgres import open_cluster
with open_cluster() as cluster:
    print(cluster.directory, cluster.postmaster(), flush=True)
    time.sleep(600)
"""


def test_a_killed_test_run_leaves_neither_a_server_nor_its_files() -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    directory, postmaster = holder.stdout.readline().split()
    assert Path(directory).is_dir() and runs(int(postmaster))
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    until = time.monotonic() + 60
    while (runs(int(postmaster)) or Path(directory).exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not runs(int(postmaster)) and not Path(directory).exists()


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
