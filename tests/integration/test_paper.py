"""Paper, card and phone are one object: whoever is first spends, and a moved paper is dead."""

import asyncio
from typing import Any

import httpx
import pytest

from ledger.chain.signer import KeySigner
from ledger.db.session import transaction
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import sign
from ledger.domain.typed_data import move_digest
from ledger.errors import RedemptionRefused
from ledger.qr.paper import derive_key
from ledger.services.hearing import Claim
from ledger.services.redeem import redeem
from tests.integration.till import LUNCH, Till, key_of

WHY = "แจ้งโทรศัพท์หายที่เคาน์เตอร์เทศบาล"
PAPERS = 20
STEPS = 50


def paper(number: int = 0, pin: str = "") -> KeySigner:
    """The key of a paper: as the till of a shop derives it from the scanned seed."""
    return KeySigner(derive_key(number.to_bytes(16, "big"), pin))


async def enrol_paper(till: Till, *keys: KeySigner, medium: str = "paper") -> list[int]:
    """Enrol keys as papers; the numbers of their passes."""
    lines = ["address,class,district,medium"]
    lines += [f"{key.address},resident,1,{medium}" for key in keys]
    answer = await till.client.post(
        "/v1/passes",
        content="\n".join(lines).encode(),
        headers=till.named("registrar") | {"content-type": "text/csv"},
    )
    assert answer.status_code == 202, answer.text
    await till.turn()
    query = [("holder", key.address) for key in keys]
    found = await till.client.get("/v1/passes", params=query, headers=till.named("registrar"))
    assert found.status_code == 200, found.text
    numbers = {one["holder"]: int(one["pass"]) for one in found.json()["items"]}
    return [numbers[key.address] for key in keys]


async def spend(
    till: Till,
    key: KeySigner,
    amount: int,
    *,
    campaign: int = 1,
    merchant: int = 1,
    at: int | None = None,
) -> httpx.Response:
    message = SignedRedemption(
        campaign=campaign,
        merchant=merchant,
        bill=2 * amount,
        amount=amount,
        copay=0,
        signed_at=await till.step_now(campaign) if at is None else at,
    )
    return await till.post("/v1/redemptions", till.charge_body(key, message))


def outcome(answer: httpx.Response) -> str:
    return "accepted" if answer.status_code == 201 else str(answer.json()["code"])


async def take(till: Till, key: KeySigner, amount: int, *, merchant: int, at: int, now: int) -> str:
    """One claim at the till service in a transaction of its own: accepted, or the rule that says
    no."""
    message = SignedRedemption(
        campaign=1, merchant=merchant, bill=2 * amount, amount=amount, copay=0, signed_at=at
    )
    claim = Claim(
        merchant=merchant,
        bill=2 * amount,
        amount=amount,
        copay=0,
        signed=till.sign_redemption(key, message),
    )
    try:
        async with transaction(till.runtime.engine) as session:
            await redeem(session, till.runtime, claim, copay_funds=0, now=now)
    except RedemptionRefused as refused:
        return refused.reason
    return "accepted"


async def move(
    till: Till, old: KeySigner, new: KeySigner, number: int, **changes: Any
) -> httpx.Response:
    """The holder of the paper asks for the pass to move to a phone, and the phone agrees."""
    signed_at = await till.now()
    consenting = changes.pop("by", new)
    digest = move_digest(
        till.separator,
        pass_number=number,
        from_address=old.address,
        to_address=new.address,
        signed_at=signed_at,
    )
    body = {
        "to": new.address,
        "signed_at": signed_at,
        "signature": "0x" + b"".join(sign(digest, consenting.private_key)).hex(),
    }
    return await till.signed(old, "POST", "/v1/me/move", body | changes)


async def test_moving_paper_to_a_phone_kills_the_paper_at_once(till: Till) -> None:
    sheet, phone = paper(), key_of("phone")
    (number,) = await enrol_paper(till, sheet)
    assert (await spend(till, sheet, 100)).status_code == 201
    await till.settle()
    assert (await move(till, sheet, phone, number)).status_code == 202
    # Nothing of the move is on the chain yet.
    refused = await spend(till, sheet, 100, at=await till.step_now(1) + 15)
    assert (refused.status_code, refused.json()["code"]) == (422, "signature_invalid")
    await till.settle()
    at = await till.step_now(1) + 30
    assert (await spend(till, sheet, 100, at=at)).json()["code"] == "signature_invalid"
    assert (await spend(till, phone, 100, at=at)).status_code == 201
    (told,) = (await till.signed(phone, "GET", "/v1/me/moves")).json()["items"]
    assert (told["from"], told["to"]) == (sheet.address, phone.address)
    assert (told["by"], told["status"]) == ("holder", "final")
    gone = await till.signed(sheet, "GET", "/v1/me/coupons")
    assert gone.status_code == 404


async def test_a_move_needs_the_old_keys_request_and_the_new_keys_consent(till: Till) -> None:
    sheet, phone = paper(), key_of("phone")
    (number,) = await enrol_paper(till, sheet)
    forged = await move(till, sheet, phone, number, by=key_of("thief"))
    assert (forged.status_code, forged.json()["code"]) == (401, "signature_invalid")
    other = await move(till, sheet, phone, number + 1)
    assert other.json()["code"] == "signature_invalid"
    stale = await move(till, sheet, phone, number, signed_at=await till.now() - 61)
    assert stale.json()["code"] == "request_expired"
    stranger = await move(till, key_of("thief"), phone, number)
    assert stranger.status_code == 404
    taken = await move(till, sheet, key_of("malee"), number)
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    itself = await move(till, sheet, sheet, number)
    assert itself.status_code == 422
    assert (await spend(till, sheet, 100)).status_code == 201


async def test_a_pass_moves_to_one_phone_only_however_many_ask(till: Till) -> None:
    sheet = paper()
    (number,) = await enrol_paper(till, sheet)
    phones = [key_of(f"phone {index}") for index in range(4)]
    answers = await asyncio.gather(*(move(till, sheet, phone, number) for phone in phones))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    await till.settle()
    winner = phones[[answer.status_code for answer in answers].index(202)]
    assert (await till.signed(winner, "GET", "/v1/me/pass")).json()["pass"] == number


async def test_spending_and_moving_at_once_never_spends_twice_nor_loses_what_was_accepted(
    till: Till,
) -> None:
    sheets = [paper(number) for number in range(PAPERS)]
    numbers = await enrol_paper(till, *sheets)
    phones = [key_of(f"phone {number}") for number in numbers]
    asked = []
    for sheet, phone, number in zip(sheets, phones, numbers, strict=True):
        asked += [spend(till, sheet, 100), move(till, sheet, phone, number)]
    answers = await asyncio.gather(*asked)
    spent, moved = answers[::2], answers[1::2]
    assert {answer.status_code for answer in moved} == {202}
    assert {answer.status_code for answer in spent} <= {201, 422}
    accepted = [answer.json()["id"] for answer in spent if answer.status_code == 201]
    for _ in range(2 * PAPERS):
        await till.turn()
    await till.settle()
    for name in accepted:
        assert (await till.redemption(name))["status"] == "final"
    at = await till.step_now(1) + 30
    for phone, sheet in zip(phones, sheets, strict=True):
        assert (await spend(till, sheet, 100, at=at)).json()["code"] == "signature_invalid"
        assert (await spend(till, phone, 100, at=at)).status_code == 201


@pytest.mark.timeout(300)
async def test_of_a_coupon_on_paper_and_on_a_phone_at_once_one_spends_in_a_thousand_races(
    till: Till,
) -> None:
    await till.register("ก๋วยเตี๋ยว")
    keys = [paper(number) for number in range(PAPERS)]
    numbers = await enrol_paper(till, *keys)
    latest = await till.step_now(1)
    first = latest - 15 * (STEPS - 1)
    now, won = await till.now(), 0
    for step in range(STEPS):
        at = first + 15 * step
        # The paper is scanned at shop 1 while the phone that copied its seed pays at shop 2. Every
        # tenth step comes as requests, the others straight to the till service.
        if step % 10 == 0:
            asked = [spend(till, key, 1 + m, merchant=m, at=at) for key in keys for m in (1, 2)]
            said = [outcome(answer) for answer in await asyncio.gather(*asked)]
        else:
            taken = [take(till, key, 1 + m, merchant=m, at=at, now=now) for key in keys
                     for m in (1, 2)]  # fmt: skip
            said = await asyncio.gather(*taken)
        for race in zip(said[::2], said[1::2], strict=True):
            assert sorted(race) == ["accepted", "already_spent"], race
            won += 1
    assert won == PAPERS * STEPS == 1_000
    for _ in range(8):
        await till.turn()
    await till.settle()
    for key, _number in zip(keys, numbers, strict=True):
        coupon = (await till.signed(key, "GET", "/v1/me/coupons")).json()["items"][0]
        assert STEPS * 2 <= int(coupon["spent"]) <= STEPS * 3
    campaign = (await till.client.get("/v1/campaigns/1")).json()
    assert campaign["money"]["pending"] == "0"


async def test_a_counter_move_says_who_did_it_and_why_to_registrar_and_holder(till: Till) -> None:
    new = key_of("new phone")
    await till.order("registrar", "/v1/passes/1/rebind", {"to": new.address, "reason": WHY})
    await till.settle()
    shown = (await till.client.get("/v1/passes/1", headers=till.named("registrar"))).json()
    (move_,) = shown["moves"]
    assert (move_["by"], move_["reason"], move_["status"]) == ("registrar", WHY, "final")
    assert move_["at"] > 0
    mine = (await till.signed(new, "GET", "/v1/me/moves")).json()
    assert mine["items"] == shown["moves"]


async def test_a_counter_move_without_a_reason_is_refused(till: Till) -> None:
    answer = await till.post(
        "/v1/passes/1/rebind", {"to": key_of("new phone").address}, role="registrar"
    )
    assert answer.status_code == 422


async def test_above_the_policys_limit_a_paper_needs_a_key_that_was_made_with_a_pin(
    till: Till,
) -> None:
    number = await till.open_campaign(LUNCH | {"till": {"paper_pin_above": "10000"}})
    bearer, guarded = paper(1), paper(2, "123456")
    await enrol_paper(till, bearer)
    await enrol_paper(till, guarded, medium="paper_pin")
    await till.settle()
    at = await till.step_now(number)
    phone = key_of("somchai")
    for key in (bearer, guarded, phone):
        answer = await spend(till, key, 9_999, campaign=number, at=at)
        assert answer.status_code == 201, answer.text
    at += 15
    over = await spend(till, bearer, 10_001, campaign=number, at=at)
    assert (over.status_code, over.json()["code"]) == (422, "paper_pin_needed")
    assert (await spend(till, bearer, 10_000, campaign=number, at=at)).status_code == 201
    for key in (guarded, phone):
        answer = await spend(till, key, 10_001, campaign=number, at=at)
        assert answer.status_code == 201, answer.text
