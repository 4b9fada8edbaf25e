"""What people call a shop and where it stands: what the chain does not say of a merchant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db.driver import Driver, Statement
from ledger.db.tables_till import MerchantProfile

_PROFILES: Final = Statement(
    "SELECT payout, name_th, name_en, latitude_microdegrees, longitude_microdegrees"
    " FROM merchant_profiles WHERE payout {payouts}",
    "payouts",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Names and place of the shop that is paid at `payout`. Degrees are millionths."""

    payout: str
    name_th: str
    name_en: str
    latitude_microdegrees: int | None = None
    longitude_microdegrees: int | None = None


async def keep_profile(session: AsyncSession, profile: Profile, *, now: int) -> None:
    """Keep a shop's profile, in place of an earlier one under the same payout address."""
    row = await session.get(MerchantProfile, profile.payout)
    if row is None:
        row = MerchantProfile(
            payout=profile.payout,
            name_th=profile.name_th,
            name_en=profile.name_en,
            created_at=now,
        )
        session.add(row)
    row.name_th, row.name_en = profile.name_th, profile.name_en
    row.latitude_microdegrees = profile.latitude_microdegrees
    row.longitude_microdegrees = profile.longitude_microdegrees
    await session.flush()


async def profiles_of(session: AsyncSession, payouts: Sequence[str]) -> dict[str, Profile]:
    """Profiles by payout address; shops without one are left out."""
    driver = await Driver.of(session)
    found = [_profile(*row) for row in await driver.fetch(_PROFILES, payouts=payouts)]
    return {profile.payout: profile for profile in found}


def _profile(
    payout: str, name_th: str, name_en: str, latitude: int | None, longitude: int | None
) -> Profile:
    return Profile(
        payout=payout,
        name_th=name_th,
        name_en=name_en,
        latitude_microdegrees=latitude,
        longitude_microdegrees=longitude,
    )
