"""Ambassadors help residents at the counter, under their own names and within a day's limit.

They ask for a pass to be moved to the resident's new phone, and for nothing else: no ambassador's
key spends, enrols or suspends. Every act is listed, apart from the registrar's own.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import assisted
from ledger.db.api_keys import Officer
from ledger.db.tables_devices import AssistedAct
from ledger.db.tables_till import Intent
from ledger.domain.clock import bangkok_day
from ledger.errors import AssistedDayLimitUsed
from ledger.services import passes
from ledger.services.orders import account
from ledger.services.runtime import Runtime

ACTS_PER_DAY_MAX: Final = 20


class Help(StrEnum):
    """What an ambassador may help with. Both move a pass; they differ in what was lost."""

    LOST_PHONE = "lost_phone"
    PAPER_TO_PHONE = "paper_to_phone"


async def move_pass(
    session: AsyncSession,
    runtime: Runtime,
    ambassador: Officer,
    *,
    kind: Help,
    pass_number: int,
    to: str,
    reason: str,
    now: int,
) -> tuple[AssistedAct, Intent]:
    """Order a resident's pass to move to a new key, and write down who helped.

    Raises AssistedDayLimitUsed after ACTS_PER_DAY_MAX acts on a Bangkok day, and as
    `passes.rebind`.
    """
    await assisted.hold(session, ambassador.key_id)
    day = bangkok_day(now)
    done = await assisted.count_on(session, ambassador.key_id, day)
    if done >= ACTS_PER_DAY_MAX:
        raise AssistedDayLimitUsed(limit=ACTS_PER_DAY_MAX)
    holding = await passes.pass_numbered(session, runtime, pass_number)
    intent = await passes.rebind(
        session,
        runtime,
        pass_number,
        to,
        requested_by=ambassador.key_id,
        now=now,
        reason=reason,
    )
    act = AssistedAct(
        kind=kind.value,
        key_id=ambassador.key_id,
        ambassador=ambassador.name,
        day=day,
        ordinal=done + 1,
        pass_number=pass_number,
        from_address=holding.holder,
        to_address=account(to, what="to"),
        reason=reason,
        intent_id=intent.id,
        acted_at=now,
    )
    await assisted.add(session, act)
    return act, intent


async def acts(session: AsyncSession, *, before: int | None, most: int) -> Sequence[AssistedAct]:
    """Acts with numbers below `before`, newest first."""
    return await assisted.page(session, before=before, most=most)
