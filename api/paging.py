"""Pages by cursor: where the next one begins, as a text nobody has to understand."""

import base64
import binascii
import struct
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Request
from starlette.responses import Response

from ledger.errors import InputInvalid

LIMIT_MAX: Final = 200

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="items a page")]
Cursor = Annotated[str | None, Query(max_length=64, description="`next` of the page before")]


def cursor_of(position: tuple[int, ...]) -> str:
    """The text of a position."""
    packed = struct.pack(f">{len(position)}Q", *position)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def position_of(cursor: str | None, parts: int) -> tuple[int, ...] | None:
    """The position a cursor stands for. Raises InputInvalid for a text no page has given."""
    if cursor is None:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = struct.unpack(f">{parts}Q", packed)
    except (binascii.Error, struct.error, ValueError) as error:
        raise InputInvalid(what="cursor", why="no page of this list has given it") from error
    if cursor_of(position) != cursor or max(position) >= 2**63:
        raise InputInvalid(what="cursor", why="no page of this list has given it")
    return position


def link_next(request: Request, response: Response, cursor: str | None, limit: int) -> None:
    """Name the next page in the Link header (RFC 8288)."""
    if cursor is not None:
        query = urlencode({"limit": limit, "cursor": cursor})
        response.headers["link"] = f'<{request.url.path}?{query}>; rel="next"'
