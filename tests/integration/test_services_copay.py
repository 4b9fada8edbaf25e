"""The resident's own share: taken with the city's, and given back with it (P9)."""

from dataclasses import replace

import httpx
import pytest

from api.app import create_app
from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.gateway import Gateway, Limits
from ledger.chain.signer import Transaction, sign_transaction
from ledger.domain.redemption import SignedRedemption
from tests.integration.till import Till, key_of


async def give(till: Till, who: str, tokens: int, *, allowed: int) -> None:
    """Tokens for a resident, and what they let the book take of them."""
    key = key_of(who)
    body = {"to": key.address, "amount": str(tokens)}
    await till.order("treasurer", "/v1/tokens/mint", body)
    await till.gateway.rpc("anvil_setBalance", [key.address, hex(10**18)])
    signed = await sign_transaction(
        key,
        Transaction(
            chain_id=till.runtime.chain_id,
            account_nonce=await till.gateway.transaction_count(key.address),
            priority_fee_wei=10**9,
            fee_wei_max=10**11,
            gas_limit=100_000,
            to=till.runtime.token,
            data=encode_call("CityToken", "approve", till.runtime.book, allowed),
        ),
    )
    await till.gateway.send_raw(signed.raw)
    await till.quiet()


async def balance(till: Till, who: str) -> int:
    data = encode_call("CityToken", "balanceOf", key_of(who).address)
    answer = await till.gateway.call(till.runtime.token, data)
    return int(decode_result("CityToken", "balanceOf", answer)[0])


async def test_a_copay_moves_with_the_redemption_and_back_with_its_void(till: Till) -> None:
    await give(till, "somchai", 10_000, allowed=10_000)
    body = {
        "campaign": 1,
        "merchant": 1,
        "bill": "12000",
        "holder": key_of("somchai").address,
        "copay": "4000",
    }
    quoted = (await till.post("/v1/redemptions/quote", body)).json()
    assert (quoted["amount"], quoted["copay"], quoted["cash"]) == ("6000", "4000", "2000")
    taken = (await till.pay("somchai", 1, 12_000, 6_000, copay=4_000)).json()
    assert (taken["status"], taken["cash"]) == ("accepted", "2000")
    await till.settle()
    assert (await till.redemption(taken["id"]))["status"] == "final"
    assert await balance(till, "somchai") == 6_000
    takings = await till.signed(key_of("ข้าวซอย"), "GET", "/v1/merchants/1/takings")
    assert takings.json()["copay"] == "4000"
    await till.void("ข้าวซอย", taken, 6_000)
    await till.settle()
    assert await balance(till, "somchai") == 10_000
    assert (await till.redemption(taken["id"]))["status"] == "voided"


async def test_tokens_promised_at_one_till_cannot_be_promised_at_another(till: Till) -> None:
    await give(till, "somchai", 5_000, allowed=100_000)
    at = await till.step_now(1) - 60
    first = await till.pay("somchai", 1, 8_000, 4_000, copay=4_000, signed_at=at)
    assert first.status_code == 201, first.text
    second = await till.pay("somchai", 1, 8_000, 4_000, copay=1_001, signed_at=at + 15)
    assert second.json()["code"] == "copay_unpaid"
    assert second.json()["figures"]["copay_funds"] == 1_000
    third = await till.pay("somchai", 1, 8_000, 4_000, copay=1_000, signed_at=at + 30)
    assert third.status_code == 201
    await till.settle()
    assert await balance(till, "somchai") == 0


async def test_a_presented_code_takes_as_much_copay_as_was_signed_and_is_there(
    till: Till,
) -> None:
    await give(till, "malee", 3_000, allowed=2_500)
    message = SignedRedemption(
        campaign=1, merchant=0, bill=50_000, amount=15_000, copay=4_000,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = {"present": till.present_text("malee", message), "merchant": 1, "bill": "9000"}
    taken = await till.signed(key_of("ข้าวซอย"), "POST", "/v1/redemptions", body)
    assert taken.status_code == 201, taken.text
    assert (taken.json()["amount"], taken.json()["copay"]) == ("4500", "2500")
    await till.settle()
    assert await balance(till, "malee") == 500


@pytest.mark.parametrize("copay", [0, 1_000])
async def test_the_till_goes_on_without_the_node_where_no_tokens_are_moved(
    till: Till, copay: int
) -> None:
    message = SignedRedemption(
        campaign=1, merchant=1, bill=12_000, amount=6_000, copay=copay,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = till.charge_body(key_of("somchai"), message)
    silent = Gateway("http://127.0.0.1:9", limits=Limits(retry_pauses_ms=()))
    async with silent:
        app = create_app(replace(till.runtime, gateway=silent))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://till") as client:
            answer = await client.post(
                "/v1/redemptions", json=body, headers={"idempotency-key": "dark"}
            )
            ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["node"]) == (503, False)
    if copay:
        assert (answer.status_code, answer.json()["code"]) == (503, "node_unreachable")
        assert answer.headers["retry-after"] == "2"
    else:
        assert answer.status_code == 201, answer.text
        await till.settle()
        assert (await till.redemption(answer.json()["id"]))["status"] == "final"
