"""Paper coupons: from the printed seed, and a PIN if it has one, to the key of a pass.

A PIN of a few digits does not protect a photographed seed from somebody with a computer: it stops
the finder of a lost sheet at a counter, and the policy's limit on paper bounds what is left.
"""

from __future__ import annotations

from typing import Final

from ledger.domain.hashing import keccak
from ledger.domain.signatures import ORDER
from ledger.qr.codec import PaperCode
from ledger.qr.faults import QrFault, invalid

SEED_BYTES: Final = 16
PIN_LENGTH_MIN: Final = 4
PIN_LENGTH_MAX: Final = 12
_PREFIX: Final = b"nakhon paper 1"


def derive_key(seed: bytes, pin: str = "") -> bytes:
    """Return the 32-byte private key of a paper coupon, the same in every language.

    keccak256("nakhon paper 1" · seed · pin), hashed again while it is no key of secp256k1. Raises
    QrInvalid for a seed that has not 16 bytes or a PIN that is not 4 to 12 ASCII digits or empty.
    """
    if len(seed) != SEED_BYTES:
        raise invalid(QrFault.FIELD_OUT_OF_RANGE, field="seed", length=len(seed))
    if pin and not _is_pin(pin):
        raise invalid(QrFault.PIN_INVALID)
    return first_key(keccak(_PREFIX + seed + pin.encode()))


def first_key(candidate: bytes) -> bytes:
    """Return `candidate`, or its first repeated hash that lies in 1 … order - 1."""
    while not 0 < int.from_bytes(candidate, "big") < ORDER:
        candidate = keccak(candidate)
    return candidate


def key_of(code: PaperCode, pin: str = "") -> bytes:
    """Return the key of a scanned paper coupon.

    Raises QrInvalid: `qr_pin_needed` where the sheet asks for a PIN, `qr_pin_unexpected` where it
    does not (the key would be another, empty one), `qr_pin_invalid`.
    """
    if code.pin_needed and not pin:
        raise invalid(QrFault.PIN_NEEDED)
    if pin and not code.pin_needed:
        raise invalid(QrFault.PIN_UNEXPECTED)
    return derive_key(code.seed, pin)


def _is_pin(pin: str) -> bool:
    return PIN_LENGTH_MIN <= len(pin) <= PIN_LENGTH_MAX and pin.isascii() and pin.isdigit()
