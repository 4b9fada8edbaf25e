"""Enrol residents, move a lost phone's pass, suspend one; all or nothing, every bad line named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads, intents, papers
from ledger.db.index_reads import Holding
from ledger.db.tables_papers import PassMove
from ledger.db.tables_till import Intent
from ledger.domain.clock import BANGKOK_OFFSET, TIME_MAX
from ledger.domain.hashing import address_bytes
from ledger.domain.passes import DISTRICT_MAX, PassStatus
from ledger.domain.vocabulary import CLASSES
from ledger.errors import Conflict, CsvInvalid, InputInvalid, UnknownPass
from ledger.services.csv_rows import BadLines, Cells, read_rows, whole_number
from ledger.services.orders import Order, account, place_orders
from ledger.services.runtime import Runtime

ENROL = "enrol_passes"
REBIND = intents.REBIND
CHANGE = "change_pass"

HOLDERS_AT_ONCE: Final = 400
"""A transaction's worth: 22,700 gas a pass leaves room below the cap of 16,777,216."""

_BANGKOK: Final = timezone(timedelta(seconds=BANGKOK_OFFSET))


class Medium(StrEnum):
    """Where a holder's key is kept. Paper is a bearer thing; the key of `paper_pin` is made of the
    printed seed and a PIN, so that a signature of it proves the PIN."""

    PHONE = "phone"
    PAPER = "paper"
    PAPER_PIN = "paper_pin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """One new holder, and the line it stands on in what was sent."""

    line: int
    address: str
    class_: int
    district: int
    valid_from: int = 0
    valid_until: int = 0
    medium: Medium = Medium.PHONE

    @property
    def group(self) -> tuple[int, int, int, int]:
        """What passes enrolled by one transaction share; neighbours get neighbouring numbers."""
        return (self.district, self.class_, self.valid_from, self.valid_until)


Read = Callable[[BadLines], list[Enrolment]]
"""What was sent, in whatever form: each fault is named, and the caller refuses the whole."""


def read_enrolments(raw: bytes) -> list[Enrolment]:
    """The rows of a table, as `rows_of` reads it. Raises CsvInvalid naming every fault of every
    line."""
    bad = BadLines(CsvInvalid)
    found = rows_of(raw)(bad)
    bad.refuse()
    return found


async def check_enrolments(session: AsyncSession, runtime: Runtime, read: Read) -> list[Enrolment]:
    """What was sent, where all of it could be enrolled now.

    Raises CsvInvalid naming every fault of every line at once: what cannot be read, addresses that
    stand there twice or hold a pass already, and validity that ends before it begins.
    """
    bad = BadLines(CsvInvalid)
    found = read(bad)
    await _name_refused(session, runtime, found, bad)
    bad.refuse()
    return found


def rows_of(raw: bytes) -> Read:
    """A table with the columns address, class and district, and maybe valid_from and valid_until
    (Unix seconds, or a date like 2025-10-29: from its midnight in Bangkok, through its last
    second) and medium (phone, paper, paper_pin)."""
    return partial(_readable, raw)


def _readable(raw: bytes, bad: BadLines) -> list[Enrolment]:
    """Each row whose address can be read. One with a fault named in `bad` has zeros in its place,
    and the caller refuses the table."""
    columns, optional = ["address", "class", "district"], ["valid_from", "valid_until", "medium"]
    found = []
    for row in read_rows(raw, columns, bad, optional=optional):
        cells = Cells(row, bad)
        one = Enrolment(
            line=row.line,
            address=cells.read("address", account, ""),
            class_=cells.read("class", _class, 0),
            district=cells.read("district", _district, 0),
            valid_from=cells.read("valid_from", _moment, 0),
            valid_until=cells.read("valid_until", _moment_after, 0),
            medium=cells.read("medium", _medium, Medium.PHONE),
        )
        if one.address:
            found.append(one)
    return found


def _class(text: str) -> int:
    return CLASSES.number(text.lower())


def _district(text: str) -> int:
    return whole_number(text, most=DISTRICT_MAX)


def _medium(text: str) -> Medium:
    try:
        return Medium(text.lower() or Medium.PHONE)
    except ValueError as error:
        why = f"one of {', '.join(Medium)} is needed"
        raise InputInvalid(what="medium", why=why) from error


def _moment(text: str, *, days_later: int = 0) -> int:
    if not text:
        return 0
    try:
        return whole_number(text, most=TIME_MAX)
    except InputInvalid:
        try:
            day = date.fromisoformat(text) + timedelta(days=days_later)
        except (ValueError, OverflowError) as error:
            why = "neither Unix seconds nor a date like 2025-10-29"
            raise InputInvalid(what="moment", why=why) from error
        return int(datetime.combine(day, time(), _BANGKOK).timestamp())


def _moment_after(text: str) -> int:
    """The first moment at which something that lasts through a day is over."""
    return _moment(text, days_later=1)


async def _name_refused(
    session: AsyncSession, runtime: Runtime, enrolments: Sequence[Enrolment], bad: BadLines
) -> None:
    seen: dict[str, int] = {}
    holding = await index_reads.holders_among(
        session, runtime.chain_id, [one.address for one in enrolments]
    )
    for one in enrolments:
        if one.address in seen:
            bad.add(one.line, f"the address of line {seen[one.address]} again", one.address)
        if one.address in holding:
            bad.add(one.line, f"holds pass {holding[one.address]} already", one.address)
        if one.valid_until and one.valid_until <= one.valid_from:
            bad.add(one.line, "valid_until is not after valid_from")
        seen.setdefault(one.address, one.line)


async def enrol(
    session: AsyncSession,
    runtime: Runtime,
    read: Read,
    *,
    requested_by: str,
    now: int,
) -> list[Intent]:
    """Order the enrolment of all, in as many transactions as it takes; or refuse all. Raises
    CsvInvalid as `check_enrolments`."""
    enrolments = await check_enrolments(session, runtime, read)
    await _remember_paper(session, [(one.address, one.medium) for one in enrolments], now=now)
    return await place_orders(
        session, runtime, _orders(enrolments), requested_by=requested_by, now=now
    )


def _orders(enrolments: Sequence[Enrolment]) -> list[Order]:
    groups: dict[tuple[int, int, int, int], list[str]] = {}
    for one in enrolments:
        groups.setdefault(one.group, []).append(one.address)
    orders = []
    for (district, class_, valid_from, valid_until), addresses in sorted(groups.items()):
        for start in range(0, len(addresses), HOLDERS_AT_ONCE):
            some = addresses[start : start + HOLDERS_AT_ONCE]
            holders = b"".join(address_bytes(address) for address in some)
            orders.append(
                Order(
                    kind=ENROL,
                    signer="registrar",
                    contract="CityPass",
                    function="enrol",
                    arguments=[class_, district, valid_from, valid_until, holders],
                    about={"count": len(some), "district": district, "class": class_},
                )
            )
    return orders


async def _remember_paper(
    session: AsyncSession, keys: Sequence[tuple[str, Medium]], *, now: int
) -> None:
    on_paper = [
        (address, medium is Medium.PAPER_PIN)
        for address, medium in keys
        if medium is not Medium.PHONE
    ]
    await papers.add_keys(session, on_paper, now=now)


async def rebind(
    session: AsyncSession,
    runtime: Runtime,
    number: int,
    to: str,
    *,
    requested_by: str,
    now: int,
    reason: str = "",
    medium: Medium = Medium.PHONE,
) -> Intent:
    """Order a pass to move to another address, with every unspent coupon, and write down who asked
    and why. From this transaction's commit on the till takes nothing from the old key.

    Raises UnknownPass; Conflict where the new address holds a pass or is about to, and where the
    pass is on its way to another address already.
    """
    await papers.hold_pass(session, runtime.chain_id, number)
    holding = await pass_numbered(session, runtime, number)
    new = account(to, what="to")
    other = await index_reads.pass_held_by(session, runtime.chain_id, new)
    awaited = other.pass_.number if other else await papers.under_way_to(session, new)
    if awaited is not None:
        raise Conflict(
            what="to",
            why=f"pass {awaited} is held by this address",
            why_th=f"ที่อยู่นี้ถือบัตรที่ {awaited} อยู่แล้ว",
        )
    if await papers.gave_away(session, number, holding.holder):
        raise Conflict(
            what="pass",
            why=f"pass {number} is moving to another address already",
            why_th=f"บัตรที่ {number} กำลังย้ายไปที่อยู่อื่น",
        )
    order = Order(
        kind=REBIND,
        signer="registrar",
        contract="CityPass",
        function="rebind",
        arguments=[holding.holder, new],
        pass_number=number,
        about={"pass": number, "from": holding.holder, "to": new, "reason": reason},
    )
    (intent,) = await place_orders(session, runtime, [order], requested_by=requested_by, now=now)
    await _remember_paper(session, [(new, medium)], now=now)
    move = PassMove(
        pass_number=number,
        from_address=holding.holder,
        to_address=new,
        medium=medium.value,
        reason=reason,
        requested_by=requested_by,
        asked_at=now,
        intent_id=intent.id,
    )
    await papers.add_move(session, move)
    return intent


async def change_status(
    session: AsyncSession,
    runtime: Runtime,
    number: int,
    status: PassStatus,
    *,
    reason: str,
    requested_by: str,
    now: int,
) -> Intent:
    """Order a pass to be suspended, made active, or ended. Raises UnknownPass."""
    holding = await pass_numbered(session, runtime, number)
    pass_ = holding.pass_
    order = Order(
        kind=CHANGE,
        signer="registrar",
        contract="CityPass",
        function="change",
        arguments=[
            holding.holder,
            pass_.class_,
            pass_.district,
            pass_.valid_from,
            pass_.valid_until,
            int(status),
        ],
        about={"pass": number, "status": status.name.lower(), "reason": reason},
    )
    (intent,) = await place_orders(session, runtime, [order], requested_by=requested_by, now=now)
    return intent


async def pass_numbered(session: AsyncSession, runtime: Runtime, number: int) -> Holding:
    """A pass and who holds it. Raises UnknownPass."""
    holding = await index_reads.pass_of(session, runtime.chain_id, number)
    if holding is None:
        raise UnknownPass(**{"pass": number})
    return holding


async def held_by(
    session: AsyncSession, runtime: Runtime, addresses: Sequence[str]
) -> list[Holding]:
    """The passes that some of these addresses hold now, by number."""
    found = {}
    for address in addresses:
        holding = await index_reads.pass_held_by(session, runtime.chain_id, address)
        if holding is not None:
            found[holding.pass_.number] = holding
    return [found[number] for number in sorted(found)]


async def pass_of_holder(session: AsyncSession, runtime: Runtime, holder: str) -> Holding:
    """The pass an address holds. Raises UnknownPass."""
    holding = await index_reads.pass_held_by(session, runtime.chain_id, holder)
    if holding is None:
        raise UnknownPass(holder=holder)
    return holding
