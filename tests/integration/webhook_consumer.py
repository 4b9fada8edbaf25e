"""A shop's till system as a process of its own, to be killed by tests: it hears webhooks over HTTP.

`python -m tests.integration.webhook_consumer PORT FILE` writes down each delivery, surely, before
it answers. What the answer is, its path says.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
STATUSES: Final = {
    "/ok": 204,
    "/fail": 500,
    "/gone": 410,
    "/redirect": 302,
    "/slow": 200,
    "/first": 200,
    "/odd": 200,
}
SLOW_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Heard:
    """One delivery as it came over the line."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def sequence(self) -> int:
        return int(self.told["sequence"])

    def is_signed(self, secret: str) -> bool:
        """Written from the text of Standard Webhooks, not from the project's code."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        text = b".".join([self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body])
        mac = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        signed = f"v1,{mac}" in self.headers["webhook-signature"].split(" ")
        return signed and abs(int(self.headers["webhook-timestamp"]) - self.at) <= 300


@dataclass(slots=True)
class Consumer:
    """A consumer that runs, or has been killed and may be started again at the same address."""

    port: int
    file: Path
    process: subprocess.Popen[str] | None = None

    def url(self, path: str = "/ok") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(self.port), str(self.file)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        """What a power cut does to it."""
        if self.process is not None:
            assert self.process.stdout is not None
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    @property
    def heard(self) -> list[Heard]:
        """All it ever heard, across its deaths; a line cut short by one is none."""
        found = []
        for line in self.file.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                row = json.loads(line)
                body = base64.b64decode(row["body"])
                found.append(Heard(row["path"], row["headers"], body, row["at"]))
        return found

    def heard_at(self, path: str) -> list[Heard]:
        return [one for one in self.heard if one.path == path]


@contextlib.contextmanager
def open_consumer(file: Path) -> Iterator[Consumer]:
    """A running consumer at a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file.touch()
    consumer = Consumer(port, file)
    consumer.start()
    try:
        yield consumer
    finally:
        consumer.kill()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    file: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        row = {
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": base64.b64encode(body).decode(),
            "at": int(time.time()),
        }
        hangs = self.path == "/slow" or (self.path == "/first" and self.file.stat().st_size == 0)
        file = os.open(self.file, os.O_WRONLY | os.O_APPEND)
        os.write(file, json.dumps(row).encode() + b"\n")
        os.fsync(file)
        os.close(file)
        if hangs:
            time.sleep(SLOW_SECONDS)
        if self.path == "/endless":
            self._endless()
            return
        odd = self.path == "/odd" and json.loads(body)["sequence"] % 2
        self.send_response(500 if odd else STATUSES[self.path])
        if self.path == "/redirect":
            self.send_header("location", "/ok")
        self.send_header("content-length", "0")
        self.end_headers()

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"x" * 65_536)

    def log_message(self, *_words: object) -> None:
        """Stay silent: the file tells."""


def _serve(port: int, file: Path) -> None:
    _Handler.file = file
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), Path(sys.argv[2]))
