"""The door every request passes: an id, a whole body within limits, of a kind we read.

The body is read here, once, so that a signature over it, its hash and its fields are all of the
same bytes.
"""

import asyncio
import re
import secrets
from typing import Any, Final

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import SECURITY_HEADERS
from api.problems import REQUEST_ID, respond, told_http
from ledger.failpoints import reach

BODY_SECONDS_MAX: Final = 30
DEPTH_MAX: Final = 32
JSON_TYPES: Final = frozenset({"application/json"})
TABLE_TYPES: Final = frozenset(
    {"application/json", "text/csv", "multipart/form-data", "application/xml"}
)
_METHODS_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


class Gate:
    """ASGI middleware. Refuses with 408, 413 or 415 before any of the application runs."""

    def __init__(
        self, app: ASGIApp, *, body_bytes_max: int, table_bytes_max: int, tables: frozenset[str]
    ) -> None:
        self.app = app
        self.body_bytes_max = body_bytes_max
        self.table_bytes_max = table_bytes_max
        self.tables = tables

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        body = b""
        if scope["method"] in _METHODS_WITH_BODY:
            read = await self._read(scope, headers, receive)
            if isinstance(read, int):
                await respond(told_http(read), request_id, {"connection": "close"})(
                    scope, receive, send
                )
                return
            body = read
        await self.app(scope, _replay(body, receive), _dressed(send, request_id))
        if body:
            reach("answered")

    async def _read(self, scope: Scope, headers: Headers, receive: Receive) -> bytes | int:
        table = scope["path"] in self.tables
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        limit = self.body_bytes_max
        if table and kind != "application/json":
            limit = self.table_bytes_max
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return 400
        if int(length) > limit:
            return 413
        try:
            async with asyncio.timeout(BODY_SECONDS_MAX):
                body = await _drain(receive, limit)
        except TimeoutError:
            return 408
        if isinstance(body, int):
            return body
        if body and kind not in (TABLE_TYPES if table else JSON_TYPES):
            return 415
        if headers.get("content-encoding", "identity").lower() != "identity":
            return 415
        return 400 if kind == "application/json" and not _is_json(body) else body


def _is_json(body: bytes) -> bool:
    """Whether a body is empty or strict JSON, nested no deeper than anything we take.

    Asked before anything else parses it: this parser has a limit of depth of its own, while the
    standard library's follows the interpreter's, which some library raises so far that fifty
    thousand brackets take the process down.
    """
    try:
        value = orjson.loads(body or b"null")
    except orjson.JSONDecodeError:
        return False
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [inside for outside in level for inside in _containers_in(outside)]
    return not level


def _containers_in(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return []
    return [each for each in inside if isinstance(each, dict | list)]


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID, "")
    return given if _GIVEN_ID.fullmatch(given) else f"req_{secrets.token_hex(10)}"


async def _drain(receive: Receive, limit: int) -> bytes | int:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return 400
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return 413
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _dressed(send: Send, request_id: str) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            headers[REQUEST_ID] = request_id
        await send(message)

    return with_headers
