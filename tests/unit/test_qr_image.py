"""Pictures of codes, read back by zxing-cpp and, independently, by zbar."""

from __future__ import annotations

import io
import struct
import time
import zlib

import pytest
import segno
from PIL import Image, ImageDraw
from pyzbar import pyzbar

from ledger.errors import QrInvalid
from ledger.qr.codec import TEXT_LENGTH_MAX, Code, encode
from ledger.qr.emvco import encode_charge
from ledger.qr.image import (
    FILE_BYTES_MAX,
    QUIET_MODULES,
    SIDE_MAX,
    png,
    read_png,
    symbol,
    terminal,
)
from tests.unit.test_qr_codec import (
    CHARGE,
    EVERY_KIND,
    LONGEST_ORIGIN,
    ORIGIN,
    PAPER,
    PRESENT,
    RECEIPT,
    TAG,
)


def png_of(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def reason_of(data: bytes) -> str:
    with pytest.raises(QrInvalid) as refused:
        read_png(data)
    return str(refused.value.details["reason"])


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize("origin", [ORIGIN, LONGEST_ORIGIN, "HTTP://127.0.0.1:8000"])
@pytest.mark.parametrize("code", EVERY_KIND)
@pytest.mark.parametrize("scale", [3, 8])
def test_two_unrelated_decoders_read_our_pictures(code: Code, origin: str, scale: int) -> None:
    text = encode(code, origin, TAG)
    data = png(text, scale=scale)
    assert read_png(data) == text
    found = pyzbar.decode(Image.open(io.BytesIO(data)), symbols=[pyzbar.ZBarSymbol.QRCODE])
    assert [one.data.decode() for one in found] == [text]


def test_both_decoders_read_the_emvco_form() -> None:
    text = encode_charge(CHARGE, TAG, shop="Khao Soi Mae Sai", city="MAE HIA")
    data = png(text)
    assert read_png(data) == text
    [found] = pyzbar.decode(Image.open(io.BytesIO(data)), symbols=[pyzbar.ZBarSymbol.QRCODE])
    assert found.data.decode() == text


@pytest.mark.parametrize(
    ("code", "length", "version"),
    [(PRESENT, 168, 7), (CHARGE, 59, 3), (PAPER, 61, 3), (RECEIPT, 240, 9)],
)
def test_a_code_has_the_size_that_the_record_of_the_wire_format_states(
    code: Code, length: int, version: int
) -> None:
    """A cheap camera reads signed codes up to version 8, and live ones with a reference up to 4."""
    text = encode(code, ORIGIN, TAG)
    assert (len(text), symbol(text).version) == (length, version)


@pytest.mark.parametrize("code", EVERY_KIND)
def test_a_code_is_no_larger_than_its_alphanumeric_symbol_of_level_m(code: Code) -> None:
    text = encode(code, ORIGIN, TAG)
    model = segno.make(text, error="m", boost_error=False, micro=False, mode="alphanumeric")
    assert symbol(text).version == model.version


def test_a_present_code_still_reads_under_a_drop_of_coffee() -> None:
    text = encode(PRESENT, ORIGIN, TAG)
    picture = Image.open(io.BytesIO(png(text))).convert("L")
    side = picture.width
    # Level M repairs 15 % of the codewords.
    spot = side * 16 // 100
    middle = side // 2
    ImageDraw.Draw(picture).ellipse(
        (middle - spot // 2, middle - spot // 2, middle + spot // 2, middle + spot // 2), fill=128
    )
    assert read_png(png_of(picture)) == text


@pytest.mark.parametrize("turn", [90, 180, 270, 17])
def test_a_turned_picture_reads(turn: int) -> None:
    text = encode(CHARGE, ORIGIN, TAG)
    picture = Image.open(io.BytesIO(png(text))).convert("L")
    assert read_png(png_of(picture.rotate(turn, expand=True, fillcolor=255))) == text


def test_a_picture_with_a_transparent_background_reads() -> None:
    text = encode(CHARGE, ORIGIN, TAG)
    grey = Image.open(io.BytesIO(png(text))).convert("L")
    clear = Image.new("RGBA", grey.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=grey.point(lambda shade: 255 - shade))
    assert read_png(png_of(clear)) == text


def test_the_quiet_zone_is_white_on_every_side() -> None:
    picture = Image.open(io.BytesIO(png(encode(CHARGE, ORIGIN, TAG), scale=2))).convert("L")
    border = QUIET_MODULES * 2
    inner = picture.crop((border, border, picture.width - border, picture.height - border))
    assert picture.width == inner.width + 2 * border
    picture.paste(255, (border, border, picture.width - border, picture.height - border))
    assert picture.getextrema() == (255, 255)


@pytest.mark.parametrize("dark_background", [True, False])
def test_the_terminal_picture_shows_the_same_modules(dark_background: bool) -> None:
    text = encode(CHARGE, ORIGIN, TAG)
    lines = terminal(text, dark_background=dark_background).split("\n")
    ink = {" ": (0, 0), "▄": (0, 1), "▀": (1, 0), "█": (1, 1)}
    picture = Image.new("L", (len(lines[0]), 2 * len(lines)))
    for y, line in enumerate(lines):
        assert len(line) == len(lines[0])
        for x, block in enumerate(line):
            for lower, inked in enumerate(ink[block]):
                light = bool(inked) == dark_background
                picture.putpixel((x, 2 * y + lower), 255 if light else 0)
    assert read_png(png_of(picture.resize((picture.width * 4, picture.height * 4)))) == text


@pytest.mark.parametrize("scale", [0, -1, 41, 10**9])
def test_a_scale_out_of_bounds_is_refused(scale: int) -> None:
    with pytest.raises(QrInvalid) as refused:
        png("A", scale=scale)
    assert refused.value.details["reason"] == "qr_field_out_of_range"


@pytest.mark.parametrize("draw", [png, terminal, symbol])
def test_a_text_beyond_the_limit_is_not_drawn(draw: object) -> None:
    assert callable(draw)
    with pytest.raises(QrInvalid) as refused:
        draw("A" * (TEXT_LENGTH_MAX + 1))
    assert refused.value.details["reason"] == "qr_too_long"
    with pytest.raises(QrInvalid):
        draw("")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bytes(10_000),
        b"\xff" * 10_000,
        "คูปอง".encode(),
    ],
)
def test_bytes_that_are_no_png_are_refused(data: bytes) -> None:
    assert reason_of(data) == "qr_picture_unreadable"


def test_another_picture_format_is_refused_without_being_opened() -> None:
    picture = Image.open(io.BytesIO(png(encode(CHARGE, ORIGIN, TAG))))
    for form in ("GIF", "BMP", "TIFF"):
        written = io.BytesIO()
        picture.save(written, form)
        assert reason_of(written.getvalue()) == "qr_picture_unreadable"


def test_a_picture_without_a_code_is_said_to_be_empty() -> None:
    assert reason_of(png_of(Image.new("L", (200, 200), 255))) == "qr_picture_empty"
    assert reason_of(png_of(Image.new("L", (1, 1), 0))) == "qr_picture_empty"


def test_a_picture_with_two_different_codes_is_ambiguous_and_with_two_equal_ones_is_not() -> None:
    one = Image.open(io.BytesIO(png(encode(CHARGE, ORIGIN, TAG))))
    two = Image.open(io.BytesIO(png(encode(PAPER, ORIGIN, TAG))))
    page = Image.new("L", (one.width + two.width, max(one.height, two.height)), 255)
    page.paste(one, (0, 0))
    page.paste(two, (one.width, 0))
    assert reason_of(png_of(page)) == "qr_picture_ambiguous"
    page.paste(one, (one.width, 0))
    assert read_png(png_of(page)) == encode(CHARGE, ORIGIN, TAG)


def test_a_bar_code_that_is_no_qr_is_not_read() -> None:
    import zxingcpp

    drawn = zxingcpp.create_barcode("4006381333931", zxingcpp.BarcodeFormat.EAN13)
    picture = zxingcpp.write_barcode_to_image(drawn, scale=4)
    height, width = picture.shape
    page = Image.frombytes("L", (width, height), memoryview(picture).tobytes())  # type: ignore[arg-type]
    assert reason_of(png_of(page)) == "qr_picture_empty"


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    assert reason_of(bytes(FILE_BYTES_MAX + 1)) == "qr_picture_too_large"


@pytest.mark.parametrize(
    ("width", "height"),
    [
        (6_000, 6_000),
        (11_000, 11_000),
        (60_000, 60_000),
        (2**31 - 1, 2**31 - 1),
        (1, SIDE_MAX + 1),
        (70_000, 1),
    ],
)
def test_a_picture_bomb_is_refused_before_it_is_unpacked(width: int, height: int) -> None:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )
    began = time.perf_counter()
    assert reason_of(bomb) == "qr_picture_too_large"
    assert time.perf_counter() - began < 1


def test_an_animation_that_contradicts_itself_is_refused_or_read_as_its_picture() -> None:
    text = encode(CHARGE, ORIGIN, TAG)
    good = png(text)
    position = 8 + 25
    odd = good[:position] + chunk(b"acTL", bytes(8)) + good[position:]
    try:
        assert read_png(odd) == text
    except QrInvalid as refused:
        assert refused.details["reason"] == "qr_picture_unreadable"


def test_a_text_chunk_bomb_is_refused() -> None:
    good = png(encode(CHARGE, ORIGIN, TAG))
    text = b"Comment\0\0" + zlib.compress(bytes(200_000_000))
    position = 8 + 25
    bomb = good[:position] + chunk(b"zTXt", text) + good[position:]
    assert reason_of(bomb) == "qr_picture_unreadable"


def test_a_picture_cut_anywhere_is_refused_or_still_the_same() -> None:
    text = encode(CHARGE, ORIGIN, TAG)
    data = png(text)
    for length in range(0, len(data), 7):
        try:
            assert read_png(data[:length]) == text
        except QrInvalid as refused:
            assert refused.details["reason"] == "qr_picture_unreadable"


def test_a_code_of_bytes_with_a_nul_reads_as_a_text_and_is_not_ours() -> None:
    foreign = segno.make(b"\0\xff\xfe nakhon", mode="byte", micro=False)
    written = io.BytesIO()
    foreign.save(written, kind="png", scale=8)
    assert isinstance(read_png(written.getvalue()), str)


def test_a_receipt_is_read_back_from_the_smallest_scale_we_print() -> None:
    text = encode(RECEIPT, ORIGIN, TAG)
    assert read_png(png(text, scale=2)) == text
