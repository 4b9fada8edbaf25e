"""Stories of rounds, coupons, transactions and receipts, as the chain tells them."""

import asyncio
from collections.abc import Iterator

import pytest

from deploy.devnet import Devnet
from ledger.audit.replay import chapters
from ledger.audit.trace import About, Subject, Trace, trace
from ledger.chain.gateway import Gateway
from ledger.domain.events import Redeemed
from ledger.errors import InputInvalid
from ledger.qr.codec import ReceiptCode, encode
from tests.conftest import City
from tests.integration.story import Story
from tests.integration.tampering import PaidCity, paid_city


@pytest.fixture(scope="module")
def paid(devnet: Devnet, deployed: City) -> Iterator[PaidCity]:
    """One city for all stories."""

    async def build() -> PaidCity:
        async with Gateway(devnet.rpc_url) as gateway:
            return await paid_city(Story(gateway, deployed))

    yield asyncio.run(build())


async def told(paid: PaidCity, about: str | About) -> Trace:
    subject = About.parse(about) if isinstance(about, str) else about
    async with Gateway(paid.story.gateway.url) as gateway:
        return await trace(gateway, paid.story.city.deployment, subject)


async def test_the_story_of_a_round_goes_from_its_maker_to_the_payment_that_came_back(
    paid: PaidCity,
) -> None:
    story = await told(paid, "round 1")
    words = (
        *("made round 1", "approved round 1"),
        *("paid merchant 1", "paid merchant 1", "paid merchant 2"),
        *("was settled", "bank file of round 1", "bank returned"),
    )
    for line, expected in zip(story.lines, words, strict=True):
        assert expected in line.en
    assert all(line.th and line.round == 1 for line in story.lines)


async def test_a_shops_story_has_its_payments(paid: PaidCity) -> None:
    lines = [line.en for line in (await told(paid, "merchant 2")).lines]
    assert sum("Round" in line for line in lines) == 2 and any("returned" in line for line in lines)


async def test_the_story_of_a_coupon_is_of_one_pass_under_one_campaign(paid: PaidCity) -> None:
    story = await told(paid, "coupon 2/1")
    assert [(line.campaign, line.pass_number) for line in story.lines] == [(2, 1)]


async def test_a_transaction_and_a_receipt_lead_to_what_they_did(paid: PaidCity) -> None:
    deployment = paid.story.city.deployment
    async with Gateway(paid.story.gateway.url) as gateway:
        taken = [
            one
            async for chapter in chapters(gateway, deployment)
            for one in chapter.told
            if isinstance(one.event, Redeemed)
        ]
    story = await told(paid, taken[0].tx_hash)
    assert len(story.lines) == 3 and {line.tx_hash for line in story.lines} == {taken[0].tx_hash}
    line = story.lines[0]
    code = ReceiptCode(
        campaign=line.campaign or 0,
        pass_number=line.pass_number or 0,
        merchant=line.merchant or 0,
        bill=10_000,
        amount=5_000,
        copay=0,
        signed_at=line.signed_at or 0,
        accepted_at=line.signed_at or 0,
        policy=bytes(32),
        r=bytes(32),
        vs=bytes(32),
    )
    text = encode(code, origin="HTTPS://NAKHON.EXAMPLE", tag=deployment.tag)
    assert (await told(paid, text)).lines == [line]


def test_what_nobody_can_tell_a_story_of_is_refused() -> None:
    assert About.parse("round:2").subject is Subject.ROUND
    for text in ("", "round", "round two", "coupon 1", "0x12", "receipt x", "redemption 1"):
        with pytest.raises(InputInvalid):
            About.parse(text)
