"""Webhooks as Standard Webhooks spells them: secrets, signatures, pauses, and where none is sent.

Pure: what the time is, what chance says and what a name resolves to are arguments.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from ledger.errors import InputInvalid, RequestExpired, SignatureInvalid

SECRET_PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
VERSION: Final = "v1,"
TOLERANCE_SECONDS: Final = 300
"""How far from the receiver's clock a delivery may be signed: an older one may be a recording."""

ROTATION_SECONDS: Final = 86_400
"""How long the secret before signs beside the new one."""

PAUSE_SECONDS_MIN: Final = 5
PAUSE_SECONDS_MAX: Final = 3_600
CHANCES: Final = 1_000

URL_LENGTH_MAX: Final = 500
PORTS: Final = frozenset({443, 8443})

_NOT_REACHED: Final = tuple(
    ip_network(each)
    for each in (
        # Addresses that carry an IPv4 address inside: they lead wherever that one does.
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
        # Looks public and is not: protocol assignments, the 6to4 relay, a cloud's own services.
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
    )
)


def spell_secret(secret: bytes) -> str:
    """The secret as its owner keeps it."""
    assert len(secret) == SECRET_BYTES, len(secret)
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def read_secret(text: str) -> bytes:
    """The bytes of a spelt secret. Raises InputInvalid for any other text."""
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputInvalid(what="secret", why="not base64") from error
    if not text.startswith(SECRET_PREFIX) or len(secret) != SECRET_BYTES:
        raise InputInvalid(what="secret", why=f"{SECRET_PREFIX} and {SECRET_BYTES} bytes of base64")
    return secret


def sign_delivery(secret: bytes, name: str, timestamp: int, body: bytes) -> str:
    """One signature of a delivery: HMAC-SHA256 of `id.timestamp.body`."""
    signed = f"{name}.{timestamp}.".encode() + body
    return VERSION + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def check_delivery(
    secret: bytes, *, name: str, timestamp: str, signatures: str, body: bytes, now: int
) -> None:
    """Accept a delivery that one of its signatures proves. Raises SignatureInvalid, and
    RequestExpired beyond TOLERANCE_SECONDS from `now`."""
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 13:
        raise SignatureInvalid(why="webhook-timestamp is no time")
    expected = sign_delivery(secret, name, int(timestamp), body).encode()
    given = [one.encode("utf-8", "surrogatepass") for one in signatures.split(" ")]
    if not any(hmac.compare_digest(expected, one) for one in given):
        raise SignatureInvalid(why="no webhook-signature of this secret for this body")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise RequestExpired(signed_at=int(timestamp), now=now)


def pause_seconds(failures: int, *, chance: int) -> int:
    """How long to wait after so many failures in a row: doubled each time up to an hour, and a
    fifth more or less by `chance` (0 to 999), so that what failed together is not tried together.
    """
    assert failures >= 1 and 0 <= chance < CHANCES
    whole = min(PAUSE_SECONDS_MIN << min(failures - 1, 12), PAUSE_SECONDS_MAX)
    return max(whole * (800 + 400 * chance // CHANCES) // 1_000, 1)


def why_not_sent_to(address: str, *, loopback: bool = False) -> str | None:
    """Why nothing is sent to an IP address; None where something may be.

    Only addresses of the public internet are taken: not this machine's, its network's, nor those
    where clouds keep their metadata. `loopback` lets this machine's in, for a devnet.
    """
    try:
        found = _plain(ip_address(address.partition("%")[0]))
    except ValueError:
        return "not an address"
    if found.is_loopback:
        return None if loopback else "this machine's own address"
    if found.is_link_local:
        return "an address of the link, where clouds keep metadata"
    if not found.is_global or found.is_multicast or found.is_reserved or found.is_unspecified:
        return "not an address of the public internet"
    if any(found in network for network in _NOT_REACHED):
        return "an address with a special purpose"
    return None


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
