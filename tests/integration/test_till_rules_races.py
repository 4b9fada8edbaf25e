"""What the till counts is exact: however many come at once, and after every void and failure."""

import asyncio
from typing import Any

import httpx
from sqlalchemy import text

from ledger.domain.redemption import SignedRedemption
from tests.integration.ruled_town import pay, position, refused, shop_with_place, with_till
from tests.integration.test_services_follow import force
from tests.integration.till import Till, key_of

CROWD = 50


async def enrol_crowd(till: Till) -> list[str]:
    """Fifty more residents, with passes 4 to 53."""
    names = [f"resident {number}" for number in range(CROWD)]
    await till.enrol(*names)
    return names


async def all_at_once(till: Till, names: list[str], amount: int) -> list[httpx.Response]:
    """Everybody pays the same amount at the same moment."""
    at = await till.step_now(2)
    return await asyncio.gather(*(pay(till, name, amount, signed_at=at) for name in names))


async def put_together(till: Till, passes: list[int]) -> None:
    """These passes are one household from now on."""
    rows = "".join(f"{number},H-1\n" for number in passes)
    headers = till.named("registrar") | {"content-type": "text/csv"}
    table = ("pass,household\n" + rows).encode()
    kept = await till.client.post("/v1/households", content=table, headers=headers)
    assert kept.status_code == 200, kept.text


async def counters(till: Till) -> dict[str, Any]:
    """Everything the till counts, as it is kept."""
    queries = {
        "usage": "SELECT campaign, pass_number, spent_today, spent_total FROM usage_counters"
        " WHERE spent_total > 0 ORDER BY 1, 2",
        "budgets": "SELECT campaign, funded, spent FROM campaign_budgets ORDER BY 1",
        "days": "SELECT campaign, merchant, day, taken, stand_uses FROM merchant_days"
        " WHERE taken > 0 OR stand_uses > 0 ORDER BY 1, 2, 3",
    }
    found = {}
    async with till.runtime.engine.connect() as connection:
        for name, query in queries.items():
            found[name] = [tuple(row) for row in await connection.execute(text(query))]
    return found


async def test_fifty_at_once_fill_a_shops_day_exactly(till: Till) -> None:
    names = await enrol_crowd(till)
    await till.open_campaign(with_till(merchant_per_day_max="10500"))
    answers = await all_at_once(till, names, 1_000)
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [422] * 40
    for answer in answers:
        if answer.status_code == 422:
            assert refused(answer, "merchant_cap_reached")["figures"]["merchant_left"] == 500
    assert [row[3] for row in (await counters(till))["days"]] == [10_000]
    await till.settle()
    assert [row[3] for row in (await counters(till))["days"]] == [10_000]


async def test_fifty_of_one_household_at_once_spend_its_quota_exactly(till: Till) -> None:
    names = await enrol_crowd(till)
    await till.open_campaign(with_till(household={"allowance": "10500"}))
    await put_together(till, list(range(4, 4 + CROWD)))
    answers = await all_at_once(till, names, 1_000)
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [422] * 40
    for answer in answers:
        if answer.status_code == 422:
            assert refused(answer, "household_quota_used")["figures"]["household_left"] == 500


async def test_a_void_gives_everything_back_and_then_all_can_be_spent_again(till: Till) -> None:
    stand = {"reference": "00112233445566aa", "reason": "No position in the market hall."}
    shop = await shop_with_place(till)
    path = f"/v1/merchants/{shop}/stands"
    assert (await till.signed(key_of("ก๋วยเตี๋ยว"), "POST", path, stand)).status_code == 201
    rules = with_till(
        distance={
            "metres_max": 300,
            "position_age_seconds_max": 120,
            "accuracy_metres_max": 100,
            "stand_uses_per_day_max": 1,
        },
        household={"allowance": "20000", "per_day_max": "20000"},
        merchant_per_day_max="20000",
    )
    await till.open_campaign(rules)
    await put_together(till, [1, 2])
    await till.settle()
    before = await counters(till)
    at = await till.step_now(2) - 60
    at_stand = {"merchant": shop, "reference": stand["reference"]}
    taken = await pay(till, "somchai", 20_000, signed_at=at, **at_stand)
    assert taken.status_code == 201, taken.text
    full = await pay(till, "malee", 1, bill=100, signed_at=at, **at_stand)
    refused(full, "household_quota_used")
    refused(await pay(till, "lek", 1, bill=100, signed_at=at, **at_stand), "merchant_cap_reached")
    await till.settle()
    for part in (5_000, 15_000):
        answer = await till.void("ก๋วยเตี๋ยว", taken.json(), part)
        assert answer.status_code == 202, answer.text
        await till.settle()
        counted = (await counters(till))["days"]
        assert [row[3] for row in counted] == ([15_000] if part == 5_000 else [])
    after = await counters(till)
    assert {**after, "budgets": None} == {**before, "budgets": None}
    assert [row[2] for row in after["budgets"] if row[0] == 2] == [0]
    again = await pay(till, "malee", 20_000, signed_at=at + 15, **at_stand)
    assert again.status_code == 201, again.text


async def test_what_the_chain_refuses_is_given_back_to_shop_and_household(till: Till) -> None:
    rules = with_till(household={"allowance": "20000"}, merchant_per_day_max="20000")
    await till.open_campaign(rules)
    await put_together(till, [1, 2])
    await till.settle()
    signed_at = await till.step_now(2)
    taken = await pay(till, "somchai", 20_000, signed_at=signed_at)
    assert taken.status_code == 201, taken.text
    # The shop holds another message of the same step, and brings it to the chain first.
    await till.sleep_until(signed_at + 901)
    message = SignedRedemption(
        campaign=2, merchant=1, bill=5_000, amount=5_000, copay=0, signed_at=signed_at
    )
    await force(till, "somchai", message)
    await till.settle()
    assert (await till.redemption(taken.json()["id"]))["status"] == "failed"
    assert [row[3] for row in (await counters(till))["days"]] == [5_000]
    problem = refused(await pay(till, "malee", 15_001, bill=20_000), "household_quota_used")
    assert problem["figures"]["household_left"] == 15_000
    again = await pay(till, "malee", 15_000, signed_at=await till.step_now(2) + 15)
    assert again.status_code == 201, again.text


async def test_what_a_shop_forces_past_the_till_counts_on_its_day(till: Till) -> None:
    rules = with_till(household={"allowance": "20000"}, merchant_per_day_max="20000")
    await till.open_campaign(rules)
    await put_together(till, [1, 2])
    signed_at = await till.step_now(2)
    await till.sleep_until(signed_at + 901)
    at = await till.step_now(2)
    assert (await pay(till, "lek", 1_000, signed_at=at - 15)).status_code == 201
    await till.settle()
    message = SignedRedemption(
        campaign=2, merchant=1, bill=4_000, amount=4_000, copay=0, signed_at=signed_at
    )
    await force(till, "somchai", message)
    await till.settle()
    assert [row[3] for row in (await counters(till))["days"]] == [5_000]
    problem = refused(await pay(till, "malee", 16_001, bill=20_000), "household_quota_used")
    assert problem["figures"]["household_left"] == 16_000
    problem = refused(await pay(till, "lek", 15_001, bill=20_000), "merchant_cap_reached")
    assert problem["figures"]["merchant_left"] == 15_000


async def test_a_position_is_asked_of_nobody_twice(till: Till) -> None:
    shop = await shop_with_place(till)
    await till.open_campaign(with_till(merchant_per_day_max="20000"))
    at = await position(till, {"latitude": "18.0", "longitude": "98.0"})
    taken = await pay(till, "somchai", 100, merchant=shop, position=at)
    assert taken.status_code == 201, "no rule of this campaign asks where anybody is"
