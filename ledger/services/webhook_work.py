"""The one process that tells: what changed becomes events, and events are carried to who hears.

One leads by a lease; a standby takes over within seconds of its death. Whatever it was doing is
done again: an event may be delivered twice, under one id. Nothing here is waited for by a till.
"""

import asyncio
import contextlib
import logging
import secrets
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.chain.clock import Clock, SystemClock
from ledger.chain.signer import DEVNET_CHAIN_IDS
from ledger.db import webhook_changes, webhook_deliveries, webhook_events, webhooks
from ledger.db.leases import Lead
from ledger.db.session import snapshot, transaction
from ledger.db.tables_webhooks import WebhookDelivery, WebhookEndpoint, WebhookEvent
from ledger.db.webhook_changes import Change
from ledger.domain.webhooks import CHANCES, pause_seconds
from ledger.errors import LedgerError, WebhookKeyChanged, WrongState
from ledger.services.runtime import Runtime
from ledger.services.webhook_courier import GONE, Courier, Outcome, Resolve, addresses_of
from ledger.services.webhook_secrets import secrets_of

LEASE: Final = "webhooks"
CHANGES_MAX: Final = 500
EVERY_MAX: Final = 5_000
"""Of the whole comparison, which reads all rows each time it is asked."""

LOOK_EVERY_MS: Final = 300
LOOK_SHARE: Final = 5
"""After a look, at least this many times as long is waited as it took."""

SLOW_LOOK_SECONDS: Final = 2
NEWEST_SECONDS: Final = 60
"""How far back the slower look compares all that was taken."""

PAYMENTS_SECONDS: Final = 15
PRUNE_SECONDS: Final = 3_600
KEPT_SECONDS: Final = 90 * 86_400
"""How long an event can be replayed."""

DELIVERIES_KEPT_SECONDS: Final = 7 * 86_400
LANES_MAX: Final = 32
"""Addresses served at once: beyond it they take turns."""

IN_FLIGHT_MAX: Final = 16
"""Deliveries at once to an address that answers; one that does not is tried with one."""

BEGUN_MAX: Final = 64
"""Deliveries begun and not yet tried; those that failed are beside them and hold none up."""

ATTEMPTS_MAX: Final = 30
"""An event is given up after so many, where its receiver takes others."""

DISABLED_AFTER_SECONDS: Final = 3 * 86_400
PAUSE_AFTER_FAILURE_MS: Final = 2_000
NS: Final = 1_000_000_000

_log = logging.getLogger("nakhon.webhooks")


@dataclass(slots=True, kw_only=True)
class _Slow:
    """When what is not done at every look was last done, by the machine's own count."""

    newest_ns: int = 0
    payments_ns: int = 0
    pruned_ns: int = 0

    def due(self, name: str, seconds: int) -> bool:
        now = time.monotonic_ns()
        last: int = getattr(self, name)
        if last and now - last < seconds * NS:
            return False
        setattr(self, name, now)
        return True


class Webhooks:
    """The work of one process: it does nothing while another one leads."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        clock: Clock | None = None,
        resolve: Resolve = addresses_of,
        trusting: ssl.SSLContext | None = None,
    ) -> None:
        self.lead = Lead(runtime.engine, f"{LEASE} {runtime.chain_id}")
        self._runtime = runtime
        self._clock = clock or SystemClock()
        self._resolve = resolve
        self._trusting = trusting or ssl.create_default_context()
        self._leads = False
        self._slow = _Slow()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._carried: set[asyncio.Task[Outcome]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Look, tell and send until `stop` is set; a database that is away is waited for."""
        try:
            while not stop.is_set():
                pause_ms = await self._try_step()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_ms / 1_000):
                        await stop.wait()
        finally:
            await self.retire()

    async def _try_step(self) -> int:
        began = time.monotonic_ns()
        try:
            told = await self.step()
        except WrongState as overtaken:
            self._leads = False
            _log.warning("another process tells by now: %s", overtaken)
        except (SQLAlchemyError, OSError, LedgerError) as failure:
            _log.error("alarm: webhooks wait: %s", failure)
            return PAUSE_AFTER_FAILURE_MS
        else:
            if told >= CHANGES_MAX:
                return 0
        return max(LOOK_EVERY_MS, LOOK_SHARE * (time.monotonic_ns() - began) // 1_000_000)

    async def step(self) -> int:
        """Tell what changed and set out to deliver it; how many events were written. Where nobody
        hears, nothing is led and nothing is written."""
        began = not self._leads
        self._leads = await self._is_heard() and await self.lead.take()
        if not self._leads:
            return 0
        try:
            async with self.lead.kept():
                told = await self._tell(whole=began)
                await self._set_out()
        except BaseException:
            # What began was not compared as a whole yet: the next turn begins anew.
            self._leads = self._leads and not began
            raise
        return told

    async def _is_heard(self) -> bool:
        async with snapshot(self._runtime.engine) as session:
            return await webhook_changes.is_heard(session)

    async def retire(self) -> None:
        """Break off what is on its way (it is delivered again), and let a standby go on at once."""
        self._leads = False
        for carrying in self._carried:
            carrying.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        try:
            await self.lead.give_up()
        except SQLAlchemyError as failure:
            _log.warning("the lease ends by itself: %s", failure)

    async def settled(self) -> None:
        """Wait until every delivery that has set out has come to an end."""
        await asyncio.gather(*self._lanes.values())

    # Telling

    async def _tell(self, *, whole: bool) -> int:
        now = await self._runtime.clock.now()
        told = 0
        if whole:
            self._slow = _Slow()
            while found := await self._everything():
                told += await self._write(found, now=now)
        async with snapshot(self._runtime.engine) as session:
            found = await self._changes(session, now=now)
        told += await self._write(found, now=now)
        if self._slow.due("pruned_ns", PRUNE_SECONDS):
            await self._prune(now=now)
        return told

    async def _everything(self) -> list[Change]:
        async with snapshot(self._runtime.engine) as session:
            return await webhook_changes.every_change(session, most=EVERY_MAX)

    async def _changes(self, session: AsyncSession, *, now: int) -> list[Change]:
        since = now - NEWEST_SECONDS if self._slow.due("newest_ns", SLOW_LOOK_SECONDS) else None
        found = await webhook_changes.changes(
            session, self._runtime.chain_id, since=since, most=CHANGES_MAX
        )
        first = self._slow.payments_ns == 0
        if self._slow.due("payments_ns", PAYMENTS_SECONDS):
            found += await webhook_changes.payment_changes(session, whole=first, most=CHANGES_MAX)
        return found

    async def _write(self, found: Sequence[Change], *, now: int) -> int:
        if not found:
            return 0
        async with transaction(self._runtime.engine) as session:
            await self.lead.confirm(session)
            return await webhook_events.write(session, found, now=now)

    async def _prune(self, *, now: int) -> None:
        wall = await self._clock.now()
        async with transaction(self._runtime.engine) as session:
            await webhook_events.prune(session, before=now - KEPT_SECONDS)
            await webhook_deliveries.prune(session, before=wall - DELIVERIES_KEPT_SECONDS)

    # Sending

    async def _set_out(self) -> None:
        self._lanes = {name: lane for name, lane in self._lanes.items() if not lane.done()}
        wall = await self._clock.now()
        async with snapshot(self._runtime.engine) as session:
            names = await webhooks.working(session, now=wall, most=2 * LANES_MAX)
        for name in names:
            if name not in self._lanes and len(self._lanes) < LANES_MAX:
                self._lanes[name] = asyncio.create_task(self._lane(name))

    async def _lane(self, name: str) -> None:
        """Deliver to one address until nothing is due. What fails here is tried again later."""
        try:
            async with snapshot(self._runtime.engine) as session:
                endpoint = await webhooks.by_name(session, name)
            if endpoint is None:
                return
            loopback = self._runtime.chain_id in DEVNET_CHAIN_IDS
            async with Courier(
                endpoint, loopback=loopback, trusting=self._trusting, resolve=self._resolve
            ) as courier:
                outcomes: list[Outcome] = []
                while self._leads:
                    outcomes = await self._round(name, courier, outcomes)
                    if not outcomes:
                        return
                await self._round(name, courier, outcomes)
        except (SQLAlchemyError, OSError) as failure:
            _log.warning("deliveries to %s wait: %s", name, failure)

    async def _round(
        self, name: str, courier: Courier, outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Write down what the round before did, and deliver what is due next."""
        wall = await self._clock.now()
        async with transaction(self._runtime.engine) as session:
            endpoint = await webhooks.hold(session, name)
            if endpoint is None:
                return []
            await _settle(session, endpoint, outcomes, now=wall)
            events = await self._next(session, endpoint, now=wall) if self._leads else []
            try:
                signing = await secrets_of(self._runtime, endpoint, now=wall) if events else []
            except WebhookKeyChanged:
                _disable(endpoint, "the city's key was changed: rotate the secret")
                return []
        carried = [asyncio.create_task(courier.carry(event, signing, now=wall)) for event in events]
        self._carried.update(carried)
        try:
            ended = await asyncio.gather(*carried, return_exceptions=True)
        finally:
            self._carried.difference_update(carried)
        return [one for one in ended if isinstance(one, Outcome)]

    async def _next(
        self, session: AsyncSession, endpoint: WebhookEndpoint, *, now: int
    ) -> list[WebhookEvent]:
        if endpoint.status != webhooks.ACTIVE or endpoint.retry_at > now:
            return []
        await webhook_deliveries.refill(session, endpoint, most=BEGUN_MAX, now=now)
        most = 1 if endpoint.failures else IN_FLIGHT_MAX
        rows = await webhook_deliveries.due(session, endpoint.id, now=now, most=most)
        kept = await webhook_events.numbered(
            session, endpoint.owner, [row.sequence for row in rows]
        )
        for row in rows:
            if row.sequence not in kept:
                row.status, row.why = webhook_deliveries.FAILED, "no longer kept"
                row.changed_at = now
        return [kept[row.sequence] for row in rows if row.sequence in kept]


async def _settle(
    session: AsyncSession, endpoint: WebhookEndpoint, outcomes: Sequence[Outcome], *, now: int
) -> None:
    """Write down what a round did. Of a round that took anything, only its own failures wait; one
    that took nothing makes the whole address wait."""
    if not outcomes:
        return
    chance = secrets.randbelow(CHANCES)
    if any(outcome.delivered for outcome in outcomes):
        endpoint.failures, endpoint.failing_since, endpoint.retry_at = 0, None, 0
        endpoint.delivered_at = now
    else:
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.retry_at = now + pause_seconds(endpoint.failures, chance=chance)
    for outcome in outcomes:
        await _settle_one(session, endpoint, outcome, chance=chance, now=now)
    if any(outcome.answered == GONE for outcome in outcomes):
        _disable(endpoint, "the receiver answered 410: it wants nothing more")
    elif now - (endpoint.failing_since or now) >= DISABLED_AFTER_SECONDS:
        _disable(endpoint, "nothing was taken for three days")
    await session.flush()


async def _settle_one(
    session: AsyncSession, endpoint: WebhookEndpoint, outcome: Outcome, *, chance: int, now: int
) -> None:
    row = await session.get(WebhookDelivery, (endpoint.id, outcome.sequence))
    if row is None or row.status != webhook_deliveries.PENDING:
        return
    row.attempts += 1
    row.answered, row.why, row.changed_at = outcome.answered, outcome.why, now
    if outcome.delivered:
        row.status = webhook_deliveries.DELIVERED
        return
    row.next_at = now + pause_seconds(row.attempts, chance=chance)
    if row.attempts >= ATTEMPTS_MAX and (endpoint.delivered_at or 0) > row.begun_at:
        row.status = webhook_deliveries.FAILED


def _disable(endpoint: WebhookEndpoint, why: str) -> None:
    endpoint.status, endpoint.why = webhooks.DISABLED, why
    _log.error("alarm: webhook %s is disabled: %s", endpoint.id, why)


async def run_webhooks(runtime: Runtime, stop: asyncio.Event, **options: Any) -> None:
    """Tell whoever wants to hear, until `stop` is set."""
    await Webhooks(runtime, **options).run(stop)
