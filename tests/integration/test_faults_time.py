"""Clocks that jump and chains that are late (FAULTS 23, 24)."""

from dataclasses import dataclass, replace

import pytest

from ledger.chain.clock import Clock
from ledger.domain.redemption import SignedRedemption
from tests.chaos.oracle import judge, settled
from tests.conftest import NOON
from tests.integration.problems_expected import rows
from tests.integration.till import LUNCH, Till, key_of

JUMP = 600
MIDNIGHT = NOON + 12 * 3_600


@dataclass(frozen=True, slots=True)
class JumpedClock:
    """A clock that somebody set wrong by so many seconds."""

    true: Clock
    wrong_by: int

    async def now(self) -> int:
        return await self.true.now() + self.wrong_by


def jump(till: Till, seconds: int) -> None:
    """The till's clock is wrong from now on; 0 sets it right."""
    there = till.runtime
    wrong = there if seconds == 0 else replace(there, clock=JumpedClock(there.clock, seconds))
    till.app.state.runtime = wrong


async def final_and_once(till: Till, promised: dict[str, int]) -> None:
    for _ in range(8):
        await till.settle()
        if await settled(till.runtime.engine):
            break
    judged = await judge(till.runtime.engine, till.gateway.url, till.runtime.deployment, promised)
    assert judged.complaints == []
    assert judged.redemptions == len(promised)


@pytest.mark.parametrize("wrong_by", [-JUMP, JUMP])
async def test_f23_a_till_whose_clock_jumps_ten_minutes_takes_nothing_twice_and_loses_nothing(
    till: Till, wrong_by: int
) -> None:
    promised = {}
    before = await till.pay("somchai", 1, 2_000, 1_000)
    promised[before.json()["id"]] = 1_000
    message = SignedRedemption(
        campaign=1, merchant=1, bill=2_200, amount=1_100, copay=0,
        signed_at=await till.step_now(1),
    )  # fmt: skip
    body, key = till.charge_body(key_of("malee"), message), {"idempotency-key": "while-wrong"}

    jump(till, wrong_by)
    wrong = await till.post("/v1/redemptions", body, **key)
    if wrong_by < 0:
        # It seems to come from the future, and is refused with a reason; nothing is spent.
        assert (wrong.status_code, wrong.json()["code"]) == (422, "signed_in_future")
        assert await rows(till, "redemptions") == 1
    else:
        # Named messages live for fifteen minutes: ten of them are gone, and it is taken.
        assert wrong.status_code == 201, wrong.text
        promised[wrong.json()["id"]] = 1_100
    await till.turn()

    jump(till, 0)
    again = await till.post("/v1/redemptions", body, **key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.status_code == wrong.status_code
    other = await till.post("/v1/redemptions", body, **{"idempotency-key": "set-right"})
    if wrong_by < 0:
        assert other.status_code == 201, "the same permit is good once the clock is right"
        promised[other.json()["id"]] = 1_100
    else:
        assert (other.status_code, other.json()["code"]) == (422, "already_spent")
    await final_and_once(till, promised)


async def test_f23_a_days_quota_ends_at_midnight_in_bangkok_at_the_till_and_on_the_chain(
    till: Till,
) -> None:
    """The whole quota on either side of midnight, said to the chain in one batch after it; and a
    permit that was signed before midnight counts for its own day, whenever it is brought."""
    night = {**LUNCH, "hours": {"every_day": ["00:00", "24:00"]}}
    number, quota = await till.open_campaign(night), int(LUNCH["per_day_max"])
    await till.sleep_until(MIDNIGHT - 45)
    promised: dict[str, int] = {}

    async def pays(who: str, signed_at: int, amount: int = quota) -> str:
        """`accepted`, or why it was refused."""
        answer = await till.pay(who, 1, 2 * amount, amount, campaign=number, signed_at=signed_at)
        if answer.status_code != 201:
            return str(answer.json()["code"])
        promised[answer.json()["id"]] = amount
        return "accepted"

    last_of_day = MIDNIGHT - 15
    assert await pays("somchai", last_of_day - 15) == "accepted"
    assert await pays("somchai", last_of_day, 1) == "day_quota_used"
    await till.sleep_until(MIDNIGHT + 30)
    assert await pays("somchai", last_of_day, 1) == "day_quota_used"
    assert await pays("somchai", MIDNIGHT) == "accepted"
    assert await pays("somchai", MIDNIGHT + 15, 1) == "day_quota_used"
    assert await pays("malee", last_of_day) == "accepted"
    assert await pays("malee", MIDNIGHT) == "accepted"
    await final_and_once(till, promised)
    assert len(promised) == 4


async def test_f24_what_was_accepted_in_the_last_seconds_is_paid_though_the_chain_is_late(
    till: Till,
) -> None:
    evening = {**LUNCH, "window": {**LUNCH["window"], "ends": "2025-10-29T20:00:00+07:00"}}
    number = await till.open_campaign(evening)
    ends = (await till.client.get(f"/v1/campaigns/{number}")).json()["terms"]["ends"]
    await till.sleep_until(ends - 20)
    signed_at = await till.step_now(number)
    assert 0 < ends - signed_at <= 45
    answer = await till.pay("somchai", 1, 2_000, 1_000, campaign=number, signed_at=signed_at)
    assert answer.status_code == 201, answer.text
    # The chain makes no block until long after the end; nobody new is let in meanwhile.
    await till.automine(False)
    await till.sequencer.step()
    await till.gateway.rpc("evm_setNextBlockTimestamp", [ends + 3_600])
    await till.automine(True)
    await till.mine()
    late = await till.pay("malee", 1, 2_000, 1_000, campaign=number, signed_at=ends + 3_600)
    assert late.status_code == 422
    await final_and_once(till, {answer.json()["id"]: 1_000})
