"""Each rule of the till alone: refused with its code and both sentences, accepted at its edge."""

from typing import Any

import pytest
from sqlalchemy import text

from ledger.db import papers
from ledger.db.session import transaction
from ledger.domain.redemption import SignedRedemption
from ledger.services.till_policies import parsed
from tests.integration.ruled_town import (
    FAR_AWAY,
    NEAR_SHOP,
    judged_again,
    pay,
    position,
    quote,
    refused,
    shop_with_place,
    with_till,
)
from tests.integration.till import LUNCH, Till, key_of

DISTANCE = {
    "metres_max": 300,
    "position_age_seconds_max": 120,
    "accuracy_metres_max": 100,
    "stand_uses_per_day_max": 2,
}
NOTICE = {"th": "ห้ามซื้อสุราและบุหรี่", "en": "No alcohol, no tobacco"}


async def test_no_place_an_old_or_a_vague_one_is_no_place(till: Till) -> None:
    shop = await shop_with_place(till)
    await till.open_campaign(with_till(distance=DISTANCE))
    problem = refused(await pay(till, "somchai", 6_000, merchant=shop), "place_unknown")
    assert problem["figures"]["why"] == "missing"
    for told, why in (
        (await position(till, NEAR_SHOP, age=121), "old"),
        (await position(till, NEAR_SHOP, accuracy=101), "imprecise"),
        (await position(till, NEAR_SHOP, age=-30), "missing"),
    ):
        answer = await pay(till, "somchai", 6_000, merchant=shop, position=told)
        assert refused(answer, "place_unknown")["figures"]["why"] == why
    at = await position(till, FAR_AWAY)
    problem = refused(await pay(till, "somchai", 6_000, merchant=shop, position=at), "too_far")
    assert problem["figures"] == {"distance_metres": 1_112, "metres_max": 300}
    at = await position(till, NEAR_SHOP, age=100, accuracy=100)
    taken = await pay(till, "somchai", 6_000, merchant=shop, position=at)
    assert taken.status_code == 201, taken.text


async def test_a_shop_without_a_place_is_nowhere(till: Till) -> None:
    await till.open_campaign(with_till(distance=DISTANCE))
    at = await position(till, NEAR_SHOP)
    refused(await pay(till, "somchai", 6_000, position=at), "place_unknown")


async def test_no_position_is_kept_but_what_it_comes_to(till: Till) -> None:
    shop = await shop_with_place(till)
    await till.open_campaign(with_till(distance=DISTANCE))
    at = await position(till, NEAR_SHOP)
    taken = (await pay(till, "somchai", 6_000, merchant=shop, position=at)).json()
    told, _ = await judged_again(till, taken["verdict"])
    assert told["document"]["facts"]["distance_metres"] == "78"
    for name in ("verdicts", "redemptions", "intents", "idempotent_requests", "stand_uses"):
        async with till.runtime.engine.connect() as connection:
            rows = (await connection.exec_driver_sql(f"SELECT * FROM {name}")).all()
        assert "18.743" not in repr(rows) and "18743000" not in repr(rows), name


async def test_a_stand_replaces_a_place_so_often_a_day_and_every_use_is_listed(
    till: Till,
) -> None:
    shop = await shop_with_place(till)
    await till.open_campaign(with_till(distance=DISTANCE))
    owner, stand = key_of("ก๋วยเตี๋ยว"), "00112233445566aa"
    refused(await pay(till, "somchai", 100, merchant=shop, reference=stand), "place_unknown")
    path = f"/v1/merchants/{shop}/stands"
    reason = "In the market hall no phone gets a position."
    body = {"reference": stand, "reason": reason}
    assert (await till.signed(owner, "POST", path, body)).status_code == 201
    at = await till.step_now(2) - 60
    for place, who in enumerate(("somchai", "malee")):
        taken = await pay(till, who, 100, merchant=shop, reference=stand, signed_at=at + 15 * place)
        assert taken.status_code == 201, taken.text
    problem = refused(await pay(till, "lek", 100, merchant=shop, reference=stand), "place_unknown")
    assert problem["figures"]["why"] == "stand_used_up"
    listed = (await till.signed(owner, "GET", path)).json()
    assert [use["reason"] for use in listed["uses"]] == [reason, reason]
    headers = {"authorization": f"Bearer {till.keys['approver']}"}
    assert len((await till.client.get("/v1/stand-uses", headers=headers)).json()) == 2
    # Somebody who is known to be far away is not helped by a picture of the stand.
    far = await position(till, FAR_AWAY)
    answer = await pay(till, "lek", 100, merchant=shop, reference=stand, position=far)
    refused(answer, "too_far")


async def test_a_stand_of_another_shop_or_a_withdrawn_one_replaces_nothing(till: Till) -> None:
    shop = await shop_with_place(till)
    await till.open_campaign(with_till(distance=DISTANCE))
    stand = {"reference": "00112233445566aa", "reason": "The shop is in a cellar."}
    path = "/v1/merchants/1/stands"
    assert (await till.signed(key_of("ข้าวซอย"), "POST", path, stand)).status_code == 201
    answer = await pay(till, "somchai", 100, merchant=shop, reference=stand["reference"])
    refused(answer, "place_unknown")
    stranger = await till.signed(key_of("ก๋วยเตี๋ยว"), "POST", path, stand)
    assert stranger.status_code == 401
    body = {"reference": stand["reference"]}
    gone = await till.signed(key_of("ข้าวซอย"), "POST", path + "/withdraw", body)
    assert gone.status_code == 200, gone.text
    answer = await pay(till, "somchai", 100, reference=stand["reference"])
    refused(answer, "place_unknown")


async def test_a_household_shares_its_quota_to_the_last_satang(till: Till) -> None:
    household = {"allowance": "30000", "per_day_max": "15000"}
    await till.open_campaign(with_till(household=household))
    table = b"pass,household\n1,H-1\n2,H-1\n"
    headers = till.named("registrar") | {"content-type": "text/csv"}
    kept = await till.client.post("/v1/households", content=table, headers=headers)
    assert kept.json() == {"passes": 2, "households": 1}, kept.text
    assert (await pay(till, "somchai", 10_000)).status_code == 201
    problem = refused(await pay(till, "malee", 5_001), "household_quota_used")
    assert problem["figures"]["household_left"] == 5_000
    assert (await quote(till, "malee", 9_000))["amount"] == "5000"
    at = await till.step_now(2) - 30
    assert (await pay(till, "malee", 5_000, signed_at=at)).status_code == 201
    again = await pay(till, "malee", 1, bill=100, signed_at=at + 15)
    refused(again, "household_quota_used")
    assert (await pay(till, "lek", 15_000)).status_code == 201, "a household of his own"


async def test_households_are_set_whole_or_not_at_all(till: Till) -> None:
    table = b"pass,household\n1,H-1\nx,H-1\n99,H-2\n1,H-3\n2,bad name\n"
    headers = till.named("registrar") | {"content-type": "text/csv"}
    answer = await till.client.post("/v1/households", content=table, headers=headers)
    assert answer.status_code == 422
    assert [row["line"] for row in answer.json()["errors"]] == [3, 5, 6]
    table = b"pass,household\n1,H-1\n99,H-2\n"
    headers = till.named("registrar") | {"content-type": "text/csv"}
    answer = await till.client.post("/v1/households", content=table, headers=headers)
    assert [row["line"] for row in answer.json()["errors"]] == [3]
    async with till.runtime.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT * FROM household_members"))).all()
    assert rows == []


async def test_a_shop_takes_no_more_than_its_day_from_everybody_together(till: Till) -> None:
    await till.open_campaign(with_till(merchant_per_day_max="12000"))
    assert (await pay(till, "somchai", 7_000)).status_code == 201
    problem = refused(await pay(till, "malee", 5_001), "merchant_cap_reached")
    assert problem["figures"]["merchant_left"] == 5_000
    assert (await quote(till, "malee", 9_000))["limits"]["merchant_left_today"] == "5000"
    assert (await pay(till, "malee", 5_000)).status_code == 201
    refused(await pay(till, "lek", 1, bill=100), "merchant_cap_reached")


async def test_the_notice_must_have_been_read_and_no_other(till: Till) -> None:
    await till.open_campaign(with_till(goods_notice=NOTICE))
    problem = refused(await pay(till, "somchai", 100), "notice_not_acknowledged")
    assert NOTICE["th"] in problem["detail_th"]
    wrong = await pay(till, "somchai", 100, notice_acknowledged="0x" + "ab" * 32)
    refused(wrong, "notice_not_acknowledged")
    quoted = await quote(till, "somchai", 100)
    notice = quoted["limits"]["notice"]
    assert (quoted["verdict"]["accepted"], notice["th"]) == (True, NOTICE["th"])
    read = await pay(till, "somchai", 100, notice_acknowledged=notice["hash"])
    assert read.status_code == 201, read.text


async def test_the_coupon_of_the_lower_rank_pays_first_while_it_can(till: Till) -> None:
    first = {**with_till(stacking={"group": "lunch", "rank": 1}), "allowance": "5000"}
    first["per_day_max"] = "5000"
    await till.open_campaign(first)
    await till.open_campaign(with_till(stacking={"group": "lunch", "rank": 2}))
    problem = refused(await pay(till, "somchai", 100, campaign=3), "other_coupon_first")
    assert problem["figures"]["campaign"] == 2
    coupons = (await till.signed(key_of("somchai"), "GET", "/v1/me/coupons")).json()["items"]
    limits = {one["campaign"]: one["limits"] for one in coupons}
    assert (limits[2]["pays_first"], limits[3]["pays_first"]) == (None, 2)
    assert (await pay(till, "somchai", 5_000, campaign=2)).status_code == 201
    assert (await pay(till, "somchai", 100, campaign=3)).status_code == 201


async def test_an_instalment_comes_when_its_day_is_here_and_the_last_one_is_spent(
    till: Till,
) -> None:
    instalments = [
        {"opens": "2025-10-29T06:00:00+07:00", "amount": "10000"},
        {"opens": "2025-10-29T06:00:01+07:00", "amount": "190000", "after_spending": "10000"},
    ]
    await till.open_campaign(with_till(instalments=instalments))
    problem = refused(await pay(till, "somchai", 10_001), "instalment_not_released")
    assert problem["figures"]["next_after_spending"] == 10_000
    limits = (await quote(till, "somchai", 20_000))["limits"]
    assert limits["released_left"] == "10000"
    assert limits["instalment"]["amount"] == "190000"
    at = await till.step_now(2)
    assert (await pay(till, "somchai", 10_000, signed_at=at)).status_code == 201
    assert (await pay(till, "somchai", 10_000, signed_at=at + 15)).status_code == 201


async def test_a_campaign_whose_policy_nobody_brought_pays_nothing(till: Till) -> None:
    async with transaction(till.runtime.engine) as session:
        await session.execute(text("DELETE FROM policies"))
    parsed.cache_clear()
    answer = await pay(till, "somchai", 100, campaign=1)
    assert (answer.status_code, answer.json()["code"]) == (409, "policy_missing")
    (coupon,) = (await till.signed(key_of("somchai"), "GET", "/v1/me/coupons")).json()["items"]
    assert (coupon["left_now"], coupon["refusal"]["code"]) == ("0", "policy_missing")


@pytest.mark.parametrize("rule", ["plain", "all"])
async def test_the_coupons_tell_limits_before_they_are_met(till: Till, rule: str) -> None:
    rules: dict[str, Any] = {}
    if rule == "all":
        rules = {
            "distance": DISTANCE,
            "household": {"allowance": "60000", "per_day_max": "10000"},
            "goods_notice": NOTICE,
        }
    policy = with_till(**rules) if rules else {**LUNCH, "share_basis_points": 10_000}
    await till.open_campaign(policy)
    coupons = (await till.signed(key_of("somchai"), "GET", "/v1/me/coupons")).json()["items"]
    coupon = coupons[1]
    limits = coupon["limits"]
    assert (limits["left"], limits["left_today"]) == ("200000", "20000")
    assert (limits["categories"], limits["districts"]) == (["restaurant"], "any")
    assert limits["until"] == coupon["ends"]
    if rule == "all":
        assert coupon["left_now"] == limits["household_left_today"] == "10000"
        assert limits["position"]["metres_max"] == 300
        assert limits["notice"]["en"] == NOTICE["en"]
    else:
        assert coupon["left_now"] == "20000"
        assert (limits["position"], limits["notice"], limits["household_left"]) == (None,) * 3


@pytest.mark.parametrize("pin", [False, True])
async def test_paper_pays_more_than_a_little_only_with_its_pin(till: Till, pin: bool) -> None:
    await till.open_campaign(with_till(paper_pin_above="5000"))
    paper = key_of("somchai").address
    async with transaction(till.runtime.engine) as session:
        await papers.add_keys(session, [(paper, pin)], now=await till.now())
    at = await till.step_now(2) - 60
    assert (await quote(till, "somchai", 9_000))["amount"] == ("9000" if pin else "5000")
    small = await pay(till, "somchai", 5_000, signed_at=at)
    assert small.status_code == 201, small.text
    more = await pay(till, "somchai", 5_001, signed_at=at + 15)
    if pin:
        assert more.status_code == 201, more.text
    else:
        refused(more, "paper_pin_needed")
    phone = await pay(till, "malee", 9_000)
    assert phone.status_code == 201, "a phone is no paper"


async def test_a_shop_that_scans_brings_the_place_and_the_notice_itself(till: Till) -> None:
    shop = await shop_with_place(till)
    await till.open_campaign(with_till(distance=DISTANCE, goods_notice=NOTICE))
    notice = (await quote(till, "malee", 100))["limits"]["notice"]["hash"]
    for told, code in (
        ({}, "notice_not_acknowledged"),
        ({"notice_acknowledged": notice}, "place_unknown"),
        ({"notice_acknowledged": notice, "position": FAR_AWAY}, "too_far"),
        ({"notice_acknowledged": notice, "position": NEAR_SHOP}, ""),
    ):
        message = SignedRedemption(
            campaign=2, merchant=0, bill=50_000, amount=15_000, copay=0,
            signed_at=await till.step_now(2),
        )  # fmt: skip
        body: dict[str, Any] = {
            "present": till.present_text("malee", message),
            "merchant": shop,
            "bill": "9000",
            **told,
        }
        if isinstance(told.get("position"), dict):
            body["position"] = await position(till, told["position"])
        answer = await till.signed(key_of("ก๋วยเตี๋ยว"), "POST", "/v1/redemptions", body)
        if code:
            refused(answer, code)
        else:
            assert (answer.status_code, answer.json()["amount"]) == (201, "9000"), answer.text
