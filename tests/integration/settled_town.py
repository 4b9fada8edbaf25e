"""What the contracts, the index and an auditor say of a town that pays its shops."""

from typing import Any

from sqlalchemy import text

from ledger.audit.replay import rebuild_state
from ledger.chain.encoding import decode_result, encode_call
from ledger.db import index_reads, redemptions
from ledger.db.session import transaction
from ledger.domain.state import State
from tests.integration.till import Till

CAMPAIGN = 1


async def asked(till: Till, contract: str, function: str, *arguments: Any) -> Any:
    address = till.runtime.deployment.address(contract)
    data = encode_call(contract, function, *arguments)
    return decode_result(contract, function, await till.gateway.call(address, data))


async def credit(till: Till, merchant: int = 1) -> tuple[int, ...]:
    """Amount, copay, paid and owed of a shop, as the contract has them."""
    return tuple(await asked(till, "CouponBook", "credits", CAMPAIGN, merchant))


async def supply(till: Till) -> int:
    return int((await asked(till, "CityToken", "totalSupply"))[0])


async def orders(till: Till, kind: str) -> list[str]:
    async with transaction(till.runtime.engine) as session:
        query = text("SELECT status FROM intents WHERE kind = :kind ORDER BY created_at, position")
        return list(await session.scalars(query, {"kind": kind}))


async def budget_left(till: Till) -> int:
    """What the till still gives out, which is what the chain holds."""
    async with transaction(till.runtime.engine) as session:
        kept = await redemptions.budget(session, CAMPAIGN)
        spent = await index_reads.spent_of(session, till.runtime.chain_id, CAMPAIGN)
        assert kept is not None and kept.spent == spent
        return kept.funded - kept.spent


async def replayed(till: Till) -> State:
    """The state that an auditor rebuilds."""
    return await rebuild_state(till.gateway, till.runtime.deployment)


async def agree(till: Till) -> None:
    """What is rebuilt from the events is what the contracts say, credit by credit."""
    state = await replayed(till)
    for merchant, told in state.books[CAMPAIGN].credits.items():
        assert await credit(till, merchant) == (told.amount, told.copay, told.paid, told.owed)
    campaign = (await asked(till, "CouponBook", "campaignOf", CAMPAIGN))[0]
    known = state.campaigns[CAMPAIGN]
    assert (campaign[6], campaign[7]) == (known.funded, known.spent)
    assert campaign[13] == state.books[CAMPAIGN].owed
    assert known.unspent == await budget_left(till)
    token = state.tokens[till.runtime.token]
    assert await supply(till) == token.supply == token.funded - token.settled
