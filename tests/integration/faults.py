"""Attempts on a real chain, by anybody, right or wrong; and the totals that must not move."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.chain.decoding import decode_log
from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.reverts import revert_of
from ledger.domain import events
from ledger.domain.redemption import (
    Entry,
    RedeemedRecord,
    RefusedRecord,
    pack_batch,
    unpack_records,
    unpack_refused,
)
from ledger.domain.signatures import HALF_ORDER, ORDER
from tests.integration.story import Story

GAS = 1 << 24
LOW_HALF = (1 << 255) - 1
"""Where s stands in the second half of a signature of 64 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of a transaction: its events, or the name of its error."""

    error: str
    arguments: dict[str, Any]
    told: tuple[events.Event, ...]

    @property
    def redeemed(self) -> list[RedeemedRecord]:
        """What was taken."""
        batches = (event for event in self.told if isinstance(event, events.Redeemed))
        return [record for batch in batches for record in unpack_records(batch.records)]

    @property
    def refused(self) -> list[RefusedRecord]:
        """What was skipped."""
        reports = (event for event in self.told if isinstance(event, events.RedemptionsRefused))
        return [record for report in reports for record in unpack_refused(report.records)]

    @property
    def reasons(self) -> list[int]:
        """Why, one for each entry that was skipped."""
        return [record.reason for record in self.refused]


async def attempt_bytes(story: Story, sender: str, to: str, data: bytes) -> Attempt:
    """Send calldata from an address whose key nobody needs here; its outcome."""
    call = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(GAS)}
    rpc = story.gateway.rpc
    await rpc("anvil_setBalance", [sender, hex(10**20)])
    await rpc("anvil_impersonateAccount", [sender])
    receipt = await rpc("eth_sendTransactionSync", [call])
    if receipt["status"] == "0x1":
        told = tuple(decode_log(log) for log in receipt["logs"])
        return Attempt(error="", arguments={}, told=told)
    trace = await rpc(
        "debug_traceTransaction", [receipt["transactionHash"], {"tracer": "callTracer"}]
    )
    details = revert_of(trace.get("output", "0x"), trace.get("error", "")).details
    return Attempt(error=details["error"], arguments=details["arguments"], told=())


async def attempt(
    story: Story, sender: str, contract: str, function: str, *arguments: Any
) -> Attempt:
    """Call a function from any address; its outcome."""
    data = encode_call(contract, function, *arguments)
    return await attempt_bytes(story, sender, story.address(contract), data)


async def bring(
    story: Story, campaign: int, entries: Sequence[Entry] | bytes, *, forced: bool = False
) -> Attempt:
    """Bring a batch: by the sequencer, or forced by a passer-by."""
    packed = entries if isinstance(entries, bytes) else pack_batch(entries)
    if forced:
        return await attempt(story, PASSER_BY, "CouponBook", "forceRedeem", campaign, packed)
    sequencer = story.city.signers["SEQUENCER"].address
    return await attempt(story, sequencer, "CouponBook", "redeem", campaign, packed)


PASSER_BY = "0x00000000000000000000000000000000000A11cE"


async def ask(story: Story, contract: str, function: str, *arguments: Any) -> tuple[Any, ...]:
    """What a view answers now."""
    data = encode_call(contract, function, *arguments)
    answer = await story.gateway.call(story.address(contract), data)
    return decode_result(contract, function, answer)


async def totals(story: Story, campaigns: Sequence[int] = (1,)) -> list[str]:
    """Everything a redemption moves, as the contracts return it: budgets, usage, credits, balances,
    registers."""
    passes, shops = range(1, len(story.residents) + 1), range(1, len(story.shops) + 1)
    everybody = [*story.residents, *story.shops, *story.city.signers.values()]
    holders = [signer.address for signer in everybody]
    questions: list[tuple[Any, ...]] = []
    for campaign in campaigns:
        questions.append(("CouponBook", "campaignOf", campaign))
        questions += [("CouponBook", "usageOf", campaign, number) for number in passes]
        questions += [("CouponBook", "credits", campaign, number) for number in shops]
    for holder in (story.address("CouponBook"), *holders):
        questions.append(("CityToken", "balanceOf", holder))
    questions.append(("CityToken", "totalSupply"))
    questions.append(("CityPass", "wordsOf", holders))
    questions.append(("MerchantRegistry", "wordsOf", list(shops)))
    calls = []
    for contract, function, *arguments in questions:
        data = "0x" + encode_call(contract, function, *arguments).hex()
        calls.append(("eth_call", [{"to": story.address(contract), "data": data}, "latest"]))
    answers: list[str] = await story.gateway.batch(calls)
    return answers


def twins_of(r: bytes, vs: bytes) -> list[bytes]:
    """Other spellings of one signature in 64 bytes: the high s, with each parity, and as it is."""
    s = int.from_bytes(vs, "big") & LOW_HALF
    high = ORDER - s
    assert high > HALF_ORDER
    parity = vs[0] >> 7
    return [
        r + ((high & LOW_HALF) | (1 - parity) << 255).to_bytes(32, "big"),
        r + ((high & LOW_HALF) | parity << 255).to_bytes(32, "big"),
        r + high.to_bytes(32, "big"),
        r + (s | (1 - parity) << 255).to_bytes(32, "big"),
    ]
