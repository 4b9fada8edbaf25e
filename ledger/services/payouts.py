"""The bank's two files: what it is to pay out of an approved round, and what it answers."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_settlement, rounds
from ledger.db.tables_settlement import BankAnswer, PaymentRound
from ledger.domain.bank_answer import Answer, Change, PaymentStatus, match
from ledger.domain.bank_layout import (
    LAYOUT_FOLDER,
    BankLayout,
    layout_named,
    read_layout,
    render_payout,
)
from ledger.domain.bank_layout_answer import read_answer
from ledger.domain.pain001 import render_pain001
from ledger.domain.pain002 import read_pain002
from ledger.domain.payments import (
    Payment,
    PaymentFile,
    bad_line,
    file_reference,
    payment_reference,
    round_of_reference,
)
from ledger.domain.settlement import Round
from ledger.errors import BankFileInvalid, Conflict, InputInvalid, NotFound, WrongState
from ledger.services.rounds_on_chain import chain_state, record_file
from ledger.services.runtime import Runtime
from ledger.services.settle import CITY, round_numbered

LAYOUT_NAME: Final = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
NEUTRAL: Final = "iso20022"
"""The layout of pain.001 and pain.002; every other name is a layout that is data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """A file for the bank, the same bytes each time it is asked for."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of an answer. `repeated`: the same bytes were taken before, and nothing moved."""

    round: int
    repeated: bool
    changes: tuple[Change, ...]


async def payout_file(
    session: AsyncSession, runtime: Runtime, number: int, layout: str, *, now: int
) -> Payout:
    """The payout file of a round whose tokens are burnt for good. Its hash goes to the chain, and
    its payments are ordered, the first time it is given out.

    Raises UnknownRound, WrongState before that and for a round that pays nobody, Conflict while
    the city's own account is not known, NotFound for an unknown layout, BankFileInvalid naming
    each payment that does not fit the layout.
    """
    row, found = await round_numbered(session, number)
    file = await _file(session, runtime, row, found)
    if layout == NEUTRAL:
        name, media_type, content = f"{file.reference}.xml", "application/xml", render_pain001(file)
    else:
        content = render_payout(_layout(runtime, layout), file)
        name, media_type = f"{file.reference}.txt", "text/plain"
    if not await rounds.payments_of(session, number):
        await rounds.add_payments(session, number, file.payments, now=now)
    await record_file(
        session,
        runtime,
        row,
        digest=sha256_of(content),
        payments=file.count,
        total=file.total,
        now=now,
    )
    return Payout(name=name, media_type=media_type, content=content)


def sha256_of(content: bytes) -> str:
    """The name of a file's bytes, as `sha256sum` says it, with 0x before it."""
    return "0x" + hashlib.sha256(content).hexdigest()


def _layout(runtime: Runtime, name: str) -> BankLayout:
    """The city's own layout of this name, from `bank_layouts` in its home; else an example.

    Raises NotFound, InputInvalid for a file that is no layout.
    """
    if LAYOUT_NAME.fullmatch(name) is None:
        raise NotFound(what="bank layout", which=name[:40])
    try:
        own = (runtime.settings.home / LAYOUT_FOLDER / f"{name}.json").read_text("utf-8")
    except OSError:
        return layout_named(name)
    except UnicodeDecodeError as error:
        raise InputInvalid(what="bank layout", why="not UTF-8") from error
    return read_layout(own)


async def _file(
    session: AsyncSession, runtime: Runtime, row: PaymentRound, found: Round
) -> PaymentFile:
    if row.status != rounds.APPROVED or row.decided_at is None:
        raise WrongState(what=f"round {row.number}", state=row.status, needs=rounds.APPROVED)
    state, on_chain, _ = await chain_state(session, runtime, row)
    if state != "final" or on_chain is None:
        needs = "settled on the chain for good" if row.total else "somebody to pay"
        raise WrongState(what=f"round {row.number}", state=state, needs=needs)
    settled = await index_settlement.merchants_of(session, runtime.chain_id, on_chain.number)
    debtor = (await rounds.accounts(session)).get(CITY)
    if debtor is None:
        raise Conflict(
            what="the city's account",
            why="nobody has given the city's account yet",
            why_th="ยังไม่มีผู้บันทึกบัญชีธนาคารของเมือง",
        )
    tag = runtime.deployment.tag
    payments = []
    for line in found.paid:
        assert line.account is not None, "a paid line has an account"
        if line.merchant not in settled:
            # The round was cut short before its page.
            continue
        payments.append(
            Payment(
                reference=payment_reference(tag, row.number, line.merchant),
                merchant=line.merchant,
                account=line.account,
                amount=line.amount,
            )
        )
    return PaymentFile(
        reference=file_reference(tag, row.number),
        round=row.number,
        created_at=row.decided_at,
        pay_on=row.day,
        debtor=debtor,
        payments=tuple(payments),
    )


async def take_answer(
    session: AsyncSession,
    runtime: Runtime,
    raw: bytes,
    layout: str,
    *,
    requested_by: str,
    now: int,
) -> Taken:
    """Take the bank's answer: whole, or refused with its lines. A returned payment's entries wait
    for the next round, once; the same bytes again change nothing.

    Raises BankFileInvalid, UnknownRound, NotFound for an unknown layout, and as `payout_file`.
    """
    digest = sha256_of(raw)
    before = await rounds.find_answer(session, digest)
    if before is not None:
        return Taken(round=before.round, repeated=True, changes=())
    neutral = layout == NEUTRAL
    answer = read_pain002(raw) if neutral else read_answer(_layout(runtime, layout), raw)
    number = _round_of(answer, runtime)
    row, found = await round_numbered(session, number)
    file = await _file(session, runtime, row, found)
    payments = await rounds.payments_of(session, number)
    if not payments:
        raise WrongState(what=f"round {number}", state="settled", needs="its file given out")
    standing = {name: PaymentStatus(payment.status) for name, payment in payments.items()}
    changes = match(answer, file, standing)
    for change in changes:
        await _move(session, number, change, before=standing[change.reference], now=now)
    kept = BankAnswer(
        hash=digest,
        round=number,
        layout=layout,
        moved=len(changes),
        taken_by=requested_by,
        taken_at=now,
    )
    await rounds.add_answer(session, kept)
    return Taken(round=number, repeated=False, changes=changes)


def _round_of(answer: Answer, runtime: Runtime) -> int:
    number = round_of_reference(answer.reference)
    if number is None or answer.reference != file_reference(runtime.deployment.tag, number):
        why = f"{answer.reference[:40]!r} is no file of this city's"
        raise BankFileInvalid(rows=[bad_line(answer.line, why)])
    return number


async def _move(
    session: AsyncSession, number: int, change: Change, *, before: PaymentStatus, now: int
) -> None:
    moved = await rounds.move_payment(
        session,
        change.reference,
        before=before,
        after=change.status,
        reason=change.reason,
        now=now,
    )
    if not moved:
        raise Conflict(
            what=change.reference,
            why="another answer moved it at the same moment",
            why_th="คำตอบอีกไฟล์เปลี่ยนรายการนี้ในเวลาเดียวกัน",
        )
    if change.status is PaymentStatus.RETURNED:
        await rounds.let_go(session, number, change.merchant)
