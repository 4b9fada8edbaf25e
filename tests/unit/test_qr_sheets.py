"""Printed sheets and cards: every code on every page is read back from the page as a picture."""

from collections.abc import Iterator
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL.Image import Image
from pyzbar import pyzbar

from ledger.errors import InputInvalid, QrInvalid
from ledger.qr.codec import ChargeCode, PaperCode, decode, encode, letters_of
from ledger.qr.scan import scan_any
from ledger.qr.sheets import NAME_LETTERS_MAX, Heading, Printed, card_sheets, coupon_sheets
from tests.printed_letters import letters_on

ORIGIN = "HTTPS://COUPON.MAEHIA.EXAMPLE"
A_PAGE = 10
DOTS_PER_INCH = 200
CUTS = {"coupons": (10.0, 10.0, 95.0, 55.0), "cards": (19.4, 13.5, 85.6, 53.98)}
"""Margins, then width and height of a piece, in millimetres."""
HOSTILE = [
    '#panic("owned") #read("/etc/passwd") #import "x.typ"',
    "<script>alert(1)</script> & </svg> *bold* _it_ $x^2$ `code` \\ \\u{41} // no comment",
    '"}], "papers": [], "x": "',
    "ผู้ว่าราชการจังหวัดให้เงินอุดหนุนค่าอาหารกลางวันแก่ผู้ใหญ่ที่ปั๊มน้ำ" * 150,
    "A" * 10_000,
    "\u202eกลับด้าน\u0000\u2066 ล่องหน\u200b",
    "",
]


def papers(count: int) -> list[Printed]:
    """Papers of different seeds; every third asks for a PIN."""
    return [
        Printed(
            pass_number=number,
            text=encode(
                PaperCode(pin_needed=number % 3 == 0, seed=number.to_bytes(16, "big")),
                ORIGIN,
                b"abcd",
            ),
            pin_needed=number % 3 == 0,
        )
        for number in range(1, count + 1)
    ]


def heading(name: str = "คนละครึ่งแม่เหียะ") -> Heading:
    return Heading(
        city_th="เทศบาลเมืองแม่เหียะ",
        city_en="Mae Hia Town Municipality",
        name_th=name,
        name_en=name,
        amount=200_000,
        ends=1_767_196_800,
    )


def pages(pdf: bytes) -> Iterator[Image]:
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        yield page.render(scale=DOTS_PER_INCH / 72).to_pil().convert("L")
    document.close()


def read_by_zxing(page: Image) -> list[str]:
    found = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    return sorted(code.text for code in found if code.valid)


def read_by_zbar(page: Image) -> list[str]:
    found = pyzbar.decode(page, symbols=[pyzbar.ZBarSymbol.QRCODE])
    return sorted(code.data.decode() for code in found)


def cut(page: Image, left: float, top: float, width: float, height: float) -> list[Image]:
    """The ten pieces of a page, as scissors leave them."""
    dots = DOTS_PER_INCH / 25.4
    return [
        page.crop(
            (
                round((left + width * column) * dots),
                round((top + height * row) * dots),
                round((left + width * (column + 1)) * dots),
                round((top + height * (row + 1)) * dots),
            )
        )
        for row in range(5)
        for column in range(2)
    ]


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return text


@pytest.mark.parametrize("kind", ["coupons", "cards"])
def test_every_code_on_every_page_reads_back_as_exactly_its_own(kind: str) -> None:
    printed = papers(60)
    if kind == "coupons":
        pdf = coupon_sheets(heading(), printed, now=0)
    else:
        pdf = card_sheets("เทศบาลเมืองแม่เหียะ", "Mae Hia", printed, now=0)
    seen = 0
    for start, page in zip(range(0, 60, A_PAGE), pages(pdf), strict=True):
        expected = sorted(paper.text for paper in printed[start : start + A_PAGE])
        assert read_by_zxing(page) == expected
        # zbar overlooks a code now and then among ten: it reads the pieces, cut along the lines.
        pieces = cut(page, *CUTS[kind])
        assert sorted(text for piece in pieces for text in read_by_zbar(piece)) == expected
        seen += len(expected)
    assert seen == 60


@pytest.mark.parametrize("kind", ["coupons", "cards"])
def test_under_each_code_stand_its_letters_and_they_read_back(kind: str) -> None:
    printed = papers(12)
    pdf = coupon_sheets(heading(), printed, now=0)
    if kind == "cards":
        pdf = card_sheets("เทศบาลเมืองแม่เหียะ", "Mae Hia", printed, now=0)
    found = letters_on(pdf)
    assert found == [letters_of(paper.text) for paper in printed]
    for letters, paper in zip(found, printed, strict=True):
        for typed in (letters, letters.lower(), f" {letters} "):
            assert scan_any(typed, b"abcd") == decode(paper.text).code
    charge = encode(ChargeCode(merchant=1, bill=1, reference=bytes(8)), ORIGIN, b"abcd")
    for wrong in (letters_of(charge), found[0][:-1], found[0] + "A", found[0].replace("-", "")):
        with pytest.raises(QrInvalid):
            scan_any(wrong, b"abcd")


def test_a_paper_tells_its_own_last_day_where_it_is_before_the_schemes() -> None:
    paper = papers(1)[0]
    early = replace(paper, valid_until=1_766_250_000)
    said = text_of(coupon_sheets(heading(), [early], now=0))
    assert "20 ธ.ค. 2568" in said and "through 20 Dec 2025" in said
    assert text_of(card_sheets("เมือง", "City", [early], now=0)).count("2568") == 1
    late = replace(paper, valid_until=4_000_000_000)
    for kept in (paper, late):
        said = text_of(coupon_sheets(heading(), [kept], now=0))
        assert "31 ธ.ค. 2568" in said and "2069" not in said
    for endless in (0, 2**40 - 1):
        said = text_of(card_sheets("เมือง", "City", [replace(paper, valid_until=endless)], now=0))
        assert "ใช้ได้" not in said


def test_a_coupon_tells_city_scheme_amount_and_the_buddhist_year() -> None:
    said = text_of(coupon_sheets(heading(), papers(1), now=0))
    for told in ("2,000.00", "2568", "2025", "Mae Hia Town Municipality"):
        assert told in said


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_letters_and_the_codes_stay_readable(name: str) -> None:
    printed = papers(3)
    for pdf in (
        coupon_sheets(heading(name), printed, now=0),
        card_sheets(name, name, printed, now=0),
    ):
        (page,) = pages(pdf)
        assert read_by_zxing(page) == sorted(paper.text for paper in printed)


def test_markup_in_a_name_is_printed_as_it_was_written() -> None:
    said = "".join(text_of(coupon_sheets(heading("#panic() <script> *x* $y$"), papers(1), now=0)))
    assert "#panic() <script> *x* $y$" in said


def test_a_long_thai_name_is_cut_between_letters_never_under_a_tone_mark() -> None:
    said = text_of(coupon_sheets(heading("กั้" * NAME_LETTERS_MAX), papers(1), now=0))
    assert "…" in said


def test_the_same_papers_print_the_same_bytes() -> None:
    first, second = (coupon_sheets(heading(), papers(11), now=7) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("count", [0, 5_001])
def test_none_or_too_many_papers_are_refused(count: int) -> None:
    with pytest.raises(InputInvalid):
        coupon_sheets(heading(), papers(1) * count, now=0)
