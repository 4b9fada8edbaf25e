"""The line between a city's servers and its node: it fails in every way a provider does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.run import bind
from tests.chaos.schedule import Kind
from tests.integration.faulty_node import FaultyLine

SENDING = "eth_sendRawTransaction"
STALE_BLOCKS = 3


@dataclass(slots=True)
class Line:
    """Passes on what it is asked, unless something is wrong with it (`trouble`)."""

    behind: str
    url: str = ""
    trouble: Kind | None = None
    wire: FaultyLine = field(default_factory=FaultyLine)

    def cut(self, kind: Kind) -> None:
        """The next transaction is lost on its way there, or its answer on its way back."""
        (self.wire.before if kind is Kind.CUT_BEFORE else self.wire.after).add(SENDING)

    async def answer(self, client: httpx.AsyncClient, body: bytes) -> Response:
        """What the servers hear."""
        match self.trouble:
            case Kind.NODE_DOWN:
                return Response(status_code=503)
            case Kind.NODE_BUSY:
                return Response(status_code=429)
            case Kind.NODE_HANGS:
                while self.trouble is Kind.NODE_HANGS:  # noqa: ASYNC110 (until it is repaired)
                    await asyncio.sleep(0.05)
            case _:
                pass
        if self.trouble is Kind.NODE_STALE:
            body = await self._stale(client, body)
        try:
            answer = await client.post(
                self.behind, content=body, headers={"content-type": "application/json"}
            )
        except httpx.TransportError:
            return Response(status_code=502)
        content = answer.content
        if self.trouble is Kind.NODE_FOREIGN:
            content = _foreign(body, content)
        return Response(content, answer.status_code, media_type="application/json")

    async def _stale(self, client: httpx.AsyncClient, body: bytes) -> bytes:
        """The questions as a node hears them that is some blocks behind."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
        try:
            head = int((await client.post(self.behind, json=asked)).json()["result"], 16)
        except httpx.TransportError:
            return body
        return body.replace(b'"latest"', f'"{hex(max(head - STALE_BLOCKS, 0))}"'.encode())


def _foreign(body: bytes, content: bytes) -> bytes:
    asked, told = json.loads(body), json.loads(content)
    calls = {call["id"]: call["method"] for call in (asked if isinstance(asked, list) else [asked])}
    for one in told if isinstance(told, list) else [told]:
        if calls.get(one.get("id")) == "eth_chainId":
            one["result"] = "0x1"
    return json.dumps(told).encode()


@asynccontextmanager
async def open_line(behind: str) -> AsyncIterator[Line]:
    """A line to the node at `behind`, for as long as the block runs."""
    line = Line(behind)
    client = httpx.AsyncClient(timeout=60, transport=line.wire)

    async def pass_on(request: Request) -> Response:
        return await line.answer(client, await request.body())

    app = Starlette(routes=[Route("/", pass_on, methods=["POST"])])
    listening = bind("127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield line
    finally:
        line.trouble = None
        server.should_exit = True
        await serving
        listening.close()
        await client.aclose()
