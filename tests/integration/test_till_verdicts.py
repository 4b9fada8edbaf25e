"""Every verdict is signed, kept, and judged again by anybody from its own words."""

import asyncio

import httpx
from sqlalchemy import text

from ledger.domain.reasons import Reason
from ledger.domain.redemption import SignedRedemption
from ledger.services.verdicts import REFUSALS_A_MINUTE_MAX
from tests.integration.ruled_town import (
    FAR_AWAY,
    judged_again,
    pay,
    position,
    refused,
    shop_with_place,
    with_till,
)
from tests.integration.till import Till, key_of


async def verdict(till: Till, who: str, name: str) -> httpx.Response:
    return await till.signed(key_of(who), "GET", f"/v1/verdicts/{name}")


async def test_an_acceptance_names_its_verdict_and_is_accepted_again(till: Till) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    told, again = await judged_again(till, taken["verdict"])
    assert again.accepted
    assert told["document"]["policy"] == taken["policy"]
    assert (await till.redemption(taken["id"]))["verdict"] == taken["verdict"]


async def test_a_refusal_outlives_the_redemption_that_was_undone(till: Till) -> None:
    problem = refused(await till.pay("somchai", 1, 50_000, 20_001), "day_quota_used")
    told, again = await judged_again(till, problem["verdict"])
    assert again.reason is Reason.DAY_QUOTA_USED
    assert told["document"]["outcome"]["figures"] == problem["figures"]
    assert told["document"]["policy"] == problem["policy"]
    async with till.runtime.engine.connect() as connection:
        for name in ("redemptions", "usage_counters", "intents"):
            query = f"SELECT count(*) FROM {name} WHERE pass_number = 1"
            assert (await connection.execute(text(query))).scalar() == 0, name


async def test_the_same_question_gets_the_same_verdict_and_not_a_second_one(till: Till) -> None:
    message = SignedRedemption(
        campaign=1, merchant=1, bill=50_000, amount=20_001, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body, headers = till.charge_body(key_of("somchai"), message), {"idempotency-key": "once"}
    first = await till.client.post("/v1/redemptions", json=body, headers=headers)
    second = await till.client.post("/v1/redemptions", json=body, headers=headers)
    assert refused(first, "day_quota_used")["verdict"] == second.json()["verdict"]
    async with till.runtime.engine.connect() as connection:
        kept = (await connection.execute(text("SELECT count(*) FROM verdicts"))).scalar()
    assert kept == 1


async def test_each_rule_of_the_till_is_judged_again_offline(till: Till) -> None:
    shop = await shop_with_place(till)
    distance = {"metres_max": 300, "position_age_seconds_max": 120, "accuracy_metres_max": 100}
    notice = {"th": "ห้ามซื้อสุรา", "en": "No alcohol"}
    instalments = [
        {"opens": "2025-10-29T06:00:00+07:00", "amount": "10000"},
        {"opens": "2025-11-29T06:00:00+07:00", "amount": "190000"},
    ]
    stacked = {"group": "lunch", "rank": 1}, {"group": "lunch", "rank": 2}
    cases = (
        (with_till(distance=distance), 100, Reason.PLACE_UNKNOWN, {}),
        (with_till(distance=distance), 100, Reason.TOO_FAR, {"position": FAR_AWAY}),
        (with_till(household={"allowance": "99"}), 100, Reason.HOUSEHOLD_QUOTA_USED, {}),
        (with_till(merchant_per_day_max="99"), 100, Reason.MERCHANT_CAP_REACHED, {}),
        (with_till(goods_notice=notice), 100, Reason.NOTICE_NOT_ACKNOWLEDGED, {}),
        (with_till(instalments=instalments), 10_001, Reason.INSTALMENT_NOT_RELEASED, {}),
        (with_till(stacking=stacked[1]), 100, Reason.OTHER_COUPON_FIRST, {}),
    )
    await till.open_campaign(with_till(stacking=stacked[0]))
    opened: dict[str, int] = {}
    for policy, amount, reason, told in cases:
        named = repr(policy)
        if named not in opened:
            opened[named] = await till.open_campaign(policy)
        if "position" in told:
            told = {"position": await position(till, FAR_AWAY)}
        answer = await pay(till, "somchai", amount, merchant=shop, campaign=opened[named], **told)
        problem = refused(answer, reason.code)
        document, again = await judged_again(till, problem["verdict"])
        assert again.reason is reason
        assert "latitude" not in repr(document["document"])


async def test_a_verdict_is_for_its_holder_its_shop_and_the_offices(till: Till) -> None:
    problem = refused(await till.pay("somchai", 1, 50_000, 20_001), "day_quota_used")
    name = problem["verdict"]
    assert (await verdict(till, "somchai", name)).status_code == 200
    assert (await verdict(till, "ข้าวซอย", name)).status_code == 200
    for stranger in ("malee", "nobody"):
        answer = await verdict(till, stranger, name)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_verdict")
    assert (await till.client.get(f"/v1/verdicts/{name}")).status_code == 401
    missing = await verdict(till, "somchai", "vrd_" + "a" * 24)
    assert missing.json()["code"] == "unknown_verdict"


async def test_a_signature_of_nobody_has_a_verdict_too(till: Till) -> None:
    problem = refused(await till.pay("a stranger", 1, 200, 100), "signature_invalid")
    told, again = await judged_again(till, problem["verdict"])
    assert (again.reason, told["document"]["pass"]) == (Reason.SIGNATURE_INVALID, None)


async def test_nobody_fills_the_disk_with_refusals(till: Till) -> None:
    at = await till.step_now(1)
    asked = [
        till.pay("somchai", 1, 50_000, 20_001, signed_at=at)
        for _ in range(REFUSALS_A_MINUTE_MAX + 10)
    ]
    answers = await asyncio.gather(*asked)
    named = [answer.json().get("verdict") for answer in answers]
    assert {answer.json()["code"] for answer in answers} == {"day_quota_used"}
    assert len([name for name in named if name]) == REFUSALS_A_MINUTE_MAX
    other = refused(await till.pay("malee", 1, 50_000, 20_001), "day_quota_used")
    assert other["verdict"]
    await till.sleep_until(at + 120)
    again = await till.pay("somchai", 1, 50_000, 20_001, signed_at=at + 60)
    assert refused(again, "day_quota_used")["verdict"]


async def test_a_step_that_failed_once_is_refused_with_a_verdict(till: Till) -> None:
    at = await till.step_now(1)
    taken = await till.pay("somchai", 1, 12_000, 6_000, signed_at=at)
    async with till.runtime.engine.begin() as connection:
        await connection.execute(text("UPDATE redemptions SET status = 'failed'"))
        await connection.execute(text("DELETE FROM usage_counters"))
    assert taken.status_code == 201
    problem = refused(await till.pay("somchai", 1, 12_000, 6_000, signed_at=at), "already_spent")
    _, again = await judged_again(till, problem["verdict"])
    assert again.reason is Reason.ALREADY_SPENT
