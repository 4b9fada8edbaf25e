"""Sign and recover, by libsecp256k1 alone, in EIP-2098 compact form.

A signature has a twin (high s) and three spellings (64 bytes, 65 bytes, v of 0/1 or 27/28). Inside
Nakhon there is one: `r` and `vs` with a low s. Nothing is ever keyed by signature bytes.
"""

from __future__ import annotations

from typing import Final

from ledger.domain.hashing import checksum_address, keccak
from ledger.errors import SignatureInvalid, ToolMissing

try:
    from coincurve import PrivateKey, PublicKey
except ImportError as missing:
    raise ToolMissing(tool="coincurve", why="signatures need compiled libsecp256k1") from missing

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of the secp256k1 group (SEC 2, 2.4.1)."""
HALF_ORDER: Final = ORDER // 2
_S_MASK: Final = 2**255 - 1


def recover(digest: bytes, r: bytes, vs: bytes) -> str:
    """Return the checksummed address that signed `digest`.

    Raises SignatureInvalid for anything else: wrong lengths, r or s of zero or beyond the group
    order, a high s, a point that is not on the curve. It never returns the zero address.
    """
    return checksum_address(recover_raw(digest, r, vs))


def recover_raw(digest: bytes, r: bytes, vs: bytes) -> bytes:
    """As `recover`, returning the 20 bytes: for loops over many signatures."""
    if len(digest) != 32 or len(r) != 32 or len(vs) != 32:
        raise SignatureInvalid(why="digest, r and vs have 32 bytes each")
    parity = vs[0] >> 7
    s = int.from_bytes(vs, "big") & _S_MASK
    if not 0 < s <= HALF_ORDER:
        raise SignatureInvalid(why="s is zero or in the upper half of the group")
    if not 0 < int.from_bytes(r, "big") < ORDER:
        raise SignatureInvalid(why="r is zero or not below the group order")
    try:
        point = PublicKey.from_signature_and_message(
            r + s.to_bytes(32, "big") + bytes([parity]), digest, hasher=None
        )
    except ValueError as refused:
        raise SignatureInvalid(why="no point of the curve answers to it") from refused
    return keccak(point.format(compressed=False)[1:])[12:]


class SigningKey:
    """A private key ready to sign many times: what the library derives from it is derived once."""

    __slots__ = ("_key",)

    def __init__(self, private_key: bytes) -> None:
        self._key = PrivateKey(private_key)

    def sign(self, digest: bytes) -> tuple[bytes, bytes]:
        """Sign 32 bytes, deterministically (RFC 6979): `(r, vs)` with a low s."""
        return compact(self._key.sign_recoverable(digest, hasher=None))


def sign(digest: bytes, private_key: bytes) -> tuple[bytes, bytes]:
    """Sign 32 bytes once: see `SigningKey.sign`."""
    return SigningKey(private_key).sign(digest)


def address_of(private_key: bytes) -> str:
    """Return the checksummed address of a private key."""
    point = PrivateKey(private_key).public_key.format(compressed=False)
    return checksum_address(keccak(point[1:])[12:])


def compact(signature: bytes) -> tuple[bytes, bytes]:
    """Read a 64-byte (EIP-2098) or 65-byte (r, s, v) signature into `(r, vs)`.

    v may be 0, 1, 27 or 28. Raises SignatureInvalid for other lengths and other v, and for a high
    s: a twin is refused, not mended, since its signer never wrote it.
    """
    if len(signature) == 64:
        r, vs = signature[:32], signature[32:]
        s = int.from_bytes(vs, "big") & _S_MASK
    elif len(signature) == 65:
        parity = {0: 0, 1: 1, 27: 0, 28: 1}.get(signature[64])
        if parity is None:
            raise SignatureInvalid(why=f"v is {signature[64]}, not 0, 1, 27 or 28")
        r, s = signature[:32], int.from_bytes(signature[32:64], "big")
        vs = (s | parity << 255).to_bytes(32, "big") if s <= HALF_ORDER else b""
    else:
        raise SignatureInvalid(why=f"{len(signature)} bytes, not 64 or 65")
    if not 0 < s <= HALF_ORDER or not 0 < int.from_bytes(r, "big") < ORDER:
        raise SignatureInvalid(why="r or s is zero, too large, or s is in the upper half")
    return r, vs
