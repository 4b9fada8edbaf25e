"""One delivery: one POST to an address that was looked up and judged a moment before.

The name is resolved here and the connection goes to what was judged, so that a name which leads
elsewhere at its second asking (DNS rebinding) gains nothing. Redirects are not followed, no proxy
of the machine is used, and of the answer only the status is read.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx
import orjson

from ledger.db.tables_webhooks import WebhookEndpoint, WebhookEvent
from ledger.db.webhook_changes import CITY
from ledger.domain.webhooks import sign_delivery, why_not_sent_to

SECONDS_MAX: Final = 10
RESOLVE_SECONDS_MAX: Final = 5
USER_AGENT: Final = "nakhon-webhooks/1"
ANSWER_BYTES_MAX: Final = 4_096
ANSWER_SECONDS_MAX: Final = 1
WHY_LENGTH_MAX: Final = 64
GONE: Final = 410
"""The receiver says that it wants nothing more (Standard Webhooks)."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one attempt: `answered` is the HTTP status, None where none came."""

    sequence: int
    answered: int | None
    why: str | None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.why is None


class _Refused(Exception):
    """Nothing may be sent there."""


async def addresses_of(host: str, port: int) -> list[str]:
    """What a name leads to, asked of the machine's resolver. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def stream_name(owner: int) -> str:
    """What an owner's stream is called."""
    return "city" if owner == CITY else f"merchant {owner}"


def told(event: WebhookEvent) -> dict[str, Any]:
    """An event as its owner reads it, sent or fetched."""
    at = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": event.id,
        "type": event.type,
        "timestamp": at,
        "stream": stream_name(event.owner),
        "sequence": event.sequence,
        "data": event.data,
    }


def headers_of(name: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The three headers of Standard Webhooks, signed by every secret that is valid."""
    signatures = [sign_delivery(secret, name, timestamp, body) for secret in secrets]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


class Courier:
    """Carries events to one endpoint over connections of its own."""

    def __init__(
        self,
        endpoint: WebhookEndpoint,
        *,
        loopback: bool,
        trusting: ssl.SSLContext,
        resolve: Resolve = addresses_of,
    ) -> None:
        self._url = endpoint.url
        self._loopback = loopback
        self._resolve = resolve
        # The transport alone: a client would follow redirects, keep cookies, and log the address,
        # whose path may be the receiver's own secret.
        self._transport = httpx.AsyncHTTPTransport(verify=trusting, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_trouble: object) -> None:
        await self._transport.aclose()

    async def carry(self, event: WebhookEvent, secrets: Sequence[bytes], *, now: int) -> Outcome:
        """Try once to deliver an event; whatever goes wrong there is an outcome, not an error."""
        body = orjson.dumps(told(event))
        headers = headers_of(event.id, now, body, secrets)
        answered, why = None, None
        try:
            async with asyncio.timeout(SECONDS_MAX):
                answered = await self._post(body, headers)
        except _Refused as refusal:
            why = str(refusal)
        except TimeoutError:
            why = f"no answer within {SECONDS_MAX} seconds"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as failure:
            why = f"no connection: {type(failure).__name__}"
        if answered is not None and not 200 <= answered < 300:
            why = f"answered {answered}"
        why = None if why is None else why[:WHY_LENGTH_MAX]
        return Outcome(sequence=event.sequence, answered=answered, why=why)

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._judged(host, port)
        pinned = httpx.URL(self._url).copy_with(host=address)
        named = headers | {"host": parts.netloc, "content-type": "application/json"}
        asked = httpx.Request(
            "POST",
            pinned,
            content=body,
            headers=named | {"user-agent": USER_AGENT},
            # The certificate must be the name's, though the connection goes to the judged address.
            extensions={"sni_hostname": host, "timeout": httpx.Timeout(SECONDS_MAX).as_dict()},
        )
        answer = await self._transport.handle_async_request(asked)
        try:
            await _read_away(answer)
        finally:
            await answer.aclose()
        return answer.status_code

    async def _judged(self, host: str, port: int) -> str:
        async with asyncio.timeout(RESOLVE_SECONDS_MAX):
            found = await self._resolve(host, port)
        for address in found:
            why = why_not_sent_to(address, loopback=self._loopback)
            if why is not None:
                raise _Refused(why)
        if not found:
            raise _Refused("the name leads nowhere")
        return found[0]


async def _read_away(answer: httpx.Response) -> None:
    """Let a short answer end, so that its connection can be used again. Nothing in it is for us:
    one that is long, slow or broken is hung up on."""
    size = 0
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            async for part in answer.aiter_raw():
                size += len(part)
                if size > ANSWER_BYTES_MAX:
                    return
