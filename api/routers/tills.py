"""A shop's screen: whose it is, whether its charge was paid, and its day."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import answers
from api.access import Cashier, TillDep
from api.routers.statements import shown_day
from api.schemas import tills as schemas
from api.schemas.base import Bilingual
from api.schemas.redemptions import Redemption
from api.sessions import NowDep, ReadingDep, RuntimeDep
from ledger.services import charges, devices, merchants
from ledger.services.merchants import Shop
from ledger.services.receipts import Redemption as Found
from ledger.services.runtime import Runtime
from ledger.services.settle import due_day

router = APIRouter(prefix="/v1/till", tags=["till"])

Reference = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", examples=["0123456789abcdef"])]


@router.get("")
async def read_till(cashier: TillDep, session: ReadingDep, runtime: RuntimeDep) -> schemas.Till:
    """The shop of the asking key. Signed by its owner or by one of its devices."""
    shop = await merchants.shop(session, runtime, cashier.merchant)
    device, profile = cashier.device, shop.profile
    return schemas.Till(
        merchant=cashier.merchant,
        name=None if profile is None else Bilingual(th=profile.name_th, en=profile.name_en),
        address=cashier.address,
        role="owner" if device is None else "device",
        branch=None if device is None else device.branch,
        bill_max=None if device is None else device.bill_max,
        day_max=None if device is None else device.day_max,
    )


@router.get("/charges/{reference}")
async def read_charge(
    reference: Reference, cashier: TillDep, session: ReadingDep, runtime: RuntimeDep
) -> schemas.ChargeAnswers:
    """Whether a charge of the shop was paid, and by what. Signed by the owner or a device."""
    found = await charges.answers_to(session, runtime, cashier.merchant, reference)
    shop = await merchants.shop(session, runtime, cashier.merchant)
    return schemas.ChargeAnswers(
        merchant=cashier.merchant, reference=reference, items=_shown(runtime, found, shop)
    )


@router.get("/today")
async def read_today(
    cashier: TillDep, session: ReadingDep, runtime: RuntimeDep, now: NowDep
) -> schemas.TillDay:
    """What was taken today: the whole shop for its owner; for a device what its branch
    scanned and its own charges."""
    if cashier.device is not None:
        return await _branch_day(session, cashier, now=now)
    day = await charges.today(session, runtime, cashier.merchant, now=now)
    shop = await merchants.shop(session, runtime, cashier.merchant)
    return schemas.TillDay(
        merchant=cashier.merchant,
        since=day.since,
        due_on=shown_day(due_day(now)),
        count=day.sums.count,
        amount=day.sums.amount,
        copay=day.sums.copay,
        items=_shown(runtime, day.items, shop),
    )


async def _branch_day(session: ReadingDep, cashier: Cashier, *, now: int) -> schemas.TillDay:
    assert cashier.device is not None
    found = await devices.today(session, cashier.device, now=now)
    charged = await charges.taken_by_charges(
        session, cashier.merchant, cashier.address, since=found.since
    )
    return schemas.TillDay(
        merchant=cashier.merchant,
        since=found.since,
        due_on=shown_day(due_day(now)),
        count=charged.count + sum(one.count for one in found.sums),
        amount=charged.amount + sum(one.amount for one in found.sums),
        copay=charged.copay + sum(one.copay for one in found.sums),
        items=[],
    )


def _shown(runtime: Runtime, found: tuple[Found, ...], shop: Shop) -> list[Redemption]:
    return [answers.redemption(runtime, one, shop) for one in found]
