"""What a till's screen asks: whether its charge was paid, and what the shop took today."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import charges
from ledger.db.charges import Sums
from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, bangkok_day
from ledger.domain.hashing import keccak
from ledger.services import receipts
from ledger.services.receipts import Redemption
from ledger.services.runtime import Runtime

ANSWERS_MAX = 20
SHOWN_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a shop took since midnight in Bangkok."""

    since: int
    sums: Sums
    items: tuple[Redemption, ...]


async def answers_to(
    session: AsyncSession, runtime: Runtime, merchant: int, reference: str
) -> tuple[Redemption, ...]:
    """The redemptions residents signed for a charge of this shop, at most ANSWERS_MAX."""
    names = await charges.answers_to(session, merchant, reference, most=ANSWERS_MAX)
    return tuple([await receipts.redemption(session, runtime, name) for name in names])


async def today(session: AsyncSession, runtime: Runtime, merchant: int, *, now: int) -> Day:
    """The shop's day so far at all its tills, with its last SHOWN_MAX redemptions."""
    since = bangkok_day(now) * DAY_SECONDS - BANGKOK_OFFSET
    names = await charges.latest_since(session, merchant, since, most=SHOWN_MAX)
    return Day(
        since=since,
        sums=await charges.taken_since(session, merchant, since),
        items=tuple([await receipts.redemption(session, runtime, name) for name in names]),
    )


async def taken_by_charges(
    session: AsyncSession, merchant: int, address: str, *, since: int
) -> Sums:
    """What the charges of one till took."""
    return await charges.taken_by_charges(session, merchant, prefix_of(address), since)


def prefix_of(address: str) -> str:
    """How a till begins the reference of each of its charges: with four bytes of the hash of its
    address."""
    return keccak(bytes.fromhex(address[2:]))[:4].hex()
