"""Two servers of one city: one leads and sends, the other takes over, and never do both (FAULTS 11,
16)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ledger.db.leases import LEASE_SECONDS, holds_lease, take_lease
from ledger.db.session import open_session, transaction
from ledger.domain.redemption import SignedRedemption
from ledger.indexer.run import STANDBY_MS
from ledger.sequencer.loop import PAUSE_MS as SEQUENCER_PAUSE_MS
from tests.integration.city_process import CityProcess, city_process
from tests.integration.conftest import Town
from tests.integration.recording_node import RecordingNode, recording_node
from tests.integration.till import Till, key_of

PATIENCE_SECONDS = 180
CLOCKS = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)",
}


@dataclass(slots=True)
class Pair:
    """Two servers, and the node they share."""

    till: Till
    servers: list[CityProcess]
    node: RecordingNode

    async def leader(self, kind: str) -> int | None:
        """The process that holds the lease of `kind` now."""
        async with self.till.runtime.engine.connect() as connection:
            found = await connection.execute(
                text("SELECT owner FROM leases WHERE name LIKE :name"), {"name": f"{kind}%"}
            )
            owner = found.scalar_one_or_none()
        return None if owner is None else int(owner.split()[-2])

    async def seconds_left(self) -> dict[str, int]:
        """How long the leases of sequencer and indexer last, by the database's clock."""
        dialect = self.till.runtime.engine.dialect.name
        now = text(f"SELECT {CLOCKS[dialect]}")
        async with self.till.runtime.engine.connect() as connection:
            told = await connection.execute(text("SELECT name, expires_at FROM leases"))
            ends = {row.name.partition(" ")[0]: row.expires_at for row in told}
            moment = (await connection.execute(now)).scalar_one()
        return {kind: ends[kind] - moment for kind in ("sequencer", "indexer")}

    def server(self, pid: int | None) -> CityProcess:
        return next(one for one in self.servers if one.pid == pid)

    async def led_by_another_than(self, pid: int) -> CityProcess:
        async def other() -> bool:
            return await self.leader("sequencer") not in {None, pid}

        await until(other)
        return self.server(await self.leader("sequencer"))

    async def led_as_both_by(self, server: CityProcess) -> None:
        """Wait until this server is the one sequencer and the one indexer."""

        async def leads() -> bool:
            return {await self.leader("sequencer"), await self.leader("indexer")} == {server.pid}

        await until(leads)

    async def pay(self, server: CityProcess, who: str, amount: int) -> str:
        """A redemption at one of the servers; its id."""
        message_body = await charge_now(self.till, who, amount)
        async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as client:
            answer = await client.post(
                "/v1/redemptions",
                json=message_body,
                headers={"idempotency-key": f"{who}-{amount}-{message_body['signed_at']}"},
            )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def all_final(self, taken: list[str]) -> None:
        async def done() -> bool:
            await self.till.mine()
            states = [(await self.till.redemption(name))["status"] for name in taken]
            return states == ["final"] * len(taken)

        await until(done)


async def charge_now(till: Till, who: str, amount: int) -> dict[str, object]:
    message = SignedRedemption(
        campaign=1,
        merchant=1,
        bill=2 * amount,
        amount=amount,
        copay=0,
        signed_at=await till.step_now(1),
    )
    return till.charge_body(key_of(who), message)


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await done():  # noqa: ASYNC110 (another process does it)
            await asyncio.sleep(0.1)


@pytest.fixture
async def pair(till: Till, town: Town, tmp_path: Path) -> AsyncIterator[Pair]:
    record = tmp_path / "31337.json"
    record.write_bytes(town.city.deployment.document())
    async with recording_node(town.city.rpc_url) as node:
        with ExitStack() as stack:
            environment = {
                "NAKHON_HOME": str(tmp_path),
                "NAKHON_DATABASE_URL": till.runtime.settings.database_url,
                "NAKHON_RPC_URL": node.url,
                "NAKHON_DEPLOYMENT": str(record),
                "NAKHON_CLOCK": "chain",
                "NAKHON_PORT": "0",
                "NAKHON_CONFIRMATIONS": "2",
                "NAKHON_BATCH_WAIT_SECONDS": "0",
            }
            pair = Pair(till, [], node)
            for number in range(2):
                opened = city_process(environment, tmp_path / f"{number}.log")
                pair.servers.append(await asyncio.to_thread(stack.enter_context, opened))
                await pair.led_as_both_by(pair.servers[0])
            yield pair


async def test_a_standby_takes_over_from_a_killed_process_and_nothing_is_sent_twice(
    pair: Pair,
) -> None:
    await pair.led_by_another_than(0)
    first = pair.server(await pair.leader("sequencer"))
    second = next(one for one in pair.servers if one is not first)
    taken = [await pair.pay(first, "somchai", 1_000), await pair.pay(second, "malee", 1_100)]
    first.kill()
    taken.append(await pair.pay(second, "lek", 1_200))
    async with transaction(pair.till.runtime.engine) as session:
        left = await session.execute(text("SELECT name, expires_at FROM leases"))
        assert left.all()
    assert await pair.led_by_another_than(first.pid) is second
    await pair.all_final(taken)
    said = pair.node.calls_by_nonce()
    assert said and all(len(calls) == 1 for calls in said.values())


async def test_a_standby_is_sequencer_and_indexer_within_five_seconds_of_a_kill(pair: Pair) -> None:
    """A lease that was renewed at the very moment of the kill ends three seconds later, by the
    database's clock, and a standby looks twice a second. What it took here is printed."""
    first, second = pair.servers
    assert LEASE_SECONDS * 1_000 + max(SEQUENCER_PAUSE_MS, STANDBY_MS) < 5_000
    first.kill()
    killed = time.monotonic()
    ends = await pair.seconds_left()
    assert ends.keys() == {"sequencer", "indexer"}
    assert all(left <= LEASE_SECONDS for left in ends.values()), ends
    await pair.led_as_both_by(second)
    print(f"a standby leads as both {time.monotonic() - killed:.1f} s after the kill")
    taken = [await pair.pay(second, "somchai", 1_000)]
    await pair.all_final(taken)


async def test_a_process_that_slept_through_its_lease_signs_nothing_more(pair: Pair) -> None:
    await pair.led_by_another_than(0)
    sleeper = pair.server(await pair.leader("sequencer"))
    other = next(one for one in pair.servers if one is not sleeper)
    await pause_between_transactions(pair, sleeper)
    taken = [await pair.pay(other, "somchai", 1_000)]
    assert await pair.led_by_another_than(sleeper.pid) is other
    taken.append(await pair.pay(other, "malee", 1_100))
    sleeper.resume()
    await pair.all_final(taken)
    assert await pair.leader("sequencer") == other.pid
    other.kill()
    taken = [await pair.pay(sleeper, "lek", 1_200)]
    await pair.all_final(taken)
    said = pair.node.calls_by_nonce()
    assert said and all(len(calls) == 1 for calls in said.values())


async def pause_between_transactions(pair: Pair, server: CityProcess) -> None:
    """Pause a server that holds no lock of the database at this moment."""
    engine = pair.till.runtime.engine
    while True:
        server.pause()
        try:
            async with asyncio.timeout(1), open_session(engine) as session:
                await session.execute(text("UPDATE leases SET owner = owner"))
                await session.execute(text("UPDATE sequencer_accounts SET address = address"))
        except (TimeoutError, SQLAlchemyError):
            server.resume()
            await asyncio.sleep(0.3)
        else:
            return


async def test_a_lease_ends_by_itself_and_is_never_held_twice(till: Till) -> None:
    engine = till.runtime.engine
    async with transaction(engine) as session:
        assert await take_lease(session, "a", "one", seconds=LEASE_SECONDS)
        assert not await take_lease(session, "a", "two", seconds=LEASE_SECONDS)
        assert await holds_lease(session, "a", "one")
        assert not await holds_lease(session, "a", "two")

    async def ended() -> bool:
        async with transaction(engine) as session:
            held_before = await holds_lease(session, "a", "one")
            taken = await take_lease(session, "a", "two", seconds=LEASE_SECONDS)
            held_after = await holds_lease(session, "a", "one")
        assert held_before or taken, "a lease that has ended can be taken"
        assert not (held_after and taken), "a lease is held once"
        return taken

    await until(ended)


async def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(till: Till) -> None:
    async with transaction(till.runtime.engine) as session:
        assert await take_lease(session, "a", "one", seconds=600)
        assert await take_lease(session, "a", "two", seconds=LEASE_SECONDS)
