"""Ambassadors help under their own names, so often a day, with one thing; three officers, three
steps."""

import asyncio
from typing import Any

import httpx
import pytest

from ledger.db.api_keys import issue_key
from ledger.db.session import transaction
from ledger.services import assistance
from tests.integration.problems_expected import expect_problem, rows
from tests.integration.till import LUNCH, Till, key_of

WHY = "โทรศัพท์ตกน้ำ ตรวจบัตรประชาชนแล้ว"


async def helped(till: Till, number: int, to: str, *, role: str = "ambassador") -> httpx.Response:
    body = {"kind": "lost_phone", "pass": number, "to": key_of(to).address, "reason": WHY}
    return await till.post("/v1/assisted/moves", body, role=role)


async def officer(till: Till, name: str, *roles: str) -> str:
    """A new officer whose key opens as `name`."""
    async with transaction(till.runtime.engine) as session:
        till.keys = {**till.keys, name: await issue_key(session, name=name, roles=roles, now=1)}
    return name


# Ambassadors


async def test_an_ambassador_moves_a_lost_phones_pass_and_is_named_for_it(till: Till) -> None:
    await officer(till, "คุณครูพร", "ambassador")
    answer = await helped(till, 2, "malee's new phone", role="คุณครูพร")
    assert answer.status_code == 202, answer.text
    intent = answer.json()["intent"]["id"]
    await till.turn()
    own = await till.client.get(f"/v1/intents/{intent}", headers=till.named("คุณครูพร"))
    assert own.json()["status"] == "included"
    moved = await till.signed(key_of("malee's new phone"), "GET", "/v1/me/pass")
    assert moved.json()["pass"] == 2

    listed = await till.client.get("/v1/assisted", headers=till.named("registrar"))
    (act,) = listed.json()["items"]
    assert (act["ambassador"], act["pass"], act["kind"]) == ("คุณครูพร", 2, "lost_phone")
    assert (act["from"], act["to"]) == (
        key_of("malee").address,
        key_of("malee's new phone").address,
    )
    assert (act["reason"], act["intent"]) == (WHY, intent)


async def test_the_registrars_own_moves_are_no_assisted_acts(till: Till) -> None:
    to = {"to": key_of("new phone").address, "reason": WHY}
    answer = await till.post("/v1/passes/2/rebind", to, role="registrar")
    assert answer.status_code == 202, answer.text
    assert await rows(till, "assisted_acts") == 0


async def test_an_ambassador_follows_its_own_orders_and_nobody_elses(till: Till) -> None:
    order = await till.post("/v1/campaigns/1/pause", role="guardian")
    path = f"/v1/intents/{order.json()['intent']['id']}"
    await expect_problem(
        await till.client.get(path, headers=till.named("ambassador")), 404, "unknown_intent"
    )
    assert (await till.client.get(path, headers=till.named("registrar"))).status_code == 200


async def test_twenty_acts_a_day_and_not_one_more_however_they_arrive(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistance, "ACTS_PER_DAY_MAX", 3)
    people = [f"resident {number}" for number in range(8)]
    await till.enrol(*people)
    answers = await asyncio.gather(
        *(helped(till, 4 + number, f"new phone {number}") for number in range(8))
    )
    refused = [answer.json()["code"] for answer in answers if answer.status_code != 202]
    assert (len(refused), set(refused)) == (5, {"assisted_day_limit_used"})
    assert await rows(till, "assisted_acts") == 3
    await officer(till, "another", "ambassador")
    assert (await helped(till, 1, "somchai's new phone", role="another")).status_code == 202
    await till.sleep_until(await till.now() + 86_400)
    assert (await helped(till, 2, "malee's new phone")).status_code == 202


async def test_acts_are_read_page_by_page_newest_first(till: Till) -> None:
    for number in (1, 2, 3):
        assert (await helped(till, number, f"new phone {number}")).status_code == 202
    seen: list[int] = []
    path: str | None = "/v1/assisted?limit=2"
    while path:
        page = (await till.client.get(path, headers=till.named("admin"))).json()
        seen += [act["pass"] for act in page["items"]]
        path = f"/v1/assisted?limit=2&cursor={page['next']}" if page["next"] else None
    assert seen == [3, 2, 1]


async def test_help_with_nothing_or_to_somebody_elses_key_is_no_act(till: Till) -> None:
    await expect_problem(await helped(till, 99, "new phone"), 404, "unknown_pass")
    await expect_problem(await helped(till, 1, "malee"), 409, "conflict")
    body = {"kind": "spend", "pass": 1, "to": key_of("new").address, "reason": WHY}
    spent = await till.post("/v1/assisted/moves", body, role="ambassador")
    await expect_problem(spent, 422, "input_invalid")
    assert await rows(till, "assisted_acts") == 0


# Drafting, approving and issuing are three people


async def drafted(till: Till, by: str) -> int:
    policy: dict[str, Any] = LUNCH | {"allowance": "190000"}
    return int((await till.order(by, "/v1/campaigns", {"policy": policy}))["campaign"])


async def test_one_officer_with_every_role_takes_one_step_of_a_campaign(till: Till) -> None:
    everybody = await officer(till, "one", "campaign_officer", "approver", "issuer")
    number = await drafted(till, everybody)
    own = await till.post(f"/v1/campaigns/{number}/approve", role=everybody)
    problem = await expect_problem(own, 403, "same_person")
    assert "draft" in problem["detail_en"]
    await till.order("approver", f"/v1/campaigns/{number}/approve")
    own = await till.post(f"/v1/campaigns/{number}/issue", role=everybody)
    await expect_problem(own, 403, "same_person")
    await till.order("issuer", f"/v1/campaigns/{number}/issue")
    assert (await till.client.get(f"/v1/campaigns/{number}")).json()["status"] == "open"


async def test_who_approved_does_not_issue(till: Till) -> None:
    two = await officer(till, "two", "approver", "issuer")
    number = await drafted(till, "campaign_officer")
    await till.order(two, f"/v1/campaigns/{number}/approve")
    own = await till.post(f"/v1/campaigns/{number}/issue", role=two)
    problem = await expect_problem(own, 403, "same_person")
    assert "approve" in problem["detail_en"]
    await till.order("issuer", f"/v1/campaigns/{number}/issue")


async def test_a_second_key_of_the_same_officer_is_the_same_officer(till: Till) -> None:
    first = await officer(till, "ปลัดสมหญิง", "campaign_officer")
    number = await drafted(till, first)
    await officer(till, "ปลัดสมหญิง", "approver")
    own = await till.post(f"/v1/campaigns/{number}/approve", role="ปลัดสมหญิง")
    await expect_problem(own, 403, "same_person")


async def test_steps_of_other_campaigns_bind_nobody(till: Till) -> None:
    both = await officer(till, "both", "campaign_officer", "approver")
    await drafted(till, both)
    second = await drafted(till, "campaign_officer")
    await till.order(both, f"/v1/campaigns/{second}/approve")
