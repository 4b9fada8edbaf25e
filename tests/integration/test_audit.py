"""The auditor: an honest chain gives no finding, and every lie is named."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.audit.diff import Kind, diff
from ledger.audit.state import rebuild_state
from ledger.audit.trace import About, trace
from ledger.audit.verify import verify
from ledger.chain.gateway import Gateway
from ledger.db.migrate import migrate
from ledger.db.session import make_engine
from ledger.domain.redemption import redemption_id
from ledger.indexer.sync import sync_once
from tests.conftest import City
from tests.integration.story import Story, lunch


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = make_engine(f"sqlite+aiosqlite:///{tmp_path}/index.sqlite3")
    await migrate(made)
    yield made
    await made.dispose()


@pytest.fixture
def story(gateway: Gateway, city: City) -> Story:
    return Story(gateway, city)


async def test_an_honest_chain_gives_no_finding(story: Story) -> None:
    await lunch(story)
    result = await verify(story.gateway, story.city.deployment)
    assert result.findings == []
    assert (result.redemptions, result.refusals, result.voids) == (6, 1, 1)
    assert result.signatures == 8
    rebuilt = await rebuild_state(story.gateway, story.city.deployment)
    for number, book in result.state.books.items():
        plain = rebuilt.books.pop(number)
        assert (plain.lanes, plain.credits, plain.voids) == (book.lanes, book.credits, book.voids)
        assert plain.batches == list(book.batches)
    result.state.books.clear()
    assert rebuilt == result.state


async def test_an_honest_index_has_no_difference(story: Story, engine: AsyncEngine) -> None:
    await lunch(story)
    await sync_once(story.gateway, engine, story.source)
    report = await diff(story.gateway, engine, story.city.deployment)
    assert report.differences == []
    assert report.rows > 50


TAMPERED = [
    ("UPDATE included_redemptions SET amount = amount + 1 WHERE position = 1", "amount"),
    ("UPDATE included_redemptions SET merchant = merchant + 1 WHERE position = 0", "merchant"),
    ("UPDATE blocks SET time = time + 1 WHERE number = 5", "time"),
    ("UPDATE pass_facts SET holder = upper(holder) WHERE number = 3", "holder"),
    ("UPDATE campaign_drafts SET allowance = allowance * 2", "allowance"),
    ("UPDATE contributions SET amount = 300001 WHERE contribution = 2", "amount"),
    (
        "UPDATE events SET tx_hash = '0x' || substr(tx_hash, 4) || '0' WHERE name = 'Voided'",
        "tx_hash",
    ),
]


@pytest.mark.parametrize(("sql", "column"), TAMPERED)
async def test_a_tampered_row_is_named_with_both_values(
    story: Story, engine: AsyncEngine, sql: str, column: str
) -> None:
    await lunch(story)
    await sync_once(story.gateway, engine, story.source)
    async with engine.begin() as connection:
        changed = (await connection.execute(text(sql))).rowcount
    report = await diff(story.gateway, engine, story.city.deployment)
    assert len(report.differences) == changed > 0
    for difference in report.differences:
        assert (difference.kind, difference.column) == (Kind.DIFFERS, column)
        assert difference.chain != difference.index
        assert str(difference.chain) in difference.en and str(difference.index) in difference.th


async def test_a_deleted_row_is_named(story: Story, engine: AsyncEngine) -> None:
    await lunch(story)
    await sync_once(story.gateway, engine, story.source)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM included_voids"))
    (difference,) = (await diff(story.gateway, engine, story.city.deployment)).differences
    assert (difference.kind, difference.table) == (Kind.MISSING, "included_voids")
    assert difference.chain["amount"] == 2_000


async def test_a_row_too_many_is_named(story: Story, engine: AsyncEngine) -> None:
    await lunch(story)
    await sync_once(story.gateway, engine, story.source)
    async with engine.begin() as connection:
        columns = "chain_id, block_hash, log_index, block_number, position"
        rest = "campaign, batch, pass_number, merchant, bill, amount, copay, step, unnamed, at"
        await connection.execute(
            text(
                f"INSERT INTO included_redemptions ({columns}, {rest}) SELECT chain_id, block_hash,"
                f" log_index, block_number, 99, campaign, batch, 777, merchant, bill, amount,"
                f" copay, step, unnamed, at FROM included_redemptions LIMIT 1"
            )
        )
    (difference,) = (await diff(story.gateway, engine, story.city.deployment)).differences
    assert (difference.kind, difference.table) == (Kind.EXTRA, "included_redemptions")
    assert difference.index["pass_number"] == 777


async def test_the_story_of_a_pass_can_be_read(story: Story) -> None:
    terms, records = await lunch(story)
    told = await trace(story.gateway, story.city.deployment, About.parse("pass 2"))
    assert [line.en.partition(" ")[0] for line in told.lines] == [
        "Pass",
        "Pass",
        "Pass",
        "Merchant",
    ]
    assert "20.00" in told.lines[-1].th
    assert all("2568" in line.date_th for line in told.lines)
    name = redemption_id(story.city.deployment.domain_separator, 1, 2, records[1].step)
    one = await trace(story.gateway, story.city.deployment, About.parse(name))
    assert one.lines == told.lines[-2:]
    assert one.lines[0].signed_at == terms.starts + (records[1].step - 1) * 15
    merchant = await trace(story.gateway, story.city.deployment, About.parse("merchant:2"))
    assert len(merchant.lines) == 2
    campaign = await trace(story.gateway, story.city.deployment, About.parse("campaign 1"))
    assert len(campaign.lines) == 5 + 6 + 1 + 1
    nobody = await trace(story.gateway, story.city.deployment, About.parse("pass 4000"))
    assert nobody.lines == []
