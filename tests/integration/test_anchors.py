"""A day is anchored once, when it is over and final; a receipt leads to the root of its day."""

import asyncio
import csv
import io
from typing import Any

import pytest
from sqlalchemy import text

from ledger.chain.decoding import decode_log
from ledger.chain.encoding import encode_call
from ledger.db import intents
from ledger.db.anchors import days_with_leaves, last_order, tree_of
from ledger.db.session import snapshot, transaction
from ledger.domain.anchors import Leaf, day_begins, day_trees
from ledger.domain.clock import bangkok_day
from ledger.domain.merkle import NO_LEAVES, root_from, root_of
from ledger.domain.settlement_events import DayAnchored
from ledger.services.anchors import AGAIN_AFTER_SECONDS, keep_up
from tests.integration.till import Till

SHOP = "ข้าวซอย"


async def ended(till: Till) -> int:
    """Let the present Bangkok day end and become final; its number."""
    await till.settle()
    day = bangkok_day(await till.now())
    await till.sleep_until(day_begins(day + 1) + 43_200)
    await till.settle()
    return day


async def anchored(till: Till) -> list[int]:
    """Order and carry every anchor that is due; the days."""
    days = []
    while (day := await keep_up(till.runtime, now=await till.now())) is not None:
        days.append(day)
        await till.settle()
    return days


async def anchor(till: Till, day: int) -> dict[str, Any]:
    answer = await till.client.get(f"/v1/anchors/{day}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def spend(till: Till, who: str, amount: int = 6_000) -> dict[str, Any]:
    answer = await till.pay(who, 1, 2 * amount, amount)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_day_is_anchored_with_all_that_the_chain_tells_of_it(till: Till) -> None:
    taken = [await spend(till, who) for who in ("somchai", "malee", "lek")]
    await till.turn()
    await till.void(SHOP, taken[1], 2_000)
    day = await ended(till)
    assert (await anchored(till))[-1] == day
    found = await anchor(till, day)
    assert (found["leaves"], found["amount"], found["copay"]) == (4, "18000", "0")
    logs = await till.gateway.logs(0, 10**6, till.runtime.deployment.addresses)
    told = [decode_log(log) for log in logs]
    starts = {1: (await till.client.get("/v1/campaigns/1")).json()["terms"]["starts"]}
    tree = day_trees(told, starts)[day]
    assert found["root"] == "0x" + tree.anchor().root.hex()
    (said,) = [one for one in told if isinstance(one, DayAnchored) and one.day == day]
    assert "0x" + said.staff_head.hex() == found["staff_head"]
    async with snapshot(till.runtime.engine) as session:
        assert await tree_of(session, till.runtime.chain_id, day) == tree
        assert await days_with_leaves(session, till.runtime.chain_id, day, day) == [day]


async def test_every_redemption_of_the_day_has_a_path_and_the_path_holds(till: Till) -> None:
    taken = [await spend(till, who) for who in ("somchai", "malee", "lek")]
    before = await till.client.get(f"/v1/receipts/{taken[0]['id']}/path")
    assert (before.status_code, before.json()["code"]) == (409, "not_anchored")
    day = await ended(till)
    early = await till.client.get(f"/v1/receipts/{taken[0]['id']}/path")
    assert (early.status_code, early.json()["code"]) == (409, "not_anchored")
    await anchored(till)
    for one in taken:
        answer = (await till.client.get(f"/v1/receipts/{one['id']}/path")).json()
        path, receipt = answer["path"], answer["receipt"]
        assert (path["day"], path["count"], receipt["id"]) == (day, 3, one["id"])
        leaf = Leaf(
            kind=1,
            campaign=receipt["campaign"],
            pass_number=receipt["pass"],
            merchant=receipt["merchant"],
            bill=int(receipt["bill"]),
            amount=int(receipt["amount"]),
            copay=int(receipt["copay"]),
            signed_at=receipt["signed_at"],
        )
        siblings = [bytes.fromhex(each[2:]) for each in path["siblings"]]
        root = root_from(leaf.hash, path["position"], path["count"], siblings)
        assert "0x" + root.hex() == path["root"] == (await anchor(till, day))["root"]
    unknown = await till.client.get("/v1/receipts/rdm_none/path")
    assert unknown.status_code == 404


async def test_a_day_that_is_not_over_or_not_final_is_not_anchored(till: Till) -> None:
    await anchored(till)
    await spend(till, "somchai")
    await till.settle()
    assert await keep_up(till.runtime, now=await till.now()) is None
    day = bangkok_day(await till.now())
    await till.sleep_until(day_begins(day + 1))
    await till.sync()
    assert await keep_up(till.runtime, now=await till.now()) is None
    await till.mine(2)
    await till.sync()
    assert await keep_up(till.runtime, now=await till.now()) == day


async def test_a_day_is_ordered_once_however_often_it_is_asked_for(till: Till) -> None:
    await spend(till, "somchai")
    day = await ended(till)
    now = await till.now()
    told = await asyncio.gather(*(keep_up(till.runtime, now=now) for _ in range(4)))
    (first,) = [one for one in told if one is not None]
    assert first <= day
    for _ in range(3):
        assert await keep_up(till.runtime, now=now) is None
    async with snapshot(till.runtime.engine) as session:
        waiting = [one for one in await intents.waiting_orders(session, 50) if one.kind == "anchor"]
    assert len(waiting) == 1
    await anchored(till)
    assert await keep_up(till.runtime, now=await till.now()) is None
    logs = await till.gateway.logs(0, 10**6, till.runtime.deployment.addresses)
    days = [one.day for one in map(decode_log, logs) if isinstance(one, DayAnchored)]
    assert days == sorted(set(days))


async def test_quiet_days_are_skipped_and_days_with_acts_of_the_staff_alone_are_not(
    till: Till,
) -> None:
    await ended(till)
    await anchored(till)
    for _ in range(3):
        await ended(till)
    assert await anchored(till) == []
    await till.post("/v1/campaigns/1/pause", role="guardian")
    await till.turn()
    day = await ended(till)
    assert await anchored(till) == [day]
    found = await anchor(till, day)
    assert (found["leaves"], found["root"]) == (0, "0x" + NO_LEAVES.hex())
    acts = (await till.client.get("/v1/staff-acts", headers=till.named("auditor"))).json()
    assert found["staff_head"] == acts["items"][0]["hash"]


async def test_an_anchor_the_chain_refused_is_ordered_again_later(till: Till) -> None:
    await spend(till, "somchai")
    await ended(till)
    now = await till.now()
    day = await keep_up(till.runtime, now=now)
    assert day is not None
    async with transaction(till.runtime.engine) as session:
        order = await last_order(session)
        assert order is not None
        await intents.settle(session, order.intent_id, intents.FAILED, now=now)
    assert await keep_up(till.runtime, now=now) is None
    assert await keep_up(till.runtime, now=now + AGAIN_AFTER_SECONDS) == day
    await till.settle()
    assert (await anchor(till, day))["day"] == day


async def test_an_orphaned_anchor_is_said_again_and_the_day_stands_once(till: Till) -> None:
    await spend(till, "somchai")
    await ended(till)
    before = await till.gateway.rpc("evm_snapshot")
    day = await keep_up(till.runtime, now=await till.now())
    await till.sequencer.step()
    await till.quiet()
    await till.sync()
    assert (await till.client.get(f"/v1/anchors/{day}")).status_code == 200
    await till.gateway.rpc("evm_revert", [before])
    await till.mine(2)
    await till.sync()
    assert (await till.client.get(f"/v1/anchors/{day}")).status_code == 404
    await till.settle()
    assert (await till.client.get(f"/v1/anchors/{day}")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/anchors/1", "/v1/anchors/0", "/v1/anchors/1/leaves"])
async def test_a_day_without_an_anchor_is_not_found(till: Till, path: str) -> None:
    assert (await till.client.get(path)).status_code == 404


async def test_the_leaves_of_a_day_lead_to_its_root_for_whoever_hashes_them(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routers.anchors.LEAVES_MAX", 3)
    taken = [await spend(till, who) for who in ("somchai", "malee", "lek")]
    await till.turn()
    await till.void(SHOP, taken[1], 2_000)
    day = await ended(till)
    await anchored(till)
    lines: list[dict[str, str]] = []
    path: str | None = f"/v1/anchors/{day}/leaves"
    while path is not None:
        answer = await till.client.get(path)
        assert answer.headers["content-type"].startswith("text/csv")
        lines += csv.DictReader(io.StringIO(answer.text))
        link = answer.headers.get("link")
        path = link.partition(">")[0][1:] if link else None
    assert [line["kind"] for line in lines] == ["1", "1", "1", "2"]
    leaves = [
        Leaf(
            kind=int(line["kind"]), campaign=int(line["campaign"]), pass_number=int(line["pass"]),
            merchant=int(line["merchant"]), bill=int(line["bill"]), amount=int(line["amount"]),
            copay=int(line["copay"]), signed_at=int(line["signed_at"]),
            voided_at=int(line["voided_at"]),
        )
        for line in lines
    ]  # fmt: skip
    told = await anchor(till, day)
    assert "0x" + root_of([leaf.hash for leaf in leaves]).hex() == told["root"]
    assert str(sum(leaf.amount for leaf in leaves if leaf.kind == 1)) == told["amount"]


async def test_anchors_are_read_page_by_page(till: Till) -> None:
    for who in ("somchai", "malee"):
        await spend(till, who)
        await ended(till)
    days = await anchored(till)
    assert len(days) >= 2
    page = (await till.client.get("/v1/anchors?limit=1")).json()
    assert page["items"][0]["day"] == days[-1]
    following = (await till.client.get(f"/v1/anchors?limit=1&cursor={page['next']}")).json()
    assert following["items"][0]["day"] == days[-2]


async def test_nobody_but_the_sequencer_anchors(till: Till) -> None:
    data = encode_call("AnchorLog", "anchor", 1, NO_LEAVES, 0, 0, 0, NO_LEAVES)
    for name in ("treasurer", "admin", "guardian"):
        with pytest.raises(Exception, match=r"revert|refused|Unauthorized"):
            await till.gateway.call(
                till.runtime.deployment.address("AnchorLog"),
                data,
                sender=till.runtime.signers[name].address,
            )


async def test_a_till_that_forgot_its_orders_goes_on_behind_what_the_chain_has(till: Till) -> None:
    await spend(till, "somchai")
    first = await ended(till)
    assert (await anchored(till))[-1] == first
    async with transaction(till.runtime.engine) as session:
        await session.execute(text("DELETE FROM anchor_orders"))
    assert await keep_up(till.runtime, now=await till.now()) is None
    await spend(till, "malee")
    second = await ended(till)
    assert await anchored(till) == [second]
