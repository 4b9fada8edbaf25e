"""A picture is read as drawn, and a damaged file is refused: no decoder's own error comes out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import QrInvalid
from ledger.qr.codec import ChargeCode, encode
from ledger.qr.image import png, read_png

TEXT = encode(
    ChargeCode(merchant=12, bill=12_500, reference=bytes(range(8))),
    "HTTPS://MAEHIA.EXAMPLE",
    bytes.fromhex("918626a9"),
)
PICTURE = png(TEXT, scale=4)


@settings(max_examples=60)
@given(st.binary(min_size=8, max_size=8), st.integers(0, 2**32 - 1), st.integers(2, 8))
def test_every_charge_reads_back_from_its_picture(reference: bytes, bill: int, scale: int) -> None:
    code = ChargeCode(merchant=12, bill=bill, reference=reference)
    text = encode(code, "HTTPS://MAEHIA.EXAMPLE", b"\1\2\3\4")
    assert read_png(png(text, scale=scale)) == text


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(PICTURE) - 1), st.integers(0, 255)), max_size=6))
def test_a_file_with_changed_bytes_is_a_text_or_refused(
    changes: list[tuple[int, int]],
) -> None:
    damaged = bytearray(PICTURE)
    for position, byte in changes:
        damaged[position] = byte
    _text_or_refused(bytes(damaged))


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_behind_a_png_signature_are_a_text_or_refused(rest: bytes) -> None:
    _text_or_refused(b"\x89PNG\r\n\x1a\n" + rest)
    _text_or_refused(rest)


def _text_or_refused(data: bytes) -> None:
    try:
        assert isinstance(read_png(data), str)
    except QrInvalid as refused:
        assert refused.details["reason"].startswith("qr_picture_")
