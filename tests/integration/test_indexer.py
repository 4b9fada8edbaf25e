"""The index of a real chain: complete, repeatable, and the same after every reorg."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.chain.gateway import Gateway
from ledger.db.index_rows import table_of
from ledger.db.session import reading
from ledger.db.tables_index import INDEX_TABLES
from ledger.errors import NodeLied, NodeUnreachable
from ledger.indexer.run import run_indexer
from ledger.indexer.sync import SyncReport, rebuild, sync_once
from tests.conftest import City
from tests.integration.lying_node import about_logs, lying_gateway
from tests.integration.story import Story, lunch


@pytest.fixture
def story(gateway: Gateway, city: City) -> Story:
    return Story(gateway, city)


async def every_row(engine: AsyncEngine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all index tables, in an order of their own."""
    async with reading(engine) as connection:
        return {
            str(model.__tablename__): sorted(
                map(tuple, await connection.execute(select(table_of(model)))), key=repr
            )
            for model in INDEX_TABLES
        }


async def test_the_index_holds_every_event_and_what_it_says(
    story: Story, engine: AsyncEngine
) -> None:
    await lunch(story)
    report = await sync_once(story.gateway, engine, story.source)
    rows = await every_row(engine)
    assert report.indexed == report.head
    assert report.events == len(rows["events"]) > 0
    assert len(rows["included_redemptions"]) == 6
    assert len(rows["refused_entries"]) == 1
    assert len(rows["included_voids"]) == 1
    assert len(rows["pass_facts"]) == 10
    assert len(rows["merchant_facts"]) == 2
    assert {row[-2] for row in rows["contributions"]} == {500_000, 300_000}
    assert {row[5] for row in rows["campaign_steps"]} == {"approved", "issued"}


async def test_a_dropped_index_replayed_gives_the_same_rows(
    story: Story, engine: AsyncEngine
) -> None:
    await lunch(story)
    await sync_once(story.gateway, engine, story.source)
    before = await every_row(engine)
    await rebuild(story.gateway, engine, story.source)
    assert await every_row(engine) == before


async def test_the_indexer_follows_the_chain_until_it_is_told_to_stop(
    story: Story, engine: AsyncEngine
) -> None:
    stop, reports = asyncio.Event(), list[SyncReport]()

    async def hear(report: SyncReport) -> None:
        reports.append(report)
        if report.indexed is not None and len(reports) == 1:
            await story.enrol(3)
        elif report.events:
            stop.set()

    async with asyncio.timeout(30):
        await run_indexer(
            story.gateway,
            engine,
            story.city.deployment,
            stop=stop,
            poll_ms=10,
            after_sync=hear,
        )
    assert reports[-1].indexed == reports[-1].head
    assert len((await every_row(engine))["pass_facts"]) == 3


async def test_an_indexer_without_its_node_waits_and_goes_on(
    story: Story, engine: AsyncEngine
) -> None:
    stop, asked = asyncio.Event(), 0

    def lie(method: str, params: list[Any], result: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked < 4:
            raise NodeUnreachable(url="here", why="down")
        return result

    async def hear(report: SyncReport) -> None:
        stop.set()

    async with asyncio.timeout(30), lying_gateway(story.gateway.url, lie) as flaky:
        await run_indexer(
            flaky, engine, story.city.deployment, stop=stop, poll_ms=5, after_sync=hear
        )
    assert asked > 4


async def test_an_indexer_whose_node_goes_on_lying_stops(story: Story, engine: AsyncEngine) -> None:
    lie = about_logs(lambda logs: logs[:-1])
    async with asyncio.timeout(30), lying_gateway(story.gateway.url, lie) as liar:
        with pytest.raises(NodeLied):
            await run_indexer(liar, engine, story.city.deployment, stop=asyncio.Event(), poll_ms=5)
