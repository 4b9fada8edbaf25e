"""Leases: who may act alone, by the database's own clock. A process that dies lets go by itself."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from ledger.db.session import open_session, snapshot, transaction
from ledger.db.tables_till import Lease
from ledger.errors import WrongState

LEASE_SECONDS: Final = 3
"""A lease that is not renewed ends 2 to 3 s later: whole seconds are counted."""

RENEW_AFTER_MS: Final = 700

_log = logging.getLogger("nakhon.leases")

_NOW: Final = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER)",
    "postgresql": "CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)",
}
"""The time of the one machine all who ask share: their own clocks may differ."""

_TAKE: Final = (
    "INSERT INTO leases (name, owner, expires_at) VALUES (:name, :owner, {now} + :seconds)"
    " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at"
    " WHERE leases.owner = excluded.owner OR leases.expires_at <= {now}"
    " OR leases.expires_at > {now} + :seconds"
)
"""A lease that would last longer than any does was written before the clock was set back."""

_HELD_BY_ANOTHER: Final = (
    "SELECT 1 FROM leases WHERE name = :name AND owner <> :owner"
    " AND expires_at > {now} AND expires_at <= {now} + :seconds"
)
_HOLD: Final = (
    "SELECT 1 FROM leases WHERE name = :name AND owner = :owner AND expires_at > {now}{locked}"
)


def _by_clock(session: AsyncSession, statement: str) -> TextClause:
    dialect = session.get_bind().dialect.name
    locked = "" if dialect == "sqlite" else " FOR SHARE"
    return text(statement.format(now=_NOW[dialect], locked=locked))


async def take_lease(session: AsyncSession, name: str, owner: str, *, seconds: int) -> bool:
    """Become (or stay) the only one who may act under `name`, for `seconds` from now on."""
    values = {"name": name, "owner": owner, "seconds": seconds}
    await session.execute(_by_clock(session, _TAKE), values)
    lease = await session.get(Lease, name, populate_existing=True)
    return lease is not None and lease.owner == owner


async def held_by_another(session: AsyncSession, name: str, owner: str, *, seconds: int) -> bool:
    """Whether `take_lease` would be in vain."""
    values = {"name": name, "owner": owner, "seconds": seconds}
    dialect = session.get_bind().dialect.name
    held = await session.scalar(text(_HELD_BY_ANOTHER.format(now=_NOW[dialect])), values)
    return held is not None


async def holds_lease(session: AsyncSession, name: str, owner: str) -> bool:
    """Whether `owner` holds the lease now; nobody can take it before the transaction ends."""
    held = await session.scalar(_by_clock(session, _HOLD), {"name": name, "owner": owner})
    return held is not None


async def give_up_lease(session: AsyncSession, name: str, owner: str) -> None:
    """Let a standby act at once."""
    lease = await session.get(Lease, name)
    if lease is not None and lease.owner == owner:
        await session.delete(lease)
        await session.flush()


class Lead:
    """One process's claim to act alone under a name."""

    def __init__(self, engine: AsyncEngine, name: str) -> None:
        self.engine = engine
        self.name = name
        self.owner = f"{socket.gethostname()[:24]} {os.getpid()} {secrets.token_hex(8)}"
        self._renewed_ns: int | None = None

    async def take(self) -> bool:
        """Whether this process is the active one; a lease just renewed is not renewed again."""
        began = time.monotonic_ns()
        if self._renewed_ns is not None and began - self._renewed_ns < RENEW_AFTER_MS * 1_000_000:
            return True
        if self._renewed_ns is None and await self._in_vain():
            return False
        async with transaction(self.engine) as session:
            held = await take_lease(session, self.name, self.owner, seconds=LEASE_SECONDS)
        self._renewed_ns = began if held else None
        return held

    async def _in_vain(self) -> bool:
        """Asked by a standby, many times a minute: it must disturb no writer."""
        async with snapshot(self.engine) as session:
            return await held_by_another(session, self.name, self.owner, seconds=LEASE_SECONDS)

    async def confirm(self, session: AsyncSession) -> None:
        """Raise WrongState where somebody else has taken over since; else nobody can before the
        caller's transaction ends. What is signed or written in it is of the one who leads."""
        if not await holds_lease(session, self.name, self.owner):
            self._renewed_ns = None
            raise WrongState(what="lease", state="taken over", needs=self.name)

    async def give_up(self) -> None:
        """Let a standby act at once."""
        self._renewed_ns = None
        async with open_session(self.engine) as session:
            await give_up_lease(session, self.name, self.owner)
            await session.commit()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew the lease while the block runs: a slow node must not make a standby take over."""
        ended = asyncio.Event()
        keeping = asyncio.create_task(self._keep(ended))
        try:
            yield
        finally:
            ended.set()
            await asyncio.wait([keeping])

    async def _keep(self, ended: asyncio.Event) -> None:
        while not await _set_within(ended, RENEW_AFTER_MS):
            try:
                if not await self.take():
                    return
            except SQLAlchemyError as failure:
                _log.warning("the lease %s was not renewed: %s", self.name, failure)


async def _set_within(event: asyncio.Event, milliseconds: int) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(milliseconds / 1_000):
            await event.wait()
    return event.is_set()
