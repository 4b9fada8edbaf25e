"""Moves of the town hall's treasury, for tests: days pass, rounds are made, the bank answers."""

from typing import Any

import httpx

from tests.bank_simulator import Bank
from tests.integration.till import Till

DAY = 86_400
CLOSED = "9999999999"


async def tomorrow(till: Till, days: int = 1) -> None:
    """The same hour, days later, with everything until then final."""
    await till.settle()
    await till.sleep_until(await till.now() + days * DAY)
    await till.settle()


async def banked(till: Till, merchant: int, number: str = "1234567890") -> None:
    body = {"bank": "006", "number": number, "name": f"ร้าน {merchant}"}
    path = f"/v1/merchants/{merchant}/bank" if merchant else "/v1/city/bank"
    answer = await till.post(path, body, role="registrar" if merchant else "treasurer")
    assert answer.status_code == 201, answer.text


async def made(till: Till, **terms: Any) -> dict[str, Any]:
    answer = await till.post("/v1/rounds", terms, role="treasurer")
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def approved(till: Till, **terms: Any) -> dict[str, Any]:
    """A round that two officers decided on; the chain has not heard of it."""
    told = await made(till, **terms)
    path = f"/v1/rounds/{told['round']}/approve"
    answer = await till.post(path, {"hash": told["hash"]}, role="approver")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def round_of(till: Till, number: int) -> dict[str, Any]:
    answer = await till.client.get(f"/v1/rounds/{number}", headers=till.named("treasurer"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def carried(till: Till, number: int) -> dict[str, Any]:
    """The round, once the chain has settled it for good; one that pays nobody is left alone."""
    for _ in range(6):
        told = await round_of(till, number)
        if told["chain"] in ("final", "none", "refused"):
            return told
        await till.settle()
    raise AssertionError(told)


async def settled(till: Till, **terms: Any) -> dict[str, Any]:
    """A round that two officers decided on, burnt on the chain for good."""
    told = await approved(till, **terms)
    done = await carried(till, told["round"])
    assert done["chain"] == ("final" if int(done["total"]) else "none"), done
    return done


async def lines(till: Till, number: int) -> dict[int, dict[str, Any]]:
    headers = till.named("treasurer")
    answer = await till.client.get(f"/v1/rounds/{number}/lines", headers=headers)
    return {line["merchant"]: line for line in answer.json()["items"]}


async def file_of(till: Till, number: int, layout: str = "iso20022") -> httpx.Response:
    path = f"/v1/rounds/{number}/file?layout={layout}"
    return await till.client.get(path, headers=till.named("treasurer"))


async def answered(till: Till, raw: bytes, layout: str = "iso20022") -> httpx.Response:
    headers = till.named("treasurer") | {"content-type": "application/xml"}
    if layout != "iso20022":
        headers["content-type"] = "text/csv"
    path = f"/v1/rounds/answers?layout={layout}"
    return await till.client.post(path, content=raw, headers=headers)


async def sent(till: Till, number: int, *closed: str) -> Bank:
    bank = Bank(closed=set(closed))
    bank.take_pain001((await file_of(till, number)).content)
    return bank


async def paid_lunch(
    till: Till, who: str = "somchai", merchant: int = 1, amount: int = 6_000
) -> Any:
    taken = await till.pay(who, merchant, 2 * amount, amount)
    assert taken.status_code == 201, taken.text
    return taken.json()
