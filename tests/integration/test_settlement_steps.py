"""A round on its way over the chain, cut off at any step, in pages, or with nobody to pay."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select
from sqlmodel import col

from api.run import port_of
from ledger.chain.clock import SystemClock
from ledger.db.session import transaction
from ledger.db.tables_till import Intent
from ledger.domain.settled_lines import pages_of
from ledger.sequencer.loop import Sequencer
from ledger.sequencer.outbox import _say_order
from ledger.services import rounds_on_chain
from tests.integration.problems_expected import expect_problem
from tests.integration.settled_town import agree, orders
from tests.integration.till import Till
from tests.integration.treasury import (
    approved,
    banked,
    carried,
    file_of,
    paid_lunch,
    sent,
    settled,
    tomorrow,
)

SHOP = "ข้าวซอย"


@pytest.mark.parametrize("steps", range(1, 8))
async def test_a_round_cut_off_at_any_step_goes_on_with_the_next_process(
    till: Till, steps: int
) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    told = await approved(till)
    for step in range(steps):
        # Each process dies after one of its acts: an order, a transaction, a span of the index.
        if step % 2:
            await till.sequencer.step()
            await till.quiet()
        else:
            await till.sync()
        await till.sequencer.retire()
        till.sequencer = Sequencer(port_of(till.runtime), SystemClock())
        till.followed.whole = True
    done = await carried(till, told["round"])
    assert (done["chain"], done["chain_round"]) == ("final", 1)
    for kind in ("round_make", "round_approve", "round_settle"):
        assert await orders(till, kind) == ["final"]
    await agree(till)


async def test_a_round_of_two_pages_ends_with_the_second_or_is_cut_short_after_the_first(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds_on_chain, "pages_of", partial(pages_of, most=1))
    second = await till.register("ก๋วยเตี๋ยว")
    for merchant in (0, 1, second):
        await banked(till, merchant)
    await paid_lunch(till)
    await paid_lunch(till, "malee", second, 4_000)
    await tomorrow(till)
    whole = await settled(till)
    assert (whole["pages"], whole["pages_settled"], whole["total"]) == (2, 2, "10000")
    await paid_lunch(till)
    taken = await paid_lunch(till, "malee", second, 4_000)
    await tomorrow(till)
    told = await approved(till)
    assert (await till.void("ก๋วยเตี๋ยว", taken, 500)).status_code == 202
    async with transaction(till.runtime.engine) as session:
        (void,) = await session.scalars(select(Intent).where(col(Intent.kind) == "void"))
    anybody = replace(till.sequencer.port, lead=None)
    await _say_order(anybody, void, till.runtime.sequencer, now=0)
    await till.quiet()
    stuck = await carried(till, told["round"])
    assert (stuck["chain"], stuck["pages_settled"]) == ("refused", 1)
    path = f"/v1/rounds/{told['round']}/withdraw"
    assert (await till.post(path, role="treasurer")).status_code == 200
    await till.settle()
    cut = await carried(till, told["round"])
    assert (cut["chain"], cut["status"]) == ("final", "approved")
    bank = await sent(till, told["round"])
    assert [payment.amount for payment in bank.payments] == [6_000]
    rest = await settled(till)
    assert rest["total"] == "3500"
    await agree(till)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_a_round_that_pays_nobody_stays_off_the_chain(till: Till) -> None:
    await paid_lunch(till)
    await tomorrow(till)
    told = await settled(till)
    assert (told["total"], told["chain"]) == ("0", "none")
    await expect_problem(await file_of(till, told["round"]), 409, "wrong_state")
    assert await orders(till, "round_make") == []
