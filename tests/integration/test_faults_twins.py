"""Twins of signatures at the till: a crowd of them, beside the originals (FAULTS 5).

`make faults` turns ten thousand; unset, a hundred."""

import asyncio
import os
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import HALF_ORDER, ORDER
from tests.integration.faults import LOW_HALF, twins_of
from tests.integration.till import LUNCH, Till, key_of

TWINS: Final = int(os.environ.get("FAULT_TWINS", "100"))
STEPS: Final = 25
"""How many steps back a signature may lie, and still live when its turn comes."""

PEOPLE: Final = 50
AT_ONCE: Final = 8
AMOUNT: Final = 100
BIG: Final = {**LUNCH, "allowance": "16000000", "per_day_max": "500000"}

pytestmark = pytest.mark.timeout(300 + TWINS // 5)


def spellings(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The body under other signatures: nobody's first, then the holder's own in two spellings."""
    signature = bytes.fromhex(body["signature"][2:])
    r, vs = signature[:32], signature[32:]
    s, parity = int.from_bytes(vs, "big") & LOW_HALF, vs[0] >> 7
    assert s <= HALF_ORDER
    high = r + (ORDER - s).to_bytes(32, "big")
    nobodys = [*twins_of(r, vs), *(high + bytes([v]) for v in (0, 1, 27, 28))]
    own = [signature, r + s.to_bytes(32, "big") + bytes([27 + parity])]
    return [body | {"signature": "0x" + each.hex()} for each in (*nobodys, *own)]


async def spelled_and_told(till: Till, body: dict[str, Any]) -> list[str]:
    """What was said to each spelling; all came at once."""
    asked = (till.post("/v1/redemptions", each) for each in spellings(body))
    return [code_of(answer) for answer in await asyncio.gather(*asked)]


def code_of(answer: httpx.Response) -> str:
    """What became of it: a refusal's code, or that it was accepted."""
    assert answer.status_code in (201, 422), answer.text
    return "accepted" if answer.status_code == 201 else str(answer.json()["code"])


async def test_f5_a_crowd_of_twins_at_the_till_is_refused_and_every_original_counts_once(
    till: Till,
) -> None:
    people = [f"twin-{number}" for number in range(PEOPLE)]
    await till.enrol(*people)
    await till.open_campaign(BIG, funds=TWINS * AMOUNT + 1_000_000)
    await till.settle()
    for begin in range(0, TWINS, STEPS * PEOPLE):
        await _wave(till, await _originals(till, people, min(TWINS - begin, STEPS * PEOPLE)))
        # Every step is used: the chain's clock goes on to where all of them are new.
        await till.sleep_until(await till.now() + 15 * STEPS)
    async with till.runtime.engine.connect() as connection:
        kept = "SELECT count(*), sum(amount) FROM redemptions WHERE campaign = 2"
        held = (await connection.execute(text(kept))).one()
    assert tuple(held) == (TWINS, TWINS * AMOUNT)


async def _originals(till: Till, people: list[str], count: int) -> list[dict[str, Any]]:
    """What this moment's steps give: everybody's oldest first, for a pass's steps ascend."""
    newest = await till.step_now(2)
    return [
        till.charge_body(
            key_of(people[number % PEOPLE]),
            SignedRedemption(
                campaign=2, merchant=1, bill=2 * AMOUNT, amount=AMOUNT, copay=0,
                signed_at=newest - 15 * (STEPS - 1 - number // PEOPLE),
            ),
        )
        for number in range(count)
    ]  # fmt: skip


async def _wave(till: Till, originals: list[dict[str, Any]]) -> None:
    """A few at a time, and nobody's two at once."""
    for begin in range(0, len(originals), AT_ONCE):
        crowd = [spelled_and_told(till, body) for body in originals[begin : begin + AT_ONCE]]
        for told in await asyncio.gather(*crowd):
            assert set(told[:-2]) == {"signature_invalid"}, told
            assert sorted(told[-2:]) == ["accepted", "already_spent"], told
