"""Reorgs of a real node: whatever the depth up to finality, the index equals a fresh one."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.devnet import Devnet
from ledger.chain.gateway import Gateway
from ledger.db.index_blocks import hold_index, last_indexed, move_checkpoint
from ledger.db.index_rows import table_of
from ledger.db.migrate import migrate
from ledger.db.session import make_engine, writing
from ledger.db.tables_index import IndexedBlock
from ledger.domain.blocks import BlockRef
from ledger.errors import ReorgTooDeep, WrongState
from ledger.indexer.sync import rebuild, sync_once
from tests.conftest import City
from tests.databases import SQLITE, STORES, sqlite_url
from tests.integration.story import Story, lunch
from tests.integration.test_indexer import every_row
from tests.postgres import Cluster

FINALITY = 6


@pytest.fixture(params=STORES)
def kept_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == SQLITE:
        yield sqlite_url(tmp_path / "kept.sqlite3")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = cluster.create(template=request.getfixturevalue("empty_database"))
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
async def kept(kept_url: str) -> AsyncIterator[AsyncEngine]:
    """The index that lives through it all, on either database; what it is compared with is read
    anew into a file."""
    engine = make_engine(kept_url)
    await migrate(engine)
    yield engine
    await engine.dispose()


async def reorg(story: Story, depth: int) -> None:
    """Replace the last `depth` blocks by as many empty ones: what they held is gone."""
    await story.gateway.rpc("anvil_reorg", [depth, []])


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_reorg_up_to_finality_the_index_is_as_if_read_anew(
    gateway: Gateway, city: City, kept: AsyncEngine, tmp_path: Path, seed: int
) -> None:
    story, chance = Story(gateway, city), random.Random(seed)
    terms, _ = await lunch(story)
    step = await story.step(terms)
    for depth in chance.sample(range(1, FINALITY + 1), FINALITY):
        await sync_once(gateway, kept, story.source, confirmations=FINALITY)
        for _ in range(chance.randrange(3)):
            step += 1
            resident = chance.randrange(10)
            await story.redeem(1, [story.entry(1, terms, resident, step, amount=100)])
        if chance.random() < 0.5:
            await sync_once(gateway, kept, story.source, confirmations=FINALITY)
        await reorg(story, min(depth, FINALITY))
        if chance.random() < 0.5:
            await story.enrol(1)
        report = await sync_once(gateway, kept, story.source, confirmations=FINALITY)
        assert report.indexed == report.head
        fresh = make_engine(f"sqlite+aiosqlite:///{tmp_path}/fresh{depth}.sqlite3")
        await migrate(fresh)
        await sync_once(gateway, fresh, story.source)
        assert await every_row(kept) == await every_row(fresh)
        await fresh.dispose()


@pytest.mark.parametrize("depth", range(1, FINALITY + 1))
async def test_a_reorg_of_each_depth_takes_back_exactly_its_blocks(
    gateway: Gateway, city: City, devnet: Devnet, kept: AsyncEngine, depth: int
) -> None:
    story = Story(gateway, city)
    terms, _ = await lunch(story)
    await devnet.mine(FINALITY)
    step = await story.step(terms)
    await story.redeem(1, [story.entry(1, terms, 5, step, amount=100)])
    await devnet.mine(depth - 1)
    await sync_once(gateway, kept, story.source, confirmations=FINALITY)
    assert len((await every_row(kept))["included_redemptions"]) == 7
    await reorg(story, depth)
    report = await sync_once(gateway, kept, story.source, confirmations=FINALITY)
    assert len(report.orphaned) == depth
    assert len((await every_row(kept))["included_redemptions"]) == 6


async def test_a_reorg_deeper_than_finality_stops_and_leaves_the_index_alone(
    gateway: Gateway, city: City, devnet: Devnet, kept: AsyncEngine
) -> None:
    story = Story(gateway, city)
    await lunch(story)
    await devnet.mine(FINALITY)
    await sync_once(gateway, kept, story.source, confirmations=FINALITY)
    before = await every_row(kept)
    await reorg(story, FINALITY + 1)
    with pytest.raises(ReorgTooDeep):
        await sync_once(gateway, kept, story.source, confirmations=FINALITY)
    assert await every_row(kept) == before
    # The documented way back.
    report = await rebuild(gateway, kept, story.source)
    assert report.indexed == report.head


async def test_two_indexers_never_write_into_one_index(
    gateway: Gateway, city: City, kept: AsyncEngine
) -> None:
    story = Story(gateway, city)
    await lunch(story)
    outcomes = await asyncio.gather(
        *(sync_once(gateway, kept, story.source) for _ in range(4)), return_exceptions=True
    )
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(outcome, WrongState) for outcome in failed)
    assert len((await every_row(kept))["included_redemptions"]) == 6


async def test_who_writes_into_an_index_waits_for_whoever_is_writing_and_sees_what_it_did(
    kept: AsyncEngine,
) -> None:
    """Else one could build on blocks that the other was just forgetting."""
    seen: list[BlockRef | None] = []
    block = BlockRef(number=1, hash="0xa", parent="0x", time=1)

    async def second() -> None:
        async with writing(kept) as connection:
            await hold_index(connection)
            seen.append(await last_indexed(connection, 1))

    async with writing(kept) as first:
        await hold_index(first)
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.5)
        assert not waiting.done() and not seen
        row = {"chain_id": 1, "hash": "0xa", "number": 1, "parent": "0x", "time": 1}
        await first.execute(insert(table_of(IndexedBlock)), [row])
        await move_checkpoint(first, 1, block)
    await waiting
    assert seen == [block]


async def test_a_node_that_lost_its_last_blocks_is_followed_when_it_grows_again(
    gateway: Gateway, city: City, devnet: Devnet, kept: AsyncEngine
) -> None:
    story = Story(gateway, city)
    terms, _ = await lunch(story)
    saved = await devnet.snapshot()
    step = await story.step(terms)
    await story.redeem(1, [story.entry(1, terms, 5, step, amount=100)])
    await devnet.mine(2)
    full = await sync_once(gateway, kept, story.source, confirmations=FINALITY)
    await devnet.revert(saved)
    shorter = await sync_once(gateway, kept, story.source, confirmations=FINALITY)
    assert (shorter.blocks, shorter.orphaned, shorter.indexed) == (0, (), full.indexed)
    await story.redeem(1, [story.entry(1, terms, 6, step, amount=200)])
    grown = await sync_once(gateway, kept, story.source, confirmations=FINALITY)
    assert (len(grown.orphaned), grown.indexed) == (3, grown.head)
    amounts = {row[10] for row in (await every_row(kept))["included_redemptions"]}
    assert 200 in amounts and 100 not in amounts
