"""The flags over a real chain: a ring, a relayed code and knocks at closed doors, by their ids."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from ledger.chain.gateway import Gateway
from ledger.domain.campaign import Terms
from ledger.domain.clock import signed_at_of
from ledger.domain.redemption import redemption_id
from tests.conftest import City
from tests.integration.story import Story
from wallet_cli.exit_codes import ExitCode
from wallet_cli.main import run

DRAWER = 7
SECONDS_TO_FLAG_MAX = 60

Nakhon = Callable[..., Awaitable[tuple[ExitCode, Any, str]]]


@pytest.fixture
def nakhon(city: City, tmp_path: Path) -> Nakhon:
    """Run a command against the chain; its exit code, what it printed, and what it complained."""
    record = tmp_path / "deployment.json"
    record.write_bytes(city.deployment.document())
    named = {"NAKHON_RPC_URL": city.rpc_url, "NAKHON_DEPLOYMENT": str(record)}

    async def call(*arguments: str) -> tuple[ExitCode, Any, str]:
        out, err = io.StringIO(), io.StringIO()
        words = [*arguments, "--lang", "en", "--json"]
        code = await asyncio.to_thread(run, words, named, out=out, err=err)
        return code, json.loads(out.getvalue() or "null"), err.getvalue()

    return call


async def drawer(story: Story) -> tuple[Terms, dict[str, int]]:
    """Seven phones emptied at the limit on three days, and one honest lunch; its ids and steps."""
    await story.enrol(DRAWER + 1)
    await story.register(2)
    terms = await story.campaign(1)
    separator, ids = story.city.deployment.domain_separator, {}
    for day in range(3):
        if day:
            await story.gateway.rpc("evm_increaseTime", [86_400])
            await story.gateway.rpc("evm_mine", [])
        first = await story.step(terms) - 10
        entries = [
            story.entry(1, terms, phone, first + phone, bill=40_000, amount=20_000)
            for phone in range(DRAWER)
        ]
        if day == 0:
            entries.append(story.entry(1, terms, DRAWER, first, merchant=2))
        await story.redeem(1, entries)
        for phone in range(DRAWER):
            ids[redemption_id(separator, 1, phone + 1, first + phone)] = first + phone
    return terms, ids


async def test_a_ring_is_flagged_from_the_chain_alone_and_reviewed(
    gateway: Gateway, city: City, nakhon: Nakhon, tmp_path: Path
) -> None:
    _terms, ids = await drawer(Story(gateway, city))
    queue = str(tmp_path / "reviews.jsonl")
    code, found, said = await nakhon("audit", "flags", "--queue", queue)
    assert code is ExitCode.OK, said
    (ring,) = found
    assert (ring["rule"], ring["merchants"]) == ("cash_out_ring", [1])
    assert ring["passes"] == list(range(1, DRAWER + 1))
    assert set(ring["evidence"]) == set(ids) and ring["state"] == "open"
    assert "4,200" in ring["en"] and "not a fault" in said
    words = ("--queue", queue, "--by", "Somsri", "--why", "met the owner")
    code, decided, said = await nakhon("audit", "review", ring["flag"], "confirmed", *words)
    assert (code, decided["state"]) == (ExitCode.OK, "confirmed"), said
    _, again, _ = await nakhon("audit", "flags", "--queue", queue)
    assert [(each["flag"], each["state"]) for each in again] == [(ring["flag"], "confirmed")]
    code, _, said = await nakhon("audit", "review", ring["flag"], "cleared", *words)
    assert code is not ExitCode.OK and "confirmed" in said
    lines = Path(queue).read_bytes()
    Path(queue).write_bytes(lines.replace(b"met the owner", b"met the mayor"))
    Path(queue).write_bytes(Path(queue).read_bytes() + lines.splitlines(keepends=True)[-1])
    code, _, said = await nakhon("audit", "flags", "--queue", queue)
    assert code is not ExitCode.OK and "line 3" in said


async def test_a_relayed_code_is_flagged_within_a_minute(
    gateway: Gateway, city: City, nakhon: Nakhon, tmp_path: Path
) -> None:
    """The till's verdict knows how far the phone was; the flag comes with the next look."""
    story = Story(gateway, city)
    await story.enrol(2)
    await story.register(1)
    terms = await story.campaign(1)
    step = await story.step(terms) - 2
    began = monotonic()
    await story.redeem(1, [story.entry(1, terms, each, step) for each in range(2)])
    facts = {"position_age_seconds": "5", "accuracy_metres": "20"}
    verdicts = [
        {
            "document": {
                "campaign": {"number": 1},
                "pass": {"number": number},
                "request": {"merchant": 1, "signed_at": signed_at_of(terms.starts, step)},
                "facts": facts | {"distance_metres": metres},
                "now": signed_at_of(terms.starts, step) + 3,
                "outcome": {"accepted": True, "code": "accepted"},
            }
        }
        for number, metres in ((1, "40"), (2, "12000"))
    ]
    till = tmp_path / "verdicts.ndjson"
    till.write_text("\n".join(json.dumps(each) for each in verdicts), encoding="utf-8")
    code, found, said = await nakhon("audit", "flags", "--till", str(till))
    assert code is ExitCode.OK, said
    (far,) = found
    assert (far["rule"], far["passes"], far["figures"]["metres"]) == ("far_from_shop", [2], 11_980)
    assert far["evidence"] == [redemption_id(city.deployment.domain_separator, 1, 2, step)]
    assert monotonic() - began < SECONDS_TO_FLAG_MAX


async def test_knocks_at_closed_doors_are_read_from_the_chains_own_refusals(
    gateway: Gateway, city: City, nakhon: Nakhon
) -> None:
    story = Story(gateway, city)
    await story.enrol(2)
    await story.register(1)
    terms = await story.terms(open_hours=1 << 167, ends=await story.now() + 20 * 86_400)
    await story.tell("CAMPAIGN_OFFICER", "CouponBook", "draft", terms)
    await story.tell("APPROVER", "CouponBook", "approve", 1)
    await story.fund(1, 500_000)
    await story.tell("ISSUER", "CouponBook", "issue", 1)
    for _night in range(3):
        step = await story.step(terms) - 5
        knocks = [story.entry(1, terms, 0, step + each) for each in range(2)]
        await story.redeem(1, [*knocks, story.entry(1, terms, 1, step)][: 2 + (_night == 0)])
        await story.gateway.rpc("evm_increaseTime", [86_400])
        await story.gateway.rpc("evm_mine", [])
    code, found, said = await nakhon("audit", "flags")
    assert code is ExitCode.OK, said
    (knocked,) = found
    assert (knocked["rule"], knocked["passes"]) == ("closed_hours", [1])
    assert knocked["figures"] == {"attempts": 6, "days": 3, "passes": 1}
    assert knocked["evidence"] == []


async def test_wrong_files_are_refused_with_a_sentence(nakhon: Nakhon, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("nonsense\n", encoding="utf-8")
    for option in ("--till", "--thresholds", "--queue"):
        code, _, said = await nakhon("audit", "flags", option, str(bad))
        assert code in (ExitCode.USAGE, ExitCode.REFUSED) and said, (option, code, said)
        code, _, said = await nakhon("audit", "flags", option, str(tmp_path))
        assert code is ExitCode.MACHINE, (option, code, said)
