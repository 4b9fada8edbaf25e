"""The auditor on copays: which entry of a batch a payment of tokens belongs to."""

import pytest

from ledger.audit.verify import verify
from ledger.chain.gateway import Gateway
from ledger.domain.reasons import Reason
from tests.conftest import City
from tests.integration.faults import bring
from tests.integration.story import Story


@pytest.fixture
async def story(gateway: Gateway, city: City) -> Story:
    return Story(gateway=gateway, city=city)


async def test_a_refused_entry_does_not_use_up_the_copay_of_a_later_one(story: Story) -> None:
    await story.enrol(2)
    await story.register(1)
    terms = await story.campaign(1)
    await story.pocket_money(0, 1_000)
    step = await story.step(terms) - 4
    entries = [
        story.entry(1, terms, 0, step, bill=10_000, amount=5_001, copay=100),
        story.entry(1, terms, 0, step + 1, bill=10_000, amount=5_000, copay=100),
        story.entry(1, terms, 0, step + 2, bill=10_000, amount=5_000, copay=901),
    ]
    attempted = await bring(story, 1, entries)
    assert attempted.reasons == [Reason.SHARE_EXCEEDED, Reason.COPAY_UNPAID]
    audited = await verify(story.gateway, story.city.deployment)
    assert [finding.en for finding in audited.findings] == []
    assert audited.redemptions == 1
