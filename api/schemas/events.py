"""What a shop's screens hear."""

from typing import Literal

from pydantic import Field

from api.schemas.base import SatangOut, Schema, Time
from api.schemas.devices import RequestState


class Taken(Schema):
    """One redemption of the shop as it stands now."""

    id: str = Field(examples=["rdm_5v3k7q2mza4xw6yt5v3k7q2m"])
    reference: str | None = Field(
        default=None, description="of the charge it answered", examples=["0123456789abcdef"]
    )
    status: Literal["accepted", "included", "final", "voided", "failed"]
    bill: SatangOut
    amount: SatangOut
    copay: SatangOut
    voided: SatangOut
    accepted_at: Time


class Asked(Schema):
    """A cashier's wish to have a redemption undone, as it stands now."""

    request: str = Field(examples=["vrq_5v3k7q2mza4xw6yt5v3k7q2m"])
    redemption: str = Field(examples=["rdm_5v3k7q2mza4xw6yt5v3k7q2m"])
    amount: SatangOut
    reason: str
    state: RequestState
    asked_at: Time
    answered_at: Time | None = None
