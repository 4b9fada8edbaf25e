"""A draft replayed on the city's past."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.schemas.base import Hash32, PassNumber, SatangSum, Schema
from api.schemas.campaigns import POLICY_EXAMPLE, ListName
from ledger.domain.replay import WEEKS_MAX


class ReplayDraft(Schema):
    """Replay a draft policy (the document, or the hash of one kept before) on the city's past.

    `budget` is what it would be funded with, `list` whom it would be issued to, `weeks` how far the
    past is moved: left out, only where it misses the draft's window.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"policy": POLICY_EXAMPLE, "budget": "12000000"}]}
    )

    policy: dict[str, Any] | Hash32
    budget: SatangSum | None = None
    listed: Annotated[list[PassNumber], Field(max_length=100_000)] | ListName | None = Field(
        default=None, alias="list", description="pass numbers, or the id of an uploaded list"
    )
    weeks: int | None = Field(default=None, ge=-WEEKS_MAX, le=WEEKS_MAX)
