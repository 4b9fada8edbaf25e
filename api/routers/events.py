"""A shop's screens hear at once what was taken: server-sent events, resumed where they broke."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from api.access import Cashier, TillDep
from api.schemas.events import Taken
from api.sessions import NowDep, RuntimeDep
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
        "description": "`event: taken`, whose data is a Taken; a comment every few seconds",
        "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
        "model": Taken,
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
    """What the shop takes, as it happens. Signed by its owner, who hears all of it, or by a device,
    which hears what it scanned and charged.

    It begins with the last fifteen minutes; after Last-Event-ID, with everything since, an hour at
    most. Each event is a redemption as it stands when it is told: it comes again when its state
    changes, and may come twice. Ids are TIME-NUMBER, the number one higher each event.
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
    taken = event.taken
    body = Taken.model_validate(
        {
            "id": taken.id,
            "reference": taken.reference,
            "status": taken.status,
            "bill": taken.bill,
            "amount": taken.amount,
            "copay": taken.copay,
            "voided": taken.voided,
            "accepted_at": taken.accepted_at,
        }
    )
    return f"id: {event.position}\nevent: taken\ndata: {body.model_dump_json()}\n\n".encode()
