"""What shops owe because they were paid before a void, and how the treasurer covers it."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_settlement
from ledger.db.index_settlement import Debt
from ledger.db.tables_till import Intent
from ledger.errors import InputInvalid
from ledger.services.campaigns import campaign_numbered
from ledger.services.orders import Order, place_orders
from ledger.services.runtime import Runtime

COVER: Final = "cover"
ALLOW: Final = "allow"


async def debts_of(session: AsyncSession, runtime: Runtime, campaign: int) -> list[Debt]:
    """Who owes a campaign what, in satang, by shop. Raises UnknownCampaign."""
    await campaign_numbered(session, runtime, campaign)
    return await index_settlement.debts_of_campaign(session, runtime.chain_id, campaign)


async def cover(
    session: AsyncSession,
    runtime: Runtime,
    *,
    merchant: int,
    campaign: int,
    amount: int,
    requested_by: str,
    now: int,
) -> list[Intent]:
    """Order the treasury's own tokens into the place of a shop's debt; 0 satang only has the debt
    computed anew, which later redemptions have lowered. The shop's next statement says so.

    Raises UnknownCampaign, InputInvalid for more than the shop owes.
    """
    owed = {debt.merchant: debt.owed for debt in await debts_of(session, runtime, campaign)}
    if not 0 <= amount <= owed.get(merchant, 0):
        why = f"shop {merchant} owes campaign {campaign} {owed.get(merchant, 0)} satang"
        raise InputInvalid(what="amount", why=why)
    allow = Order(
        kind=ALLOW,
        signer="treasurer",
        contract="CityToken",
        function="approve",
        arguments=[runtime.book, amount],
        campaign=campaign,
    )
    give = Order(
        kind=COVER,
        signer="treasurer",
        contract="CouponBook",
        function="cover",
        arguments=[campaign, merchant, amount],
        campaign=campaign,
        about={"merchant": merchant, "amount": str(amount)},
    )
    return await place_orders(session, runtime, [allow, give], requested_by=requested_by, now=now)
