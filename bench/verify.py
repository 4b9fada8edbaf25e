"""How fast the auditor is: `python -m bench.verify` prints a table, JSON=file writes it as well.

A chain is made on Anvil with SAMPLE (60,000) redemptions, ENTRIES (200) to a transaction, by the
real contracts from real signatures. `ledger.audit.verify` reads it from the RPC address and judges
everything again, on all cores and in one process. The baseline does the part of it that it can with
the libraries' own objects (web3.py reads logs and calldata, eth-account builds each typed message
and recovers its holder), compares holder and figures with the record, keeps the day's quota and the
allowance, and judges no other rule; it reads the first WEB3_SAMPLE (4,000), which is stated beside
its rate. Every reading is a process of its own. "A core-second" is what a second of one processor's
work does, the node's left out: on a machine that others use, the clock measures them as well.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from bench.index_city import BenchCity, found, send
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Gateway, Limits
from ledger.domain.redemption import pack_batch

CAMPAIGN: Final = 1
RATE_MIN: Final = 20_000
RATIO_MIN: Final = 10
MEMORY_GROWTH_PERCENT_MAX: Final = 25

Row = dict[str, Any]


async def measure(directory: Path, sample: int, web3_sample: int, entries: int) -> dict[str, Row]:
    """Make the chain and read it, in the order of the table."""
    rows: dict[str, Row] = {}
    # A transaction of hundreds of redemptions may take Anvil long on a busy machine.
    limits = Limits(seconds_max=300)
    async with Devnet(DevnetOptions()) as devnet, Gateway(devnet.rpc_url, limits=limits) as gateway:
        city = await found(gateway, directory)

        async def read(name: str, kind: str) -> None:
            say(f"reading: {name}")
            rows[name] = await _read(kind, gateway.url, city)
            say(f"  {rows[name]}")

        await _redeem(city, web3_sample, entries)
        await read("libraries", "libraries")
        await _redeem(city, sample // 4 - web3_sample, entries)
        await read("nakhon_quarter", "nakhon")
        await _redeem(city, sample - sample // 4, entries)
        await read("nakhon", "nakhon")
        await read("nakhon_alone", "alone")
    return rows


async def _redeem(city: BenchCity, count: int, entries: int) -> None:
    """Put more redemptions on the chain by plain calls of the sequencer's key."""
    say(f"making {max(count, 0):,} redemptions")
    book = city.deployment.contracts["CouponBook"].address
    sender = city.signers["SEQUENCER"].address
    sending = None
    while count > 0:
        # In the order of the sequencer, so that neighbours share their storage slots.
        size = min(count, entries)
        count -= size
        batch = pack_batch(await asyncio.to_thread(city.entries, CAMPAIGN, size))
        if sending is not None:
            await sending
        data = encode_call("CouponBook", "redeem", CAMPAIGN, batch)
        sending = asyncio.create_task(send(city.gateway, sender, book, data))
    if sending is not None:
        await sending


async def _read(kind: str, url: str, city: BenchCity) -> Row:
    load_percent = round(os.getloadavg()[0] * 100)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.verify_reader", kind, url, str(city.record)),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"the reading {kind} failed with {process.returncode}")
    row: Row = json.loads(printed)
    row["per_s"] = row["redemptions"] * 1_000 // row["milliseconds"]
    row["per_core_s"] = row["redemptions"] * 1_000 // row["processor_milliseconds"]
    row["load_percent_before"] = load_percent
    return row


def summary(rows: dict[str, Row]) -> dict[str, Any]:
    """The figures that are compared from run to run."""
    ours, theirs = rows["nakhon"]["per_s"], rows["libraries"]["per_s"]
    return {
        "nakhon_redemptions_per_s": ours,
        "libraries_redemptions_per_s": theirs,
        "ratio": round(ours / max(theirs, 1), 1),
        "cores": os.cpu_count(),
        "measured_at": int(time.time()),
        "rows": rows,
    }


TITLES: Final = {
    "nakhon_quarter": "nakhon, a quarter of the chain",
    "nakhon": "nakhon, the whole chain",
    "nakhon_alone": "nakhon, the whole chain, one process",
    "libraries": "web3.py + eth-account, the first part",
}


def table(rows: dict[str, Row]) -> str:
    """The table for people."""
    heads = ("redemptions", "ms", "a second", "a core-second", "peak MiB", "load %")
    lines = [f"{'reading':<42}" + "".join(f"{head:>15}" for head in heads)]
    for name, title in TITLES.items():
        row = rows[name]
        values = (
            *(row["redemptions"], row["milliseconds"], row["per_s"], row["per_core_s"]),
            *(row["peak_kib"] // 1024, row["load_percent_before"]),
        )
        lines.append(f"{title:<42}" + "".join(f"{value:>15,}" for value in values))
    return "\n".join(lines)


def failures(figures: dict[str, Any]) -> list[str]:
    """One line for every promise the figures break."""
    found: list[str] = []
    rate, ratio, rows = figures["nakhon_redemptions_per_s"], figures["ratio"], figures["rows"]
    if rate < RATE_MIN:
        found.append(f"{rate:,} redemptions a second, below {RATE_MIN:,}")
    if ratio < RATIO_MIN:
        found.append(f"the ratio is {ratio}, below {RATIO_MIN}")
    quarter, whole = rows["nakhon_quarter"]["peak_kib"], rows["nakhon"]["peak_kib"]
    if whole > quarter * (100 + MEMORY_GROWTH_PERCENT_MAX) // 100:
        found.append(f"memory grew from {quarter:,} KiB to {whole:,} KiB")
    return found


def say(line: str) -> None:
    """Progress, beside the table."""
    sys.stderr.write(line + "\n")


def main() -> int:
    """Measure, print, write; 1 when a promise is broken."""
    sample = int(os.environ.get("SAMPLE", "60000"))
    web3_sample = int(os.environ.get("WEB3_SAMPLE", "4000"))
    entries = int(os.environ.get("ENTRIES", "200"))
    with tempfile.TemporaryDirectory(prefix="nakhon-bench-") as directory:
        rows = asyncio.run(measure(Path(directory), sample, web3_sample, entries))
    figures = summary(rows)
    sys.stdout.write(table(rows) + f"\nratio {figures['ratio']} on {figures['cores']} cores\n")
    if os.environ.get("JSON"):
        Path(os.environ["JSON"]).write_text(json.dumps(figures, indent=2) + "\n")
    broken = failures(figures)
    for line in broken:
        say(line)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
