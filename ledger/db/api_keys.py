"""Officers' bearer keys. Only a hash of each is kept: who reads the table cannot sign in."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db import staff
from ledger.db.ids import new_id
from ledger.db.tables_till import ApiKey
from ledger.errors import InputInvalid, KeyUnknown

ROLES: Final = (
    "admin",
    "treasurer",
    "campaign_officer",
    "approver",
    "issuer",
    "registrar",
    "guardian",
    "ambassador",
    "auditor",
)
"""What an officer may be: the AccessManager's roles in lower case, and two whom the chain does not
know: ambassadors, who ask for what the registrar's key does, and auditors, who read."""

PREFIX: Final = "nk_"
SECRET_BYTES: Final = 25
OPERATOR: Final = "operator"
"""Who gives and withdraws keys: whoever has the machine, under no name of an officer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Who holds a bearer key, and what they may do."""

    key_id: str
    name: str
    roles: frozenset[str]


async def issue_key(session: AsyncSession, *, name: str, roles: Sequence[str], now: int) -> str:
    """Make a key for an officer and return it, the only time it is ever seen.

    The log of staff acts tells of it. Raises InputInvalid for a role nobody knows.
    """
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not roles:
        raise InputInvalid(what="roles", why=f"unknown: {', '.join(unknown) or 'none given'}")
    secret = PREFIX + base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode().lower()
    key = ApiKey(
        id=new_id("key"),
        key_hash=hash_of(secret),
        name=name,
        roles=sorted(set(roles)),
        created_at=now,
    )
    session.add(key)
    await session.flush()
    told = f"{name}: {' '.join(key.roles)}"
    await _note(session, "issue_key", key.id, told, now=now)
    return secret


async def _note(session: AsyncSession, act: str, key_id: str, target: str, *, now: int) -> None:
    await staff.append(session, at=now, act=act, by=OPERATOR, key=key_id, target=target, orders=())


async def officer_of(session: AsyncSession, secret: str) -> Officer:
    """Who a bearer key belongs to. Raises KeyUnknown for a wrong or withdrawn one."""
    row = await session.scalar(
        select(ApiKey).where(
            col(ApiKey.key_hash) == hash_of(secret), col(ApiKey.revoked_at).is_(None)
        )
    )
    if row is None:
        raise KeyUnknown()
    return Officer(key_id=row.id, name=row.name, roles=frozenset(row.roles))


async def holders_of(session: AsyncSession, key_ids: Sequence[str]) -> dict[str, str]:
    """The name each key was given to, withdrawn ones too, by the key's id."""
    rows = await session.execute(
        select(col(ApiKey.id), col(ApiKey.name)).where(col(ApiKey.id).in_(key_ids))
    )
    return {row.id: row.name for row in rows}


async def withdraw_key(session: AsyncSession, key_id: str, *, now: int) -> None:
    """End a key at once; ending it twice changes nothing."""
    ended = await session.execute(
        update(ApiKey)
        .where(col(ApiKey.id) == key_id, col(ApiKey.revoked_at).is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(ended, CursorResult)
    if ended.rowcount:
        await _note(session, "withdraw_key", key_id, key_id, now=now)


def hash_of(secret: str) -> str:
    """What is kept of a key. It holds 200 random bits, so one SHA-256 is enough."""
    return "0x" + hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
