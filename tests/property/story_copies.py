"""A database for each story, on either engine: all begin with the same rows."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.databases import SQLITE, copy_rows, sqlite_url
from tests.integration.conftest import Town
from tests.integration.till import DATABASE
from tests.postgres import Cluster


class Copies(Protocol):
    """The databases of the stories: each begins with the same rows, and ends with its story."""

    def fresh(self, directory: Path) -> str:
        """Another copy; what SQLAlchemy connects to."""

    def forget(self) -> None:
        """The last copy is not needed any more."""


@dataclass(slots=True)
class Files:
    """Copies of an SQLite file; they go with the story's directory."""

    original: Path

    def fresh(self, directory: Path) -> str:
        shutil.copy(self.original, directory / DATABASE)
        return sqlite_url(directory / DATABASE)

    def forget(self) -> None:
        pass


@dataclass(slots=True)
class Databases:
    """Copies of a database of a PostgreSQL server."""

    cluster: Cluster
    original: str
    copy: str = ""

    def fresh(self, directory: Path) -> str:
        self.copy = self.cluster.create(template=self.original)
        return self.cluster.url(self.copy)

    def forget(self) -> None:
        self.cluster.drop(self.copy)


def copies_of(request: pytest.FixtureRequest, town: Town, directory: Path) -> tuple[Copies, str]:
    """Where the stories' databases come from, and the address of the one all are copies of."""
    if request.param == SQLITE:
        shutil.copy(town.database, directory / DATABASE)
        return Files(directory / DATABASE), sqlite_url(directory / DATABASE)
    cluster: Cluster = request.getfixturevalue("cluster")
    original = cluster.create(template=request.getfixturevalue("empty_database"))
    asyncio.run(copy_rows(sqlite_url(town.database), cluster.url(original)))
    return Databases(cluster, original), cluster.url(original)
