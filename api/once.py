"""Idempotency-Key: same key and body, same answer; another body, 422; the first still running, 409.

The answer is kept in the transaction of what it tells, so a crash leaves both or neither. Refusals
are kept too; what may go better next time (5xx) is not.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.acts import note_act
from api.problems import PROBLEM_TYPE, render, request_id_of, told_of
from ledger.db.idempotency import Answer, Asked, find_answer, keep_answer
from ledger.db.key_holds import KeyHolds, hold_in_database
from ledger.errors import InputInvalid, LedgerError

HEADER: Final = "idempotency-key"
REPLAYED: Final = "idempotency-replayed"
JSON_TYPE: Final = "application/json"
_NAMED_TH: Final = "รหัสกันส่งซ้ำของคำขอ"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

Work = Callable[[], Awaitable[BaseModel]]
Undone = Callable[[LedgerError], Awaitable[None]]
"""What is still to be written after a refusal undid the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """One request as it is recognised when it comes again; `asked` is None without a key."""

    request: Request
    asked: Asked | None
    request_id: str
    seconds: int

    async def answer(
        self,
        session: AsyncSession,
        work: Work,
        *,
        now: int,
        status: int = 200,
        undone: Undone | None = None,
    ) -> Response:
        """Do `work` and answer with what it returns, or give the answer given before.

        The caller's transaction holds both the work and the answer. Raises IdempotencyMismatch,
        and IdempotencyInProgress where another process is at it.
        """
        if self.asked is None:
            return response_of(answer_of(await self._noted(session, work, now=now), status))
        await hold_in_database(session, self.asked)
        oldest = now - self.seconds
        before = await find_answer(session, self.asked, not_before=oldest)
        if before is not None:
            return response_of(before, {REPLAYED: "true"})
        try:
            answer = answer_of(await self._noted(session, work, now=now), status)
        except LedgerError as refusal:
            told = told_of(refusal)
            if told.status >= 500 or refusal.retryable:
                raise
            await session.rollback()
            await hold_in_database(session, self.asked)
            if undone is not None:
                await undone(refusal)
                told = told_of(refusal)
            body = render(told, self.request_id)
            answer = Answer(status_code=told.status, body=body, media_type=PROBLEM_TYPE)
        await keep_answer(session, self.asked, answer, now=now, not_before=oldest)
        return response_of(answer)

    async def _noted(self, session: AsyncSession, work: Work, *, now: int) -> BaseModel:
        """Do `work`, and write down which member of the staff did it."""
        done = await work()
        await note_act(session, self.request, done, now=now)
        return done

    def key(self) -> Asked:
        """The key, where a repetition would cost somebody. Raises InputInvalid without one."""
        if self.asked is None:
            raise InputInvalid(
                what="Idempotency-Key",
                what_th=_NAMED_TH,
                why="this request needs one",
                why_th="คำขอนี้ต้องมี เพื่อไม่ให้รายการถูกทำซ้ำ",
            )
        return self.asked


def answer_of(model: BaseModel, status: int) -> Answer:
    """An answer as it is kept and given."""
    body = model.model_dump_json(by_alias=True).encode()
    return Answer(status_code=status, body=body, media_type=JSON_TYPE)


def response_of(answer: Answer, headers: dict[str, str] | None = None) -> Response:
    """A kept answer on its way out."""
    return Response(answer.body, answer.status_code, headers=headers, media_type=answer.media_type)


async def open_once(request: Request) -> AsyncIterator[Once]:
    """Hold the request's key until its transaction has ended. Raises IdempotencyInProgress."""
    seconds: int = request.app.state.runtime.settings.idempotency_seconds
    asked = await _asked(request)
    if asked is None:
        yield Once(request=request, asked=None, request_id=request_id_of(request), seconds=seconds)
        return
    holds: KeyHolds = request.app.state.holds
    with holds.hold(asked):
        yield Once(request=request, asked=asked, request_id=request_id_of(request), seconds=seconds)


async def _asked(request: Request) -> Asked | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise InputInvalid(
            what="Idempotency-Key",
            what_th=_NAMED_TH,
            why="1 to 255 printable ASCII characters",
            why_th="ต้องเป็นอักษรอังกฤษ ตัวเลข หรือเครื่องหมาย 1 ถึง 255 ตัว และไม่มีช่องว่าง",
        )
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\n")
    digest.update(await request.body())
    return Asked(principal=_principal(request), key=key, body_hash="0x" + digest.hexdigest())


def _principal(request: Request) -> str:
    """Whose key it is: nobody can ask for another caller's answer by guessing the key."""
    bearer = request.headers.get("authorization", "")
    if bearer:
        return "bearer " + hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest()
    address = request.headers.get("nakhon-address", "").lower()[:42]
    return f"address {address}" if address else "anybody"
