"""The staff's log over HTTP: every act and every look is in it, in order, and nothing undoes it."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import text

from api.access import Office
from api.acts import SHOWS_NOBODY
from ledger.audit.staff_check import read_acts
from ledger.db import staff
from ledger.db.api_keys import ROLES, issue_key
from ledger.db.session import snapshot, transaction
from ledger.domain.anchors import day_begins
from ledger.domain.clock import bangkok_day
from ledger.domain.staff_log import StaffAct, check_log
from ledger.domain.staff_sentences import OFFICES, STAFF_SENTENCES, on_what
from tests.integration.till import Till, key_of


async def acts(till: Till, after: int = 0) -> list[StaffAct]:
    async with snapshot(till.runtime.engine) as session:
        return await staff.acts_after(session, after, 1_000)


async def read(till: Till, role: str, path: str) -> httpx.Response:
    return await till.client.get(path, headers=till.named(role))


async def test_an_act_is_written_with_who_what_and_its_orders(till: Till) -> None:
    before = await acts(till)
    answer = await till.post("/v1/campaigns/1/pause", role="guardian")
    (act,) = (await acts(till))[len(before) :]
    assert (act.act, act.by, act.target) == (
        "pause_campaign", "guardian", "/v1/campaigns/1/pause",
    )  # fmt: skip
    assert act.orders == (answer.json()["intent"]["id"],)
    assert act.before == before[-1].hash
    assert check_log(await acts(till), {}).fault is None


async def test_a_look_at_somebodys_data_is_written_before_it_is_shown(till: Till) -> None:
    before = len(await acts(till))
    assert (await read(till, "registrar", "/v1/passes/1")).status_code == 200
    assert (await read(till, "treasurer", "/v1/statements/1?form=csv")).status_code == 200
    assert (await read(till, "treasurer", "/v1/rounds")).status_code == 200
    looked = (await acts(till))[before:]
    assert [(act.act, act.by, act.target, act.orders) for act in looked] == [
        ("read_pass", "registrar", "/v1/passes/1", ()),
        ("any_statement", "treasurer", "/v1/statements/1?form=csv", ()),
    ]


async def test_what_was_refused_or_repeated_is_no_second_act(till: Till) -> None:
    headers = till.named("guardian")
    for _ in range(3):
        await till.client.post("/v1/campaigns/1/pause", headers=headers)
    written = [act for act in await acts(till) if act.act == "pause_campaign"]
    assert len(written) == 1
    before = len(await acts(till))
    refused = await till.post("/v1/campaigns/99/pause", role="guardian")
    assert refused.status_code == 404
    wrong = await till.post("/v1/campaigns/1/pause", role="treasurer")
    assert wrong.status_code == 403
    assert len(await acts(till)) == before


async def test_a_shops_void_is_written_under_its_number(till: Till) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    await till.void("ข้าวซอย", taken, 6_000)
    last = (await acts(till))[-1]
    assert (last.act, last.by) == ("void_redemption", "merchant 1")
    assert "somchai" not in repr(last.written())


async def test_keys_that_are_given_out_stand_in_the_log(till: Till) -> None:
    async with transaction(till.runtime.engine) as session:
        await issue_key(session, name="a friend", roles=["treasurer"], now=await till.now())
    last = (await acts(till))[-1]
    assert (last.act, last.by, last.target) == ("issue_key", "operator", "a friend: treasurer")


async def test_officers_at_once_write_one_chain(till: Till) -> None:
    before = len(await acts(till))
    await asyncio.gather(*(read(till, "registrar", "/v1/passes/1") for _ in range(12)))
    written = await acts(till)
    assert len(written) == before + 12
    assert check_log(written, {}).fault is None


async def test_times_never_go_back_nor_into_a_day_that_is_anchored(till: Till) -> None:
    now = await till.now()
    tomorrow = day_begins(bangkok_day(now) + 1)
    async with transaction(till.runtime.engine) as session:
        head = await staff.hold_head(session)
        head.at = max(head.at, tomorrow)
    await read(till, "registrar", "/v1/passes/1")
    assert (await acts(till))[-1].at == tomorrow


async def test_auditors_read_the_log_page_by_page(till: Till) -> None:
    refused = await read(till, "registrar", "/v1/staff-acts")
    assert refused.status_code == 403
    collected: list[dict[str, Any]] = []
    path = "/v1/staff-acts?limit=4"
    while path:
        page = (await read(till, "auditor", path)).json()
        collected += page["items"]
        path = f"/v1/staff-acts?limit=4&cursor={page['next']}" if page["next"] else ""
    kept = await acts(till)
    assert [one["number"] for one in collected] == [act.number for act in reversed(kept)]
    assert all(one["th"] and one["en"] for one in collected)


async def test_the_log_says_in_words_on_what_and_what_was_asked_for(till: Till) -> None:
    holder = key_of("somchai").address
    await read(till, "registrar", f"/v1/passes?holder={holder}")
    await read(till, "treasurer", "/v1/statements/1?form=csv")
    found = (await read(till, "auditor", "/v1/staff-acts?limit=2")).json()["items"]
    told = [(one["by_th"], one["on_th"], one["on_en"], one["sought_en"]) for one in found]
    assert told == [
        ("treasurer", "ร้านที่ 1", "shop 1", "form csv"),
        ("registrar", "", "", f"key {holder}"),
    ]
    # The address is there beside the words: the hash covers it.
    assert found[0]["target"] == "/v1/statements/1?form=csv"
    assert read_acts(json.dumps(found[::-1]).encode())[0].hash.hex() == found[1]["hash"][2:]


async def test_an_act_that_cannot_be_written_is_not_done_and_nothing_is_shown(till: Till) -> None:
    async with transaction(till.runtime.engine) as session:
        await session.execute(text("UPDATE staff_log_head SET number = 0"))
    assert (await read(till, "registrar", "/v1/passes/1")).status_code >= 500
    assert (await till.post("/v1/campaigns/1/pause", role="guardian")).status_code >= 500
    async with snapshot(till.runtime.engine) as session:
        counted = await session.scalar(text("SELECT count(*) FROM intents WHERE kind = 'pause'"))
    assert counted == 0


def test_every_act_of_an_office_has_a_name_in_both_languages(till: Till) -> None:
    named = {}
    for route in iter_route_contexts(till.app.routes):
        dependant = getattr(route, "dependant", None)
        calls = [each.call for each in dependant.dependencies] if dependant else []
        if any(isinstance(call, Office) for call in calls):
            named[route.name] = route.path
    assert len(named) > 30
    assert named.keys() - SHOWS_NOBODY - STAFF_SENTENCES.keys() == set()
    # What stands in an address stands in the words: nobody has to read the address.
    for act, path in named.items():
        said = on_what(act, path.replace("{number}", "17").replace("{name}", "17"))
        assert [("17" in words) for words in said] == ["{" in path] * 2, path


def test_every_office_has_a_name_in_both_languages() -> None:
    assert OFFICES.keys() == set(ROLES)


@pytest.mark.parametrize("act", sorted(STAFF_SENTENCES))
def test_no_sentence_is_empty(act: str) -> None:
    assert all(STAFF_SENTENCES[act])
