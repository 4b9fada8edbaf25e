"""The outbox of messages and the doors they leave by.

A door (an adapter) knows how to reach people; nothing here does: a message names a pass. Messages
leave at least once. One that was sent and not yet marked when the process died leaves again under
the same id, by which whoever takes it can tell.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from ledger.db import messages
from ledger.db.session import snapshot, transaction
from ledger.db.tables_messages import MessageRecord

BATCH: Final = 200
BATCHES_MAX: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What an adapter gets. `id` is the same whenever the message comes again."""

    id: str
    campaign: int
    pass_number: int
    template: str
    due: int
    text_th: str
    text_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a message: it was sent, or `why` not."""

    id: str
    sent: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What one delivery did."""

    sent: int
    failed: int


class Adapter(Protocol):
    """A door for messages: a file, a text-message service, a letter shop."""

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send a batch and say of each message what became of it."""
        ...


class Outbox(Protocol):
    """Where messages wait."""

    async def waiting(self, most: int) -> Sequence[Message]:
        """Messages to be sent, those tried least first."""
        ...

    async def mark(self, outcomes: Sequence[Outcome]) -> None:
        """Write down what became of messages."""
        ...


async def deliver(outbox: Outbox, adapter: Adapter) -> Delivered:
    """Send all that waits, batch by batch; each message is tried once."""
    tried: set[str] = set()
    sent = failed = 0
    for _ in range(BATCHES_MAX):
        batch = [each for each in await outbox.waiting(BATCH) if each.id not in tried]
        if not batch:
            break
        outcomes = await adapter.send(batch)
        await outbox.mark(outcomes)
        tried |= {each.id for each in batch}
        sent += sum(1 for each in outcomes if each.sent)
        failed += sum(1 for each in outcomes if not each.sent)
    return Delivered(sent=sent, failed=failed)


@dataclass(frozen=True, slots=True)
class DatabaseOutbox:
    """The city's own outbox. `now` is the till's time."""

    engine: AsyncEngine
    now: int

    async def waiting(self, most: int) -> Sequence[Message]:
        """As `Outbox`; never one whose deadline has passed."""
        async with snapshot(self.engine) as session:
            return await waiting(session, now=self.now, most=most)

    async def mark(self, outcomes: Sequence[Outcome]) -> None:
        """As `Outbox`, in one transaction."""
        async with transaction(self.engine) as session:
            await mark(session, outcomes, now=self.now)


async def waiting(session: AsyncSession, *, now: int, most: int) -> list[Message]:
    """Messages to be sent at `now`."""
    return [message_of(row) for row in await messages.waiting(session, now=now, most=most)]


async def mark(session: AsyncSession, outcomes: Sequence[Outcome], *, now: int) -> int:
    """Write down what became of messages, and how many that changed."""
    marked = await messages.mark_sent(session, [each.id for each in outcomes if each.sent], now=now)
    for each in outcomes:
        if not each.sent:
            marked += await messages.mark_failed(session, each.id, each.why)
    return marked


def message_of(row: MessageRecord) -> Message:
    """A row of the outbox as an adapter gets it."""
    return Message(
        id=row.id,
        campaign=row.campaign,
        pass_number=row.pass_number,
        template=row.template,
        due=row.due,
        text_th=row.text_th,
        text_en=row.text_en,
    )


@dataclass(frozen=True, slots=True)
class FileAdapter:
    """Writes each batch as one NDJSON file, whole or not at all.

    The file is named after the messages in it: a batch that comes again writes the same file with
    the same bytes, and nobody counts it twice.
    """

    directory: Path

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """As `Adapter`. A file that cannot be written fails its whole batch."""
        named = hashlib.sha256(" ".join(each.id for each in batch).encode()).hexdigest()[:24]
        lines = (json.dumps(asdict(each), ensure_ascii=False) for each in batch)
        try:
            _write_whole(
                self.directory / f"messages-{named}.ndjson",
                "".join(line + "\n" for line in lines).encode(),
            )
        except OSError as problem:
            why = problem.strerror or type(problem).__name__
            return [Outcome(id=each.id, sent=False, why=why) for each in batch]
        return [Outcome(id=each.id, sent=True) for each in batch]


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
