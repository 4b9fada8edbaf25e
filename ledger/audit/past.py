"""Every redemption the chain took, with what pass and shop were then: a past for replays."""

from dataclasses import replace

from ledger.audit.replay import Progress, chapters, silent
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain import events
from ledger.domain.clock import signed_at_of
from ledger.domain.past import Past, PastRedemption, city_name
from ledger.domain.projection import State, apply
from ledger.domain.redemption import RedeemedRecord, unpack_records
from ledger.domain.state import VoidTotal


async def read_past(
    gateway: Gateway,
    deployment: Deployment,
    *,
    until: int | None = None,
    progress: Progress = silent,
) -> Past:
    """The past of a city, from nothing but the chain. Raises as `chapters` does."""
    state, taken = State(), list[tuple[int, int, PastRedemption]]()
    async for chapter in chapters(gateway, deployment, until=until, progress=progress):
        for told in chapter.told:
            apply(state, told.event, told.block)
            if isinstance(told.event, events.Redeemed):
                taken += _taken(state, told.event)
    city = city_name(deployment.chain_id, deployment.address("CouponBook"))
    return Past.of(city, (_voided(state, *each) for each in taken))


def _taken(state: State, event: events.Redeemed) -> list[tuple[int, int, PastRedemption]]:
    starts = state.campaigns[event.campaign].terms.starts
    return [
        (event.campaign, record.step, _redemption(state, event.campaign, starts, record))
        for record in unpack_records(event.records)
    ]


def _redemption(state: State, campaign: int, starts: int, record: RedeemedRecord) -> PastRedemption:
    pass_, merchant = state.passes[record.pass_number], state.merchants[record.merchant]
    return PastRedemption(
        campaign=campaign,
        pass_number=record.pass_number,
        merchant=record.merchant,
        bill=record.bill,
        amount=record.amount,
        copay=record.copay,
        signed_at=signed_at_of(starts, record.step),
        class_=pass_.class_,
        district=pass_.district,
        valid_from=pass_.valid_from,
        valid_until=pass_.valid_until,
        category=merchant.category,
        merchant_district=merchant.district,
    )


def _voided(state: State, campaign: int, step: int, past: PastRedemption) -> PastRedemption:
    undone = state.books[campaign].voids.get((past.pass_number, step), VoidTotal()).amount
    return replace(past, voided=undone) if undone else past
