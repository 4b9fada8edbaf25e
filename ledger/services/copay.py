"""What a holder's own tokens can pay: their balance, as far as the book may move it."""

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.chain.encoding import decode_result, encode_call
from ledger.db import redemptions
from ledger.services.runtime import Runtime


async def copay_funds(runtime: Runtime, holder: str) -> int:
    """The least of the holder's balance and what the book was allowed to take, on the chain now.

    The node is asked, so this is called before any database transaction begins.
    """
    balance = encode_call("CityToken", "balanceOf", holder)
    allowance = encode_call("CityToken", "allowance", holder, runtime.book)
    held = await runtime.gateway.call(runtime.token, balance)
    allowed = await runtime.gateway.call(runtime.token, allowance)
    (tokens,) = decode_result("CityToken", "balanceOf", held)
    (most,) = decode_result("CityToken", "allowance", allowed)
    return min(int(tokens), int(most))


async def less_waiting(session: AsyncSession, funds: int, holder: str) -> int:
    """`funds` less the copays that the till has accepted of this holder and the chain has not."""
    promised = await redemptions.waiting_copay(session, holder)
    return max(funds - promised, 0)
