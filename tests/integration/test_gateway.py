"""The gateway against a real node, and against one that is down, slow, busy or answers nonsense."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import orjson
import pytest

from ledger.chain.clock import DevnetClock, SystemClock
from ledger.chain.encoding import decode_call, decode_result, encode_call, functions
from ledger.chain.gateway import Gateway, Limits
from ledger.chain.signer import DevSigner, Transaction, sign_transaction
from ledger.errors import LedgerError, NodeLied, NodeRefused, NodeUnreachable, TransactionReverted
from tests.conftest import City

QUICK = Limits(seconds_max=1, response_bytes_max=10_000, retry_pauses_ms=(1, 1))


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Gateway:
    return Gateway("http://node/secret", limits=QUICK, transport=httpx.MockTransport(answer))


def result_of(value: object) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        number = orjson.loads(request.content)["id"]
        return httpx.Response(200, content=orjson.dumps({"id": number, "result": value}))

    return answer


async def test_it_reads_a_real_chain(gateway: Gateway, city: City) -> None:
    assert await gateway.chain_id() == 31337
    head = await gateway.block("latest")
    assert head is not None
    assert await gateway.block(head.number) == head == await gateway.block_by_hash(head.hash)
    assert (await gateway.blocks(head.number - 1, head.number))[0].hash == head.parent
    assert await gateway.block(head.number + 1_000) is None
    assert await gateway.block_by_hash("0x" + "11" * 32) is None
    book = city.deployment.contracts["CouponBook"].address
    assert await gateway.code(book)
    assert await gateway.code("0x" + "22" * 20) == b""
    answer = await gateway.call(book, encode_call("CouponBook", "lastCampaign"))
    assert decode_result("CouponBook", "lastCampaign", answer) == (0,)
    assert await gateway.transaction("0x" + "33" * 32) is None
    assert await gateway.receipt("0x" + "33" * 32) is None


async def mined(gateway: Gateway, tx_hash: str) -> dict[str, Any]:
    for _ in range(1_000):
        receipt = await gateway.receipt(tx_hash)
        if receipt is not None:
            return receipt
        await asyncio.sleep(0.01)
    raise AssertionError("no block in ten seconds")


async def test_a_signed_transaction_is_taken_and_keeps_its_hash(
    gateway: Gateway, city: City
) -> None:
    signer = DevSigner.numbered(19)
    fees = await gateway.fees()
    transaction = Transaction(
        chain_id=31337,
        account_nonce=await gateway.transaction_count(signer.address),
        priority_fee_wei=fees.priority_fee_wei,
        fee_wei_max=fees.fee_wei_max(),
        gas_limit=21_000,
        to="0x" + "44" * 20,
        data=b"",
        value_wei=7,
    )
    signed = await sign_transaction(signer, transaction)
    assert signed == await sign_transaction(signer, transaction)
    assert await gateway.send_raw(signed.raw) == signed.hash
    receipt = await mined(gateway, signed.hash)
    assert int(receipt["status"], 16) == 1
    assert receipt["from"] == signer.address.lower()
    assert await gateway.balance("0x" + "44" * 20) == 7
    with pytest.raises(NodeRefused):
        await gateway.send_raw(signed.raw)


async def test_a_revert_carries_the_custom_error(gateway: Gateway, city: City) -> None:
    book = city.deployment.contracts["CouponBook"].address
    for ask in (
        gateway.call(book, encode_call("CouponBook", "redeem", 1, b"\1")),
        gateway.estimate_gas("0x" + "55" * 20, book, encode_call("CouponBook", "redeem", 1, b"\1")),
    ):
        with pytest.raises(TransactionReverted) as caught:
            await ask
        assert caught.value.details["error"] == "AccessManagedUnauthorized"


async def test_a_node_that_is_down_is_unreachable_and_its_key_is_not_shown() -> None:
    async with Gateway("http://127.0.0.1:9/v3/secret-key", limits=QUICK) as gateway:
        with pytest.raises(NodeUnreachable) as caught:
            await gateway.chain_id()
    assert "secret" not in str(caught.value)
    assert caught.value.retryable


async def test_a_slow_node_is_given_up() -> None:
    async def slow(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(200)

    limits = Limits(seconds_max=1, retry_pauses_ms=())
    async with Gateway("http://n", limits=limits, transport=httpx.MockTransport(slow)) as gateway:
        with pytest.raises(NodeUnreachable):
            await gateway.chain_id()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_busy_node_is_asked_again(status: int) -> None:
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(status) if asked < 3 else result_of("0x1")(request)

    async with answering(answer) as gateway:
        assert await gateway.chain_id() == 1
    assert asked == 3


async def test_a_transaction_is_never_sent_twice_by_itself() -> None:
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(503)

    async with answering(answer) as gateway:
        with pytest.raises(NodeUnreachable):
            await gateway.send_raw(b"\2")
    assert asked == 1


NONSENSE: list[tuple[object, type[LedgerError]]] = [
    (b"<html>", NodeUnreachable),
    (b"", NodeUnreachable),
    (b"[]", NodeLied),
    (b"3", NodeLied),
    (b'{"id": 99, "result": "0x1"}', NodeLied),
    (b'{"id": 1, "error": {"code": -32601, "message": "no such method"}}', NodeRefused),
    (b'{"id": 1, "error": "broken"}', NodeLied),
    (b'{"id": 1, "result": "one"}', NodeLied),
    (b'{"id": 1, "result": null}', NodeLied),
    (b'{"id": 1, "result": "' + b"0" * 20_000 + b'"}', NodeRefused),
]


@pytest.mark.parametrize(("body", "kind"), NONSENSE)
async def test_nonsense_is_named_and_never_crashes(body: bytes, kind: type[LedgerError]) -> None:
    async with answering(lambda _: httpx.Response(200, content=body)) as gateway:
        with pytest.raises(kind):
            await gateway.chain_id()


@pytest.mark.parametrize("header", [{}, {"number": "0x1"}, {"number": 1}, [], "0x"])
async def test_a_block_that_is_none_is_a_lie(header: object) -> None:
    async with answering(result_of(header)) as gateway:
        with pytest.raises(NodeLied):
            await gateway.block(1)


async def test_a_batch_with_answers_missing_is_a_lie() -> None:
    async with answering(lambda _: httpx.Response(200, content=b"[]")) as gateway:
        with pytest.raises(NodeLied):
            await gateway.headers(1, 3)


def test_every_function_can_be_called_and_its_calldata_read_back() -> None:
    for contract in ("CityToken", "CityPass", "MerchantRegistry", "CouponBook", "AccessManager"):
        assert functions(contract)
    data = encode_call("CouponBook", "redeem", 7, b"batch")
    call = decode_call("CouponBook", data)
    assert call is not None and call.arguments == {"campaign": 7, "batch": b"batch"}
    assert decode_call("CouponBook", b"\0\0\0\0") is None
    assert decode_call("CouponBook", data[:20]) is None


@pytest.fixture
async def clock(gateway: Gateway, city: City) -> AsyncIterator[DevnetClock]:
    yield DevnetClock(gateway)


async def test_the_devnets_clock_is_the_chains(clock: DevnetClock, city: City) -> None:
    head = await clock.gateway.block("latest")
    assert head is not None and await clock.now() >= head.time
    assert await SystemClock().now() > 1_700_000_000
