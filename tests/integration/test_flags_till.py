"""The till's own signed verdicts, a line each, tell the flags how far a phone was."""

import json
from typing import Any

from ledger.audit.export import read_account
from ledger.audit.flags import TillFile, flag_facts
from ledger.domain.flag_rules import raise_flags
from ledger.domain.flags import Thresholds, thresholds_of
from tests.integration.ruled_town import FAR_AWAY, pay, position, shop_with_place, with_till
from tests.integration.till import Till


async def verdict_of(till: Till, name: str) -> dict[str, Any]:
    answer = await till.client.get(f"/v1/verdicts/{name}", headers=till.named("approver"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_phone_that_was_far_from_the_shop_is_told_by_the_tills_signed_verdict(
    till: Till,
) -> None:
    shop = await shop_with_place(till)
    near = {"metres_max": 5_000, "position_age_seconds_max": 120, "accuracy_metres_max": 100}
    number = await till.open_campaign(with_till(distance=near))
    far = await position(till, FAR_AWAY)
    taken = await pay(till, "somchai", 100, merchant=shop, campaign=number, position=far)
    assert taken.status_code == 201, taken.text
    refused = await till.pay("malee", 1, 50_000, 20_001)
    await till.settle()
    lines = [
        json.dumps(await verdict_of(till, answer.json()["verdict"])).encode()
        for answer in (taken, refused)
    ]
    verdicts = TillFile()
    verdicts.read(lines)
    assert [attempt.reason for attempt in verdicts.attempts] == ["day_quota_used"]
    account = await read_account(till.gateway, till.runtime.deployment)
    facts = flag_facts(account, verdicts)
    (spent,) = facts.spendings
    assert facts.notes[spent.key].distance_metres == 1_112
    assert raise_flags(facts, Thresholds()) == []
    (flag,) = raise_flags(facts, thresholds_of({"far_metres": 1_000}))
    assert (flag.rule, flag.passes, flag.merchants) == ("far_from_shop", (1,), (shop,))
    assert account.redemption_of(flag.evidence[0]) == taken.json()["id"]
