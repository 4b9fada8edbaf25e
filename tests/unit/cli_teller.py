"""A server that answers what a test says, and a command run in surroundings of its own."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.domain.typed_data import deployment_tag, domain_separator
from wallet_cli.exit_codes import ExitCode
from wallet_cli.main import run

BOOK = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


@dataclass
class Teller:
    """A server on a free port that answers what the test says, and keeps what it was asked."""

    answers: dict[str, tuple[int, bytes]]
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def answering() -> Iterator[Teller]:
    """A teller that listens until the block ends."""
    told = Teller(answers={})

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((self.command, self.path, headers, self.rfile.read(length)))
            status, body = told.answers.get(self.path, (404, b'{"code": "not_found"}'))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_request(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ended(arguments: list[str], **environment: str) -> tuple[ExitCode, str, str]:
    """Exit code, stdout and stderr of one command line."""
    out, err = io.StringIO(), io.StringIO()
    code = run(arguments, environment, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def deployment(chain_id: int = 31337, **other: Any) -> bytes:
    """What `/v1/deployment` says of a city of ours."""
    separator = domain_separator(chain_id, BOOK)
    said = {
        "chain_id": chain_id,
        "contracts": {"CouponBook": BOOK},
        "domain_separator": "0x" + separator.hex(),
        "tag": deployment_tag(separator).hex(),
        "origin": "HTTPS://MAEHIA.EXAMPLE",
        "sequencer": BOOK,
        "city": {"th": "แม่เหียะ", "en": "Mae Hia"},
        "block": 1,
    }
    return json.dumps(said | other).encode()
