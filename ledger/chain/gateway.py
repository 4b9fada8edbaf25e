"""One asynchronous JSON-RPC client. Every answer is checked for shape before it is believed."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

import httpx
import orjson

from ledger.chain.reverts import revert_of
from ledger.domain.blocks import BlockRef
from ledger.errors import NodeLied, NodeRefused, NodeUnreachable

BATCH_CALLS_MAX: Final = 500
REQUEST_BYTES_MAX: Final = 1_900_000
"""Anvil and most providers refuse a JSON body above 2 MiB."""

RESPONSE_BYTES_MAX: Final = 64 * 1024 * 1024
RETRY_PAUSES_MS: Final = (100, 400, 1_600)

BlockTag: TypeAlias = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much one request may take before it is given up."""

    seconds_max: int = 60
    response_bytes_max: int = RESPONSE_BYTES_MAX
    retry_pauses_ms: tuple[int, ...] = RETRY_PAUSES_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """What the next block will ask for: its base fee and the tip that the node suggests."""

    base_fee_wei: int
    priority_fee_wei: int

    def fee_wei_max(self) -> int:
        """A ceiling that still pays after the base fee has doubled."""
        return 2 * self.base_fee_wei + self.priority_fee_wei


class Gateway:
    """A node, seen through raw JSON-RPC.

    Reads are repeated a few times when the node is down, slow or busy (HTTP 429 and 5xx); a
    transaction is never sent twice by itself. Failures are NodeUnreachable (retryable),
    NodeRefused (the node answered with an error), TransactionReverted (the contract did) and
    NodeLied (the answer contradicts the question).
    """

    def __init__(
        self,
        url: str,
        *,
        limits: Limits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = url
        # Providers put their keys in the path: only the host is ever shown.
        self._shown_url = urlsplit(url).hostname or "?"
        self.limits = limits or Limits()
        self._ids: Iterator[int] = itertools.count(1)
        self._client = httpx.AsyncClient(
            timeout=self.limits.seconds_max,
            transport=transport,
            headers={"content-type": "application/json"},
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    # Requests

    async def rpc(self, method: str, params: Sequence[Any] = (), *, repeat: bool = True) -> Any:
        """The `result` of one call. With `repeat` False it is asked at most once."""
        number = next(self._ids)
        answer = await self._exchange(_call(number, method, params), method, repeat=repeat)
        if not isinstance(answer, dict) or answer.get("id") != number:
            raise NodeLied(what=f"{method} was answered with another id")
        return _result(method, answer)

    async def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The results of many calls, in the order asked. The first error among them is raised."""
        results: list[Any] = []
        for start in range(0, len(calls), BATCH_CALLS_MAX):
            results += await self._batch(calls[start : start + BATCH_CALLS_MAX])
        return results

    async def _batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        numbers = [next(self._ids) for _ in calls]
        bodies = [_call(n, *call) for n, call in zip(numbers, calls, strict=True)]
        answers = await self._exchange(bodies, calls[0][0], repeat=True)
        if not isinstance(answers, list):
            raise NodeLied(what="a batch was not answered by a list")
        by_number = {one.get("id"): one for one in answers if isinstance(one, dict)}
        if by_number.keys() != set(numbers):
            raise NodeLied(what="answers of a batch are missing")
        methods = (method for method, _ in calls)
        return [_result(m, by_number[n]) for m, n in zip(methods, numbers, strict=True)]

    async def _exchange(self, body: Any, method: str, *, repeat: bool) -> Any:
        pauses = self.limits.retry_pauses_ms if repeat else ()
        content = orjson.dumps(body)
        for pause_ms in pauses:
            try:
                return await self._post(content, method)
            except NodeUnreachable:
                await asyncio.sleep(pause_ms / 1000)
        return await self._post(content, method)

    async def _post(self, content: bytes, method: str) -> Any:
        try:
            async with (
                asyncio.timeout(self.limits.seconds_max),
                self._client.stream("POST", self.url, content=content) as response,
            ):
                if response.status_code == 429 or response.status_code >= 500:
                    raise self._unreachable(f"HTTP {response.status_code}")
                body = await self._read(response, method)
        except (httpx.TransportError, httpx.InvalidURL, TimeoutError) as error:
            raise self._unreachable(f"{method}: {str(error) or type(error).__name__}") from error
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise self._unreachable("the answer is not JSON") from error

    def _unreachable(self, why: str) -> NodeUnreachable:
        return NodeUnreachable(url=self._shown_url, why=why)

    async def _read(self, response: httpx.Response, method: str) -> bytes:
        size = 0
        pieces: list[bytes] = []
        async for piece in response.aiter_bytes():
            size += len(piece)
            if size > self.limits.response_bytes_max:
                raise NodeRefused(method=method, rpc_code=0, why="the answer is too large")
            pieces.append(piece)
        return b"".join(pieces)

    # The chain

    async def chain_id(self) -> int:
        """The chain id the node says it serves."""
        return _integer("eth_chainId", await self.rpc("eth_chainId"))

    async def block_number(self) -> int:
        """Height of the newest block the node knows."""
        return _integer("eth_blockNumber", await self.rpc("eth_blockNumber"))

    async def block(self, at: BlockTag) -> BlockRef | None:
        """The block at a height or tag (`latest`, `finalized` …), None when there is none."""
        header = await self.rpc("eth_getBlockByNumber", [_tag(at), False])
        return None if header is None else block_ref(header)

    async def blocks(self, first: int, last: int) -> list[BlockRef]:
        """Every block of a range, oldest first. NodeLied when one is missing or misnumbered."""
        return [block_ref(header) for header in await self.headers(first, last)]

    async def headers(self, first: int, last: int) -> list[dict[str, Any]]:
        """The raw headers of a range, oldest first, each with the hashes of its transactions."""
        heights = range(first, last + 1)
        calls = [("eth_getBlockByNumber", [_tag(height), False]) for height in heights]
        headers = await self.batch(calls)
        for height, header in zip(heights, headers, strict=True):
            if header is None or int(header["number"], 16) != height:
                raise NodeLied(what=f"block {height} is missing")
        return headers

    async def block_by_hash(self, block_hash: str) -> BlockRef | None:
        """The block with this hash, None when the node does not (or no longer) hold it."""
        header = await self.rpc("eth_getBlockByHash", [block_hash, False])
        return None if header is None else block_ref(header)

    async def logs(self, first: int, last: int, addresses: Sequence[str]) -> list[dict[str, Any]]:
        """The raw logs of these contracts in a range of blocks, as the node returned them."""
        query = {"fromBlock": _tag(first), "toBlock": _tag(last), "address": list(addresses)}
        logs = await self.rpc("eth_getLogs", [query])
        if not isinstance(logs, list):
            raise NodeLied(what="eth_getLogs: the answer is not a list")
        return logs

    async def receipts(self, header: dict[str, Any]) -> list[dict[str, Any]]:
        """Every receipt of a block, in order, given its raw header.

        A node that does not know `eth_getBlockReceipts` is asked for one after the other.
        """
        try:
            receipts = await self.rpc("eth_getBlockReceipts", [header["number"]])
        except NodeRefused:
            calls = [("eth_getTransactionReceipt", [name]) for name in header["transactions"]]
            receipts = await self.batch(calls)
        if not isinstance(receipts, list) or not all(isinstance(one, dict) for one in receipts):
            raise NodeLied(what=f"block {header['number']} has no receipts")
        if len(receipts) != len(header["transactions"]):
            raise NodeLied(what=f"block {header['number']} lacks receipts")
        return receipts

    async def code(self, address: str, at: BlockTag = "latest") -> bytes:
        """Runtime code of an address, empty where there is no contract."""
        return _bytes("eth_getCode", await self.rpc("eth_getCode", [address, _tag(at)]))

    async def call(
        self, to: str, data: bytes, at: BlockTag = "latest", *, sender: str | None = None
    ) -> bytes:
        """Ask a contract without a transaction. TransactionReverted carries its custom error."""
        request = {"to": to, "data": "0x" + data.hex()}
        if sender is not None:
            request["from"] = sender
        return _bytes("eth_call", await self.rpc("eth_call", [request, _tag(at)]))

    async def estimate_gas(self, sender: str, to: str | None, data: bytes) -> int:
        """Gas the node expects, or TransactionReverted when it would fail."""
        request = {"from": sender, "data": "0x" + data.hex()}
        if to is not None:
            request["to"] = to
        return _integer("eth_estimateGas", await self.rpc("eth_estimateGas", [request]))

    async def balance(self, address: str, at: BlockTag = "latest") -> int:
        """Wei of an address."""
        return _integer("eth_getBalance", await self.rpc("eth_getBalance", [address, _tag(at)]))

    # Transactions

    async def transaction(self, tx_hash: str) -> dict[str, Any] | None:
        """The raw transaction, pending or included; None when the node does not know it."""
        return _object(
            "eth_getTransactionByHash", await self.rpc("eth_getTransactionByHash", [tx_hash])
        )

    async def receipt(self, tx_hash: str) -> dict[str, Any] | None:
        """The raw receipt; None while the transaction is not in a block."""
        return _object(
            "eth_getTransactionReceipt", await self.rpc("eth_getTransactionReceipt", [tx_hash])
        )

    async def transaction_count(self, address: str, at: BlockTag = "latest") -> int:
        """The account nonce of an address: how many transactions it has sent."""
        return _integer(
            "eth_getTransactionCount",
            await self.rpc("eth_getTransactionCount", [address, _tag(at)]),
        )

    async def fees(self) -> Fees:
        """What the next block will ask for."""
        history, tip = await self.batch(
            [("eth_feeHistory", ["0x1", "latest", []]), ("eth_maxPriorityFeePerGas", [])]
        )
        # The list has one more entry than blocks: the last is the fee of the block to come.
        of_blocks = history.get("baseFeePerGas") if isinstance(history, dict) else None
        if not isinstance(of_blocks, list) or not of_blocks:
            raise NodeLied(what="eth_feeHistory names no base fee")
        return Fees(
            base_fee_wei=_integer("eth_feeHistory", of_blocks[-1]),
            priority_fee_wei=_integer("eth_maxPriorityFeePerGas", tip),
        )

    async def send_raw(self, raw: bytes) -> str:
        """Hand over a signed transaction, once. Its hash; NodeRefused says why it was not taken."""
        sent = await self.rpc("eth_sendRawTransaction", ["0x" + raw.hex()], repeat=False)
        if not isinstance(sent, str):
            raise NodeLied(what="eth_sendRawTransaction: no hash came back")
        return sent


def block_ref(header: dict[str, Any]) -> BlockRef:
    """The parts of a raw header that link blocks together."""
    try:
        return BlockRef(
            number=int(header["number"], 16),
            hash=header["hash"],
            parent=header["parentHash"],
            time=int(header["timestamp"], 16),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NodeLied(what="eth_getBlockByNumber: not a block header") from error


def _call(number: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


def _tag(at: BlockTag) -> str:
    return at if isinstance(at, str) else hex(at)


def _result(method: str, answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is None:
        return answer.get("result")
    if not isinstance(error, dict):
        raise NodeLied(what=f"{method} was answered with an error that is none")
    code, message, data = error.get("code"), str(error.get("message", "")), error.get("data")
    if code == 3 or (isinstance(data, str) and data.startswith("0x")) or "revert" in message:
        raise revert_of(data if isinstance(data, str) else "0x", message)
    raise NodeRefused(method=method, rpc_code=code, why=message)


def _integer(method: str, value: Any) -> int:
    try:
        return int(value, 16)
    except (TypeError, ValueError) as error:
        raise NodeLied(what=f"{method}: the answer is not a number") from error


def _bytes(method: str, value: Any) -> bytes:
    try:
        return bytes.fromhex(value.removeprefix("0x"))
    except (AttributeError, ValueError) as error:
        raise NodeLied(what=f"{method}: the answer is not bytes") from error


def _object(method: str, value: Any) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise NodeLied(what=f"{method}: the answer is not an object")
    return value
