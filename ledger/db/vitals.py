"""What the database knows of how the city is doing: outbox, index, leases, version."""

from dataclasses import dataclass
from typing import Final

from alembic.script import ScriptDirectory
from sqlalchemy import TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db import index_reads, intents, webhooks
from ledger.db.index_doubts import doubt_of
from ledger.db.migrate import MIGRATIONS
from ledger.db.tables_till import Batch, Intent, Lease
from ledger.db.webhooks import Backlog

_REVISION: Final = text("SELECT version_num FROM alembic_version")
_NOW: Final[dict[str, TextClause]] = {
    "sqlite": text("SELECT CAST(strftime('%s', 'now') AS INTEGER)"),
    "postgresql": text("SELECT CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVitals:
    """One moment of the database. `oldest` is when the longest waiting intent came; `leaders` are
    the kinds of work some process holds a lease of; `drifted` says that the index was found not to
    be what the chain says. Where the tables are not of this version, `webhooks` is None and
    `drifted` False."""

    revision: str
    time: int
    indexed: int | None
    waiting: int
    oldest: int | None
    unmined: int
    leaders: frozenset[str]
    webhooks: Backlog | None
    drifted: bool


def newest_revision() -> str:
    """The migration this version's tables stand at."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


async def stored_vitals(session: AsyncSession, chain_id: int) -> StoredVitals:
    """Ask the database how the city is doing."""
    now = int(await session.scalar(_NOW[session.get_bind().dialect.name]) or 0)
    oldest = await session.scalar(
        select(func.min(Intent.created_at)).where(
            col(Intent.status).in_([intents.QUEUED, intents.SENT])
        )
    )
    unmined = await session.scalar(
        select(func.count()).select_from(Batch).where(col(Batch.status).in_(["signed", "sent"]))
    )
    revision = str(await session.scalar(_REVISION))
    current = revision == newest_revision()
    leases = await session.scalars(select(col(Lease.name)).where(col(Lease.expires_at) > now))
    return StoredVitals(
        revision=revision,
        time=now,
        indexed=await index_reads.indexed_block(session, chain_id),
        waiting=await intents.count_waiting(session),
        oldest=oldest,
        unmined=int(unmined or 0),
        leaders=frozenset(name.split()[0] for name in leases),
        webhooks=await webhooks.backlog(session) if current else None,
        drifted=current and await doubt_of(session, chain_id) is not None,
    )
