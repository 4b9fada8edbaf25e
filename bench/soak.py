"""Whether the till and the chain keep up for long: `python -m bench.soak` prints a line a round.

A city of two processes on PostgreSQL, one of which also sequences and indexes, takes RATE (236, the
national average of Thailand's busiest days) redemptions a second for SECONDS (600), and a block
comes every 2 seconds. After every round: what was answered and how soon, what waits for the chain
(`waiting`, and how long the oldest has, in seconds), and the resident memory of each process.

The backlog may hold what two blocks' time brings and what the sequencer gathers for a batch; memory
after the last round may be a tenth above that after the first quarter. JSON=file writes the rows.
Returns 1 when one of them is missed, or when anything but acceptances was answered.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import httpx

from bench.till import Bench, generator, say, servers
from bench.till_town import found_town
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.gateway import Gateway, Limits
from tests.databases import POSTGRESQL
from tests.postgres import open_cluster

ROUND_SECONDS: Final = 20
BLOCK_SECONDS: Final = 2
BACKLOG_SECONDS_MAX: Final = 2 * BLOCK_SECONDS + 2
"""Two blocks, and the two seconds in which the sequencer lets a batch gather."""

MEMORY_GROWTH_PERCENT_MAX: Final = 10
COLUMNS: Final = ("second", "per_s", "p50_ms", "p99_ms", "waiting", "age_s", "lag_blocks", "mib")

Row = dict[str, Any]


async def run(directory: Path, rate: int, seconds: int) -> list[Row]:
    """All rounds."""
    with open_cluster(durable=True) as cluster:
        async with (
            Devnet(DevnetOptions()) as devnet,
            Gateway(devnet.rpc_url, limits=Limits(seconds_max=120)) as node,
        ):
            town = await found_town(node, directory, cluster)
            bench = Bench(
                town=town, devnet=devnet, seconds=0, rate=rate, block_seconds=BLOCK_SECONDS
            )
            await devnet.rpc("evm_setAutomine", False)
            await devnet.rpc("evm_setIntervalMining", BLOCK_SECONDS)
            with town.database(POSTGRESQL) as url:
                return await _rounds(bench, url, rate, max(seconds // ROUND_SECONDS, 4))


async def _rounds(bench: Bench, url: str, rate: int, rounds: int) -> list[Row]:
    rows: list[Row] = []
    async with (
        servers(bench, "nakhon", url, 2, sequencing=True) as (urls, numbers),
        generator(bench.town, urls, 7, 0) as load,
        httpx.AsyncClient() as client,
    ):
        for _ in range(rounds):
            trial = await load.trial(rate, ROUND_SECONDS)
            rows.append(await _row(client, urls[0], numbers, trial, len(rows)))
            say("".join(f"{rows[-1][name]!s:>16}" for name in COLUMNS))
    return rows


async def _row(
    client: httpx.AsyncClient, url: str, numbers: list[int], trial: Row, before: int
) -> Row:
    told = (await client.get(f"{url}/metrics")).text
    return {
        "second": (before + 1) * ROUND_SECONDS,
        "per_s": trial["per_s"],
        "p50_ms": trial["p50_ms"],
        "p99_ms": trial["p99_ms"],
        "waiting": _gauge(told, "outbox_waiting"),
        "age_s": _gauge(told, "outbox_age_seconds"),
        "lag_blocks": _gauge(told, "chain_lag_blocks"),
        "mib": [resident_mib(number) for number in numbers],
        "codes": trial["codes"],
    }


def _gauge(told: str, name: str) -> int:
    found = re.search(rf"^nakhon_{name} ([0-9.e+]+)$", told, re.MULTILINE)
    if found is None:
        raise SystemExit(f"the city tells no {name}")
    return round(float(found[1]))


def resident_mib(number: int) -> int:
    """The memory that a process holds now (Linux)."""
    status = Path(f"/proc/{number}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None, "a process has memory"
    return int(found[1]) // 1024


def failures(rows: list[Row], rate: int) -> list[str]:
    """One line for everything that was missed."""
    found = []
    most = rate * BACKLOG_SECONDS_MAX
    for row in rows:
        if row["waiting"] > most:
            found.append(f"second {row['second']}: {row['waiting']} wait, more than {most}")
        if set(row["codes"]) - {"201"}:
            found.append(f"second {row['second']}: answered {row['codes']}")
    early, last = rows[len(rows) // 4]["mib"], rows[-1]["mib"]
    for then, now in zip(early, last, strict=True):
        if now * 100 > then * (100 + MEMORY_GROWTH_PERCENT_MAX):
            found.append(f"memory grew from {then} to {now} MiB")
    return found


def main() -> int:
    """Run, print, write; 1 when something was missed."""
    rate = int(os.environ.get("RATE") or 236)
    seconds = int(os.environ.get("SECONDS") or 600)
    say("".join(f"{name:>16}" for name in COLUMNS))
    with tempfile.TemporaryDirectory(prefix="nakhon-soak-") as directory:
        rows = asyncio.run(run(Path(directory), rate, seconds))
    lines = ["".join(f"{name:>16}" for name in COLUMNS)]
    lines += ["".join(f"{row[name]!s:>16}" for name in COLUMNS) for row in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    if os.environ.get("JSON"):
        Path(os.environ["JSON"]).write_text(json.dumps(rows, indent=2) + "\n")
    missed = failures(rows, rate)
    for line in missed:
        say(f"missed: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
