"""What each funder's money bought, public or private, by the index alone."""

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db.funders import campaigns_funded
from ledger.domain.clock import bangkok_day
from ledger.domain.funder_statement import FunderStatement, funder_statement
from ledger.errors import NotFound
from ledger.services.orders import account
from ledger.services.runtime import Runtime


async def statement_of_funder(
    session: AsyncSession, runtime: Runtime, funder: str, *, now: int
) -> FunderStatement:
    """All contributions of an address and its share of what was bought.

    Raises InputInvalid for what is no address, NotFound for one that paid into no campaign.
    """
    address = account(funder, what="funder")
    campaigns = await campaigns_funded(session, runtime.chain_id, address)
    if not campaigns:
        raise NotFound(what="funder", which=address)
    return funder_statement(address, campaigns, day=bangkok_day(now))
