"""A shop's screens hear at once what was taken and what is to be undone: server-sent events, taken
up where they broke."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from api.access import Cashier, TillDep
from api.schemas.events import Asked, Taken
from api.sessions import NowDep, RuntimeDep
from ledger.db import till_events as rows
from ledger.db.session import snapshot
from ledger.errors import DeviceRevoked, UnknownDevice
from ledger.services.devices import device_signing
from ledger.services.runtime import Runtime
from ledger.services.till_events import (
    HEARTBEAT_SECONDS,
    Listener,
    TillEvent,
    TillEvents,
    position_of,
)

router = APIRouter(prefix="/v1/till", tags=["till"])

EVENT_STREAM: Final = "text/event-stream"
HEARTBEAT: Final = b": still here\n\n"
_SHAPE: Final[dict[int | str, dict[str, object]]] = {
    200: {
        "description": "`event: taken`, whose data is a Taken; `event: asked`, whose data is an"
        " Asked; a comment every few seconds",
        "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
        "model": Taken | Asked,
    }
}


@router.get("/events", responses=_SHAPE, response_class=StreamingResponse)
async def hear_events(
    request: Request,
    cashier: TillDep,
    runtime: RuntimeDep,
    now: NowDep,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> StreamingResponse:
    """What the shop takes and what its cashiers ask to have undone, as it happens. Signed by its
    owner, who hears all of it, or by a device, which hears what it scanned, charged and asked for.

    It begins with the last fifteen minutes; after Last-Event-ID, with everything since, an hour at
    most; and with every wish that nobody has answered. Each event is a redemption or a wish as it
    stands when it is told: it comes again when its state changes, and may come twice. Ids are
    TIME-NUMBER, the number one higher each event.
    """
    events: TillEvents = request.app.state.till_events
    listener = await events.open(
        cashier.merchant,
        cashier.address,
        None if cashier.device is None else cashier.device.id,
        after=position_of(last_event_id),
        now=now,
    )
    told = _told(runtime, events, listener, cashier)
    # A proxy that gathers what it passes on would hold the till up.
    return StreamingResponse(told, media_type=EVENT_STREAM, headers={"x-accel-buffering": "no"})


async def _told(
    runtime: Runtime, events: TillEvents, listener: Listener, cashier: Cashier
) -> AsyncIterator[bytes]:
    asked = time.monotonic()
    async for event in events.follow(listener):
        if time.monotonic() - asked >= HEARTBEAT_SECONDS:
            asked = time.monotonic()
            if not await _still_a_device(runtime, cashier):
                return
        yield HEARTBEAT if event is None else _written(event)


async def _still_a_device(runtime: Runtime, cashier: Cashier) -> bool:
    if cashier.device is None:
        return True
    try:
        async with snapshot(runtime.engine) as session:
            await device_signing(session, cashier.address)
    except (DeviceRevoked, UnknownDevice):
        return False
    return True


def _written(event: TillEvent) -> bytes:
    told = event.told
    if isinstance(told, rows.Taken):
        kind, data = "taken", _taken(told).model_dump_json()
    else:
        kind, data = "asked", _asked(told).model_dump_json()
    return f"id: {event.position}\nevent: {kind}\ndata: {data}\n\n".encode()


def _taken(told: rows.Taken) -> Taken:
    return Taken.model_validate(
        {
            "id": told.id,
            "reference": told.reference,
            "status": told.status,
            "bill": told.bill,
            "amount": told.amount,
            "copay": told.copay,
            "voided": told.voided,
            "accepted_at": told.accepted_at,
        }
    )


def _asked(told: rows.Asked) -> Asked:
    return Asked.model_validate(
        {
            "request": told.id,
            "redemption": told.redemption_id,
            "amount": told.amount,
            "reason": told.reason,
            "state": told.status,
            "asked_at": told.asked_at,
            "answered_at": told.answered_at,
        }
    )
