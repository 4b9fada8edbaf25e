"""Residents, cashiers, officers, sequencer, indexer, reorgs and crashes in any order, against a
model of a few lines. Real services, a real database, a real chain; a disagreement shrinks to a
short story (FAULTS 13, 16, 17, 20, 24, 27)."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from deploy.devnet import Devnet
from ledger.audit.diff import diff
from ledger.audit.verify import verify
from ledger.domain.redemption import SignedRedemption, redemption_id
from ledger.errors import ChainFailure, NodeUnreachable
from tests.conftest import City
from tests.databases import STORES
from tests.integration.conftest import Town, town
from tests.integration.faults import ask
from tests.integration.faulty_node import FaultyLine, another_sequencer
from tests.integration.story import Story
from tests.integration.test_services_follow import force
from tests.integration.till import CONFIRMATIONS, LUNCH, Till, key_of, open_till
from tests.property.story_copies import Copies, copies_of
from tests.property.till_model import Model, Spent

__all__ = ["town"]

FEW = 4
EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES", str(FEW)))
"""The few of every test run are always the same stories; more of them are new ones each time."""

STEPS = 18
CAMPAIGN = 2
NAMES = ("somchai", "malee", "lek")
SHOP = "ข้าวซอย"
FUNDED, ALLOWANCE, PER_DAY = 40_000, 18_000, 15_000
AMOUNTS = st.sampled_from([1_000, 4_000, 7_000])
WHO = st.sampled_from(NAMES)
QUESTIONS = ("eth_sendRawTransaction", "eth_getTransactionReceipt", "eth_getTransactionCount")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The town every story begins in: campaign 2 is small, and open."""

    devnet: Devnet
    city: City
    keys: dict[str, str]
    copies: Copies


@pytest.fixture(scope="module", params=STORES)
def world(
    request: pytest.FixtureRequest, town: Town, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("world")
    copies, url = copies_of(request, town, directory)

    async def build() -> None:
        opened = open_till(town.city, directory, keys=town.keys, database_url=url)
        async with opened as till:
            await till.sync()
            small = {**LUNCH, "allowance": str(ALLOWANCE), "per_day_max": str(PER_DAY)}
            assert await till.open_campaign(small, funds=FUNDED) == CAMPAIGN
            await till.settle()
            await till.sequencer.retire()

    before = asyncio.run(town.devnet.snapshot())
    asyncio.run(build())
    yield World(devnet=town.devnet, city=town.city, keys=town.keys, copies=copies)
    asyncio.run(town.devnet.revert(before))


class CityStories(RuleBasedStateMachine):
    """What can happen, in any order; after each step the till's counters are the model's."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.directory = Path(tempfile.mkdtemp(prefix="nakhon-story-"))
        self.model = Model(funded=FUNDED, allowance=ALLOWANCE, per_day=PER_DAY)
        self.till: Till

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        self.database_url = self.world.copies.fresh(self.directory)
        self.model.passes = {name: Spent() for name in NAMES}
        self.snapshot = self.run(self.world.devnet.snapshot())
        self.run(self._open())

    async def _open(self) -> None:
        opened = open_till(
            self.world.city,
            self.directory,
            keys=self.world.keys,
            database_url=self.database_url,
        )
        self.till = await self.stack.enter_async_context(opened)
        await self.till.sync()

    # Residents and cashiers

    @rule(who=WHO, amount=AMOUNTS, back=st.integers(0, 3))
    def pay(self, who: str, amount: int, back: int) -> None:
        """A resident signs what the shop charges, now or some steps ago."""
        self.run(self._pay(who, amount, back))

    async def _pay(self, who: str, amount: int, back: int) -> None:
        signed_at = await self.till.step_now(CAMPAIGN) - 15 * back
        due = self.model.refusals(who, amount, signed_at)
        answer = await self.till.pay(
            who, 1, 2 * amount, amount, campaign=CAMPAIGN, signed_at=signed_at
        )
        said = answer.json()
        if due:
            assert answer.status_code == 422 and said["code"] in due, (due, answer.text)
            return
        assert answer.status_code == 201, answer.text
        self.model.take(said["id"], who, amount, signed_at)

    @rule(who=WHO, bill=st.sampled_from([2_000, 6_000, 30_000]))
    def scan(self, who: str, bill: int) -> None:
        """A cashier scans a resident's code, and takes what the bill allows and not more."""
        self.run(self._scan(who, bill))

    async def _scan(self, who: str, bill: int) -> None:
        signed_at = await self.till.step_now(CAMPAIGN)
        message = SignedRedemption(
            campaign=CAMPAIGN, merchant=0, bill=20_000, amount=3_000, copay=0, signed_at=signed_at
        )
        body = {"present": self.till.present_text(who, message), "merchant": 1, "bill": str(bill)}
        answer = await self.till.signed(key_of(SHOP), "POST", "/v1/redemptions", body)
        said = answer.json()
        if answer.status_code == 201:
            amount = int(said["amount"])
            assert 0 < amount <= min(3_000, bill // 2)
            assert not self.model.refusals(who, amount, signed_at)
            self.model.take(said["id"], who, amount, signed_at)
        else:
            assert answer.status_code == 422, answer.text
            wanted = bill > 20_000 or bool(
                self.model.refusals(who, min(3_000, bill // 2), signed_at)
            )
            assert wanted, answer.text

    @precondition(lambda self: any(t.voided < t.amount for t in self.model.taken.values()))
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        """The shop undoes a part of something it took, and the chain follows."""
        names = sorted(n for n, t in self.model.taken.items() if t.voided < t.amount)
        name = data.draw(st.sampled_from(names))
        taken = self.model.taken[name]
        left = taken.amount - taken.voided
        amount = data.draw(st.sampled_from(sorted({left, max(left // 2, 1)})))
        self.run(self._void(name, amount))
        self.model.undo(name, amount)

    async def _void(self, name: str, amount: int) -> None:
        await self.till.settle()
        found = await self.till.redemption(name)
        answer = await self.till.void(SHOP, found, amount)
        assert answer.status_code == 202, answer.text
        await self.till.settle()

    @rule(who=WHO)
    def the_shop_forces(self, who: str) -> None:
        """What was signed a quarter of an hour ago comes to the chain past the till."""
        self.run(self._force(who))

    async def _force(self, who: str) -> None:
        signed_at = await self.till.step_now(CAMPAIGN)
        await self.till.settle()
        if self.model.refusals(who, 1_000, signed_at):
            return
        await self.till.sleep_until(signed_at + 901)
        message = SignedRedemption(
            campaign=CAMPAIGN, merchant=1, bill=2_000, amount=1_000, copay=0, signed_at=signed_at
        )
        await force(self.till, who, message)
        await self.till.settle()
        starts = (await self.till.client.get(f"/v1/campaigns/{CAMPAIGN}")).json()["terms"]["starts"]
        name = name_of(self.till, NAMES.index(who) + 1, (signed_at - starts) // 15 + 1)
        self.model.take(name, who, 1_000, signed_at)

    # Officers

    @rule()
    def an_officer_pauses_or_resumes(self) -> None:
        """The guardian pauses an open campaign; the approver resumes a paused one."""
        self.run(self._turn_over())

    async def _turn_over(self) -> None:
        paused = self.model.paused_at is not None
        role, word = ("approver", "resume") if paused else ("guardian", "pause")
        await self.till.settle()
        await self.till.order(role, f"/v1/campaigns/{CAMPAIGN}/{word}")
        await self.till.settle()
        campaign = (await self.till.client.get(f"/v1/campaigns/{CAMPAIGN}")).json()
        assert (campaign["paused_at"] is None) == paused
        self.model.paused_at = campaign["paused_at"]

    # Machines

    @rule()
    def the_sequencer_steps(self) -> None:
        self.run(self._step())

    async def _step(self) -> None:
        await self.till.sequencer.step()
        await self.till.quiet()

    @rule()
    def the_indexer_syncs(self) -> None:
        self.run(self._sync())

    @rule(seconds=st.integers(1, 60))
    def time_passes(self, seconds: int) -> None:
        self.run(self._pass(seconds))

    async def _pass(self, seconds: int) -> None:
        await self.till.sleep_until(await self.till.now() + seconds)

    @rule(depth=st.integers(1, CONFIRMATIONS))
    def blocks_are_replaced(self, depth: int) -> None:
        """A reorg as deep as finality allows, without the transactions that were in it."""
        self.run(self._reorg(depth))

    async def _reorg(self, depth: int) -> None:
        await self._sync()
        before = await self.till.now()
        await self.till.gateway.rpc("anvil_reorg", [depth, []])
        # The other branch is as late as the first was: time on a chain does not fall back.
        await self.till.sleep_until(max(before, await self.till.now()) + 1)
        await self._sync()

    async def _sync(self) -> None:
        """A node in the middle of a reorg contradicts itself for a moment: asked again, as the
        indexer's process does."""
        for _ in range(20):
            try:
                await self.till.sync()
            except ChainFailure:
                await asyncio.sleep(0.1)
            else:
                return
        await self.till.sync()

    @rule(method=st.sampled_from(QUESTIONS), when=st.sampled_from(["before", "after"]))
    def the_sequencer_dies_at_a_question(self, method: str, when: str) -> None:
        self.run(self._die(method, when))

    async def _die(self, method: str, when: str) -> None:
        async with another_sequencer(self.till, FaultyLine(**{when: {method}})) as dying:
            try:
                await dying.step()
            except NodeUnreachable:
                await self.till.quiet()

    @rule()
    def the_server_is_restarted(self) -> None:
        """Nothing of a process survives but its database."""
        self.run(self._restart())

    async def _restart(self) -> None:
        owner = self.till.sequencer.lead.owner
        await self.stack.aclose()
        self.stack = AsyncExitStack()
        await self._open()
        # The lease of a dead process is not waited for in a test.
        self.till.sequencer.lead.owner = owner

    # What is always true

    @invariant()
    def the_till_counts_as_the_model_does(self) -> None:
        if hasattr(self, "snapshot"):
            self.run(self._compare())

    async def _compare(self) -> None:
        async with self.till.runtime.engine.connect() as connection:
            rows = await connection.execute(
                text("SELECT pass_number, spent_total FROM usage_counters WHERE campaign = 2")
            )
            counted = {NAMES[row.pass_number - 1]: row.spent_total for row in rows}
            spent = await connection.scalar(
                text("SELECT spent FROM campaign_budgets WHERE campaign = 2")
            )
        # A counter begins when the till first needs it, with what the chain says by then.
        for name, spent_total in counted.items():
            assert spent_total == self.model.passes[name].total, (name, counted)
        assert spent is None or spent == self.model.spent <= FUNDED

    def teardown(self) -> None:
        if hasattr(self, "snapshot"):
            try:
                self.run(self._end())
            finally:
                self.run(self.stack.aclose())
                self.run(self.world.devnet.revert(self.snapshot))
                self.world.copies.forget()
        self.runner.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    async def _end(self) -> None:
        """At last everything is on the chain, and the chain is the model's."""
        for _ in range(3):
            await self.till.settle()
        await self._compare()
        for name, taken in self.model.taken.items():
            found = await self.till.redemption(name)
            # The till follows what it accepted to finality; the rest it tells from the index.
            taken_here = "final" if found["accepted_at"] else "included"
            state = "voided" if taken.voided == taken.amount else taken_here
            assert (found["status"], found["voided"]) == (state, str(taken.voided)), found
        story = Story(gateway=self.till.gateway, city=self.world.city)
        for number, name in enumerate(NAMES, start=1):
            _last, _today, total = await ask(story, "CouponBook", "usageOf", CAMPAIGN, number)
            assert total == self.model.passes[name].total, (name, total)
        credit = await ask(story, "CouponBook", "credits", CAMPAIGN, 1)
        assert credit[0] == self.model.spent
        deployment = self.world.city.deployment
        assert (await verify(self.till.gateway, deployment)).findings == []
        compared = await diff(self.till.gateway, self.till.runtime.engine, deployment)
        assert compared.differences == []


def name_of(till: Till, pass_number: int, step: int) -> str:
    """The id of a redemption that never passed the till."""
    return redemption_id(till.separator, CAMPAIGN, pass_number, step)


@pytest.mark.timeout(300 + 60 * EXAMPLES)
def test_no_story_of_the_city_disagrees_with_its_model(world: World) -> None:
    CityStories.world = world
    run_state_machine_as_test(
        CityStories,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=EXAMPLES <= FEW,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
