"""The line to the database is lost at every word of every kind of request: the answer is one that
may be asked again, and never a defect (FAULTS 32)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from itertools import count
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from ledger.chain.signer import KeySigner
from ledger.db.index_reads import campaign_of
from ledger.db.session import make_engine, snapshot
from ledger.domain.clock import latest_step, signed_at_of
from ledger.domain.redemption import SignedRedemption
from ledger.services.together import Together
from tests.chaos.socket_line import Cut, SocketLine, socket_line
from tests.databases import POSTGRESQL
from tests.integration.problems_expected import expect_problem
from tests.integration.till import Till, key_of
from tests.postgres import Cluster

pytestmark = pytest.mark.parametrize("store", [POSTGRESQL], indirect=True)

SHOP = "ข้าวซอย"
WORDS_MAX = 80
IDLE_MS_MAX = 150
BEFORE, AFTER, ENDED, IDLE = "cut before", "cut after", "ended by the server", "idle for too long"

Request = Callable[[Till, int], Awaitable[httpx.Response]]
"""Made by somebody of a number."""


@pytest.fixture
async def line(
    till: Till, cluster: Cluster, request: pytest.FixtureRequest
) -> AsyncIterator[SocketLine]:
    """The till's database behind a line that can break, in a town with enough people."""
    await till.enrol(*(f"payer-{number}" for number in range(WORDS_MAX)))
    await till.settle()
    idle_ms = IDLE_MS_MAX if IDLE in request.node.callspec.id else 0
    async with socket_line(cluster.directory) as opened:
        there = till.runtime
        url = there.settings.database_url
        there_by_line = url.replace(str(cluster.directory), str(opened.directory))
        options = f"-c idle_in_transaction_session_timeout={idle_ms}"
        engine = make_engine(f"{there_by_line}&options={quote(options)}")
        till.app.state.runtime = here = replace(there, engine=engine)
        together, till.app.state.together = till.app.state.together, Together(here)
        yield opened
        till.app.state.runtime, till.app.state.together = there, together
        await engine.dispose()


async def _charge(till: Till, number: int) -> httpx.Response:
    message = SignedRedemption(
        campaign=1, merchant=1, bill=2_000, amount=1_000, copay=0, signed_at=await _now(till)
    )
    return await till.post("/v1/redemptions", till.charge_body(_payer(number), message))


async def _scan(till: Till, number: int) -> httpx.Response:
    message = SignedRedemption(
        campaign=1, merchant=0, bill=2_000, amount=1_000, copay=0, signed_at=await _now(till)
    )
    present = till.present_text(f"payer-{number}", message)
    body = {"present": present, "merchant": 1, "bill": "2000"}
    return await till.signed(key_of(SHOP), "POST", "/v1/redemptions", body)


async def _order(till: Till, number: int) -> httpx.Response:
    rows = [{"address": key_of(f"new {number}").address, "district": 1}]
    return await till.post("/v1/passes", {"passes": rows}, role="registrar")


async def _mine(till: Till, _number: int) -> httpx.Response:
    return await till.signed(key_of("lek"), "GET", "/v1/me")


async def _now(till: Till) -> int:
    """The present step, past the line: only the request itself is to be disturbed."""
    async with snapshot(till.runtime.engine) as session:
        campaign = await campaign_of(session, till.runtime.chain_id, 1)
    assert campaign is not None
    starts = campaign.terms.starts
    return signed_at_of(starts, latest_step(starts, await till.now()))


def _payer(number: int) -> KeySigner:
    return key_of(f"payer-{number}")


REQUESTS: dict[str, Request] = {
    "charge": _charge,
    "scan": _scan,
    "order": _order,
    "mine": _mine,
}


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("charge", BEFORE),
        ("charge", AFTER),
        ("charge", ENDED),
        ("charge", IDLE),
        ("scan", AFTER),
        ("scan", IDLE),
        ("order", BEFORE),
        ("mine", ENDED),
    ],
)
@pytest.mark.timeout(300)
async def test_f32_a_line_lost_at_any_word_of_a_request_is_never_a_defect(
    till: Till, line: SocketLine, cluster: Cluster, kind: str, how: str
) -> None:
    async def ended_by_the_server() -> bool:
        await asyncio.to_thread(cluster.execute, _END)
        return False

    async def idle_for_too_long() -> bool:
        await asyncio.sleep(3 * IDLE_MS_MAX / 1_000)
        return False

    line.trouble = {ENDED: ended_by_the_server, IDLE: idle_for_too_long}.get(how)
    cut = Cut.AFTER if how == AFTER else Cut.BEFORE
    for words in count():
        assert words < WORDS_MAX, "a request that never ends"
        line.cut, line.words, cuts = cut, words, line.cuts
        answer = await REQUESTS[kind](till, words)
        if line.cuts == cuts:
            break
        if answer.status_code >= 500:
            await expect_problem(answer, 503, "database_unavailable")


async def test_f32_a_pool_that_has_no_connection_left_says_so_and_may_be_asked_again(
    till: Till,
) -> None:
    there = till.runtime
    engine = create_async_engine(
        there.settings.database_url, pool_size=1, max_overflow=0, pool_timeout=0.2
    )
    till.app.state.runtime = replace(there, engine=engine)
    async with engine.connect():
        answer = await till.client.get("/v1/campaigns/1")
        await expect_problem(answer, 503, "database_unavailable")
    assert (await till.client.get("/v1/campaigns/1")).status_code == 200
    till.app.state.runtime = there
    await engine.dispose()


_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
