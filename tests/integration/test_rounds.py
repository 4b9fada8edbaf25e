"""Shops are paid: a round, its second person, the bank's file, its answer, what comes back."""

import asyncio
from importlib.resources import files

import pytest
from sqlalchemy import text

from ledger.db.api_keys import issue_key
from ledger.db.session import transaction
from ledger.domain.bank_layout import example_layouts
from ledger.errors import Conflict
from ledger.services import payouts, settle
from tests.bank_simulator import Bank
from tests.integration.problems_expected import expect_problem, rows
from tests.integration.till import Till
from tests.integration.treasury import (
    CLOSED,
    answered,
    banked,
    file_of,
    lines,
    made,
    paid_lunch,
    sent,
    settled,
    tomorrow,
)

SHOP = "ข้าวซอย"


async def test_a_shop_is_paid_the_day_after_and_never_again(till: Till) -> None:
    await banked(till, 0)
    await banked(till, 1)
    await paid_lunch(till)
    await till.settle()
    await expect_problem(await till.post("/v1/rounds", {}, role="treasurer"), 422, "input_invalid")
    await tomorrow(till)
    told = await settled(till)
    assert (told["total"], told["status"], told["day"]) == ("6000", "approved", "2025-10-30")
    bank = await sent(till, told["round"])
    assert [(p.account, p.amount) for p in bank.payments] == [("1234567890", 6_000)]
    answer = (await answered(till, bank.answer_pain002())).json()
    assert [(c["merchant"], c["status"]) for c in answer["changes"]] == [(1, "paid")]
    assert (await lines(till, told["round"]))[1]["payment"] == "paid"
    again = (await answered(till, bank.answer_pain002())).json()
    assert (again["repeated"], again["changes"]) == (True, [])
    await expect_problem(await till.post("/v1/rounds", {}, role="treasurer"), 422, "input_invalid")


async def test_who_made_a_round_cannot_approve_it_nor_anybody_what_they_have_not_seen(
    till: Till,
) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    told = await made(till)
    path = f"/v1/rounds/{told['round']}/approve"
    async with transaction(till.runtime.engine) as session:
        both = ["treasurer", "approver"]
        till.keys["second key"] = await issue_key(session, name="treasurer", roles=both, now=0)
    own = await till.post(path, {"hash": told["hash"]}, role="second key")
    await expect_problem(own, 403, "round_needs_another")
    blind = await till.post(path, {"hash": "0x" + "00" * 32}, role="approver")
    await expect_problem(blind, 409, "conflict")
    early = await file_of(till, told["round"])
    await expect_problem(early, 409, "wrong_state")
    assert (await till.post(path, {"hash": told["hash"]}, role="approver")).status_code == 200
    twice = await till.post(path, {"hash": told["hash"]}, role="approver")
    await expect_problem(twice, 409, "wrong_state")


async def test_a_withdrawn_round_leaves_everything_to_the_next(till: Till) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    first = await made(till)
    path = f"/v1/rounds/{first['round']}/withdraw"
    assert (await till.post(path, role="treasurer")).json()["status"] == "withdrawn"
    second = await made(till)
    assert (second["total"], second["round"]) == (first["total"], first["round"] + 1)


async def test_a_line_without_bank_details_below_the_minimum_or_suspended_is_carried(
    till: Till,
) -> None:
    await banked(till, 0)
    await paid_lunch(till)
    await tomorrow(till)
    first = await settled(till)
    assert first["total"] == "0"
    line = (await lines(till, first["round"]))[1]
    assert (line["reason"], line["amount"]) == ("bank_details_missing", "6000")
    await banked(till, 1)
    await tomorrow(till)
    second = await settled(till, minimum="6001")
    assert (await lines(till, second["round"]))[1]["reason"] == "below_minimum"
    body = {"status": "suspended", "reason": "แลกคูปองเป็นเงินสด"}
    await till.order("registrar", "/v1/merchants/1/status", body)
    third = await settled(till)
    assert (await lines(till, third["round"]))[1]["reason"] == "suspended"
    body = {"status": "active", "reason": "ตรวจสอบแล้วไม่พบความผิด"}
    await till.order("registrar", "/v1/merchants/1/status", body)
    assert (await settled(till))["total"] == "6000"


async def test_a_void_after_payment_is_a_debt_that_the_next_takings_pay(till: Till) -> None:
    await banked(till, 1)
    taken = await paid_lunch(till)
    await tomorrow(till)
    await settled(till)
    assert (await till.void(SHOP, taken, 2_000)).status_code == 202
    await till.settle()
    debt = await settled(till)
    line = (await lines(till, debt["round"]))[1]
    assert (line["reason"], line["amount"]) == ("in_debt", "-2000")
    await paid_lunch(till, "malee")
    await tomorrow(till)
    assert (await settled(till))["total"] == "4000"


async def test_a_returned_payment_is_paid_again_once_whatever_the_bank_repeats(till: Till) -> None:
    await banked(till, 0)
    await banked(till, 1, CLOSED)
    await paid_lunch(till)
    await tomorrow(till)
    first = await settled(till)
    bank = await sent(till, first["round"], CLOSED)
    answer = bank.answer_pain002()
    told = (await answered(till, answer)).json()
    assert [(c["status"], c["reason"]) for c in told["changes"]] == [("returned", "AC04")]
    await banked(till, 1)
    second = await settled(till)
    assert second["total"] == "6000"
    # The same answer in other bytes, and the other layouts' word for it, change nothing more.
    assert (await answered(till, answer + b"\n")).json()["changes"] == []
    for layout in example_layouts().values():
        again = await answered(till, bank.answer_layout(layout), layout.name)
        assert again.json()["changes"] == [], again.text
    await expect_problem(await till.post("/v1/rounds", {}, role="treasurer"), 422, "input_invalid")
    assert (await lines(till, second["round"]))[1]["number"] == "1234567890"
    assert (await lines(till, first["round"]))[1]["number"] == CLOSED


async def test_an_altered_answer_moves_nothing_and_names_its_line(till: Till) -> None:
    await banked(till, 0)
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    told = await settled(till)
    bank = await sent(till, told["round"])
    raw = bank.answer_pain002()
    for wrong in (raw.replace(b"60.00", b"61.00"), raw[:-40], raw.replace(b"NKH", b"XYZ"), b"x"):
        problem = await expect_problem(await answered(till, wrong), 422, "bank_file_invalid")
        assert problem["errors"]
    other = await answered(till, raw.replace(b"-R0", b"-R9"))
    await expect_problem(other, 404, "unknown_round")
    assert (await lines(till, told["round"]))[1]["payment"] == "ordered"
    assert await rows(till, "bank_answers") == 0


async def test_the_two_legs_are_paid_in_two_rounds(till: Till) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    answer = await till.post("/v1/rounds", {"legs": ["copay"]}, role="treasurer")
    await expect_problem(answer, 422, "input_invalid")
    assert (await made(till, legs=["city"]))["total"] == "6000"


async def test_a_changed_row_of_a_round_stops_its_approval_and_its_file(till: Till) -> None:
    await banked(till, 0)
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    told = await made(till)
    for change in (
        "UPDATE round_lines SET number = '6666666666'",
        "UPDATE round_lines SET amount = amount + 1",
        "UPDATE round_entries SET amount = amount + 1",
        "UPDATE payment_rounds SET total = total + 1",
        "UPDATE payment_rounds SET day = day + 1",
    ):
        async with transaction(till.runtime.engine) as session:
            await session.execute(text(change))
            with pytest.raises(Conflict):
                await settle.round_numbered(session, told["round"])
            await session.rollback()


async def test_two_officers_at_once_make_one_round(till: Till) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    answers = await asyncio.gather(
        *(till.post("/v1/rounds", {}, role="treasurer") for _ in range(4))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 201 and set(codes[1:]) <= {409, 422}
    async with transaction(till.runtime.engine) as session:
        standing = text("SELECT count(*) FROM round_entries WHERE standing")
        assert await session.scalar(standing) == 1


async def test_a_redemption_that_a_reorg_could_still_take_back_is_in_no_round(till: Till) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await till.turn()
    async with transaction(till.runtime.engine) as session:
        assert await settle.waiting_entries(session, till.runtime) == []
    await till.settle()
    async with transaction(till.runtime.engine) as session:
        (entry,) = await settle.waiting_entries(session, till.runtime)
        assert (entry.amount, entry.merchant) == (6_000, 1)


async def test_every_layout_of_a_round_holds_the_same_payments(till: Till) -> None:
    await banked(till, 0)
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    told = await settled(till)
    expected = (await sent(till, told["round"])).payments
    for layout in example_layouts().values():
        bank = Bank()
        raw = (await file_of(till, told["round"], layout.name)).content
        bank.take_layout(layout, raw)
        assert bank.payments == expected
        assert raw == (await file_of(till, told["round"], layout.name)).content
    unknown = await file_of(till, told["round"], "no_such_bank")
    await expect_problem(unknown, 404, "not_found")
    assert payouts.NEUTRAL == "iso20022"


async def test_bank_details_no_bank_could_take_are_refused(till: Till) -> None:
    good = {"bank": "006", "number": "1234567890", "name": "ร้าน"}
    for wrong in (
        {"name": "=1+1"},
        {"name": "a,b"},
        {"name": "北京"},
        {"number": "12"},
        {"bank": "6"},
        {"bank": "abc"},
    ):
        answer = await till.post("/v1/merchants/1/bank", good | wrong, role="registrar")
        assert answer.status_code == 422, answer.text
    unknown = await till.post("/v1/merchants/99/bank", good, role="registrar")
    await expect_problem(unknown, 404, "unknown_merchant")
    assert await rows(till, "bank_details") == 0


async def test_a_shop_suspended_since_the_round_was_made_stops_its_approval(till: Till) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    told = await made(till)
    body = {"status": "suspended", "reason": "แลกคูปองเป็นเงินสด"}
    await till.order("registrar", "/v1/merchants/1/status", body)
    path = f"/v1/rounds/{told['round']}"
    refused = await till.post(f"{path}/approve", {"hash": told["hash"]}, role="approver")
    await expect_problem(refused, 409, "wrong_state")
    assert (await till.post(f"{path}/withdraw", role="approver")).status_code == 200
    again = await settled(till)
    assert (await lines(till, again["round"]))[1]["reason"] == "suspended"


async def test_a_city_adds_its_banks_layout_as_a_file(till: Till) -> None:
    await banked(till, 0)
    await banked(till, 1)
    await paid_lunch(till)
    await tomorrow(till)
    told = await settled(till)
    folder = till.runtime.settings.home / "bank_layouts"
    folder.mkdir(parents=True)
    example = files("ledger.domain") / "bank_layouts" / "example_pipe_utf8.json"
    own = example.read_text("utf-8").replace("HDR", "HEAD").replace('"|"', '";"')
    (folder / "our_bank.json").write_text(own, "utf-8")
    (folder / "broken.json").write_text("{", "utf-8")
    made_so = (await file_of(till, told["round"], "our_bank")).text
    assert made_so.startswith("HEAD;NKH-") and ";60.00" in made_so
    broken = await file_of(till, told["round"], "broken")
    await expect_problem(broken, 422, "input_invalid")
    hostile = await file_of(till, told["round"], "../our_bank")
    await expect_problem(hostile, 422, "input_invalid")
