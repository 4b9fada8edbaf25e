"""What an officer asked for and how far it has come."""

from typing import Any, Literal

from pydantic import Field

from api.schemas.base import Schema, Time

IntentStatus = Literal["queued", "sent", "included", "final", "failed"]


class IntentFailure(Schema):
    """Why an intent failed: the stable code, the evidence, and a sentence in each language."""

    code: str
    th: str
    en: str
    details: dict[str, Any] = Field(default_factory=dict)


class Intent(Schema):
    """One thing the city wants to say to the chain. `result` is filled once it is included."""

    id: str = Field(examples=["int_5v3k7q2mza4xw6yt"])
    kind: str = Field(examples=["draft"])
    status: IntentStatus
    result: dict[str, Any] | None = Field(default=None, examples=[{"campaign": 1}])
    error: IntentFailure | None = None
    tx_hash: str | None = None
    created_at: Time


class IntentAccepted(Schema):
    """202: the work is queued and durable. Where it took several transactions, `intents` holds
    all in order and `intent` is the last: when that one is final, all are."""

    intent: Intent
    intents: list[Intent]
