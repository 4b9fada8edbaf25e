"""The text of every QR code: one spelling for each value, and no other error than QrInvalid.

    ORIGIN/Q/BODY         BODY = base32 of  kind (1) · deployment tag (4) · fields

The layouts are those of docs/wire-format.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from ledger.qr.faults import QrFault, invalid
from ledger.qr.origin import is_origin

TEXT_LENGTH_MAX: Final = 300
VERSION: Final = 1
TAG_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentCode:
    """A resident's signed redemption for whoever scans it; the figures are maxima, in satang."""

    campaign: int
    bill: int
    amount: int
    copay: int
    signed_at: int
    r: bytes
    vs: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeCode:
    """What a merchant asks for. `bill` 0 is a stand: the resident types the bill.

    It carries no name: the name a resident sees is the registered one of this number.
    """

    merchant: int
    bill: int
    reference: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCode:
    """The seed of a paper coupon's key. Whoever holds it (and the PIN, if any) can spend it."""

    pin_needed: bool
    seed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCode:
    """The sequencer's signed promise, whole: checking it needs only its address."""

    campaign: int
    pass_number: int
    merchant: int
    bill: int
    amount: int
    copay: int
    signed_at: int
    accepted_at: int
    policy: bytes
    r: bytes
    vs: bytes


Code = PresentCode | ChargeCode | PaperCode | ReceiptCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A code as read: where it points, whose deployment it belongs to, and what it says."""

    origin: str
    tag: bytes
    code: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """One kind: its number, its class, and its fields in order as (name, bytes, type)."""

    kind: int
    make: type[Code]
    fields: tuple[tuple[str, int, type], ...]

    @property
    def size(self) -> int:
        return 1 + TAG_BYTES + sum(width for _name, width, _type in self.fields)


_LAYOUTS: Final = (
    _Layout(
        kind=0x11,
        make=PresentCode,
        fields=(
            ("campaign", 4, int),
            ("bill", 4, int),
            ("amount", 3, int),
            ("copay", 4, int),
            ("signed_at", 5, int),
            ("r", 32, bytes),
            ("vs", 32, bytes),
        ),
    ),
    _Layout(
        kind=0x12,
        make=ChargeCode,
        fields=(("merchant", 4, int), ("bill", 4, int), ("reference", 8, bytes)),
    ),
    _Layout(
        kind=0x13,
        make=PaperCode,
        fields=(("pin_needed", 1, bool), ("seed", 16, bytes)),
    ),
    _Layout(
        kind=0x14,
        make=ReceiptCode,
        fields=(
            ("campaign", 4, int),
            ("pass_number", 4, int),
            ("merchant", 4, int),
            ("bill", 4, int),
            ("amount", 3, int),
            ("copay", 4, int),
            ("signed_at", 5, int),
            ("accepted_at", 5, int),
            ("policy", 32, bytes),
            ("r", 32, bytes),
            ("vs", 32, bytes),
        ),
    ),
)
_BY_KIND: Final = {layout.kind: layout for layout in _LAYOUTS}
_BY_CLASS: Final = {layout.make: layout for layout in _LAYOUTS}
assert all(layout.kind >> 4 == VERSION for layout in _LAYOUTS), "the high nibble is the version"

_SHAPE: Final = re.compile(r"(?P<origin>HTTPS?://[A-Z0-9.:-]+)/Q/(?P<body>[A-Z2-7]*)", re.ASCII)
_LETTERS: Final = re.compile(r"(?:[A-Z2-7]{4}-){5,}[A-Z2-7]{1,4}", re.ASCII)


def encode(code: Code, origin: str, tag: bytes) -> str:
    """Return the one text of `code`, upper-case, at most TEXT_LENGTH_MAX characters.

    `origin` is as `origin_of` writes it, `tag` the deployment's four bytes. Raises QrInvalid
    (`qr_field_out_of_range`, `qr_origin_invalid`) for anything that would not read back the same.
    """
    if not is_origin(origin):
        raise invalid(QrFault.ORIGIN_INVALID, url=origin[:80])
    return f"{origin}/Q/{encode_body(code, tag)}"


def decode(text: str) -> Scanned:
    """Read any text. Returns what `encode` would write back as the same text, or raises QrInvalid.

    It does not look at whose deployment the code belongs to: `ledger.qr.scan` does.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise invalid(QrFault.TOO_LONG, length=len(text), length_max=TEXT_LENGTH_MAX)
    found = _SHAPE.fullmatch(text)
    if found is None or not is_origin(found["origin"]):
        raise invalid(_fault_of_shape(text))
    tag, code = decode_body(found["body"])
    return Scanned(origin=found["origin"], tag=tag, code=code)


def _fault_of_shape(text: str) -> QrFault:
    """Tell a code of ours that was re-typed (case, blanks around it) from somebody else's text."""
    retyped = text.strip(" \t\r\n\0\ufeff")
    found = _SHAPE.fullmatch(retyped.upper()) if retyped.isascii() else None
    ours = found is not None and is_origin(found["origin"])
    return QrFault.NOT_CANONICAL if ours else QrFault.NOT_OURS


def encode_body(code: Code, tag: bytes) -> str:
    """Return BODY alone, which the EMVCo form of a charge carries too. Raises as `encode`."""
    layout = _BY_CLASS[type(code)]
    parts = [bytes([layout.kind]), _fitted("tag", tag, TAG_BYTES)]
    parts += [_fitted(name, getattr(code, name), width) for name, width, _type in layout.fields]
    return base64.b32encode(b"".join(parts)).decode().rstrip("=")


def letters_of(text: str) -> str:
    """Return BODY of a code's text in groups of four, for whoever has no camera to type."""
    body = text.rpartition("/Q/")[2]
    return "-".join(body[start : start + 4] for start in range(0, len(body), 4))


def body_of_letters(typed: str) -> str | None:
    """Return BODY of what `letters_of` wrote, in any case; None for any other text."""
    letters = typed.strip().upper()
    return letters.replace("-", "") if _LETTERS.fullmatch(letters) else None


def _fitted(name: str, value: int | bytes, width: int) -> bytes:
    """Return exactly `width` bytes, or refuse: nothing is cut or filled up."""
    if isinstance(value, bytes):
        if len(value) != width:
            raise invalid(QrFault.FIELD_OUT_OF_RANGE, field=name, length=len(value))
        return value
    if not 0 <= value < 256**width:
        raise invalid(QrFault.FIELD_OUT_OF_RANGE, field=name, value=str(value)[:40])
    return int(value).to_bytes(width, "big")


def decode_body(body: str) -> tuple[bytes, Code]:
    """Read BODY into the deployment tag and the code. Raises QrInvalid for any other text."""
    raw = _decode_base32(body)
    layout = _layout_of(raw)
    if len(raw) < layout.size:
        raise invalid(QrFault.TRUNCATED, length=len(raw), needed=layout.size)
    if len(raw) > layout.size:
        raise invalid(QrFault.NOT_CANONICAL, length=len(raw), needed=layout.size)
    tag, position = raw[1 : 1 + TAG_BYTES], 1 + TAG_BYTES
    values: dict[str, int | bytes] = {}
    for name, width, kind in layout.fields:
        values[name] = _value_of(raw[position : position + width], kind)
        position += width
    return tag, layout.make(**values)  # type: ignore[arg-type] # the layout pairs names and types


def _decode_base32(body: str) -> bytes:
    try:
        raw = base64.b32decode(body + "=" * (-len(body) % 8))
    except binascii.Error:
        # 1, 3 or 6 characters beyond a multiple of eight stand for no whole number of bytes.
        raise invalid(QrFault.TRUNCATED, length=len(body)) from None
    except ValueError:
        raise invalid(QrFault.NOT_OURS) from None
    if base64.b32encode(raw).decode().rstrip("=") != body:
        # The unused low bits of the last character were not zero.
        raise invalid(QrFault.NOT_CANONICAL)
    return raw


def _layout_of(raw: bytes) -> _Layout:
    if not raw:
        raise invalid(QrFault.TRUNCATED, length=0)
    if raw[0] >> 4 != VERSION:
        raise invalid(QrFault.VERSION_UNKNOWN, version=raw[0] >> 4)
    layout = _BY_KIND.get(raw[0])
    if layout is None:
        raise invalid(QrFault.KIND_UNKNOWN, kind=raw[0])
    return layout


def _value_of(raw: bytes, kind: type) -> int | bytes:
    if kind is bytes:
        return raw
    number = int.from_bytes(raw, "big")
    if kind is int:
        return number
    if number > 1:
        # The other flags are reserved: a reader that ignored one would not know what it agreed to.
        raise invalid(QrFault.NOT_CANONICAL, flags=number)
    return bool(number)
