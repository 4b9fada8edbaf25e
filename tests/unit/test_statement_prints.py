"""What is printed adds up, is in Thai with every mark in its place, and a name stays a name."""

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.campaign import returned_shares
from ledger.domain.funder_statement import (
    By,
    Contributed,
    FundedCampaign,
    FunderStatement,
    funder_csv,
    funder_html,
    funder_statement,
    paid_by,
)
from ledger.domain.settlement import Leg, Reason
from ledger.domain.statement import AccountRow, ClosingAccount, Place, Statement, StatementRow
from ledger.errors import InputInvalid
from ledger.services import statement_pdf
from tests.unit.test_qr_sheets import HOSTILE

CITY = "เทศบาลเมืองแม่เหียะ"
NOW = 1_761_800_000
FIRST, SECOND = "0x" + "Ab" * 20, "0x" + "Cd" * 20
TONES = "ปั๊มน้ำ ผู้ใหญ่ที่น้ำใจ ก๋วยเตี๋ยว"


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(text.replace("\u200b", "").split())


def entry(**changes: object) -> StatementRow:
    plain: dict[str, object] = {
        "redemption": "rdm_abcdefghijklmnopqrstuvwx", "campaign": 1, "leg": Leg.CITY,
        "day": 20_390, "amount": 12_345, "place": Place.WAITING,
    }  # fmt: skip
    return StatementRow(**(plain | changes))  # type: ignore[arg-type]


def statement(name: str = TONES, rows: int = 3) -> Statement:
    entries = (
        entry(place=Place.PAID, round=1, paid_on=20_391),
        entry(place=Place.CARRIED, reason=Reason.BANK_DETAILS_MISSING),
    )
    every = (*entries, *(entry() for _ in range(rows - 2)))
    total = sum(each.amount for each in every)
    return Statement(
        merchant=3, name_th=name, name_en=name, day=20_400, rows=every, on_chain=total,
        settled=entries[0].amount,
    )  # fmt: skip


def test_a_shops_statement_is_printed_thai_first_in_the_buddhist_era() -> None:
    pdf = statement_pdf.statement_pdf(statement(), city_th=CITY, now=NOW)
    text = text_of(pdf)
    assert pdf.startswith(b"%PDF-") and pdf == statement_pdf.statement_pdf(
        statement(), city_th=CITY, now=NOW
    )
    assert text.index("ใบแจ้งยอดร้าน 3") < text.index("Statement of shop 3")
    assert "8/11/2568" in text and "29/10/2568" in text and "30/10/2568" in text
    assert "370.35" in text and "123.45" in text
    assert "ยอดตรงกันทุกสตางค์" in text and "bank details are missing" in text
    assert CITY in text and "หน้า 1 / 1" in text


def test_no_tone_mark_is_lost_and_no_line_touches_the_next() -> None:
    """Marks stand above and below letters: white between the lines means that none is cut."""
    pdf = statement_pdf.statement_pdf(statement(), city_th=CITY, now=NOW)
    page = pypdfium2.PdfDocument(pdf)[0]
    assert TONES in text_of(pdf)
    picture = page.render(scale=3).to_pil().convert("L")
    dark = [min(picture.crop((0, y, picture.width, y + 1)).tobytes()) < 128 for y in range(900)]
    runs = "".join("#" if each else " " for each in dark).split()
    assert len(runs) > 8 and max(map(len, runs[:6])) < 90


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_name_on_paper(name: str) -> None:
    text = text_of(statement_pdf.statement_pdf(statement(name), city_th=name, now=NOW))
    assert "ใบแจ้งยอดร้าน 3" in text and "\u202e" not in text
    if name.startswith("<script>"):
        assert "<script>alert(1)</script>" in text.replace(" ", "")


def test_a_statement_too_long_for_paper_says_what_takes_more() -> None:
    long = statement(rows=statement_pdf.ROWS_MAX + 1)
    with pytest.raises(InputInvalid, match="CSV or XLSX"):
        statement_pdf.statement_pdf(long, city_th=CITY, now=NOW)


def test_a_closing_account_has_room_for_two_signatures() -> None:
    rows = (
        AccountRow(what="funded", th="เงินสมทบ", en="funded", amount=500_000),
        AccountRow(what="paid", th="จ่ายแล้ว", en="paid", amount=-400_000),
        AccountRow(what="returned", th="คืนผู้สมทบ", en="returned to funders", amount=-100_000),
    )
    whole = ClosingAccount(campaign=1, rows=rows)
    text = text_of(statement_pdf.account_pdf(whole, city_th=CITY, day=20_400, now=NOW))
    assert "เหรัญญิก" in text and "ผู้อนุมัติ" in text and "ยอดตรงกันทุกสตางค์" in text
    broken = ClosingAccount(campaign=1, rows=rows[:2])
    text = text_of(statement_pdf.account_pdf(broken, city_th=CITY, day=20_400, now=NOW))
    assert "IT DOES NOT AGREE" in text


# ── funders ──────────────────────────────────────────────────────────────────────────────────────

amounts = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)
given_amounts = st.lists(st.integers(1, 10**10), min_size=1, max_size=8)


@given(amounts, given_amounts)
def test_shares_add_up_both_ways_and_agree_with_the_sweep(
    spent: list[int], given_: list[int]
) -> None:
    total = sum(given_)
    spent = [min(each, total // len(spent)) for each in spent]
    paid = [paid_by(spent, given_, index) for index in range(len(given_))]
    assert [sum(column) for column in zip(*paid, strict=True)] == spent
    back = returned_shares(total - sum(spent), given_)
    assert [sum(row) for row in paid] == [
        amount - returned for amount, returned in zip(given_, back, strict=True)
    ]
    for index, row in enumerate(paid):
        for share, amount in zip(row, spent, strict=True):
            assert abs(share * total - amount * given_[index]) < 2 * total


def funded(*, closed: bool) -> FundedCampaign:
    spent = {
        By.CATEGORY: {0: 100_001, 1: 50_000},
        By.DISTRICT: {1: 150_001},
        By.DAY: {20_390: 75_000, 20_391: 75_001},
    }
    back = returned_shares(800_001 - 150_001, [500_000, 300_001]) if closed else [None, None]
    return FundedCampaign(
        number=1,
        contributions=(
            Contributed(number=1, funder=FIRST, amount=500_000, returned=back[0]),
            Contributed(number=2, funder=SECOND, amount=300_001, returned=back[1]),
        ),
        spent=spent,
    )


def both(*, closed: bool) -> list[FunderStatement]:
    return [funder_statement(each, [funded(closed=closed)], day=20_400) for each in (FIRST, SECOND)]


@pytest.mark.parametrize("closed", [False, True])
def test_what_all_funders_bought_is_what_was_bought(closed: bool) -> None:
    statements = both(closed=closed)
    assert all(each.agrees for each in statements)
    assert sum(each.bought for each in statements) == 150_001
    for by in By:
        for bucket, amount in funded(closed=closed).spent[by].items():
            assert sum(each.shares[by][bucket] for each in statements) == amount
    assert [line.left for each in statements for line in each.lines] == (
        [0, 0] if closed else [406_249, 243_751]
    )


def test_a_funders_statement_is_told_as_table_page_and_print() -> None:
    (_, second) = both(closed=False)
    table = funder_csv(second)
    assert "contribution,bought,1,56250,562.50\r\n" in table
    assert "category,restaurant,,37500,375.00\r\n" in table and "day,2025-10-29,,28125" in table
    page = funder_html(second)
    assert SECOND in page and "8/11/2568" in page and "restaurants" in page
    text = text_of(statement_pdf.funder_pdf(second, city_th=CITY, now=NOW))
    assert "ใบแจ้งผู้สมทบทุน" in text and "562.50" in text and "ยอดตรงกันทุกสตางค์" in text
