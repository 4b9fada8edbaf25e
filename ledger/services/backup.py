"""The till's own records as one file, and back into an empty database of either kind.

A backup is text: a line that says what it is, a line for each row, and a last line with the count
and the SHA-256 of everything before it. What the chain says is not in it: the index is read anew.
The digest finds damage, not malice: keep backups where nobody may write who may not write the
database.
"""

import base64
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final

import orjson
from sqlalchemy import LargeBinary, Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger.db import till_dump
from ledger.db.session import reading, writing
from ledger.errors import InputInvalid, WrongState

FORMAT: Final = "nakhon-backup"
VERSION: Final = 1
LINE_BYTES_MAX: Final = 64 * 1024 * 1024
ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What a backup holds: rows by table, and the digest its last line tells."""

    chain_id: int
    taken_at: int
    revision: str
    rows: dict[str, int]
    sha256: str


@dataclass(slots=True)
class _Sink:
    """Lines on their way into a file, counted and digested."""

    file: IO[bytes]
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, value: Any) -> None:
        line = orjson.dumps(value, option=orjson.OPT_SORT_KEYS) + b"\n"
        self.digest.update(line)
        self.file.write(line)


async def write_backup(
    engine: AsyncEngine, file: IO[bytes], *, chain_id: int, now: int
) -> BackupReport:
    """Write every record of the till, as of one moment, while the city goes on."""
    sink, counts = _Sink(file), dict[str, int]()
    async with reading(engine) as connection:
        revision = await till_dump.revision_of(connection)
        tables = till_dump.till_tables()
        sink.write(
            {
                "format": FORMAT,
                "version": VERSION,
                "chain_id": chain_id,
                "taken_at": now,
                "revision": revision,
                "tables": {
                    str(table.name): [str(one.name) for one in table.columns] for table in tables
                },
            }
        )
        for table in tables:
            name = str(table.name)
            counts[name] = 0
            async for row in till_dump.rows_of(connection, table):
                sink.write([name, *_plain(table, row)])
                counts[name] += 1
    sha256 = sink.digest.hexdigest()
    sink.write({"rows": sum(counts.values()), "sha256": sha256})
    return BackupReport(
        chain_id=chain_id, taken_at=now, revision=revision, rows=counts, sha256=sha256
    )


def _plain(table: Table, row: Sequence[Any]) -> Iterator[Any]:
    for column, value in zip(table.columns, row, strict=True):
        octets = isinstance(column.type, LargeBinary) and value is not None
        yield base64.b64encode(value).decode() if octets else value


def _stored(table: Table, row: Sequence[Any]) -> tuple[Any, ...]:
    if len(row) != len(table.columns):
        raise _unusable(f"a row of {table.name} has {len(row)} values")
    return tuple(
        base64.b64decode(value, validate=True)
        if isinstance(column.type, LargeBinary) and value is not None
        else value
        for column, value in zip(table.columns, row, strict=True)
    )


def _unusable(why: str) -> InputInvalid:
    return InputInvalid(what="backup", why=why)


def check_backup(file: IO[bytes]) -> BackupReport:
    """Read a whole backup and say what is in it; the file stands at its beginning afterwards.

    Raises InputInvalid for a file that is none, ends early, or was altered by as much as a bit.
    """
    head, counts, sha256 = None, dict[str, int](), ""
    for head, row in _read(file):
        if row is None:
            counts = dict.fromkeys(head["tables"], 0)
        elif isinstance(row, dict):
            sha256 = str(row["sha256"])
        else:
            counts[row[0]] += 1
    assert head is not None, "a file without a head was refused"
    file.seek(0)
    return BackupReport(
        chain_id=int(head["chain_id"]),
        taken_at=int(head["taken_at"]),
        revision=str(head["revision"]),
        rows=counts,
        sha256=sha256,
    )


def _read(file: IO[bytes]) -> Iterator[tuple[dict[str, Any], Any]]:
    """The head with None, then with each row, then with the last line, which has been checked."""
    digest, count = hashlib.sha256(), 0
    head = _head(line := file.readline(LINE_BYTES_MAX))
    digest.update(line)
    yield head, None
    while line := file.readline(LINE_BYTES_MAX):
        value = _value(line)
        if isinstance(value, dict):
            if value != {"rows": count, "sha256": digest.hexdigest()} or file.read(1):
                raise _unusable("it was altered: its digest differs")
            yield head, value
            return
        if not isinstance(value, list) or not value or value[0] not in head["tables"]:
            raise _unusable("it was altered: a line is no row of a known table")
        digest.update(line)
        count += 1
        yield head, value
    raise _unusable("it ends early: the last line is missing")


def _head(line: bytes) -> dict[str, Any]:
    head = _value(line)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise _unusable("this is no backup of a city")
    if head.get("version") != VERSION:
        raise _unusable(f"its version is {head.get('version')!r}, known is {VERSION}")
    if not {"chain_id", "taken_at", "revision", "tables"} <= head.keys():
        raise _unusable("it was altered: its first line is incomplete")
    return head


def _value(line: bytes) -> Any:
    try:
        return orjson.loads(line) if line.endswith(b"\n") else _cut()
    except orjson.JSONDecodeError as error:
        raise _unusable("it was altered: a line cannot be read") from error


def _cut() -> Any:
    raise _unusable("it ends early: a line is cut off")


async def restore_backup(engine: AsyncEngine, file: IO[bytes], *, chain_id: int) -> BackupReport:
    """Put a backup into a migrated database whose till has no rows yet, wholly or not at all.

    Raises InputInvalid as `check_backup` does, and for a backup of another chain or of another
    version's tables; WrongState where the till has rows.
    """
    report = check_backup(file)
    if report.chain_id != chain_id:
        raise _unusable(f"it is of chain {report.chain_id}, not of {chain_id}")
    async with writing(engine) as connection:
        revision = await till_dump.revision_of(connection)
        if report.revision != revision:
            raise _unusable(f"its tables are of version {report.revision}, ours of {revision}")
        full = await till_dump.occupied(connection)
        if full is not None:
            raise WrongState(what="database", state=f"rows in {full}", needs="empty")
        await _load(connection, file)
        await till_dump.count_on(connection)
    return report


async def _load(connection: AsyncConnection, file: IO[bytes]) -> None:
    tables = {table.name: table for table in till_dump.till_tables()}
    async for name, rows in _bundles(file):
        if name not in tables:
            raise _unusable(f"no table is called {name}")
        table = tables[name]
        await till_dump.insert_dumped(connection, table, [_stored(table, row) for row in rows])


async def _bundles(file: IO[bytes]) -> AsyncIterator[tuple[str, list[Sequence[Any]]]]:
    """Rows of one table after another, a few hundred at a time."""
    name, rows = "", list[Sequence[Any]]()
    for _head_line, row in _read(file):
        if not isinstance(row, list):
            continue
        if rows and (row[0] != name or len(rows) == ROWS_AT_ONCE):
            yield name, rows
            rows = []
        name = str(row[0])
        rows.append(row[1:])
    if rows:
        yield name, rows
