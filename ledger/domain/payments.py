"""A payment file as every bank's layout is written from it: whom, how much, under which name.

Names are checked where they come in and again where they go out: no text of ours may become a
delimiter, a new line or a spreadsheet's formula in a bank's program.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.errors import BankFileInvalid, InputInvalid

NAME_LETTERS_MAX: Final = 70
PAYMENTS_MAX: Final = 100_000
_BANK: Final = re.compile(r"[0-9]{3}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{10,15}", re.ASCII)
_REFERENCE: Final = re.compile(r"NKH-[0-9a-f]{8}-R([0-9]{6,10})(?:-M([0-9]{6,10}))?", re.ASCII)
_FORMULA_STARTS: Final = "=+-@"
_DELIMITERS: Final = frozenset(',;|\t"`\\<>')


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """An account at a Thai bank: the bank's three digits, the account's, and whose it is."""

    bank: str
    number: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One shop's payment. `reference` is its end-to-end id, by which the bank answers."""

    reference: str
    merchant: int
    account: BankAccount
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFile:
    """All payments of one round. `pay_on` is a day's number, `created_at` Unix seconds."""

    reference: str
    round: int
    created_at: int
    pay_on: int
    debtor: BankAccount
    payments: tuple[Payment, ...]

    @property
    def count(self) -> int:
        """How many payments."""
        return len(self.payments)

    @property
    def total(self) -> int:
        """What they come to, in satang."""
        return sum(payment.amount for payment in self.payments)


def file_reference(tag: bytes, number: int) -> str:
    """The name of a round's file, at most 35 characters: the deployment's tag and the round."""
    return f"NKH-{tag.hex()}-R{number:06d}"


def payment_reference(tag: bytes, number: int, merchant: int) -> str:
    """The end-to-end id of one shop's payment in a round, at most 35 characters."""
    return f"{file_reference(tag, number)}-M{merchant:06d}"


def round_of_reference(reference: str) -> int | None:
    """The round that a file's or a payment's reference names, or None."""
    found = _REFERENCE.fullmatch(reference)
    return None if found is None else int(found[1])


def bank_account(*, bank: str, number: str, name: str) -> BankAccount:
    """An account as somebody typed it. Raises InputInvalid for digits or a name no bank takes."""
    if _BANK.fullmatch(bank) is None:
        raise InputInvalid(what="bank", why="the three digits of a Thai bank are needed")
    digits = number.replace("-", "").replace(" ", "")
    if _NUMBER.fullmatch(digits) is None:
        raise InputInvalid(what="account", why="10 to 15 digits are needed")
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if why := name_fault(plain):
        raise InputInvalid(what="account name", why=why)
    return BankAccount(bank=bank, number=digits, name=plain)


def name_fault(name: str) -> str | None:
    """Why a bank's file cannot carry a name, or None."""
    if not name or len(name) > NAME_LETTERS_MAX:
        return f"1 to {NAME_LETTERS_MAX} characters are needed"
    if name[0] in _FORMULA_STARTS:
        return f"it begins with {name[0]}, as a formula does"
    if any(letter in _DELIMITERS for letter in name):
        return "it holds a character that separates fields"
    if any(unicodedata.category(letter)[0] in "CZ" and letter != " " for letter in name):
        return "it holds a character that cannot be seen"
    try:
        name.encode("tis-620")
    except UnicodeEncodeError:
        return "only Thai and Latin letters are taken"
    return None


def check_file(file: PaymentFile) -> None:
    """Refuse a file that no bank should get: BankFileInvalid names each bad line, from 1."""
    rows = list(_faults(file))
    if rows:
        raise BankFileInvalid(rows=rows)


def _faults(file: PaymentFile) -> Iterable[dict[str, object]]:
    if not 1 <= file.count <= PAYMENTS_MAX:
        yield bad_line(0, f"1 to {PAYMENTS_MAX} payments are needed, not {file.count}")
    if why := name_fault(file.debtor.name):
        yield bad_line(0, f"the payer's name: {why}")
    seen: set[str] = set()
    for line, payment in enumerate(file.payments, start=1):
        if payment.amount <= 0:
            yield bad_line(line, f"{payment.amount} satang cannot be paid")
        if payment.reference in seen or round_of_reference(payment.reference) != file.round:
            yield bad_line(line, "its reference is another's, or another round's")
        if why := name_fault(payment.account.name):
            yield bad_line(line, f"the shop's name: {why}")
        seen.add(payment.reference)


def bad_line(line: int, why: str) -> dict[str, object]:
    """A row of BankFileInvalid."""
    return {"line": line, "row": line, "why": why}


def plain_baht(satang: int) -> str:
    """Satang as baht without thousands: 123450 → "1234.50"."""
    assert satang >= 0, satang
    return f"{satang // 100}.{satang % 100:02d}"
