"""How fast the index is: `python -m bench.index` prints a table, JSON=file writes it as well.

A chain is made on Anvil with EVENTS (200,000) `Redeemed` events of one redemption each, by the real
contracts from real signatures. It is read into SQLite by our indexer, with all its checks, and by
web3.py's `get_logs` and `process_log`, without any, into the same tables by the same insert. The
baseline reads the first WEB3_EVENTS (20,000), which is stated beside its rate, and its rows there
must equal ours. A PostgreSQL server of its own, with fsync, is read into as well, by COPY; then the
index is dropped there and replayed, and must be SQLite's row by row. A last row reads PACKED
redemptions (50,000) as a sequencer sends them: 100 to an event. Every reading is a process of its
own, so that its peak memory can be compared.

JSON has `nakhon_events_per_s`, `web3py_events_per_s`, `ratio`, `postgresql_events_per_s` and
`postgresql_replayed_events_per_s`, `nakhon_packed_redemptions_per_s`, `nakhon_peak_kib`,
`nakhon_quarter_peak_kib`, and under `rows` each reading: `events`, `redemptions`, `milliseconds`,
`peak_kib`, `events_per_s`, `redemptions_per_s`.
"""

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from bench.index_city import BenchCity, found
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.gateway import Gateway, Limits
from ledger.db.index_rows import table_of
from ledger.db.session import make_engine, reading
from ledger.db.tables_index import INDEX_TABLES
from tests.postgres import Cluster, open_cluster

SINGLES, PACKED = 1, 2
PACKED_ENTRIES: Final = 100
RATIO_MIN: Final = 10
COPIED_MIN: Final = 30_000
"""Events a second into PostgreSQL."""

MEMORY_GROWTH_PERCENT_MAX: Final = 25

Row = dict[str, Any]


async def measure(
    directory: Path, cluster: Cluster, events: int, web3_events: int, packed: int
) -> dict[str, Row]:
    """Make the chain and read it, in the order of the table."""
    rows: dict[str, Row] = {}
    # A transaction of hundreds of redemptions may take Anvil long on a busy machine.
    limits = Limits(seconds_max=300)
    async with Devnet(DevnetOptions()) as devnet, Gateway(devnet.rpc_url, limits=limits) as gateway:
        city = await found(gateway, directory)

        async def read(name: str, kind: str, index: str, last: int = 0) -> None:
            url = index if "://" in index else _sqlite(directory, index)
            say(f"reading: {name}")
            rows[name] = await _read(kind, gateway.url, city, url, last)
            say(f"  {rows[name]}")

        await _redeem(city, SINGLES, web3_events, 1)
        web3_last = await gateway.block_number()
        await _redeem(city, SINGLES, events // 4 - web3_events, 1)
        await read("nakhon_quarter", "nakhon", "quarter")
        await _redeem(city, SINGLES, events - events // 4, 1)
        await read("nakhon", "nakhon", "whole")
        postgresql = cluster.url(cluster.create())
        await read("postgresql", "nakhon", postgresql)
        await read("postgresql_replayed", "replay", postgresql)
        await _same(_sqlite(directory, "whole"), postgresql)
        await read("web3py", "web3", "web3py", last=web3_last)
        _compare(directory / "whole.sqlite3", directory / "web3py.sqlite3", web3_last)
        await _redeem(city, PACKED, packed, PACKED_ENTRIES)
        # It goes on where the reading of the whole chain ended.
        await read("nakhon_packed", "nakhon", "whole")
    return rows


async def _redeem(city: BenchCity, campaign: int, count: int, batch_entries: int) -> None:
    if count > 0:
        say(f"making {count:,} redemptions, {batch_entries} to an event")
        await city.redeem(campaign, count, batch_entries=batch_entries)


def _sqlite(directory: Path, index: str) -> str:
    return f"sqlite+aiosqlite:///{directory / index}.sqlite3"


async def _read(kind: str, url: str, city: BenchCity, database: str, last: int) -> Row:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.index_reader", kind, url),
        *(str(city.record), database, str(last)),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"the reading {kind} failed with {process.returncode}")
    row: Row = json.loads(printed)
    row["events_per_s"] = row["events"] * 1_000 // row["milliseconds"]
    row["redemptions_per_s"] = row["redemptions"] * 1_000 // row["milliseconds"]
    return row


async def _same(one: str, other: str) -> None:
    """Every row of the index is the same in two databases, or the benchmark is worth nothing."""
    engines = [make_engine(url) for url in (one, other)]
    for model in INDEX_TABLES:
        table = table_of(model)
        query = select(table).order_by(*table.primary_key.columns)
        async with reading(engines[0]) as ours, reading(engines[1]) as theirs:
            here, there = await ours.stream(query), await theirs.stream(query)
            async for row in here:
                if await there.fetchone() != row:
                    raise SystemExit(f"the rows of {table.name} differ: {row}")
            if await there.fetchone() is not None:
                raise SystemExit(f"{table.name} has rows too many")
    for engine in engines:
        await engine.dispose()


def _compare(ours: Path, theirs: Path, last: int) -> None:
    """The rows of the part that both read are the same, or the benchmark is worth nothing."""
    with sqlite3.connect(ours) as database:
        database.execute("ATTACH ? AS theirs", (str(theirs),))
        for table, condition in (
            ("events", "AND name = 'Redeemed'"),
            ("included_redemptions", ""),
        ):
            here = f"SELECT * FROM main.{table} WHERE block_number <= {last} {condition}"
            there = f"SELECT * FROM theirs.{table}"
            differing = [
                database.execute(f"SELECT count(*) FROM ({a} EXCEPT {b})").fetchone()[0]
                for a, b in ((here, there), (there, here))
            ]
            if differing != [0, 0]:
                raise SystemExit(f"the rows of {table} differ: {differing}")
    database.close()


def summary(rows: dict[str, Row]) -> dict[str, Any]:
    """The figures that are compared from run to run."""
    ours, theirs = rows["nakhon"]["events_per_s"], rows["web3py"]["events_per_s"]
    return {
        "nakhon_events_per_s": ours,
        "web3py_events_per_s": theirs,
        "ratio": round(ours / theirs, 1),
        "postgresql_events_per_s": rows["postgresql"]["events_per_s"],
        "postgresql_replayed_events_per_s": rows["postgresql_replayed"]["events_per_s"],
        "nakhon_packed_redemptions_per_s": rows["nakhon_packed"]["redemptions_per_s"],
        "nakhon_peak_kib": rows["nakhon"]["peak_kib"],
        "nakhon_quarter_peak_kib": rows["nakhon_quarter"]["peak_kib"],
        "rows": rows,
    }


TITLES: Final = {
    "nakhon_quarter": "nakhon, a quarter of the chain",
    "nakhon": "nakhon, the whole chain",
    "postgresql": "nakhon, the whole chain into PostgreSQL",
    "postgresql_replayed": "the same, dropped and replayed",
    "web3py": "web3.py get_logs + process_log, the first part",
    "nakhon_packed": f"nakhon, {PACKED_ENTRIES} redemptions to an event",
}


def table(rows: dict[str, Row]) -> str:
    """The table for people."""
    columns = ("events", "redemptions", "milliseconds", "events_per_s", "redemptions_per_s")
    heads = ("events", "redeemed", "ms", "events/s", "redeemed/s", "peak MiB")
    lines = [f"{'reading':<48}" + "".join(f"{head:>12}" for head in heads)]
    for name, title in TITLES.items():
        values = [*(rows[name][column] for column in columns), rows[name]["peak_kib"] // 1024]
        lines.append(f"{title:<48}" + "".join(f"{value:>12,}" for value in values))
    return "\n".join(lines)


def failures(figures: dict[str, Any]) -> list[str]:
    """One line for every promise the figures break."""
    found: list[str] = []
    if figures["ratio"] < RATIO_MIN:
        found.append(f"the ratio is {figures['ratio']}, below {RATIO_MIN}")
    for name in ("postgresql_events_per_s", "postgresql_replayed_events_per_s"):
        if figures[name] < COPIED_MIN:
            found.append(f"{name} is {figures[name]:,}, below {COPIED_MIN:,}")
    most = figures["nakhon_quarter_peak_kib"] * (100 + MEMORY_GROWTH_PERCENT_MAX) // 100
    if figures["nakhon_peak_kib"] > most:
        found.append(f"memory grew from {figures['nakhon_quarter_peak_kib']:,} KiB to more than a "
                     f"quarter above: {figures['nakhon_peak_kib']:,}")  # fmt: skip
    return found


def say(line: str) -> None:
    """Progress, beside the table."""
    sys.stderr.write(line + "\n")


def main() -> int:
    """Measure, print, write; 1 when a promise is broken."""
    events = int(os.environ.get("EVENTS", "200000"))
    web3_events = int(os.environ.get("WEB3_EVENTS", "20000"))
    packed = int(os.environ.get("PACKED", "50000"))
    made = tempfile.TemporaryDirectory(prefix="nakhon-bench-")
    with made as directory, open_cluster(durable=True) as cluster:
        rows = asyncio.run(measure(Path(directory), cluster, events, web3_events, packed))
    figures = summary(rows)
    sys.stdout.write(
        table(rows) + f"\nratio {figures['ratio']} (the rows of the part both read are equal)\n"
    )
    if os.environ.get("JSON"):
        Path(os.environ["JSON"]).write_text(json.dumps(figures, indent=2) + "\n")
    broken = failures(figures)
    for line in broken:
        say(line)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
