"""An officer's order to a contract: written down now, said to the chain by the sequencer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.chain.encoding import encode_call
from ledger.db import intents
from ledger.db.ids import new_id
from ledger.db.tables_till import Intent
from ledger.domain.hashing import ZERO_ADDRESS, address_bytes, checksum_address
from ledger.errors import InputInvalid, UnknownIntent
from ledger.services.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One call of one contract by one of the city's keys. `about` is kept for whoever asks why."""

    kind: str
    signer: str
    contract: str
    function: str
    arguments: Sequence[Any]
    campaign: int | None = None
    pass_number: int | None = None
    about: dict[str, Any] = field(default_factory=dict)


async def place_orders(
    session: AsyncSession,
    runtime: Runtime,
    orders: Sequence[Order],
    *,
    requested_by: str,
    now: int,
) -> list[Intent]:
    """Put orders in the outbox, to be said in this order. Raises InputInvalid for a missing key
    or arguments that do not fit the contract."""
    position = await intents.next_position(session, now)
    placed = []
    for place, order in enumerate(orders):
        data = encode_call(order.contract, order.function, *order.arguments)
        intent = Intent(
            id=new_id("int"),
            kind=order.kind,
            signer=runtime.signer(order.signer).address,
            campaign=order.campaign,
            pass_number=order.pass_number,
            payload={
                "to": runtime.deployment.address(order.contract),
                "data": "0x" + data.hex(),
                "function": f"{order.contract}.{order.function}",
                "about": order.about,
            },
            position=position + place,
            requested_by=requested_by,
            created_at=now,
            updated_at=now,
        )
        await intents.enqueue(session, intent)
        placed.append(intent)
    return placed


async def intent_of(session: AsyncSession, intent_id: str) -> Intent:
    """An intent as it stands. Raises UnknownIntent."""
    found = await intents.find(session, intent_id)
    if found is None:
        raise UnknownIntent(intent=intent_id[:40])
    return found


def account(text: str, *, what: str = "address") -> str:
    """An address as the chain spells it. Raises InputInvalid for the zero address, and for one
    whose mixed case is not its checksum (ERC-55): somebody mistyped it."""
    raw = address_bytes(text)
    spelled = checksum_address(raw)
    if spelled == ZERO_ADDRESS:
        raise InputInvalid(what=what, why="the zero address is nobody's")
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and text != spelled:
        raise InputInvalid(what=what, why="its checksum is wrong: a digit was mistyped")
    return spelled
