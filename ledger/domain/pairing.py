"""How a cashier's device joins a shop: a short code, said aloud, good for five minutes and once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.errors import InputInvalid

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty letters and digits; none of 0, O, 1, I, L and U, which are misread."""

CODE_LETTERS: Final = 8
CODE_SECONDS: Final = 300
GUESSES_MAX: Final = 20
"""Wrong codes tried at a shop lock its open codes: 20 of 30^8 is one chance in 3 * 10^10."""


class DeviceState(StrEnum):
    """How far a device has come. Only a paired one may do anything."""

    WAITING = "waiting"
    EXPIRED = "expired"
    LOCKED = "locked"
    PAIRED = "paired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A cashier's device of one shop, or the code that waits for one.

    `bill_max` and `day_max` bound what it may take, coupon and tokens together, in satang.
    `cashier` is a person's name: it is told to the shop's owner and to nobody else.
    """

    id: str
    merchant: int
    branch: str
    cashier: str
    bill_max: int
    day_max: int
    created_at: int
    expires_at: int
    guesses: int = 0
    address: str | None = None
    claimed_at: int | None = None
    revoked_at: int | None = None

    def state(self, now: int) -> DeviceState:
        """Where it stands at `now`. A withdrawal counts above everything else."""
        if self.revoked_at is not None:
            return DeviceState.REVOKED
        if self.address is not None:
            return DeviceState.PAIRED
        if self.guesses >= GUESSES_MAX:
            return DeviceState.LOCKED
        return DeviceState.WAITING if now < self.expires_at else DeviceState.EXPIRED


def make_code(chance: int) -> str:
    """A code from a number drawn below `CODES`; every code is equally likely."""
    assert 0 <= chance < CODES, chance
    letters = []
    for _ in range(CODE_LETTERS):
        chance, letter = divmod(chance, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


CODES: Final = len(ALPHABET) ** CODE_LETTERS


def read_code(text: str) -> str:
    """The code somebody typed: small letters, spaces and a hyphen do not matter.

    Raises InputInvalid for what no code is: that is a slip, not a guess.
    """
    code = text.upper().replace("-", "").replace(" ", "")
    if len(code) != CODE_LETTERS or not set(code) <= set(ALPHABET):
        raise InputInvalid(
            what="code",
            why="a pairing code is eight letters and digits, without 0, O, 1, I, L and U",
            why_th="รหัสจับคู่มี 8 ตัว ไม่มี 0, O, 1, I, L และ U",
        )
    return code


def spaced(code: str) -> str:
    """A code as it is shown and said: `2345-6789`."""
    half = CODE_LETTERS // 2
    return f"{code[:half]}-{code[half:]}"


def code_hash(merchant: int, code: str) -> str:
    """What is kept of a code, bound to its shop."""
    return "0x" + hashlib.sha256(f"pairing {merchant} {code}".encode()).hexdigest()
