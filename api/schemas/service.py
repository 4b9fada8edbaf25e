"""Facts about the service itself: its time, its chain, its health."""

from typing import Literal

from pydantic import Field

from api.schemas.base import Address, Bilingual, Hash32, Schema, Time


class Now(Schema):
    """The till's time. A wallet signs by it, not by its own clock."""

    now: Time


class Deployment(Schema):
    """All a wallet must know to sign and to check: no secret is in it."""

    chain_id: int
    contracts: dict[str, Address]
    domain_separator: Hash32
    tag: str = Field(description="eight hex digits: told apart from another city's in every QR")
    origin: str
    sequencer: Address
    city: Bilingual
    block: int


class Health(Schema):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Trouble(Schema):
    """Something that is wrong with the service, and what to do. Codes are those of the runbook."""

    code: str
    th: str
    en: str
    action_th: str
    action_en: str


class Readiness(Schema):
    """Whether a till may be run on this server now; `behind` counts blocks not yet indexed.

    `troubles` says what is wrong, also where the till goes on in spite of it.
    """

    status: Literal["ready", "not_ready"]
    database: bool
    node: bool
    indexed_block: int | None = None
    head_block: int | None = None
    behind: int | None = None
    queued: int = 0
    troubles: list[Trouble] = Field(default_factory=list)
