"""What goes to the driver is of the session's transaction, and is what the toolkit would say."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.db import intents, redemptions, verdicts
from ledger.db.driver import Driver, Statement
from ledger.db.session import open_session, transaction
from ledger.db.tables_rules import VerdictRecord
from ledger.db.tables_till import CampaignBudget, Intent, RedemptionRecord
from ledger.domain.acceptance import Acceptance, KeptVerdict, row_of

AMONG = Statement(
    "SELECT campaign FROM campaign_budgets WHERE campaign {campaigns} ORDER BY campaign",
    "campaigns",
)
BROKEN = Statement("SELECT nothing FROM nowhere")


def accepted(step: int) -> Acceptance:
    return Acceptance(
        id=f"rdm_{step}", campaign=1, pass_number=7, step=step, merchant=3, holder="0x" + "ab" * 20,
        bill=100, amount=50, copay=0, signed_at=1_700_000_000 + step, maximum_bill=200,
        maximum_amount=None, maximum_copay=None, r=b"\x00\xff" * 16, vs=b"\\x'\"" * 8,
        policy_hash="0x" + "cd" * 32, accepted_at=1_700_000_100, receipt_r=b"\x01" * 32,
        receipt_vs=b"\x02" * 32, verdict={"accepted": True, "figures": {"ที่เหลือ": 2**53 - 1}},
        intent_id=f"int_{step}",
    )  # fmt: skip


def verdict(step: int) -> KeptVerdict:
    return KeptVerdict(
        id=f"vrd_{step}", campaign=1, pass_number=7, merchant=3, accepted=True, code="accepted",
        policy_hash="0x" + "cd" * 32, document='{"ก":"\\u0000 no null"}'.encode(), r=b"\x03" * 32,
        vs=b"\x04" * 32, judged_at=1_700_000_100, redemption_id=f"rdm_{step}",
    )  # fmt: skip


async def keep(driver: Driver, *steps: int) -> None:
    kept = [accepted(step) for step in steps]
    await intents.enqueue_redemptions(driver, kept)
    await redemptions.add(driver, kept)
    await verdicts.add(driver, [verdict(step) for step in steps])


@pytest.mark.parametrize("count", [0, 1, 2, 2_000])
async def test_a_set_is_one_parameter_however_large(engine: AsyncEngine, count: int) -> None:
    async with transaction(engine) as session:
        for campaign in (1, 3, 5):
            session.add(CampaignBudget(campaign=campaign, funded=10, spent=0))
    async with transaction(engine) as session:
        driver = await Driver.of(session)
        found = await driver.fetch(AMONG, campaigns=range(1, count + 1))
    assert [number for (number,) in found] == [n for n in (1, 3, 5) if n <= count]


async def test_rows_are_read_back_by_the_toolkit_as_they_were(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        driver = await Driver.of(session)
        async with driver.at_once():
            await keep(driver, 1, 2)
    async with transaction(engine) as session:
        for step in (1, 2):
            kept = await session.get_one(RedemptionRecord, f"rdm_{step}")
            assert kept.model_dump() == row_of(accepted(step))
            told = await session.get_one(VerdictRecord, f"vrd_{step}")
            assert told.model_dump() == row_of(verdict(step))
            waiting = await session.get_one(Intent, f"int_{step}")
            assert (waiting.status, waiting.kind, waiting.result) == ("queued", "redeem", None)
            assert waiting.payload == {"redemption": f"rdm_{step}"}


async def test_what_is_not_committed_is_gone(engine: AsyncEngine) -> None:
    async with open_session(engine) as session:
        await keep(await Driver.of(session), 1)
    async with transaction(engine) as session:
        assert (await session.scalars(select(RedemptionRecord))).all() == []


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_row_that_is_there_is_refused_as_the_toolkit_refuses_it(
    engine: AsyncEngine, at_once: bool
) -> None:
    async with transaction(engine) as session:
        await keep(await Driver.of(session), 1)
    with pytest.raises(IntegrityError):
        async with transaction(engine) as session:
            driver = await Driver.of(session)
            if at_once:
                async with driver.at_once():
                    await keep(driver, 2, 1)
            else:
                await keep(driver, 2, 1)
    async with transaction(engine) as session:
        kept = (await session.scalars(select(RedemptionRecord))).all()
        assert [each.id for each in kept] == ["rdm_1"]


async def test_a_statement_that_fails_is_a_failure_of_the_database(engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError):
        async with transaction(engine) as session:
            await (await Driver.of(session)).fetch(BROKEN)
