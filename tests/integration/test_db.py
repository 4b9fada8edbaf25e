"""The database keeps its promises by itself: migrations, constraints, transactions."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import JSON, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from ledger.db.index_blocks import drop_index, forget_blocks
from ledger.db.index_rows import Rows, columns_of, table_of
from ledger.db.migrate import differences, migrate
from ledger.db.session import make_engine, open_session, reading, snapshot, transaction
from ledger.db.tables_index import (
    INDEX_TABLES,
    Checkpoint,
    IncludedRedemption,
    IndexedBlock,
    IndexedEvent,
)
from ledger.db.tables_till import CampaignBudget, UsageCounter
from ledger.domain.blocks import BlockRef
from ledger.errors import AmountInvalid
from tests.postgres import open_cluster


async def test_migrating_twice_changes_nothing_and_lacks_nothing(engine: AsyncEngine) -> None:
    await migrate(engine)
    assert await differences(engine) == []


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_sqlite_is_opened_durable_and_strict(engine: AsyncEngine) -> None:
    async with reading(engine) as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


async def test_a_reader_sees_one_moment_throughout(engine: AsyncEngine) -> None:
    async with snapshot(engine) as reader:
        assert (await reader.execute(select(CampaignBudget))).all() == []
        async with transaction(engine) as writer:
            writer.add(CampaignBudget(campaign=1, funded=1))
        assert (await reader.execute(select(CampaignBudget))).all() == []
    async with snapshot(engine) as reader:
        assert len((await reader.execute(select(CampaignBudget))).all()) == 1


async def test_eight_processes_may_migrate_a_new_database_at_once(tmp_path: Path) -> None:
    with open_cluster() as cluster:
        urls = [cluster.url(cluster.create())]
        urls.append(f"sqlite+aiosqlite:///{tmp_path}/new.sqlite3")
        for url in urls:
            engines = [make_engine(url) for _ in range(8)]
            await asyncio.gather(*(migrate(engine) for engine in engines))
            assert await differences(engines[0]) == []
            for engine in engines:
                await engine.dispose()


async def test_what_is_not_committed_is_rolled_back(engine: AsyncEngine) -> None:
    async with open_session(engine) as session:
        session.add(CampaignBudget(campaign=1, funded=10))
        await session.flush()
    with pytest.raises(RuntimeError):
        async with transaction(engine) as session:
            session.add(CampaignBudget(campaign=2, funded=10))
            raise RuntimeError
    async with snapshot(engine) as session:
        assert (await session.execute(select(CampaignBudget))).all() == []


async def test_writers_of_one_row_take_turns(engine: AsyncEngine) -> None:
    """Thirty read-then-write transactions at once. SQLite takes its lock when they begin: with
    deferred locks most would fail or lie. PostgreSQL takes it with the row that is read."""
    async with transaction(engine) as session:
        session.add(CampaignBudget(campaign=1, funded=1_000, spent=0))

    async def spend() -> None:
        async with transaction(engine) as session:
            budget = await session.get_one(CampaignBudget, 1, with_for_update=True)
            await asyncio.sleep(0)
            budget.spent += 10

    await asyncio.gather(*(spend() for _ in range(30)))
    async with snapshot(engine) as session:
        assert (await session.get_one(CampaignBudget, 1)).spent == 300


async def test_reading_does_not_wait_for_a_writer(engine: AsyncEngine) -> None:
    async with transaction(engine) as writer:
        writer.add(CampaignBudget(campaign=1, funded=1))
        await writer.flush()
        async with asyncio.timeout(60), snapshot(engine) as reader:
            assert (await reader.execute(select(CampaignBudget))).all() == []


BAD_ROWS: list[Any] = [
    CampaignBudget(campaign=9, funded=1, spent=2),
    CampaignBudget(campaign=9, funded=1, spent=-1),
    UsageCounter(campaign=1, pass_number=1, last_step=2**21),
    UsageCounter(campaign=1, pass_number=1, spent_today=2**19),
    UsageCounter(campaign=1, pass_number=1, spent_total=2**24),
    UsageCounter(campaign=1, pass_number=1, spent_total=-1),
]


@pytest.mark.parametrize("row", BAD_ROWS, ids=repr)
async def test_figures_that_cannot_be_are_refused_by_the_database(
    engine: AsyncEngine, row: Any
) -> None:
    with pytest.raises(IntegrityError):
        async with transaction(engine) as session:
            session.add(type(row)(**row.model_dump()))


def block_row(number: int, name: str) -> dict[str, Any]:
    return {"chain_id": 1, "hash": name, "number": number, "parent": "0x", "time": number}


def event_row(name: str) -> dict[str, Any]:
    return {
        "chain_id": 1,
        "block_hash": name,
        "log_index": 0,
        "block_number": 1,
        "tx_hash": "0x",
        "name": "Redeemed",
        "address": "0x",
    }


def redemption_row(name: str, position: int, step: int) -> dict[str, Any]:
    values = dict.fromkeys(columns_of(IncludedRedemption), 1)
    return values | {"block_hash": name, "log_index": 0, "position": position, "step": step}


OF_BLOCKS: Final = tuple(model for model in INDEX_TABLES if model is not Checkpoint)


def any_row(model: type[SQLModel], number: int, name: str) -> dict[str, Any]:
    """A row of a table of the index, of the event of a block, whatever it says."""
    kinds: dict[type[Any], Any] = {int: number, bool: True}
    values = {
        column.name: {}
        if isinstance(column.type, JSON)
        else kinds.get(column.type.python_type, name)
        for column in table_of(model).columns
    }
    if values.get("step") == name:
        values["step"] = "approved"
    keys = {"chain_id": 1, "block_hash": name, "hash": name, "log_index": 0}
    return values | {key: value for key, value in keys.items() if key in values}


async def test_forgetting_a_block_forgets_all_it_said_and_nothing_of_another(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        for number, name in ((1, "a"), (2, "b")):
            for model in OF_BLOCKS:
                row = any_row(model, number, name)
                await connection.execute(insert(table_of(model)), [row])
    async with engine.begin() as connection:
        await forget_blocks(connection, 1, [BlockRef(number=2, hash="b", parent="a", time=2)])
    async with reading(engine) as connection:
        for model in OF_BLOCKS:
            columns = table_of(model).columns
            name = columns["hash" if model is IndexedBlock else "block_hash"]
            assert (await connection.execute(select(name))).scalars().all() == ["a"], model


@pytest.mark.parametrize("chains", [(1,), (1, 2)])
@pytest.mark.parametrize("watched", [False, True], ids=["alone", "watched"])
async def test_a_dropped_index_leaves_nothing_of_its_chain_and_all_of_another(
    engine: AsyncEngine, chains: tuple[int, ...], watched: bool
) -> None:
    async with engine.begin() as connection:
        for chain in chains:
            of_chain = {"chain_id": chain}
            block, said = block_row(1, "a") | of_chain, event_row("a") | of_chain
            await connection.execute(insert(table_of(IndexedBlock)), [block])
            await connection.execute(insert(table_of(IndexedEvent)), [said])
            rows = [redemption_row("a", 0, 1) | of_chain, redemption_row("a", 1, 2) | of_chain]
            await connection.execute(insert(table_of(IncludedRedemption)), rows)
            at = {"block_number": 1, "block_hash": "a"}
            await connection.execute(insert(table_of(Checkpoint)), [at | of_chain])
    counted = select(func.count()).select_from(table_of(IncludedRedemption))
    async with AsyncExitStack() as stack:
        if watched:
            # Who reads is not waited for, and goes on reading what was there.
            watcher = await stack.enter_async_context(reading(engine))
            assert (await watcher.execute(counted)).scalar_one() == 2 * len(chains)
        async with asyncio.timeout(60), engine.begin() as connection:
            await drop_index(connection, 1)
        if watched:
            assert (await watcher.execute(counted)).scalar_one() == 2 * len(chains)
    async with reading(engine) as connection:
        for model in (IndexedBlock, IndexedEvent, IncludedRedemption, Checkpoint):
            found = (await connection.execute(select(table_of(model).c.chain_id))).scalars()
            assert set(found) == set(chains) - {1}


async def test_a_redemption_is_included_once_and_a_height_has_one_block(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(table_of(IndexedBlock)), [block_row(1, "a")])
        await connection.execute(insert(table_of(IndexedEvent)), [event_row("a")])
    twice = [redemption_row("a", 0, 1), redemption_row("a", 1, 1)]
    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await connection.execute(insert(table_of(IncludedRedemption)), twice)
    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await connection.execute(insert(table_of(IndexedBlock)), [block_row(1, "b")])


def test_an_amount_beyond_the_database_is_refused_and_not_rounded() -> None:
    rows, values = Rows(), block_row(2**63, "a")
    with pytest.raises(AmountInvalid):
        rows.add(IndexedBlock, values)


async def test_statements_carry_no_values_in_their_text(engine: AsyncEngine) -> None:
    said: list[str] = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda _c, _k, sql, *_: said.append(sql)
    )
    async with transaction(engine) as session:
        session.add(CampaignBudget(campaign=1, funded=123_456_789))
    assert said and not any("123456789" in sql for sql in said)
