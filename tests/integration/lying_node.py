"""A node that lies when told to: an httpx transport with the real node below it."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson

from ledger.chain.gateway import Gateway, Limits

Lie = Callable[[str, list[Any], Any], Any]
"""From method, parameters and true result to the result told."""


class LyingTransport(httpx.AsyncBaseTransport):
    """Passes requests on and lets `lie` change each result; it may raise as the gateway would."""

    def __init__(self, lie: Lie) -> None:
        self.lie = lie
        self.honest = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(await request.aread())
        response = await self.honest.handle_async_request(request)
        answer = orjson.loads(await response.aread())
        calls = body if isinstance(body, list) else [body]
        answers = answer if isinstance(answer, list) else [answer]
        by_number = {call["id"]: call for call in calls}
        for one in answers:
            call = by_number[one["id"]]
            if "result" in one:
                one["result"] = self.lie(call["method"], call["params"], one["result"])
        return httpx.Response(200, content=orjson.dumps(answer))

    async def aclose(self) -> None:
        await self.honest.aclose()


def lying_gateway(url: str, lie: Lie) -> Gateway:
    """A gateway to a node that tells `lie`, and gives up at once."""
    limits = Limits(seconds_max=10, retry_pauses_ms=())
    return Gateway(url, limits=limits, transport=LyingTransport(lie))


def about_logs(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Lie:
    """A lie about `eth_getLogs` alone."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        return change(result) if method == "eth_getLogs" else result

    return lie
