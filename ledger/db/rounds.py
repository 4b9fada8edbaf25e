"""Rounds as they were approved, and the two things that move: a status, and what still stands."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.db.tables_settlement import (
    BankAnswer,
    BankDetail,
    PaymentRound,
    RoundEntry,
    RoundLine,
    RoundPayment,
)
from ledger.domain.bank_answer import PaymentStatus
from ledger.domain.payments import BankAccount, Payment
from ledger.domain.settlement import Entry, Leg, Line, Reason, Round

MADE: Final = "made"
APPROVED: Final = "approved"
WITHDRAWN: Final = "withdrawn"
ROWS_AT_ONCE: Final = 1_000


# ── bank details ─────────────────────────────────────────────────────────────────────────────────


async def add_account(
    session: AsyncSession, merchant: int, account: BankAccount, *, by: str, now: int
) -> None:
    """Keep an account; from now on it is the merchant's."""
    session.add(
        BankDetail(
            merchant=merchant,
            bank=account.bank,
            number=account.number,
            name=account.name,
            set_by=by,
            set_at=now,
        )
    )
    await session.flush()


async def accounts(session: AsyncSession) -> dict[int, BankAccount]:
    """The present account of everybody who has one, by merchant; 0 is the city."""
    last = select(func.max(BankDetail.id)).group_by(col(BankDetail.merchant))
    rows = await session.scalars(select(BankDetail).where(col(BankDetail.id).in_(last)))
    return {
        row.merchant: BankAccount(bank=row.bank, number=row.number, name=row.name) for row in rows
    }


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────


async def next_number(session: AsyncSession) -> int:
    """The number of the next round."""
    last = await session.scalar(select(func.max(PaymentRound.number)))
    return int(last or 0) + 1


async def add_round(session: AsyncSession, made: Round, *, by: str, now: int) -> PaymentRound:
    """Keep a round with its lines and entries; those of paid lines stand from now on."""
    row = PaymentRound(
        number=made.number,
        day=made.day,
        legs=" ".join(sorted(made.legs)),
        minimum=made.minimum,
        total=made.total,
        hash="0x" + made.hash.hex(),
        status=MADE,
        made_by=by,
        made_at=now,
    )
    session.add(row)
    await session.flush()
    await _insert(session, RoundLine, [_line_row(made.number, line) for line in made.lines])
    await _insert(
        session,
        RoundEntry,
        [_entry_row(made.number, line, entry) for line in made.lines for entry in line.entries],
    )
    return row


async def _insert(session: AsyncSession, table: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await session.execute(insert(table), rows[start : start + ROWS_AT_ONCE])


def _line_row(number: int, line: Line) -> dict[str, Any]:
    account = line.account
    return {
        "round": number,
        "merchant": line.merchant,
        "amount": line.amount,
        "reason": line.reason,
        "bank": account and account.bank,
        "number": account and account.number,
        "name": account and account.name,
    }


def _entry_row(number: int, line: Line, entry: Entry) -> dict[str, Any]:
    return {
        "round": number,
        "campaign": entry.campaign,
        "pass_number": entry.pass_number,
        "step": entry.step,
        "leg": entry.leg,
        "voided_at": entry.voided_at,
        "merchant": entry.merchant,
        "amount": entry.amount,
        "day": entry.day,
        "ready": entry.ready,
        "standing": line.reason is None,
    }


async def find_round(session: AsyncSession, number: int) -> PaymentRound | None:
    """A round's row."""
    return await session.get(PaymentRound, number, populate_existing=True)


async def rounds_before(session: AsyncSession, number: int | None, most: int) -> list[PaymentRound]:
    """Rounds, newest first, below a number."""
    query = select(PaymentRound).order_by(col(PaymentRound.number).desc()).limit(most)
    if number is not None:
        query = query.where(col(PaymentRound.number) < number)
    return list(await session.scalars(query))


async def load_round(session: AsyncSession, row: PaymentRound) -> Round:
    """A round out of its rows, as it was made: its hash must be the one kept beside it."""
    entries: dict[int, list[Entry]] = {}
    for entry in await session.scalars(
        select(RoundEntry).where(col(RoundEntry.round) == row.number)
    ):
        entries.setdefault(entry.merchant, []).append(entry_of(entry))
    lines = await session.scalars(
        select(RoundLine)
        .where(col(RoundLine.round) == row.number)
        .order_by(col(RoundLine.merchant))
    )
    return Round(
        number=row.number,
        day=row.day,
        legs=frozenset(Leg(leg) for leg in row.legs.split()),
        minimum=row.minimum,
        lines=tuple(_line_of(line, entries.get(line.merchant, [])) for line in lines),
    )


def _line_of(row: RoundLine, entries: Iterable[Entry]) -> Line:
    account = None
    if row.bank is not None and row.number is not None and row.name is not None:
        account = BankAccount(bank=row.bank, number=row.number, name=row.name)
    return Line(
        merchant=row.merchant,
        amount=row.amount,
        entries=tuple(sorted(entries, key=lambda entry: (entry.day, entry.key))),
        reason=None if row.reason is None else Reason(row.reason),
        account=account,
    )


def entry_of(row: RoundEntry) -> Entry:
    """An entry out of its row."""
    return Entry(
        campaign=row.campaign,
        pass_number=row.pass_number,
        step=row.step,
        leg=Leg(row.leg),
        voided_at=row.voided_at,
        merchant=row.merchant,
        amount=row.amount,
        day=row.day,
        ready=row.ready,
    )


async def decide(session: AsyncSession, number: int, status: str, *, by: str, now: int) -> bool:
    """Approve or withdraw a round that was only made. False if somebody was quicker."""
    moved = await session.execute(
        update(PaymentRound)
        .where(col(PaymentRound.number) == number, col(PaymentRound.status) == MADE)
        .values(status=status, decided_by=by, decided_at=now)
    )
    return cast(CursorResult[Any], moved).rowcount == 1


async def let_go(session: AsyncSession, number: int, merchant: int | None = None) -> None:
    """The entries of a round, or of one of its lines, stand no more: the next round has them."""
    query = update(RoundEntry).where(col(RoundEntry.round) == number, col(RoundEntry.standing))
    if merchant is not None:
        query = query.where(col(RoundEntry.merchant) == merchant)
    await session.execute(query.values(standing=False))


# ── payments ─────────────────────────────────────────────────────────────────────────────────────


async def add_payments(
    session: AsyncSession, number: int, payments: Iterable[Payment], *, now: int
) -> None:
    """Every payment of a round's file is ordered from the bank under its reference."""
    rows = [
        {
            "reference": payment.reference,
            "round": number,
            "merchant": payment.merchant,
            "amount": payment.amount,
            "status": PaymentStatus.ORDERED,
            "reason": "",
            "moved_at": now,
        }
        for payment in payments
    ]
    await _insert(session, RoundPayment, rows)


async def payments_of(session: AsyncSession, number: int) -> dict[str, RoundPayment]:
    """The payments of a round by reference."""
    rows = await session.scalars(
        select(RoundPayment)
        .where(col(RoundPayment.round) == number)
        .order_by(col(RoundPayment.merchant))
        .execution_options(populate_existing=True)
    )
    return {row.reference: row for row in rows}


async def move_payment(
    session: AsyncSession,
    reference: str,
    *,
    before: PaymentStatus,
    after: PaymentStatus,
    reason: str,
    now: int,
) -> bool:
    """Move a payment from where it stands. False if somebody was quicker."""
    moved = await session.execute(
        update(RoundPayment)
        .where(col(RoundPayment.reference) == reference, col(RoundPayment.status) == before)
        .values(status=after, reason=reason, moved_at=now)
    )
    return cast(CursorResult[Any], moved).rowcount == 1


async def find_answer(session: AsyncSession, digest: str) -> BankAnswer | None:
    """An answer that was taken before, by its bytes' hash."""
    return await session.get(BankAnswer, digest)


async def add_answer(session: AsyncSession, answer: BankAnswer) -> None:
    """Keep that an answer was taken."""
    session.add(answer)
    await session.flush()
