"""Hostile input of every kind: a clear problem, nothing lost, nothing half-done, never a 500."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.chain.signer import KeySigner
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import ORDER
from ledger.domain.typed_data import domain_separator, redemption_digest
from ledger.qr.codec import PresentCode, encode
from tests.integration.problems_expected import charge, expect_problem, rows
from tests.integration.till import Till, key_of

# HTTP itself


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "no_such_page"),
        ("GET", "/v1/redemptions/rdm_nothing", 404, "unknown_redemption"),
        ("GET", "/v1/receipts/rdm_nothing", 404, "unknown_redemption"),
        ("GET", "/v1/campaigns/99", 404, "unknown_campaign"),
        ("GET", "/v1/campaigns/4294967295", 404, "unknown_campaign"),
        ("GET", "/v1/campaigns/4294967296", 422, "input_invalid"),
        ("GET", "/v1/campaigns/0", 422, "input_invalid"),
        ("GET", "/v1/campaigns/-1", 422, "input_invalid"),
        ("GET", "/v1/campaigns/one", 422, "input_invalid"),
        ("GET", "/v1/merchants/4294967295", 404, "unknown_merchant"),
        ("GET", "/v1/merchants?limit=0", 422, "input_invalid"),
        ("GET", "/v1/merchants?limit=999999", 422, "input_invalid"),
        ("GET", "/v1/merchants?cursor=%00", 422, "input_invalid"),
        ("GET", "/v1/merchants?cursor=zzzz", 422, "input_invalid"),
        ("GET", "/v1/merchants?cursor=__________8", 422, "input_invalid"),
        ("DELETE", "/v1/merchants", 405, "method_not_allowed"),
        ("PUT", "/v1/redemptions", 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_there_is_a_problem_in_two_languages(
    till: Till, method: str, path: str, status: int, code: str
) -> None:
    await expect_problem(await till.client.request(method, path), status, code)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"1",
        b'"x"',
        b"\xff\xfe",
        b"\0",
        b"{}{}",
        b"[" * 100_000,
        b"[" * 1_000 + b"]" * 1_000,
        b'{"campaign":' * 1_000 + b"1" + b"}" * 1_000,
        b'{"campaign":' + b"9" * 5_000 + b"}",
        b'{"campaign":NaN}',
        b'{"campaign":1e400}',
        b'{"campaign":"\\ud800"}',
    ],
)
async def test_a_body_that_is_no_object_is_refused(till: Till, body: bytes) -> None:
    headers = till.named(None) | {"content-type": "application/json"}
    answer = await till.client.post("/v1/redemptions", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_huge_body_is_refused_whether_or_not_it_says_how_long_it_is(till: Till) -> None:
    headers = till.named(None) | {"content-type": "application/json"}
    huge = b" " * (till.runtime.settings.body_bytes_max + 1)
    answer = await till.client.post("/v1/redemptions", content=huge, headers=headers)
    await expect_problem(answer, 413, "body_too_large")

    async def parts() -> Any:
        for _ in range(20):
            yield b" " * 100_000

    answer = await till.client.post("/v1/redemptions", content=parts(), headers=headers)
    await expect_problem(answer, 413, "body_too_large")
    table = b"pass\n" + b"1\n" * (3 * 1024 * 1024)
    answer = await till.client.post(
        "/v1/lists", content=table, headers=till.named("campaign_officer")
    )
    await expect_problem(answer, 413, "body_too_large")


@pytest.mark.parametrize("kind", ["text/plain", "text/csv", "application/xml", "", "x" * 3_000])
async def test_another_kind_of_content_is_refused(till: Till, kind: str) -> None:
    headers = till.named(None) | {"content-type": kind}
    answer = await till.client.post("/v1/redemptions", content=b"{}", headers=headers)
    await expect_problem(answer, 415, "media_type_unsupported")


async def test_compressed_bodies_are_refused(till: Till) -> None:
    headers = till.named(None) | {"content-type": "application/json", "content-encoding": "gzip"}
    answer = await till.client.post("/v1/redemptions", content=b"\x1f\x8b", headers=headers)
    await expect_problem(answer, 415, "media_type_unsupported")


# Figures


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 6_000},
        {"amount": "6000.0"},
        {"amount": "-1"},
        {"amount": "+6000"},
        {"amount": "06000"},
        {"amount": "6,000"},
        {"amount": "๖๐๐๐"},
        {"amount": "６０００"},
        {"amount": " 6000"},
        {"amount": "6000\n"},
        {"amount": "6e3"},
        {"amount": ""},
        {"amount": None},
        {"amount": True},
        {"amount": "4294967296"},
        {"amount": "9" * 28},
        {"amount": "9" * 5_000},
        {"bill": "4294967296"},
        {"campaign": "1"},
        {"campaign": 1.0},
        {"campaign": True},
        {"campaign": 2**32},
        {"merchant": 0},
        {"merchant": -1},
        {"signed_at": 2**40},
        {"signed_at": -1},
        {"signature": "0x"},
        {"signature": "0x" + "ab" * 63},
        {"signature": "0x" + "zz" * 64},
        {"signature": ["0x"]},
        {"surprise": 1},
    ],
)
async def test_a_field_of_the_wrong_type_or_size_is_named(
    till: Till, changes: dict[str, Any]
) -> None:
    answer = await till.post("/v1/redemptions", await charge(till, **changes))
    problem = await expect_problem(answer, 422, "input_invalid")
    named = {part for error in problem["errors"] for part in error["pointer"].split("/")}
    assert set(changes) <= named
    assert await rows(till, "redemptions") == 0


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        ({"amount": 0}, "amount_invalid"),
        ({"bill": 5_999}, "amount_invalid"),
        ({"bill": 0}, "amount_invalid"),
        ({"amount": 6_001}, "share_exceeded"),
        ({"amount": 2**32 - 1, "bill": 2**32 - 1}, "share_exceeded"),
        ({"amount": 2**31 - 1, "bill": 2**32 - 1}, "day_quota_used"),
        ({"amount": 2**24, "bill": 2**32 - 1}, "day_quota_used"),
        ({"merchant": 99}, "merchant_unknown"),
        ({"copay": 2**32 - 1, "bill": 2**32 - 1}, "amount_invalid"),
        ({"copay": 1_000}, "copay_unpaid"),
        ({"signed_at": 1_761_692_400 - 15}, "not_started"),
        ({"signed_at": 1_761_714_001}, "step_invalid"),
        ({"signed_at": 2**40 - 1}, "step_invalid"),
    ],
)
async def test_figures_beyond_the_rules_are_refused_by_the_rule_they_break(
    till: Till, figures: dict[str, int], code: str
) -> None:
    message = SignedRedemption(
        campaign=1, merchant=1, bill=12_000, amount=6_000, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = till.charge_body(key_of("somchai"), replace(message, **figures))
    problem = await expect_problem(await till.post("/v1/redemptions", body), 422, code)
    assert problem["rule"] == code
    assert await rows(till, "redemptions") == await rows(till, "usage_counters") == 0


async def test_an_unknown_campaign_is_not_found(till: Till) -> None:
    message = SignedRedemption(
        campaign=77, merchant=1, bill=12_000, amount=6_000, copay=0, signed_at=1_761_714_000
    )
    body = till.charge_body(key_of("somchai"), message)
    await expect_problem(await till.post("/v1/redemptions", body), 404, "unknown_campaign")


# Signatures


def twins(signature: bytes) -> dict[str, bytes]:
    r, packed = signature[:32], int.from_bytes(signature[32:], "big")
    parity, s = packed >> 255, packed & (2**255 - 1)
    high = (ORDER - s).to_bytes(32, "big")
    low = s.to_bytes(32, "big")
    return {
        "high s": r + high + bytes([28 - parity]),
        "wrong parity": r + low + bytes([28 - parity]),
        "v of 29": r + low + bytes([29]),
        "v of 2": r + low + bytes([2]),
        "all zero": bytes(64),
        "all zero, 65": bytes(65),
        "r zero": bytes(32) + low + bytes([27]),
        "s zero": r + bytes(32) + bytes([27]),
        "all ones": b"\xff" * 64,
        "r beyond the order": ORDER.to_bytes(32, "big") + low + bytes([27]),
    }


@pytest.mark.parametrize("twin", sorted(twins(bytes(64))))
async def test_a_signature_that_is_not_the_holders_is_refused_and_never_breaks_anything(
    till: Till, twin: str
) -> None:
    body = await charge(till)
    mangled = twins(bytes.fromhex(body["signature"][2:]))[twin]
    answer = await till.post("/v1/redemptions", body | {"signature": "0x" + mangled.hex()})
    problem = await expect_problem(answer, 422, "signature_invalid")
    assert problem["rule"] == "signature_invalid"


@pytest.mark.parametrize("v", [0, 1, 27, 28])
async def test_every_spelling_of_the_holders_signature_is_the_holder(till: Till, v: int) -> None:
    body = await charge(till)
    signature = bytes.fromhex(body["signature"][2:])
    packed = int.from_bytes(signature[32:], "big")
    parity, s = packed >> 255, packed & (2**255 - 1)
    if v % 27 != parity:
        return
    spelled = signature[:32] + s.to_bytes(32, "big") + bytes([v])
    answer = await till.post("/v1/redemptions", body | {"signature": "0x" + spelled.hex()})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("elsewhere", ["chain", "contract"])
async def test_a_signature_for_another_chain_or_contract_is_nobodys(
    till: Till, elsewhere: str
) -> None:
    chain, book = till.runtime.chain_id, till.runtime.book
    separator = (
        domain_separator(chain + 1, book)
        if elsewhere == "chain"
        else domain_separator(chain, till.runtime.token)
    )
    body = await charge(till)
    message = SignedRedemption(
        campaign=1, merchant=1, bill=12_000, amount=6_000, copay=0, signed_at=body["signed_at"]
    )
    key: KeySigner = key_of("somchai")
    r, vs = await key.sign_digest(redemption_digest(separator, message))
    answer = await till.post("/v1/redemptions", body | {"signature": "0x" + (r + vs).hex()})
    await expect_problem(answer, 422, "signature_invalid")


@pytest.mark.parametrize(
    "changes",
    [{"bill": "13000"}, {"amount": "5999"}, {"campaign": 1, "merchant": 2}, {"signed_at": 15}],
)
async def test_a_changed_figure_is_no_longer_signed(till: Till, changes: dict[str, Any]) -> None:
    if "merchant" in changes:
        await till.register("other shop")
    if "signed_at" in changes:
        changes = {"signed_at": await till.step_now(1) - changes["signed_at"]}
    answer = await till.post("/v1/redemptions", await charge(till, **changes))
    await expect_problem(answer, 422, "signature_invalid")


async def test_a_clock_ahead_is_refused_beyond_a_minute(till: Till) -> None:
    now = await till.step_now(1)
    ahead = await till.pay("somchai", 1, 2_000, 1_000, signed_at=now + 90)
    await expect_problem(ahead, 422, "signed_in_future")
    assert (await till.pay("somchai", 1, 2_000, 1_000, signed_at=now + 45)).status_code == 201


# Codes of somebody else


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "00020101021153037645802TH6304ABCD",
        "HTTPS://MAEHIA.EXAMPLE/Q/",
        "HTTPS://MAEHIA.EXAMPLE/Q/AAAA",
        "https://maehia.example/q/aeaq",
        "HTTPS://PROMPTPAY.IO/0812345678",
        "\0",
        "ก" * 300,
        "HTTPS://MAEHIA.EXAMPLE/Q/" + "A" * 275,
    ],
)
async def test_a_code_of_somebody_else_is_told_apart(till: Till, text: str) -> None:
    body = {"present": text, "merchant": 1, "bill": "9000"}
    answer = await till.signed(key_of("ข้าวซอย"), "POST", "/v1/redemptions", body)
    assert answer.status_code == 422
    assert answer.json()["code"] in {"qr_invalid", "input_invalid"}


async def test_a_code_of_another_city_is_told_apart(till: Till) -> None:
    code = PresentCode(
        campaign=1, bill=1, amount=1, copay=0, signed_at=15, r=bytes(32), vs=bytes(32)
    )
    text = encode(code, till.runtime.settings.origin, b"\x01\x02\x03\x04")
    body = {"present": text, "merchant": 1, "bill": "9000"}
    answer = await till.signed(key_of("ข้าวซอย"), "POST", "/v1/redemptions", body)
    await expect_problem(answer, 422, "qr_invalid")


async def test_more_than_was_signed_is_never_taken(till: Till) -> None:
    message = SignedRedemption(
        campaign=1, merchant=0, bill=10_000, amount=3_000, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    text = till.present_text("malee", message)
    shop = key_of("ข้าวซอย")
    dear = {"present": text, "merchant": 1, "bill": "10001"}
    answer = await till.signed(shop, "POST", "/v1/redemptions", dear)
    await expect_problem(answer, 422, "maximum_exceeded")
    body = {"present": text, "merchant": 1, "bill": "10000", "copay": "1"}
    answer = await till.signed(shop, "POST", "/v1/redemptions", body)
    await expect_problem(answer, 422, "maximum_exceeded")
    body = {"present": text, "merchant": 1, "bill": "10000"}
    answer = await till.signed(shop, "POST", "/v1/redemptions", body)
    assert (answer.status_code, answer.json()["amount"]) == (201, "3000")
