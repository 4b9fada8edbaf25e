"""Rounds on the chain: burnt before a bank file is given out, every step once, debts carried."""

import hashlib
from dataclasses import replace

from sqlalchemy import select
from sqlmodel import col

from ledger.db.session import transaction
from ledger.db.tables_till import Intent
from ledger.domain.state import RoundStatus
from ledger.sequencer.outbox import _say_order
from ledger.services.orders import Order, place_orders
from tests.integration.problems_expected import expect_problem
from tests.integration.settled_town import (
    agree,
    asked,
    budget_left,
    credit,
    orders,
    replayed,
    supply,
)
from tests.integration.till import Till
from tests.integration.treasury import (
    CLOSED,
    answered,
    approved,
    banked,
    carried,
    file_of,
    lines,
    made,
    paid_lunch,
    round_of,
    sent,
    settled,
    tomorrow,
)

SHOP = "ข้าวซอย"


async def test_an_approved_round_is_burnt_on_the_chain_before_the_bank_gets_its_file(
    till: Till,
) -> None:
    await banked(till, 0)
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    before = await supply(till)
    told = await approved(till)
    assert (told["chain"], told["chain_round"]) == ("ordered", None)
    await expect_problem(await file_of(till, told["round"]), 409, "wrong_state")
    seen = ["ordered"]
    for _ in range(8):
        await expect_problem(await file_of(till, told["round"]), 409, "wrong_state")
        await till.sync()
        seen.append((await round_of(till, told["round"]))["chain"])
        if seen[-1] == "settled":
            break
        await till.sequencer.step()
        await till.quiet()
    assert list(dict.fromkeys(seen)) == ["ordered", "made", "approved", "settled"]
    await expect_problem(await file_of(till, told["round"]), 409, "wrong_state")
    done = await carried(till, told["round"])
    assert (done["chain"], done["chain_round"], done["pages_settled"]) == ("final", 1, 1)
    assert await credit(till) == (6_000, 0, 6_000, 0)
    assert await supply(till) == before - 6_000
    content = (await file_of(till, told["round"])).content
    assert (await file_of(till, told["round"])).content == content
    await till.settle()
    digest = "0x" + hashlib.sha256(content).hexdigest()
    assert (await round_of(till, told["round"]))["files"] == [digest]
    assert await orders(till, "round_file") == ["final"]
    state = await replayed(till)
    assert state.rounds[1].status is RoundStatus.SETTLED
    assert [file.hash.hex() for file in state.rounds[1].files] == [digest[2:]]
    await agree(till)


async def test_a_returned_payment_is_credited_again_on_the_chain_once(till: Till) -> None:
    await banked(till, 0)
    await banked(till, 1, CLOSED)
    await paid_lunch(till)
    await tomorrow(till)
    before = await supply(till)
    first = await settled(till)
    bank = await sent(till, first["round"], CLOSED)
    await answered(till, bank.answer_pain002())
    await banked(till, 1)
    # The next round is made and approved before the chain has heard of the return.
    second = await approved(till)
    await till.settle()
    await answered(till, bank.answer_pain002() + b"\n")
    assert (await carried(till, second["round"]))["chain"] == "final"
    assert await orders(till, "round_recredit") == ["final"]
    assert await credit(till) == (6_000, 0, 6_000, 0)
    assert await supply(till) == before - 6_000
    state = await replayed(till)
    assert (state.rounds[1].returned, state.rounds[2].returned) == ({1: 6_000}, {})
    await agree(till)


async def test_a_void_after_payment_is_netted_on_the_chain_by_the_next_round(till: Till) -> None:
    await banked(till, 1)
    taken = await paid_lunch(till)
    await tomorrow(till)
    held = await budget_left(till)
    await settled(till)
    assert (await till.void(SHOP, taken, 2_000)).status_code == 202
    await till.settle()
    # The shop has the money: the campaign gets this part of its budget back with the netting.
    assert await credit(till) == (4_000, 0, 6_000, 2_000)
    assert await budget_left(till) == held
    await agree(till)
    debt = await settled(till)
    assert (await lines(till, debt["round"]))[1]["reason"] == "in_debt"
    assert (await round_of(till, debt["round"]))["chain"] == "none"
    await paid_lunch(till, "malee")
    await tomorrow(till)
    assert await budget_left(till) == held - 6_000
    assert (await settled(till))["total"] == "4000"
    assert await credit(till) == (10_000, 0, 10_000, 0)
    assert await budget_left(till) == held - 4_000
    await agree(till)


async def test_a_debt_that_is_covered_is_a_row_of_the_shops_statement(till: Till) -> None:
    await banked(till, 1)
    taken = await paid_lunch(till)
    await tomorrow(till)
    await settled(till)
    assert (await till.void(SHOP, taken, 2_000)).status_code == 202
    await till.settle()
    found = await till.client.get("/v1/campaigns/1/debts", headers=till.named("treasurer"))
    assert found.json()["items"] == [{"campaign": 1, "merchant": 1, "owed": "2000"}]
    path = "/v1/merchants/1/cover"
    more = await till.post(path, {"campaign": 1, "amount": "2001"}, role="treasurer")
    await expect_problem(more, 422, "input_invalid")
    to = till.runtime.signers["treasurer"].address
    await till.order("treasurer", "/v1/tokens/mint", {"to": to, "amount": "2000"})
    await till.order("treasurer", path, {"campaign": 1, "amount": "2000"})
    await till.settle()
    assert await credit(till) == (4_000, 0, 4_000, 0)
    told = (await till.client.get("/v1/statements/1", headers=till.named("treasurer"))).json()
    assert (told["agrees"], told["covered"], told["on_chain"]) == (True, "2000", "6000")
    assert [(row["redemption"], row["amount"]) for row in told["rows"] if row["round"] is None] == [
        (taken["id"], "-2000"),
        ("cover-1-1", "2000"),
    ]
    account = await till.client.get("/v1/campaigns/1/account", headers=till.named("treasurer"))
    assert account.json()["balance"] == "0"
    await agree(till)
    # Void and cover come to nothing: the next round carries them, and what is taken is paid whole.
    await paid_lunch(till, "malee")
    await tomorrow(till)
    assert (await settled(till))["total"] == "6000"
    await agree(till)


async def test_a_void_waits_while_its_shop_is_being_paid(till: Till) -> None:
    await banked(till, 1)
    taken = await paid_lunch(till)
    await tomorrow(till)
    told = await approved(till)
    assert (await till.void(SHOP, taken, 2_000)).status_code == 202
    await till.sequencer.step()
    assert await orders(till, "void") == ["queued"]
    assert (await carried(till, told["round"]))["chain"] == "final"
    await till.settle()
    assert await orders(till, "void") == ["final"]
    assert await credit(till) == (4_000, 0, 6_000, 2_000)


async def test_a_round_whose_shop_was_voided_since_is_made_anew(till: Till) -> None:
    await banked(till, 1)
    taken = await paid_lunch(till)
    await tomorrow(till)
    told = await made(till)
    assert (await till.void(SHOP, taken, 2_000)).status_code == 202
    path = f"/v1/rounds/{told['round']}"
    late = await till.post(f"{path}/approve", {"hash": told["hash"]}, role="approver")
    await expect_problem(late, 409, "wrong_state")
    assert (await till.post(f"{path}/withdraw", role="treasurer")).status_code == 200
    await till.settle()
    assert (await settled(till))["total"] == "4000"
    await agree(till)


async def test_a_void_brought_to_the_chain_by_hand_stops_the_round_and_it_is_withdrawn(
    till: Till,
) -> None:
    await banked(till, 1)
    taken = await paid_lunch(till)
    await tomorrow(till)
    told = await approved(till)
    path = f"/v1/rounds/{told['round']}/withdraw"
    await till.sync()
    await expect_problem(await till.post(path, role="treasurer"), 409, "wrong_state")
    assert (await till.void(SHOP, taken, 2_000)).status_code == 202
    async with transaction(till.runtime.engine) as session:
        (void,) = await session.scalars(select(Intent).where(col(Intent.kind) == "void"))
    # Anybody may bring a signed void: this one does not wait for the round.
    anybody = replace(till.sequencer.port, lead=None)
    await _say_order(anybody, void, till.runtime.sequencer, now=0)
    await till.quiet()
    refused = await carried(till, told["round"])
    assert (refused["chain"], refused["refused"]) == ("refused", "input_invalid")
    assert await orders(till, "round_settle") == ["failed"]
    await till.sync()
    assert await orders(till, "round_settle") == ["failed"], "not again at once"
    till.wall = 2**40
    await till.sync()
    assert await orders(till, "round_settle") == ["failed", "queued"]
    till.wall = 0
    await till.turn()
    assert (await till.post(path, role="treasurer")).status_code == 200
    await till.settle()
    done = await round_of(till, told["round"])
    assert (done["status"], done["chain"]) == ("withdrawn", "withdrawn")
    again = await settled(till)
    assert (again["total"], again["chain_round"]) == ("4000", 2)
    await agree(till)


async def test_a_round_of_the_same_name_with_other_lines_is_never_approved(till: Till) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    told = await approved(till)
    # Whoever has the treasurer's key hangs other lines on the document that was approved.
    forged = [1, 1, 4_000, bytes(31) + b"\x01", bytes.fromhex(told["hash"][2:])]
    order = Order(
        kind="forged", signer="treasurer", contract="SettlementBook", function="make",
        arguments=forged, about={},
    )  # fmt: skip
    async with transaction(till.runtime.engine) as session:
        await place_orders(session, till.runtime, [order], requested_by="thief", now=0)
    await till.turn()
    await till.turn()
    assert await orders(till, "round_approve") == []
    assert int((await asked(till, "SettlementBook", "lastRound"))[0]) == 1
    path = f"/v1/rounds/{told['round']}/withdraw"
    assert (await till.post(path, role="treasurer")).status_code == 200
    await till.settle()
    again = await settled(till)
    assert (again["total"], again["chain_round"]) == ("6000", 2)
    await agree(till)
