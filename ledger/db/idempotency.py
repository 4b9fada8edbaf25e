"""Answers kept under the key they were asked with: same key and body, same answer."""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_till import IdempotentRequest
from ledger.errors import IdempotencyMismatch


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
    """Keep an answer, in the transaction of what it tells; those older than `not_before` go."""
    await session.execute(
        delete(IdempotentRequest).where(col(IdempotentRequest.created_at) < not_before)
    )
    session.add(
        IdempotentRequest(
            principal=asked.principal,
            key=asked.key,
            body_hash=asked.body_hash,
            status_code=answer.status_code,
            headers={"content-type": answer.media_type},
            body=answer.body,
            created_at=now,
        )
    )
    await session.flush()
