"""What city hall and the public read: previews that order nothing, figures that add up."""

import csv
import io
from typing import Any

import httpx
import pytest

from ledger.domain.anchors import day_begins
from ledger.domain.clock import bangkok_day
from ledger.services.anchors import keep_up
from tests.integration.till import LUNCH, Till, key_of

OTHER = "=HYPERLINK(1)"


async def read(till: Till, path: str, role: str | None = None) -> Any:
    """What an address answers, as JSON."""
    answer = await till.client.get(path, headers=till.named(role))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def upload(till: Till, path: str, *lines: str) -> httpx.Response:
    """A table, sent by the registrar."""
    headers = till.named("registrar") | {"content-type": "text/csv"}
    return await till.client.post(path, content="\n".join(lines).encode(), headers=headers)


async def spent_town(till: Till) -> dict[str, Any]:
    """Two shops, three redemptions, a void and two refusals, all of it final."""
    other = await till.register(OTHER, category="transport")
    await till.open_campaign(LUNCH | {"name": {"th": "รถเมล์", "en": "Bus"}, "categories": "any"})
    first = await till.pay("somchai", 1, 12_000, 6_000)
    assert first.status_code == 201, first.text
    assert (await till.pay("malee", 1, 8_000, 4_000)).status_code == 201
    assert (await till.pay("malee", other, 2_000, 1_000, campaign=2)).status_code == 201
    for who in ("somchai", "malee"):
        refused = await till.pay(who, 1, 90_000, 45_000, signed_at=await till.step_now(1) + 15)
        assert refused.json()["code"] == "day_quota_used"
    await till.settle()
    assert (await till.void("ข้าวซอย", first.json(), 2_500)).status_code == 202
    return {"other": other, "first": first.json()}


async def test_the_live_view_tells_what_was_accepted_before_the_chain_does(till: Till) -> None:
    assert (await till.pay("lek", 1, 1_000, 500)).status_code == 201
    early = await read(till, "/v1/campaigns/1/live", "guardian")
    assert (early["money"]["pending"], early["money"]["spent"]) == ("500", "0")
    assert [one["amount"] for one in early["shops"]] == ["500"]
    town = await spent_town(till)
    await till.settle()
    live = await read(till, "/v1/campaigns/1/live", "guardian")
    assert live["passes"] == 3
    assert [(one["merchant"], one["amount"], one["redemptions"]) for one in live["shops"]] == [
        (1, "8000", 3)
    ]
    noon = live["hours"][12]
    assert (noon["redemptions"], noon["amount"]) == (3, "8000")
    assert sum(int(one["amount"]) for one in live["hours"]) == 8_000
    (refusals,) = live["refusals"]
    assert (refusals["code"], refusals["refused"], refusals["passes"]) == ("day_quota_used", 2, 2)
    assert refusals["name"]["th"] == "ใช้สิทธิ์ของวันครบแล้ว"
    bus = await read(till, "/v1/campaigns/2/live", "guardian")
    assert [one["merchant"] for one in bus["shops"]] == [town["other"]]


async def test_public_figures_are_the_sum_of_their_days_shops_and_domains(till: Till) -> None:
    await spent_town(till)
    await till.settle()
    one = await read(till, "/v1/campaigns/1/figures")
    assert (one["spent"], one["redemptions"], one["passes"]) == ("7500", 2, 2)
    for figures in (one, await read(till, "/v1/campaigns/2/figures")):
        spent = int(figures["spent"])
        assert sum(int(each["amount"]) for each in figures["shops"]) == spent
        assert sum(int(each["amount"]) for each in figures["domains"]) == spent
        days = figures["days"]
        assert sum(int(each["amount"]) - int(each["voided"]) for each in days) == spent
        assert int(figures["left"]) == int(figures["funded"]) - spent
    (day,) = (await read(till, "/v1/city/days"))["days"]
    assert (day["redemptions"], day["voids"], day["leaves"]) == (3, 1, 4)
    assert (day["amount"], day["voided"]) == ("11000", "2500")
    domains = {each["domain"]: each["amount"] for each in one["domains"]}
    assert domains == {"economy": "7500"}
    bus = await read(till, "/v1/campaigns/2/figures")
    assert {each["domain"] for each in bus["domains"]} == {"mobility"}


async def test_the_anchor_of_a_day_is_what_the_public_figures_come_to(till: Till) -> None:
    await spent_town(till)
    await till.settle()
    day = bangkok_day(await till.now())
    await till.sleep_until(day_begins(day + 1) + 43_200)
    await till.settle()
    while await keep_up(till.runtime, now=await till.now()) is not None:
        await till.settle()
    (shown,) = (await read(till, "/v1/city/days"))["days"]
    anchored = await read(till, f"/v1/anchors/{day}")
    assert anchored["date"] == shown["day"]
    for figure in ("leaves", "amount", "copay"):
        assert anchored[figure] == shown[figure], figure


async def test_each_table_downloads_and_no_cell_is_a_formula(till: Till) -> None:
    await spent_town(till)
    await till.settle()
    for table, count in (("days", 1), ("shops", 1), ("domains", 1), ("refusals", 0)):
        answer = await till.client.get(f"/v1/campaigns/2/figures?form=csv&table={table}")
        assert answer.headers["content-type"].startswith("text/csv")
        assert f"campaign-2-{table}.csv" in answer.headers["content-disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) == count
        assert not any(
            cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values()
        )
        if table == "shops":
            assert rows[0]["name_th"] == "'" + OTHER
    days = await till.client.get("/v1/city/days?form=csv")
    assert "2025-10-29" in days.text


async def test_figures_of_no_campaign_are_not_found(till: Till) -> None:
    answer = await till.client.get("/v1/campaigns/99/figures")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_campaign")


async def test_a_draft_is_read_aloud_or_each_fault_is_named(till: Till) -> None:
    good = await till.post("/v1/policies/check", {"policy": LUNCH}, role="campaign_officer")
    assert good.status_code == 200, good.text
    assert good.json()["faults"] == []
    assert "ข้าวกลางวัน" in good.json()["sentences"]["th"][0]
    bad = {"policy": LUNCH | {"share_basis_points": 0, "allowance": "x"}}
    told = (await till.post("/v1/policies/check", bad, role="approver")).json()
    pointers = {each["pointer"] for each in told["faults"]}
    assert pointers == {"/share_basis_points", "/allowance"}
    assert told["sentences"] is None
    dear = {"policy": LUNCH, "budget": "100000", "people": 5}
    told = (await till.post("/v1/policies/check", dear, role="approver")).json()
    assert [each["pointer"] for each in told["faults"]] == ["/budget"]


async def test_a_preview_names_every_bad_line_and_orders_nothing(till: Till) -> None:
    head = "address,class,district"
    new, known = key_of("new").address, key_of("somchai").address
    answer = await upload(
        till, "/v1/passes/preview", head, f"{new},resident,1", f"{known},resident,1"
    )
    told = answer.json()
    assert (told["ready"], [each["line"] for each in told["bad"]]) == (0, [3])
    # What cannot be read and what the register refuses are named at once, fault by fault.
    mixed = (f"{new},resident,1", f"{known},king,99", f"{new},resident,1")
    told = (await upload(till, "/v1/passes/preview", head, *mixed)).json()
    assert [each["line"] for each in told["bad"]] == [3, 3, 3, 4]
    answer = await upload(till, "/v1/passes/preview", head, f"{new},resident,1")
    assert answer.json() == {"ready": 1, "bad": []}
    held = await read(till, f"/v1/passes?holder={new}", "registrar")
    assert held["items"] == []


SHOPS = "payout,kind,category,district,name_th,name_en,latitude,longitude"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{new},restaurant,transport,1,ก,a,,", "the place is a restaurant"),
        ("{new},restaurant,restaurant,1,วัดพระสิงห์,Wat Phra Singh,,", "the place is a temple"),
        ("{new},restaurant,restaurant,99,ก,a,,", "district"),
        ("{new},restaurant,restaurant,1,,a,,", "name_th"),
        ("{new},restaurant,restaurant,1,ก,a,91,98", "latitude"),
        ("{new},restaurant,restaurant,1,ก,a,NaN,98", "latitude"),
        ("{new},restaurant,restaurant,1,ก,a,18,", "longitude"),
        ("{new},palace,restaurant,1,ก,a,,", "kind"),
        ("0x12,restaurant,restaurant,1,ก,a,,", "payout"),
        ("{paid},restaurant,restaurant,1,ก,a,,", "merchant 1 is paid"),
    ],
)
async def test_a_bad_shop_keeps_every_shop_of_its_table_out(
    till: Till, line: str, why: str
) -> None:
    good = f"{key_of('good').address},restaurant,restaurant,1,ดี,Good,18.79,98.98"
    bad = line.format(new=key_of("new").address, paid=key_of("ข้าวซอย").address)
    told = (await upload(till, "/v1/merchants/preview", SHOPS, good, bad)).json()
    assert [each["line"] for each in told["bad"]] == [3]
    assert why in told["bad"][0]["why"]
    both = (bad, f"{key_of('ข้าวซอย').address},palace,zoo,1,ก,a,,")
    named = (await upload(till, "/v1/merchants/preview", SHOPS, *both)).json()["bad"]
    whys = {each["why"].partition(":")[0] for each in named if each["line"] == 3}
    assert whys >= {"kind", "category", "merchant 1 is paid at this address"}
    refused = await upload(till, "/v1/merchants/table", SHOPS, good, bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "csv_invalid")
    assert len((await read(till, "/v1/merchants"))["items"]) == 1


async def test_shops_of_a_good_table_are_registered_with_their_places(till: Till) -> None:
    rows = [
        f"{key_of(name).address},cafe,restaurant,7,{name},{name},18.7{index},98.98"
        for index, name in enumerate(("ก ไก่", "ข ไข่"))
    ]
    answer = await upload(till, "/v1/merchants/table", SHOPS, *rows)
    assert answer.status_code == 202, answer.text
    assert len(answer.json()["intents"]) == 2
    await till.settle()
    items = (await read(till, "/v1/merchants"))["items"]
    assert [(one["name_th"], one["latitude"]) for one in items[1:]] == [
        ("ก ไก่", "18.700000"),
        ("ข ไข่", "18.710000"),
    ]


async def test_a_key_tells_whose_it_is(till: Till) -> None:
    assert await read(till, "/v1/office", "treasurer") == {
        "name": "treasurer", "roles": ["treasurer"],
    }  # fmt: skip
