"""What shops took, as the stream of a till reads it: plain rows of many shops in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, column, select, values
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_charges import ChargeTaken
from ledger.db.tables_devices import RedemptionDevice
from ledger.db.tables_till import RedemptionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One redemption as it stands now. `reference` is of the charge it answered, `device_id` of the
    device that scanned it; None where there was none. Amounts are satang, times Unix seconds."""

    id: str
    merchant: int
    status: str
    bill: int
    amount: int
    copay: int
    voided: int
    accepted_at: int
    reference: str | None
    device_id: str | None


async def taken_since(session: AsyncSession, since: Mapping[int, int], *, most: int) -> list[Taken]:
    """The redemptions of each shop in `since` accepted at or after its moment, the last `most` of
    them all, the oldest first."""
    shops = values(column("shop", BigInteger), column("moment", BigInteger), name="asked")
    asked = shops.data(sorted(since.items())).cte("asked")
    found = await session.execute(
        select(
            col(RedemptionRecord.id),
            col(RedemptionRecord.merchant),
            col(RedemptionRecord.status),
            col(RedemptionRecord.bill),
            col(RedemptionRecord.amount),
            col(RedemptionRecord.copay),
            col(RedemptionRecord.voided),
            col(RedemptionRecord.accepted_at),
            col(ChargeTaken.reference),
            col(RedemptionDevice.device_id),
        )
        .join(asked, asked.c.shop == col(RedemptionRecord.merchant))
        .outerjoin(ChargeTaken, col(ChargeTaken.redemption_id) == col(RedemptionRecord.id))
        .outerjoin(
            RedemptionDevice, col(RedemptionDevice.redemption_id) == col(RedemptionRecord.id)
        )
        .where(col(RedemptionRecord.accepted_at) >= asked.c.moment)
        .order_by(col(RedemptionRecord.accepted_at).desc(), col(RedemptionRecord.id).desc())
        .limit(most)
    )
    names = Taken.__slots__
    return [Taken(**dict(zip(names, row, strict=True))) for row in reversed(found.all())]
