"""Redemptions that come at the same moment share a transaction, and nothing else changes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from sqlalchemy import event, select

from ledger.db import redemptions
from ledger.db.driver import Driver
from ledger.db.index_rows import table_of
from ledger.db.redemptions import Move
from ledger.db.session import transaction
from ledger.db.tables_till import CampaignBudget, RedemptionRecord, UsageCounter
from ledger.domain.redemption import SignedRedemption
from ledger.domain.usage import Usage
from tests.integration.ruled_town import judged_again, pay, refused, with_till
from tests.integration.till import Till, key_of

CROWD = 40


async def crowd(till: Till, *, funds: int = 1_000_000, **rules: Any) -> list[str]:
    """Forty more residents, and a campaign (2) of everything the bill comes to."""
    names = [f"resident {number}" for number in range(CROWD)]
    await till.enrol(*names)
    await till.open_campaign(with_till(**rules), funds=funds)
    return names


async def at_once(till: Till, names: list[str], amount: int, at: int) -> list[httpx.Response]:
    return await asyncio.gather(*(pay(till, name, amount, signed_at=at) for name in names))


@contextmanager
def commits(till: Till) -> Iterator[list[int]]:
    """How many transactions were committed meanwhile."""
    counted = [0]

    def count(_connection: object) -> None:
        counted[0] += 1

    engine = till.runtime.engine.sync_engine
    event.listen(engine, "commit", count)
    yield counted
    event.remove(engine, "commit", count)


async def rows(till: Till, model: Any) -> list[Any]:
    async with transaction(till.runtime.engine) as session:
        return list(await session.execute(select(table_of(model))))


async def test_a_crowd_shares_commits_and_everybody_is_counted_once(till: Till) -> None:
    names = await crowd(till)
    at = await till.step_now(2)
    first = await pay(till, names[0], 500, signed_at=at - 15)
    assert first.status_code == 201, "the first of a campaign begins its budget, alone"
    with commits(till) as counted:
        answers = await at_once(till, names, 1_000, at)
    assert [answer.status_code for answer in answers] == [201] * CROWD
    assert counted[0] < CROWD // 2
    assert len({answer.json()["id"] for answer in answers}) == CROWD
    (spent,) = [row.spent for row in await rows(till, CampaignBudget) if row.campaign == 2]
    assert spent == 500 + 1_000 * CROWD
    used = {row.pass_number: row for row in await rows(till, UsageCounter) if row.campaign == 2}
    assert sorted(row.spent_total for row in used.values()) == [1_000] * (CROWD - 1) + [1_500]
    await till.settle()
    told = (await till.client.get("/v1/campaigns/2")).json()["money"]
    assert (told["spent"], told["pending"]) == (str(spent), "0")


async def test_what_is_kept_of_one_in_a_group_is_what_is_kept_of_one_alone(till: Till) -> None:
    names = await crowd(till)
    at = await till.step_now(2)
    alone = await pay(till, names[0], 700, signed_at=at)
    assert alone.status_code == 201
    for answer in await at_once(till, names[1:4], 700, at):
        assert answer.status_code == 201
        _, verdict = await judged_again(till, answer.json()["verdict"])
        assert verdict.accepted
        ours, theirs = answer.json(), alone.json()
        assert ours.keys() == theirs.keys()
        own = {"id", "pass", "verdict", "receipt", "accepted_at"}
        assert {k: v for k, v in ours.items() if k not in own} == {
            k: v for k, v in theirs.items() if k not in own
        }
    kept = {row.id: row for row in await rows(till, RedemptionRecord)}
    assert len(kept) == 4
    for row in kept.values():
        assert row.status == "accepted"
        assert row.verdict["accepted"] is True
        assert row.intent_id is not None


async def test_a_refusal_in_a_crowd_touches_nobody_else_and_has_its_reason(till: Till) -> None:
    names = await crowd(till)
    at = await till.step_now(2)
    await pay(till, names[0], 100, signed_at=at - 15)
    strangers = ["nobody one", "nobody two"]
    greedy = [pay(till, name, 20_001, signed_at=at) for name in names[:3]]
    others = [pay(till, name, 300, signed_at=at) for name in (*names[3:20], *strangers)]
    answers = await asyncio.gather(*greedy, *others)
    for answer in answers[:3]:
        refused(answer, "day_quota_used")
    assert [answer.status_code for answer in answers[3:20]] == [201] * 17
    for answer in answers[20:]:
        assert answer.json()["code"] == "signature_invalid"


async def test_the_last_satang_of_a_budget_goes_to_exactly_as_many_as_it_is_for(till: Till) -> None:
    names = await crowd(till, funds=100 + 7 * 1_000)
    at = await till.step_now(2)
    assert (await pay(till, names[0], 100, signed_at=at - 15)).status_code == 201
    answers = await at_once(till, names, 1_000, at)
    assert sorted(answer.status_code for answer in answers) == [201] * 7 + [422] * (CROWD - 7)
    for answer in answers:
        if answer.status_code == 422:
            refused(answer, "budget_used")


async def test_one_coupon_many_times_at_once_is_spent_once(till: Till) -> None:
    names = await crowd(till)
    at = await till.step_now(2)
    await pay(till, names[0], 100, signed_at=at - 15)
    answers = await at_once(till, [names[1]] * 20 + names[2:6], 400, at)
    codes = [answer.status_code for answer in answers[:20]]
    assert (codes.count(201), codes.count(422)) == (1, 19)
    assert all(a.json()["code"] == "already_spent" for a in answers[:20] if a.status_code == 422)
    assert [answer.status_code for answer in answers[20:]] == [201] * 4


async def test_the_same_request_twice_in_a_crowd_has_one_effect_and_one_answer(till: Till) -> None:
    names = await crowd(till)
    at = await till.step_now(2)
    await pay(till, names[0], 100, signed_at=at - 15)
    headers = {"idempotency-key": "twice-at-once"}
    who = key_of(names[1])
    message = SignedRedemption(campaign=2, merchant=1, bill=900, amount=900, copay=0, signed_at=at)
    body = till.charge_body(who, message)
    answers = await asyncio.gather(
        *(till.post("/v1/redemptions", body, **headers) for _ in range(5)),
        *(pay(till, name, 200, signed_at=at) for name in names[2:10]),
    )
    codes = sorted(answer.status_code for answer in answers[:5])
    assert codes.count(201) >= 1
    assert set(codes) <= {201, 409}
    again = await till.post("/v1/redemptions", body, **headers)
    (first,) = {answer.content for answer in answers[:5] if answer.status_code == 201}
    assert (again.content, again.headers["idempotency-replayed"]) == (first, "true")
    other = await till.post("/v1/redemptions", body | {"bill": "901"}, **headers)
    assert other.status_code == 422


async def test_a_counter_that_somebody_else_moved_undoes_the_group(till: Till) -> None:
    names = await crowd(till)
    at = await till.step_now(2)
    for name in names[:2]:
        assert (await pay(till, name, 100, signed_at=at - 15)).status_code == 201
    used = {row.pass_number: row for row in await rows(till, UsageCounter) if row.campaign == 2}
    (one, two) = (
        Usage(last_step=row.last_step, spent_today=row.spent_today, spent_total=row.spent_total)
        for _, row in sorted(used.items())
    )
    stale = Usage(last_step=two.last_step - 1, spent_today=0, spent_total=0)
    first, second = sorted(used)
    async with transaction(till.runtime.engine) as session:
        move = Move(campaign=2, pass_number=first, before=one, after=one)
        behind = Move(campaign=2, pass_number=second, before=stale, after=two)
        begun = Move(campaign=2, pass_number=second, before=None, after=two)
        new = Move(campaign=2, pass_number=99, before=None, after=two)
        driver = await Driver.of(session)
        assert await redemptions.move_usages(driver, [move, new])
        assert not await redemptions.move_usages(driver, [move, behind])
        assert not await redemptions.move_usages(driver, [move, begun])
        await session.rollback()
