"""What each shop was paid and why the rest waits; what became of each campaign's money."""

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_settlement, settled
from ledger.db.settled import Standing
from ledger.db.unsettled import final_height
from ledger.domain.campaign import CampaignStatus
from ledger.domain.clock import bangkok_day
from ledger.domain.redemption import redemption_id
from ledger.domain.settlement import Entry, Reason
from ledger.domain.statement import (
    ClosingAccount,
    Money,
    Place,
    Statement,
    StatementRow,
    closing_account,
)
from ledger.services.campaigns import campaign_numbered
from ledger.services.merchants import shop
from ledger.services.runtime import Runtime
from ledger.services.settle import waiting_entries


async def statement_of(
    session: AsyncSession, runtime: Runtime, merchant: int, *, now: int
) -> Statement:
    """A shop's statement, down to each redemption. It says whether it agrees with the chain.

    Raises UnknownMerchant.
    """
    found = await shop(session, runtime, merchant)
    chain_id = runtime.chain_id
    final = await final_height(session, chain_id, runtime.settings.confirmations)
    rows = [
        _standing_row(runtime, each)
        for each in await settled.standing_of_merchant(session, chain_id, merchant, final=final)
    ]
    carried = await settled.last_carried(session, merchant)
    for entry in await waiting_entries(session, runtime, merchant=merchant):
        rows.append(_waiting_row(runtime, entry, carried))
    sums = await index_settlement.settled_sums(session, chain_id, merchant, final=final)
    taken = await settled.taken_on_chain(session, chain_id, merchant, final=final)
    profile = found.profile
    return Statement(
        merchant=merchant,
        name_th=profile.name_th if profile else "",
        name_en=profile.name_en if profile else "",
        day=bangkok_day(now),
        rows=tuple(rows),
        on_chain=taken + sums.covered,
        settled=sums.settled,
        returned=sums.returned,
        covered=sums.covered,
        sent_back=await settled.sent_back(session, merchant),
    )


def _standing_row(runtime: Runtime, standing: Standing) -> StatementRow:
    place = Place(standing.state)
    paid = place is Place.PAID and standing.moved_at is not None
    return _row(
        runtime,
        standing.entry,
        place,
        round_number=standing.round,
        paid_on=bangkok_day(standing.moved_at) if paid and standing.moved_at else None,
    )


def _waiting_row(
    runtime: Runtime, entry: Entry, carried: tuple[str, set[str]] | None
) -> StatementRow:
    if carried is None or entry.key not in carried[1]:
        return _row(runtime, entry, Place.WAITING, due_on=entry.ready)
    return _row(runtime, entry, Place.CARRIED, due_on=entry.ready, reason=Reason(carried[0]))


def _row(
    runtime: Runtime,
    entry: Entry,
    place: Place,
    *,
    round_number: int | None = None,
    paid_on: int | None = None,
    due_on: int | None = None,
    reason: Reason | None = None,
) -> StatementRow:
    name = f"cover-{entry.campaign}-{entry.step}"
    if not entry.is_cover:
        name = redemption_id(
            runtime.deployment.domain_separator, entry.campaign, entry.pass_number, entry.step
        )
    return StatementRow(
        redemption=name,
        campaign=entry.campaign,
        leg=entry.leg,
        day=entry.day,
        amount=entry.amount,
        place=place,
        round=round_number,
        paid_on=paid_on,
        due_on=due_on,
        reason=reason,
    )


async def account_of(session: AsyncSession, runtime: Runtime, campaign: int) -> ClosingAccount:
    """A campaign's account: its money by the chain against where the rounds have put it.

    Raises UnknownCampaign.
    """
    found = await campaign_numbered(session, runtime, campaign)
    final = await final_height(session, runtime.chain_id, runtime.settings.confirmations)
    sums = await settled.campaign_sums(session, runtime.chain_id, campaign, final=final)
    places: dict[Place, int] = {}
    standing = await settled.standing_of_campaign(session, runtime.chain_id, campaign, final=final)
    for (_, state), amount in standing.items():
        places[Place(state)] = places.get(Place(state), 0) + amount
    waiting = await waiting_entries(session, runtime, campaign=campaign)
    places[Place.WAITING] = sum(entry.amount for entry in waiting)
    money = Money(
        funded=sums["funded"],
        returned=sums["returned"],
        spent=sums["spent"] - sums["unspent_again"],
        copay=sums["copay"] - sums["copay_back"],
        closed=found.status is CampaignStatus.CLOSED,
        owed=await index_settlement.owed_to(session, runtime.chain_id, campaign),
        covered=sums["covered"],
    )
    pending = sums["young"] - sums["young_back"] + sums["young_covered"]
    return closing_account(campaign, money, places, pending=pending)
