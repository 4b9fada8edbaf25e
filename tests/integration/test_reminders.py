"""Reminders in a town: who has not used a coupon is told once, and nobody else."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx

from ledger.services.messages import DatabaseOutbox, FileAdapter, deliver
from tests.integration.till import LUNCH, Till

DAY = 86_400


async def reminded(till: Till, days: int, *, number: int = 1, role: str | None = None) -> Any:
    return await till.post(
        f"/v1/campaigns/{number}/remind", {"days": days}, role=role or "campaign_officer"
    )


async def listed(till: Till, query: str = "") -> list[dict[str, Any]]:
    answer = await till.client.get(f"/v1/messages{query}", headers=till.named("campaign_officer"))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def marked(till: Till, **outcome: Any) -> httpx.Response:
    body = {"outcomes": [outcome]}
    return await till.post("/v1/messages/outcomes", body, role="campaign_officer")


async def first_use(till: Till) -> int:
    """A second campaign whose first use has a deadline two days away; its number."""
    policy = {**LUNCH, "first_use_by": "2025-10-31T12:00:00+07:00"}
    return await till.open_campaign(policy)


async def test_who_has_not_used_a_coupon_is_reminded_once_of_the_first_use(till: Till) -> None:
    number = await first_use(till)
    assert (await till.pay("somchai", 1, 1_000, 500, campaign=number)).status_code == 201
    assert (await reminded(till, 1, number=number)).json()["due"] == 0
    first = (await reminded(till, 3, number=number)).json()
    assert (first["due"], first["queued"]) == (2, 2)
    # On the chain or only at the till, a use is a use.
    await till.settle()
    again = (await reminded(till, 5, number=number)).json()
    assert (again["due"], again["queued"]) == (2, 0)
    found = await listed(till)
    assert [each["pass"] for each in found] == [2, 3]
    assert {each["template"] for each in found} == {"first_use"}
    assert found[0]["th"] == "คูปอง“ข้าวกลางวัน” ใช้ครั้งแรกภายใน 31 ต.ค. 2568 12:00 น."


async def test_officers_who_remind_at_once_queue_each_message_once(till: Till) -> None:
    number = await first_use(till)
    answers = await asyncio.gather(*(reminded(till, 3, number=number) for _ in range(5)))
    assert [each.status_code for each in answers] == [200] * 5
    assert sum(each.json()["queued"] for each in answers) == 3
    assert len(await listed(till)) == 3


async def test_a_forced_use_the_till_never_saw_counts_too(till: Till) -> None:
    number = await first_use(till)
    assert (await till.pay("malee", 1, 1_000, 500, campaign=number)).status_code == 201
    await till.settle()
    async with till.runtime.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM usage_counters")
    await reminded(till, 3, number=number)
    assert [each["pass"] for each in await listed(till)] == [1, 3]


async def test_a_coupon_with_something_left_is_reminded_of_its_end(till: Till) -> None:
    at = await till.step_now(1)
    assert (await till.pay("lek", 1, 20_000, 10_000, signed_at=at)).status_code == 201
    answer = await reminded(till, 60)
    assert answer.json()["due"] == 0
    ends = (await till.client.get("/v1/campaigns/1")).json()["terms"]["ends"]
    await till.settle()
    await till.sleep_until(ends - 2 * DAY)
    await till.sync()
    assert (await reminded(till, 3)).json()["queued"] == 3
    by_pass = {each["pass"]: each for each in await listed(till)}
    assert "เหลือ 1,900 บ." in by_pass[3]["th"]
    assert "เหลือ 2,000 บ." in by_pass[1]["th"]
    assert by_pass[1]["due"] == ends


async def test_a_suspended_pass_is_not_reminded_of_what_it_cannot_have(till: Till) -> None:
    number = await first_use(till)
    body = {"status": "suspended", "reason": "ตรวจสอบตามคำร้องเรียน"}
    await till.order("registrar", "/v1/passes/2/status", body)
    await reminded(till, 3, number=number)
    assert [each["pass"] for each in await listed(till)] == [1, 3]


async def test_messages_leave_as_files_and_are_marked(till: Till, tmp_path: Path) -> None:
    number = await first_use(till)
    await reminded(till, 3, number=number)
    outbox = DatabaseOutbox(till.runtime.engine, await till.now())
    (tmp_path / "file").write_text("")
    done = await deliver(outbox, FileAdapter(tmp_path / "file"))
    assert (done.sent, done.failed) == (0, 3)
    assert {each["status"] for each in await listed(till)} == {"failed"}
    done = await deliver(outbox, FileAdapter(tmp_path / "out"))
    assert (done.sent, done.failed) == (3, 0)
    lines = [
        json.loads(line)
        for path in (tmp_path / "out").iterdir()
        for line in path.read_text().splitlines()
    ]
    found = await listed(till, "?status=sent")
    assert {each["id"] for each in lines} == {each["id"] for each in found}
    assert {each["attempts"] for each in found} == {2}
    assert (await deliver(outbox, FileAdapter(tmp_path / "out"))).sent == 0
    late = DatabaseOutbox(till.runtime.engine, found[0]["due"])
    assert await late.waiting(10) == []


async def test_what_was_sent_stays_so_and_what_is_unknown_counts_nothing(till: Till) -> None:
    number = await first_use(till)
    await reminded(till, 3, number=number)
    (first, *_) = await listed(till, "?status=waiting")
    assert (await marked(till, id=first["id"], sent=True)).json() == {"marked": 1}
    assert (await marked(till, id=first["id"], sent=False, why="late")).json() == {"marked": 0}
    assert (await marked(till, id="msg_" + "a" * 24, sent=True)).json() == {"marked": 0}
    assert (await marked(till, id="nonsense", sent=True)).status_code == 422
    for _ in range(5):
        waiting = await listed(till, "?status=waiting&limit=1")
        assert (await marked(till, id=waiting[0]["id"], sent=False, why="x")).status_code == 200
    page = await till.client.get("/v1/messages?limit=2", headers=till.named("campaign_officer"))
    following = page.json()["next"]
    assert len(await listed(till, f"?limit=2&cursor={following}")) == 1


async def test_only_an_officer_reminds_and_only_of_an_open_campaign(till: Till) -> None:
    assert (await reminded(till, 3, role="registrar")).status_code == 403
    assert (await reminded(till, 3, number=99)).json()["code"] == "unknown_campaign"
    assert (await reminded(till, 0)).status_code == 422
    assert (await reminded(till, 61)).status_code == 422
    await till.order("guardian", "/v1/campaigns/1/pause")
    assert (await reminded(till, 3)).json()["code"] == "wrong_state"
    assert (await till.client.get("/v1/messages")).status_code == 401
