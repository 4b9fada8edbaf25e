"""The town with campaigns of several till rules, and requests that bring what the rules need."""

from typing import Any

import httpx

from ledger.domain.policy import parse_policy
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signed_verdict import read_signed
from ledger.domain.verdict import Verdict
from tests.integration.till import LUNCH, Till, key_of

SHOP_LATITUDE, SHOP_LONGITUDE = "18.742300", "98.942000"
NEAR_SHOP = {"latitude": "18.743000", "longitude": "98.942000"}
"""78 metres north of the shop."""
FAR_AWAY = {"latitude": "18.752300", "longitude": "98.942000"}
"""1,112 metres north of the shop."""


def with_till(**rules: Any) -> dict[str, Any]:
    """Lunch for everyone, all of the bill, with these rules of the till."""
    return {
        **LUNCH,
        "name": {"th": "มื้อพิเศษ", "en": "Special lunch"},
        "share_basis_points": 10_000,
        "till": rules,
    }


async def shop_with_place(till: Till, name: str = "ก๋วยเตี๋ยว") -> int:
    """A restaurant that says where it stands."""
    result = await till.order(
        "registrar",
        "/v1/merchants",
        {
            "payout": key_of(name).address,
            "kind": "restaurant",
            "category": "restaurant",
            "district": 1,
            "name_th": name,
            "name_en": name,
            "latitude": SHOP_LATITUDE,
            "longitude": SHOP_LONGITUDE,
        },
    )
    return int(result["merchant"])


async def pay(
    till: Till,
    who: str,
    amount: int,
    *,
    merchant: int = 1,
    campaign: int = 2,
    signed_at: int | None = None,
    bill: int | None = None,
    **told: Any,
) -> httpx.Response:
    """Pay a bill of exactly the amount, with what the request tells besides."""
    message = SignedRedemption(
        campaign=campaign,
        merchant=merchant,
        bill=amount if bill is None else bill,
        amount=amount,
        copay=0,
        signed_at=await till.step_now(campaign) if signed_at is None else signed_at,
    )
    body = till.charge_body(key_of(who), message) | told
    return await till.post("/v1/redemptions", body)


async def position(
    till: Till, place: dict[str, str], *, age: int = 0, accuracy: int = 10
) -> dict[str, Any]:
    """A position a phone measured `age` seconds ago."""
    measured_at = await till.now() - age
    return {**place, "accuracy_metres": accuracy, "measured_at": measured_at}


async def quote(
    till: Till, who: str, bill: int, *, campaign: int = 2, merchant: int = 1, **told: Any
) -> dict[str, Any]:
    """What the coupon would pay."""
    body = {
        "campaign": campaign,
        "merchant": merchant,
        "bill": str(bill),
        "holder": key_of(who).address,
        **told,
    }
    answer = await till.post("/v1/redemptions/quote", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refused(answer: httpx.Response, code: str) -> dict[str, Any]:
    """The problem of a refusal: by this rule, in both languages, with its policy and verdict."""
    assert answer.status_code == 422, answer.text
    problem = dict(answer.json())
    assert problem["code"] == problem["rule"] == code, problem
    assert problem["detail_th"] and problem["detail_en"]
    assert problem["policy"].startswith("0x")
    assert problem["verdict"].startswith("vrd_")
    return problem


async def judged_again(till: Till, name: str) -> tuple[dict[str, Any], Verdict]:
    """A signed verdict, its signature checked and judged again from nothing but its own words."""
    headers = {"authorization": f"Bearer {till.keys['approver']}"}
    answer = await till.client.get(f"/v1/verdicts/{name}", headers=headers)
    assert answer.status_code == 200, answer.text
    told = dict(answer.json())
    signed = read_signed(told)
    signed.check_signature(till.separator)
    assert signed.signer == till.runtime.sequencer.address
    assert signed.policy is not None
    again, differences = signed.judged_again(parse_policy(signed.policy.canonical))
    assert differences == []
    return told, again
