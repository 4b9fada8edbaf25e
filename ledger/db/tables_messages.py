"""Messages that wait to be sent: each is for a pass number, and never for a name or a phone."""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.db.columns import big, long_text, serial, unix_time


class MessageRecord(SQLModel, table=True):
    """One message. The same template is never queued twice for a pass and a deadline."""

    __tablename__ = "messages"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("id", name="message_id_once"),
        UniqueConstraint("campaign", "pass_number", "template", "due", name="message_once"),
        CheckConstraint("status IN ('queued', 'sent', 'failed')", name="message_status"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="message_sent_at"),
        CheckConstraint("attempts >= 0", name="message_attempts"),
        Index("messages_waiting", "status", "attempts", "number"),
    )

    number: int | None = serial()
    id: str = Field(max_length=40)
    campaign: int = big()
    pass_number: int = big()
    template: str = Field(max_length=32)
    due: int = unix_time()
    text_th: str = long_text()
    text_en: str = long_text()
    status: str = Field(default="queued", max_length=16)
    attempts: int = 0
    why: str | None = Field(default=None, max_length=200)
    queued_at: int = unix_time()
    sent_at: int | None = unix_time(default=None)
