"""The till's own signed verdicts, a line each, tell the flags how far a phone was."""

import asyncio
import io
import json
from pathlib import Path
from time import monotonic
from typing import Any, Final

from ledger.audit.export import read_account
from ledger.audit.flags import TillFile, flag_facts
from ledger.domain.flag_rules import raise_flags
from ledger.domain.flags import Thresholds, thresholds_of
from tests.integration.ruled_town import (
    FAR_AWAY,
    NEAR_SHOP,
    pay,
    position,
    shop_with_place,
    with_till,
)
from tests.integration.till import Till
from wallet_cli.exit_codes import ExitCode
from wallet_cli.main import run

ACCOMPLICE: Final = {"latitude": "18.792300", "longitude": "98.942000"}
"""5,560 metres north of the shop."""

SECONDS_TO_FLAG_MAX: Final = 60


async def nakhon(till: Till, home: Path, *words: str) -> tuple[ExitCode, str, str]:
    """Run an auditor's command beside the test; its code, what it printed and what it said."""
    record = home / "deployment.json"
    record.write_bytes(till.runtime.deployment.document())
    command = ["audit", *words, "--deployment", str(record), "--lang", "en"]
    out, err = io.StringIO(), io.StringIO()
    code = await asyncio.to_thread(run, command, {}, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


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


async def test_the_till_hands_out_every_verdict_and_a_relayed_code_is_flagged_within_a_minute(
    till: Till, tmp_path: Path
) -> None:
    """From the shop to the reviewer by nothing but commands: the accomplice's phone is far away."""
    began = monotonic()
    shop = await shop_with_place(till)
    near = {"metres_max": 9_000, "position_age_seconds_max": 120, "accuracy_metres_max": 100}
    number = await till.open_campaign(with_till(distance=near))
    for who, place in (("malee", NEAR_SHOP), ("somchai", ACCOMPLICE)):
        there = await position(till, place)
        taken = await pay(till, who, 100, merchant=shop, campaign=number, position=there)
        assert taken.status_code == 201, taken.text
    assert (await till.pay("malee", 1, 50_000, 20_001)).status_code == 422
    await till.settle()
    file, index = tmp_path / "verdicts.ndjson", till.runtime.settings.database_url
    code, _, said = await nakhon(till, tmp_path, "verdicts", str(file), "--index", index)
    assert code is ExitCode.OK and "3 verdicts" in said
    assert file.stat().st_mode & 0o077 == 0
    code, out, said = await nakhon(
        till, tmp_path, "flags", "--till", str(file), "--json", "--rpc", till.gateway.url
    )
    (flag,) = json.loads(out)
    assert (flag["rule"], flag["merchants"]) == ("far_from_shop", [shop]), said
    assert flag["evidence"] == [taken.json()["id"]]
    assert monotonic() - began < SECONDS_TO_FLAG_MAX
    code, _, said = await nakhon(till, tmp_path, "verdicts", str(file), "--index", index)
    assert code is ExitCode.CONFLICT and "not overwritten" in said
    only = tmp_path / "only.ndjson"
    code, _, said = await nakhon(till, tmp_path, "verdicts", str(only), "--index", index, "-c", "1")
    assert code is ExitCode.OK and "1 verdicts" in said
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps((await verdict_of(till, taken.json()["verdict"]))["policy"]))
    one = tmp_path / "verdict.json"
    # Within a second they stand in no order: the first of this campaign, whichever it is.
    lines = file.read_bytes().splitlines()
    one.write_bytes(
        next(each for each in lines if json.loads(each)["document"]["campaign"]["number"] == number)
    )
    code, out, said = await nakhon(till, tmp_path, "verdict", str(one), "--policy", str(policy))
    assert code is ExitCode.OK, said
