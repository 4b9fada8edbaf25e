"""Shops from a table: every line is judged before any is registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads
from ledger.db.profiles import Profile
from ledger.db.tables_till import Intent
from ledger.domain.passes import DISTRICT_MAX
from ledger.domain.vocabulary import CATEGORIES
from ledger.errors import CsvInvalid, InputInvalid, MerchantCategoryMismatch
from ledger.services.csv_rows import BadLines, Cells, read_rows, whole_number
from ledger.services.merchant_kinds import check_kind, known_kind
from ledger.services.merchants import Registration, register
from ledger.services.orders import account
from ledger.services.runtime import Runtime

NAME_MAX: Final = 120
SHOPS_AT_ONCE_MAX: Final = 1_000
COLUMNS: Final = ("payout", "kind", "category", "district", "name_th", "name_en")
OPTIONAL: Final = ("latitude", "longitude", "override_reason")

Payout = tuple[int, str]
"""A line and the address its shop is paid at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopLine:
    """One shop and the line it stands on."""

    line: int
    registration: Registration


def read_shops(raw: bytes) -> list[ShopLine]:
    """The rows of a table with COLUMNS, and maybe OPTIONAL ones; degrees are written like 18.7953.

    Raises CsvInvalid naming every fault of every line: no address, another category than the
    place's kind, a temple by its name, a name that is empty or too long, no district, a payout
    named before.
    """
    bad = BadLines(CsvInvalid)
    found, _payouts = _readable(raw, bad)
    bad.refuse()
    return found


async def check_shops(session: AsyncSession, runtime: Runtime, raw: bytes) -> list[ShopLine]:
    """The rows of a table that could all be registered now.

    Raises CsvInvalid naming every fault of every line at once: what `read_shops` cannot read and
    payout addresses that have a shop already.
    """
    bad = BadLines(CsvInvalid)
    found, payouts = _readable(raw, bad)
    await _name_known(session, runtime, payouts, bad)
    bad.refuse()
    return found


def _readable(raw: bytes, bad: BadLines) -> tuple[list[ShopLine], list[Payout]]:
    """The rows without a fault, and the payout address of every row that has one."""
    seen: dict[str, int] = {}
    found: list[ShopLine] = []
    payouts: list[Payout] = []
    for row in read_rows(raw, COLUMNS, bad, optional=OPTIONAL):
        cells = Cells(row, bad)
        payout = cells.read("payout", account, "")
        if payout in seen:
            cells.refuse(f"the payout of line {seen[payout]} again", payout)
        if payout:
            seen.setdefault(payout, row.line)
            payouts.append((row.line, payout))
        registration = _registration(cells, payout)
        if cells.good:
            found.append(ShopLine(line=row.line, registration=registration))
    if len(found) > SHOPS_AT_ONCE_MAX:
        bad.add(found[SHOPS_AT_ONCE_MAX].line, f"more than {SHOPS_AT_ONCE_MAX} shops")
    return found, payouts


def _registration(cells: Cells, payout: str) -> Registration:
    """The shop of a row; empty pieces stand where a fault was named."""
    registration = Registration(
        profile=Profile(
            payout=payout,
            name_th=cells.read("name_th", _name, ""),
            name_en=cells.read("name_en", _name, ""),
            latitude_microdegrees=cells.read("latitude", partial(_degrees, 90), None),
            longitude_microdegrees=cells.read("longitude", partial(_degrees, 180), None),
        ),
        kind=cells.read("kind", known_kind, ""),
        category=cells.read("category", _category, ""),
        district=cells.read("district", _district, 0),
        override_reason=cells.row.cells.get("override_reason") or None,
    )
    degrees = [cells.row.cells.get(column, "") for column in ("latitude", "longitude")]
    if any(degrees) and not all(degrees):
        cells.refuse("longitude: one of latitude and longitude is missing", "".join(degrees))
    if registration.kind and registration.category:
        _check_kind(cells, registration)
    return registration


def _check_kind(cells: Cells, shop: Registration) -> None:
    names = (shop.profile.name_th, shop.profile.name_en)
    try:
        check_kind(
            kind=shop.kind,
            category=shop.category,
            names=names,
            override_reason=shop.override_reason,
        )
    except MerchantCategoryMismatch as error:
        cells.refuse(f"the place is a {error.details['kind']}", names[0])


def _category(text: str) -> str:
    CATEGORIES.number(text)
    return text


def _district(text: str) -> int:
    return whole_number(text, most=DISTRICT_MAX)


def _name(name: str) -> str:
    if not name or len(name) > NAME_MAX or not name.isprintable():
        why = f"1 to {NAME_MAX} printable characters are needed"
        raise InputInvalid(what="name", why=why)
    return name


def _degrees(most: int, text: str) -> int | None:
    if not text:
        return None
    try:
        degrees = Decimal(text)
    except InvalidOperation as error:
        raise InputInvalid(what="degrees", why="no number of degrees, like 18.7953") from error
    if not degrees.is_finite() or abs(degrees) > most:
        raise InputInvalid(what="degrees", why=f"not in -{most} … {most}")
    return int((degrees * 1_000_000).to_integral_value())


async def _name_known(
    session: AsyncSession, runtime: Runtime, payouts: Sequence[Payout], bad: BadLines
) -> None:
    for line, payout in payouts:
        taken = await index_reads.merchant_paid_at(session, runtime.chain_id, payout)
        if taken is not None:
            bad.add(line, f"merchant {taken.number} is paid at this address", payout)


async def register_shops(
    session: AsyncSession,
    runtime: Runtime,
    raw: bytes,
    *,
    requested_by: str,
    now: int,
) -> list[Intent]:
    """Order the registration of every shop of a table, or of none. Raises CsvInvalid as
    `check_shops`."""
    shops = await check_shops(session, runtime, raw)
    return [
        await register(session, runtime, one.registration, requested_by=requested_by, now=now)
        for one in shops
    ]
