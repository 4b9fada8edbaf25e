"""The city's own past, out of its index, for a draft to be replayed on."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import past as index
from ledger.domain.past import Past, city_name
from ledger.errors import InputInvalid
from ledger.services.runtime import Runtime

SERVED_MAX: Final = 20_000
"""A longer past is replayed on the officer's own machine, from the chain or a file."""


async def past_of_city(session: AsyncSession, runtime: Runtime) -> Past:
    """Everything that was redeemed here. Raises InputInvalid above SERVED_MAX redemptions."""
    count = await index.redemptions_count(session, runtime.chain_id)
    if count > SERVED_MAX:
        why = f"{count:,} redemptions, {SERVED_MAX:,} are replayed here: use nakhon policy replay"
        raise InputInvalid(what="past", why=why)
    found = await index.past_redemptions(session, runtime.chain_id)
    return Past.of(city_name(runtime.chain_id, runtime.book), found)
