"""A cashier may only ask: a void is one when the shop's owner has signed it."""

from typing import Any

import httpx

from tests.integration.problems_expected import expect_problem, rows
from tests.integration.test_devices import DEVICES, OWNER, offered, paired, scanned
from tests.integration.till import Till, key_of

WHY = "พิมพ์ยอดผิด ลูกค้ายังอยู่ที่ร้าน"
REQUESTS = "/v1/merchants/1/void-requests"


async def asked(till: Till, redemption: str, *, who: str = "phone", **body: Any) -> httpx.Response:
    whole = {"redemption": redemption, "reason": WHY} | body
    return await till.signed(key_of(who), "POST", "/v1/devices/me/void-requests", whole)


async def requests(till: Till) -> list[dict[str, Any]]:
    answer = await till.signed(key_of(OWNER), "GET", REQUESTS)
    return list(answer.json()["items"])


async def test_a_void_a_cashier_asked_for_is_none_until_the_owner_signs(till: Till) -> None:
    await paired(till)
    taken = (await scanned(till, "phone", "malee", 8_000)).json()
    answer = await asked(till, taken["id"], amount="1500")
    assert answer.status_code == 201, answer.text
    await till.settle()
    untouched = await till.redemption(taken["id"])
    assert (untouched["status"], untouched["voided"]) == ("final", "0")
    assert await rows(till, "till_voids") == 0
    (waiting,) = await requests(till)
    assert (waiting["state"], waiting["amount"], waiting["reason"]) == ("asked", "1500", WHY)

    forged = await till.void("phone", taken, 1_500)
    assert forged.status_code in {401, 404}, forged.text
    signed = await till.void(OWNER, taken, 1_500)
    assert signed.status_code == 202, signed.text
    (granted,) = await requests(till)
    assert granted["state"] == "granted" and granted["answered_at"]
    await till.settle()
    assert (await till.redemption(taken["id"]))["voided"] == "1500"
    day = (await till.signed(key_of("phone"), "GET", "/v1/devices/me/takings")).json()
    assert (day["amount"], day["device_taken"]) == ("2500", "4000")


async def test_a_void_the_owner_signed_and_the_till_refused_answers_no_request(till: Till) -> None:
    await paired(till)
    taken = (await scanned(till, "phone", "malee", 8_000)).json()
    await asked(till, taken["id"])
    refused = await till.void(OWNER, taken, 4_001)
    assert refused.status_code == 422
    assert [each["state"] for each in await requests(till)] == ["asked"]


async def test_the_owner_may_say_no_once(till: Till) -> None:
    await paired(till)
    taken = (await scanned(till, "phone", "malee", 8_000)).json()
    request = (await asked(till, taken["id"])).json()["request"]
    path = f"{REQUESTS}/{request}/decline"
    no = await till.signed(key_of("phone"), "POST", path)
    await expect_problem(no, 401, "signature_invalid")
    declined = await till.signed(key_of(OWNER), "POST", path)
    assert declined.json()["state"] == "declined"
    await expect_problem(await till.signed(key_of(OWNER), "POST", path), 409, "wrong_state")
    unknown = await till.signed(key_of(OWNER), "POST", f"{REQUESTS}/vrq_none/decline")
    await expect_problem(unknown, 404, "not_found")
    again = await asked(till, taken["id"])
    assert again.status_code == 201, "what was declined may be asked for again"


async def test_what_makes_no_sense_or_is_anothers_cannot_be_asked_for(till: Till) -> None:
    await paired(till)
    taken = (await scanned(till, "phone", "malee", 8_000)).json()
    for amount in ("0", "4001"):
        await expect_problem(await asked(till, taken["id"], amount=amount), 422, "input_invalid")
    await expect_problem(await asked(till, "rdm_none"), 404, "unknown_redemption")
    assert (await asked(till, taken["id"])).status_code == 201
    await expect_problem(await asked(till, taken["id"]), 409, "conflict")
    await expect_problem(await asked(till, taken["id"], who="malee"), 404, "unknown_device")

    other = await till.register("ก๋วยเตี๋ยว")
    offer = await offered(till, owner="ก๋วยเตี๋ยว", shop=other)
    body = {"merchant": other, "code": offer["code"]}
    await till.signed(key_of("their phone"), "POST", "/v1/devices/claim", body)
    theirs = await asked(till, taken["id"], who="their phone")
    await expect_problem(theirs, 404, "unknown_redemption")
    assert await rows(till, "void_requests") == 1


async def test_a_withdrawn_cashier_can_ask_for_nothing_more(till: Till) -> None:
    device = await paired(till)
    taken = (await scanned(till, "phone", "malee", 8_000)).json()
    await till.signed(key_of(OWNER), "POST", f"{DEVICES}/{device}/revoke")
    await expect_problem(await asked(till, taken["id"]), 401, "device_revoked")


async def test_a_branch_sees_its_own_day_and_no_other_branches(till: Till) -> None:
    await paired(till, "phone")
    await paired(till, "second phone")
    await paired(till, "market phone", branch="ตลาด")
    await scanned(till, "phone", "somchai", 8_000)
    await scanned(till, "second phone", "malee", 6_000)
    await scanned(till, "market phone", "lek", 4_000)
    seen = {}
    for who in ("phone", "second phone", "market phone"):
        day = (await till.signed(key_of(who), "GET", "/v1/devices/me/takings")).json()
        seen[who] = (day["branch"], day["amount"], day["device_taken"])
    assert seen == {
        "phone": ("หน้าร้าน", "7000", "4000"),
        "second phone": ("หน้าร้าน", "7000", "3000"),
        "market phone": ("ตลาด", "2000", "2000"),
    }
    takings = await till.signed(key_of(OWNER), "GET", "/v1/merchants/1/takings")
    assert takings.json()["amount"] == "9000"
