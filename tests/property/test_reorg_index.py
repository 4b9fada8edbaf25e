"""Reorgs of a real node: whatever the depth up to finality, the index equals a fresh one."""

import asyncio
import random
from pathlib import Path

import pytest

from deploy.devnet import Devnet
from ledger.chain.gateway import Gateway
from ledger.db.migrate import migrate
from ledger.db.session import make_engine
from ledger.errors import ReorgTooDeep, WrongState
from ledger.indexer.sync import rebuild, sync_once
from tests.conftest import City
from tests.integration.story import Story, lunch
from tests.integration.test_indexer import every_row

FINALITY = 6


async def reorg(story: Story, depth: int) -> None:
    """Replace the last `depth` blocks by as many empty ones: what they held is gone."""
    await story.gateway.rpc("anvil_reorg", [depth, []])


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_reorg_up_to_finality_the_index_is_as_if_read_anew(
    gateway: Gateway, city: City, tmp_path: Path, seed: int
) -> None:
    story, chance = Story(gateway, city), random.Random(seed)
    terms, _ = await lunch(story)
    kept = make_engine(f"sqlite+aiosqlite:///{tmp_path}/kept.sqlite3")
    await migrate(kept)
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
    await kept.dispose()


@pytest.mark.parametrize("depth", range(1, FINALITY + 1))
async def test_a_reorg_of_each_depth_takes_back_exactly_its_blocks(
    gateway: Gateway, city: City, devnet: Devnet, tmp_path: Path, depth: int
) -> None:
    story = Story(gateway, city)
    terms, _ = await lunch(story)
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/index.sqlite3")
    await migrate(engine)
    await devnet.mine(FINALITY)
    step = await story.step(terms)
    await story.redeem(1, [story.entry(1, terms, 5, step, amount=100)])
    await devnet.mine(depth - 1)
    await sync_once(gateway, engine, story.source, confirmations=FINALITY)
    assert len((await every_row(engine))["included_redemptions"]) == 7
    await reorg(story, depth)
    report = await sync_once(gateway, engine, story.source, confirmations=FINALITY)
    assert len(report.orphaned) == depth
    assert len((await every_row(engine))["included_redemptions"]) == 6
    await engine.dispose()


async def test_a_reorg_deeper_than_finality_stops_and_leaves_the_index_alone(
    gateway: Gateway, city: City, devnet: Devnet, tmp_path: Path
) -> None:
    story = Story(gateway, city)
    await lunch(story)
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/index.sqlite3")
    await migrate(engine)
    await devnet.mine(FINALITY)
    await sync_once(gateway, engine, story.source, confirmations=FINALITY)
    before = await every_row(engine)
    await reorg(story, FINALITY + 1)
    with pytest.raises(ReorgTooDeep):
        await sync_once(gateway, engine, story.source, confirmations=FINALITY)
    assert await every_row(engine) == before
    # The documented way back.
    report = await rebuild(gateway, engine, story.source)
    assert report.indexed == report.head
    await engine.dispose()


async def test_two_indexers_never_write_into_one_index(
    gateway: Gateway, city: City, tmp_path: Path
) -> None:
    story = Story(gateway, city)
    await lunch(story)
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/index.sqlite3")
    await migrate(engine)
    outcomes = await asyncio.gather(
        *(sync_once(gateway, engine, story.source) for _ in range(4)), return_exceptions=True
    )
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(outcome, WrongState) for outcome in failed)
    assert len((await every_row(engine))["included_redemptions"]) == 6
    await engine.dispose()


async def test_a_node_that_lost_its_last_blocks_is_followed_when_it_grows_again(
    gateway: Gateway, city: City, devnet: Devnet, tmp_path: Path
) -> None:
    story = Story(gateway, city)
    terms, _ = await lunch(story)
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/index.sqlite3")
    await migrate(engine)
    saved = await devnet.snapshot()
    step = await story.step(terms)
    await story.redeem(1, [story.entry(1, terms, 5, step, amount=100)])
    await devnet.mine(2)
    full = await sync_once(gateway, engine, story.source, confirmations=FINALITY)
    await devnet.revert(saved)
    shorter = await sync_once(gateway, engine, story.source, confirmations=FINALITY)
    assert (shorter.blocks, shorter.orphaned, shorter.indexed) == (0, (), full.indexed)
    await story.redeem(1, [story.entry(1, terms, 6, step, amount=200)])
    grown = await sync_once(gateway, engine, story.source, confirmations=FINALITY)
    assert (len(grown.orphaned), grown.indexed) == (3, grown.head)
    amounts = {row[10] for row in (await every_row(engine))["included_redemptions"]}
    assert 200 in amounts and 100 not in amounts
    await engine.dispose()
