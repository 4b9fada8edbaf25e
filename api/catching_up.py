"""A till judges by the index. Until that has reached the chain after a start, it takes nothing: an
empty or old index would refuse who holds a pass, and take what is spent already."""

import asyncio
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Told, respond
from ledger.db import index_reads
from ledger.db.session import snapshot
from ledger.errors import ChainFailure
from ledger.services.runtime import Runtime

JUDGING: Final = frozenset({"/v1/redemptions", "/v1/redemptions/quote"})
LOOK_MS: Final = 200
LOOKS_AT_ANOTHERS: Final = 3
"""Another process that leads follows in the same turn in which it indexes: by then it has."""

TOLD: Final = Told(
    status=503,
    code="index_catching_up",
    th="ระบบเพิ่งเปิดและกำลังอ่านเชนให้ทัน ยังไม่รับคูปองในขณะนี้",
    en="The city has just been started and is reading the chain: no coupon is taken yet.",
    action_th="รอสักครู่แล้วส่งคำขอเดิมอีกครั้งด้วยรหัสกันส่งซ้ำเดิม",
    action_en="Wait a moment, then send the same request again under its Idempotency-Key.",
)


class CatchingUp:
    """Whether the index is where the chain was at the start. A new one says yes; whoever runs a
    city lets it `begin`."""

    def __init__(self) -> None:
        self.caught_up = asyncio.Event()
        self.caught_up.set()
        self._followed = False

    def begin(self) -> None:
        """Take nothing from now on."""
        self.caught_up.clear()

    def heard_follow(self) -> None:
        """This process's till has taken over what its index says."""
        self._followed = True

    async def watch(self, runtime: Runtime, stop: asyncio.Event) -> None:
        """Wait until the index has reached what is the chain's head now, and the till agrees."""
        goal: int | None = None
        looks = 0
        while not stop.is_set():
            goal, reached = await _look(runtime, goal)
            looks = looks + 1 if reached else 0
            if reached and (self._followed or looks >= LOOKS_AT_ANOTHERS):
                self.caught_up.set()
                return
            try:
                async with asyncio.timeout(LOOK_MS / 1_000):
                    await stop.wait()
            except TimeoutError:
                continue


async def _look(runtime: Runtime, goal: int | None) -> tuple[int | None, bool]:
    """The block to reach, and whether the index has; a node that went back lowers it."""
    try:
        head = await runtime.gateway.block_number()
        async with snapshot(runtime.engine) as session:
            indexed = await index_reads.indexed_block(session, runtime.chain_id)
    except (ChainFailure, SQLAlchemyError, OSError):
        return goal, False
    goal = head if goal is None else min(goal, head)
    return goal, indexed is not None and indexed >= goal


class ClosedWhileCatchingUp:
    """ASGI middleware: answers 503 where a till would have to judge, until it can."""

    def __init__(self, app: ASGIApp, catching_up: CatchingUp) -> None:
        self._app = app
        self._catching_up = catching_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or answer it here."""
        closed = (
            scope["type"] == "http"
            and scope["method"] == "POST"
            and scope["path"] in JUDGING
            and not self._catching_up.caught_up.is_set()
        )
        if closed:
            await respond(TOLD, str(scope["state"]["request_id"]))(scope, receive, send)
            return
        await self._app(scope, receive, send)
