"""The till follows what the chain says, also where the till did not say it first."""

import pytest
from sqlalchemy import text

from ledger.chain.encoding import encode_call
from ledger.chain.signer import Transaction, sign_transaction
from ledger.domain.clock import step_of
from ledger.domain.redemption import Entry, SignedRedemption, pack_batch, redemption_id
from ledger.indexer.source import source_of
from ledger.indexer.sync import rebuild
from tests.integration.till import CONFIRMATIONS, Till, key_of

STARTS = 1_761_692_400


def message(signed_at: int, amount: int = 6_000) -> SignedRedemption:
    return SignedRedemption(
        campaign=1, merchant=1, bill=2 * amount, amount=amount, copay=0, signed_at=signed_at
    )


async def force(till: Till, who: str, of: SignedRedemption) -> None:
    """The shop brings a redemption to the chain with its own hand."""
    signed = till.sign_redemption(key_of(who), of)
    entry = Entry(
        step=step_of(STARTS, of.signed_at),
        merchant=of.merchant,
        bill=of.bill,
        amount=of.amount,
        copay=0,
        r=signed.r,
        vs=signed.vs,
    )
    shop = key_of("ข้าวซอย")
    await till.gateway.rpc("anvil_setBalance", [shop.address, hex(10**18)])
    transaction = await sign_transaction(
        shop,
        Transaction(
            chain_id=till.runtime.chain_id,
            account_nonce=await till.gateway.transaction_count(shop.address),
            priority_fee_wei=10**9,
            fee_wei_max=10**11,
            gas_limit=1_000_000,
            to=till.runtime.book,
            data=encode_call("CouponBook", "forceRedeem", of.campaign, pack_batch([entry])),
        ),
    )
    await till.gateway.send_raw(transaction.raw)
    await till.quiet()
    receipt = await till.gateway.receipt(transaction.hash)
    assert receipt is not None and int(receipt["status"], 16) == 1


async def left(till: Till, who: str) -> tuple[str, str]:
    coupons = (await till.signed(key_of(who), "GET", "/v1/me/coupons")).json()
    return coupons["items"][0]["spent"], coupons["items"][0]["left"]


@pytest.mark.parametrize("known", [True, False], ids=["seen before", "never seen"])
async def test_what_a_shop_forced_past_the_till_counts_at_the_till(till: Till, known: bool) -> None:
    signed_at = await till.step_now(1)
    if known:
        assert (await till.pay("somchai", 1, 200, 100, signed_at=signed_at - 15)).is_success
        await till.settle()
    await till.sleep_until(signed_at + 901)
    await force(till, "somchai", message(signed_at))
    await till.sync()
    spent = 6_100 if known else 6_000
    assert await left(till, "somchai") == (str(spent), str(200_000 - spent))
    name = redemption_id(till.separator, 1, 1, step_of(STARTS, signed_at))
    found = await till.redemption(name)
    assert (found["status"], found["accepted_at"], found["receipt"]) == ("included", None, None)
    assert (await till.client.get(f"/v1/receipts/{name}")).status_code == 404
    mine = (await till.signed(key_of("somchai"), "GET", "/v1/me/redemptions")).json()
    assert mine["items"][0]["id"] == name
    money = (await till.client.get("/v1/campaigns/1")).json()["money"]
    assert money["spent"] == str(spent)
    asked = await till.void("ข้าวซอย", found, 6_000)
    assert asked.status_code == 202, asked.text
    await till.settle()
    assert (await till.redemption(name))["status"] == "voided"
    assert await left(till, "somchai") == (str(spent - 6_000), str(200_000 - spent + 6_000))


async def test_a_void_of_what_was_forced_is_given_back_also_once_the_forcing_is_final(
    till: Till,
) -> None:
    signed_at = await till.step_now(1)
    assert (await till.pay("somchai", 1, 200, 100, signed_at=signed_at - 15)).is_success
    await till.settle()
    await till.sleep_until(signed_at + 901)
    await force(till, "somchai", message(signed_at))
    for _ in range(2):
        await till.settle()
    assert await left(till, "somchai") == ("6100", "193900")
    found = await till.redemption(redemption_id(till.separator, 1, 1, step_of(STARTS, signed_at)))
    assert (await till.void("ข้าวซอย", found, 6_000)).status_code == 202
    await till.settle()
    async with till.runtime.engine.connect() as connection:
        counted = await connection.exec_driver_sql("SELECT spent_total FROM usage_counters")
        assert counted.scalar_one() == 100


async def test_a_budget_knows_what_a_pass_without_a_counter_was_forced_out_of_it(
    till: Till,
) -> None:
    signed_at = await till.step_now(1)
    assert (await till.pay("malee", 1, 200, 100, signed_at=signed_at)).is_success
    await till.settle()
    await till.sleep_until(signed_at + 901)
    await force(till, "somchai", message(signed_at))
    await till.settle()
    async with till.runtime.engine.connect() as connection:
        spent = await connection.exec_driver_sql("SELECT spent FROM campaign_budgets")
        assert spent.scalar_one() == 6_100


async def test_of_two_messages_of_one_step_the_chain_decides_and_the_other_is_given_back(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    signed_at = await till.step_now(1)
    ours = await till.pay("somchai", 1, 12_000, 6_000, signed_at=signed_at)
    await till.sleep_until(signed_at + 901)
    await force(till, "somchai", message(signed_at, amount=5_000))
    await till.settle()
    failed = await till.redemption(ours.json()["id"])
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "already_spent")
    assert "alarm" in caplog.text
    assert await left(till, "somchai") == ("5000", "195000")
    money = (await till.client.get("/v1/campaigns/1")).json()["money"]
    assert money == {"funded": "1000000", "spent": "5000", "pending": "0", "left": "995000"}


async def test_dropping_the_index_and_replaying_changes_nothing_at_the_till(till: Till) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    await till.turn()
    await till.void("ข้าวซอย", taken, 2_000)
    await till.settle()
    waiting = (await till.pay("malee", 1, 2_000, 1_000)).json()
    before = await everything(till)
    await rebuild(
        till.gateway,
        till.runtime.engine,
        source_of(till.runtime.deployment),
        confirmations=CONFIRMATIONS,
    )
    till.followed.whole, till.followed.since = True, 0
    await till.sync()
    assert await everything(till) == before
    await till.settle()
    assert (await till.redemption(waiting["id"]))["status"] == "final"


async def everything(till: Till) -> list[tuple[object, ...]]:
    queries = (
        "SELECT id, status, voided, reason FROM redemptions ORDER BY id",
        "SELECT * FROM usage_counters ORDER BY 1, 2",
        "SELECT * FROM campaign_budgets ORDER BY 1",
        "SELECT redemption_id, amount, copay, status FROM till_voids ORDER BY 1",
    )
    found: list[tuple[object, ...]] = []
    async with till.runtime.engine.connect() as connection:
        for query in queries:
            found += [tuple(row) for row in await connection.execute(text(query))]
    return found
