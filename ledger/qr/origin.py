"""The web address at the head of every code: what an ordinary camera app opens."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from ledger.qr.faults import QrFault, invalid

ORIGIN_LENGTH_MAX: Final = 80
"""With it the longest code, a receipt, stays within 300 characters."""

_LABEL: Final = "[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?"
_ORIGIN: Final = re.compile(
    rf"(?P<scheme>HTTPS?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?P<port>:[1-9][0-9]{{0,4}})?",
    re.ASCII,
)
# Written out, since what a library calls private changes from version to version.
_PRIVATE: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
_DEFAULT_PORTS: Final = {"HTTP": ":80", "HTTPS": ":443"}


def is_origin(text: str) -> bool:
    """Whether `text` is an origin in its one spelling: upper case, no path, no default port.

    Plain HTTP is taken only where nobody stands between phone and server: on this machine and on
    private networks.
    """
    found = _ORIGIN.fullmatch(text)
    if found is None or len(text) > ORIGIN_LENGTH_MAX:
        return False
    scheme, host, port = found["scheme"], found["host"], found["port"] or ""
    if port == _DEFAULT_PORTS[scheme] or int(port[1:] or 1) > 65_535:
        return False
    return scheme == "HTTPS" or host == "LOCALHOST" or _is_private(host)


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.IPv4Address(host)
    except ipaddress.AddressValueError:
        return False
    return any(address in network for network in _PRIVATE)


def origin_of(url: str) -> str:
    """Return the origin of a site's address, such as `https://maehia.example/`, as codes spell it.

    Raises QrInvalid (`qr_origin_invalid`) for a path, credentials, a query, letters beyond ASCII
    (write such a name in its `xn--` form), or plain HTTP to a public host.
    """
    bare = url[:-1] if url.endswith("/") else url
    origin = bare.upper() if bare.isascii() else ""
    scheme = origin.partition(":")[0]
    origin = origin.removesuffix(_DEFAULT_PORTS.get(scheme, "\0"))
    if not is_origin(origin):
        raise invalid(QrFault.ORIGIN_INVALID, url=url[:ORIGIN_LENGTH_MAX])
    return origin
