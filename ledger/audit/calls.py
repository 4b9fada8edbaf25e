"""What was said to the coupon book: the calls behind its events, with their signatures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.chain.deployment import Deployment
from ledger.chain.encoding import decode_call
from ledger.chain.gateway import Gateway
from ledger.domain.hashing import address_bytes
from ledger.errors import NodeLied, NodeRefused

WANTED: Final = frozenset({"redeem", "forceRedeem", "void"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BookCall:
    """One call of `redeem`, `forceRedeem` or `void`, however deep inside its transaction."""

    function: str
    arguments: Mapping[str, Any]
    sender: str


async def book_calls(
    gateway: Gateway, deployment: Deployment, tx_hashes: Sequence[str]
) -> dict[str, list[BookCall] | None]:
    """The calls of each transaction, in order; None where the node will not show them.

    A call straight to the book is read from the transaction. One that came through another contract
    is read from a trace, where the node has traces.
    """
    calls = [("eth_getTransactionByHash", [tx_hash]) for tx_hash in tx_hashes]
    book = address_bytes(deployment.contracts["CouponBook"].address)
    found: dict[str, list[BookCall] | None] = {}
    for tx_hash, sent in zip(tx_hashes, await gateway.batch(calls), strict=True):
        if sent is None or sent.get("hash") != tx_hash:
            raise NodeLied(what=f"transaction {tx_hash} has logs and does not exist")
        if sent["to"] is not None and address_bytes(sent["to"]) == book:
            call = read_call(sent["from"], sent["input"])
            found[tx_hash] = [] if call is None else [call]
        else:
            found[tx_hash] = await _traced(gateway, book, tx_hash)
    return found


def read_call(sender: str, data: str) -> BookCall | None:
    """A wanted call from its calldata; None for any other."""
    call = decode_call("CouponBook", bytes.fromhex(data[2:]))
    if call is None or call.function.name not in WANTED:
        return None
    return BookCall(function=call.function.name, arguments=call.arguments, sender=sender)


async def _traced(gateway: Gateway, book: bytes, tx_hash: str) -> list[BookCall] | None:
    try:
        root = await gateway.rpc(
            "debug_traceTransaction", [tx_hash, {"tracer": "callTracer"}], repeat=False
        )
    except NodeRefused:
        return None
    if not isinstance(root, dict) or "calls" not in root:
        return None
    found: list[BookCall] = []
    waiting = [root]
    while waiting:
        frame = waiting.pop()
        if frame.get("error") is not None:
            continue
        if frame.get("to") and address_bytes(frame["to"]) == book and frame["type"] == "CALL":
            call = read_call(frame["from"], frame["input"])
            if call is not None:
                found.append(call)
        waiting.extend(reversed(frame.get("calls", [])))
    return found
