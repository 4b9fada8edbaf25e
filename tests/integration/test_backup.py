"""What only the till knows outlives its database: one file, either engine, every row or none."""

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.db.index_rows import table_of
from ledger.db.migrate import migrate
from ledger.db.session import make_engine, reading, transaction
from ledger.db.tables_index import INDEX_TABLES
from ledger.db.tables_till import Batch
from ledger.db.till_dump import till_tables
from ledger.errors import InputInvalid, WrongState
from ledger.indexer.source import source_of
from ledger.indexer.sync import sync_once
from ledger.services.backup import check_backup, restore_backup, write_backup
from tests.databases import Store, sqlite_url
from tests.integration.till import CONFIRMATIONS, Till
from tests.postgres import Cluster


async def every_row(engine: AsyncEngine, tables: list[Any]) -> dict[str, list[tuple[Any, ...]]]:
    async with reading(engine) as connection:
        return {
            table.name: sorted(map(tuple, await connection.execute(select(table))), key=repr)
            for table in tables
        }


async def taken(till: Till) -> bytes:
    """A backup of a town that has done some business."""
    for name, amount in (("somchai", 1_000), ("malee", 1_100)):
        assert (await till.pay(name, 1, 2 * amount, amount)).status_code == 201
    await till.settle()
    assert (await till.pay("lek", 1, 2_400, 1_200)).status_code == 201
    file = io.BytesIO()
    await write_backup(till.runtime.engine, file, chain_id=till.runtime.chain_id, now=7)
    return file.getvalue()


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty(
    request: pytest.FixtureRequest, tmp_path: Any, cluster: Cluster, empty_database: str
) -> AsyncIterator[AsyncEngine]:
    """A migrated database of either kind, without rows."""
    name = cluster.create(template=empty_database)
    sqlite = sqlite_url(tmp_path / "empty.sqlite3")
    made = make_engine(sqlite if request.param == "sqlite" else cluster.url(name))
    await migrate(made)
    yield made
    await made.dispose()
    cluster.drop(name)


async def test_a_restored_till_and_an_index_read_anew_have_the_same_rows(
    till: Till, empty: AsyncEngine
) -> None:
    file = io.BytesIO(await taken(till))
    report = await restore_backup(empty, file, chain_id=till.runtime.chain_id)
    await sync_once(
        till.gateway, empty, source_of(till.runtime.deployment), confirmations=CONFIRMATIONS
    )
    tables = [*till_tables(), *(table_of(model) for model in INDEX_TABLES)]
    before = await every_row(till.runtime.engine, tables)
    assert await every_row(empty, tables) == before
    assert report.rows["redemptions"] == len(before["redemptions"]) == 3
    assert report.rows == {table.name: len(before[table.name]) for table in till_tables()}


async def test_a_restored_database_counts_its_rows_on(till: Till, empty: AsyncEngine) -> None:
    file = io.BytesIO(await taken(till))
    await restore_backup(empty, file, chain_id=till.runtime.chain_id)
    async with transaction(empty) as session:
        last = (await session.scalars(select(Batch).order_by(Batch.id.desc()))).first()
        assert last is not None and last.id is not None
        again = Batch(**last.model_dump(exclude={"id"}) | {"account_nonce": 9_999, "tx_hash": "0x"})
        session.add(again)
        await session.flush()
        assert again.id is not None and again.id > last.id


async def test_a_backup_of_a_restored_till_is_the_same_file(till: Till, empty: AsyncEngine) -> None:
    first = await taken(till)
    await restore_backup(empty, io.BytesIO(first), chain_id=till.runtime.chain_id)
    second = io.BytesIO()
    await write_backup(empty, second, chain_id=till.runtime.chain_id, now=7)
    assert second.getvalue() == first


async def test_a_file_that_ends_early_or_was_altered_is_refused_and_nothing_is_written(
    till: Till, store: Store
) -> None:
    whole = await taken(till)
    lines = whole.splitlines(keepends=True)
    flipped = [bytearray(whole) for _ in range(40)]
    for number, each in enumerate(flipped):
        each[len(whole) * number // 40] ^= 1
    damaged = [
        b"",
        b"\n",
        b"{}\n",
        whole[:-1],
        whole[:-90],
        b"".join(lines[:-1]),
        b"".join(lines[:-2] + lines[-1:]),
        b"".join([lines[0], *lines[2:]]),
        b"".join([lines[0], lines[2], lines[1], *lines[3:]]),
        whole + lines[-1],
        whole + b"x",
        *map(bytes, flipped),
    ]
    engine = make_engine(store.fresh())
    await migrate(engine)
    for each in damaged:
        with pytest.raises(InputInvalid):
            check_backup(io.BytesIO(each))
        with pytest.raises(InputInvalid):
            await restore_backup(engine, io.BytesIO(each), chain_id=till.runtime.chain_id)
    assert not any((await every_row(engine, till_tables())).values())
    await engine.dispose()


async def test_a_backup_goes_into_an_empty_database_of_its_own_chain_alone(
    till: Till, store: Store
) -> None:
    whole = await taken(till)
    with pytest.raises(WrongState):
        await restore_backup(till.runtime.engine, io.BytesIO(whole), chain_id=till.runtime.chain_id)
    engine = make_engine(store.fresh())
    await migrate(engine)
    with pytest.raises(InputInvalid):
        await restore_backup(engine, io.BytesIO(whole), chain_id=1)
    await engine.dispose()
