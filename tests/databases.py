"""A database of its own for one test, on either engine: the promises are the same on both."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Integer, func, insert, select, text
from sqlmodel import SQLModel

from ledger.db.migrate import migrate
from ledger.db.session import make_engine, reading, writing
from tests.postgres import Cluster

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
STORES: Final = (SQLITE, POSTGRESQL)

BOTH: Final = (
    "test_db",
    "test_indexer",
    "test_sequencer",
    "test_services",
    "test_api_once",
    "test_paper",
    "test_two_processes",
    "test_backup",
    "test_operations",
    "test_devices",
    "test_assisted",
    "test_till_events",
    "test_together",
    "test_till_rules",
    "test_till_copay",
    "test_tills",
    "test_reminders",
    "test_replay",
    "test_rounds",
    "test_statements",
    "test_settlement",
    "test_staff",
    "test_anchors",
    "test_live_figures",
    "test_webhooks",
    "test_faults_time",
    "test_faults_force",
    "test_faults_twins",
    "test_runbook",
    "test_log_lines",
)
"""Beginnings of the names of the test files that run on every store, wherever they ask for one."""


@dataclass(frozen=True, slots=True)
class Store:
    """One kind of database, and how to get a fresh one."""

    kind: str
    fresh: Callable[[], str]


def sqlite_url(path: Path) -> str:
    """What SQLAlchemy opens a file by."""
    return f"sqlite+aiosqlite:///{path}"


async def migrated(cluster: Cluster, name: str) -> str:
    """A PostgreSQL database with every table and no row, to copy from; its name."""
    cluster.create(name=name)
    engine = make_engine(cluster.url(name))
    await migrate(engine)
    await engine.dispose()
    return name


async def copy_rows(source_url: str, target_url: str) -> None:
    """Every row of one migrated database into another that has none."""
    source, target = make_engine(source_url), make_engine(target_url)
    async with reading(source) as reader, writing(target) as writer:
        for table in SQLModel.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in await reader.execute(select(table))]
            if rows:
                await writer.execute(insert(table), rows)
            counted = table.autoincrement_column
            if rows and counted is not None and isinstance(counted.type, Integer):
                highest = (await writer.execute(select(func.max(counted)))).scalar_one()
                sequence = text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)")
                names = {"table": table.name, "column": counted.name, "highest": highest}
                if target.dialect.name == POSTGRESQL:
                    await writer.execute(sequence, names)
    await source.dispose()
    await target.dispose()
