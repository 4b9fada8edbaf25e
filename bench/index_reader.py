"""One measured reading of a chain into a database, in a process of its own so that its memory is
its.

`python -m bench.index_reader nakhon|replay|web3 RPC_URL RECORD DATABASE_URL LAST_BLOCK` prints one
line of JSON: events, redemptions, milliseconds, peak memory in KiB. `replay` drops what is indexed
and reads it again; web3.py alone ends at LAST_BLOCK.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.chain.artifacts import load_artifact
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.db.index_rows import Rows, columns_of, insert_rows, table_of
from ledger.db.migrate import migrate
from ledger.db.session import make_engine, reading
from ledger.db.tables_index import IncludedRedemption, IndexedBlock, IndexedEvent
from ledger.domain.redemption import unpack_records
from ledger.indexer.source import source_of
from ledger.indexer.sync import rebuild, sync_once

if TYPE_CHECKING:
    # Not loaded where our own indexer is measured: its memory should be its own.
    from web3 import Web3
    from web3.contract import Contract

SPAN_LOGS: Final = 10_000


async def read_with_nakhon(rpc_url: str, deployment: Deployment, engine: AsyncEngine) -> None:
    """Our indexer up to the head: every event of every contract, with all its checks."""
    async with Gateway(rpc_url) as gateway:
        await sync_once(gateway, engine, source_of(deployment))


async def read_with_web3(
    rpc_url: str, deployment: Deployment, engine: AsyncEngine, last: int
) -> None:
    """The same through web3.py as its documentation teaches it: `get_logs`, `process_log`.

    It reads `Redeemed` alone, into the same three tables by the same insert, a span of blocks to a
    transaction. It checks nothing.
    """
    from web3 import HTTPProvider, Web3

    w3 = Web3(HTTPProvider(rpc_url, request_kwargs={"timeout": 120}))
    address = deployment.contracts["CouponBook"].address
    book = w3.eth.contract(address=address, abi=load_artifact("CouponBook").abi)  # type: ignore[call-overload]
    first, step = deployment.block, 64
    while first <= last:
        end = min(last, first + step - 1)
        rows = _web3_rows(w3, book, deployment.chain_id, first, end)
        async with engine.begin() as connection:
            await insert_rows(connection, rows)
        count = max(rows.event_count(), SPAN_LOGS // 64)
        step, first = max(1, (end - first + 1) * SPAN_LOGS // count), end + 1


def _web3_rows(
    w3: "Web3", book: "type[Contract] | Contract", chain_id: int, first: int, last: int
) -> Rows:
    rows = Rows()
    event = book.events.Redeemed()
    logs = w3.eth.get_logs(
        {
            "fromBlock": first,
            "toBlock": last,
            "address": book.address,
            "topics": [event.topic],
        }
    )
    for number in range(first, last + 1):
        block: Any = w3.eth.get_block(number)
        rows.add(
            IndexedBlock,
            {
                "chain_id": chain_id,
                "hash": block["hash"].to_0x_hex(),
                "number": block["number"],
                "parent": block["parentHash"].to_0x_hex(),
                "time": block["timestamp"],
            },
        )
    for log in logs:
        _web3_row(rows, chain_id, event.process_log(log))
    return rows


def _web3_row(rows: Rows, chain_id: int, event: Any) -> None:
    key = {
        "chain_id": chain_id,
        "block_hash": event["blockHash"].to_0x_hex(),
        "log_index": event["logIndex"],
        "block_number": event["blockNumber"],
    }
    named = {
        "tx_hash": event["transactionHash"].to_0x_hex(),
        "name": event["event"],
        "address": event["address"],
    }
    rows.add(IndexedEvent, key | named)
    arguments = event["args"]
    for position, record in enumerate(unpack_records(arguments["records"])):
        fact = {
            "position": position,
            "campaign": arguments["campaign"],
            "batch": arguments["batch"],
            "pass_number": record.pass_number,
            "merchant": record.merchant,
            "bill": record.bill,
            "amount": record.amount,
            "copay": record.copay,
            "step": record.step,
            "unnamed": record.unnamed,
            "at": arguments["at"],
        }
        assert fact.keys() | key.keys() == set(columns_of(IncludedRedemption))
        rows.add(IncludedRedemption, key | fact)


async def replay_with_nakhon(rpc_url: str, deployment: Deployment, engine: AsyncEngine) -> None:
    """Drop the index and read the chain again, as after a reorg too deep."""
    async with Gateway(rpc_url) as gateway:
        await rebuild(gateway, engine, source_of(deployment))


async def read(kind: str, rpc_url: str, record: Path, url: str, last: int) -> dict[str, int]:
    """What one reading adds to the database, timed from the first request to the last commit; of a
    replay, what it wrote again."""
    deployment = Deployment.load(record)
    engine = make_engine(url)
    await migrate(engine)
    before = [0, 0] if kind == "replay" else await _counts(engine)
    began = time.perf_counter_ns()
    if kind == "nakhon":
        await read_with_nakhon(rpc_url, deployment, engine)
    elif kind == "replay":
        await replay_with_nakhon(rpc_url, deployment, engine)
    else:
        await read_with_web3(rpc_url, deployment, engine, last)
    ended = time.perf_counter_ns()
    after = await _counts(engine)
    await engine.dispose()
    return {
        "events": after[0] - before[0],
        "redemptions": after[1] - before[1],
        "milliseconds": max(1, (ended - began) // 1_000_000),
        "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


async def _counts(engine: AsyncEngine) -> list[int]:
    events, redemptions = table_of(IndexedEvent), table_of(IncludedRedemption)
    counts = [
        select(func.count()).select_from(events).where(events.c.name == "Redeemed"),
        select(func.count()).select_from(redemptions),
    ]
    async with reading(engine) as connection:
        return [(await connection.execute(count)).scalar_one() for count in counts]


def main() -> int:
    """Read as the arguments say and print what it took."""
    kind, rpc_url, record, url, last = sys.argv[1:]
    found = asyncio.run(read(kind, rpc_url, Path(record), url, int(last)))
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
