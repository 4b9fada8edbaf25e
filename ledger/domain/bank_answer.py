"""What a bank answered, in whatever form, and what it changes: matched by reference alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.domain.payments import PaymentFile, bad_line
from ledger.errors import BankFileInvalid

ANSWER_BYTES_MAX: Final = 20_000_000
REASON_LETTERS_MAX: Final = 105


class PaymentStatus(StrEnum):
    """The life of one payment."""

    ORDERED = "ordered"
    PAID = "paid"
    RETURNED = "returned"


NEXT: Final[dict[PaymentStatus, frozenset[PaymentStatus]]] = {
    PaymentStatus.ORDERED: frozenset({PaymentStatus.PAID, PaymentStatus.RETURNED}),
    PaymentStatus.PAID: frozenset({PaymentStatus.RETURNED}),  # the other bank sends it back later
    PaymentStatus.RETURNED: frozenset(),  # its entries are in a later round by now
}
assert NEXT.keys() == set(PaymentStatus), "every status needs a row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the bank says of one payment, and on which line. `amount` None: it does not repeat it.

    `status` ORDERED means that the bank has taken it and not decided yet.
    """

    line: int
    reference: str
    status: PaymentStatus
    amount: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer file. `whole` is what it says of all payments it does not name, if anything;
    `sent_count` and `sent_total` are the figures of our file as the bank repeats them."""

    reference: str
    line: int
    outcomes: tuple[Outcome, ...]
    whole: PaymentStatus | None = None
    sent_count: int | None = None
    sent_total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A payment that moves, and why the bank says so."""

    merchant: int
    reference: str
    status: PaymentStatus
    reason: str


def match(
    answer: Answer, file: PaymentFile, standing: Mapping[str, PaymentStatus]
) -> tuple[Change, ...]:
    """What an answer changes of the payments of a file, whose present statuses are `standing`.

    Raises BankFileInvalid naming every line that is another round's, another amount, unknown, said
    twice, or not possible from where the payment stands. All of an answer is taken, or none.
    """
    rows = _head_faults(answer, file)
    payments = {payment.reference: payment for payment in file.payments}
    said: dict[str, int] = {}
    changes = []
    for outcome in answer.outcomes:
        payment = payments.get(outcome.reference)
        if payment is None:
            rows.append(bad_line(outcome.line, f"{outcome.reference!r} is no payment of this file"))
            continue
        if outcome.reference in said:
            why = f"the payment of line {said[outcome.reference]} again"
            rows.append(bad_line(outcome.line, why))
            continue
        said[outcome.reference] = outcome.line
        if outcome.amount not in (None, payment.amount):
            why = f"{outcome.amount} satang where {payment.amount} were ordered"
            rows.append(bad_line(outcome.line, why))
        before = standing[outcome.reference]
        if outcome.status in (before, PaymentStatus.ORDERED):
            continue
        if outcome.status not in NEXT[before]:
            rows.append(bad_line(outcome.line, f"{outcome.status} after it was {before}"))
            continue
        changes.append(
            Change(
                merchant=payment.merchant,
                reference=payment.reference,
                status=outcome.status,
                reason=outcome.reason,
            )
        )
    if rows:
        raise BankFileInvalid(rows=rows)
    return (*changes, *_of_the_rest(answer, file, standing, said))


def _head_faults(answer: Answer, file: PaymentFile) -> list[dict[str, object]]:
    rows = []
    if answer.reference != file.reference:
        why = f"it answers {answer.reference!r}, and this is {file.reference!r}"
        rows.append(bad_line(answer.line, why))
    if answer.sent_count not in (None, file.count):
        why = f"it answers {answer.sent_count} payments, and {file.count} were sent"
        rows.append(bad_line(answer.line, why))
    if answer.sent_total not in (None, file.total):
        why = f"it answers {answer.sent_total} satang, and {file.total} were sent"
        rows.append(bad_line(answer.line, why))
    return rows


def _of_the_rest(
    answer: Answer,
    file: PaymentFile,
    standing: Mapping[str, PaymentStatus],
    said: Mapping[str, int],
) -> list[Change]:
    """A word about the whole file moves what was only ordered; what has moved stays."""
    if answer.whole is None or answer.whole is PaymentStatus.ORDERED:
        return []
    return [
        Change(
            merchant=payment.merchant,
            reference=payment.reference,
            status=answer.whole,
            reason="",
        )
        for payment in file.payments
        if payment.reference not in said and standing[payment.reference] is PaymentStatus.ORDERED
    ]
