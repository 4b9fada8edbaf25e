"""From the text of a camera to the one code a step expects, in this city."""

from __future__ import annotations

from typing import TypeVar

from ledger.qr.codec import Code, PaperCode, body_of_letters, decode, decode_body
from ledger.qr.emvco import decode_charge, is_emvco
from ledger.qr.faults import QrFault, invalid

KindOfCode = TypeVar("KindOfCode", bound=Code)


def scan_any(text: str, tag: bytes) -> Code:
    """Read a text in either form, web or EMVCo, or the letters under a paper's code, for the
    deployment `tag`.

    Raises QrInvalid: `qr_other_city` for a code of another deployment, else the cause named by
    `decode` or `decode_charge`.
    """
    found: Code
    if is_emvco(text):
        charge = decode_charge(text)
        found, owner = charge.code, charge.tag
    elif (body := body_of_letters(text)) is not None:
        owner, found = decode_body(body)
        if not isinstance(found, PaperCode):
            raise invalid(QrFault.NOT_OURS)
    else:
        scanned = decode(text)
        found, owner = scanned.code, scanned.tag
    if owner != tag:
        raise invalid(QrFault.OTHER_CITY, tag=owner.hex(), expected=tag.hex())
    return found


def scan(text: str, tag: bytes, kind: type[KindOfCode]) -> KindOfCode:
    """Read a text that must be of one kind. Raises as `scan_any`, and `qr_kind_unexpected`."""
    code = scan_any(text, tag)
    if not isinstance(code, kind):
        raise invalid(QrFault.KIND_UNEXPECTED, found=type(code).__name__, expected=kind.__name__)
    return code
