"""Webhooks: addresses that hear what happened, what they were told, and what became of it."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.base import Schema, Time
from ledger.domain.webhooks import URL_LENGTH_MAX

Position = Annotated[int, Field(ge=0, le=2**53 - 1, examples=[41])]
"""How far a stream was heard: 0 is before the first event."""


class AddWebhook(Schema):
    """An address that is to hear the caller's stream from now on."""

    url: Annotated[
        str,
        StringConstraints(min_length=1, max_length=URL_LENGTH_MAX),
        Field(examples=["https://till.example/nakhon"]),
    ]


class Webhook(Schema):
    """An address, and how it gets on. `position`: the number of the newest event; `pending`: how
    many wait to be delivered; `generation` counts its secrets. Times are the machine's."""

    webhook: str
    url: str
    stream: str
    status: Literal["active", "disabled"]
    why: str | None
    position: Position
    pending: int
    generation: int
    failures: int
    failing_since: Time | None
    delivered_at: Time | None
    created_at: Time
    previous_secret_until: Time | None


class WebhookWithSecret(Webhook):
    """The same with its secret: told in this answer alone, and kept nowhere."""

    secret: Annotated[str, Field(examples=["whsec_" + "A" * 43 + "="])]


class Webhooks(Schema):
    """The caller's addresses, the oldest first."""

    items: list[Webhook]


class Replay(Schema):
    """Send again what stands behind this position."""

    after: Position


class RemovedWebhook(Schema):
    """An address that hears nothing more."""

    webhook: str


class WebhookEvent(Schema):
    """One event, as it is delivered. `sequence` counts the stream without a gap."""

    id: str
    type: str
    timestamp: str
    stream: str
    sequence: int
    data: dict[str, Any]


class WebhookEvents(Schema):
    """Events behind a position, in order. `position` is where to ask on from, `last` the newest
    number there is, `oldest` the lowest that is kept."""

    items: list[WebhookEvent]
    position: Position
    last: Position
    oldest: int | None


class WebhookDelivery(Schema):
    """What became of one event at one address. `answered` is the receiver's HTTP status."""

    sequence: int
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    answered: int | None
    why: str | None
    next_at: Time
    changed_at: Time
