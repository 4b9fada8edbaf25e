"""Webhooks at least once, out of order: numbered, with ids, signed, and sent again (FAULTS 22)."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from ledger.db.session import reading, transaction
from ledger.services import webhook_work
from ledger.services.webhook_work import Webhooks
from tests.integration.conftest import Town
from tests.integration.till import Till, key_of
from tests.integration.treasury import CLOSED, answered, banked, paid_lunch, sent, settled, tomorrow
from tests.integration.webhook_city import Wall, pay_at, teller, turn, two_servers, until, working
from tests.integration.webhook_consumer import Consumer, Heard, open_consumer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
SHOP = "ข้าวซอย"
OTHER_SHOP = "กาแฟดอย"
PAYERS = ("somchai", "malee", "lek")


@pytest.fixture
def consumer(tmp_path: Path) -> Iterator[Consumer]:
    with open_consumer(tmp_path / "heard.ndjson") as opened:
        yield opened


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
async def work(till: Till, wall: Wall) -> AsyncIterator[Webhooks]:
    async with working(till, wall) as opened:
        yield opened


async def add(till: Till, url: str, shop: str = SHOP) -> dict[str, Any]:
    answer = await till.signed(key_of(shop), "POST", "/v1/webhooks", {"url": url})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def ask(till: Till, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = await till.signed(key_of(SHOP), method, f"/v1/webhooks/{path}", body)
    assert answer.status_code < 300, answer.text
    return dict(answer.json())


def stories(heard: list[Heard], name: str) -> list[str]:
    return [one.told["type"] for one in heard if one.told["data"].get("redemption") == name]


async def test_a_redemption_is_told_from_the_till_to_finality_and_each_delivery_is_signed(
    till: Till, work: Webhooks, consumer: Consumer
) -> None:
    webhook = await add(till, consumer.url())
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    await turn(work)
    await till.turn()
    await turn(work)
    await till.settle()
    await turn(work)
    assert (await till.void(SHOP, taken, 6_000)).status_code == 202
    await till.settle()
    await turn(work)

    heard = consumer.heard
    told = [one.told for one in heard]
    assert stories(heard, taken["id"]) == [
        "redemption.accepted",
        "redemption.included",
        "redemption.final",
        "redemption.voided",
    ]
    assert [one["sequence"] for one in told] == [1, 2, 3, 4]
    assert all(one.is_signed(webhook["secret"]) for one in heard)
    assert not any(one.is_signed("whsec_" + "A" * 43 + "=") for one in heard)
    assert {one["stream"] for one in told} == {"merchant 1"}
    assert told[0]["data"]["amount"] == "6000"
    assert told[3]["data"]["voided"] == "6000"
    shown = await ask(till, "GET", webhook["webhook"])
    assert (shown["position"], shown["pending"], shown["failures"]) == (4, 0, 0)
    assert "secret" not in shown


async def test_nobody_is_named_in_an_event_and_a_shop_hears_its_own_alone(
    till: Till, work: Webhooks, consumer: Consumer
) -> None:
    assert await till.register(OTHER_SHOP) == 2
    await add(till, consumer.url("/ok"), SHOP)
    await add(till, consumer.url("/ok"), OTHER_SHOP)
    await till.post("/v1/webhooks", {"url": consumer.url("/ok")}, role="treasurer")
    for number, who in enumerate(PAYERS):
        assert (await till.pay(who, 1 + number % 2, 8_000, 4_000)).status_code == 201
    await turn(work)

    by_stream: dict[str, list[dict[str, Any]]] = {}
    for one in consumer.heard:
        by_stream.setdefault(one.told["stream"], []).append(one.told)
        for who in PAYERS:
            assert key_of(who).address.lower() not in one.body.decode().lower()
        assert one.told["data"].keys().isdisjoint({"pass", "holder", "device", "signature"})
    shops = {
        stream: {one["data"]["merchant"] for one in told} for stream, told in by_stream.items()
    }
    assert shops == {"merchant 1": {1}, "merchant 2": {2}, "city": {1, 2}}
    for told in by_stream.values():
        assert sorted(one["sequence"] for one in told) == list(range(1, len(told) + 1))


async def test_a_consumer_killed_and_started_again_hears_everything_at_least_once(
    till: Till, work: Webhooks, consumer: Consumer, wall: Wall
) -> None:
    await add(till, consumer.url())
    names = []
    for round_, who in enumerate(PAYERS):
        if round_ == 1:
            consumer.kill()
        names.append((await till.pay(who, 1, 8_000, 4_000)).json()["id"])
        await turn(work)
    (waiting,) = (await ask_all(till))["items"]
    assert (waiting["pending"], waiting["failures"]) == (2, 1)
    consumer.start()
    await turn(work)
    assert len(consumer.heard) == 1, "it waits before it tries again"
    wall.moved += 60
    await turn(work)

    seen = {one.id: one.told for one in consumer.heard}
    assert sorted(one["sequence"] for one in seen.values()) == [1, 2, 3]
    assert {one["data"]["redemption"] for one in seen.values()} == set(names)


async def ask_all(till: Till) -> dict[str, Any]:
    return dict((await till.signed(key_of(SHOP), "GET", "/v1/webhooks")).json())


async def test_a_consumer_that_lost_its_memory_finds_the_gap_and_is_sent_it_again(
    till: Till, work: Webhooks, consumer: Consumer
) -> None:
    webhook = (await add(till, consumer.url()))["webhook"]
    for who in PAYERS:
        assert (await till.pay(who, 1, 8_000, 4_000)).status_code == 201
    await turn(work)
    first = {one.sequence: one.id for one in consumer.heard}
    consumer.file.write_bytes(b"")

    kept = await ask(till, "GET", f"{webhook}/events?after=1&limit=1")
    assert [one["sequence"] for one in kept["items"]] == [2]
    assert (kept["position"], kept["last"], kept["oldest"]) == (2, 3, 1)
    assert kept["items"][0]["id"] == first[2]
    await ask(till, "POST", f"{webhook}/replay", {"after": 1})
    await turn(work)
    again = {one.sequence: one.id for one in consumer.heard}
    assert again == {2: first[2], 3: first[3]}, "the same ids: whoever has them drops them"

    beyond = await till.signed(key_of(SHOP), "POST", f"/v1/webhooks/{webhook}/replay", {"after": 4})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "input_invalid")


async def test_what_fails_holds_up_neither_another_event_nor_another_address(
    till: Till, work: Webhooks, consumer: Consumer, wall: Wall
) -> None:
    dead = (await add(till, consumer.url("/fail")))["webhook"]
    await add(till, consumer.url("/ok"))
    for who in PAYERS:
        assert (await till.pay(who, 1, 8_000, 4_000)).status_code == 201
        await turn(work)
    assert len(consumer.heard_at("/ok")) == 3
    assert len(consumer.heard_at("/fail")) == 1, "an address that fails is tried with one"
    for _ in range(2):
        wall.moved += 3_600
        await turn(work)
    tried = [one.sequence for one in consumer.heard_at("/fail")]
    assert sorted(tried) == [1, 2, 3], "what was tried least comes first"
    rows = (await ask(till, "GET", f"{dead}/deliveries?status=pending"))["items"]
    assert {(row["answered"], row["why"]) for row in rows} == {(500, "answered 500")}


@pytest.mark.parametrize(
    ("path", "answered", "delivered"), [("/redirect", 302, False), ("/endless", 200, True)]
)
async def test_a_redirect_is_not_followed_and_an_endless_answer_is_hung_up_on(
    till: Till, work: Webhooks, consumer: Consumer, path: str, answered: int, delivered: bool
) -> None:
    webhook = (await add(till, consumer.url(path)))["webhook"]
    assert (await till.pay("somchai", 1, 8_000, 4_000)).status_code == 201
    await turn(work)
    assert [one.path for one in consumer.heard] == [path]
    (row,) = (await ask(till, "GET", f"{webhook}/deliveries"))["items"]
    assert (row["answered"], row["status"] == "delivered") == (answered, delivered)


async def test_an_address_that_is_gone_or_dead_for_days_is_disabled_and_says_why(
    till: Till, work: Webhooks, consumer: Consumer, wall: Wall
) -> None:
    gone = (await add(till, consumer.url("/gone")))["webhook"]
    dead = (await add(till, consumer.url("/fail")))["webhook"]
    assert (await till.pay("somchai", 1, 8_000, 4_000)).status_code == 201
    await turn(work)
    assert (await ask(till, "GET", gone))["status"] == "disabled"
    assert (await ask(till, "GET", dead))["status"] == "active"
    for _ in range(4):
        wall.moved += 86_400
        await turn(work)
    shown = await ask(till, "GET", dead)
    assert (shown["status"], shown["why"]) == ("disabled", "nothing was taken for three days")
    tried = len(consumer.heard)
    assert (await till.pay("malee", 1, 8_000, 4_000)).status_code == 201
    wall.moved += 86_400
    await turn(work)
    assert len(consumer.heard) == tried, "a disabled address is sent nothing"
    refused = await till.signed(key_of(SHOP), "POST", f"/v1/webhooks/{dead}/replay", {"after": 0})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")

    kept = await ask(till, "GET", f"{dead}/events")
    assert kept["last"] == 2, "what it missed can still be fetched"
    await ask(till, "POST", f"{dead}/enable")
    await turn(work)
    assert len(consumer.heard) > tried


async def test_the_code_of_the_page_for_integrators_reads_what_is_delivered_and_finds_gaps(
    till: Till, work: Webhooks, consumer: Consumer
) -> None:
    page = PAGE.read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    theirs: dict[str, Any] = {}
    exec(code, theirs)
    webhook = await add(till, consumer.url())
    for who in PAYERS:
        assert (await till.pay(who, 1, 8_000, 4_000)).status_code == 201
    await turn(work)
    heard = consumer.heard
    for one in heard:
        assert theirs["read"](webhook["secret"], one.headers, one.body) == one.told
        for headers in (one.headers, one.headers | {"webhook-id": "evt_other"}):
            with pytest.raises(ValueError, match="not signed by the city"):
                theirs["read"](webhook["secret"], headers, one.body + b" ")
        theirs["time"] = SimpleNamespace(time=lambda: int(heard[0].at) + 400)
        with pytest.raises(ValueError, match="too old"):
            theirs["read"](webhook["secret"], one.headers, one.body)
        theirs["time"] = time
    numbers = [one.sequence for one in heard]
    assert theirs["gaps"](numbers) == []
    assert theirs["gaps"]([2, 3, 7, 9, 9]) == [0, 3, 7]
    shape = json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    assert shape.keys() == heard[0].told.keys()
    assert shape["data"].keys() == heard[0].told["data"].keys()


async def test_a_rotated_secret_and_the_one_before_are_both_good_for_a_day(
    till: Till, work: Webhooks, consumer: Consumer, wall: Wall
) -> None:
    old = await add(till, consumer.url())
    new = await ask(till, "POST", f"{old['webhook']}/rotate")
    assert new["secret"] != old["secret"]
    assert (await till.pay("somchai", 1, 8_000, 4_000)).status_code == 201
    await turn(work)
    assert all(consumer.heard[0].is_signed(each["secret"]) for each in (old, new))
    wall.moved += 86_401
    assert (await till.pay("malee", 1, 8_000, 4_000)).status_code == 201
    await turn(work)
    late = consumer.heard[1]
    signatures = late.headers["webhook-signature"].split(" ")
    assert len(signatures) == 1
    assert not Heard(late.path, late.headers, late.body, late.at).is_signed(old["secret"])


async def test_payments_are_told_as_the_bank_says_of_them(
    till: Till, work: Webhooks, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_work, "PAYMENTS_SECONDS", 0)
    await add(till, consumer.url())
    await banked(till, 0)
    await banked(till, 1, CLOSED)
    await paid_lunch(till)
    await tomorrow(till)
    number = (await settled(till))["round"]
    bank = await sent(till, number)
    await turn(work)
    await answered(till, bank.answer_pain002())
    await turn(work)
    await answered(till, bank.answer_pain002(bank.give_back(CLOSED)))
    await turn(work)
    told = [one.told for one in consumer.heard if one.told["type"].startswith("payout.")]
    assert [one["type"] for one in told] == ["payout.ordered", "payout.paid", "payout.returned"]
    assert {(one["data"]["round"], one["data"]["amount"]) for one in told} == {(number, "6000")}
    assert all(CLOSED not in one.body.decode() for one in consumer.heard)


async def test_the_same_answer_is_given_to_a_till_whether_or_not_anybody_hears(
    till: Till, work: Webhooks, consumer: Consumer
) -> None:
    assert (await till.pay("somchai", 1, 8_000, 4_000)).status_code == 201
    assert await turn(work) == 0, "without an endpoint nothing is written"
    async with reading(till.runtime.engine) as connection:
        assert (await connection.execute(text("SELECT * FROM webhook_told"))).first() is None
    await add(till, consumer.url("/slow"))
    assert (await till.pay("malee", 1, 8_000, 4_000)).status_code == 201
    await work.step()
    assert (await till.pay("lek", 1, 8_000, 4_000)).status_code == 201, (
        "no till waits for a consumer"
    )


async def test_what_came_while_nobody_told_is_told_by_whoever_leads_next(
    till: Till, work: Webhooks, consumer: Consumer, wall: Wall
) -> None:
    await add(till, consumer.url())
    await turn(work)
    taken = (await till.pay("somchai", 1, 8_000, 4_000)).json()["id"]
    await till.settle()
    assert (await till.redemption(taken))["status"] == "final"
    await work.retire()
    async with working(till, wall) as standby:
        await turn(standby)
    assert stories(consumer.heard, taken) == ["redemption.final"]


async def test_of_two_processes_one_tells_and_the_numbers_have_no_gap(
    till: Till, work: Webhooks, consumer: Consumer, wall: Wall
) -> None:
    await add(till, consumer.url())
    async with working(till, wall) as standby:
        for who in PAYERS:
            assert (await till.pay(who, 1, 8_000, 4_000)).status_code == 201
            told = await asyncio.gather(turn(work), turn(standby))
            assert sorted(told) == [0, 1]
    assert sorted(one.sequence for one in consumer.heard) == [1, 2, 3]


async def test_an_event_no_longer_kept_is_said_to_be_so(
    till: Till, work: Webhooks, consumer: Consumer
) -> None:
    webhook = (await add(till, consumer.url()))["webhook"]
    for who in PAYERS:
        assert (await till.pay(who, 1, 8_000, 4_000)).status_code == 201
    await turn(work)
    async with transaction(till.runtime.engine) as session:
        await webhook_work.webhook_events.prune(session, before=await till.now() + 1)
    kept = await ask(till, "GET", f"{webhook}/events")
    assert (kept["items"], kept["last"], kept["oldest"]) == ([], 3, None)
    await turn(work)
    assert len(consumer.heard) == 3, "what was forgotten is not told anew"


@pytest.mark.timeout(300)
async def test_f22_a_process_killed_in_mid_delivery_is_followed_by_one_that_delivers_it_again(
    till: Till, town: Town, consumer: Consumer, tmp_path: Path
) -> None:
    webhook = await add(till, consumer.url("/first"))

    async def in_flight() -> bool:
        return len(consumer.heard) == 1

    async def all_told() -> bool:
        await till.mine()
        told = {one.sequence: one.told for one in consumer.heard}
        final = [one for one in told.values() if one["type"] == "redemption.final"]
        return len(final) == len(PAYERS) and sorted(told) == list(range(1, len(told) + 1))

    async with two_servers(till, town, tmp_path) as servers:
        await pay_at(till, servers[0], "somchai")
        await until(in_flight)
        killed = await teller(till, servers)
        killed.kill()
        (survivor,) = [one for one in servers if one is not killed]
        await pay_at(till, survivor, "malee")
        consumer.kill()
        await pay_at(till, survivor, "lek")
        consumer.start()
        await until(all_told)
    heard = consumer.heard
    first = [one.id for one in heard if one.sequence == 1]
    assert len(first) >= 2 and len(set(first)) == 1, "again, under the id it had"
    by_number = {one.sequence: one.id for one in heard}
    assert len({one.id for one in heard}) == len(by_number), "one id for each number"
    assert all(one.is_signed(webhook["secret"]) for one in heard)
