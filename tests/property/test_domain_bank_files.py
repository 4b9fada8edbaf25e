"""Bank files under any bytes: read, or refused by line; and no change of one goes unnoticed."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.bank_answer import Answer, PaymentStatus, match
from ledger.domain.bank_layout import BankLayout, example_layouts, render_payout
from ledger.domain.bank_layout_answer import read_answer
from ledger.domain.pain001 import render_pain001
from ledger.domain.pain002 import read_pain002
from ledger.domain.payments import (
    BankAccount,
    Payment,
    PaymentFile,
    bank_account,
    file_reference,
    name_fault,
    payment_reference,
)
from ledger.errors import BankFileInvalid, InputInvalid
from tests.bank_simulator import Bank

TAG: Final = bytes.fromhex("a1b2c3d4")
LAYOUTS: Final = sorted(example_layouts().values(), key=lambda layout: layout.name)
THAI_NAMES = st.text(
    st.one_of(
        st.characters(min_codepoint=0x0E01, max_codepoint=0x0E2E), st.sampled_from("aZ &.'()")
    ),
    min_size=1,
    max_size=70,
)


def file_of(amounts: list[int], name: str = "ร้าน") -> PaymentFile:
    return PaymentFile(
        reference=file_reference(TAG, 3),
        round=3,
        created_at=1_761_800_000,
        pay_on=20_391,
        debtor=BankAccount(bank="004", number="1234567890", name="เทศบาล"),
        payments=tuple(
            Payment(
                reference=payment_reference(TAG, 3, number),
                merchant=number,
                account=BankAccount(bank="006", number=f"{10**9 + number}", name=name),
                amount=amount,
            )
            for number, amount in enumerate(amounts, start=1)
        ),
    )


AMOUNTS = st.lists(st.integers(1, 2**40), min_size=1, max_size=8)


@given(st.binary(max_size=400))
def test_any_bytes_are_an_answer_or_refused_by_line(raw: bytes) -> None:
    with contextlib.suppress(BankFileInvalid):
        read_pain002(raw)
    for layout in LAYOUTS:
        with contextlib.suppress(BankFileInvalid):
            read_answer(layout, raw)


@given(AMOUNTS, THAI_NAMES)
def test_every_form_of_a_file_says_the_same_payments(amounts: list[int], name: str) -> None:
    try:
        account = bank_account(bank="006", number="1234567890", name=name)
    except InputInvalid:
        return
    file = file_of(amounts, account.name)
    neutral = Bank()
    neutral.take_pain001(render_pain001(file))
    assert [p.amount for p in neutral.payments] == amounts
    for layout in LAYOUTS:
        other = Bank()
        other.take_layout(layout, render_payout(layout, file))
        assert other.payments == neutral.payments


@given(AMOUNTS, st.data())
def test_what_a_bank_decides_is_what_is_read_whatever_the_form(
    amounts: list[int], data: st.DataObject
) -> None:
    file = file_of(amounts)
    numbers = [payment.account.number for payment in file.payments]
    bank = Bank(closed=set(data.draw(st.lists(st.sampled_from(numbers), unique=True))))
    bank.take_pain001(render_pain001(file))
    ordered = {payment.reference: PaymentStatus.ORDERED for payment in file.payments}
    changes = match(read_pain002(bank.answer_pain002()), file, ordered)
    told = {change.merchant: change.status for change in changes}
    assert told == {
        payment.merchant: PaymentStatus.RETURNED
        if payment.account.number in bank.closed
        else PaymentStatus.PAID
        for payment in file.payments
    }
    for layout in LAYOUTS:
        other = match(read_answer(layout, bank.answer_layout(layout)), file, ordered)
        assert {change.merchant: change.status for change in other} == told


@cache
def _honest(name: str) -> tuple[PaymentFile, bytes]:
    file = file_of([123_450, 5, 99_999])
    bank = Bank(closed={file.payments[1].account.number})
    bank.take_pain001(render_pain001(file))
    layout = example_layouts().get(name)
    return file, bank.answer_pain002() if layout is None else bank.answer_layout(layout)


def _read(name: str, raw: bytes) -> Answer:
    layout: BankLayout | None = example_layouts().get(name)
    return read_pain002(raw) if layout is None else read_answer(layout, raw)


@given(
    st.sampled_from(["iso20022", *example_layouts()]),
    st.integers(0, 10_000),
    st.integers(0, 255),
    st.sampled_from(["change", "cut", "drop"]),
)
def test_a_changed_byte_never_moves_another_payment_or_another_amount(
    name: str, at: int, byte: int, how: str
) -> None:
    file, raw = _honest(name)
    at %= len(raw)
    altered = {
        "change": raw[:at] + bytes([byte]) + raw[at + 1 :],
        "cut": raw[:at],
        "drop": raw[:at] + raw[at + 1 :],
    }[how]
    ordered = {payment.reference: PaymentStatus.ORDERED for payment in file.payments}
    honest = match(_read(name, raw), file, ordered)
    try:
        told = match(_read(name, altered), file, ordered)
    except BankFileInvalid as refused:
        assert all(row["why"] for row in refused.details["rows"])
        return
    # What is still taken differs in the bank's reason or in a space, and in nothing that pays.
    assert [(c.merchant, c.status) for c in told] == [(c.merchant, c.status) for c in honest]


@given(st.text(max_size=80))
def test_a_name_that_is_taken_is_one_field_in_every_form(name: str) -> None:
    try:
        account = bank_account(bank="006", number="1234567890", name=name)
    except InputInvalid:
        return
    assert name_fault(account.name) is None
    assert not set(account.name) & set(',;|\t\r\n"<>') and account.name[0] not in "=+-@"
