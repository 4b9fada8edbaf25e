"""Whoever is on call hears what is wrong, by the same codes everywhere, and what to do about it."""

import asyncio
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.catching_up import LOOK_MS
from api.metrics import Metrics
from api.run import run_follower
from ledger.chain.clock import DevnetClock, SystemClock
from ledger.chain.gateway import Gateway
from ledger.db.session import make_engine, writing
from ledger.errors import WrongChain
from ledger.sequencer.loop import Sequencer
from ledger.services import vitals
from ledger.services.vitals import TROUBLES, vitals_of
from tests.chaos.line import open_line
from tests.chaos.schedule import Kind
from tests.integration.lying_node import lying_gateway
from tests.integration.problems_expected import charge, expect_problem
from tests.integration.test_two_processes import until
from tests.integration.till import Till
from wallet_cli.main import run

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
ROW = re.compile(r"^(nakhon_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


async def metrics(till: Till) -> dict[tuple[str, str], float]:
    told: Metrics = till.app.state.metrics
    told._asked_ns = None
    answer = await till.client.get("/metrics")
    assert answer.status_code == 200
    return {(name, label or ""): float(value) for name, label, value in ROW.findall(answer.text)}


async def troubles(till: Till) -> set[str]:
    answer = await till.client.get("/readyz")
    return {trouble["code"] for trouble in answer.json()["troubles"]}


async def test_metrics_count_what_was_answered_and_tell_how_the_city_is(till: Till) -> None:
    before = await metrics(till)
    assert (await till.pay("somchai", 1, 2_000, 1_000)).status_code == 201
    refused = await till.pay("nobody", 1, 2_000, 1_000)
    assert refused.status_code == 422
    after = await metrics(till)
    grown = {key: value - before.get(key, 0) for key, value in after.items()}
    assert grown["nakhon_redemptions_accepted_total", ""] == 1
    assert grown["nakhon_redemptions_refused_total", f'code="{refused.json()["code"]}"'] == 1
    assert grown["nakhon_redemption_seconds_count", ""] == 2
    assert after["nakhon_outbox_waiting", ""] == 1
    assert after["nakhon_sequencer_balance_wei", ""] > 10**18
    assert after["nakhon_chain_lag_blocks", ""] == 0
    assert after["nakhon_trouble", 'code="node_unreachable"'] == 0


async def test_an_answer_given_before_is_not_counted_as_accepted_again(till: Till) -> None:
    named = {"idempotency-key": "counted-once"}
    body = await charge(till)
    for _ in range(3):
        assert (await till.post("/v1/redemptions", body, **named)).status_code == 201
    after = await metrics(till)
    assert after["nakhon_redemptions_accepted_total", ""] == 1
    assert after["nakhon_redemptions_replayed_total", ""] == 2


async def test_readiness_names_what_is_wrong_and_what_to_do(till: Till) -> None:
    assert await troubles(till) == {"indexer_missing", "sequencer_missing"} - await _leading(till)
    await till.pay("somchai", 1, 2_000, 1_000)
    await till.sleep_until(await till.now() + 1_000)
    assert "outbox_old" in await troubles(till)
    await till.mine(40)
    answer = await till.client.get("/readyz")
    assert answer.status_code == 503
    named = {trouble["code"]: trouble for trouble in answer.json()["troubles"]}
    assert named["index_behind"]["action_en"] == TROUBLES["index_behind"].action_en
    await till.settle()
    assert "outbox_old" not in await troubles(till) and "index_behind" not in await troubles(till)


async def _leading(till: Till) -> set[str]:
    found = await vitals_of(till.runtime)
    assert found.stored is not None
    return {f"{kind}_missing" for kind in found.stored.leaders}


async def test_a_node_of_another_chain_is_named_while_the_city_runs(till: Till) -> None:
    """A provider that sends us to another network, or to another fork of the same chain id."""
    there = till.runtime

    def another_id(method: str, params: list[Any], result: Any) -> Any:
        return "0x1" if method == "eth_chainId" else result

    def another_fork(method: str, params: list[Any], result: Any) -> Any:
        block = isinstance(result, dict) and "parentHash" in result
        return result | {"hash": "0x" + "fe" * 32} if block else result

    for lie in (another_id, another_fork):
        async with lying_gateway(there.gateway.url, lie) as elsewhere:
            till.app.state.runtime = strange = replace(there, gateway=elsewhere)
            found = await troubles(till)
            assert "chain_not_ours" in found
            assert not {"node_unreachable", "index_behind", "sequencer_poor"} & found
            assert (await till.client.get("/readyz")).status_code == 503
            told = (await vitals_of(strange)).troubles
            assert "chain_not_ours" in told
    till.app.state.runtime = there
    assert "chain_not_ours" not in await troubles(till)


async def test_a_sequencer_believes_nothing_of_another_chain_and_goes_on_with_its_own(
    till: Till,
) -> None:
    """Another chain's count of our account would say that somebody else had used our nonces."""

    def another_chain(method: str, params: list[Any], result: Any) -> Any:
        return {"eth_chainId": "0x1", "eth_getTransactionCount": "0xffff"}.get(method, result)

    assert (await till.pay("somchai", 1, 2_000, 1_000)).status_code == 201
    port = till.sequencer.port
    async with lying_gateway(till.gateway.url, another_chain) as elsewhere:
        misled = Sequencer(replace(port, gateway=elsewhere), SystemClock())
        misled.lead.owner = till.sequencer.lead.owner
        with pytest.raises(WrongChain):
            await misled.step()
    async with till.runtime.engine.connect() as connection:
        assert (
            await connection.scalar(text("SELECT count(*) FROM batches WHERE kind = 'redeem'")) == 0
        )
    await till.settle()
    async with till.runtime.engine.connect() as connection:
        kept = await connection.execute(text("SELECT status FROM redemptions"))
        assert [row.status for row in kept] == ["final"]


async def test_the_oldest_that_waits_and_the_last_reorg_are_told_in_figures(till: Till) -> None:
    assert (await till.pay("somchai", 1, 2_000, 1_000)).status_code == 201
    await till.sleep_until(await till.now() + 500)
    assert 500 <= (await metrics(till))["nakhon_outbox_age_seconds", ""] < 600
    await till.turn()
    stop, told = asyncio.Event(), till.app.state.metrics
    following = asyncio.create_task(run_follower(till.runtime, stop, told.heard_reorg))
    await till.gateway.rpc("anvil_reorg", [2, []])
    await till.mine()

    async def heard() -> bool:
        return (await metrics(till))["nakhon_reorg_depth_blocks", ""] == 2

    await until(heard)
    stop.set()
    await following
    assert (await metrics(till))["nakhon_reorgs_total", ""] == 1


async def test_a_node_that_hangs_is_named_and_hangs_nobody_who_asks(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "NODE_SECONDS_MAX", 1)
    there = till.runtime
    async with open_line(there.gateway.url) as line, Gateway(line.url) as hanging:
        line.trouble = Kind.NODE_HANGS
        till.app.state.runtime = replace(there, gateway=hanging, clock=DevnetClock(hanging))
        async with asyncio.timeout(20):
            assert "node_unreachable" in await troubles(till)
    till.app.state.runtime = there


async def test_the_doctor_says_to_people_what_it_saw_and_what_to_do_and_no_password(
    till: Till, tmp_path: Path
) -> None:
    secret = "postgresql+psycopg://nobody:verysecret@/nothing?host=/nowhere"
    environment = doctors_environment(till, tmp_path) | {
        "NAKHON_DATABASE_URL": secret,
        "NAKHON_RPC_URL": "http://user:alsosecret@127.0.0.1:9/key-of-a-provider",
    }
    out, err = io.StringIO(), io.StringIO()
    await asyncio.to_thread(run, ["doctor"], environment, out=out, err=err)
    told = out.getvalue()
    for code in ("database_unreachable", "node_unreachable"):
        said = TROUBLES[code]
        assert f"docs/runbook.md#{code}" in told
        assert f"→ {said.action_th}" in told and f"→ {said.action_en}" in told
    assert "127.0.0.1:9" in told
    for hidden in ("verysecret", "alsosecret", "key-of-a-provider"):
        assert hidden not in told + err.getvalue()


async def test_a_till_takes_nothing_until_its_index_has_reached_the_chain(till: Till) -> None:
    """After a restore or a rebuild an index without passes would refuse who holds one."""
    catching_up, stop = till.app.state.catching_up, asyncio.Event()
    catching_up.begin()
    body, named = await charge(till), {"idempotency-key": "while-it-reads"}
    refused = await till.post("/v1/redemptions", body, **named)
    await expect_problem(refused, 503, "index_catching_up")
    assert refused.headers["retry-after"]
    assert "index_behind" in await troubles(till)
    await till.mine(3)
    watching = asyncio.create_task(catching_up.watch(till.runtime, stop))
    await asyncio.sleep(5 * LOOK_MS / 1_000)
    assert not watching.done(), "three blocks are not indexed"
    await till.sync()
    await watching
    taken = await till.post("/v1/redemptions", body, **named)
    assert taken.status_code == 201, taken.text


async def test_a_poor_sequencer_is_named(till: Till) -> None:
    address = till.runtime.sequencer.address
    held = await till.gateway.rpc("eth_getBalance", [address, "latest"])
    await till.gateway.rpc("anvil_setBalance", [address, hex(10**9)])
    assert "sequencer_poor" in await troubles(till)
    await till.gateway.rpc("anvil_setBalance", [address, held])
    assert "sequencer_poor" not in await troubles(till)


def doctors_environment(till: Till, tmp_path: Path) -> dict[str, str]:
    record = tmp_path / "record.json"
    record.write_bytes(till.runtime.deployment.document())
    return {
        "NAKHON_HOME": str(tmp_path),
        "NAKHON_DEPLOYMENT": str(record),
        "NAKHON_RPC_URL": till.gateway.url,
        "NAKHON_CLOCK": "chain",
        "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
    }


def doctor(till: Till, tmp_path: Path, **changes: str) -> tuple[int, dict[str, Any]]:
    environment = doctors_environment(till, tmp_path)
    out, err = io.StringIO(), io.StringIO()
    code = run(["doctor", "--json"], environment | changes, out=out, err=err)
    found = json.loads(out.getvalue())
    rows = found if isinstance(found, list) else found["rows"]
    return int(code), {row["check"]: row for row in rows}


async def test_the_doctor_names_each_trouble_and_its_remedy_and_exits_by_it(
    till: Till, tmp_path: Path
) -> None:
    async def wrong(**changes: str) -> tuple[int, set[str]]:
        code, rows = await asyncio.to_thread(doctor, till, tmp_path, **changes)
        assert set(rows) == set(TROUBLES)
        sick = {name for name, row in rows.items() if not row["well"]}
        assert all(rows[name]["action_en"] and rows[name]["action_th"] for name in sick)
        return code, sick

    await _lead(till, "sequencer", "indexer")
    assert await wrong() == (0, set())
    nowhere = "sqlite+aiosqlite:////nowhere/at/all.sqlite3"
    assert await wrong(NAKHON_DATABASE_URL=nowhere) == (5, {"database_unreachable"})
    code, sick = await wrong(NAKHON_RPC_URL="http://127.0.0.1:9")
    assert code == 5 and "node_unreachable" in sick
    password = tmp_path / "password"
    password.write_text("none")
    assert await wrong(NAKHON_KEY_PASSWORD_FILE=str(password)) == (7, {"keys_wrong"})
    async with writing(till.runtime.engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert await wrong() == (10, {"migrations_missing"})


async def _lead(till: Till, *kinds: str) -> None:
    async with writing(till.runtime.engine) as connection:
        for kind in kinds:
            await connection.execute(
                text("INSERT INTO leases (name, owner, expires_at) VALUES (:n, 'me', 9999999999)"),
                {"n": f"{kind} of the test"},
            )


async def test_a_database_that_is_gone_is_a_503_that_may_be_asked_again(till: Till) -> None:
    body = await charge(till)
    there = till.runtime
    nowhere = make_engine("postgresql+psycopg://nobody@/nothing?host=/nowhere")
    till.app.state.runtime = replace(there, engine=nowhere)
    answer = await till.post("/v1/redemptions", body)
    await expect_problem(answer, 503, "database_unavailable")
    assert answer.headers["retry-after"]
    assert (await till.client.get("/readyz")).status_code == 503
    assert "database_unreachable" in await troubles(till)
    till.app.state.runtime = there
    await nowhere.dispose()
    assert (await till.post("/v1/redemptions", body)).status_code == 201


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_the_runbook_has_a_paragraph_for_every_trouble_and_metric(till: Till) -> None:
    page = RUNBOOK.read_text("utf-8")
    assert set(re.findall(r"^## (\w+_\w+)$", page, re.MULTILINE)) == set(TROUBLES)
    told = {name for name, _label in await metrics(till)}
    for name in re.findall(r"`(nakhon_\w+)", page):
        assert name in told or name == "nakhon_redemptions_refused_total", name
