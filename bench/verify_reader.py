"""One measured audit of a chain, in a process of its own so that its memory is its.

`python -m bench.verify_reader nakhon|alone|libraries RPC_URL RECORD` prints one line of JSON:
redemptions, milliseconds by the clock and of all its processors' work, peak memory in KiB of the
process and of the largest of its helpers.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from ledger.audit.verify import verify
from ledger.chain.artifacts import load_artifact
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain.clock import bangkok_day, signed_at_of
from ledger.domain.redemption import RedeemedRecord, read_batch, unpack_records
from ledger.domain.typed_data import redemption_typed_data


async def with_nakhon(rpc_url: str, deployment: Deployment, processes: int | None) -> int:
    """The whole of `nakhon audit verify`: how many redemptions it judged, all found right."""
    async with Gateway(rpc_url) as gateway:
        result = await verify(gateway, deployment, processes=processes)
    assert result.findings == [], result.findings[:3]
    return result.redemptions


def with_libraries(rpc_url: str, deployment: Deployment) -> int:
    """Holders, figures, steps, days and allowances, by the objects of web3.py and eth-account."""
    from eth_account import Account
    from eth_account.messages import encode_typed_data
    from web3 import HTTPProvider, Web3

    w3: Any = Web3(HTTPProvider(rpc_url, request_kwargs={"timeout": 120}))
    addresses = {name: contract.address for name, contract in deployment.contracts.items()}
    book: Any = w3.eth.contract(
        address=addresses["CouponBook"], abi=load_artifact("CouponBook").abi
    )
    passes: Any = w3.eth.contract(address=addresses["CityPass"], abi=load_artifact("CityPass").abi)
    numbers: dict[str, int] = {}
    for enrolled in passes.events.PassesEnrolled().get_logs(from_block=deployment.block):
        holders = enrolled["args"]["holders"]
        for index in range(len(holders) // 20):
            holder = Web3.to_checksum_address(holders[20 * index : 20 * index + 20])
            numbers[holder] = enrolled["args"]["first"] + index
    terms = {
        drafted["args"]["campaign"]: drafted["args"]["terms"]
        for drafted in book.events.CampaignDrafted().get_logs(from_block=deployment.block)
    }
    spent: dict[tuple[int, int], list[int]] = {}
    count = 0
    for redeemed in book.events.Redeemed().get_logs(from_block=deployment.block):
        campaign = redeemed["args"]["campaign"]
        sent = w3.eth.get_transaction(redeemed["transactionHash"])
        _, arguments = book.decode_function_input(sent["input"])
        records = unpack_records(redeemed["args"]["records"])
        for (entry, _head), record in zip(read_batch(arguments["batch"]), records, strict=True):
            signed_at = signed_at_of(terms[campaign]["starts"], entry.step)
            message = entry.signed(campaign, signed_at)
            document = redemption_typed_data(deployment.chain_id, addresses["CouponBook"], message)
            vs = int.from_bytes(entry.vs, "big")
            signer = Account.recover_message(
                encode_typed_data(full_message=document),
                vrs=(27 + (vs >> 255), int.from_bytes(entry.r, "big"), vs & (1 << 255) - 1),
            )
            assert numbers[signer] == record.pass_number
            _keep(spent, campaign, terms[campaign], record, signed_at)
            count += 1
    return count


def _keep(
    spent: dict[tuple[int, int], list[int]],
    campaign: int,
    terms: Any,
    record: RedeemedRecord,
    signed_at: int,
) -> None:
    """Step, day and allowance of one pass: [last step, last day, spent that day, in all]."""
    used = spent.setdefault((campaign, record.pass_number), [0, 0, 0, 0])
    day = bangkok_day(signed_at)
    today = used[2] + record.amount if used[1] == day else record.amount
    assert record.step > used[0] and used[3] + record.amount <= terms["allowance"]
    assert today <= terms["perDayMax"]
    used[:] = [record.step, day, today, used[3] + record.amount]


def main() -> int:
    """Audit as the arguments say and print what it took."""
    kind, rpc_url, record = sys.argv[1:]
    deployment = Deployment.load(Path(record))
    began = time.perf_counter_ns()
    if kind == "libraries":
        count = with_libraries(rpc_url, deployment)
    else:
        count = asyncio.run(with_nakhon(rpc_url, deployment, 0 if kind == "alone" else None))
    took = time.perf_counter_ns() - began
    mine = resource.getrusage(resource.RUSAGE_SELF)
    helpers = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = mine.ru_utime + mine.ru_stime + helpers.ru_utime + helpers.ru_stime
    found = {
        "redemptions": count,
        "milliseconds": max(1, took // 1_000_000),
        "processor_milliseconds": max(1, round(work * 1_000)),
        "peak_kib": mine.ru_maxrss,
        "helper_peak_kib": helpers.ru_maxrss,
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
