"""What shops took and were asked to undo, as the stream of a till reads it: plain rows of many
shops in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import CTE, BigInteger, column, select, values
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_charges import ChargeTaken
from ledger.db.tables_devices import RedemptionDevice, VoidRequest
from ledger.db.tables_till import RedemptionRecord
from ledger.db.void_requests import ASKED


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One wish of a cashier to have a redemption undone, as it stands now."""

    id: str
    merchant: int
    redemption_id: str
    device_id: str
    amount: int
    reason: str
    status: str
    asked_at: int
    answered_at: int | None

    @property
    def changed_at(self) -> int:
        """When it came to stand as it does."""
        return self.asked_at if self.answered_at is None else self.answered_at


def _moments(since: Mapping[int, int]) -> CTE:
    shops = values(column("shop", BigInteger), column("moment", BigInteger), name="asked")
    return shops.data(sorted(since.items())).cte("asked")


async def taken_since(session: AsyncSession, since: Mapping[int, int], *, most: int) -> list[Taken]:
    """The redemptions of each shop in `since` accepted at or after its moment, the last `most` of
    them all, the oldest first."""
    asked = _moments(since)
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


async def asked_since(session: AsyncSession, since: Mapping[int, int], *, most: int) -> list[Asked]:
    """The wishes of each shop in `since` that nobody has answered, however old, and those answered
    at or after its moment; the last `most` of them all, the oldest first."""
    asked = _moments(since)
    names = Asked.__slots__
    found = await session.execute(
        select(*(col(getattr(VoidRequest, name)) for name in names))
        .join(asked, asked.c.shop == col(VoidRequest.merchant))
        .where(
            (col(VoidRequest.status) == ASKED) | (col(VoidRequest.answered_at) >= asked.c.moment)
        )
        .order_by(col(VoidRequest.asked_at).desc(), col(VoidRequest.id).desc())
        .limit(most)
    )
    return [Asked(**dict(zip(names, row, strict=True))) for row in reversed(found.all())]
