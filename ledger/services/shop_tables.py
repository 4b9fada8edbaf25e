"""Shops from a table: every line is judged before any is registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads
from ledger.db.profiles import Profile
from ledger.db.tables_till import Intent
from ledger.domain.passes import DISTRICT_MAX
from ledger.errors import CsvInvalid, InputInvalid, MerchantCategoryMismatch
from ledger.services.csv_rows import BadLines, Row, read_rows, whole_number, why_of
from ledger.services.merchant_kinds import check_kind
from ledger.services.merchants import Registration, register
from ledger.services.orders import account
from ledger.services.runtime import Runtime

NAME_MAX: Final = 120
SHOPS_AT_ONCE_MAX: Final = 1_000
COLUMNS: Final = ("payout", "kind", "category", "district", "name_th", "name_en")
OPTIONAL: Final = ("latitude", "longitude", "override_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopLine:
    """One shop and the line it stands on."""

    line: int
    registration: Registration


def read_shops(raw: bytes) -> list[ShopLine]:
    """The rows of a table with COLUMNS, and maybe OPTIONAL ones; degrees are written like 18.7953.

    Raises CsvInvalid naming every bad line: no address, another category than the place's kind, a
    temple by its name, a name that is empty or too long, no district, a payout named before.
    """
    bad = BadLines(CsvInvalid)
    seen: dict[str, int] = {}
    found = []
    for row in read_rows(raw, COLUMNS, bad, optional=OPTIONAL):
        try:
            shop = _shop(row)
        except MerchantCategoryMismatch as error:
            bad.add(row.line, f"the place is a {error.details['kind']}", row.cells["name_th"])
            continue
        except InputInvalid as error:
            told = str(error.details.get("what", "row"))
            what = "payout" if told == "address" else told
            bad.add(row.line, f"{what}: {why_of(error)}", row.cells.get(what, ""))
            continue
        payout = shop.profile.payout
        if payout in seen:
            bad.add(row.line, f"the payout of line {seen[payout]} again", payout)
        seen.setdefault(payout, row.line)
        found.append(ShopLine(line=row.line, registration=shop))
    if len(found) > SHOPS_AT_ONCE_MAX:
        bad.add(found[SHOPS_AT_ONCE_MAX].line, f"more than {SHOPS_AT_ONCE_MAX} shops")
    bad.refuse()
    return found


def _shop(row: Row) -> Registration:
    cells = row.cells
    names = (_name(cells, "name_th"), _name(cells, "name_en"))
    reason = cells.get("override_reason") or None
    check_kind(kind=cells["kind"], category=cells["category"], names=names, override_reason=reason)
    try:
        district = whole_number(cells["district"], most=DISTRICT_MAX)
    except InputInvalid as error:
        raise InputInvalid(what="district", why=why_of(error)) from error
    latitude, longitude = _degrees(cells, "latitude", 90), _degrees(cells, "longitude", 180)
    if (latitude is None) != (longitude is None):
        raise InputInvalid(what="longitude", why="one of latitude and longitude is missing")
    return Registration(
        profile=Profile(
            payout=account(cells["payout"], what="payout"),
            name_th=names[0],
            name_en=names[1],
            latitude_microdegrees=latitude,
            longitude_microdegrees=longitude,
        ),
        kind=cells["kind"],
        category=cells["category"],
        district=district,
        override_reason=reason,
    )


def _name(cells: dict[str, str], column: str) -> str:
    name = cells[column]
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise InputInvalid(what=column, why=f"1 to {NAME_MAX} printable characters are needed")
    return name


def _degrees(cells: dict[str, str], column: str, most: int) -> int | None:
    text = cells.get(column, "")
    if not text:
        return None
    try:
        degrees = Decimal(text)
    except InvalidOperation as error:
        raise InputInvalid(what=column, why="no number of degrees, like 18.7953") from error
    if not degrees.is_finite() or abs(degrees) > most:
        raise InputInvalid(what=column, why=f"not in -{most} … {most}")
    return int((degrees * 1_000_000).to_integral_value())


async def refuse_known_payouts(
    session: AsyncSession, runtime: Runtime, shops: Sequence[ShopLine]
) -> None:
    """Raises CsvInvalid naming every line whose payout address has a shop already."""
    bad = BadLines(CsvInvalid)
    for one in shops:
        payout = one.registration.profile.payout
        taken = await index_reads.merchant_paid_at(session, runtime.chain_id, payout)
        if taken is not None:
            bad.add(one.line, f"merchant {taken.number} is paid at this address", payout)
    bad.refuse()


async def register_shops(
    session: AsyncSession,
    runtime: Runtime,
    shops: Sequence[ShopLine],
    *,
    requested_by: str,
    now: int,
) -> list[Intent]:
    """Order the registration of all, or refuse all. Raises CsvInvalid as `refuse_known_payouts`."""
    await refuse_known_payouts(session, runtime, shops)
    return [
        await register(session, runtime, one.registration, requested_by=requested_by, now=now)
        for one in shops
    ]
