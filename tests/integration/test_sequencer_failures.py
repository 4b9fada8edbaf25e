"""Every fault between the till's promise and the final block, on a real node (FAULTS 11 to 17)."""

import asyncio
import contextlib
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from ledger.chain.encoding import decode_call, encode_call
from ledger.chain.signer import Transaction, sign_transaction
from ledger.db import batches
from ledger.db.session import snapshot
from ledger.db.tables_till import Batch
from ledger.domain.clock import step_of
from ledger.domain.redemption import unpack_batch
from ledger.errors import NodeUnreachable, WrongState
from ledger.sequencer import batching
from ledger.sequencer.loop import Sequencer
from tests.integration.faulty_node import FaultyLine, another_sequencer
from tests.integration.till import CONFIRMATIONS, Till


async def open_batches(till: Till) -> list[Batch]:
    async with snapshot(till.runtime.engine) as session:
        return list(await batches.unfinished(session))


SENDERS = 30


async def take(till: Till, *names: str) -> list[str]:
    answers = [await till.pay(name, 1, 12_000, 6_000) for name in names]
    assert all(answer.status_code == 201 for answer in answers)
    return [answer.json()["id"] for answer in answers]


async def spent_on_chain(till: Till) -> int:
    await till.sync()
    return int((await till.client.get("/v1/campaigns/1")).json()["money"]["spent"])


async def expect_once(till: Till, taken: list[str]) -> None:
    """All is final, and was spent exactly once."""
    await till.settle()
    await till.settle()
    states = [(await till.redemption(name))["status"] for name in taken]
    assert states == ["final"] * len(taken)
    assert await spent_on_chain(till) == 6_000 * len(taken)


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_a_crash_around_the_sending_loses_nothing_and_sends_the_same_bytes(
    till: Till, cut: str
) -> None:
    taken = await take(till, "somchai", "malee")
    line = FaultyLine(**{cut: {"eth_sendRawTransaction"}})
    async with another_sequencer(till, line) as dying:
        with pytest.raises(NodeUnreachable):
            await dying.step()
    (stored,) = await open_batches(till)
    assert stored.status == batches.SIGNED
    async with another_sequencer(till) as restarted:
        await restarted.step()
        await till.sync()
        await restarted.step()
    assert await till.gateway.receipt(stored.tx_hash) is not None
    await expect_once(till, taken)


@pytest.mark.parametrize(
    "method",
    [
        "eth_getBlockByNumber",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "eth_call",
        "eth_maxPriorityFeePerGas",
    ],
)
async def test_a_crash_at_any_question_to_the_node_is_harmless(till: Till, method: str) -> None:
    taken = await take(till, "somchai")
    for _ in range(3):
        line = FaultyLine(before={method})
        async with another_sequencer(till, line) as dying:
            try:
                await dying.step()
            except NodeUnreachable:
                continue
        await till.sync()
    await expect_once(till, taken)


async def test_a_dropped_transaction_is_sent_again(till: Till) -> None:
    await till.automine(False)
    taken = await take(till, "somchai")
    await till.sequencer.step()
    (sent,) = await open_batches(till)
    assert await till.gateway.transaction(sent.tx_hash) is not None
    await till.gateway.rpc("anvil_dropTransaction", [sent.tx_hash])
    assert await till.gateway.transaction(sent.tx_hash) is None
    await till.sequencer.step()
    assert await till.gateway.transaction(sent.tx_hash) is not None
    await till.automine(True)
    await till.mine()
    await expect_once(till, taken)


async def test_a_stuck_transaction_is_replaced_under_its_nonce_and_every_hash_is_remembered(
    till: Till,
) -> None:
    await till.automine(False)
    taken = await take(till, "somchai")
    await till.sequencer.step()
    (stuck,) = await open_batches(till)
    await till.gateway.rpc("anvil_setNextBlockBaseFeePerGas", [hex(100 * stuck.fee_wei_max)])
    await till.mine()
    async with another_sequencer(till, stuck_after_seconds=0) as patient:
        for _ in range(3):
            await patient.step()
    (replaced,) = await open_batches(till)
    assert replaced.account_nonce == stuck.account_nonce
    assert replaced.fee_wei_max > stuck.fee_wei_max * 110 // 100
    async with snapshot(till.runtime.engine) as session:
        assert replaced.id is not None
        hashes = {known.tx_hash for known in await batches.hashes_of(session, replaced.id)}
    assert {stuck.tx_hash, replaced.tx_hash} <= hashes
    await till.automine(True)
    await till.mine()
    await expect_once(till, taken)


async def test_the_older_of_two_replacements_counts_when_it_is_the_one_included(
    till: Till,
) -> None:
    await till.automine(False)
    taken = await take(till, "somchai")
    await till.sequencer.step()
    (first,) = await open_batches(till)
    async with another_sequencer(till, stuck_after_seconds=0) as patient:
        await patient.step()
    (second,) = await open_batches(till)
    assert second.tx_hash != first.tx_hash
    await till.gateway.rpc("anvil_dropTransaction", [second.tx_hash])
    await till.gateway.send_raw(first.raw_tx)
    await till.automine(True)
    await till.mine()
    assert await till.gateway.receipt(first.tx_hash) is not None
    await expect_once(till, taken)


async def test_a_nonce_used_by_somebody_else_is_found_out_and_the_batch_said_again(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    await till.automine(False)
    taken = await take(till, "somchai", "lek")
    line = FaultyLine(before={"eth_sendRawTransaction"})
    async with another_sequencer(till, line) as dying:
        with pytest.raises(NodeUnreachable):
            await dying.step()
    (ours,) = await open_batches(till)
    key = till.runtime.sequencer
    stolen = await sign_transaction(
        key,
        Transaction(
            chain_id=till.runtime.chain_id,
            account_nonce=ours.account_nonce,
            priority_fee_wei=10**9,
            fee_wei_max=10**11,
            gas_limit=21_000,
            to=key.address,
            data=b"",
        ),
    )
    await till.automine(True)
    await till.gateway.send_raw(stolen.raw)
    await till.mine(3)
    await till.turn()
    assert "was used by somebody else" in caplog.text
    await expect_once(till, taken)


async def test_nothing_is_signed_while_the_base_fee_is_above_the_limit(till: Till) -> None:
    taken = await take(till, "somchai")
    async with another_sequencer(till, fee_wei_max=1) as poor:
        step = await poor.step()
        assert (step.active, step.redemptions) == (True, 0)
    assert await open_batches(till) == []
    await expect_once(till, taken)


async def test_two_sequencers_at_once_say_everything_once(till: Till) -> None:
    taken = await take(till, "somchai", "malee", "lek")
    async with another_sequencer(till) as one, another_sequencer(till) as other:
        await asyncio.gather(one.step(), other.step(), till.sequencer.step())
    await expect_once(till, taken)


async def _step(sequencer: Sequencer) -> None:
    """A step as the process takes it: who waited for longer than a lease lasts is told so."""
    with contextlib.suppress(WrongState):
        await sequencer.step()


async def test_thirty_sequencers_at_once_say_everything_once_and_leave_no_gap(till: Till) -> None:
    """All believe to be the one that leads: each redemption a transaction of its own, and yet every
    account nonce is used once."""
    taken = await take(till, "somchai", "malee", "lek")
    line = FaultyLine()
    async with AsyncExitStack() as stack:
        many = [
            await stack.enter_async_context(another_sequencer(till, line, batch_entries_max=1))
            for _ in range(SENDERS)
        ]
        for _ in range(3):
            await asyncio.gather(*(_step(one) for one in many))
            await till.quiet()
    sender = till.runtime.sequencer.address
    async with till.runtime.engine.connect() as connection:
        asked = text("SELECT account_nonce FROM batches WHERE sender = :sender ORDER BY 1")
        kept = await connection.execute(asked, {"sender": sender})
        nonces = [row.account_nonce for row in kept]
    assert len(set(nonces)) == len(nonces), "two senders signed under one nonce"
    used = int(await till.gateway.rpc("eth_getTransactionCount", [sender, "latest"]), 16)
    assert used == nonces[-1] + 1, "nothing waits behind a gap"
    await expect_once(till, taken)


async def test_a_standby_waits_while_another_process_is_active(till: Till) -> None:
    await till.sequencer.step()
    async with another_sequencer(till) as standby:
        standby.lead.owner = "another process"
        assert not (await standby.step()).active


@pytest.mark.parametrize("depth", range(1, CONFIRMATIONS + 1))
async def test_a_reorganised_block_is_brought_back_and_counts_once(till: Till, depth: int) -> None:
    taken = await take(till, "somchai")
    await till.turn()
    await till.mine(depth - 1)
    await till.sync()
    assert (await till.redemption(taken[0]))["status"] == "included"
    await till.gateway.rpc("anvil_reorg", [depth, []])
    await till.sync()
    assert (await till.redemption(taken[0]))["status"] == "accepted"
    await expect_once(till, taken)


async def test_what_a_merchant_forced_is_not_spent_again_by_the_sequencer(till: Till) -> None:
    signed_at = await till.step_now(1)
    first = await till.pay("somchai", 1, 12_000, 6_000, signed_at=signed_at)
    await till.sleep_until(signed_at + 901)
    # The sequencer signs its batch and dies before it is sent …
    line = FaultyLine(before={"eth_sendRawTransaction"})
    async with another_sequencer(till, line) as dying:
        with pytest.raises(NodeUnreachable):
            await dying.step()
    (batch,) = await open_batches(till)
    call = decode_call("CouponBook", batch.data)
    assert call is not None
    # … and the shop brings the same entry itself.
    await force(till, call.arguments["batch"])
    await expect_once(till, [first.json()["id"]])


async def force(till: Till, batch: bytes) -> None:
    shop = till.runtime.signers["guardian"]
    signed = await sign_transaction(
        shop,
        Transaction(
            chain_id=till.runtime.chain_id,
            account_nonce=await till.gateway.transaction_count(shop.address),
            priority_fee_wei=10**9,
            fee_wei_max=10**11,
            gas_limit=1_000_000,
            to=till.runtime.book,
            data=encode_call("CouponBook", "forceRedeem", 1, batch),
        ),
    )
    await till.gateway.send_raw(signed.raw)
    await till.quiet()
    receipt = await till.gateway.receipt(signed.hash)
    assert receipt is not None and int(receipt["status"], 16) == 1


async def test_a_batch_is_ordered_by_pass_then_by_step(till: Till) -> None:
    signed_at = await till.step_now(1) - 60
    for name, later in (("lek", 0), ("somchai", 15), ("malee", 0), ("somchai", 30)):
        answer = await till.pay(name, 1, 2_000, 1_000, signed_at=signed_at + later)
        assert answer.status_code == 201, answer.text
    await till.sequencer.step()
    (batch,) = await open_batches(till)
    call = decode_call("CouponBook", batch.data)
    assert call is not None
    steps = [entry.step for entry in unpack_batch(call.arguments["batch"])]
    assert len(steps) == 4 and steps[0] < steps[1]
    await till.settle()
    assert await spent_on_chain(till) == 4_000


async def test_a_full_batch_is_followed_by_another_at_once_until_enough_are_in_flight(
    till: Till,
) -> None:
    taken = await take(till, "somchai", "malee", "lek")
    await till.gateway.rpc("evm_setAutomine", [False])
    async with another_sequencer(till, batch_entries_max=1, batches_in_flight_max=2) as small:
        assert (await small.step()).redemptions == 2
        assert len(await open_batches(till)) == 2
        assert (await small.step()).redemptions == 0, "two transactions wait for a block"
        await till.gateway.rpc("evm_setAutomine", [True])
        await till.mine()
        await till.sync()
        assert (await small.step()).redemptions == 1
    await expect_once(till, taken)


async def test_a_batch_that_gas_cuts_short_is_followed_by_another_at_once(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = await take(till, "somchai", "malee", "lek")
    monkeypatch.setattr(batching, "GAS_MAX", 300_000)
    await till.gateway.rpc("evm_setAutomine", [False])
    async with another_sequencer(till) as other:
        assert (await other.step()).redemptions == 3
    assert len(await open_batches(till)) == 3, "gas is enough for one redemption each"
    await till.gateway.rpc("evm_setAutomine", [True])
    await till.mine()
    await expect_once(till, taken)


async def test_who_waits_longest_is_said_first_and_a_pass_always_in_its_order(till: Till) -> None:
    signed_at = await till.step_now(1) - 60
    terms = (await till.client.get("/v1/campaigns/1")).json()["terms"]
    first = step_of(terms["starts"], signed_at)
    for name, later in (("lek", 0), ("somchai", 15), ("somchai", 30)):
        answer = await till.pay(name, 1, 2_000, 1_000, signed_at=signed_at + later)
        assert answer.status_code == 201, answer.text
    async with till.runtime.engine.begin() as connection:
        # By the clocks of two processes, Somchai's second is older than Somchai's first.
        for place, at in enumerate((100, 102, 101)):
            change = "UPDATE intents SET created_at = :at WHERE step = :step"
            await connection.execute(text(change), {"at": at, "step": first + place})
    await till.gateway.rpc("evm_setAutomine", [False])
    async with another_sequencer(till, batch_entries_max=1) as small:
        assert (await small.step()).redemptions == 3
    said = []
    for batch in await open_batches(till):
        call = decode_call("CouponBook", batch.data)
        assert call is not None
        said += [entry.step for entry in unpack_batch(call.arguments["batch"])]
    assert said == [first, first + 1, first + 2], "though Somchai's pass comes before Lek's"
    await till.gateway.rpc("evm_setAutomine", [True])
    await till.mine()
    await till.settle()
    assert await spent_on_chain(till) == 3_000


async def test_an_order_the_contract_refuses_fails_with_its_reason_and_costs_nothing(
    till: Till,
) -> None:
    asked = [await till.post("/v1/campaigns/1/pause", role="guardian") for _ in range(2)]
    await till.turn()
    await till.turn()
    done = [await till.intent(each.json()["intent"]["id"]) for each in asked]
    assert [each["status"] for each in done] == ["included", "failed"]
    assert done[1]["error"]["code"] == "wrong_state"
    assert done[1]["error"]["th"]


async def test_what_was_signed_before_a_pause_still_reaches_the_chain(till: Till) -> None:
    taken = await take(till, "somchai")
    await till.post("/v1/campaigns/1/pause", role="guardian")
    await expect_once(till, taken)
    await till.sleep_until(await till.now() + 30)
    late = await till.pay("malee", 1, 12_000, 6_000)
    assert late.json()["code"] == "campaign_paused"


async def test_the_counters_agree_with_the_index_after_a_restart(till: Till) -> None:
    await take(till, "somchai", "malee")
    await till.settle()
    waiting = await till.pay("lek", 1, 2_000, 1_000)
    assert waiting.status_code == 201
    async with till.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE usage_counters SET spent_total = spent_total + 7"))
        await connection.execute(text("UPDATE campaign_budgets SET spent = spent + 9"))
    till.followed.whole = True
    await till.sync()
    async with till.runtime.engine.connect() as connection:
        rows = await connection.execute(text("SELECT spent_total FROM usage_counters ORDER BY 1"))
        assert [row[0] for row in rows] == [1_000, 6_000, 6_000]
        spent = await connection.scalar(text("SELECT spent FROM campaign_budgets"))
        assert spent == 13_000
