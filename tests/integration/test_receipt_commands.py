"""`nakhon audit receipt`, `anchors` and `staff`: what they find, and what they end with."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ledger.db.session import transaction
from ledger.domain.anchors import day_begins
from ledger.domain.clock import bangkok_day
from ledger.services.anchors import keep_up
from tests.integration.story import Story
from tests.integration.till import Till
from wallet_cli.main import run


async def nakhon(till: Till, home: Path, *words: str) -> tuple[int, str]:
    """Run a command beside the test; its status and what it printed."""
    record = home / "deployment.json"
    record.write_bytes(till.runtime.deployment.document())
    chain = () if "--list" in words else ("--rpc", till.gateway.url)
    command = ["audit", *words, *chain, "--deployment", str(record)]
    out, err = io.StringIO(), io.StringIO()
    code = await asyncio.to_thread(run, command, {"LANG": "en_US.UTF-8"}, out=out, err=err)
    return int(code), out.getvalue()


async def told(till: Till, home: Path, *words: str) -> tuple[int, Any]:
    code, out = await nakhon(till, home, *words, "--json")
    return code, json.loads(out)


async def a_day(till: Till) -> dict[str, Any]:
    """A redemption, its day over and anchored; its receipt."""
    answer = await till.pay("somchai", 1, 12_000, 6_000)
    await till.settle()
    day = bangkok_day(await till.now())
    await till.sleep_until(day_begins(day + 1) + 43_200)
    await till.settle()
    while await keep_up(till.runtime, now=await till.now()) is not None:
        await till.settle()
    return dict(answer.json()["receipt"])


async def test_a_receipt_ends_with_the_status_of_its_verdict(till: Till, tmp_path: Path) -> None:
    receipt = await a_day(till)
    file = tmp_path / "receipt.json"
    path = (await till.client.get(f"/v1/receipts/{receipt['id']}/path")).json()
    for written, code, verdict in (
        (path, 0, "proven"),
        (receipt, 0, "proven"),
        (receipt | {"amount": "1"}, 3, "altered"),
    ):
        file.write_text(json.dumps(written), "utf-8")
        ended, found = await told(till, tmp_path, "receipt", str(file))
        assert (ended, found["verdict"]) == (code, verdict)
    fresh = (await till.pay("malee", 1, 12_000, 6_000)).json()["receipt"]
    file.write_text(fresh["qr"], "utf-8")
    ended, found = await told(till, tmp_path, "receipt", str(file))
    assert (ended, found["verdict"]) == (8, "not_yet")
    file.write_text("nothing", "utf-8")
    assert (await nakhon(till, tmp_path, "receipt", str(file)))[0] == 2


async def test_anchors_agree_until_one_is_false(till: Till, tmp_path: Path) -> None:
    await a_day(till)
    code, found = await told(till, tmp_path, "anchors")
    assert (code, found["agrees"], found["findings"]) == (0, True, [])
    assert [day["leaves"] for day in found["days"]][-1] == 1
    answer = await till.pay("malee", 1, 12_000, 6_000)
    assert answer.status_code == 201
    await till.settle()
    day = bangkok_day(await till.now())
    await till.sleep_until(day_begins(day + 1) + 60)
    city = type("City", (), {"deployment": till.runtime.deployment})()
    story = Story(gateway=till.gateway, city=city)
    lie = (day, b"\x01" * 32, 1, 7_000, 0, bytes(32))
    await story.send(till.runtime.sequencer, "AnchorLog", "anchor", *lie)
    code, found = await told(till, tmp_path, "anchors")
    assert (code, found["agrees"]) == (6, False)
    assert [one["code"] for one in found["findings"]] == ["anchor_differs"] * 2
    assert "7000" in found["findings"][1]["en"]


async def test_the_staffs_log_is_held_to_its_anchors_from_a_file_and_from_the_database(
    till: Till, tmp_path: Path
) -> None:
    await till.post("/v1/campaigns/1/pause", role="guardian")
    await till.turn()
    await till.post("/v1/campaigns/1/resume", role="approver")
    await till.turn()
    await a_day(till)
    url = till.runtime.settings.database_url
    code, found = await told(till, tmp_path, "staff", "--index", url)
    assert (code, found["agrees"]) == (0, True)
    assert found["anchored"] == found["acts"] > 2
    _, lines = await nakhon(till, tmp_path, "staff", "--index", url, "--list", "-o", "ndjson")
    file = tmp_path / "acts.ndjson"
    file.write_text(lines, "utf-8")
    assert (await told(till, tmp_path, "staff", str(file)))[0] == 0
    rows = [json.loads(line) for line in lines.splitlines()]
    pause = next(place for place, row in enumerate(rows) if row["act"] == "pause_campaign")
    for changed, expected in (
        (rows[:pause] + rows[pause + 1 :], "act_missing"),
        ([*rows[:pause], rows[pause] | {"by": "nobody"}, *rows[pause + 1 :]], "act_altered"),
        ([*rows[: pause + 1], *rows[pause:]], "act_inserted"),
        (rows[: pause + 1], "log_rewritten"),
    ):
        file.write_text("\n".join(map(json.dumps, changed)), "utf-8")
        code, found = await told(till, tmp_path, "staff", str(file))
        assert (code, found["code"]) == (6, expected)
        if expected != "log_rewritten":
            assert found["number"] == pause + 1
    async with transaction(till.runtime.engine) as session:
        await session.execute(text("DELETE FROM staff_acts WHERE act = 'pause_campaign'"))
    code, found = await told(till, tmp_path, "staff", "--index", url)
    assert (code, found["code"], found["number"]) == (6, "act_missing", pause + 1)
