"""Bring a database to the tables of this version; the same command does nothing the second time."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

MIGRATIONS: Final = Path(__file__).with_name("migrations")

MIGRATION_LOCK: Final = 0x6E616B686F6E
_ALONE: Final = text("SELECT pg_advisory_xact_lock(:key)")
"""SQLite needs no such lock: its transaction holds the whole file from the beginning."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine) -> None:
    """Apply every migration the database lacks, in one transaction. Of several processes that
    start at once one does it, and the others wait."""
    async with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(_ALONE, {"key": MIGRATION_LOCK})
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


async def differences(engine: AsyncEngine) -> list[str]:
    """What the migrated tables lack of the declared ones: nothing, if migrations are complete."""
    async with engine.connect() as connection:
        return await connection.run_sync(_differences)


def _differences(connection: Connection) -> list[str]:
    found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    return [str(difference) for difference in found]


async def write_revision(engine: AsyncEngine, message: str, number: str) -> None:
    """Write the migration from what a migrated database has to what is declared."""
    async with engine.begin() as connection:
        await connection.run_sync(
            lambda sync: command.revision(
                _config(sync), message=message, autogenerate=True, rev_id=number
            )
        )
