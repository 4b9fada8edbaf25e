"""The live stream of a shop's screens: what was taken and what cashiers ask to have undone, told as
it stands now.

Nothing is written for it. An event is a row of the till's own tables, read again; so any process
can tell it, after any restart, and whoever comes back after a broken line is told the present state
of everything since, not what was true when it happened. A redemption may therefore be told twice,
and is told again when its state changes: its id is the key. A wish that nobody has answered is told
to every line that opens, however old it is.
"""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.db.session import snapshot
from ledger.db.till_events import Asked, Taken, asked_since, taken_since
from ledger.domain.hashing import keccak
from ledger.errors import Conflict

LISTENERS_MAX: Final = 1_000
"""Open streams of one process."""

LISTENERS_OF_KEY_MAX: Final = 4
"""Open streams of one device; one more ends the oldest, which may be a line that died unheard."""

WAITING_MAX: Final = 200
"""Events nobody fetched: a slower reader is let go, and told everything when it comes back."""

LATE_SECONDS: Final = 30
"""How much later than one accepted after it a redemption may be committed (FAULTS: a slow lock)."""

FIRST_SECONDS: Final = 900
"""What a new listener is told of the past: as long as a signed charge lives."""

RESUMED_SECONDS_MAX: Final = 3_600
TAKEN_AT_ONCE_MAX: Final = 149
ASKED_AT_ONCE_MAX: Final = 50
assert TAKEN_AT_ONCE_MAX + ASKED_AT_ONCE_MAX < WAITING_MAX, "what is past must not end a stream"
READ_MAX: Final = 5_000
LOOK_EVERY_MS: Final = 150
LOOK_SHARE: Final = 5
"""After a look, at least this many times as long is waited as it took: one core's sixth at most."""

HEARTBEAT_SECONDS: Final = 5
STREAM_SECONDS_MAX: Final = 900
NS: Final = 1_000_000_000

_POSITION: Final = re.compile(r"([0-9]{1,12})-([0-9]{1,12})", re.ASCII)
_log = logging.getLogger("nakhon.till_events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a reader is: everything accepted until `time` was told, in `number` events."""

    time: int
    number: int

    def __str__(self) -> str:
        return f"{self.time}-{self.number}"


def position_of(text: str | None) -> Position | None:
    """The position in a Last-Event-ID; None for any text that is none: then all is told anew."""
    found = _POSITION.fullmatch(text or "")
    return None if found is None else Position(time=int(found[1]), number=int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class TillEvent:
    """One redemption or wish as it stands, and the reader's position once it has read this."""

    position: Position
    told: Taken | Asked


@dataclass(slots=True, kw_only=True, eq=False)
class Listener:
    """One open stream. An owner hears the whole shop; a device what it scanned, charged and asked
    for. `asked`: the wishes of the last look, which the next look reads again."""

    merchant: int
    address: str
    device_id: str | None
    position: Position
    until_ns: int
    told: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    waiting: asyncio.Queue[Taken | Asked | None] = field(
        default_factory=lambda: asyncio.Queue(maxsize=WAITING_MAX)
    )
    ended: bool = False

    def may_hear(self, taken: Taken) -> bool:
        """Whether this redemption is this listener's business."""
        if self.device_id is None or taken.device_id == self.device_id:
            return True
        prefix = keccak(bytes.fromhex(self.address[2:]))[:4].hex()
        return taken.reference is not None and taken.reference.startswith(prefix)

    def hear(self, rows: list[Taken]) -> None:
        """Take what is new among rows, or new about them."""
        for taken in rows:
            state = (taken.status, taken.voided, taken.accepted_at)
            if self.ended or self.told.get(taken.id) == state or not self.may_hear(taken):
                continue
            self.told[taken.id] = state
            self._put(taken)

    def hear_asked(self, rows: list[Asked]) -> None:
        """Take what is new among all wishes of a look, or new about them."""
        mine = [row for row in rows if self.device_id is None or row.device_id == self.device_id]
        before, self.asked = self.asked, {row.id: row.status for row in mine}
        for row in mine:
            if not self.ended and before.get(row.id) != row.status:
                self._put(row)

    def _put(self, told: Taken | Asked) -> None:
        if self.waiting.full():
            self.end()
        else:
            self.waiting.put_nowait(told)

    def end(self) -> None:
        """End the stream after what is waiting; a full queue is dropped, not waited for."""
        self.ended = True
        if self.waiting.full():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)

    def forget_before(self, moment: int) -> None:
        """Drop the memory of what will not be read again."""
        self.told = {name: state for name, state in self.told.items() if state[2] >= moment}


class TillEvents:
    """The streams of one process: one look at the database serves all of them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._listeners: list[Listener] = []
        self._newest: dict[int, int] = {}
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def count(self) -> int:
        """How many streams are open."""
        return len(self._listeners)

    async def open(
        self,
        merchant: int,
        address: str,
        device_id: str | None,
        *,
        after: Position | None,
        now: int,
    ) -> Listener:
        """Begin a stream of `merchant` for the key `address`, after a position where one is given.

        What is past is read before this returns. Raises Conflict where LISTENERS_MAX are open.
        """
        if self._closed or self.count >= LISTENERS_MAX:
            raise Conflict(
                what="live streams",
                why=f"this server has {LISTENERS_MAX} open",
                why_th="มีผู้ฟังพร้อมกันมากเกินไป",
            )
        mine = [one for one in self._listeners if one.address == address]
        for oldest in mine[: max(len(mine) + 1 - LISTENERS_OF_KEY_MAX, 0)]:
            oldest.end()
            self._listeners.remove(oldest)
        since = now - FIRST_SECONDS
        if after is not None:
            since = max(min(after.time - LATE_SECONDS, since), now - RESUMED_SECONDS_MAX)
        listener = Listener(
            merchant=merchant,
            address=address,
            device_id=device_id,
            position=after or Position(time=0, number=0),
            until_ns=time.monotonic_ns() + STREAM_SECONDS_MAX * NS,
        )
        self._listeners.append(listener)
        self._newest.setdefault(merchant, now)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with snapshot(self._engine) as session:
                past = await taken_since(session, {merchant: since}, most=TAKEN_AT_ONCE_MAX)
                asked = await asked_since(session, {merchant: since}, most=ASKED_AT_ONCE_MAX)
        except BaseException:
            self._listeners.remove(listener)
            raise
        listener.hear(past)
        listener.hear_asked(asked)
        return listener

    async def follow(self, listener: Listener) -> AsyncIterator[TillEvent | None]:
        """What the listener is told; None each HEARTBEAT_SECONDS without an event.

        Ends after STREAM_SECONDS_MAX, when the reader is too slow, or when this process stops.
        """
        try:
            yield None
            while time.monotonic_ns() < listener.until_ns:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        told = await listener.waiting.get()
                except TimeoutError:
                    yield None
                    continue
                if told is None:
                    return
                moment = told.accepted_at if isinstance(told, Taken) else told.changed_at
                listener.position = Position(
                    time=max(listener.position.time, moment),
                    number=listener.position.number + 1,
                )
                yield TillEvent(position=listener.position, told=told)
        finally:
            if listener in self._listeners:
                self._listeners.remove(listener)

    async def _look(self) -> None:
        """Read what is new for all shops somebody listens for, until nobody does."""
        while self._listeners:
            began = time.monotonic()
            try:
                await self._look_once()
            except (SQLAlchemyError, OSError):
                # The database is away: the streams stay open, and what they miss is still in it.
                _log.warning("a till's stream cannot read the database", exc_info=True)
            spent = time.monotonic() - began
            await asyncio.sleep(max(LOOK_EVERY_MS / 1000, LOOK_SHARE * spent))

    async def _look_once(self) -> None:
        # A stream whose reader went away before its first byte is never iterated, nor ended.
        latest = time.monotonic_ns() - 2 * HEARTBEAT_SECONDS * NS
        self._listeners = [one for one in self._listeners if one.until_ns > latest]
        listened = {listener.merchant for listener in self._listeners}
        self._newest = {shop: at for shop, at in self._newest.items() if shop in listened}
        since = {shop: at - LATE_SECONDS for shop, at in self._newest.items()}
        async with snapshot(self._engine) as session:
            rows = await taken_since(session, since, most=READ_MAX)
            wishes = await asked_since(session, since, most=READ_MAX)
        by_shop: dict[int, list[Taken]] = {}
        for taken in rows:
            by_shop.setdefault(taken.merchant, []).append(taken)
            self._newest[taken.merchant] = max(self._newest[taken.merchant], taken.accepted_at)
        asked: dict[int, list[Asked]] = {}
        for wish in wishes:
            asked.setdefault(wish.merchant, []).append(wish)
        for listener in self._listeners:
            listener.hear(by_shop.get(listener.merchant, []))
            listener.hear_asked(asked.get(listener.merchant, []))
            listener.forget_before(self._newest[listener.merchant] - 2 * LATE_SECONDS)

    def close(self) -> None:
        """End every stream: this process stops. Their readers come back to another one."""
        self._closed = True
        for listener in self._listeners:
            listener.end()
        if self._looking is not None:
            self._looking.cancel()
