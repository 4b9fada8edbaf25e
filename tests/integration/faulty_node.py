"""A real node behind a line that fails when told to: before a question arrives, or after."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx
import orjson

from ledger.chain.clock import SystemClock
from ledger.chain.gateway import Gateway, Limits
from ledger.sequencer.loop import Sequencer
from tests.integration.till import Till


@dataclass(slots=True)
class FaultyLine(httpx.AsyncBaseTransport):
    """Forwards to the real node. `before` and `after` name methods whose next call is cut."""

    inner: httpx.AsyncHTTPTransport = field(default_factory=httpx.AsyncHTTPTransport)
    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = orjson.loads(await request.aread())
        methods = {call["method"] for call in (body if isinstance(body, list) else [body])}
        self.asked += sorted(methods)
        if methods & self.before:
            self.before -= methods
            raise httpx.ConnectError("the line was cut before the question arrived")
        response = await self.inner.handle_async_request(request)
        if methods & self.after:
            self.after -= methods
            await response.aread()
            raise httpx.ReadError("the line was cut before the answer arrived")
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


@asynccontextmanager
async def another_sequencer(
    till: Till, line: FaultyLine | None = None, **limits: int
) -> AsyncIterator[Sequencer]:
    """A sequencer as a restarted process would be: nothing in common but database and node."""
    line = line or FaultyLine()
    node = Gateway(till.gateway.url, transport=line, limits=Limits(retry_pauses_ms=()))
    async with node:
        port = replace(
            till.sequencer.port,
            gateway=node,
            limits=replace(till.sequencer.port.limits, **limits),
        )
        sequencer = Sequencer(port, SystemClock())
        # The process before it is dead: its lease is not waited for in a test.
        sequencer.lead.owner = till.sequencer.lead.owner
        yield sequencer
