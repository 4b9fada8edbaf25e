"""What a shop keeps on its own device, to bring a redemption to the chain without the city (P3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import charges, index_reads, redemptions
from ledger.db.tables_till import RedemptionRecord
from ledger.domain.pairing import Device
from ledger.services.charges import prefix_of
from ledger.services.receipts import Receipt, receipt_of
from ledger.services.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """One accepted redemption with the holder's permit (`record.r`, `record.vs`), the city's
    receipt, and the second its campaign's steps are counted from."""

    record: RedemptionRecord
    receipt: Receipt
    starts: int


async def stubs(
    session: AsyncSession,
    runtime: Runtime,
    merchant: int,
    *,
    after: tuple[int, str],
    most: int,
    device: Device | None = None,
) -> Sequence[Stub]:
    """What a shop took and the chain does not finally hold, oldest first, after the position
    `(accepted_at, id)`; with a `device`, what that one took."""
    among = None
    if device is not None:
        assert device.address is not None, "a device that was never paired takes nothing"
        among = charges.taken_at_till(merchant, device.id, prefix_of(device.address))
    found = await redemptions.not_final(session, merchant, after=after, most=most, among=among)
    starts: dict[int, int] = {}
    for number in sorted({record.campaign for record in found}):
        campaign = await index_reads.campaign_of(session, runtime.chain_id, number)
        assert campaign is not None, "a redemption of a campaign that was never drafted"
        starts[number] = campaign.terms.starts
    return [
        Stub(record=record, receipt=receipt_of(runtime, record), starts=starts[record.campaign])
        for record in found
    ]
