"""Co-payment in two legs: the city's share from escrow, the resident's in cash or tokens, each
apart wherever it is shown; a part of a satang goes in the resident's favour."""

from decimal import Decimal

import pytest

from ledger.qr.codec import ReceiptCode
from ledger.qr.scan import scan
from tests.integration.ruled_town import pay, quote
from tests.integration.test_services_copay import balance, give
from tests.integration.till import LUNCH, Till, key_of


@pytest.mark.parametrize(
    ("bill", "city"), [(1, 1), (3, 2), (101, 51), (9_999, 5_000), (12_345, 6_173)]
)
async def test_half_a_satang_is_the_citys(till: Till, bill: int, city: int) -> None:
    quoted = await quote(till, "somchai", bill, campaign=1)
    assert (int(quoted["amount"]), int(quoted["cash"])) == (city, bill - city)
    taken = await pay(till, "somchai", city, campaign=1, bill=bill)
    assert taken.status_code == 201, taken.text
    over = await pay(till, "malee", city + 1, campaign=1, bill=bill + (1 if city == bill else 0))
    assert over.json()["code"] in {"share_exceeded", "amount_invalid"}


async def test_sixty_and_forty_are_split_to_the_satang(till: Till) -> None:
    policy = {**LUNCH, "name": {"th": "หกสิบ", "en": "Sixty"}, "share_basis_points": 6_000}
    await till.open_campaign(policy)
    for bill in (1, 7, 333, 9_998):
        quoted = await quote(till, "somchai", bill)
        exact = Decimal(bill) * 6 / 10
        assert 0 <= int(quoted["amount"]) - exact < 1
        assert int(quoted["amount"]) + int(quoted["cash"]) == bill


async def test_each_leg_is_shown_apart_from_quote_to_takings(till: Till) -> None:
    await give(till, "somchai", 10_000, allowed=10_000)
    message_at = await till.step_now(1)
    quoted = await quote(till, "somchai", 12_001, campaign=1, copay="4000")
    legs = ("amount", "copay", "cash")
    expected = ("6001", "4000", "2000")
    assert tuple(quoted[name] for name in legs) == expected
    taken = await till.pay("somchai", 1, 12_001, 6_001, copay=4_000, signed_at=message_at)
    assert tuple(taken.json()[name] for name in legs) == expected
    code = scan(taken.json()["receipt"]["qr"], till.runtime.deployment.tag, ReceiptCode)
    assert (code.bill, code.amount, code.copay) == (12_001, 6_001, 4_000)
    await till.settle()
    final = await till.redemption(taken.json()["id"])
    assert (final["status"], *(final[name] for name in legs)) == ("final", *expected)
    # The tokens moved in the batch that recorded the city's share, and wait there for settlement.
    assert await balance(till, "somchai") == 6_000
    takings = await till.signed(key_of("ข้าวซอย"), "GET", "/v1/merchants/1/takings")
    (one,) = takings.json()["campaigns"]
    assert (one["amount"], one["copay"]) == ("6001", "4000")


async def test_a_part_of_both_legs_comes_back_with_a_part_of_the_void(till: Till) -> None:
    await give(till, "somchai", 10_000, allowed=10_000)
    taken = (await till.pay("somchai", 1, 12_000, 6_000, copay=1_001)).json()
    await till.settle()
    assert await balance(till, "somchai") == 8_999
    back = []
    for part in (2_000, 4_000):
        answer = await till.void("ข้าวซอย", taken, part)
        assert answer.status_code == 202, answer.text
        await till.settle()
        back.append(await balance(till, "somchai"))
    # A third of 1,001 satang is rounded up for the resident; in all it is exactly what was paid.
    assert back == [8_999 + 334, 10_000]
