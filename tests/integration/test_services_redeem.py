"""From the council's decision to the closed account, through the API, on a real chain."""

import pytest

from ledger.chain.encoding import encode_call
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import recover
from ledger.domain.typed_data import receipt_digest
from ledger.indexer.source import source_of
from ledger.indexer.sync import sync_once
from ledger.qr.codec import ReceiptCode
from ledger.qr.scan import scan
from tests.integration.till import CONFIRMATIONS, Till, key_of


async def test_a_lunch_is_quoted_accepted_included_and_final(till: Till) -> None:
    body = {"campaign": 1, "merchant": 1, "bill": "12000", "holder": key_of("somchai").address}
    quoted = (await till.post("/v1/redemptions/quote", body)).json()
    assert quoted["verdict"]["accepted"], quoted
    assert (quoted["amount"], quoted["cash"]) == ("6000", "6000")

    answer = await till.pay("somchai", 1, 12_000, 6_000, signed_at=quoted["signed_at"])
    assert answer.status_code == 201, answer.text
    taken = answer.json()
    assert (taken["status"], taken["merchant_name"]["th"]) == ("accepted", "ข้าวซอย")
    await till.turn()
    assert (await till.redemption(taken["id"]))["status"] == "included"
    await till.settle()
    final = await till.redemption(taken["id"])
    assert final["status"] == "final"
    assert (final["batch"], final["failure"]) == (1, None)
    money = (await till.client.get("/v1/campaigns/1")).json()["money"]
    assert money == {"funded": "1000000", "spent": "6000", "pending": "0", "left": "994000"}


async def test_a_receipt_can_be_checked_without_asking_the_city(till: Till) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    receipt = taken["receipt"]
    code = scan(receipt["qr"], till.runtime.deployment.tag, ReceiptCode)
    digest = receipt_digest(
        till.separator,
        campaign=code.campaign,
        pass_number=code.pass_number,
        merchant=code.merchant,
        bill=code.bill,
        amount=code.amount,
        copay=code.copay,
        signed_at=code.signed_at,
        accepted_at=code.accepted_at,
        policy=code.policy,
    )
    assert recover(digest, code.r, code.vs) == till.runtime.sequencer.address
    assert receipt["signature"] == "0x" + (code.r + code.vs).hex()
    assert (await till.client.get(f"/v1/receipts/{taken['id']}")).json() == receipt


async def test_the_shop_scans_the_resident_and_takes_what_the_bill_allows(till: Till) -> None:
    message = SignedRedemption(
        campaign=1, merchant=0, bill=50_000, amount=15_000, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = {"present": till.present_text("malee", message), "merchant": 1, "bill": "9000"}
    answer = await till.signed(key_of("ข้าวซอย"), "POST", "/v1/redemptions", body)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["amount"], answer.json()["unnamed"]) == ("4500", True)
    await till.settle()
    assert (await till.redemption(answer.json()["id"]))["status"] == "final"


async def test_a_presented_code_needs_the_shops_own_signature(till: Till) -> None:
    message = SignedRedemption(
        campaign=1, merchant=0, bill=50_000, amount=15_000, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body = {"present": till.present_text("malee", message), "merchant": 1, "bill": "9000"}
    assert (await till.post("/v1/redemptions", body)).status_code == 401
    other = await till.signed(key_of("somebody"), "POST", "/v1/redemptions", body)
    assert (other.status_code, other.json()["code"]) == (401, "signature_invalid")


async def test_a_screenshot_dies_after_ninety_seconds_and_a_named_one_after_fifteen_minutes(
    till: Till,
) -> None:
    signed_at = await till.step_now(1)
    message = SignedRedemption(
        campaign=1, merchant=0, bill=50_000, amount=15_000, copay=0, signed_at=signed_at
    )
    body = {"present": till.present_text("malee", message), "merchant": 1, "bill": "9000"}
    await till.sleep_until(signed_at + 95)
    late = await till.signed(key_of("ข้าวซอย"), "POST", "/v1/redemptions", body)
    assert (late.status_code, late.json()["code"]) == (422, "presentation_expired")
    named = await till.pay("malee", 1, 9_000, 4_500, signed_at=signed_at)
    assert named.status_code == 201
    await till.sleep_until(signed_at + 905)
    old = await till.pay("somchai", 1, 9_000, 4_500, signed_at=signed_at)
    assert old.json()["code"] == "presentation_expired"


async def test_the_second_spending_of_one_step_is_told_why(till: Till) -> None:
    signed_at = await till.step_now(1)
    first = await till.pay("somchai", 1, 12_000, 6_000, signed_at=signed_at)
    second = await till.pay("somchai", 1, 12_000, 6_000, signed_at=signed_at)
    assert (first.status_code, second.status_code) == (201, 422)
    problem = second.json()
    assert problem["code"] == problem["rule"] == "already_spent"
    assert problem["detail_th"] and problem["detail_en"]


async def test_the_day_quota_counts_what_the_chain_has_not_seen(till: Till) -> None:
    signed_at = await till.step_now(1) - 60
    for number, amount in enumerate((15_000, 5_000)):
        answer = await till.pay("somchai", 1, 2 * amount, amount, signed_at=signed_at + 15 * number)
        assert answer.status_code == 201, answer.text
    refused = await till.pay("somchai", 1, 200, 100, signed_at=signed_at + 45)
    assert refused.json()["code"] == "day_quota_used"
    assert refused.json()["figures"]["day_left"] == 0


async def test_a_void_gives_back_the_day_and_the_allowance(till: Till) -> None:
    taken = (await till.pay("somchai", 1, 40_000, 20_000)).json()
    await till.turn()
    answer = await till.void("ข้าวซอย", taken, 15_000)
    assert answer.status_code == 202, answer.text
    await till.settle()
    undone = await till.redemption(taken["id"])
    assert (undone["status"], undone["voided"]) == ("final", "15000")
    again = await till.pay("somchai", 1, 30_000, 15_000, signed_at=taken["signed_at"] + 15)
    assert again.status_code == 201, again.text
    await till.settle()
    assert (await till.redemption(again.json()["id"]))["status"] == "final"
    rest = await till.void("ข้าวซอย", taken, 5_000)
    assert rest.status_code == 202, rest.text
    await till.settle()
    assert (await till.redemption(taken["id"]))["status"] == "voided"


async def test_a_void_before_inclusion_waits_for_its_redemption(till: Till) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    asked = await till.void("ข้าวซอย", taken, 6_000)
    assert asked.status_code == 202
    await till.settle()
    await till.settle()
    assert (await till.redemption(taken["id"]))["status"] == "voided"
    assert (await till.client.get("/v1/campaigns/1")).json()["money"]["spent"] == "0"


async def test_only_the_shop_that_took_it_can_void(till: Till) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    stranger = await till.void("somebody", taken, 6_000)
    assert stranger.status_code == 404
    assert await till.register("other") == 2
    other = await till.void("other", taken, 6_000)
    assert (other.status_code, other.json()["code"]) == (401, "signature_invalid")
    too_much = await till.void("ข้าวซอย", taken, 6_001)
    assert too_much.status_code == 422


async def test_a_lost_phone_keeps_its_coupons(till: Till) -> None:
    await till.pay("somchai", 1, 12_000, 6_000)
    await till.settle()
    body = {"to": key_of("new phone").address, "reason": "แจ้งโทรศัพท์หายที่เทศบาล"}
    await till.order("registrar", "/v1/passes/1/rebind", body)
    await till.settle()
    old = await till.pay("somchai", 1, 2_000, 1_000)
    assert old.json()["code"] == "signature_invalid"
    coupons = (await till.signed(key_of("new phone"), "GET", "/v1/me/coupons")).json()
    assert coupons["items"][0]["left"] == "194000"
    after = coupons["items"][0]["last_signed_at"] + 15
    new = await till.pay("new phone", 1, 2_000, 1_000, signed_at=after)
    assert new.status_code == 201, new.text


async def test_a_redemption_in_flight_when_the_phone_is_lost_reaches_the_chain_first(
    till: Till,
) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    body = {"to": key_of("new phone").address, "reason": "แจ้งโทรศัพท์หายที่เทศบาล"}
    moved = await till.post("/v1/passes/1/rebind", body, role="registrar")
    assert moved.status_code == 202
    for _ in range(3):
        await till.turn()
    await till.settle()
    assert (await till.redemption(taken["id"]))["status"] == "final"
    assert (await till.intent(moved.json()["intent"]["id"]))["status"] == "final"
    coupons = (await till.signed(key_of("new phone"), "GET", "/v1/me/coupons")).json()
    assert coupons["items"][0]["left"] == "194000"


async def test_a_redemption_that_a_move_outside_the_till_overtakes_fails_and_is_given_back(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    taken = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    registrar, new = till.runtime.signers["registrar"], key_of("new phone").address
    data = encode_call("CityPass", "rebind", key_of("somchai").address, new)
    await till.gateway.rpc(
        "eth_sendTransaction",
        [
            {
                "from": registrar.address,
                "to": till.runtime.deployment.address("CityPass"),
                "data": "0x" + data.hex(),
            }
        ],
    )
    await till.quiet()
    await till.settle()
    failed = await till.redemption(taken["id"])
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "signature_invalid")
    assert "alarm" in caplog.text
    coupons = (await till.signed(key_of("new phone"), "GET", "/v1/me/coupons")).json()
    assert coupons["items"][0]["left"] == "200000"
    assert (await till.client.get("/v1/campaigns/1")).json()["money"]["left"] == "1000000"


async def test_what_is_left_returns_after_the_end(till: Till) -> None:
    await till.pay("somchai", 1, 12_000, 6_000)
    await till.settle()
    early = await till.post("/v1/campaigns/1/sweep", role="treasurer")
    assert (early.status_code, early.json()["code"]) == (409, "wrong_state")
    ends = (await till.client.get("/v1/campaigns/1")).json()["terms"]["ends"]
    await till.sleep_until(ends + 8 * 86_400)
    swept = await till.order("treasurer", "/v1/campaigns/1/sweep")
    assert swept["unspent"] == "994000"
    await till.settle()
    assert (await till.client.get("/v1/campaigns/1")).json()["status"] == "closed"


async def test_takings_add_up_and_carry_what_the_chain_has_not_seen(till: Till) -> None:
    await till.pay("somchai", 1, 12_000, 6_000)
    await till.settle()
    await till.pay("malee", 1, 8_000, 4_000)
    taken = (await till.signed(key_of("ข้าวซอย"), "GET", "/v1/merchants/1/takings")).json()
    assert (taken["amount"], taken["campaigns"][0]["pending"]) == ("10000", "4000")
    assert [item["status"] for item in taken["items"]] == ["accepted", "final"]
    assert taken["due_on"] == "2025-10-30"


async def test_what_the_index_took_over_a_moment_ago_is_counted_once(till: Till) -> None:
    paid = (await till.pay("somchai", 1, 12_000, 6_000)).json()
    await till.sequencer.step()
    await till.quiet()
    # The index has it; the till's own record follows in a transaction of its own.
    source = source_of(till.runtime.deployment)
    await sync_once(till.gateway, till.runtime.engine, source, confirmations=CONFIRMATIONS)
    assert (await till.redemption(paid["id"]))["status"] == "accepted"
    taken = (await till.signed(key_of("ข้าวซอย"), "GET", "/v1/merchants/1/takings")).json()
    assert (taken["amount"], taken["campaigns"][0]["pending"]) == ("6000", "0")
    assert [item["id"] for item in taken["items"]] == [paid["id"]]
