"""Cashiers' devices: paired by a short code, bounded, withdrawn from one request to the next."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.db import redemptions
from ledger.db.session import open_session, snapshot
from ledger.domain.pairing import ALPHABET, CODE_SECONDS, GUESSES_MAX
from ledger.domain.redemption import SignedRedemption
from ledger.errors import DeviceRevoked
from ledger.services import devices
from tests.integration.conftest import Town
from tests.integration.problems_expected import expect_problem, rows
from tests.integration.till import Till, key_of, open_till

OWNER = "ข้าวซอย"
PEOPLE = ("somchai", "malee", "lek")
TERMS = {"branch": "หน้าร้าน", "cashier": "น้องฝน", "bill_max": "6000", "day_max": "10000"}
DEVICES = "/v1/merchants/1/devices"


async def offered(till: Till, *, owner: str = OWNER, shop: int = 1, **terms: str) -> dict[str, Any]:
    path = f"/v1/merchants/{shop}/devices"
    answer = await till.signed(key_of(owner), "POST", path, TERMS | terms)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def claimed(till: Till, code: str, who: str, *, shop: int = 1) -> httpx.Response:
    body = {"merchant": shop, "code": code}
    return await till.signed(key_of(who), "POST", "/v1/devices/claim", body)


async def paired(till: Till, who: str = "phone", **terms: str) -> str:
    """The id of a device that signs as `who`."""
    answer = await claimed(till, (await offered(till, **terms))["code"], who)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["device"])


async def scanned(
    till: Till, device: str, resident: str, bill: int, *, shop: int = 1
) -> httpx.Response:
    """The device scans a resident who has signed for any shop; the city pays half."""
    message = SignedRedemption(
        campaign=1, merchant=0, bill=50_000, amount=20_000, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = {"present": till.present_text(resident, message), "merchant": shop, "bill": str(bill)}
    return await till.signed(key_of(device), "POST", "/v1/redemptions", body)


# Pairing


async def test_a_device_is_paired_by_a_code_and_scans_for_its_shop(till: Till) -> None:
    offer = await offered(till)
    assert set(offer["code"]) <= set(ALPHABET) | {"-"}
    assert offer["expires_at"] - await till.now() <= CODE_SECONDS
    answer = await claimed(till, offer["code"].lower().replace("-", " "), "phone")
    assert answer.status_code == 201, answer.text
    assert answer.json()["address"] == key_of("phone").address
    assert "cashier" not in answer.json()

    taken = await scanned(till, "phone", "malee", 9_000)
    assert taken.status_code == 201, taken.text
    assert taken.json()["amount"] == "4500"
    async with till.runtime.engine.connect() as connection:
        noted = await connection.exec_driver_sql("SELECT * FROM redemption_devices")
        assert [tuple(row) for row in noted] == [(taken.json()["id"], offer["device"])]
    await till.settle()
    assert (await till.redemption(taken.json()["id"]))["status"] == "final"


async def test_the_owner_sees_devices_and_cashiers_and_nobody_else_does(till: Till) -> None:
    device = await paired(till)
    await offered(till)
    shown = (await till.signed(key_of(OWNER), "GET", DEVICES)).json()["items"]
    assert sorted(each["state"] for each in shown) == ["paired", "waiting"]
    assert {each["cashier"] for each in shown} == {"น้องฝน"}
    assert device in {each["device"] for each in shown}
    for stranger in ("phone", "malee", "nobody"):
        answer = await till.signed(key_of(stranger), "GET", DEVICES)
        await expect_problem(answer, 401, "signature_invalid")


async def test_a_code_is_good_once_for_five_minutes_and_at_its_own_shop(till: Till) -> None:
    first, late = await offered(till), await offered(till)
    other = await till.register("ก๋วยเตี๋ยว")
    await expect_problem(
        await claimed(till, first["code"], "phone", shop=other), 404, "pairing_code_unknown"
    )
    assert (await claimed(till, first["code"], "phone")).status_code == 201
    used = await claimed(till, first["code"], "second phone")
    assert "used" in (await expect_problem(used, 409, "pairing_code_over"))["detail_en"]
    await till.sleep_until(late["expires_at"])
    expired = await claimed(till, late["code"], "second phone")
    assert "five minutes" in (await expect_problem(expired, 409, "pairing_code_over"))["detail_en"]
    wrong = await claimed(till, "2222-2222", "second phone")
    await expect_problem(wrong, 404, "pairing_code_unknown")
    for typed in ("2222", "0OIL-1U00", "ก" * 8, "2" * 9):
        answer = await claimed(till, typed, "second phone")
        await expect_problem(answer, 422, "input_invalid")


async def test_twenty_wrong_guesses_lock_the_code_and_nineteen_do_not(till: Till) -> None:
    for guesses, state in ((GUESSES_MAX - 1, 201), (GUESSES_MAX, 409)):
        offer = await offered(till)
        codes = [c for c in wrong_codes() if c != offer["code"]][:guesses]
        answers = await asyncio.gather(*(claimed(till, code, "thief") for code in codes))
        assert {answer.status_code for answer in answers} == {404}
        answer = await claimed(till, offer["code"], f"phone {guesses}")
        assert answer.status_code == state, answer.text
    problem = await expect_problem(answer, 409, "pairing_code_over")
    assert "wrong codes" in problem["detail_en"]


def wrong_codes() -> list[str]:
    return [f"AAAA-AA{ALPHABET[n % 30]}{ALPHABET[n // 30]}" for n in range(60)]


async def test_a_code_claimed_by_ten_devices_at_once_is_of_one(till: Till) -> None:
    offer = await offered(till)
    answers = await asyncio.gather(
        *(claimed(till, offer["code"], f"phone {number}") for number in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 9]


async def test_a_key_is_one_device_for_ever_and_never_a_shops_own(till: Till) -> None:
    device = await paired(till)
    again = await claimed(till, (await offered(till))["code"], "phone")
    await expect_problem(again, 409, "conflict")
    await till.signed(key_of(OWNER), "POST", f"{DEVICES}/{device}/revoke")
    back = await claimed(till, (await offered(till))["code"], "phone")
    await expect_problem(back, 409, "conflict")
    own = await claimed(till, (await offered(till))["code"], OWNER)
    await expect_problem(own, 409, "conflict")


async def test_limits_that_contradict_each_other_are_refused(till: Till) -> None:
    for bad in ({"bill_max": "0"}, {"bill_max": "10001"}, {"day_max": "0"}, {"branch": " "}):
        answer = await till.signed(key_of(OWNER), "POST", DEVICES, TERMS | bad)
        await expect_problem(answer, 422, "input_invalid")
    assert await rows(till, "devices") == 0


async def test_a_shop_has_room_for_so_many_devices_and_open_codes(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "LIVE_MAX", 2)
    device = await paired(till)
    offer = await offered(till)
    full = await till.signed(key_of(OWNER), "POST", DEVICES, TERMS)
    await expect_problem(full, 409, "conflict")
    await till.signed(key_of(OWNER), "POST", f"{DEVICES}/{device}/revoke")
    await offered(till)
    await till.sleep_until(offer["expires_at"])
    await offered(till)


# Limits


async def test_a_bill_at_the_limit_is_taken_and_one_satang_more_is_not(till: Till) -> None:
    await paired(till)
    over = await scanned(till, "phone", "malee", 12_002)
    problem = await expect_problem(over, 403, "device_bill_limit_exceeded")
    assert "60" in problem["detail_th"] and "60.01" in problem["detail_en"]
    assert await rows(till, "redemptions") == await rows(till, "device_days") == 0
    at = await scanned(till, "phone", "malee", 12_000)
    assert (at.status_code, at.json()["amount"]) == (201, "6000")


async def test_the_day_is_used_to_its_last_satang_and_begins_anew_at_midnight(till: Till) -> None:
    await paired(till)
    assert (await scanned(till, "phone", "somchai", 12_000)).status_code == 201
    over = await scanned(till, "phone", "malee", 8_002)
    problem = await expect_problem(over, 403, "device_day_limit_used")
    assert "40 are left" in problem["detail_en"]
    assert (await scanned(till, "phone", "malee", 8_000)).status_code == 201
    await expect_problem(await scanned(till, "phone", "lek", 2), 403, "device_day_limit_used")
    tomorrow = (await till.now()) + 86_400
    await till.sleep_until(tomorrow)
    assert (await scanned(till, "phone", "lek", 12_000)).status_code == 201


async def test_twenty_scans_at_once_take_exactly_what_the_day_allows(till: Till) -> None:
    crowd = [f"resident {number}" for number in range(20)]
    await till.enrol(*crowd)
    await paired(till, day_max="7000")
    answers = await asyncio.gather(*(scanned(till, "phone", who, 2_000) for who in crowd))
    refused = [answer.json()["code"] for answer in answers if answer.status_code != 201]
    assert (20 - len(refused), set(refused)) == (7, {"device_day_limit_used"})
    day = (await till.signed(key_of("phone"), "GET", "/v1/devices/me/takings")).json()
    assert (day["amount"], day["device_taken"], day["device_left"]) == ("7000", "7000", "0")
    assert await rows(till, "redemptions") == await rows(till, "redemption_devices") == 7


async def test_what_a_rule_refuses_is_not_counted_on_the_device(till: Till) -> None:
    await paired(till)
    spent = await scanned(till, "phone", "malee", 4_000)
    assert spent.status_code == 201
    again = await scanned(till, "phone", "malee", 4_000)
    assert again.json()["code"] == "already_spent"
    day = await till.signed(key_of("phone"), "GET", "/v1/devices/me/takings")
    assert (day.json()["device_taken"], day.json()["device_left"]) == ("2000", "8000")


# Withdrawing


async def test_a_withdrawn_device_is_refused_on_its_very_next_request_in_every_process(
    till: Till, town: Town, tmp_path: Path
) -> None:
    device = await paired(till)
    url = till.runtime.settings.database_url
    async with open_till(town.city, tmp_path, keys=town.keys, database_url=url) as second:
        assert (await scanned(second, "phone", "somchai", 2_000)).status_code == 201
        revoked = await till.signed(key_of(OWNER), "POST", f"{DEVICES}/{device}/revoke")
        assert revoked.json()["state"] == "revoked"
        for server in (second, till):
            refused = await scanned(server, "phone", "malee", 2_000)
            await expect_problem(refused, 401, "device_revoked")
            asked = await server.signed(key_of("phone"), "GET", "/v1/devices/me/takings")
            await expect_problem(asked, 401, "device_revoked")


async def test_a_device_withdrawn_between_gate_and_transaction_takes_nothing(till: Till) -> None:
    device = await paired(till)
    async with snapshot(till.runtime.engine) as session:
        seen = await devices.device_signing(session, key_of("phone").address)
    await till.signed(key_of(OWNER), "POST", f"{DEVICES}/{device}/revoke")
    taken = (await till.pay("malee", 1, 2_000, 1_000)).json()
    async with open_session(till.runtime.engine) as session:
        record = await redemptions.find(session, taken["id"])
        assert record is not None
        with pytest.raises(DeviceRevoked):
            await devices.count_taken(session, seen, record, now=await till.now())


async def test_a_withdrawn_code_pairs_nothing(till: Till) -> None:
    offer = await offered(till)
    await till.signed(key_of(OWNER), "POST", f"{DEVICES}/{offer['device']}/revoke")
    answer = await claimed(till, offer["code"], "phone")
    await expect_problem(answer, 409, "pairing_code_over")


async def test_a_device_works_for_its_own_shop_only(till: Till) -> None:
    await paired(till)
    other = await till.register("ก๋วยเตี๋ยว")
    answer = await scanned(till, "phone", "malee", 2_000, shop=other)
    await expect_problem(answer, 401, "signature_invalid")
    stranger = await scanned(till, "nobody", "malee", 2_000)
    await expect_problem(stranger, 401, "signature_invalid")
    path = f"/v1/merchants/{other}/devices/dev_none/revoke"
    foreign = await till.signed(key_of("ก๋วยเตี๋ยว"), "POST", path)
    await expect_problem(foreign, 404, "unknown_device")
