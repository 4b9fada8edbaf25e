"""Group commit: redemptions that wait at the same moment share one transaction.

An ordinary acceptance is judged, signed and kept here by the same rules and rows as alone, with one
statement for all of a group where `redeem` needs one for each. What is not ordinary is left to
`redeem`, which takes it alone: a refusal, a key seen before, the second redemption of one pass in a
group, a device beyond its limits, a policy that counts shops' days, households, places or paper, a
counter that somebody else moved meanwhile. Nothing is answered before the group's commit.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import intents, redemptions, till_reads, together, verdicts
from ledger.db.charges import keep_charges
from ledger.db.driver import Driver
from ledger.db.idempotency import Answer, Asked, answered_before, keep_answers
from ledger.db.index_reads import Holding
from ledger.db.redemptions import Move
from ledger.db.session import transaction
from ledger.db.together import DeviceLeft
from ledger.domain.acceptance import Acceptance, KeptVerdict
from ledger.domain.clock import bangkok_day
from ledger.domain.merchants import Merchant
from ledger.domain.till_terms import NO_TILL_TERMS, TillFacts, TillTerms
from ledger.errors import LedgerError
from ledger.failpoints import reach
from ledger.services.acceptance import accepted
from ledger.services.hearing import Claim, Hearing, heard, holders_of, moved
from ledger.services.merchants import Shop, shops_as
from ledger.services.present import Scanned
from ledger.services.quote import Rules
from ledger.services.runtime import Runtime
from ledger.services.stacking import assumed
from ledger.services.standing import Standing
from ledger.services.till_facts import Circumstances, Gathered

GROUP_MAX: Final = 64
QUIET_TURNS: Final = 3
"""Turns of the event loop in which nobody joined: who is in the door comes along."""

_log = logging.getLogger("nakhon.together")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A redemption without tokens, signed for a shop's charge or scanned by a shop, and how it is
    answered. `device` is the cashier's that scanned it, where one did."""

    claim: Claim | Scanned
    asked: Asked
    circumstances: Circumstances
    now: int
    answer: Callable[[Acceptance, Shop], Answer]
    device: str | None = None
    holder: str = ""
    """Who signed, once the signature is checked."""


class Together:
    """The redemptions of one process that wait for a transaction: the next takes all of them."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._waiting: deque[tuple[Wish, asyncio.Future[Answer | None]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def take(self, wish: Wish) -> Answer | None:
        """The answer, once it is durable; None where the redemption must be taken alone."""
        answered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((wish, answered))
        if self._working is None or self._working.done():
            self._begin()
        return await answered

    def _begin(self) -> None:
        self._working = asyncio.create_task(self._work())
        self._working.add_done_callback(self._ended)

    def _ended(self, work: asyncio.Task[None]) -> None:
        """A defect ends the work and not the waiting: whoever waits is the next group's."""
        if not work.cancelled() and (defect := work.exception()) is not None:
            _log.error("a group ended by a defect", exc_info=defect)
        if self._waiting:
            self._begin()

    async def _work(self) -> None:
        while self._waiting:
            await self._gather()
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_MAX))]
            answers: Sequence[Answer | None] = [None] * len(group)
            try:
                answers = await take_together(self._runtime, [wish for wish, _ in group])
            except (SQLAlchemyError, LedgerError, _CounterMoved) as undone:
                # Each is taken alone now, and tells its own failure.
                _log.info("a group of %d is undone: %s", len(group), type(undone).__name__)
            finally:
                for (_, answered), answer in zip(group, answers, strict=True):
                    if not answered.done():
                        answered.set_result(answer)

    async def _gather(self) -> None:
        """Let everybody join whose request has arrived: it is read in the next turns of the loop.
        A small group costs as many statements as a large one. Where nobody comes, nobody waits."""
        quiet = 0
        while quiet < QUIET_TURNS and len(self._waiting) < GROUP_MAX:
            before = len(self._waiting)
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == before else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Allowed:
    wish: Wish
    claim: Claim
    hearing: Hearing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    wish: Wish
    move: Move
    acceptance: Acceptance
    verdict: KeptVerdict
    shop: Shop


_Own = dict[int, tuple[Wish, Holding]]
"""The first wish of each pass under one campaign, by the pass."""


class _CounterMoved(Exception):
    """Somebody else moved a counter of the group: nothing of it stands."""


async def take_together(runtime: Runtime, wishes: Sequence[Wish]) -> list[Answer | None]:
    """Accept the ordinary ones of some redemptions in one transaction: their answers, durable, each
    at its place; None for those to be taken alone. Whatever it raises, nothing was kept."""
    holders = await holders_of(runtime, [wish.claim.signed for wish in wishes])
    wishes = [
        replace(wish, holder=holder or "") for wish, holder in zip(wishes, holders, strict=True)
    ]
    async with transaction(runtime.engine) as session:
        driver = await Driver.of(session)
        signed = [wish for wish in wishes if wish.holder]
        unseen = await _unseen(driver, signed)
        # Devices before passes, passes before counters, budgets last: in one order everywhere.
        left = await _left_on_devices(driver, unseen)
        taken = await _judged(session, driver, runtime, unseen, left)
        answers = [
            (each.wish.asked, each.wish.answer(each.acceptance, each.shop)) for each in taken
        ]
        if taken:
            reach("judged")
            await _keep(driver, runtime, taken, answers, left)
    reach("committed")
    given = {id(each.wish): answer for each, (_, answer) in zip(taken, answers, strict=True)}
    return [given.get(id(wish)) for wish in wishes]


async def _unseen(driver: Driver, wishes: Sequence[Wish]) -> list[Wish]:
    if not wishes:
        return []
    asked = list(dict.fromkeys(wish.asked for wish in wishes))
    held = await together.hold_keys(driver, asked)
    seen = await answered_before(driver, asked)
    found: dict[tuple[str, str], Wish] = {}
    for wish in wishes:
        key = (wish.asked.principal, wish.asked.key)
        if wish.asked in held and key not in seen:
            found.setdefault(key, wish)
    return list(found.values())


async def _left_on_devices(driver: Driver, wishes: Sequence[Wish]) -> dict[str, DeviceLeft]:
    """What the cashiers' devices of a group may still take, each held until the end."""
    names = {wish.device for wish in wishes if wish.device is not None}
    if not names:
        return {}
    return await together.devices_held(driver, names, day=bangkok_day(wishes[0].now))


async def _judged(
    session: AsyncSession,
    driver: Driver,
    runtime: Runtime,
    wishes: Sequence[Wish],
    left: dict[str, DeviceLeft],
) -> list[_Taken]:
    if not wishes:
        return []
    holdings = await together.passes_held(
        driver, runtime.chain_id, [wish.holder for wish in wishes]
    )
    numbers = {holding.pass_.number for holding in holdings.values()}
    leaving = await together.given_away(driver, numbers) if numbers else set()
    by_campaign: dict[int, _Own] = {}
    for wish in wishes:
        holding = holdings.get(wish.holder)
        if holding is not None and holding.pass_.number not in leaving:
            own = by_campaign.setdefault(wish.claim.signed.campaign, {})
            own.setdefault(holding.pass_.number, (wish, holding))
    judged = []
    for number, own in by_campaign.items():
        judged += await _judged_in(session, driver, runtime, number, own)
    taken = [await _taken(runtime, each) for each in _within_devices(judged, left)]
    shops = await shops_as(
        session, {each.shop.merchant.number: each.shop.merchant for each in taken}
    )
    return [replace(each, shop=shops[each.shop.merchant.number]) for each in taken]


def _within_devices(judged: list[_Allowed], left: dict[str, DeviceLeft]) -> list[_Allowed]:
    """Those that the device which scanned them may take, each after those before it."""
    within, taken = [], dict.fromkeys(left, 0)
    for each in judged:
        name, amount = each.wish.device, each.claim.amount
        if name is not None:
            device = left.get(name)
            if device is None or device.day != bangkok_day(each.wish.now):
                continue
            if amount > device.bill_max or taken[name] + amount > device.left:
                continue
            taken[name] += amount
        within.append(each)
    return within


async def _judged_in(
    session: AsyncSession, driver: Driver, runtime: Runtime, number: int, own: _Own
) -> list[_Allowed]:
    """What is accepted under one campaign, each after those before it; nothing of a campaign whose
    budget has not begun here, or whose policy asks for what has to be read for each alone."""
    chain_id, known = runtime.chain_id, runtime.known
    counters = await together.counters(driver, chain_id, number, list(own))
    campaign = await known.campaign(session, number, passes=own, block=counters.block)
    if campaign is None or counters.budget is None:
        return []
    policy = await known.policy(session, campaign)
    if replace(policy.till, goods_notice=None, instalments=()) != NO_TILL_TERMS:
        return []
    merchants = await known.merchants_numbered(
        session, {wish.claim.merchant for wish, _ in own.values()}, block=counters.block
    )
    new = [each for each in own if each not in counters.usages]
    begun = await till_reads.usages_to_begin_with(driver, chain_id, campaign, new) if new else {}
    funded, spent = counters.budget
    allowed = []
    for pass_number, (wish, holding) in own.items():
        standing = Standing(
            campaign=replace(campaign, funded=funded, spent=spent),
            holding=holding,
            usage=counters.usages.get(pass_number) or begun[pass_number],
            usage_begun=pass_number in counters.usages,
            budget_begun=True,
            block=counters.block,
        )
        heard_now = _heard(wish, standing, merchants.get(wish.claim.merchant), policy.till)
        if heard_now.hearing.verdict.accepted:
            spent += heard_now.claim.amount
            allowed.append(heard_now)
    return allowed


def _heard(wish: Wish, standing: Standing, merchant: Merchant | None, till: TillTerms) -> _Allowed:
    claim = wish.claim
    if isinstance(claim, Scanned):
        rules = Rules(till=till, facts=assumed(till, TillFacts()))
        claim = claim.claim(standing, merchant, rules, copay_funds=0)
    facts = Gathered(facts=TillFacts(notice_acknowledged=wish.circumstances.notice))
    hearing = heard(claim, standing, merchant, till, facts, copay_funds=0, now=wish.now)
    return _Allowed(wish=wish, claim=claim, hearing=hearing)


async def _taken(runtime: Runtime, allowed: _Allowed) -> _Taken:
    wish, claim, hearing = allowed.wish, allowed.claim, allowed.hearing
    assert hearing.merchant is not None, "a claim at no shop was refused"
    acceptance, verdict = await accepted(runtime, claim, hearing, holder=wish.holder, now=wish.now)
    return _Taken(
        wish=wish,
        move=moved(hearing.standing, claim),
        acceptance=acceptance,
        verdict=verdict,
        shop=Shop(merchant=hearing.merchant, profile=None),
    )


async def _keep(
    driver: Driver,
    runtime: Runtime,
    taken: Sequence[_Taken],
    answers: Sequence[tuple[Asked, Answer]],
    left: dict[str, DeviceLeft],
) -> None:
    # In one order in every process, so that two groups never wait for each other in a ring.
    moves = sorted(
        (each.move for each in taken), key=lambda move: (move.campaign, move.pass_number)
    )
    if not await redemptions.move_usages(driver, moves):
        raise _CounterMoved
    scanned = [(each.wish.device, each.acceptance) for each in taken if each.wish.device]
    if scanned and not await together.count_on_devices(driver, left, scanned):
        raise _CounterMoved
    kept = [each.acceptance for each in taken]
    now = max(each.wish.now for each in taken)
    oldest = now - runtime.settings.idempotency_seconds
    async with driver.at_once():
        await intents.enqueue_redemptions(driver, kept)
        await redemptions.add(driver, kept)
        await verdicts.add(driver, [each.verdict for each in taken])
        await keep_charges(driver, [(each.acceptance, _charge(each.wish)) for each in taken])
        await together.note_devices(driver, scanned)
        await keep_answers(driver, answers, now=now, not_before=oldest)
    await _spend(driver, taken)


def _charge(wish: Wish) -> str | None:
    """The charge a redemption answers; a scanned code answers none."""
    return wish.circumstances.reference if isinstance(wish.claim, Claim) else None


async def _spend(driver: Driver, taken: Sequence[_Taken]) -> None:
    """Promise the budgets what was taken, last of all: every till of a campaign needs its budget's
    one row, and holds it from here to the commit."""
    spent: dict[int, int] = {}
    for each in taken:
        campaign = each.move.campaign
        spent[campaign] = spent.get(campaign, 0) + each.acceptance.amount
    for campaign in sorted(spent):
        if not await redemptions.spend_budget(driver, campaign, spent[campaign]):
            raise _CounterMoved
