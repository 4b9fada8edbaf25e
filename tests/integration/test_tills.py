"""What a shop's screen asks: whose it is, whether its charge was paid, and its day."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from api import assets
from api.assets import load_assets
from api.routers import faces
from ledger.domain.hashing import keccak
from ledger.domain.redemption import SignedRedemption
from tests.integration.till import Till, key_of

OWNER = "ข้าวซอย"
CASHIER = "a cashier's phone"
TERMS = {"branch": "หน้าร้าน", "cashier": "น้องฝน", "bill_max": "90000", "day_max": "900000"}


def reference_of(who: str, number: int) -> str:
    """A reference as the page of this key makes it."""
    return keccak(bytes.fromhex(key_of(who).address[2:]))[:4].hex() + f"{number:08x}"


async def pair(till: Till) -> str:
    """A cashier's device; its id."""
    path = "/v1/merchants/1/devices"
    offer = (await till.signed(key_of(OWNER), "POST", path, TERMS)).json()
    body = {"merchant": 1, "code": offer["code"]}
    answer = await till.signed(key_of(CASHIER), "POST", "/v1/devices/claim", body)
    assert answer.status_code == 201, answer.text
    return str(offer["device"])


async def pay_charge(till: Till, who: str, bill: int, reference: str) -> dict[str, Any]:
    message = SignedRedemption(
        campaign=1, merchant=1, bill=bill, amount=bill // 2, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = {**till.charge_body(key_of(who), message), "reference": reference}
    answer = await till.post("/v1/redemptions", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def asked(till: Till, who: str, path: str) -> Any:
    return (await till.signed(key_of(who), "GET", path)).json()


async def test_a_till_knows_its_shop_and_a_stranger_has_none(till: Till) -> None:
    await pair(till)
    owner = await asked(till, OWNER, "/v1/till")
    assert (owner["merchant"], owner["role"], owner["bill_max"]) == (1, "owner", None)
    device = await asked(till, CASHIER, "/v1/till")
    assert (device["merchant"], device["role"], device["branch"]) == (1, "device", "หน้าร้าน")
    assert device["bill_max"] == "90000"
    assert (await asked(till, "somchai", "/v1/till"))["code"] == "unknown_merchant"


async def test_a_charge_is_answered_for_its_own_shop_and_counted_for_its_own_device(
    till: Till,
) -> None:
    device = await pair(till)
    other = await till.register("another shop")
    reference = reference_of(CASHIER, 7)
    path = f"/v1/till/charges/{reference}"
    assert (await asked(till, CASHIER, path))["items"] == []
    taken = await pay_charge(till, "somchai", 8_000, reference)
    for who in (CASHIER, OWNER):
        (found,) = (await asked(till, who, path))["items"]
        assert (found["id"], found["bill"], found["status"]) == (taken["id"], "8000", "accepted")
    assert (await asked(till, "another shop", path)) == {
        "merchant": other, "reference": reference, "items": [],
    }  # fmt: skip

    await pay_charge(till, "malee", 2_000, reference_of(OWNER, 8))
    day = await asked(till, CASHIER, "/v1/till/today")
    assert (day["count"], day["amount"], day["items"]) == (1, "4000", [])
    whole = await asked(till, OWNER, "/v1/till/today")
    assert (whole["count"], whole["amount"], len(whole["items"])) == (2, "5000", 2)
    assert (day["due_on"], whole["due_on"]) == ("2025-10-30", "2025-10-30")

    revoke = f"/v1/merchants/1/devices/{device}/revoke"
    assert (await till.signed(key_of(OWNER), "POST", revoke)).status_code == 200
    for gone in (path, "/v1/till", "/v1/till/today"):
        assert (await asked(till, CASHIER, gone))["code"] == "device_revoked"


async def test_stubs_are_told_to_the_owner_and_to_each_device_of_what_it_took_itself(
    till: Till,
) -> None:
    await pair(till)
    charged = await pay_charge(till, "somchai", 8_000, reference_of(CASHIER, 7))
    named = SignedRedemption(
        campaign=1, merchant=0, bill=50_000, amount=20_000, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = {"present": till.present_text("malee", named), "merchant": 1, "bill": "4000"}
    scanned = (await till.signed(key_of(CASHIER), "POST", "/v1/redemptions", body)).json()
    others = await pay_charge(till, "lek", 2_000, reference_of(OWNER, 8))
    page = await asked(till, CASHIER, "/v1/till/stubs?limit=1")
    (first,) = page["items"]
    (second,) = (await asked(till, CASHIER, f"/v1/till/stubs?after={page['next']}"))["items"]
    assert {first["id"], second["id"]} == {charged["id"], scanned["id"]}
    assert {one["id"]: one["unnamed"] for one in (first, second)} == {
        charged["id"]: False, scanned["id"]: True,
    }  # fmt: skip
    whole = await asked(till, OWNER, "/v1/till/stubs")
    assert {one["id"] for one in whole["items"]} == {charged["id"], scanned["id"], others["id"]}
    assert whole == await asked(till, OWNER, "/v1/merchants/1/stubs")
    assert (await asked(till, "somchai", "/v1/till/stubs"))["code"] == "unknown_merchant"
    await till.settle()
    assert (await asked(till, CASHIER, "/v1/till/stubs"))["items"] == []


async def test_the_same_charge_sent_twice_is_one_answer(till: Till) -> None:
    reference = reference_of(OWNER, 9)
    message = SignedRedemption(
        campaign=1, merchant=1, bill=6_000, amount=3_000, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = {**till.charge_body(key_of("somchai"), message), "reference": reference}
    first = await till.post("/v1/redemptions", body, **{"idempotency-key": "tapped-twice"})
    second = await till.post("/v1/redemptions", body, **{"idempotency-key": "tapped-twice"})
    assert first.json() == second.json()
    third = await till.post("/v1/redemptions", body)
    assert third.json()["code"] == "already_spent"
    (found,) = (await asked(till, OWNER, f"/v1/till/charges/{reference}"))["items"]
    assert found["id"] == first.json()["id"]


async def test_a_redemption_of_a_named_shop_reaches_the_chain_with_its_reference_kept(
    till: Till,
) -> None:
    reference = reference_of(OWNER, 10)
    taken = await pay_charge(till, "lek", 4_000, reference)
    await till.settle()
    (found,) = (await asked(till, OWNER, f"/v1/till/charges/{reference}"))["items"]
    assert (found["id"], found["status"]) == (taken["id"], "final")


@pytest.mark.parametrize("path", ["/wallet", "/shop", "/wallet?lang=en"])
async def test_pages_that_are_not_set_up_say_what_to_do(
    till: Till, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "static"
    shutil.copytree(assets.STATIC, bare, ignore=shutil.ignore_patterns("vendor"))
    monkeypatch.setattr(faces, "load_assets", lambda: load_assets(bare))
    answer = await till.client.get(path)
    assert answer.status_code == 503
    assert "make setup-demo" in answer.text
    assert (await till.client.get("/v1/time")).status_code == 200
