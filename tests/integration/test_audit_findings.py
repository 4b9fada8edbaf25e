"""What the auditor finds where calldata, state or sums are not what the rules make of them."""

from dataclasses import replace
from typing import Any

import pytest

from deploy.devnet import Devnet
from ledger.audit.balances import at_end
from ledger.audit.counters import on_chain
from ledger.audit.findings import SENTENCES, Finding
from ledger.audit.state import rebuild_state
from ledger.audit.verify import Verification, verify
from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Gateway
from ledger.domain.redemption import Entry, Maximum, pack_batch
from ledger.errors import NodeRefused
from tests.conftest import City
from tests.integration.lying_node import Lie, lying_gateway
from tests.integration.story import Story, lunch


@pytest.fixture
def story(gateway: Gateway, city: City) -> Story:
    return Story(gateway, city)


async def audited(story: Story, lie: Lie) -> Verification:
    async with lying_gateway(story.gateway.url, lie) as gateway:
        return await verify(gateway, story.city.deployment)


def instead(tx_hash: str, data: bytes) -> Lie:
    """The node shows other calldata for one transaction."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getTransactionByHash" and params[0] == tx_hash:
            return result | {"input": "0x" + data.hex()}
        return result

    return lie


async def one_redemption(story: Story) -> tuple[str, Entry]:
    await story.enrol(3)
    await story.register(2)
    terms = await story.campaign(1)
    entry = story.entry(1, terms, 0, await story.step(terms))
    return await story.redeem(1, [entry]), entry


def redeem(entries: list[Entry]) -> bytes:
    return encode_call("CouponBook", "redeem", 1, pack_batch(entries))


async def test_calldata_without_the_holders_signature_is_no_consent(story: Story) -> None:
    tx_hash, entry = await one_redemption(story)
    forged = replace(entry, r=bytes(31) + b"\1")
    result = await audited(story, instead(tx_hash, redeem([forged])))
    (finding,) = result.findings
    assert (finding.code, finding.tx_hash) == ("no_consent", tx_hash)
    assert "1" in finding.th and "signature" in finding.en


async def test_every_altered_field_of_an_entry_is_found(story: Story) -> None:
    tx_hash, entry = await one_redemption(story)
    for changed in (
        replace(entry, amount=entry.amount - 1),
        replace(entry, bill=entry.bill + 1),
        replace(entry, merchant=2),
        replace(entry, copay=1),
        replace(entry, step=entry.step - 1),
        replace(entry, maximum=Maximum(bill=10_000, amount=5_000, copay=0)),
    ):
        result = await audited(story, instead(tx_hash, redeem([changed])))
        assert [finding.code for finding in result.findings] == ["no_consent"], changed


async def test_more_or_fewer_entries_than_records_are_found(story: Story) -> None:
    tx_hash, entry = await one_redemption(story)
    result = await audited(story, instead(tx_hash, redeem([entry, entry])))
    assert "records_miscounted" in [finding.code for finding in result.findings]


async def test_an_event_without_its_call_is_found(story: Story) -> None:
    tx_hash, _ = await one_redemption(story)
    result = await audited(story, instead(tx_hash, b"\1\2\3\4"))
    assert [finding.code for finding in result.findings] == ["event_unexplained"]


async def test_a_refusal_that_no_rule_makes_is_found(story: Story) -> None:
    _, entry = await one_redemption(story)
    terms = (await rebuild_state(story.gateway, story.city.deployment)).campaigns[1].terms
    step = entry.step + 1
    too_much = story.entry(1, terms, 1, step, amount=9_999)
    tx_hash = await story.redeem(1, [too_much])
    honest = await verify(story.gateway, story.city.deployment)
    assert (honest.findings, honest.refusals) == ([], 1)
    fine = story.entry(1, terms, 1, step, bill=20_000, amount=9_999)
    result = await audited(story, instead(tx_hash, redeem([fine])))
    assert [finding.code for finding in result.findings] == ["refused_wrongly"]
    early = story.entry(1, terms, 0, entry.step, amount=9_999)
    result = await audited(story, instead(tx_hash, redeem([early])))
    assert [finding.code for finding in result.findings] == ["reason_differs"]


async def test_a_void_that_the_shop_did_not_sign_is_found(story: Story) -> None:
    await lunch(story)
    state = await rebuild_state(story.gateway, story.city.deployment)
    head = await story.gateway.block_number()
    (void_tx,) = {
        log["transactionHash"]
        for log in await story.gateway.logs(head, head, story.source.addresses)
    }
    sent = await story.gateway.transaction(void_tx)
    assert sent is not None and state.books[1].voids
    data = bytearray.fromhex(sent["input"][2:])
    data[4 + 32 * 7 + 31] ^= 1
    result = await audited(story, instead(void_tx, bytes(data)))
    assert [finding.code for finding in result.findings] == ["void_without_consent"]


async def test_a_forced_redemption_is_verified_as_forced(story: Story, devnet: Devnet) -> None:
    await one_redemption(story)
    state = await rebuild_state(story.gateway, story.city.deployment)
    terms = state.campaigns[1].terms
    entry = story.entry(1, terms, 2, await story.step(terms))
    await devnet.advance(1_000)
    shop = story.shops[0]
    await story.gateway.rpc("anvil_setBalance", [shop.address, hex(10**18)])
    tx_hash = await story.send(shop, "CouponBook", "forceRedeem", 1, pack_batch([entry]))
    honest = await verify(story.gateway, story.city.deployment)
    assert (honest.findings, honest.redemptions) == ([], 2)
    unnamed = story.entry(
        1, terms, 2, entry.step, maximum=Maximum(bill=10_000, amount=5_000, copay=0)
    )
    data = encode_call("CouponBook", "forceRedeem", 1, pack_batch([unnamed]))
    result = await audited(story, instead(tx_hash, data))
    (finding,) = result.findings
    assert (finding.code, finding.details["reason"]) == ("rule_broken", "force_needs_merchant")


async def test_calls_through_another_contract_are_read_from_a_trace(story: Story) -> None:
    await one_redemption(story)
    state = await rebuild_state(story.gateway, story.city.deployment)
    terms = state.campaigns[1].terms
    step = await story.step(terms)
    inner = redeem([story.entry(1, terms, 1, step)])
    await story.tell("SEQUENCER", "AccessManager", "execute", story.address("CouponBook"), inner)
    honest = await verify(story.gateway, story.city.deployment)
    assert (honest.findings, honest.redemptions, honest.signatures) == ([], 2, 2)

    def no_traces(method: str, params: list[Any], result: Any) -> Any:
        if method == "debug_traceTransaction":
            raise NodeRefused(method=method, rpc_code=-32601, why="no such method")
        return result

    hidden = await audited(story, no_traces)
    assert [finding.code for finding in hidden.findings] == ["calldata_hidden"]


async def test_sums_that_do_not_add_up_are_found(story: Story) -> None:
    await lunch(story)
    deployment = story.city.deployment
    state = await rebuild_state(story.gateway, deployment)
    assert list(at_end(state, deployment)) == []
    book, token = story.address("CouponBook"), story.address("CityToken")
    state.tokens[token].balances[book] -= 1
    assert [one.code for one in at_end(state, deployment)] == ["supply_differs", "escrow_short"]
    campaign = state.campaigns[1]
    state.campaigns[1] = replace(
        campaign, spent=campaign.funded + 1, approved_by=campaign.drafted_by
    )
    codes = {one.code for one in at_end(state, deployment)}
    assert codes == {"supply_differs", "escrow_short", "overspent", "same_person"}
    assert state.head is not None
    found = await on_chain(story.gateway, deployment, state, state.head.number)
    assert {one.code for one in found} == {"counter_differs"}
    assert any("campaign 1" in one.en for one in found)


def test_every_finding_can_be_said_in_both_languages() -> None:
    class Anything(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "?"

    for code in SENTENCES:
        finding = Finding(code=code, details=Anything())
        assert finding.en.endswith(".") and any("ก" <= letter <= "๛" for letter in finding.th)
