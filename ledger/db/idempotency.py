"""Answers kept under the key they were asked with: same key and body, same answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.driver import Driver, Insert, Statement
from ledger.db.index_rows import table_of
from ledger.db.tables_till import IdempotentRequest
from ledger.errors import IdempotencyInProgress, IdempotencyMismatch

_ANSWER: Final = ("body_hash", "status_code", "headers", "body", "created_at")
_SEEN: Final = Statement(
    "SELECT principal, key FROM idempotent_requests WHERE principal {principals} AND key {keys}",
    "principals",
    "keys",
)
_KEEP: Final = Insert(table_of(IdempotentRequest))
_SWEEP: Final = Statement(
    "DELETE FROM idempotent_requests WHERE created_at < :not_before",
    postgresql="DELETE FROM idempotent_requests WHERE (principal, key) IN (SELECT principal, key"
    " FROM idempotent_requests WHERE created_at < :not_before LIMIT 2000 FOR UPDATE SKIP LOCKED)",
)
"""What another request sweeps at the same moment is left to it: the two must not wait in a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it is recognised again: who asked, under which key, with which body."""

    principal: str
    key: str
    body_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: status, body, and the type of the body."""

    status_code: int
    body: bytes
    media_type: str


async def find_answer(session: AsyncSession, asked: Asked, *, not_before: int) -> Answer | None:
    """The answer given before, unless it is older than `not_before`.

    Raises IdempotencyMismatch where the key came with another body.
    """
    row = await session.get(IdempotentRequest, (asked.principal, asked.key))
    if row is None or row.created_at < not_before:
        return None
    if row.body_hash != asked.body_hash:
        raise IdempotencyMismatch(key=asked.key)
    if row.status_code is None or row.body is None:
        return None
    media_type = str((row.headers or {}).get("content-type", "application/json"))
    return Answer(status_code=row.status_code, body=row.body, media_type=media_type)


async def keep_answer(
    session: AsyncSession, asked: Asked, answer: Answer, *, now: int, not_before: int
) -> None:
    """Keep an answer, in the transaction of what it tells; those older than `not_before` go.

    Raises IdempotencyInProgress where another transaction has kept one meanwhile: this one must be
    rolled back, and the request asked again.
    """
    await _sweep_some(await Driver.of(session), [asked], not_before=not_before)
    kept = insert_for(session)(IdempotentRequest).values(_row(asked, answer, now))
    row = await session.scalar(
        kept.on_conflict_do_update(
            index_elements=["principal", "key"],
            set_={name: kept.excluded[name] for name in _ANSWER},
            where=col(IdempotentRequest.created_at) < not_before,
        ).returning(col(IdempotentRequest.key))
    )
    if row is None:
        raise IdempotencyInProgress(key=asked.key)


async def answered_before(driver: Driver, asked: Sequence[Asked]) -> set[tuple[str, str]]:
    """Whose key has been seen, however long ago: (principal, key)."""
    wanted = {(each.principal, each.key) for each in asked}
    principals, keys = ({each[part] for each in wanted} for part in (0, 1))
    rows = await driver.fetch(_SEEN, principals=principals, keys=keys)
    return {(principal, key) for principal, key in rows} & wanted


async def keep_answers(
    driver: Driver, answers: Sequence[tuple[Asked, Answer]], *, now: int, not_before: int
) -> None:
    """Keep the answers of keys that nobody has used; those older than `not_before` go."""
    await _sweep_some(driver, [asked for asked, _ in answers], not_before=not_before)
    await driver.insert(_KEEP, [_row(asked, answer, now) for asked, answer in answers])


def _row(asked: Asked, answer: Answer, now: int) -> dict[str, Any]:
    return {
        "principal": asked.principal,
        "key": asked.key,
        "body_hash": asked.body_hash,
        "status_code": answer.status_code,
        "headers": {"content-type": answer.media_type},
        "body": answer.body,
        "created_at": now,
    }


async def _sweep_some(driver: Driver, asked: Sequence[Asked], *, not_before: int) -> None:
    """Forget answers older than `not_before`, once in sixteen requests or groups of them: more
    often, the sweep would cost more than the rest."""
    if asked[0].body_hash.endswith("0"):
        await driver.change(_SWEEP, [{"not_before": not_before}])


def insert_for(session: AsyncSession) -> Any:
    """The `insert` of the session's database: SQLAlchemy has ON CONFLICT in the dialects alone."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
