"""The city's HTTP API, as the command line uses it: `/v1`, problem details, signed requests."""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self
from urllib.parse import quote, urlencode

import httpx

from ledger.domain.typed_data import deployment_tag, domain_separator, request_digest
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import (
    CommandFailure,
    Explanation,
    exit_code_of_problem,
    failure,
)
from wallet_cli.keys import Key
from wallet_cli.output import JsonObject

__all__ = ["City", "CityClient", "JsonObject", "problem_failure"]

ANSWER_BYTES_MAX: Final = 32 * 1024 * 1024
REQUEST_SECONDS_MAX: Final = 30
PAGE_ITEMS: Final = 200
PAGES_MAX: Final = 10_000
INTENT_POLL_SECONDS: Final = 0.1
_SETTLED: Final = frozenset({"included", "final", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """What a wallet must know of a deployment before it signs anything."""

    chain_id: int
    book: str
    separator: bytes
    tag: bytes
    origin: str
    sequencer: str
    name_th: str
    name_en: str
    contracts: Mapping[str, str]
    block: int


class CityClient:
    """One city's server. Every failure is a CommandFailure with an exit code and two sentences."""

    def __init__(
        self,
        url: str,
        *,
        bearer: str | None = None,
        key: Key | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.key = key
        self._bearer = bearer
        try:
            self._http = httpx.Client(
                base_url=self.url,
                timeout=REQUEST_SECONDS_MAX,
                transport=transport,
                follow_redirects=False,
                trust_env=False,
                # Reading the machine's certificates takes longer than a whole local request.
                verify=self.url.startswith("https:"),
                headers={"accept": "application/json"},
            )
        except (httpx.InvalidURL, ValueError) as problem:
            raise _unreachable(self.url, str(problem)) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    # What the city says of itself

    def now(self) -> int:
        """The server's present time, asked anew: the wallet's own clock may be wrong."""
        return int(self._object("GET", "/v1/time", signed=False)["now"])

    @cached_property
    def city(self) -> City:
        """The deployment. CHAIN when the server's own figures contradict each other."""
        said = self._object("GET", "/v1/deployment", signed=False)
        book = str(said["contracts"]["CouponBook"])
        separator = domain_separator(int(said["chain_id"]), book)
        tag = deployment_tag(separator)
        if said["domain_separator"] != "0x" + separator.hex() or said["tag"] != tag.hex():
            raise failure(
                ExitCode.CHAIN,
                "deployment_contradicts_itself",
                th="ข้อมูลสัญญาที่เซิร์ฟเวอร์แจ้งขัดกันเอง จึงไม่ลงลายเซ็นใด ๆ",
                en="what the server says of its contracts contradicts itself: nothing is signed",
            )
        return City(
            chain_id=int(said["chain_id"]),
            book=book,
            separator=separator,
            tag=tag,
            origin=str(said["origin"]),
            sequencer=str(said["sequencer"]),
            name_th=str(said["city"]["th"]),
            name_en=str(said["city"]["en"]),
            contracts=dict(said["contracts"]),
            block=int(said["block"]),
        )

    # Requests

    @staticmethod
    def segment(value: object) -> str:
        """One part of a path, whatever it holds."""
        return quote(str(value), safe="")

    def get(self, path: str, **query: object) -> JsonObject:
        """One object."""
        return self._object("GET", _with_query(path, query))

    def post(self, path: str, body: JsonObject | None = None) -> JsonObject:
        """Send a body once, under an idempotency key of its own."""
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self._object("POST", path, raw, {"content-type": "application/json"})

    def delete(self, path: str) -> JsonObject:
        """Take something away; what the city says of it."""
        return self._object("DELETE", path)

    def post_raw(self, path: str, raw: bytes, content_type: str) -> JsonObject:
        """Send bytes that are no JSON, such as a CSV file."""
        return self._object("POST", path, raw, {"content-type": content_type})

    def download(self, path: str, **query: object) -> bytes:
        """A file, byte for byte. A refusal raises CommandFailure as everywhere."""
        status, body = self._ask("GET", _with_query(path, query))
        if not 200 <= status < 300:
            self._read(status, body)
        return body

    def items(self, path: str, **query: object) -> Iterator[JsonObject]:
        """Every item of a paged list, page after page."""
        cursor: str | None = None
        for _ in range(PAGES_MAX):
            page = self.get(path, **query, limit=PAGE_ITEMS, cursor=cursor)
            yield from page["items"]
            cursor = page.get("next")
            if cursor is None:
                return
        raise _garbled(self.url, "the list does not end")

    def takings(self, merchant: int) -> JsonObject:
        """A shop's takings with the redemptions of every page."""
        path = f"/v1/merchants/{merchant}/takings"
        whole = self.get(path, limit=PAGE_ITEMS)
        cursor = whole.get("next")
        for _ in range(PAGES_MAX):
            if cursor is None:
                return whole
            page = self.get(path, limit=PAGE_ITEMS, cursor=cursor)
            whole["items"] += page["items"]
            cursor = whole["next"] = page.get("next")
        raise _garbled(self.url, "the list does not end")

    def settled(self, intent: JsonObject, seconds: int) -> JsonObject:
        """Wait until the chain has an intent, at most `seconds`; the intent as last seen.

        One that failed raises CommandFailure with the reason the chain gave.
        """
        until = time.monotonic() + seconds
        while intent["status"] not in _SETTLED and time.monotonic() < until:
            intent = self.get(f"/v1/intents/{self.segment(intent['id'])}")
            if intent["status"] not in _SETTLED:
                time.sleep(INTENT_POLL_SECONDS)
        if intent["status"] == "failed":
            error = intent.get("error") or {}
            code = str(error.get("code", "failed"))
            explanation = Explanation(
                code=code,
                th=str(error.get("th", "คำสั่งไม่สำเร็จบนเชน")),
                en=str(error.get("en", "the chain did not do it")),
            )
            raise CommandFailure(_of_failed_intent(code), explanation)
        return intent

    def _object(
        self,
        method: str,
        path: str,
        raw: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        signed: bool = True,
    ) -> JsonObject:
        status, body = self._ask(method, path, raw, headers, signed=signed)
        return self._read(status, body)

    def _read(self, status: int, body: bytes) -> JsonObject:
        """The object in an answer. A problem document raises CommandFailure."""
        try:
            answer = json.loads(body)
        except ValueError as problem:
            raise _garbled(self.url, f"HTTP {status}, not JSON") from problem
        if not isinstance(answer, dict):
            raise _garbled(self.url, f"HTTP {status}, not an object")
        if not 200 <= status < 300:
            raise problem_failure(status, answer)
        return answer

    def _ask(
        self,
        method: str,
        path: str,
        raw: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        signed: bool = True,
    ) -> tuple[int, bytes]:
        sent = dict(headers or {})
        if method == "POST":
            sent["idempotency-key"] = secrets.token_hex(16)
        if self._bearer is not None:
            sent["authorization"] = f"Bearer {self._bearer}"
        if self.key is not None and signed:
            sent |= self._signature(self.key, method, path, raw)
        return self._exchange(method, path, raw, sent)

    def _signature(self, key: Key, method: str, path: str, raw: bytes) -> dict[str, str]:
        signed_at = self.now()
        digest = request_digest(
            self.city.separator, method=method, path=path, body=raw, signed_at=signed_at
        )
        return {
            "nakhon-address": key.address,
            "nakhon-signed-at": str(signed_at),
            "nakhon-signature": "0x" + key.sign(digest).hex(),
        }

    def _exchange(
        self, method: str, path: str, raw: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """One request. It is sent once more when the connection was closed under it, as a server
        does with one that was idle: the idempotency key makes both of them one."""
        try:
            try:
                return self._send(method, path, raw, headers)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                return self._send(method, path, raw, headers)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise _unreachable(self.url, str(problem) or type(problem).__name__) from problem

    def _send(
        self, method: str, path: str, raw: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        with self._http.stream(method, path, content=raw, headers=headers) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > ANSWER_BYTES_MAX:
                    raise _garbled(self.url, "the answer is too large")
            return response.status_code, bytes(body)


def problem_failure(status: int, problem: JsonObject) -> CommandFailure:
    """What a problem document (RFC 9457) means for the person and for the exit code."""
    code = str(problem.get("code", f"http_{status}"))
    rule = problem.get("rule")
    lines = [_bad_field(each) for each in problem.get("errors") or ()]
    if request_id := problem.get("request_id"):
        lines.append(f"request {request_id}")
    if verdict := problem.get("verdict"):
        lines.append(f"verdict {verdict}")
    detail = str(problem.get("detail") or problem.get("title") or f"HTTP {status}")
    explanation = Explanation(
        code=code,
        th=str(problem.get("detail_th") or detail),
        en=str(problem.get("detail_en") or detail),
        action_th=str(problem.get("action_th") or ""),
        action_en=str(problem.get("action_en") or ""),
        lines=tuple(lines),
    )
    exit_code = exit_code_of_problem(code, status, None if rule is None else str(rule))
    return CommandFailure(exit_code, explanation)


def _bad_field(bad: JsonObject) -> str:
    where = f"line {bad['line']}: " if bad.get("line") else ""
    pointer = f"{bad['pointer']}: " if bad.get("pointer") else ""
    return f"{where}{pointer}{bad.get('detail', '')} ({bad.get('code', '')})"


def _of_failed_intent(code: str) -> ExitCode:
    found = exit_code_of_problem(code, 0)
    return ExitCode.CHAIN if found is ExitCode.UNEXPECTED else found


def _with_query(path: str, query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def _unreachable(url: str, why: str) -> CommandFailure:
    return failure(
        ExitCode.UNREACHABLE,
        "city_unreachable",
        th=f"ติดต่อเซิร์ฟเวอร์ของเมืองที่ {url} ไม่ได้ ({why})",
        en=f"the city's server at {url} cannot be reached ({why})",
        action_th="ตรวจที่อยู่ด้วย --api หรือเปิดเมืองด้วย nakhon up",
        action_en="check the address with --api, or start a city with: nakhon up",
    )


def _garbled(url: str, why: str) -> CommandFailure:
    return failure(
        ExitCode.UNREACHABLE,
        "answer_unreadable",
        th=f"{url} ไม่ได้ตอบแบบเซิร์ฟเวอร์ของเมือง ({why})",
        en=f"{url} does not answer as a city's server does ({why})",
    )
