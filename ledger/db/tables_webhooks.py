"""Webhooks: who wants to hear, what was told them in which order, and what became of it.

A stream is what one owner hears: a shop (its number) or city hall (0). Its events are counted
densely from 1, so whoever misses one knows it. Secrets are not here: they are derived (ADR 0009).
"""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from ledger.db.columns import address, big, document, long_text, unix_time


class WebhookStream(SQLModel, table=True):
    """One owner's events: the last number given, and since when (the till's time) they are told."""

    __tablename__ = "webhook_streams"
    __table_args__: ClassVar[Any] = (CheckConstraint("sequence >= 0", name="stream_counts_up"),)

    owner: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    begins_at: int = unix_time()
    sequence: int = big(default=0)


class WebhookEvent(SQLModel, table=True):
    """One event, written once. `id` is the same whenever it is delivered again."""

    __tablename__ = "webhook_events"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["owner"], ["webhook_streams.owner"]),
        UniqueConstraint("id", name="webhook_event_once"),
        CheckConstraint("sequence > 0", name="event_counted"),
        Index("webhook_events_by_time", "at"),
    )

    owner: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(max_length=40)
    type: str = Field(max_length=40)
    at: int = unix_time()
    data: dict[str, Any] = document()


class WebhookTold(SQLModel, table=True):
    """The state in which something was last told to an owner. `watched`: it may still change."""

    __tablename__ = "webhook_told"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["owner"], ["webhook_streams.owner"]),
        Index(
            "webhook_told_watched",
            *("owner", "subject"),
            sqlite_where=text("watched"),
            postgresql_where=text("watched"),
        ),
    )

    owner: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    subject: str = Field(primary_key=True, max_length=40)
    state: str = Field(max_length=40)
    watched: bool
    at: int = unix_time()


class WebhookEndpoint(SQLModel, table=True):
    """An address that hears its owner's stream. Everything up to `sent_to` has its delivery.

    The secret is derived by `signer`'s key from the id and `generation`; until `previous_until`
    that of the generation before signs too. Times are the machine's: they are about sending.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["owner"], ["webhook_streams.owner"]),
        UniqueConstraint("owner", "url", name="webhook_url_once"),
        CheckConstraint("status IN ('active', 'disabled')", name="endpoint_status"),
        CheckConstraint("(status = 'disabled') = (why IS NOT NULL)", name="endpoint_why"),
        CheckConstraint("failures >= 0 AND generation >= 1", name="endpoint_counts"),
    )

    id: str = Field(primary_key=True, max_length=40)
    owner: int = big()
    url: str = long_text()
    created_by: str = Field(max_length=64)
    created_at: int = unix_time()
    signer: str = address()
    generation: int = 1
    previous_until: int | None = unix_time(default=None)
    status: str = Field(default="active", max_length=16)
    why: str | None = Field(default=None, max_length=64)
    sent_to: int = big(default=0)
    failures: int = 0
    failing_since: int | None = unix_time(default=None)
    retry_at: int = unix_time(default=0)
    delivered_at: int | None = unix_time(default=None)


class WebhookDelivery(SQLModel, table=True):
    """What became of one event at one address: `answered` is its HTTP status, where it had one."""

    __tablename__ = "webhook_deliveries"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoints.id"], ondelete="CASCADE"),
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="delivery_status"),
        CheckConstraint("attempts >= 0", name="delivery_attempts"),
        Index("webhook_deliveries_due", "endpoint_id", "status", "next_at"),
    )

    endpoint_id: str = Field(primary_key=True, max_length=40)
    sequence: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    status: str = Field(default="pending", max_length=16)
    attempts: int = 0
    answered: int | None = None
    why: str | None = Field(default=None, max_length=64)
    begun_at: int = unix_time()
    next_at: int = unix_time()
    changed_at: int = unix_time()
