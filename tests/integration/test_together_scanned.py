"""Codes that shops scan at the same moment share a transaction too, within each device's limits."""

import asyncio
from typing import Any

import httpx
import pytest

from ledger.db.tables_devices import DeviceDay, RedemptionDevice
from ledger.domain.redemption import SignedRedemption
from tests.integration.problems_expected import expect_problem
from tests.integration.ruled_town import judged_again, pay
from tests.integration.test_devices import DEVICES, OWNER, paired
from tests.integration.test_together import CROWD, commits, crowd, rows
from tests.integration.till import Till, key_of

TILLS = ("till one", "till two", "till three")
WIDE = {"bill_max": "50000", "day_max": "1000000"}


async def scan(till: Till, scanner: str, who: str, bill: int, at: int) -> httpx.Response:
    """A shop's key scans a resident who has signed for any shop; the coupon pays everything."""
    message = SignedRedemption(
        campaign=2, merchant=0, bill=50_000, amount=20_000, copay=0, signed_at=at
    )
    body = {"present": till.present_text(who, message), "merchant": 1, "bill": str(bill)}
    return await till.signed(key_of(scanner), "POST", "/v1/redemptions", body)


async def begun(till: Till) -> tuple[list[str], int]:
    """The crowd, whose campaign's budget has begun at the till, and the step they sign for."""
    names = await crowd(till)
    at = await till.step_now(2)
    assert (await pay(till, names[0], 100, signed_at=at - 15)).status_code == 201
    return names, at


async def taken_on(till: Till) -> dict[str, int]:
    return {row.device_id: row.taken for row in await rows(till, DeviceDay)}


async def test_what_three_tills_and_the_owner_scan_at_once_shares_commits_and_is_counted(
    till: Till,
) -> None:
    devices = [await paired(till, name, **WIDE) for name in TILLS]
    names, at = await begun(till)
    scanners = (*TILLS, OWNER)
    with commits(till) as counted:
        answers = await asyncio.gather(
            *(scan(till, scanners[n % 4], name, 1_000 + n, at) for n, name in enumerate(names))
        )
    assert [answer.status_code for answer in answers] == [201] * CROWD
    assert counted[0] < CROWD // 2
    for number, answer in enumerate(answers):
        assert answer.json()["amount"] == str(1_000 + number)
    sums = [sum(1_000 + n for n in range(CROWD) if n % 4 == place) for place in range(3)]
    assert await taken_on(till) == dict(zip(devices, sums, strict=True))
    noted = {row.redemption_id: row.device_id for row in await rows(till, RedemptionDevice)}
    assert noted == {
        answer.json()["id"]: devices[n % 4] for n, answer in enumerate(answers) if n % 4 < 3
    }
    _, verdict = await judged_again(till, answers[0].json()["verdict"])
    assert verdict.accepted
    await till.settle()
    assert (await till.redemption(answers[0].json()["id"]))["status"] == "final"


async def test_what_is_scanned_in_a_group_is_kept_as_what_is_scanned_alone(till: Till) -> None:
    await paired(till, TILLS[0], **WIDE)
    names, at = await begun(till)
    alone = await scan(till, TILLS[0], names[1], 700, at)
    assert alone.status_code == 201
    both = await asyncio.gather(*(scan(till, TILLS[0], name, 700, at) for name in names[2:6]))
    own = {"id", "pass", "verdict", "receipt", "accepted_at"}

    def plain(answer: httpx.Response) -> dict[str, Any]:
        return {key: value for key, value in answer.json().items() if key not in own}

    assert [plain(answer) for answer in both] == [plain(alone)] * 4


@pytest.mark.parametrize("at_once", [True, False], ids=["crowd", "queue"])
async def test_a_devices_day_is_given_out_to_the_satang(till: Till, at_once: bool) -> None:
    (device,) = [await paired(till, TILLS[0], bill_max="6000", day_max="10000")]
    names, at = await begun(till)
    asking = [scan(till, TILLS[0], name, 1_500, at) for name in names[:12]]
    if at_once:
        answers = await asyncio.gather(*asking)
    else:
        answers = [await one for one in asking]
    assert sorted(answer.status_code for answer in answers) == [201] * 6 + [403] * 6
    for answer in answers:
        if answer.status_code != 201:
            await expect_problem(answer, 403, "device_day_limit_used")
    assert await taken_on(till) == {device: 9_000}


async def test_a_withdrawn_device_and_one_beyond_its_bill_touch_nobody_else(till: Till) -> None:
    gone = await paired(till, TILLS[0], **WIDE)
    small = await paired(till, TILLS[1], bill_max="900", day_max="10000")
    await paired(till, TILLS[2], **WIDE)
    names, at = await begun(till)
    revoked = await till.signed(key_of(OWNER), "POST", f"{DEVICES}/{gone}/revoke")
    assert revoked.status_code == 200
    answers = await asyncio.gather(
        *(scan(till, TILLS[n % 3], name, 1_000, at) for n, name in enumerate(names[:18]))
    )
    for number, answer in enumerate(answers):
        if number % 3 == 0:
            await expect_problem(answer, 401, "device_revoked")
        elif number % 3 == 1:
            await expect_problem(answer, 403, "device_bill_limit_exceeded")
        else:
            assert answer.status_code == 201, answer.text
    assert (gone not in await taken_on(till)) and (small not in await taken_on(till))


async def test_one_code_scanned_by_many_tills_at_once_is_taken_once(till: Till) -> None:
    for name in TILLS:
        await paired(till, name, **WIDE)
    names, at = await begun(till)
    asking = [scan(till, TILLS[n % 3], names[1], 1_000, at) for n in range(12)]
    others = [scan(till, TILLS[n % 3], name, 500, at) for n, name in enumerate(names[2:10])]
    answers = await asyncio.gather(*asking, *others)
    codes = [answer.status_code for answer in answers[:12]]
    assert (codes.count(201), codes.count(422)) == (1, 11)
    assert [answer.status_code for answer in answers[12:]] == [201] * 8
    assert sum((await taken_on(till)).values()) == 1_000 + 8 * 500
