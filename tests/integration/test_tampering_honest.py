"""No alarm where nobody lies: random honest histories, each verified, closed and compared.

`HISTORIES` (10 if unset; `make histories` takes 50) and `SEED` choose how many and which.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from deploy.devnet import Devnet
from ledger.audit.closing import close
from ledger.audit.diff import diff
from ledger.audit.state import rebuild_state
from ledger.audit.verify import verify
from ledger.chain.gateway import Gateway
from ledger.db.migrate import migrate
from ledger.db.session import make_engine
from ledger.domain.clock import bangkok_day
from ledger.domain.redemption import RedeemedRecord
from ledger.indexer.source import source_of
from ledger.indexer.sync import sync_once
from tests.conftest import City
from tests.integration.differential.stage import Stage
from tests.integration.differential.telling import Tally, tell
from tests.integration.story import Story
from tests.integration.tampering import PaidCity

HISTORIES = int(os.environ.get("HISTORIES", "10"))
SEED = int(os.environ.get("SEED", "11"))
ROUND_HISTORIES = max(2, HISTORIES // 5)


@pytest.fixture
async def stage(gateway: Gateway, city: City) -> AsyncIterator[Stage]:
    prepared = Stage(gateway=gateway, city=city)
    await prepared.prepare()
    yield prepared
    await gateway.rpc("anvil_autoImpersonateAccount", [False])


async def assert_no_alarm(gateway: Gateway, city: City, database: Path) -> None:
    """Verified, closed at the end of its last day, and compared with a fresh index."""
    audited = await verify(gateway, city.deployment)
    assert [finding.en for finding in audited.findings] == []
    assert audited.head is not None
    closing = await close(gateway, city.deployment, bangkok_day(audited.head.time))
    assert [finding.en for finding in closing.findings] == []
    assert set(closing.zeros.values()) == {0}
    engine = make_engine(f"sqlite+aiosqlite:///{database}")
    try:
        await migrate(engine)
        await sync_once(gateway, engine, source_of(city.deployment))
        report = await diff(gateway, engine, city.deployment)
        assert [each.en for each in report.differences] == []
    finally:
        await engine.dispose()


@pytest.mark.timeout(0 if HISTORIES > 10 else 300)
async def test_no_alarm_on_honest_histories(
    stage: Stage, gateway: Gateway, city: City, tmp_path: Path
) -> None:
    """Histories of every verb, wild ones too: what the contracts let happen is no lie."""
    tally = Tally()
    for story in range(HISTORIES - ROUND_HISTORIES):
        failure = await tell(stage, SEED, story, tally)
        assert failure is None, f"\n{failure}"
        await assert_no_alarm(gateway, city, tmp_path / f"{story}.sqlite3")
    assert tally.verdicts["accepted"] > 0 and tally.actions > 10 * tally.stories


@pytest.mark.parametrize("history", range(ROUND_HISTORIES))
async def test_no_alarm_on_honest_rounds(
    devnet: Devnet, gateway: Gateway, city: City, tmp_path: Path, history: int
) -> None:
    """Rounds at random moments, payments that come back, voids after payment that are netted."""
    rng = Random(f"{SEED}/{history}")
    story = Story(gateway, city)
    paid = PaidCity(story)
    await story.enrol(6)
    await story.register(3)
    terms = await story.campaign(1)
    step, rounds = await story.step(terms) - 40, 0
    for batch in range(1, rng.randint(4, 6)):
        passes = sorted(rng.sample(range(6), rng.randint(1, 4)))
        step += 1
        figures = [(number, rng.randint(1, 3), rng.randrange(100, 3_000)) for number in passes]
        entries = [
            story.entry(1, terms, number, step, merchant=shop, bill=6_000, amount=amount)
            for number, shop, amount in figures
        ]
        await story.redeem(1, entries)
        records = [
            RedeemedRecord(
                pass_number=number + 1,
                merchant=shop,
                bill=6_000,
                amount=amount,
                copay=0,
                step=step,
                unnamed=False,
            )
            for number, shop, amount in figures
        ]
        due = await due_shops(paid)
        if due and rng.random() < 0.8:
            rounds += 1
            chosen = set(rng.sample(sorted(due), rng.randint(1, len(due))))
            file = await paid.pay(rounds, chosen)
            if rng.random() < 0.5:
                await paid.give_back(rounds, rng.choice(file.payments).merchant)
        if rng.random() < 0.7:
            index = rng.randrange(len(records))
            amount = rng.randint(1, records[index].amount)
            resident = records[index].pass_number - 1
            await story.void(1, terms, batch, records, index, amount, resident=resident)
    await assert_no_alarm(gateway, city, tmp_path / "index.sqlite3")


async def due_shops(paid: PaidCity) -> set[int]:
    """Shops whose credit is above what they were paid."""
    state = await rebuild_state(paid.story.gateway, paid.story.city.deployment)
    return {
        merchant
        for merchant, credit in state.books[1].credits.items()
        if credit.amount + credit.copay > credit.paid
    }
