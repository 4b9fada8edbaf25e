"""What a browser gets: pages for people, a description for programs, and strict headers."""

from typing import Any

import pytest

from api.headers import PAGE_STYLE, SECURITY_HEADERS
from api.problems import STATUS, status_of
from ledger.errors import every_error
from ledger.qr.codec import ChargeCode, PaperCode, PresentCode, ReceiptCode, encode_body
from tests.integration.till import Till, key_of

CODES: list[Any] = [
    ChargeCode(merchant=1, bill=12_000, reference=bytes(8)),
    ChargeCode(merchant=1, bill=0, reference=bytes(8)),
    PresentCode(campaign=1, bill=1, amount=1, copay=0, signed_at=15, r=bytes(32), vs=bytes(32)),
    PaperCode(pin_needed=False, seed=bytes(16)),
    ReceiptCode(
        campaign=1, pass_number=1, merchant=1, bill=1, amount=1, copay=0, signed_at=15,
        accepted_at=2**40 - 1, policy=bytes(32), r=bytes(32), vs=bytes(32),
    ),
]  # fmt: skip


@pytest.mark.parametrize("code", CODES, ids=lambda code: type(code).__name__)
@pytest.mark.parametrize("letter", ["Q", "q"])
async def test_a_code_opened_by_a_camera_says_what_to_do(
    till: Till, code: Any, letter: str
) -> None:
    body = encode_body(code, till.runtime.deployment.tag)
    page = await till.client.get(f"/{letter}/{body if letter == 'Q' else body.lower()}")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert till.runtime.settings.city_th in page.text
    assert 'lang="en"' in page.text


@pytest.mark.parametrize(
    "body", ["x", "%00", "A" * 5_000, "<script>", "%3Cscript%3E", "AEAQ", "..%2F..%2Fetc", "ก"]
)
async def test_a_code_that_is_not_ours_warns_and_echoes_nothing(till: Till, body: str) -> None:
    page = await till.client.get(f"/Q/{body}")
    assert page.status_code == 404
    assert "<script>" not in page.text


async def test_a_charge_of_an_unknown_shop_warns(till: Till) -> None:
    code = ChargeCode(merchant=999, bill=100, reference=bytes(8))
    page = await till.client.get(f"/Q/{encode_body(code, till.runtime.deployment.tag)}")
    assert page.status_code == 404
    other = await till.client.get(f"/Q/{encode_body(CODES[0], bytes(4))}")
    assert other.status_code == 404


async def test_the_front_page_lists_the_addresses(till: Till) -> None:
    page = await till.client.get("/")
    assert page.status_code == 200
    for address in ("/v1/campaigns", "/v1/merchants", "/openapi.json", till.runtime.book):
        assert address in page.text
    assert f"<style>{PAGE_STYLE}</style>" in page.text


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/v1/campaigns/x", "/openapi.json"])
async def test_every_answer_carries_the_headers_and_a_request_id(till: Till, path: str) -> None:
    answer = await till.client.get(path, headers={"x-request-id": "from-the-proxy"})
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["x-request-id"] == "from-the-proxy"
    other = await till.client.get(path, headers={"x-request-id": "<bad>"})
    assert other.headers["x-request-id"].startswith("req_")
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_a_defect_is_a_problem_that_tells_nothing_of_our_inside(till: Till) -> None:
    await till.runtime.engine.dispose()
    async with till.runtime.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE merchant_facts RENAME TO gone")
    answer = await till.client.get("/v1/merchants/1")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "gone" not in answer.text and "merchant_facts" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert answer.headers["content-security-policy"]


async def test_the_description_names_ways_to_sign_in_examples_and_problems(till: Till) -> None:
    document = (await till.client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation.get("description"), where
            problem = operation["responses"]["422"]["content"]
            assert "application/problem+json" in problem, where
    mint = document["paths"]["/v1/tokens/mint"]["post"]
    assert mint["security"] == [{"officer": []}]
    assert mint["x-nakhon-roles"] == ["treasurer"]
    assert document["paths"]["/v1/me/pass"]["get"]["security"] == [{"signed": []}]
    for name in ("DraftCampaign", "ChargeRedemption", "RegisterMerchant", "Quote", "MintTokens"):
        assert document["components"]["schemas"][name]["examples"], name
    amount = document["components"]["schemas"]["ChargeRedemption"]["properties"]["amount"]
    assert amount["type"] == "string"


async def test_health_and_readiness_tell_the_difference(till: Till) -> None:
    assert (await till.client.get("/healthz")).json() == {"status": "ok"}
    ready = await till.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    await till.mine(40)
    behind = await till.client.get("/readyz")
    assert (behind.status_code, behind.json()["status"]) == (503, "not_ready")
    assert behind.json()["behind"] == 40
    await till.sync()
    assert (await till.client.get("/readyz")).status_code == 200


async def test_lists_page_by_cursor_and_link(till: Till) -> None:
    for name in ("b", "c", "d"):
        await till.register(f"shop {name}")
    seen: list[int] = []
    path: str | None = "/v1/merchants?limit=3"
    while path is not None:
        answer = await till.client.get(path)
        seen += [item["merchant"] for item in answer.json()["items"]]
        link = answer.headers.get("link")
        path = None if link is None else link[1 : link.index(">")]
        assert (path is None) == (answer.json()["next"] is None)
    assert seen == [1, 2, 3, 4]


async def test_a_holders_history_pages_newest_first(till: Till) -> None:
    signed_at = await till.step_now(1) - 150
    for number in range(5):
        await till.pay("somchai", 1, 200, 100, signed_at=signed_at + 15 * number)
        if number == 2:
            await till.settle()
    await till.sequencer.step()
    seen: list[tuple[int, str]] = []
    path: str | None = "/v1/me/redemptions?limit=2"
    while path is not None:
        answer = await till.signed(key_of("somchai"), "GET", path)
        seen += [(item["signed_at"], item["status"]) for item in answer.json()["items"]]
        link = answer.headers.get("link")
        path = None if link is None else link[1 : link.index(">")]
    assert sorted(seen) == [
        (signed_at + 15 * n, "final" if n < 3 else "accepted") for n in range(5)
    ]


def test_every_failure_has_a_status() -> None:
    for kind in every_error():
        assert any(ancestor in STATUS for ancestor in kind.__mro__)
    assert status_of(next(iter(every_error()))()) == 500
