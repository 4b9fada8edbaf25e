"""Somebody alters the index while the city runs: the indexer finds out by itself, nothing is issued
until it is repaired, and the till goes on (FAULTS 30, 31)."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from ledger.db.index_doubts import doubt_of
from ledger.db.index_reads import indexed_block
from ledger.db.session import snapshot, writing
from ledger.indexer.run import run_indexer
from ledger.indexer.source import source_of
from ledger.indexer.sync import STATE_BLOCKS, rebuild, sync_once
from tests.databases import STORES
from tests.integration.problems_expected import expect_problem
from tests.integration.test_two_processes import until
from tests.integration.till import CONFIRMATIONS, LUNCH, Till, key_of

RECONCILE_MS = 200
NOBODY = "0x" + "11" * 20
_log = logging.getLogger("nakhon.faults")

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.parametrize("store", STORES, indirect=True),
]


@dataclass(frozen=True, slots=True)
class Class:
    """A kind of drift: how it is done to the rows, and how it is taken back."""

    done: str
    undone: str


CLASSES = {
    "the satang of a redemption": Class(
        "UPDATE included_redemptions SET amount = amount - 1, copay = copay + 1",
        "UPDATE included_redemptions SET amount = amount + 1, copay = copay - 1",
    ),
    "the shop of a redemption": Class(
        "UPDATE included_redemptions SET merchant = 7",
        "UPDATE included_redemptions SET merchant = 1",
    ),
    "the holder of a pass": Class(
        f"UPDATE pass_facts SET holder = '{NOBODY}' WHERE number = 2",
        f"UPDATE pass_facts SET holder = '{key_of('malee').address}' WHERE number = 2",
    ),
    "where a shop is paid": Class(
        f"UPDATE merchant_facts SET payout = '{NOBODY}' WHERE number = 1",
        f"UPDATE merchant_facts SET payout = '{key_of('ข้าวซอย').address}' WHERE number = 1",
    ),
    "what a campaign holds": Class(
        "UPDATE contributions SET amount = amount + 100 WHERE campaign = 1",
        "UPDATE contributions SET amount = amount - 100 WHERE campaign = 1",
    ),
    "the hour of a block": Class(
        "UPDATE blocks SET time = time - 60 WHERE number = (SELECT min(number) FROM blocks)",
        "UPDATE blocks SET time = time + 60 WHERE number = (SELECT min(number) FROM blocks)",
    ),
    "a pass too many": Class(
        "INSERT INTO pass_facts (chain_id, block_hash, log_index, block_number, number, what,"
        " holder, class_, district, valid_from, valid_until, status, at)"
        " SELECT chain_id, block_hash, log_index, block_number, 1003, what,"
        f" '{NOBODY}', class_, district, valid_from, valid_until, status, at"
        " FROM pass_facts WHERE number = 3",
        "DELETE FROM pass_facts WHERE number = 1003",
    ),
}


@asynccontextmanager
async def indexing(till: Till) -> AsyncIterator[None]:
    """The city's indexer runs, and looks at itself often."""
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_indexer(
            till.gateway,
            till.runtime.engine,
            till.runtime.deployment,
            stop=stop,
            confirmations=CONFIRMATIONS,
            poll_ms=20,
            reconcile_ms=RECONCILE_MS,
        )
    )
    try:
        yield
    finally:
        stop.set()
        await running


async def alter(till: Till, statement: str) -> None:
    async with writing(till.runtime.engine) as connection:
        assert (await connection.execute(text(statement))).rowcount, statement


async def in_doubt(till: Till) -> bool:
    async with snapshot(till.runtime.engine) as session:
        return await doubt_of(session, till.runtime.chain_id) is not None


async def in_order(till: Till) -> bool:
    return not await in_doubt(till)


async def a_town_with_a_draft(till: Till) -> int:
    """Something is taken, final, and a second campaign waits for approval."""
    assert (await till.pay("somchai", 1, 2_000, 1_000)).status_code == 201
    await till.settle()
    drafted = await till.order("campaign_officer", "/v1/campaigns", {"policy": LUNCH})
    await till.settle()
    return int(drafted["campaign"])


async def test_f31_every_kind_of_drift_stops_issuing_until_it_is_repaired_and_not_the_till(
    till: Till,
) -> None:
    number = await a_town_with_a_draft(till)
    signed_at = await till.step_now(1)
    async with indexing(till):
        for place, (what, kind) in enumerate(CLASSES.items()):
            assert not await in_doubt(till)
            await alter(till, kind.done)
            began = time.monotonic_ns()
            await until(lambda: in_doubt(till))
            _log.info("%s: found after %d ms", what, (time.monotonic_ns() - began) // 1_000_000)
            ready = (await till.client.get("/readyz")).json()
            told = {trouble["code"]: trouble for trouble in ready["troubles"]}
            assert told["index_drifted"]["th"] and told["index_drifted"]["action_en"]
            for role, word in (("approver", "approve"), ("issuer", "issue")):
                refused = await till.post(f"/v1/campaigns/{number}/{word}", role=role)
                await expect_problem(refused, 409, "issuing_stopped")
            paid = await till.pay("lek", 1, 2_000, 100, signed_at=signed_at + 15 * (place - 10))
            assert paid.status_code == 201, "the till does not wait for a repair"
            await alter(till, kind.undone)
            await until(lambda: in_order(till))
    ready = (await till.client.get("/readyz")).json()
    assert "index_drifted" not in {trouble["code"] for trouble in ready["troubles"]}
    await till.order("approver", f"/v1/campaigns/{number}/approve")


async def test_f31_an_order_that_was_refused_goes_through_under_the_same_key_once_repaired(
    till: Till,
) -> None:
    number, key = await a_town_with_a_draft(till), {"idempotency-key": "approve-once"}
    path = f"/v1/campaigns/{number}/approve"
    async with indexing(till):
        await alter(till, CLASSES["where a shop is paid"].done)
        await until(lambda: in_doubt(till))
        refused = await till.post(path, role="approver", **key)
        await expect_problem(refused, 409, "issuing_stopped")
    source = source_of(till.runtime.deployment)
    # Following alone repairs nothing, and hides nothing.
    await sync_once(till.gateway, till.runtime.engine, source, confirmations=CONFIRMATIONS)
    assert await in_doubt(till)
    await rebuild(till.gateway, till.runtime.engine, source, confirmations=CONFIRMATIONS)
    assert not await in_doubt(till)
    accepted = await till.post(path, role="approver", **key)
    assert accepted.status_code == 202, accepted.text


async def test_f31_drift_from_before_the_indexer_began_is_found_and_the_index_caught_up(
    till: Till,
) -> None:
    """It was away for longer than a node keeps states: the whole is compared, not the growth."""
    await a_town_with_a_draft(till)
    await alter(till, CLASSES["what a campaign holds"].done)
    await till.gateway.rpc("anvil_mine", [hex(STATE_BLOCKS + 20)])
    async with indexing(till):
        await until(lambda: in_doubt(till))
    async with snapshot(till.runtime.engine) as session:
        indexed = await indexed_block(session, till.runtime.chain_id)
    assert indexed == await till.gateway.block_number()
