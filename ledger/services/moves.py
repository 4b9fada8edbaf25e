"""A pass moves to another key: paper onto a phone by its holder's own hand; who moved it when."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import papers
from ledger.db.index_reads import Holding
from ledger.db.papers import Moved
from ledger.db.tables_till import Intent
from ledger.domain.signatures import compact, recover
from ledger.domain.typed_data import move_digest
from ledger.errors import InputInvalid, RequestExpired, SignatureInvalid
from ledger.services import passes
from ledger.services.orders import account
from ledger.services.runtime import Runtime

CONSENT_SECONDS_MAX: Final = 60
MOVES_MAX: Final = 100
BY_HOLDER: Final = "holder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The new key's own signature that it wants the pass: a mistyped address has none."""

    to: str
    signed_at: int
    signature: bytes


async def move(
    session: AsyncSession, runtime: Runtime, holding: Holding, consent: Consent, *, now: int
) -> Intent:
    """Order the pass of `holding`, whose key signed the request, to move to the key that consents.

    Raises RequestExpired, SignatureInvalid for a consent of anybody else, InputInvalid for a move
    to the same key, Conflict as `passes.rebind`.
    """
    to = account(consent.to, what="to")
    if to == holding.holder:
        raise InputInvalid(what="to", why="the pass is held by this address already")
    if abs(now - consent.signed_at) > CONSENT_SECONDS_MAX:
        raise RequestExpired(signed_at=consent.signed_at, now=now)
    digest = move_digest(
        runtime.deployment.domain_separator,
        pass_number=holding.pass_.number,
        from_address=holding.holder,
        to_address=to,
        signed_at=consent.signed_at,
    )
    if recover(digest, *compact(consent.signature)) != to:
        raise SignatureInvalid(why="not the new address's consent to this move")
    return await passes.rebind(
        session,
        runtime,
        holding.pass_.number,
        to,
        requested_by=BY_HOLDER,
        now=now,
        reason="ผู้ถือย้ายบัตรเอง · the holder moved it",
    )


async def moves_of(session: AsyncSession, number: int) -> list[Moved]:
    """The last MOVES_MAX moves of a pass, newest first."""
    return await papers.moves_of(session, number, MOVES_MAX)
