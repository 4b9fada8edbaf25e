"""What a monitor reads at `GET /metrics`, in Prometheus' words: totals only, nobody is named."""

import asyncio
import logging
import time
from collections.abc import MutableMapping
from typing import Any, Final

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import PROBLEM_TYPE, REQUEST_ID
from ledger.services.runtime import Runtime
from ledger.services.vitals import TROUBLES, Vitals, vitals_of

_log = logging.getLogger("nakhon.till")

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
TILL: Final = ("POST", "/v1/redemptions")
ASK_AGAIN_MS: Final = 1_000
"""Whoever asks more often gets what was found before: a monitor must not load the till."""

_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """The counters of one process, and the gauges of the city it serves."""

    def __init__(self, runtime: Runtime) -> None:
        self.registry = CollectorRegistry()
        self._runtime = runtime
        self._asking = asyncio.Lock()
        self._asked_ns: int | None = None
        self.accepted = self._counter("redemptions_accepted", "Accepted and answered with 201")
        self.refused = self._counter("redemptions_refused", "Refused or failed, by code", "code")
        self.replayed = self._counter("redemptions_replayed", "Asked again, answered as before")
        self.reorgs = self._counter("reorgs", "Times that indexed blocks were replaced")
        self.reorg_depth = self._gauge("reorg_depth_blocks", "Blocks replaced the last time")
        self.seconds = Histogram(
            "nakhon_redemption_seconds", "From request to answer", buckets=_BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self.waiting = self._gauge("outbox_waiting", "Intents that wait for the chain")
        self.age = self._gauge("outbox_age_seconds", "How long the oldest of them has waited")
        self.unmined = self._gauge("transactions_unmined", "Signed or sent, and in no block")
        self.head = self._gauge("chain_head_block", "The node's newest block")
        self.indexed = self._gauge("indexed_block", "The newest block in the index")
        self.behind = self._gauge("chain_lag_blocks", "Blocks that are not indexed")
        self.balance = self._gauge("sequencer_balance_wei", "What the sequencer can pay fees with")
        self.skew = self._gauge("clock_skew_seconds", "Difference of the clocks")
        self.untold = self._gauge("webhooks_pending", "Events that wait to be delivered")
        self.untold_age = self._gauge("webhooks_age_seconds", "How long the oldest has waited")
        self.unheard = self._gauge("webhooks_disabled", "Addresses that are sent nothing more")
        self.trouble = self._gauge("trouble", "1 while something is wrong, by code", "code")

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"nakhon_{name}", told, labels, registry=self.registry)

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"nakhon_{name}", told, labels, registry=self.registry)

    def heard_reorg(self, depth: int) -> None:
        """Count a reorg of some blocks."""
        self.reorgs.inc()
        self.reorg_depth.set(depth)

    async def text(self) -> bytes:
        """All of it, for a monitor; asked anew once a second at most."""
        async with self._asking:
            now = time.monotonic_ns()
            if self._asked_ns is None or now - self._asked_ns > ASK_AGAIN_MS * 1_000_000:
                self._show(await vitals_of(self._runtime))
                self._asked_ns = now
        return generate_latest(self.registry)

    def _show(self, vitals: Vitals) -> None:
        stored = vitals.stored
        told = None if stored is None else stored.webhooks
        shown: tuple[tuple[Gauge, int | None], ...] = (
            (self.waiting, None if stored is None else stored.waiting),
            (self.unmined, None if stored is None else stored.unmined),
            (self.indexed, None if stored is None else stored.indexed),
            (self.untold, None if told is None else told.pending),
            (self.unheard, None if told is None else told.disabled),
            (self.untold_age, vitals.webhook_age),
            (self.age, vitals.age),
            (self.head, vitals.head),
            (self.behind, vitals.behind),
            (self.balance, vitals.balance_wei),
            (self.skew, vitals.skew),
        )
        for gauge, value in shown:
            gauge.set(float("nan") if value is None else value)
        troubles = set(vitals.troubles)
        for code in TROUBLES:
            self.trouble.labels(code).set(code in troubles)


class Counting:
    """Counts what the till answers, after the commit: an answer that is counted was kept."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request; listen to the answer of those that redeem."""
        if scope["type"] != "http" or (scope["method"], scope["path"]) != TILL:
            await self._app(scope, receive, send)
            return
        began, head = time.perf_counter(), dict[str, Any]()

        async def listen(message: Message) -> None:
            if message["type"] == "http.response.start":
                head.update(status=message["status"], headers=dict(message["headers"]))
            elif message["type"] == "http.response.body" and head:
                self._count(head, message)
            await send(message)

        await self._app(scope, receive, listen)
        self._metrics.seconds.observe(time.perf_counter() - began)

    def _count(self, head: dict[str, Any], message: MutableMapping[str, Any]) -> None:
        headers = head["headers"]
        if headers.get(b"idempotency-replayed"):
            self._metrics.replayed.inc()
            _tell("answered as before", headers, message)
        elif head["status"] == 201:
            self._metrics.accepted.inc()
            _tell("accepted", headers, message)
        elif headers.get(b"content-type", b"").decode() == PROBLEM_TYPE:
            self._metrics.refused.labels(orjson.loads(message["body"])["code"]).inc()
            _tell("refused", headers, message)
        head.clear()


def _tell(text: str, headers: dict[bytes, bytes], message: MutableMapping[str, Any]) -> None:
    """A line of the log for an answer of the till, with its ids."""
    if not _log.isEnabledFor(logging.INFO):
        return
    said = orjson.loads(message["body"])
    named = {"redemption": said.get("id"), "code": said.get("code")}
    ids = {"request": headers[REQUEST_ID.encode()].decode()}
    _log.info(text, extra=ids | {name: value for name, value in named.items() if value})
