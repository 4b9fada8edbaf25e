"""Close the books: one officer makes a round, another approves it; then nothing of it changes."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import campaign_people, index_reads, index_settlement, rounds
from ledger.db.tables_settlement import PaymentRound
from ledger.db.unsettled import ENTRIES_MAX, Unsettled, final_height, unsettled
from ledger.domain.business_days import BusinessDays, thai_calendar
from ledger.domain.clock import bangkok_day
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.payments import BankAccount
from ledger.domain.settled_lines import lines_of
from ledger.domain.settlement import (
    COVER_PASS,
    LAG_DAYS,
    Entry,
    Leg,
    Payee,
    Round,
    make_round,
    ready_day,
    void_ready_day,
)
from ledger.errors import (
    Conflict,
    InputInvalid,
    RoundNeedsAnother,
    UnknownMerchant,
    UnknownRound,
    WrongState,
)
from ledger.services.rounds_on_chain import give_up
from ledger.services.runtime import Runtime

CITY: Final = 0
"""The merchant number of the city's own account."""
MERCHANTS_AT_ONCE: Final = 1_000


async def set_account(
    session: AsyncSession,
    runtime: Runtime,
    merchant: int,
    account: BankAccount,
    *,
    requested_by: str,
    now: int,
) -> None:
    """Keep where a shop, or the city (0), has its money. Rounds already made keep the account they
    were made with. Raises UnknownMerchant."""
    if merchant != CITY:
        found = await index_reads.merchant_of(session, runtime.chain_id, merchant)
        if found is None:
            raise UnknownMerchant(merchant=merchant)
    await rounds.add_account(session, merchant, account, by=requested_by, now=now)


async def make(
    session: AsyncSession,
    runtime: Runtime,
    *,
    legs: frozenset[Leg],
    minimum: int,
    requested_by: str,
    now: int,
) -> tuple[PaymentRound, Round]:
    """Make today's round of everything final and due. Its paid lines' entries are taken.

    Raises WrongState on a day that banks do not work, InputInvalid when nothing is due, Conflict
    when another officer made a round at the same moment.
    """
    made = make_round(
        await rounds.next_number(session),
        bangkok_day(now),
        legs,
        await waiting_entries(session, runtime),
        await _payees(session, runtime),
        thai_calendar(),
        minimum=minimum,
    )
    if not made.lines:
        raise InputInvalid(what="round", why="nothing is due today")
    try:
        row = await rounds.add_round(session, made, by=requested_by, now=now)
    except IntegrityError as error:
        raise Conflict(
            what="round",
            why="another round was made at the same moment",
            why_th="มีผู้จัดทำอีกรอบในเวลาเดียวกัน",
        ) from error
    return row, made


async def waiting_entries(
    session: AsyncSession, runtime: Runtime, *, merchant: int = 0, campaign: int = 0
) -> list[Entry]:
    """Everything the chain finally took that stands in no paid line, due or not; of one merchant
    or campaign where it is named."""
    final = await final_height(session, runtime.chain_id, runtime.settings.confirmations)
    found = await unsettled(
        session, runtime.chain_id, final=final, merchant=merchant, campaign=campaign
    )
    if len(found) >= ENTRIES_MAX:
        raise InputInvalid(what="round", why=f"more than {ENTRIES_MAX} entries wait")
    calendar = thai_calendar()
    return [_entry(calendar, each) for each in found]


def _entry(calendar: BusinessDays, row: Unsettled) -> Entry:
    day = bangkok_day(row.at)
    ready = ready_day(calendar, bangkok_day(row.taken_at), LAG_DAYS)
    if row.voided_at:
        ready = void_ready_day(day, ready)
    elif row.pass_number == COVER_PASS:
        ready = day
    return Entry(
        campaign=row.campaign,
        pass_number=row.pass_number,
        step=row.step,
        leg=row.leg,
        voided_at=row.voided_at,
        merchant=row.merchant,
        amount=row.amount,
        day=day,
        ready=ready,
    )


def due_day(now: int) -> int | None:
    """The first day on which what a shop takes now may be paid. None past the years of which the
    calendar knows the holidays: no date is better than a wrong one."""
    try:
        return ready_day(thai_calendar(), bangkok_day(now), LAG_DAYS)
    except InputInvalid:
        return None


async def _payees(session: AsyncSession, runtime: Runtime) -> dict[int, Payee]:
    accounts = await rounds.accounts(session)
    payees: dict[int, Payee] = {}
    page: Sequence[Merchant] = ()
    while True:
        page = await index_reads.merchants_after(
            session,
            runtime.chain_id,
            after=page[-1].number if page else 0,
            most=MERCHANTS_AT_ONCE,
        )
        for found in page:
            payees[found.number] = Payee(
                merchant=found.number, status=found.status, account=accounts.get(found.number)
            )
        if len(page) < MERCHANTS_AT_ONCE:
            return payees


async def round_numbered(session: AsyncSession, number: int) -> tuple[PaymentRound, Round]:
    """A round with all its lines. Raises UnknownRound; Conflict when its rows are not those that
    its hash was made of: somebody changed them."""
    row = await rounds.find_round(session, number)
    if row is None:
        raise UnknownRound(round=number)
    found = await rounds.load_round(session, row)
    if "0x" + found.hash.hex() != row.hash or found.total != row.total:
        raise Conflict(
            what=f"round {number}",
            why="its lines are not those that were approved",
            why_th="รายการไม่ตรงกับที่อนุมัติไว้",
        )
    return row, found


async def approve(
    session: AsyncSession,
    runtime: Runtime,
    number: int,
    *,
    seen: str,
    requested_by: str,
    now: int,
) -> PaymentRound:
    """Approve a round whose hash the second person has `seen`: it goes to the chain, and from
    there to the bank.

    Raises UnknownRound, RoundNeedsAnother for who made it, with this key or another of the same
    name, WrongState unless it waits for approval, and for a shop that was suspended or voided so
    much meanwhile that the chain would not pay its line, Conflict when it is not the round seen.
    """
    row, found = await round_numbered(session, number)
    if row.status != rounds.MADE:
        raise WrongState(what=f"round {number}", state=row.status, needs=rounds.MADE)
    names = await campaign_people.names_of(session, {row.made_by, requested_by})
    name = names.get(requested_by)
    if row.made_by == requested_by or (name is not None and names.get(row.made_by) == name):
        raise RoundNeedsAnother(round=number)
    if seen != row.hash:
        raise Conflict(
            what=f"round {number}", why=f"its hash is {row.hash}", why_th=f"แฮชของรอบนี้คือ {row.hash}"
        )
    await _refuse_suspended(session, runtime, found)
    await _refuse_voided(session, runtime, found)
    await _decide(session, number, rounds.APPROVED, requested_by=requested_by, now=now)
    return await _again(session, number)


async def _refuse_suspended(session: AsyncSession, runtime: Runtime, found: Round) -> None:
    """A shop suspended since the round was made is not paid: make the round anew."""
    payees = await _payees(session, runtime)
    for line in found.paid:
        if payees[line.merchant].status is MerchantStatus.SUSPENDED:
            raise WrongState(what=f"merchant {line.merchant}", state="suspended", needs="active")


async def _refuse_voided(session: AsyncSession, runtime: Runtime, found: Round) -> None:
    """The chain pays nobody more than its credit: after such a void, make the round anew."""
    lines = lines_of(found)
    for line in await index_settlement.short_lines(session, runtime.chain_id, lines):
        raise WrongState(what=f"merchant {line.merchant}", state="voided since", needs="unchanged")


async def withdraw(
    session: AsyncSession, runtime: Runtime, number: int, *, requested_by: str, now: int
) -> PaymentRound:
    """Give up a round: its entries wait for the next one. Of an approved one that the chain has
    begun with, what is settled stays, and the chain is told first.

    Raises UnknownRound; WrongState for a round that is settled, withdrawn, or on its way.
    """
    row, _ = await round_numbered(session, number)
    if row.status == rounds.APPROVED:
        await give_up(session, runtime, row, requested_by=requested_by, now=now)
        return await _again(session, number)
    if row.status != rounds.MADE:
        raise WrongState(what=f"round {number}", state=row.status, needs=rounds.MADE)
    await _decide(session, number, rounds.WITHDRAWN, requested_by=requested_by, now=now)
    await rounds.let_go(session, number)
    return await _again(session, number)


async def _decide(
    session: AsyncSession, number: int, status: str, *, requested_by: str, now: int
) -> None:
    if not await rounds.decide(session, number, status, by=requested_by, now=now):
        raise Conflict(
            what=f"round {number}",
            why="another officer decided at the same moment",
            why_th="เจ้าหน้าที่อีกคนตัดสินในเวลาเดียวกัน",
        )


async def _again(session: AsyncSession, number: int) -> PaymentRound:
    row = await rounds.find_round(session, number)
    assert row is not None, "it was found in this transaction"
    return row
