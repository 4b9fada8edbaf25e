"""The machines of a city under siege: two servers, a node, a line between them, a database. What
dies is started again, as a service manager does; nobody else lends a hand."""

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from sqlalchemy.engine import make_url

from deploy.devnet import Devnet, DevnetOptions
from ledger.errors import NodeRefused, NodeUnreachable
from tests.chaos.line import Line
from tests.chaos.mortal import Mortal
from tests.chaos.schedule import Act, Kind
from tests.chaos.servers import Server

RESTART_SECONDS = 0.3
HELD_SECONDS = 1.0

DURING = frozenset({Kind.NODE_DOWN, Kind.NODE_BUSY, Kind.NODE_HANGS, Kind.NODE_FOREIGN,
                    Kind.NODE_STALE})  # fmt: skip


@dataclass(slots=True)
class Machines:
    """Everything that can break, and how each of it does."""

    options: DevnetOptions
    devnet: Devnet
    line: Line
    servers: list[Server]
    database_url: str
    mortal: Mortal | None
    say: Callable[[str], None]
    starts: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)
    node_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def watch_over(self, server: Server) -> None:
        """Start a server again whenever it is dead, until the siege is over."""
        while not self.done.is_set():
            if not server.alive:
                server.kill()
                await server.start()
                self.starts += 1
            await asyncio.sleep(RESTART_SECONDS)

    async def suffer(self, act: Act) -> None:
        """Let one fault happen, to its end."""
        server = self.servers[act.server]
        match act.kind:
            case Kind.KILL_SERVER:
                server.shoot()
            case Kind.PAUSE_SERVER:
                await self._pause(server, act.much)
            case Kind.KILL_NODE | Kind.POWER:
                await self._power(act)
            case Kind.REORG:
                await self._ask("anvil_reorg", act.much, [])
            case Kind.DROP_POOL:
                await self._ask("anvil_dropAllTransactions")
            case Kind.CUT_BEFORE | Kind.CUT_AFTER:
                self.line.cut(act.kind)
            case Kind.CUT_DATABASE:
                await self._cut_database()
            case _:
                assert act.kind in DURING
                self.line.trouble = act.kind
                await asyncio.sleep(act.much / 1_000)
                self.line.trouble = None

    async def _ask(self, method: str, *params: object) -> None:
        async with self.node_lock:
            try:
                await self.devnet.rpc(method, *params)
            except (NodeUnreachable, NodeRefused) as failure:
                self.say(f"           {method} was not done: {failure}")

    async def _pause(self, server: Server, milliseconds: int) -> None:
        pid = server.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(milliseconds / 1_000)
            os.kill(pid, signal.SIGCONT)

    async def _power(self, act: Act) -> None:
        """The node loses what it did since its last writing; in a power cut everything goes at
        once, and comes back in no order: servers that find no database or node are started again.
        """
        async with self.node_lock:
            await self.devnet.persist()
            await asyncio.sleep(act.much / 1_000)
            if act.kind is Kind.POWER:
                for server in self.servers:
                    server.shoot()
                if self.mortal is not None:
                    await asyncio.to_thread(self.mortal.kill)
            await self.devnet.kill()
            self.devnet = Devnet(self.options)
            await self.devnet.start()
            if act.kind is Kind.POWER and self.mortal is not None:
                await asyncio.to_thread(self.mortal.start)

    async def _cut_database(self) -> None:
        """PostgreSQL ends every connection, also in the middle of a commit; SQLite's file is held
        by somebody else for a while."""
        url = make_url(self.database_url)
        if self.mortal is not None:
            try:
                self.mortal.cluster.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    f" WHERE datname = '{url.database}' AND pid <> pg_backend_pid()"
                )
            except psycopg.OperationalError as away:
                self.say(f"           no connection was cut: {away}")
            return
        assert url.database is not None
        held = sqlite3.connect(url.database, timeout=20, check_same_thread=False)
        with contextlib.closing(held):
            try:
                await asyncio.to_thread(held.execute, "BEGIN IMMEDIATE")
            except sqlite3.OperationalError as busy:
                self.say(f"           the file was not held: {busy}")
                return
            await asyncio.sleep(HELD_SECONDS)
            held.rollback()
