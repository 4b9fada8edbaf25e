"""A charge in the form of EMVCo's merchant-presented QR (EMV QRCPS-MPM 1.1): TLV with a CRC.

Its account template is Nakhon's own and holds the same BODY as the web form, so that both say the
same. It never carries a PromptPay identifier: no bank app must take a coupon for a transfer.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final

from ledger.qr.codec import ChargeCode, decode_body, encode_body
from ledger.qr.faults import QrFault, invalid

TEXT_LENGTH_MAX: Final = 300
SHOP_LENGTH_MAX: Final = 25
CITY_LENGTH_MAX: Final = 15
GLOBAL_ID: Final = "TH.NAKHON"

_PRINTABLE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?", re.ASCII)
_HEAD: Final = "000201"
_CRC_HEAD: Final = "6304"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmvCharge:
    """A charge as read from TLV.

    `shop` and `city` are what the paper claims, for showing beside a refusal. The name to trust is
    the registered one of `code.merchant`.
    """

    tag: bytes
    code: ChargeCode
    shop: str
    city: str


def is_emvco(text: str) -> bool:
    """Whether a text begins as every merchant-presented code does, whoever issued it."""
    return text.startswith(_HEAD)


def crc_ccitt_false(data: bytes) -> int:
    """Return CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected.

    `b"123456789"` gives 0x29B1.
    """
    return binascii.crc_hqx(data, 0xFFFF)


def shop_label(name: str, merchant: int) -> str:
    """Return a name the form can carry: printable ASCII, one blank at a time, 25 characters.

    Everything else is dropped; `MERCHANT n` stands in where nothing is left.
    """
    kept = "".join(letter if " " < letter <= "~" else " " for letter in name)
    label = " ".join(kept.split())[:SHOP_LENGTH_MAX].strip()
    return label or f"MERCHANT {merchant}"


def encode_charge(code: ChargeCode, tag: bytes, *, shop: str, city: str) -> str:
    """Return the one TLV text of a charge. Raises QrInvalid for what does not fit its field."""
    _check_label("shop", shop, SHOP_LENGTH_MAX)
    _check_label("city", city, CITY_LENGTH_MAX)
    template = _tlv("00", GLOBAL_ID) + _tlv("01", encode_body(code, tag))
    text = (
        _HEAD
        + _tlv("01", "12" if code.bill else "11")
        + _tlv("26", template)
        + _tlv("52", "5812")
        + _tlv("53", "764")
        + (_tlv("54", f"{code.bill // 100}.{code.bill % 100:02d}") if code.bill else "")
        + _tlv("58", "TH")
        + _tlv("59", shop)
        + _tlv("60", city)
        + _tlv("62", _tlv("05", code.reference.hex().upper()))
        + _CRC_HEAD
    )
    return text + f"{crc_ccitt_false(text.encode()):04X}"


def decode_charge(text: str) -> EmvCharge:
    """Read any text. Returns what `encode_charge` writes back as the same, or raises QrInvalid."""
    if len(text) > TEXT_LENGTH_MAX:
        raise invalid(QrFault.TOO_LONG, length=len(text), length_max=TEXT_LENGTH_MAX)
    if not is_emvco(text) or not text.isascii():
        raise invalid(QrFault.NOT_OURS)
    fields = _parse(text)
    body = _body_of(fields)
    if text[-8:-4] != _CRC_HEAD or text[-4:] != f"{crc_ccitt_false(text[:-4].encode()):04X}":
        raise invalid(QrFault.CHECKSUM_WRONG)
    tag, code = decode_body(body)
    if not isinstance(code, ChargeCode):
        raise invalid(QrFault.KIND_UNEXPECTED, found=type(code).__name__)
    charge = EmvCharge(tag=tag, code=code, shop=fields.get("59", ""), city=fields.get("60", ""))
    if not _is_label(charge.shop, SHOP_LENGTH_MAX) or not _is_label(charge.city, CITY_LENGTH_MAX):
        raise invalid(QrFault.NOT_CANONICAL)
    if encode_charge(code, tag, shop=charge.shop, city=charge.city) != text:
        # The amount or reference a bank app would show differs from what BODY says.
        raise invalid(QrFault.NOT_CANONICAL)
    return charge


def _tlv(tag: str, value: str) -> str:
    if len(value) > 99:
        raise invalid(QrFault.FIELD_OUT_OF_RANGE, field=f"tag {tag}", length=len(value))
    return f"{tag}{len(value):02d}{value}"


def _parse(text: str) -> dict[str, str]:
    """Split one level of TLV. Raises QrInvalid where lengths do not add up or a tag comes twice."""
    fields: dict[str, str] = {}
    position = 0
    while position < len(text):
        head = text[position : position + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            raise invalid(QrFault.TRUNCATED, position=position)
        start, end = position + 4, position + 4 + int(head[2:])
        if end > len(text):
            raise invalid(QrFault.TRUNCATED, position=position)
        if head[:2] in fields:
            raise invalid(QrFault.NOT_CANONICAL, tag=head[:2])
        fields[head[:2]] = text[start:end]
        position = end
    return fields


def _body_of(fields: dict[str, str]) -> str:
    template = _parse(fields.get("26", ""))
    if template.get("00") != GLOBAL_ID or "01" not in template:
        raise invalid(QrFault.NOT_OURS)
    return template["01"]


def _is_label(label: str, length_max: int) -> bool:
    return len(label) <= length_max and _PRINTABLE.fullmatch(label) is not None


def _check_label(field: str, label: str, length_max: int) -> None:
    if not _is_label(label, length_max):
        raise invalid(QrFault.FIELD_OUT_OF_RANGE, field=field, length_max=length_max)
