"""Group commit: redemptions that wait at the same moment share one transaction.

An ordinary acceptance is judged, signed and kept here by the same rules and rows as alone, with one
statement for all of a group where `redeem` needs one for each. What is not ordinary is left to
`redeem`, which takes it alone: a refusal, a key seen before, the second redemption of one pass in a
group, a policy that counts shops' days, households, places or paper, a counter that somebody else
moved meanwhile. Nothing is answered before the group's commit.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import redemptions, till_reads, together
from ledger.db.idempotency import Answer, Asked, answered_before, keep_answers
from ledger.db.index_reads import Holding
from ledger.db.redemptions import Move
from ledger.db.session import transaction
from ledger.db.tables_charges import ChargeTaken
from ledger.db.tables_rules import VerdictRecord
from ledger.db.tables_till import Intent, RedemptionRecord
from ledger.db.together import Key
from ledger.domain.till_terms import NO_TILL_TERMS, TillFacts
from ledger.domain.usage import Usage
from ledger.errors import LedgerError
from ledger.failpoints import reach
from ledger.services.merchants import Shop, shops_as
from ledger.services.redeem import Claim, Hearing, SignedRows, heard, moved, signed_rows
from ledger.services.runtime import Runtime
from ledger.services.standing import Standing
from ledger.services.till_facts import Circumstances, Gathered

GROUP_MAX: Final = 64
_log = logging.getLogger("nakhon.together")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A redemption signed for a shop's charge, without tokens, and how it is answered."""

    claim: Claim
    holder: str
    asked: Asked
    circumstances: Circumstances
    now: int
    answer: Callable[[RedemptionRecord, Shop], Answer]


class Together:
    """The redemptions of one process that wait for a transaction; the next takes all of them."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    wish: Wish
    move: Move
    rows: SignedRows
    shop: Shop


class _CounterMoved(Exception):
    """Somebody else moved a counter of the group: nothing of it stands."""


async def take_together(runtime: Runtime, wishes: Sequence[Wish]) -> list[Answer | None]:
    """Accept the ordinary ones of some redemptions in one transaction: their answers, durable, each
    at its place; None for those to be taken alone. Whatever it raises, nothing was kept."""
    async with transaction(runtime.engine) as session:
        taken = await _judged(session, runtime, await _unseen(session, wishes))
        answers = [
            (each.wish.asked, each.wish.answer(each.rows.record, each.shop)) for each in taken
        ]
        if taken:
            reach("judged")
            await _keep(session, runtime, taken, answers)
    reach("committed")
    given = {id(each.wish): answer for each, (_, answer) in zip(taken, answers, strict=True)}
    return [given.get(id(wish)) for wish in wishes]


async def _unseen(session: AsyncSession, wishes: Sequence[Wish]) -> list[Wish]:
    asked = list(dict.fromkeys(wish.asked for wish in wishes))
    held = await together.hold_keys(session, asked)
    seen = await answered_before(session, asked)
    found: dict[tuple[str, str], Wish] = {}
    for wish in wishes:
        key = (wish.asked.principal, wish.asked.key)
        if wish.asked in held and key not in seen:
            found.setdefault(key, wish)
    return list(found.values())


async def _judged(session: AsyncSession, runtime: Runtime, wishes: Sequence[Wish]) -> list[_Taken]:
    if not wishes:
        return []
    chain_id = runtime.chain_id
    holdings = await together.passes_held(session, chain_id, [wish.holder for wish in wishes])
    numbers = [holding.pass_.number for holding in holdings.values()]
    leaving = await together.given_away(session, numbers)
    own: dict[Key, tuple[Wish, Holding]] = {}
    for wish in wishes:
        holding = holdings.get(wish.holder)
        if holding is not None and holding.pass_.number not in leaving:
            own.setdefault((wish.claim.signed.campaign, holding.pass_.number), (wish, holding))
    usages = await together.usages(session, list(own))
    block, budgets = await together.budgets(session, chain_id, {number for number, _ in own})
    taken = []
    for key, (wish, holding) in own.items():
        standing = await _standing(session, runtime, key, holding, usages, budgets, block)
        if standing is None:
            continue
        hearing = await _heard(session, runtime, wish, standing)
        if hearing is None or not hearing.verdict.accepted:
            continue
        campaign, _ = key
        funded, spent = budgets[campaign]
        budgets[campaign] = funded, spent + wish.claim.amount
        move = moved(standing, wish.claim)
        rows = await signed_rows(runtime, wish.claim, hearing, holder=wish.holder, now=wish.now)
        assert hearing.merchant is not None, "a claim at no shop was refused"
        shop = Shop(merchant=hearing.merchant, profile=None)
        taken.append(_Taken(wish=wish, move=move, rows=rows, shop=shop))
    shops = await shops_as(
        session, {each.shop.merchant.number: each.shop.merchant for each in taken}
    )
    return [replace(each, shop=shops[each.shop.merchant.number]) for each in taken]


async def _standing(
    session: AsyncSession,
    runtime: Runtime,
    key: Key,
    holding: Holding,
    usages: dict[Key, Usage],
    budgets: dict[int, tuple[int, int]],
    block: str | None,
) -> Standing | None:
    """Where a pass stands after those before it in the group; None without a budget's row."""
    number, pass_number = key
    campaign = await runtime.known.campaign(session, number, pass_number=pass_number, block=block)
    if campaign is None or number not in budgets:
        return None
    funded, spent = budgets[number]
    usage = usages.get(key) or await till_reads.usage_to_begin_with(
        session, runtime.chain_id, campaign, pass_number
    )
    return Standing(
        campaign=replace(campaign, funded=funded, spent=spent),
        holding=holding,
        usage=usage,
        usage_begun=key in usages,
        budget_begun=True,
        block=block,
    )


async def _heard(
    session: AsyncSession, runtime: Runtime, wish: Wish, standing: Standing
) -> Hearing | None:
    """The claim judged; None where its policy asks for what has to be read for it alone."""
    policy = await runtime.known.policy(session, standing.campaign)
    if replace(policy.till, goods_notice=None, instalments=()) != NO_TILL_TERMS:
        return None
    merchant = await runtime.known.merchant(session, wish.claim.merchant, block=standing.block)
    facts = TillFacts(notice_acknowledged=wish.circumstances.notice)
    return heard(
        wish.claim, standing, merchant, policy.till, Gathered(facts=facts), copay_funds=0,
        now=wish.now,
    )  # fmt: skip


async def _keep(
    session: AsyncSession,
    runtime: Runtime,
    taken: Sequence[_Taken],
    answers: Sequence[tuple[Asked, Answer]],
) -> None:
    # In one order in every process, so that two groups never wait for each other in a ring.
    moves = sorted(
        (each.move for each in taken), key=lambda move: (move.campaign, move.pass_number)
    )
    if not await redemptions.move_usages(session, moves):
        raise _CounterMoved
    spent: dict[int, int] = {}
    for each in taken:
        campaign = each.move.campaign
        spent[campaign] = spent.get(campaign, 0) + each.wish.claim.amount
    for campaign in sorted(spent):
        if not await redemptions.spend_budget(session, campaign, spent[campaign]):
            raise _CounterMoved
    rows = [each.rows for each in taken]
    charges = [
        ChargeTaken(
            redemption_id=each.rows.record.id,
            merchant=each.rows.record.merchant,
            reference=each.wish.circumstances.reference,
        )
        for each in taken
        if each.wish.circumstances.reference is not None
    ]
    await together.add_all(
        session,
        {
            Intent: [row.intent for row in rows],
            RedemptionRecord: [row.record for row in rows],
            VerdictRecord: [row.verdict for row in rows],
            ChargeTaken: charges,
        },
    )
    now = max(each.wish.now for each in taken)
    oldest = now - runtime.settings.idempotency_seconds
    await keep_answers(session, answers, now=now, not_before=oldest)
