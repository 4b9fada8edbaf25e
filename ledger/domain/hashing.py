"""Keccak-256, by the compiled library alone.

The pure-Python fallbacks are forty times slower, which a till would notice before its owner does:
a process without the compiled library refuses to start.
"""

from __future__ import annotations

from ledger.errors import InputInvalid, ToolMissing

try:
    from sha3 import keccak_256  # type: ignore[import-untyped, unused-ignore]
except ImportError as missing:
    raise ToolMissing(
        tool="safe-pysha3", why="keccak-256 needs the compiled sha3 module"
    ) from missing


def keccak(data: bytes) -> bytes:
    """Return the 32 bytes of Keccak-256, the hash of the EVM (not FIPS 202's SHA3-256)."""
    digest: bytes = keccak_256(data).digest()
    return digest


def checksum_address(raw: bytes) -> str:
    """Write 20 bytes as an ERC-55 address: `0x` and forty digits whose case is a checksum."""
    if len(raw) != 20:
        raise ValueError(f"an address has 20 bytes, not {len(raw)}")
    digits = raw.hex()
    digest = keccak_256(digits.encode()).hexdigest()
    return "0x" + "".join(
        digit.upper() if nibble >= "8" else digit
        for digit, nibble in zip(digits, digest, strict=False)
    )


def address_bytes(address: str) -> bytes:
    """Read `0x` and forty hex digits of any case. Raises InputInvalid for anything else."""
    if len(address) != 42 or address[:2] != "0x":
        raise InputInvalid(what="address", why="0x and forty hexadecimal digits are needed")
    try:
        raw = bytes.fromhex(address[2:])
    except ValueError:
        raw = b""
    if len(raw) != 20:
        raise InputInvalid(what="address", why="0x and forty hexadecimal digits are needed")
    return raw


ZERO_ADDRESS = "0x" + "0" * 40
