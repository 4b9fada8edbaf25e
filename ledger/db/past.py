"""The index's redemptions as a past, with what pass and shop were when the chain took each."""

from bisect import bisect_right
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_index import (
    CampaignDraft,
    IncludedRedemption,
    IncludedVoid,
    MerchantFact,
    PassFact,
)
from ledger.domain.clock import signed_at_of
from ledger.domain.past import PastRedemption

Place = tuple[int, int]
"""Block and log: where something became true."""

_MERCHANT_NONE: Final = (None, None)
_PASS_NONE: Final = (None, None, None, None)


async def redemptions_count(session: AsyncSession, chain_id: int) -> int:
    """How many redemptions the index holds."""
    found = await session.scalar(
        select(func.count())
        .select_from(IncludedRedemption)
        .where(col(IncludedRedemption.chain_id) == chain_id)
    )
    return int(found or 0)


async def past_redemptions(session: AsyncSession, chain_id: int) -> list[PastRedemption]:
    """Every redemption of the index; those of the chain's own story, told another way."""
    drafts = await session.execute(
        select(col(CampaignDraft.campaign), col(CampaignDraft.starts)).where(
            col(CampaignDraft.chain_id) == chain_id
        )
    )
    starts = {campaign: int(moment) for campaign, moment in drafts}
    passes, merchants = await _passes(session, chain_id), await _merchants(session, chain_id)
    voids = await session.execute(
        select(
            col(IncludedVoid.campaign),
            col(IncludedVoid.pass_number),
            col(IncludedVoid.signed_at),
            func.sum(IncludedVoid.amount),
        )
        .where(col(IncludedVoid.chain_id) == chain_id)
        .group_by(
            col(IncludedVoid.campaign), col(IncludedVoid.pass_number), col(IncludedVoid.signed_at)
        )
    )
    undone = {(campaign, number, at): int(amount) for campaign, number, at, amount in voids}
    rows = await session.scalars(
        select(IncludedRedemption).where(col(IncludedRedemption.chain_id) == chain_id)
    )
    found = []
    for row in rows:
        signed_at = signed_at_of(starts[row.campaign], row.step)
        place = (row.block_number, row.log_index)
        class_, district, valid_from, valid_until = passes.get(row.pass_number, _NO_PASS).at(place)
        category, merchant_district = merchants.get(row.merchant, _NO_MERCHANT).at(place)
        found.append(
            PastRedemption(
                campaign=row.campaign,
                pass_number=row.pass_number,
                merchant=row.merchant,
                bill=row.bill,
                amount=row.amount,
                copay=row.copay,
                signed_at=signed_at,
                voided=undone.get((row.campaign, row.pass_number, signed_at), 0),
                class_=class_,
                district=district,
                valid_from=valid_from,
                valid_until=valid_until,
                category=category,
                merchant_district=merchant_district,
            )
        )
    return found


class _Told:
    """What was told of one pass or shop, in order; `at` gives what held at a place."""

    def __init__(self, nothing: tuple[int | None, ...]) -> None:
        self._nothing = nothing
        self._places: list[Place] = []
        self._values: list[tuple[int | None, ...]] = []

    def tell(self, place: Place, *values: int | None) -> None:
        """Add what became true at a place, after all told before."""
        self._places.append(place)
        self._values.append(values)

    def at(self, place: Place) -> tuple[int | None, ...]:
        """What held at a place; nothing known before the first."""
        index = bisect_right(self._places, place)
        return self._values[index - 1] if index else self._nothing


_NO_PASS: Final = _Told(_PASS_NONE)
_NO_MERCHANT: Final = _Told(_MERCHANT_NONE)


async def _passes(session: AsyncSession, chain_id: int) -> dict[int, _Told]:
    rows = await session.scalars(
        select(PassFact)
        .where(col(PassFact.chain_id) == chain_id, col(PassFact.status).is_not(None))
        .order_by(col(PassFact.block_number), col(PassFact.log_index))
    )
    told: dict[int, _Told] = {}
    for row in rows:
        told.setdefault(row.number, _Told(_PASS_NONE)).tell(
            (row.block_number, row.log_index),
            row.class_,
            row.district,
            row.valid_from,
            row.valid_until,
        )
    return told


async def _merchants(session: AsyncSession, chain_id: int) -> dict[int, _Told]:
    rows = await session.scalars(
        select(MerchantFact)
        .where(col(MerchantFact.chain_id) == chain_id)
        .order_by(col(MerchantFact.block_number), col(MerchantFact.log_index))
    )
    told: dict[int, _Told] = {}
    for row in rows:
        told.setdefault(row.number, _Told(_MERCHANT_NONE)).tell(
            (row.block_number, row.log_index), row.category, row.district
        )
    return told
