"""Who says after a fault whether the promises held: the auditor, the contracts, and what was told
to people. Nothing here believes the city's own word for anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.audit.diff import diff
from ledger.audit.verify import verify
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.db import till_follow
from ledger.db.session import reading, snapshot


@dataclass(slots=True, kw_only=True)
class Judgement:
    """What was compared, and every complaint. None means: P1 to P5 hold, nothing accepted is
    missing, nothing is there twice."""

    redemptions: int = 0
    spent: int = 0
    complaints: list[str] = field(default_factory=list)


_UNSETTLED: Final = (
    "SELECT (SELECT count(*) FROM redemptions WHERE status NOT IN ('final', 'voided'))"
    " + (SELECT count(*) FROM intents WHERE status <> 'final')"
    " + (SELECT count(*) FROM batches WHERE status NOT IN ('final', 'failed'))"
)


async def settled(engine: AsyncEngine) -> bool:
    """Whether nothing is on its way any more: the moment to judge."""
    async with reading(engine) as connection:
        return not (await connection.execute(text(_UNSETTLED))).scalar_one()


async def judge(
    engine: AsyncEngine, rpc_url: str, deployment: Deployment, promised: Mapping[str, int]
) -> Judgement:
    """Hold chain, index and till against each other, and all of them against `promised`: the
    redemptions, by id, whose acceptance somebody was told, with their amounts in satang.

    To be asked once everything is final.
    """
    judged = Judgement()
    complain = judged.complaints.append
    async with Gateway(rpc_url) as gateway:
        verified = await verify(gateway, deployment)
        judged.complaints += [f"verify: {found.en}" for found in verified.findings]
        compared = await diff(gateway, engine, deployment)
        judged.complaints += [f"diff: {each.en}" for each in compared.differences]
    judged.redemptions = verified.redemptions
    judged.spent = sum(each.spent for each in verified.state.campaigns.values())
    if not verified.counters_compared:
        complain("verify: the contracts' counters were not compared")
    till = await _till(engine)
    for name, amount in promised.items():
        if name not in till:
            complain(f"accepted and not in the till: {name}")
        elif till[name] != ("final", amount):
            complain(f"accepted with {amount} and then {till[name]}: {name}")
    for name, (status, _amount) in till.items():
        if status != "final":
            complain(f"the till's {name} is {status}")
    if len(till) != verified.redemptions:
        complain(f"{len(till)} in the till, {verified.redemptions} on the chain")
    if (held := sum(amount for _status, amount in till.values())) != judged.spent:
        complain(f"the till says {held} satang were spent, the contract {judged.spent}")
    judged.complaints += await _outbox(engine, deployment.chain_id)
    return judged


async def _till(engine: AsyncEngine) -> dict[str, tuple[str, int]]:
    async with reading(engine) as connection:
        rows = await connection.execute(text("SELECT id, status, amount FROM redemptions"))
        return {row.id: (row.status, row.amount) for row in rows}


async def _outbox(engine: AsyncEngine, chain_id: int) -> list[str]:
    """Nothing waits, no transaction hangs, and the counters are what the chain says."""
    complaints = []
    async with snapshot(engine) as session:
        for question, said in (
            ("SELECT count(*) FROM intents WHERE status <> 'final'", "intents are not final"),
            (
                "SELECT count(*) FROM batches WHERE status NOT IN ('final', 'failed')",
                "transactions are open",
            ),
        ):
            if count := await session.scalar(text(question)):
                complaints.append(f"outbox: {count} {said}")
        off = await till_follow.counters_off(session, chain_id)
        complaints += [f"counter of {pair} is off" for pair in off]
    return complaints
