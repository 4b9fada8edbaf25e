"""Register shops, change them, and show them with the names people know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import beyond_chain, index_reads, index_redemptions, profiles
from ledger.db.profiles import Profile
from ledger.db.tables_till import Intent
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.errors import Conflict, UnknownMerchant
from ledger.services.merchant_kinds import check_kind
from ledger.services.orders import Order, account, place_orders
from ledger.services.runtime import Runtime

REGISTER = "register_merchant"
CHANGE = "change_merchant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a registrar says of a shop. `kind` is what the place is."""

    profile: Profile
    kind: str
    category: str
    district: int
    override_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A merchant with its profile, where somebody gave it one."""

    merchant: Merchant
    profile: Profile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """What a shop took under one campaign, voids taken off; `pending` of `amount` is not on the
    chain yet."""

    campaign: int
    count: int
    amount: int
    copay: int
    pending: int


async def register(
    session: AsyncSession,
    runtime: Runtime,
    registration: Registration,
    *,
    requested_by: str,
    now: int,
) -> Intent:
    """Order a shop's registration. Raises MerchantCategoryMismatch for a place that is something
    else, Conflict for a payout address that has a shop, InputInvalid for a bad address."""
    profile = registration.profile
    payout = account(profile.payout, what="payout")
    category = check_kind(
        kind=registration.kind,
        category=registration.category,
        names=(profile.name_th, profile.name_en),
        override_reason=registration.override_reason,
    )
    taken = await index_reads.merchant_paid_at(session, runtime.chain_id, payout)
    if taken is not None:
        raise Conflict(
            what="payout",
            why=f"merchant {taken.number} is paid at this address",
            why_th=f"ร้านที่ {taken.number} รับเงินที่ที่อยู่นี้อยู่แล้ว",
        )
    await profiles.keep_profile(session, profile, now=now)
    order = Order(
        kind=REGISTER,
        signer="registrar",
        contract="MerchantRegistry",
        function="register",
        arguments=[payout, category, registration.district],
        about={
            "payout": payout,
            "name_th": profile.name_th,
            "kind": registration.kind,
            "category": registration.category,
            "override_reason": registration.override_reason,
        },
    )
    (intent,) = await place_orders(session, runtime, [order], requested_by=requested_by, now=now)
    return intent


async def change_status(
    session: AsyncSession,
    runtime: Runtime,
    number: int,
    status: MerchantStatus,
    *,
    reason: str,
    requested_by: str,
    now: int,
) -> Intent:
    """Order a shop's suspension, return or closing. Raises UnknownMerchant."""
    merchant = (await shop(session, runtime, number)).merchant
    order = Order(
        kind=CHANGE,
        signer="registrar",
        contract="MerchantRegistry",
        function="change",
        arguments=[number, merchant.payout, merchant.category, merchant.district, int(status)],
        about={"merchant": number, "status": status.name.lower(), "reason": reason},
    )
    (intent,) = await place_orders(session, runtime, [order], requested_by=requested_by, now=now)
    return intent


async def shop(session: AsyncSession, runtime: Runtime, number: int) -> Shop:
    """One shop. Raises UnknownMerchant."""
    merchant = await index_reads.merchant_of(session, runtime.chain_id, number)
    if merchant is None:
        raise UnknownMerchant(merchant=number)
    return (await _shops(session, [merchant]))[0]


async def shop_just_judged(session: AsyncSession, runtime: Runtime, number: int) -> Shop:
    """A shop as this process last read it, to be named in an answer and judged by nobody."""
    known = runtime.known.merchants.get(number)
    if known is None:
        return await shop(session, runtime, number)
    return (await _shops(session, [known]))[0]


async def shops_as(session: AsyncSession, judged: Mapping[int, Merchant]) -> dict[int, Shop]:
    """Shops as they were just judged, with their profiles, by number."""
    return {shop.merchant.number: shop for shop in await _shops(session, list(judged.values()))}


async def shops(session: AsyncSession, runtime: Runtime, *, after: int, most: int) -> list[Shop]:
    """Shops with numbers above `after`, ascending."""
    found = await index_reads.merchants_after(session, runtime.chain_id, after=after, most=most)
    return await _shops(session, found)


async def shops_numbered(
    session: AsyncSession, runtime: Runtime, numbers: Sequence[int]
) -> dict[int, Shop]:
    """The shops of these numbers, by number; one that is not registered is left out."""
    if not numbers:
        return {}
    first, last = min(numbers), max(numbers)
    between = await index_reads.merchants_after(
        session, runtime.chain_id, after=first - 1, most=last - first + 1
    )
    wanted = set(numbers)
    found = [merchant for merchant in between if merchant.number in wanted]
    return {shop.merchant.number: shop for shop in await _shops(session, found)}


async def _shops(session: AsyncSession, found: Sequence[Merchant]) -> list[Shop]:
    known = await profiles.profiles_of(session, [merchant.payout for merchant in found])
    return [Shop(merchant=merchant, profile=known.get(merchant.payout)) for merchant in found]


async def takings(session: AsyncSession, runtime: Runtime, number: int) -> list[Takings]:
    """What a shop took, by campaign: on the chain, and what the till has promised beyond it."""
    on_chain = await index_redemptions.sums_of_merchant(session, runtime.chain_id, number)
    waiting = await beyond_chain.waiting_sums(session, runtime.chain_id, number)
    by_campaign = {sums.campaign: sums for sums in on_chain}
    result = []
    for campaign in sorted({*by_campaign, *waiting}):
        sums = by_campaign.get(campaign)
        count, amount, copay = waiting.get(campaign, (0, 0, 0))
        result.append(
            Takings(
                campaign=campaign,
                count=count + (sums.count if sums else 0),
                amount=amount + (sums.amount if sums else 0),
                copay=copay + (sums.copay if sums else 0),
                pending=amount,
            )
        )
    return result
