"""A draft replayed on what really happened in a town: chain, index and file tell one past."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.past import read_past
from ledger.db.session import snapshot
from ledger.domain.past import Past
from ledger.domain.past_rows import past_rows
from ledger.domain.replay_report import report_bytes
from ledger.services import past_file, replay_past
from ledger.services.replay import replay_draft
from ledger.services.replay_page import replay_page
from ledger.services.replay_past import past_of_city
from tests.integration.till import LUNCH, Till
from wallet_cli.exit_codes import ExitCode
from wallet_cli.main import run

REDEMPTIONS = 60
PEOPLE = ("somchai", "malee", "lek")


async def lunches(till: Till) -> None:
    """Sixty redemptions of three residents at two shops, one voided whole and one in part."""
    other = await till.register("ก๋วยเตี๋ยว", district=2)
    at = await till.step_now(1)
    await till.sleep_until(at + 15 * (REDEMPTIONS // 3 + 2))
    taken = []
    for index in range(REDEMPTIONS):
        answer = await till.pay(
            PEOPLE[index % 3],
            1 if index % 4 else other,
            1_000 + 20 * index,
            500 + 10 * index,
            signed_at=at + 15 * (index // 3 + 1),
        )
        assert answer.status_code == 201, answer.text
        taken.append(answer.json())
    await till.settle()
    for redemption, amount in ((taken[1], 510), (taken[2], 20)):
        assert (await till.void("ข้าวซอย", redemption, amount)).status_code < 300
    # What a pass or a shop becomes later does not change what it was.
    body = {"status": "suspended", "reason": "ตรวจสอบตามคำร้องเรียน"}
    await till.order("registrar", "/v1/passes/3/status", body)
    await till.settle()


async def indexed(till: Till) -> Past:
    async with snapshot(till.runtime.engine) as session:
        return await past_of_city(session, till.runtime)


async def asked(till: Till, *, role: str | None = "campaign_officer", **body: Any) -> Any:
    return await till.post("/v1/policies/replay", body, role=role)


async def test_chain_index_and_file_tell_the_same_past_and_the_same_report(
    till: Till, tmp_path: Path
) -> None:
    await lunches(till)
    chain = await read_past(till.gateway, till.runtime.deployment)
    assert len(chain.redemptions) == REDEMPTIONS
    assert await indexed(till) == chain
    rows = "\n".join(json.dumps(row) for row in past_rows(chain)).encode()
    assert past_file.read_past(rows) == chain

    draft = {**LUNCH, "per_day_max": "9000", "districts": [1]}
    answer = await asked(till, policy=draft, budget="30000")
    assert answer.status_code == 200, answer.text
    document = json.dumps(draft).encode()
    report = replay_draft(document, chain, budget=30_000)
    assert answer.content == report_bytes(report)
    assert (await asked(till, role="approver", policy=draft, budget="30000")).content == (
        answer.content
    )
    assert report["past"]["voided_left_out"] == report["past"]["voided_in_part"] == 1
    codes = {each["rule"] for each in report["refusals"] if each["refused"]}
    assert codes == {"wrong_district", "day_quota_used"}
    assert report["not_judged"] == []
    assert "29 ต.ค. 2568" in replay_page(report)


async def test_the_policy_that_was_in_force_costs_what_the_chain_says_it_cost(till: Till) -> None:
    await lunches(till)
    report = (await asked(till, policy=LUNCH, budget="1000000")).json()
    campaign = (await till.client.get("/v1/campaigns/1")).json()
    assert report["totals"]["offered"]["cost"] == campaign["money"]["spent"]
    assert report["totals"]["real"]["cost"] == campaign["money"]["spent"]
    assert report["refusals"] == []
    kept = await till.client.get("/v1/campaigns/1")
    assert report["policy"]["hash"] == kept.json()["policy_hash"]
    by_hash = await asked(till, policy=report["policy"]["hash"], budget="1000000")
    assert by_hash.json() == report


async def test_an_auditor_replays_from_the_chain_alone_and_from_its_export(
    till: Till, tmp_path: Path
) -> None:
    import asyncio

    await lunches(till)
    record, draft = tmp_path / "deployment.json", tmp_path / "draft.json"
    record.write_bytes(till.runtime.deployment.document())
    draft.write_text(json.dumps({**LUNCH, "share_basis_points": 4000}))
    where = ["--rpc", till.runtime.settings.rpc_url, "--deployment", str(record)]

    async def said(*line: str) -> str:
        out, err = io.StringIO(), io.StringIO()
        code = await asyncio.to_thread(run, [*line], {}, out=out, err=err)
        assert code is ExitCode.OK, err.getvalue()
        return out.getvalue()

    taken = tmp_path / "past.csv"
    taken.write_text(await said("audit", "state", "redemptions", *where, "-o", "csv"))
    assert len(taken.read_text().splitlines()) == REDEMPTIONS + 1
    line = ["policy", "replay", str(draft), "-o", "json"]
    page = tmp_path / "report.html"
    from_chain = await said(*line, *where, "--html", str(page))
    from_file = await said(*line, "--past", str(taken), "--deployment", str(record))
    assert from_file == from_chain
    assert page.read_text() == replay_page(json.loads(from_chain))
    assert json.loads(from_chain)["totals"]["strict"]["redemptions"] == 0


async def test_only_officers_who_draft_or_approve_replay_and_nonsense_is_refused(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await asked(till, role=None, policy=LUNCH)).status_code == 401
    assert (await asked(till, role="registrar", policy=LUNCH)).status_code == 403
    empty = await asked(till, policy=LUNCH)
    assert (empty.status_code, empty.json()["code"]) == (422, "input_invalid")
    await till.pay("somchai", 1, 1_000, 500)
    await till.settle()
    for body, code in (
        ({"policy": {**LUNCH, "allowance": "0"}}, "policy_invalid"),
        ({"policy": "0x" + "11" * 32}, "not_found"),
        ({"policy": LUNCH, "list": "lst_" + "a" * 24}, "not_found"),
        ({"policy": LUNCH, "list": [1]}, "list_invalid"),
        ({"policy": LUNCH, "weeks": 2_000}, None),
        ({"policy": LUNCH, "budget": 5}, None),
        ({}, None),
    ):
        answer = await asked(till, **body)
        assert 400 <= answer.status_code < 500, answer.text
        assert code is None or answer.json()["code"] == code, answer.text
    monkeypatch.setattr(replay_past, "SERVED_MAX", 0)
    assert (await asked(till, policy=LUNCH)).json()["code"] == "input_invalid"
