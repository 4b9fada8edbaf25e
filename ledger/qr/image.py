"""Pictures of codes: PNG and terminal out, PNG in. Every size has a limit."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Final

import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

from ledger.qr.codec import TEXT_LENGTH_MAX
from ledger.qr.faults import QrFault, invalid

QUIET_MODULES: Final = 4
"""The empty border the standard asks for (ISO/IEC 18004, 6.3.8)."""
SCALE_MAX: Final = 40
FILE_BYTES_MAX: Final = 8 * 1024 * 1024
PIXELS_MAX: Final = 24_000_000
SIDE_MAX: Final = 16_384

_FORMATS: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

# What Pillow raises for bytes that are no PNG, or a broken one. It also warns, and a process may
# have made its warnings errors.
_BROKEN_PICTURE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    OverflowError,
    struct.error,
    zlib.error,
    Warning,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """The modules of a code without its border: `rows[y][x]` is true where it is dark."""

    version: int
    rows: tuple[tuple[bool, ...], ...]


def symbol(text: str) -> Symbol:
    """Draw a text as a QR symbol of error correction M, in the smallest version that holds it.

    Upper-case texts of ours come out in alphanumeric mode. Raises QrInvalid (`qr_too_long`) beyond
    TEXT_LENGTH_MAX, and `qr_not_ours` for an empty text.
    """
    if not text:
        raise invalid(QrFault.NOT_OURS)
    if len(text) > TEXT_LENGTH_MAX:
        raise invalid(QrFault.TOO_LONG, length=len(text), length_max=TEXT_LENGTH_MAX)
    drawn = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    drawn.add_data(text)
    drawn.make(fit=True)
    rows = tuple(tuple(bool(module) for module in row) for row in drawn.modules)
    return Symbol(version=drawn.version, rows=rows)


def png(text: str, *, scale: int = 8) -> bytes:
    """Return the picture of a text as PNG, `scale` pixels a module, with its quiet zone.

    Raises QrInvalid as `symbol`, and `qr_field_out_of_range` for a scale outside 1 … SCALE_MAX.
    """
    if not 1 <= scale <= SCALE_MAX:
        raise invalid(QrFault.FIELD_OUT_OF_RANGE, field="scale", value=str(scale)[:40])
    rows = symbol(text).rows
    modules = len(rows)
    dark = Image.frombytes("L", (modules, modules), bytes(0 if x else 255 for r in rows for x in r))
    side = modules + 2 * QUIET_MODULES
    page = Image.new("1", (side, side), 1)
    page.paste(dark, (QUIET_MODULES, QUIET_MODULES))
    page = page.resize((side * scale, side * scale), Image.Resampling.NEAREST)
    written = io.BytesIO()
    page.save(written, "PNG")
    return written.getvalue()


def terminal(text: str, *, dark_background: bool = True) -> str:
    """Return the picture as lines of half blocks, two modules a character, with its quiet zone.

    Light modules are drawn in the terminal's foreground, which suits a dark background; for black
    letters on white pass `dark_background=False`. Raises QrInvalid as `symbol`.
    """
    rows = symbol(text).rows
    empty = (False,) * (len(rows) + 2 * QUIET_MODULES)
    quiet = (False,) * QUIET_MODULES
    padded = [empty] * QUIET_MODULES
    padded += [quiet + row + quiet for row in rows]
    padded += [empty] * QUIET_MODULES
    if len(padded) % 2:
        padded.append(empty)
    blocks = " ▄▀█"
    return "\n".join(
        "".join(
            blocks[2 * (upper != dark_background) + (lower != dark_background)]
            for upper, lower in zip(padded[y], padded[y + 1], strict=True)
        )
        for y in range(0, len(padded), 2)
    )


def read_png(data: bytes) -> str:
    """Return the text of the one QR code in a PNG. It is only text: decode it to learn what it is.

    Raises QrInvalid: `qr_picture_too_large` beyond FILE_BYTES_MAX, PIXELS_MAX or SIDE_MAX (looked
    up before a pixel is unpacked), `qr_picture_unreadable`, `qr_picture_empty`, and
    `qr_picture_ambiguous` when the picture shows different codes, since which one was meant is not
    ours to guess.
    """
    if len(data) > FILE_BYTES_MAX:
        raise invalid(QrFault.PICTURE_TOO_LARGE, bytes=len(data), bytes_max=FILE_BYTES_MAX)
    found = zxingcpp.read_barcodes(
        _shades(data), formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain
    )
    texts = {code.text for code in found if code.valid}
    if not texts:
        raise invalid(QrFault.PICTURE_EMPTY)
    if len(texts) > 1:
        raise invalid(QrFault.PICTURE_AMBIGUOUS, codes=len(texts))
    return texts.pop()


def _shades(data: bytes) -> Image.Image:
    """Unpack a PNG to grey on white, or refuse it."""
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG",))
        pixels = picture.width * picture.height
        if pixels <= PIXELS_MAX and max(picture.size) <= SIDE_MAX:
            # Transparent is what the paper shows through: white.
            layered = picture.convert("RGBA")
            page = Image.new("RGBA", picture.size, "white")
            return Image.alpha_composite(page, layered).convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise invalid(QrFault.PICTURE_TOO_LARGE, pixels_max=PIXELS_MAX) from None
    except _BROKEN_PICTURE:
        raise invalid(QrFault.PICTURE_UNREADABLE) from None
    raise invalid(QrFault.PICTURE_TOO_LARGE, pixels=pixels, pixels_max=PIXELS_MAX)
