"""Statements say where every satang is, and agree with the chain; a campaign's account is zero."""

import csv
import io
from typing import Any

from sqlalchemy import text

from ledger.db.session import transaction
from tests.integration.problems_expected import expect_problem
from tests.integration.till import LUNCH, Till, key_of
from tests.integration.treasury import (
    CLOSED,
    answered,
    banked,
    carried,
    made,
    paid_lunch,
    sent,
    settled,
    tomorrow,
)

SHOP = "ข้าวซอย"


async def statement(till: Till, number: int = 1) -> dict[str, Any]:
    headers = till.named("treasurer")
    answer = await till.client.get(f"/v1/statements/{number}", headers=headers)
    assert answer.status_code == 200, answer.text
    told = dict(answer.json())
    assert told["agrees"], told
    assert sum(int(satang) for satang in told["sums"].values()) == int(told["on_chain"])
    return told


async def account(till: Till, campaign: int = 1) -> dict[str, int]:
    path = f"/v1/campaigns/{campaign}/account"
    told = (await till.client.get(path, headers=till.named("treasurer"))).json()
    assert told["balance"] == "0", told
    return {row["what"]: int(row["amount"]) for row in told["rows"]}


def nonzero(sums: dict[str, str]) -> dict[str, int]:
    return {place: int(satang) for place, satang in sums.items() if satang != "0"}


async def test_a_redemption_is_followed_from_the_till_to_the_bank_and_back(till: Till) -> None:
    await banked(till, 0)
    taken = await paid_lunch(till)
    await till.turn()
    assert (await account(till))["pending"] == -6_000
    await till.settle()
    told = await statement(till)
    assert nonzero(told["sums"]) == {"waiting": 6_000}
    assert {row["due_on"] for row in told["rows"]} == {"2025-10-30"}
    assert [row["redemption"] for row in told["rows"]] == [taken["id"]]
    await tomorrow(till)
    await settled(till)
    told = await statement(till)
    assert nonzero(told["sums"]) == {"carried": 6_000}
    assert told["rows"][0]["reason"] == "bank_details_missing"
    await banked(till, 1, CLOSED)
    round_made = await made(till)
    assert nonzero((await statement(till))["sums"]) == {"made": 6_000}
    path = f"/v1/rounds/{round_made['round']}/approve"
    await till.post(path, {"hash": round_made["hash"]}, role="approver")
    assert nonzero((await statement(till))["sums"]) == {"approved": 6_000}
    await carried(till, round_made["round"])
    told = await statement(till)
    assert (nonzero(told["sums"]), told["settled"]) == ({"settled": 6_000}, "6000")
    bank = await sent(till, round_made["round"])
    assert nonzero((await statement(till))["sums"]) == {"ordered": 6_000}
    await answered(till, bank.answer_pain002())
    told = await statement(till)
    assert nonzero(told["sums"]) == {"paid": 6_000}
    assert told["rows"][0]["paid_on"] == "2025-10-30"
    assert (await account(till))["paid"] == -6_000
    await answered(till, bank.answer_pain002(bank.give_back(CLOSED)))
    told = await statement(till)
    assert (nonzero(told["sums"]), told["returned"]) == ({"waiting": 6_000}, "0")
    await account(till)
    await till.settle()
    assert (await statement(till))["returned"] == "6000"


async def test_voids_before_and_after_payment_stand_in_the_statement_by_themselves(
    till: Till,
) -> None:
    await banked(till, 1)
    first = await paid_lunch(till)
    second = await paid_lunch(till, "malee", amount=4_000)
    await till.settle()
    assert (await till.void(SHOP, first, 1_000)).status_code == 202
    await tomorrow(till)
    await settled(till)
    assert (await till.void(SHOP, second, 500)).status_code == 202
    await till.settle()
    told = await statement(till)
    assert nonzero(told["sums"]) == {"settled": 9_000, "waiting": -500}
    await settled(till)
    (debt,) = [row for row in (await statement(till))["rows"] if row["place"] == "carried"]
    assert (debt["reason"], debt["amount"]) == ("in_debt", "-500")
    await account(till)


async def test_a_closed_campaign_comes_to_zero(till: Till) -> None:
    await banked(till, 0)
    await banked(till, 1)
    policy = LUNCH | {
        "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-10-30T23:00:00+07:00"}
    }
    number = await till.open_campaign(policy, funds=50_000)
    taken = await till.pay("somchai", 1, 12_000, 6_000, campaign=number)
    assert taken.status_code == 201, taken.text
    await tomorrow(till, days=9)
    told = await settled(till)
    bank = await sent(till, told["round"])
    await answered(till, bank.answer_pain002())
    assert (await account(till, number))["unspent"] == -44_000
    await till.settle()
    await till.order("treasurer", f"/v1/campaigns/{number}/sweep")
    await till.settle()
    figures = {what: satang for what, satang in (await account(till, number)).items() if satang}
    assert figures == {"funded": 50_000, "paid": -6_000, "returned": -44_000}


async def test_a_shop_prints_its_own_statement_and_nobody_elses(till: Till) -> None:
    await paid_lunch(till)
    await till.settle()
    path = "/v1/merchants/1/statement"
    mine = await till.signed(key_of(SHOP), "GET", f"{path}?form=csv")
    table = list(csv.DictReader(io.StringIO(mine.text)))
    assert [(row["amount_satang"], row["amount_baht"]) for row in table] == [("6000", "60.00")]
    page = await till.signed(key_of(SHOP), "GET", f"{path}?form=html")
    assert page.headers["content-type"].startswith("text/html")
    assert "29/10/2568" in page.text and "they agree" in page.text
    sheet = await till.signed(key_of(SHOP), "GET", f"{path}?form=xlsx")
    assert sheet.content[:4] == b"PK\x03\x04" and "spreadsheetml" in sheet.headers["content-type"]
    other = await till.signed(key_of("malee"), "GET", path)
    await expect_problem(other, 401, "signature_invalid")


async def test_a_statement_that_differs_from_the_chain_says_so(till: Till) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    await made(till)
    async with transaction(till.runtime.engine) as session:
        await session.execute(text("UPDATE round_entries SET amount = amount - 1"))
    told = await till.client.get("/v1/statements/1", headers=till.named("treasurer"))
    assert (told.json()["agrees"], told.json()["total"]) == (False, "5999")
    path = "/v1/campaigns/1/account"
    wrong = await till.client.get(path, headers=till.named("treasurer"))
    assert wrong.json()["balance"] == "1"
