"""Lies in the city's index, one row or one satang at a time: `diff` names each with both values."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.devnet import Devnet
from ledger.audit.diff import DiffReport, Kind, diff
from ledger.chain.gateway import Gateway
from ledger.db.migrate import migrate
from ledger.db.session import make_engine
from ledger.db.tables_index import FACTS
from ledger.errors import NodeLied
from ledger.indexer.sync import sync_once
from tests.conftest import City
from tests.integration.story import Story
from tests.integration.tampering import PaidCity, paid_city

Indexed = tuple[PaidCity, Path]


@pytest.fixture(scope="module")
def indexed(
    devnet: Devnet, deployed: City, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Indexed]:
    """One city and its honest index, to be copied for each lie."""
    database = tmp_path_factory.mktemp("index") / "index.sqlite3"

    async def build() -> PaidCity:
        engine = make_engine(f"sqlite+aiosqlite:///{database}")
        await migrate(engine)
        async with Gateway(devnet.rpc_url) as gateway:
            city = await paid_city(Story(gateway, deployed))
            await sync_once(gateway, engine, city.story.source)
        await engine.dispose()
        return city

    yield asyncio.run(build()), database


@pytest.fixture
async def engine(indexed: Indexed, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """A copy of the honest index."""
    shutil.copy(indexed[1], tmp_path / "index.sqlite3")
    made = make_engine(f"sqlite+aiosqlite:///{tmp_path}/index.sqlite3")
    yield made
    await made.dispose()


async def compared(indexed: Indexed, engine: AsyncEngine) -> DiffReport:
    story = indexed[0].story
    async with Gateway(story.gateway.url) as gateway:
        return await diff(gateway, engine, story.city.deployment)


LIES: dict[str, tuple[str, Kind, str]] = {
    "a redemption is deleted": (
        "DELETE FROM included_redemptions WHERE campaign = 2",
        Kind.MISSING,
        "included_redemptions",
    ),
    "a redemption is one satang more": (
        "UPDATE included_redemptions SET amount = amount + 1 WHERE campaign = 2",
        Kind.DIFFERS,
        "included_redemptions",
    ),
    "a redemption is one bit another": (
        "UPDATE included_redemptions SET step = step | 1048576 WHERE campaign = 2",
        Kind.DIFFERS,
        "included_redemptions",
    ),
    "shops are swapped": (
        "UPDATE included_redemptions SET merchant = 3 - merchant",
        Kind.DIFFERS,
        "included_redemptions",
    ),
    "a redemption is of another pass": (
        "UPDATE included_redemptions SET pass_number = 9 WHERE campaign = 2",
        Kind.DIFFERS,
        "included_redemptions",
    ),
    "a redemption is back-dated": (
        "UPDATE included_redemptions SET at = at - 86400 WHERE campaign = 2",
        Kind.DIFFERS,
        "included_redemptions",
    ),
    "a void is deleted": ("DELETE FROM included_voids", Kind.MISSING, "included_voids"),
    "a void gives back less copay": (
        "UPDATE included_voids SET copay = copay - 1",
        Kind.DIFFERS,
        "included_voids",
    ),
    "a pass has another holder": (
        "UPDATE pass_facts SET holder = upper(holder) WHERE number = 3",
        Kind.DIFFERS,
        "pass_facts",
    ),
    "an allowance is doubled": (
        "UPDATE campaign_drafts SET allowance = 2 * allowance",
        Kind.DIFFERS,
        "campaign_drafts",
    ),
    "a funder gave more": (
        "UPDATE contributions SET amount = amount + 1 WHERE campaign = 2",
        Kind.DIFFERS,
        "contributions",
    ),
    "a contribution is deleted": (
        "DELETE FROM contributions WHERE campaign = 2",
        Kind.MISSING,
        "contributions",
    ),
    "a block has another time": (
        "UPDATE blocks SET time = time + 1 WHERE number = 9",
        Kind.DIFFERS,
        "blocks",
    ),
    "an event is of another transaction": (
        "UPDATE events SET tx_hash = '0x' || substr(tx_hash, 4) || '0' WHERE name = 'Voided'",
        Kind.DIFFERS,
        "events",
    ),
    "an event has another name": (
        "UPDATE events SET name = 'CampaignPaused' WHERE name = 'CampaignApproved'",
        Kind.DIFFERS,
        "events",
    ),
}


@pytest.mark.parametrize("what", LIES)
async def test_a_lying_row_is_named(indexed: Indexed, engine: AsyncEngine, what: str) -> None:
    sql, kind, table = LIES[what]
    async with engine.begin() as connection:
        changed = (await connection.execute(text(sql))).rowcount
    assert changed > 0
    report = await compared(indexed, engine)
    named = [each for each in report.differences if (each.kind, each.table) == (kind, table)]
    assert named
    for each in named:
        assert each.th and each.en.endswith(".")
        if kind is Kind.DIFFERS:
            assert str(each.chain) in each.en and str(each.index) in each.en


async def test_a_row_missing_from_any_table_is_named(indexed: Indexed, engine: AsyncEngine) -> None:
    """One row deleted from each table of facts that holds any: each is named."""
    emptied = set()
    async with engine.begin() as connection:
        for model in FACTS:
            table = str(model.__tablename__)
            last = f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})"
            if (await connection.execute(text(last))).rowcount:
                emptied.add(table)
    report = await compared(indexed, engine)
    assert {each.table for each in report.differences if each.kind is Kind.MISSING} == emptied
    assert len(emptied) >= 15


async def test_an_honest_index_is_not_accused(indexed: Indexed, engine: AsyncEngine) -> None:
    report = await compared(indexed, engine)
    assert report.differences == [] and report.rows > 100


DRIFTS = {
    "redemptions": "DELETE FROM included_redemptions WHERE campaign = 2",
    "satang": "UPDATE included_redemptions SET amount = amount - 1 WHERE campaign = 2",
    "voids": "DELETE FROM included_voids",
    "contributions": "DELETE FROM contributions WHERE campaign = 2",
    "passes": "DELETE FROM pass_facts WHERE number = 10",
    "shops": "DELETE FROM merchant_facts WHERE number = 2",
}


@pytest.mark.parametrize("what", DRIFTS)
async def test_an_index_that_drifted_is_noticed_by_its_own_next_thorough_look(
    indexed: Indexed, engine: AsyncEngine, what: str
) -> None:
    """Without an auditor: the indexer compares the contracts' counters with all it holds, and
    stops."""
    source = indexed[0].story.source
    async with Gateway(indexed[0].story.gateway.url) as gateway:
        await sync_once(gateway, engine, source, thorough=True)
        async with engine.begin() as connection:
            assert (await connection.execute(text(DRIFTS[what]))).rowcount
        with pytest.raises(NodeLied):
            await sync_once(gateway, engine, source, thorough=True)
    assert not (await compared(indexed, engine)).agrees
