"""Orders and registrations that make no sense are refused before anything is queued or kept."""

from typing import Any

import pytest

from ledger.qr.codec import ChargeCode, encode_body
from tests.integration.problems_expected import ZERO, expect_problem, rows
from tests.integration.till import LUNCH, Till, key_of


@pytest.mark.parametrize(
    ("path", "role", "body"),
    [
        ("/v1/tokens/mint", "treasurer", {"to": ZERO, "amount": "1"}),
        ("/v1/tokens/mint", "treasurer", {"to": "0x" + "11" * 20, "amount": "0"}),
        ("/v1/tokens/mint", "treasurer", {"to": "0x" + "11" * 20, "amount": "-1"}),
        ("/v1/tokens/mint", "treasurer", {"to": "0x" + "11" * 19, "amount": "1"}),
        ("/v1/tokens/mint", "treasurer", {"to": "0x" + "11" * 20, "amount": str(2**96)}),
        (
            "/v1/tokens/mint",
            "treasurer",
            {"to": "0x52908400098527886E0F7030069857D2E4169Ee7", "amount": "1"},
        ),
        ("/v1/campaigns/1/fund", "treasurer", {"amount": "0"}),
        ("/v1/campaigns/1/fund", "treasurer", {"amount": "1", "funder": "nobody"}),
        ("/v1/campaigns/1/fund", "treasurer", {"amount": "1", "funder": "../admin"}),
        ("/v1/passes/1/rebind", "registrar", {"to": ZERO, "reason": "long enough"}),
        ("/v1/passes/1/rebind", "registrar", {"to": "0x" + "11" * 20}),
        ("/v1/passes/1/status", "registrar", {"status": "gone", "reason": "long enough"}),
        ("/v1/passes/1/status", "registrar", {"status": "ended", "reason": "short"}),
        ("/v1/campaigns", "campaign_officer", {"policy": {}}),
        ("/v1/campaigns", "campaign_officer", {"policy": LUNCH | {"allowance": "1.5"}}),
        ("/v1/campaigns", "campaign_officer", {"policy": LUNCH, "list": [0]}),
        ("/v1/campaigns", "campaign_officer", {"policy": LUNCH, "list": [1, 1]}),
        ("/v1/campaigns", "campaign_officer", {"policy": LUNCH, "list": [1]}),
        ("/v1/campaigns", "campaign_officer", {"policy": "0x" + "00" * 31}),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_before_it_is_queued(
    till: Till, path: str, role: str, body: Any
) -> None:
    before = await rows(till, "intents")
    answer = await till.post(path, body, role=role)
    assert answer.status_code == 422, answer.text
    assert await rows(till, "intents") == before


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "policy",
    [
        LUNCH | {"share_basis_points": 10**30},
        LUNCH | {"share_basis_points": 1e300},
        LUNCH | {"allowance": "9" * 5_000},
        LUNCH | {"name": {"th": "\u202e", "en": "\0"}},
        LUNCH | {"name": deep(20)},
        LUNCH | {"name": deep(500)},
        {str(n): n for n in range(5_000)},
    ],
    ids=range(7),
)
@pytest.mark.parametrize("path", ["/v1/policies", "/v1/campaigns"])
async def test_a_hostile_policy_is_refused(till: Till, path: str, policy: Any) -> None:
    body = policy if path == "/v1/policies" else {"policy": policy}
    answer = await till.post(path, body, role="campaign_officer")
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await rows(till, "policies") == 1


async def test_an_order_about_nothing_is_not_found(till: Till) -> None:
    unknown = {"policy": "0x" + "00" * 32}
    answer = await till.post("/v1/campaigns", unknown, role="campaign_officer")
    await expect_problem(answer, 404, "not_found")
    body = {"policy": LUNCH, "list": "lst_" + "a" * 24}
    answer = await till.post("/v1/campaigns", body, role="campaign_officer")
    await expect_problem(answer, 404, "not_found")
    answer = await till.post("/v1/campaigns/9/approve", role="approver")
    await expect_problem(answer, 404, "unknown_campaign")


async def test_a_held_address_cannot_get_a_second_pass_or_shop(till: Till) -> None:
    body = {"to": key_of("malee").address, "reason": "แจ้งโทรศัพท์หายที่เทศบาล"}
    answer = await till.post("/v1/passes/1/rebind", body, role="registrar")
    await expect_problem(answer, 409, "conflict")
    shop = registration(till, payout=key_of("ข้าวซอย").address)
    await expect_problem(await till.post("/v1/merchants", shop, role="registrar"), 409, "conflict")


# Shops and their names


def registration(till: Till, **changes: Any) -> dict[str, Any]:
    return {
        "payout": key_of("new shop").address,
        "kind": "restaurant",
        "category": "restaurant",
        "district": 1,
        "name_th": "ร้านใหม่",
        "name_en": "New shop",
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "temple"},
        {"name_th": "พระธาตุแสงจันทร์"},
        {"name_th": " วัดพวกช้าง"},
        {"name_en": "Wat Phuak Chang"},
        {"name_en": "Temple of the Moon"},
        {"kind": "temple", "override_reason": "the abbot also sells noodles"},
    ],
)
async def test_a_temple_is_no_restaurant(till: Till, changes: dict[str, Any]) -> None:
    answer = await till.post("/v1/merchants", registration(till, **changes), role="registrar")
    await expect_problem(answer, 422, "merchant_category_mismatch")


@pytest.mark.parametrize(
    "changes",
    [
        {"name_th": "ขนมจีนน้ำเงี้ยวรสเด็ดหลังวัดพวกช้าง"},
        {"name_en": "Watermelon bar"},
        {"kind": "temple", "category": "temple", "name_th": "พระธาตุแสงจันทร์"},
        {"name_th": "วัดใจก๋วยเตี๋ยวเรือ", "override_reason": "visited: it is a noodle shop"},
    ],
)
async def test_a_shop_behind_the_temple_is_a_shop(till: Till, changes: dict[str, Any]) -> None:
    answer = await till.post("/v1/merchants", registration(till, **changes), role="registrar")
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"name_th": "a\0b"},
        {"name_th": "\u202eevil"},
        {"name_en": "x" * 10_000},
        {"name_en": "   "},
        {"name_en": "line\nbreak"},
        {"name_en": "\ud800"},
        {"category": "casino"},
        {"kind": "casino"},
        {"district": 64},
        {"district": -1},
        {"latitude": "north"},
        {"latitude": 91},
        {"latitude": "NaN"},
        {"longitude": "181"},
        {"payout": ZERO},
    ],
)
async def test_a_shop_with_hostile_fields_is_refused(till: Till, changes: dict[str, Any]) -> None:
    answer = await till.post("/v1/merchants", registration(till, **changes), role="registrar")
    assert answer.status_code in {400, 422}, answer.text
    assert await rows(till, "merchant_profiles") == 1


async def test_a_name_stays_a_name(till: Till) -> None:
    number = await till.register("<script>alert(1)</script>=1+1")
    shown = (await till.client.get(f"/v1/merchants/{number}")).json()
    assert shown["name_th"] == "<script>alert(1)</script>=1+1"
    code = ChargeCode(merchant=number, bill=12_345, reference=bytes(8))
    body = encode_body(code, till.runtime.deployment.tag)
    page = await till.client.get(f"/Q/{body}")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "123.45" in page.text
