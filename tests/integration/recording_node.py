"""A node that remembers what it was sent: a proxy between servers in processes and the chain."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import rlp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.run import bind


@dataclass(slots=True)
class RecordingNode:
    """Where it listens, and every raw transaction that reached it, in order."""

    url: str = ""
    sent: list[bytes] = field(default_factory=list)

    def calls_by_nonce(self) -> dict[int, set[tuple[bytes, bytes]]]:
        """What was ever sent under each account nonce of the (one) sender: target and calldata."""
        said: dict[int, set[tuple[bytes, bytes]]] = defaultdict(set)
        for raw in self.sent:
            fields = rlp.decode(raw[1:])
            said[int.from_bytes(fields[1], "big")].add((fields[5], fields[7]))
        return dict(said)


@asynccontextmanager
async def recording_node(behind: str) -> AsyncIterator[RecordingNode]:
    """Pass everything on to the node at `behind`."""
    node, client = RecordingNode(), httpx.AsyncClient(timeout=60)

    async def pass_on(request: Request) -> Response:
        body = await request.body()
        asked = json.loads(body)
        for call in asked if isinstance(asked, list) else [asked]:
            if call["method"] == "eth_sendRawTransaction":
                node.sent.append(bytes.fromhex(call["params"][0].removeprefix("0x")))
        answer = await client.post(
            behind, content=body, headers={"content-type": "application/json"}
        )
        return Response(answer.content, answer.status_code, media_type="application/json")

    app = Starlette(routes=[Route("/", pass_on, methods=["POST"])])
    listening = bind("127.0.0.1", 0)
    node.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield node
    finally:
        server.should_exit = True
        await serving
        listening.close()
        await client.aclose()
