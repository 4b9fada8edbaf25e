"""Asked twice, at once, or after a refusal: one effect, and the same answer (FAULTS 21)."""

import asyncio
import re

import pytest

from tests.integration.problems_expected import charge, expect_problem, rows
from tests.integration.till import LUNCH, Till


async def test_a_redemption_needs_an_idempotency_key(till: Till) -> None:
    headers = {"content-type": "application/json"}
    answer = await till.client.post("/v1/redemptions", json=await charge(till), headers=headers)
    await expect_problem(answer, 422, "input_invalid")
    assert_thai(answer.json()["detail_th"])


def assert_thai(sentence: str) -> None:
    """A person reads it: not a word of English, not the name of a header."""
    assert re.search("[ก-๙]", sentence) and not re.search("[A-Za-z]", sentence), sentence


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "กุญแจ", "\x00"])
async def test_a_key_that_is_no_key_is_refused(till: Till, key: str) -> None:
    headers = {"content-type": "application/json", "idempotency-key": key.encode()}
    answer = await till.client.post(
        "/v1/redemptions",
        json=await charge(till),
        headers=headers,  # type: ignore[arg-type]
    )
    await expect_problem(answer, 422, "input_invalid")
    assert_thai(answer.json()["detail_th"])
    assert "Idempotency-Key" in answer.json()["detail_en"]


async def test_same_key_and_body_get_the_same_answer_and_one_effect(till: Till) -> None:
    body = await charge(till)
    named = {"idempotency-key": "once"}
    first = await till.post("/v1/redemptions", body, **named)
    again = await till.post("/v1/redemptions", body, **named)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert await rows(till, "redemptions") == 1
    other = await till.post("/v1/redemptions", body | {"reference": "00" * 8}, **named)
    await expect_problem(other, 422, "idempotency_mismatch")


async def test_a_refusal_is_kept_under_its_key_too(till: Till) -> None:
    body = await charge(till, signature="0x" + "ab" * 64)
    named = {"idempotency-key": "refused"}
    first = await till.post("/v1/redemptions", body, **named)
    again = await till.post("/v1/redemptions", body, **named)
    assert (first.status_code, first.content) == (422, again.content)


async def test_after_its_life_a_key_is_new_and_still_nothing_is_taken_twice(till: Till) -> None:
    body, named = await charge(till), {"idempotency-key": "long-ago"}
    first = await till.post("/v1/redemptions", body, **named)
    assert first.status_code == 201, first.text
    await till.sleep_until(await till.now() + till.runtime.settings.idempotency_seconds - 60)
    kept = await till.post("/v1/redemptions", body, **named)
    assert (kept.status_code, kept.content) == (201, first.content)
    await till.sleep_until(await till.now() + 120)
    # The answer is forgotten; the permit has long died by itself, and its step was used.
    again = await till.post("/v1/redemptions", body, **named)
    await expect_problem(again, 422, again.json()["code"])
    assert again.json()["code"] in {"presentation_expired", "already_spent"}
    fresh = await till.post("/v1/redemptions", await charge(till), **named)
    await expect_problem(fresh, 422, "idempotency_mismatch")
    other = await till.post("/v1/redemptions", await charge(till))
    assert other.status_code == 201, other.text
    assert await rows(till, "redemptions") == 2


async def test_of_many_at_once_one_runs_and_nobody_gets_another_answer(till: Till) -> None:
    body = await charge(till)
    named = {"idempotency-key": "storm"}
    answers = await asyncio.gather(
        *(till.post("/v1/redemptions", body, **named) for _ in range(20))
    )
    codes = {answer.status_code for answer in answers}
    assert codes <= {201, 409} and 201 in codes
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    busy = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert busy <= {"idempotency_in_progress"}
    assert await rows(till, "redemptions") == 1


async def test_one_coupon_at_many_tills_at_once_is_accepted_once(till: Till) -> None:
    body = await charge(till)
    answers = await asyncio.gather(*(till.post("/v1/redemptions", body) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 19
    told = {answer.json()["code"] for answer in answers if answer.status_code == 422}
    assert told == {"already_spent"}


async def test_the_last_satang_of_a_budget_is_promised_once(till: Till) -> None:
    number = await till.open_campaign(LUNCH | {"allowance": "100", "per_day_max": "100"}, funds=250)
    names = ["somchai", "malee", "lek"]
    answers = await asyncio.gather(
        *(till.pay(name, 1, 200, 100, campaign=number) for name in names)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422]
    assert {a.json().get("code") for a in answers if a.status_code == 422} == {"budget_used"}
