"""Lies, one at a time, in what a node serves: `verify` names each, and no honest history."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.devnet import Devnet
from ledger.audit.verify import verify
from ledger.chain.encoding import functions
from ledger.chain.gateway import Gateway
from ledger.errors import LedgerError, NodeLied
from tests.conftest import City
from tests.integration.lying_node import Lie, lying_gateway
from tests.integration.story import Story
from tests.integration.tampering import (
    PaidCity,
    answered,
    calldata,
    doubled,
    dropped,
    header,
    paid_city,
    piece,
    rewritten,
    topic,
    vanished,
    word,
)

RECORDS = 96
"""Where the records begin in the data of `Redeemed` and of `RedemptionsRefused`."""
LINES = 96
"""Where the lines begin in the data of `LinesSettled`."""
STRANGER = 0xDEAD << 120


@pytest.fixture(scope="module")
def paid(devnet: Devnet, deployed: City) -> Iterator[PaidCity]:
    """One city for all lies: they are told about it and leave it as it is."""

    async def build() -> PaidCity:
        async with Gateway(devnet.rpc_url) as gateway:
            return await paid_city(Story(gateway, deployed))

    yield asyncio.run(build())


def selector(contract: str, name: str) -> bytes:
    return functions(contract)[name].selector


def up(value: int) -> int:
    return value + 1


def down(value: int) -> int:
    return value - 1


LIES: dict[str, tuple[Lie, set[str]]] = {
    # Redemptions
    "a redemption is dropped": (dropped("Redeemed"), {"node_lied"}),
    "a redemption is told twice": (doubled("Redeemed"), {"node_lied"}),
    "a redemption is one satang more": (
        piece("Redeemed", RECORDS + 14, 1, up),
        {"record_differs"},
    ),
    "the bill of a redemption is another": (
        piece("Redeemed", RECORDS + 8, 4, up),
        {"record_differs"},
    ),
    "a redemption goes to another shop": (
        piece("Redeemed", RECORDS + 4, 4, lambda shop: 3 - shop),
        {"record_differs"},
    ),
    "a redemption is of another pass": (piece("Redeemed", RECORDS, 4, lambda _: 9), {"no_consent"}),
    "a redemption is back-dated": (
        piece("Redeemed", RECORDS + 19, 3, down, nth=1),
        {"record_differs"},
    ),
    "a day of redemptions is back-dated": (
        word("Redeemed", 1, lambda at: at - 86_400),
        {"time_differs"},
    ),
    "a copay is hidden": (
        piece("Redeemed", RECORDS + 22 + 15, 4, lambda _: 0, nth=1),
        {"record_differs"},
    ),
    "a signature is another's": (
        calldata(selector("CouponBook", "redeem"), 170, 1, up),
        {"no_consent"},
    ),
    "a call is hidden": (
        calldata(selector("CouponBook", "redeem"), -4, 4, lambda _: 1),
        {"event_unexplained"},
    ),
    "a refusal has another reason": (
        piece("RedemptionsRefused", RECORDS + 2, 1, lambda _: 9),
        {"reason_differs"},
    ),
    "a refusal is dropped": (dropped("RedemptionsRefused"), {"node_lied"}),
    # Voids
    "a void is dropped": (dropped("Voided"), {"node_lied"}),
    "a void is one satang more": (word("Voided", 0, up), {"void_wrong"}),
    "a void gives back less copay": (word("Voided", 1, down), {"void_wrong"}),
    "a void is not signed by its shop": (
        calldata(selector("CouponBook", "void"), 32 * 6 + 31, 1, up),
        {"void_without_consent"},
    ),
    # Passes and shops
    "a second pass for one key": (
        piece("PassesEnrolled", 7 * 32, 40, lambda two: two >> 160 << 160 | two >> 160),
        {"contradiction"},
    ),
    "passes are of another class": (word("PassesEnrolled", 0, up), {"counter_differs"}),
    "a shop is of another trade": (word("MerchantRegistered", 0, up), {"counter_differs"}),
    "a shop is paid at another address": (
        topic("MerchantRegistered", 2, lambda _: STRANGER),
        {"node_lied"},
    ),
    # Campaigns
    "an allowance is doubled": (
        word("CampaignDrafted", 6, lambda old: 2 * old),
        {"counter_differs"},
    ),
    "a policy is another": (word("CampaignDrafted", 0, up), {"counter_differs"}),
    "hours are narrowed": (word("CampaignDrafted", 13, lambda _: 0), {"rule_broken"}),
    "a list has one more pass": (
        word("CouponsListed", 4, lambda bits: bits | 1 << 9),
        {"list_differs"},
    ),
    "a list has another pass": (
        word("CouponsListed", 4, lambda bits: bits ^ (1 << 3 | 1 << 9)),
        {"list_differs"},
    ),
    "a campaign is opened before its approval": (dropped("CampaignApproved"), {"node_lied"}),
    "a funder gave more": (word("CampaignFunded", 1, up), {"money_unmoved"}),
    "a funding is dropped": (dropped("CampaignFunded"), {"node_lied"}),
    # Money
    "tokens came from nowhere": (word("TokensFunded", 0, up), {"money_unmoved", "supply_differs"}),
    "a transfer is one satang less": (
        word("Transfer", 0, down),
        {"money_unmoved", "contradiction"},
    ),
    "the contract counts otherwise": (
        answered(selector("CouponBook", "credits"), up),
        {"counter_differs"},
    ),
    "the supply is told otherwise": (
        answered(selector("CityToken", "totalSupply"), up),
        {"counter_differs"},
    ),
    # Rounds
    "a shop is paid one satang more": (piece("LinesSettled", LINES + 15, 1, up), {"contradiction"}),
    "a payment goes to another shop": (
        piece("LinesSettled", LINES + 4, 4, lambda _: 7),
        {"contradiction"},
    ),
    "a page is of another round's total": (word("RoundSettled", 0, up), {"contradiction"}),
    "a returned payment is more": (word("PaymentReturned", 0, up), {"contradiction"}),
    "a return is dropped": (dropped("PaymentReturned"), {"node_lied"}),
    "a round is back-dated": (word("RoundSettled", 1, lambda at: at - 86_400), {"time_differs"}),
    "a round burnt less": (
        word("TokensSettled", 0, down),
        {"money_unmoved", "round_money_differs"},
    ),
    # What vanished whole: no log, no place in the block's bloom, no gap in the numbers
    "all redemptions vanish": (vanished("Redeemed"), {"contradiction", "counter_differs"}),
    "all voids vanish": (vanished("Voided"), {"counter_differs"}),
    "all refusals vanish": (vanished("RedemptionsRefused"), {"records_miscounted"}),
    "approvals vanish": (vanished("CampaignApproved"), {"out_of_turn"}),
    "issues vanish": (vanished("CouponsIssued"), {"out_of_turn"}),
    "the list vanishes": (vanished("CouponsListed"), {"list_differs"}),
    "fundings vanish": (vanished("CampaignFunded"), {"contradiction"}),
    "passes vanish": (vanished("PassesEnrolled"), {"no_consent", "counter_differs"}),
    "returns vanish": (vanished("PaymentReturned"), {"contradiction", "counter_differs"}),
    "the last page vanishes": (vanished("LinesSettled"), {"contradiction"}),
    "a grant of a role vanishes": (vanished("RoleGranted"), {"not_authorised"}),
    # Blocks
    "a block is omitted": (header(12, gone=True), {"node_lied"}),
    "a block is another's child": (header(12, parentHash="0x" + "11" * 32), {"node_lied"}),
    "a block is an hour older": (header(25, timestamp=hex(1)), {"time_differs"}),
}
"""What is told, and one of the names it must be found under."""


async def found_by_verify(paid: PaidCity, lie: Lie) -> set[str]:
    async with lying_gateway(paid.story.gateway.url, lie) as gateway:
        try:
            result = await verify(gateway, paid.story.city.deployment, processes=0)
        except LedgerError as refused:
            assert isinstance(refused, NodeLied), refused
            return {refused.code}
    for finding in result.findings:
        assert finding.th and finding.en.endswith(".")
    return {finding.code for finding in result.findings}


@pytest.mark.parametrize("what", LIES)
async def test_a_lying_node_is_named(paid: PaidCity, what: str) -> None:
    lie, names = LIES[what]
    assert await found_by_verify(paid, lie) & names


async def test_nothing_is_found_where_nobody_lies(paid: PaidCity) -> None:
    def honest(method: str, params: list[Any], result: Any) -> Any:
        return result

    assert await found_by_verify(paid, honest) == set()


@pytest.mark.parametrize(
    ("what", "event", "contract", "name"),
    [
        ("a stranger drafts", "CampaignDrafted", "CouponBook", "draft"),
        ("a stranger opens", "CampaignApproved", "CouponBook", "approve"),
        ("a stranger issues", "CouponsIssued", "CouponBook", "issue"),
        ("a stranger makes a round", "RoundMade", "SettlementBook", "make"),
        ("a stranger approves a round", "RoundApproved", "SettlementBook", "approve"),
    ],
)
async def test_an_officer_without_the_role_is_named(
    paid: PaidCity, what: str, event: str, contract: str, name: str
) -> None:
    """A rogue act, told consistently: the log's topic and the block's bloom are of a stranger."""
    found = await found_by_verify(paid, rewritten(event, 2, STRANGER))
    assert "not_authorised" in found, what


async def test_who_takes_two_steps_of_a_campaign_is_named(paid: PaidCity) -> None:
    drafter = int(paid.story.city.signers["CAMPAIGN_OFFICER"].address, 16)
    for event in ("CampaignApproved", "CouponsIssued"):
        found = await found_by_verify(paid, rewritten(event, 2, drafter))
        assert {"not_authorised", "same_person"} <= found, event
