"""Nodes that lie about logs, blocks or totals: detected before a row is written."""

import copy
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.audit.verify import verify
from ledger.chain.bloom import bloom_of
from ledger.chain.gateway import Gateway
from ledger.db.index_blocks import event_count, last_indexed
from ledger.db.session import reading
from ledger.domain.hashing import keccak
from ledger.errors import (
    LedgerError,
    NodeLied,
    NodeRefused,
    NodeUnreachable,
    UnknownEvent,
    WrongChain,
)
from ledger.indexer.spans import SpanSize
from ledger.indexer.sync import sync_once
from tests.conftest import City
from tests.integration.lying_node import Lie, about_logs, lying_gateway
from tests.integration.story import Story, lunch

Logs = list[dict[str, Any]]
REDEEMED = "0x" + keccak(b"Redeemed(uint32,uint32,bytes,uint40)").hex()


@pytest.fixture
async def story(gateway: Gateway, city: City) -> Story:
    told = Story(gateway, city)
    await lunch(told)
    return told


def dropped(position: int) -> Lie:
    return about_logs(lambda logs: logs[:position] + logs[position + 1 :] if logs else logs)


def doubled(logs: Logs) -> Logs:
    return logs + logs[-1:]


def truncated(logs: Logs) -> Logs:
    return logs[: len(logs) * 2 // 3]


def altered(logs: Logs) -> Logs:
    changed = copy.deepcopy(logs)
    for log in changed:
        log["blockHash"] = "0x" + "ab" * 32
    return changed


def reversed_order(logs: Logs) -> Logs:
    return logs[::-1]


def withdrawn(logs: Logs) -> Logs:
    return [log | {"removed": True} for log in logs]


def of_another_contract(logs: Logs) -> Logs:
    return [log | {"address": "0x" + "77" * 20} for log in logs]


def malformed(logs: Logs) -> Logs:
    return [{"logIndex": "0x0"} for _ in logs]


LIES = [
    doubled,
    truncated,
    altered,
    reversed_order,
    withdrawn,
    of_another_contract,
    malformed,
]


async def refuses(story: Story, engine: AsyncEngine, lie: Lie) -> LedgerError:
    async with lying_gateway(story.gateway.url, lie) as liar:
        with pytest.raises(NodeLied) as caught:
            await sync_once(liar, engine, story.source)
        with pytest.raises(NodeLied):
            await verify(liar, story.city.deployment)
    return caught.value


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
async def test_logs_that_contradict_their_blocks_are_refused(
    story: Story, engine: AsyncEngine, lie: Any
) -> None:
    await refuses(story, engine, about_logs(lie))
    async with reading(engine) as connection:
        assert await event_count(connection, story.source.chain_id) == 0
        assert await last_indexed(connection, story.source.chain_id) is None


async def test_any_single_log_left_out_is_missed(story: Story, engine: AsyncEngine) -> None:
    head = await story.gateway.block_number()
    logs = await story.gateway.logs(story.source.first_block, head, story.source.addresses)
    for position in range(0, len(logs), 3):
        await refuses(story, engine, dropped(position))


async def test_a_log_left_out_of_blooms_and_receipts_too_is_missed_by_the_sums(
    story: Story, engine: AsyncEngine
) -> None:
    """A liar that also forges headers and receipts is still caught by the contract's counters."""

    def keep(logs: Logs) -> Logs:
        return [log for log in logs if log["topics"][0] != REDEEMED]

    head = await story.gateway.block_number()
    kept = keep(await story.gateway.logs(0, head, story.source.addresses))
    blooms = {
        number: bloom_of([log for log in kept if int(log["blockNumber"], 16) == number])
        for number in range(head + 1)
    }

    def lie(method: str, params: list[Any], result: Any) -> Any:
        match method:
            case "eth_getLogs":
                # Indices are told anew, so that no gap shows.
                told, counts = [], dict[str, int]()
                for log in keep(result):
                    index = counts.get(log["blockHash"], 0)
                    counts[log["blockHash"]] = index + 1
                    told.append(log | {"logIndex": hex(index)})
                return told
            case "eth_getBlockByNumber":
                return result | {"logsBloom": hex(blooms[int(result["number"], 16)])}
            case "eth_getBlockReceipts":
                return [one | {"logs": keep(one["logs"])} for one in result]
        return result

    # A busy node may have let go of the old state by now: then the whole index is compared.
    told = str(await refuses_sync(story, engine, lie))
    assert "grew in blocks" in told or "stands at block" in told
    forgetful = forgetting(story, await story.gateway.block_number(), lie)
    assert "stands at block" in str(await refuses_sync(story, engine, forgetful))
    async with reading(engine) as connection:
        assert await last_indexed(connection, story.source.chain_id) is None


def forgetting(story: Story, head: int, lie: Lie) -> Lie:
    """An ordinary node: it has no states but the last one."""

    def forget(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_call" and int(params[1], 16) != head:
            raise NodeRefused(method=method, rpc_code=-32000, why="missing trie node")
        return lie(method, params, result)

    return forget


async def test_a_node_that_forgot_old_states_is_still_good_enough(
    story: Story, engine: AsyncEngine
) -> None:
    def honest(method: str, params: list[Any], result: Any) -> Any:
        return result

    head = await story.gateway.block_number()
    async with lying_gateway(story.gateway.url, forgetting(story, head, honest)) as ordinary:
        report = await sync_once(ordinary, engine, story.source)
    assert report.indexed == report.head


async def test_an_index_that_drifted_is_noticed_when_the_indexer_starts(
    story: Story, engine: AsyncEngine
) -> None:
    await sync_once(story.gateway, engine, story.source)
    await sync_once(story.gateway, engine, story.source, thorough=True)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE included_redemptions SET amount = amount + 1"))
    with pytest.raises(NodeLied, match="spent of campaign 1"):
        await sync_once(story.gateway, engine, story.source, thorough=True)


async def refuses_sync(story: Story, engine: AsyncEngine, lie: Lie) -> NodeLied:
    async with lying_gateway(story.gateway.url, lie) as liar:
        with pytest.raises(NodeLied) as caught:
            await sync_once(liar, engine, story.source)
    return caught.value


async def test_an_unknown_event_stops_the_index(story: Story, engine: AsyncEngine) -> None:
    def strange(logs: Logs) -> Logs:
        changed = copy.deepcopy(logs)
        changed[-1]["topics"][0] = "0x" + "12" * 32
        return changed

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs":
            return strange(result)
        if method == "eth_getBlockByNumber":
            return result | {"logsBloom": "0x" + "00" * 256}
        if method == "eth_getBlockReceipts":
            return [
                one | {"logs": strange(one["logs"]) if one is result[-1] else one["logs"]}
                for one in result
            ]
        return result

    async with lying_gateway(story.gateway.url, lie) as liar:
        with pytest.raises((UnknownEvent, NodeLied)):
            await sync_once(liar, engine, story.source)


async def test_another_chain_is_refused(story: Story, engine: AsyncEngine) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        return "0x1" if method == "eth_chainId" else result

    async with lying_gateway(story.gateway.url, lie) as liar:
        with pytest.raises(WrongChain):
            await sync_once(liar, engine, story.source)


async def test_a_second_provider_on_another_fork_is_noticed(
    story: Story, engine: AsyncEngine
) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber":
            return result | {"hash": "0x" + "cd" * 32}
        return result

    async with lying_gateway(story.gateway.url, lie) as witness:
        with pytest.raises(NodeLied, match="second provider"):
            await sync_once(story.gateway, engine, story.source, witness=witness)


async def test_a_stale_head_undoes_nothing(story: Story, engine: AsyncEngine) -> None:
    full = await sync_once(story.gateway, engine, story.source)
    stale = await story.gateway.rpc("eth_getBlockByNumber", [hex(full.head.number - 20), False])

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            return stale
        return result

    async with lying_gateway(story.gateway.url, lie) as lagging:
        report = await sync_once(lagging, engine, story.source)
    assert (report.indexed, report.blocks, report.orphaned) == (full.indexed, 0, ())


async def test_spans_halve_until_the_node_bears_them(story: Story, engine: AsyncEngine) -> None:
    asked: list[int] = []

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs":
            blocks = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
            asked.append(blocks)
            if blocks > 4:
                raise NodeRefused(method=method, rpc_code=-32005, why="more than 10 results")
        return result

    async with lying_gateway(story.gateway.url, lie) as narrow:
        report = await sync_once(narrow, engine, story.source, size=SpanSize(blocks=16))
    assert report.indexed == report.head
    assert asked[:3] == [16, 8, 4]


async def test_a_node_that_refuses_a_single_block_is_an_error(
    story: Story, engine: AsyncEngine
) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs":
            raise NodeUnreachable(url="here", why="HTTP 429")
        return result

    async with lying_gateway(story.gateway.url, lie) as busy:
        with pytest.raises(NodeUnreachable):
            await sync_once(busy, engine, story.source)
