"""The load generator of the till's benchmark, a process of its own.

`python -m bench.till_load SEPARATOR_HEX STARTS SEED URL…` reads trials from standard input, one
line of JSON each (`rate`, `seconds`, `grace_ms`), and answers each with a line. Requests are
signed before a trial begins and sent at fixed intervals, whether or not the earlier ones are
answered; a latency begins when its request was meant to be sent.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, Final
from urllib.parse import urlsplit

from bench.till_town import CAMPAIGN, RESIDENTS, SHOPS, resident_key
from ledger.domain.clock import latest_step, signed_at_of
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import sign
from ledger.domain.typed_data import redemption_digest

CONNECTIONS: Final = 128
"""To each server."""

EXPONENT: Final = 0.8
"""Of both Zipf curves: of 200 shops the first takes one bill in eleven."""

BILL: Final = 100
AMOUNT: Final = 50
AGE_SECONDS: Final = 600
"""The first steps are signed as of ten minutes ago, so that one resident can pay often."""

APART: Final = 400
"""One person is at one till at a time: so many others pay before the same resident does again."""


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / rank**EXPONENT for rank in range(1, count + 1)))


class Crowd:
    """Residents who sign redemptions, each one step after the last."""

    def __init__(self, separator: bytes, starts: int, seed: int) -> None:
        self._separator, self._starts = separator, starts
        self._random = random.Random(seed)
        self._steps: dict[int, int] = {}
        self._recent: deque[int] = deque(maxlen=APART)
        self._residents, self._shops = _zipf(RESIDENTS), _zipf(SHOPS)
        self._serial = 0

    def requests(self, count: int) -> list[bytes]:
        """The next `count` requests, signed."""
        return [self._request() for _ in range(count)]

    def _request(self) -> bytes:
        now = int(time.time())
        first = latest_step(self._starts, now - AGE_SECONDS)
        while True:
            resident = self._random.choices(range(RESIDENTS), cum_weights=self._residents)[0]
            step = max(self._steps.get(resident, 0) + 1, first)
            if resident not in self._recent and signed_at_of(self._starts, step) <= now:
                break
        self._steps[resident] = step
        self._recent.append(resident)
        shop = self._random.choices(range(1, SHOPS + 1), cum_weights=self._shops)[0]
        return self._encoded(resident, shop, signed_at_of(self._starts, step))

    def _encoded(self, resident: int, shop: int, signed_at: int) -> bytes:
        message = SignedRedemption(
            campaign=CAMPAIGN, merchant=shop, bill=BILL, amount=AMOUNT, copay=0,
            signed_at=signed_at, r=bytes(32), vs=bytes(32),
        )  # fmt: skip
        r, vs = sign(redemption_digest(self._separator, message), resident_key(resident))
        body = json.dumps(
            {
                "campaign": CAMPAIGN,
                "merchant": shop,
                "bill": str(BILL),
                "amount": str(AMOUNT),
                "copay": "0",
                "signed_at": signed_at,
                "signature": "0x" + (r + vs).hex(),
            }
        )
        self._serial += 1
        return (
            "POST /v1/redemptions HTTP/1.1\r\nhost: till\r\ncontent-type: application/json\r\n"
            f"idempotency-key: bench-{resident}-{signed_at}-{self._serial}\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}"
        ).encode()


class Connection(asyncio.Protocol):
    """One kept-alive connection: a request, its answer, then the next one that is due."""

    def __init__(self, trial: "Trial") -> None:
        self.trial = trial
        self._buffer = b""
        self._intended_ns = 0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def send(self, request: bytes, intended_ns: int) -> None:
        """Send a request that was due at a time."""
        assert self._transport is not None
        self._intended_ns = intended_ns
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().index(b"content-length:") + len(b"content-length:")
        if len(rest) >= int(head[at:].split(b"\r\n", 1)[0]):
            self._buffer = b""
            self.trial.answered(self, int(head[9:12]), self._intended_ns)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.trial.lost += 1

    def close(self) -> None:
        """Hang up."""
        assert self._transport is not None
        self._transport.close()


class Trial:
    """One rate for some seconds."""

    def __init__(self, rate: int, seconds: int, requests: list[bytes], *, grace_ms: int) -> None:
        self._rate, self._seconds, self._requests = rate, seconds, requests
        self._grace_ns = grace_ms * 10**6
        self._due: deque[tuple[bytes, int]] = deque()
        self._idle: list[Connection] = []
        self._running, self.lost = 0, 0
        self._end_ns = 0
        self.codes: Counter[int] = Counter()
        self.waits_ns: list[int] = []
        self.within = self.in_time = 0

    def answered(self, connection: Connection, code: int, intended_ns: int) -> None:
        """Note an answer, and give the connection what is due next."""
        now = time.monotonic_ns()
        self.codes[code] += 1
        self._running -= 1
        if code < 300:
            self.waits_ns.append(now - intended_ns)
            self.within += now <= self._end_ns
            self.in_time += now <= self._end_ns + self._grace_ns
        self._idle.append(connection)
        if now <= self._end_ns:
            self._hand_out()

    def _hand_out(self) -> None:
        while self._idle and self._due:
            request, intended_ns = self._due.popleft()
            self._running += 1
            self._idle.pop().send(request, intended_ns)

    async def run(self, urls: list[str]) -> dict[str, Any]:
        """Send everything in time; what is not sent when the time is over never is."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            for url in urls:
                at = urlsplit(url)
                _, made = await loop.create_connection(
                    lambda: Connection(self), at.hostname or "", at.port or 80
                )
                self._idle.append(made)
        everyone = list(self._idle)
        begin = time.monotonic_ns() + 50_000_000
        self._end_ns = begin + self._seconds * 10**9
        await self._send_all(begin)
        while self._running and not self.lost:  # noqa: ASYNC110 (callbacks change it)
            await asyncio.sleep(0.01)
        lost = self.lost
        for connection in everyone:
            connection.close()
        return self._figures(lost)

    async def _send_all(self, begin: int) -> None:
        times: Iterator[int] = (begin + n * 10**9 // self._rate for n in range(len(self._requests)))
        for request, intended_ns in zip(self._requests, times, strict=True):
            ahead = intended_ns - time.monotonic_ns()
            if ahead > 500_000:
                await asyncio.sleep(ahead / 10**9)
            self._due.append((request, intended_ns))
            self._hand_out()
        while time.monotonic_ns() < self._end_ns and not self.lost:  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    def _figures(self, lost: int) -> dict[str, Any]:
        waits = sorted(self.waits_ns) or [0]

        def part(percent: int) -> float:
            return round(waits[min(len(waits) * percent // 100, len(waits) - 1)] / 10**6, 2)

        return {
            "meant": len(self._requests),
            "unsent": len(self._due),
            "in_time": self.in_time,
            "per_s": self.within // self._seconds,
            "p50_ms": part(50),
            "p95_ms": part(95),
            "p99_ms": part(99),
            "codes": dict(self.codes),
            "lost": lost,
        }


def main() -> None:
    """Answer trials until standard input ends."""
    separator, starts, seed, *urls = sys.argv[1:]
    crowd = Crowd(bytes.fromhex(separator), int(starts), int(seed))
    for line in sys.stdin:
        asked = json.loads(line)
        requests = crowd.requests(asked["rate"] * asked["seconds"])
        trial = Trial(asked["rate"], asked["seconds"], requests, grace_ms=asked["grace_ms"])
        figures = asyncio.run(trial.run(urls))
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
