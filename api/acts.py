"""Who of the staff did what, or looked at whose data: written down by the request itself.

An act stands in the transaction of what it did, so neither is there without the other. A look is
written before its answer is given: what cannot be written down is not shown. The name of an act is
the name of its endpoint, so that none can be forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import staff
from ledger.db.api_keys import Officer
from ledger.db.session import transaction
from ledger.domain.staff_log import TARGET_LENGTH_MAX
from ledger.services.runtime import Runtime

LOOKS_BY_POST: Final = frozenset({"replay_policy"})
"""A question too long for an address: it changes nothing."""

SHOWS_NOBODY: Final = frozenset(
    {
        "read_intent",
        "list_rounds",
        "campaign_account",
        "list_staff_acts",
        "read_office",
        "read_live",
        "check_policy",
        "preview_passes",
        "preview_shops",
        "list_webhooks",
        "read_webhook",
        "read_webhook_events",
        "list_webhook_deliveries",
    }
)
"""Reads by offices that show nobody's data: orders' fates, totals, what the caller brought or is
itself, what shops took (no pass is named in it), and this log."""

OF_SHOPS: Final = frozenset({"void_redemption", "ask_void"})
"""What shops do that the log has too, since it moves the city's money back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: an officer by name, a shop or a till by number, and the key that was used."""

    by: str
    key: str


async def note_officer(request: Request, runtime: Runtime, officer: Officer) -> None:
    """Remember who acts by this request; where it looks at somebody's data, write that down."""
    request.state.actor = Actor(by=officer.name, key=officer.key_id)
    name = _name_of(request)
    looks = request.method == "GET" or name in LOOKS_BY_POST
    if not looks or name in SHOWS_NOBODY:
        return
    now = await runtime.clock.now()
    async with transaction(runtime.engine) as session:
        await _append(session, request, (), now=now)


def note_shop(request: Request, *, merchant: int, key: str) -> None:
    """Remember that a shop, or a device of it, acts by this request."""
    if _name_of(request) in OF_SHOPS:
        request.state.actor = Actor(by=f"merchant {merchant}", key=key)


async def note_act(session: AsyncSession, request: Request, answer: BaseModel, *, now: int) -> None:
    """Write down what a request did, in the transaction that did it; nothing where no member of
    the staff acts."""
    if getattr(request.state, "actor", None) is not None:
        await _append(session, request, _orders_in(answer), now=now)


async def _append(
    session: AsyncSession, request: Request, orders: tuple[str, ...], *, now: int
) -> None:
    actor: Actor = request.state.actor
    query = f"?{request.url.query}" if request.url.query else ""
    await staff.append(
        session,
        at=now,
        act=_name_of(request),
        by=actor.by,
        key=actor.key,
        target=(request.url.path + query)[:TARGET_LENGTH_MAX],
        orders=orders,
    )


def _name_of(request: Request) -> str:
    scope: Mapping[str, Any] = request.scope
    return str(getattr(scope.get("route"), "name", ""))


def _orders_in(answer: BaseModel) -> tuple[str, ...]:
    """The orders to the chain that an answer tells of, by their ids."""
    placed = getattr(answer, "intents", None) or [getattr(answer, "intent", None)]
    return tuple(str(one.id) for one in placed if hasattr(one, "id"))
