"""Policies in their canonical bytes, kept under their hash."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db.tables_till import PolicyDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPolicy:
    """A policy as kept: `canonical` hashes to `hash`, so nobody can have changed it."""

    hash: str
    canonical: bytes
    name_th: str
    name_en: str


async def keep_policy(session: AsyncSession, policy: StoredPolicy, *, now: int) -> None:
    """Keep a policy; keeping the same one twice changes nothing."""
    if await session.get(PolicyDocument, policy.hash) is None:
        session.add(
            PolicyDocument(
                hash=policy.hash,
                canonical=policy.canonical,
                name_th=policy.name_th,
                name_en=policy.name_en,
                created_at=now,
            )
        )
        await session.flush()


async def find_policy(session: AsyncSession, policy_hash: str) -> StoredPolicy | None:
    """The policy with this hash (lower case, with 0x)."""
    row = await session.get(PolicyDocument, policy_hash)
    if row is None:
        return None
    return StoredPolicy(
        hash=row.hash, canonical=row.canonical, name_th=row.name_th, name_en=row.name_en
    )
