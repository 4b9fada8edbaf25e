"""The Python domain and the deployed contracts, given the same histories, never disagree.

`CASES` (redemptions judged, 1,500 if unset) and `SEED` choose how long and which.
"""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ledger.chain.gateway import Gateway
from ledger.domain import rules
from tests.conftest import City
from tests.integration.differential.actions import Tell
from tests.integration.differential.stage import Stage
from tests.integration.differential.telling import BEGAN, Failure, Tally, tell, tell_again
from tests.integration.story import Story

CASES = int(os.environ.get("CASES", "1500"))
SEED = int(os.environ.get("SEED", "7"))
HOUR, WEEK = 3_600, 7 * 86_400


@pytest.fixture
async def stage(gateway: Gateway, city: City) -> AsyncIterator[Stage]:
    prepared = Stage(gateway=gateway, city=city)
    await prepared.prepare()
    yield prepared
    await gateway.rpc("anvil_autoImpersonateAccount", [False])


@pytest.mark.timeout(0 if CASES > 5_000 else 120)
async def test_domain_and_contracts_agree_on_every_random_history(stage: Stage) -> None:
    tally, story = Tally(), 0
    while tally.cases < CASES:
        failure = await tell(stage, SEED, story, tally)
        assert failure is None, f"\n{failure}"
        story += 1
    reached = {name for name, count in tally.verdicts.items() if count}
    assert "accepted" in reached and len(reached) >= 20, sorted(reached)


async def first_failure(stage: Stage, stories: int) -> Failure | None:
    """The first disagreement of a few histories."""
    for story in range(stories):
        if (failure := await tell(stage, 3, story, Tally(), replays_max=12)) is not None:
            return failure
    return None


def _share_rounded_down(bill: int, share_basis_points: int) -> int:
    return bill * share_basis_points // 10_000


MISTAKES: dict[str, tuple[Any, str, Any]] = {
    "a minute of 59 seconds": (rules, "FUTURE_SECONDS", 59),
    "the share rounded down": (rules, "share_of", _share_rounded_down),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_in_one_rule_is_found_and_told_by_a_shorter_story(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    where, name, wrong = MISTAKES[mistake]
    monkeypatch.setattr(where, name, wrong)
    failure = await first_failure(stage, 40)
    assert failure is not None, "nobody noticed"
    assert failure.disagreement.found
    assert f"seed {failure.seed}, story {failure.story}" in str(failure)


async def test_a_campaign_swept_while_it_was_paused_is_closed_and_no_longer_paused(
    stage: Stage,
) -> None:
    """The contract once went on saying when it was paused."""
    terms = await Story(gateway=stage.gateway, city=stage.city).terms(
        starts=BEGAN - HOUR, ends=BEGAN + HOUR
    )
    calls: tuple[tuple[int, str, str, tuple[Any, ...]], ...] = (
        (1, "CAMPAIGN_OFFICER", "draft", (terms,)),
        (2, "APPROVER", "approve", (1,)),
        (3, "ISSUER", "issue", (1,)),
        (4, "GUARDIAN", "pause", (1,)),
        (HOUR + WEEK + 901, "stranger 0", "sweep", (1, 1)),
    )
    told = [
        Tell(
            at=BEGAN + after, sender=who, contract="CouponBook", function=what, arguments=arguments
        )
        for after, who, what, arguments in calls
    ]
    disagreement = await tell_again(stage, list(told))
    assert disagreement is None, disagreement and disagreement.found
