"""Prefixed ids: the prefix says what it is, the rest cannot be guessed.

Randomness is an argument.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from ledger.errors import InputInvalid

ENTROPY_BYTES: Final = 15
_PREFIX: Final = re.compile(r"[a-z]{2,4}")
_ID: Final = re.compile(r"[a-z]{2,4}_[a-z2-7]{24}")


def make_id(prefix: str, entropy: bytes) -> str:
    """Return `prefix_` and 24 characters of lower-case base32 of 15 bytes of entropy."""
    assert _PREFIX.fullmatch(prefix), prefix
    assert len(entropy) == ENTROPY_BYTES, len(entropy)
    return f"{prefix}_{base64.b32encode(entropy).decode().lower()}"


def check_id(prefix: str, text: str) -> str:
    """Return `text`. Raises InputInvalid unless it is an id with this prefix."""
    if _ID.fullmatch(text) is None or not text.startswith(prefix + "_"):
        raise InputInvalid(what="id", why=f"{prefix}_ and 24 characters of a-z and 2-7 are needed")
    return text
