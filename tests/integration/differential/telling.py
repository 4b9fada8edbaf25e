"""A history told to both sides at once, until it ends or they disagree."""

import pprint
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from ledger.audit.verify import verify
from ledger.errors import LedgerError
from tests.integration.differential.actions import Action, Redeem, Tell, Void
from tests.integration.differential.history import History
from tests.integration.differential.model import Model
from tests.integration.differential.orders import of_tell
from tests.integration.differential.predictions import Prediction, of_redeem, of_void
from tests.integration.differential.stage import Outcome, Stage
from tests.integration.differential.views import (
    Difference,
    broken_promises,
    differences,
    views_after,
    views_at_end,
)

BEGAN = 1_762_578_000
"""Saturday 8 November 2025, 12:00 in Bangkok: ten days after the devnet of the tests begins."""

LEAP_EVE = 1_835_326_800
"""Monday 28 February 2028, 12:00 in Bangkok: the next day is the 29th."""

REPLAYS_MAX = 400


class Disagreement(Exception):
    """Python and the chain gave two answers."""

    def __init__(self, found: list[Difference]) -> None:
        super().__init__("; ".join(difference.question for difference in found))
        self.found = found

    @property
    def kind(self) -> str:
        """What it is about, without the numbers: a shorter story must be about the same."""
        return self.found[0].question.partition("(")[0]


@dataclass(slots=True)
class Tally:
    """What was compared so far."""

    cases: int = 0
    actions: int = 0
    stories: int = 0
    views: int = 0
    gas: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    voids: int = 0


def predict(model: Model, action: Action) -> Prediction:
    """What the domain says will happen."""
    match action:
        case Tell():
            return of_tell(model, action)
        case Redeem():
            return of_redeem(model, action)
        case Void():
            return of_void(model, action)


async def perform(stage: Stage, model: Model, action: Action, tally: Tally) -> None:
    """One action on both sides. Raises Disagreement."""
    try:
        prediction = predict(model, action)
    except LedgerError as error:
        prediction = Prediction(error=f"the domain raised {error!r}")
    outcome = await stage.perform(model, action)
    _count(tally, action, prediction, outcome)
    _raise_if(list(_told_apart(prediction, outcome)))
    try:
        for event in outcome.told:
            model.take(event, outcome.block)
    except LedgerError as error:
        raised = Difference(question="projection", python=repr(error), chain=repr(outcome.told))
        raise Disagreement([raised]) from error
    _raise_if(broken_promises(model))
    numbers = [_campaign_of(action)] if _campaign_of(action) in model.state.campaigns else []
    views = views_after(model, numbers)
    tally.views += len(views)
    _raise_if(await differences(stage.gateway, model, views))


def _count(tally: Tally, action: Action, prediction: Prediction, outcome: Outcome) -> None:
    tally.actions += 1
    tally.gas += outcome.gas
    tally.cases += len(prediction.judgments)
    for judgment in prediction.judgments:
        tally.verdicts[judgment.reason.code if judgment.reason else "accepted"] += 1
    if outcome.error:
        tally.errors[outcome.error] += 1
    elif isinstance(action, Void):
        tally.voids += 1


def _campaign_of(action: Action) -> int:
    if isinstance(action, Tell):
        first = action.arguments[0] if action.contract == "CouponBook" else 0
        return first if isinstance(first, int) else 0
    return action.campaign


def _told_apart(prediction: Prediction, outcome: Outcome) -> Iterator[Difference]:
    if prediction.error != outcome.error:
        yield Difference(
            question="accepted or refused",
            python=prediction.error or "accepted",
            chain=f"{outcome.error or 'accepted'} {outcome.arguments}",
        )
    elif prediction.arguments is not None and prediction.arguments != outcome.arguments:
        yield Difference(
            question="why it is refused",
            python=str(prediction.arguments),
            chain=str(outcome.arguments),
        )
    if not prediction.error and not outcome.error and prediction.told != outcome.told:
        yield Difference(
            question="the events",
            python=pprint.pformat(prediction.told),
            chain=pprint.pformat(outcome.told),
        )


def _raise_if(found: list[Difference]) -> None:
    if found:
        raise Disagreement(found)


async def conclude(stage: Stage, model: Model, tally: Tally) -> None:
    """At the end: every view, a state from the chain's logs alone, and the auditor, who judges all
    calldata again and must find nothing. Raises Disagreement."""
    views = views_at_end(model)
    tally.views += len(views)
    _raise_if(await differences(stage.gateway, model, views))
    rebuilt = await stage.rebuilt()
    if rebuilt.state != model.state:
        found = Difference(
            question="rebuilt from the logs",
            python=pprint.pformat(model.state),
            chain=pprint.pformat(rebuilt.state),
        )
        raise Disagreement([found])
    audited = await verify(stage.gateway, stage.city.deployment)
    _raise_if(
        [
            Difference(question=f"auditor: {of.code}", python=of.en, chain=f"block {of.block}")
            for of in audited.findings
        ]
    )


@dataclass(slots=True, kw_only=True)
class Failure:
    """A disagreement and the shortest story found that leads to it."""

    seed: int
    story: int
    actions: list[Action]
    disagreement: Disagreement

    def __str__(self) -> str:
        told = "\n".join(f"{n}. {pprint.pformat(of)}" for n, of in enumerate(self.actions, 1))
        answers = "\n".join(
            f"{of.question}\n  python: {of.python}\n  chain:  {of.chain}"
            for of in self.disagreement.found
        )
        return f"seed {self.seed}, story {self.story}\n{told}\n\n{answers}"


async def tell(
    stage: Stage, seed: int, story: int, tally: Tally, *, replays_max: int = REPLAYS_MAX
) -> Failure | None:
    """One random history on both sides; what they disagree about, shortened, or None."""
    rng = Random(f"{seed}/{story}")
    model = await stage.begin()
    began = LEAP_EVE if story % 4 == 3 else BEGAN + rng.randrange(7 * 86_400)
    history = History(rng, model, began, rng.randint(10, 70))
    told: list[Action] = []
    try:
        while (action := history.following()) is not None:
            told.append(action)
            await perform(stage, model, action, tally)
        await conclude(stage, model, tally)
    except Disagreement as disagreement:
        shortest, last = await shortened(stage, told, disagreement, replays_max)
        return Failure(seed=seed, story=story, actions=shortest, disagreement=last)
    tally.stories += 1
    return None


async def tell_again(stage: Stage, actions: list[Action]) -> Disagreement | None:
    """The same actions once more from the beginning; the disagreement they lead to, if any."""
    model, tally = await stage.begin(), Tally()
    try:
        for action in actions:
            await perform(stage, model, action, tally)
        await conclude(stage, model, tally)
    except Disagreement as disagreement:
        return disagreement
    return None


async def shortened(
    stage: Stage, actions: list[Action], first: Disagreement, replays_max: int
) -> tuple[list[Action], Disagreement]:
    """Leave out what the disagreement does not need: actions, then entries of batches."""
    shortest, last, replays = actions, first, 0
    size = max(len(actions) // 2, 1)
    while size and replays < replays_max:
        for shorter in _without(shortest, size):
            replays += 1
            again = await tell_again(stage, shorter)
            if again is not None and again.kind == first.kind:
                shortest, last = shorter, again
                break
            if replays >= replays_max:
                break
        else:
            size //= 2
    return shortest, last


def _without(actions: list[Action], size: int) -> Iterator[list[Action]]:
    for start in range(len(actions) - size, -1, -1):
        yield actions[:start] + actions[start + size :]
    if size > 1:
        return
    for index, action in enumerate(actions):
        if isinstance(action, Redeem) and len(action.plans) > 1:
            for n in range(len(action.plans)):
                fewer = replace(action, plans=action.plans[:n] + action.plans[n + 1 :])
                yield [*actions[:index], fewer, *actions[index + 1 :]]
