"""Reminders and the outbox they wait in."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import CampaignNumber, PassNumber, Schema, Time
from ledger.domain.reminders import Template
from ledger.services.reminders import DAYS_MAX

MessageName = Annotated[
    str, Field(pattern=r"^msg_[a-z2-7]{24}$", examples=["msg_7h2k6q4mza3xw5yt7h2k6q4m"])
]
MessageState = Literal["queued", "sent", "failed"]
OUTCOMES_MAX = 200


class Remind(Schema):
    """Remind the holders of a campaign's coupons of a deadline in the next days."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": 3}]})

    days: int = Field(ge=1, le=DAYS_MAX)


class Reminded(Schema):
    """How many passes are about to miss a deadline, and for how many a message was queued now."""

    campaign: CampaignNumber
    due: int
    queued: int
    until: Time


class Message(Schema):
    """A message for whoever holds a pass. The Thai text fits one message of 70 letters."""

    id: MessageName
    campaign: CampaignNumber
    pass_: PassNumber = Field(alias="pass")
    template: Template
    due: Time
    th: str = Field(examples=["คูปอง“ข้าวกลางวัน” ใช้ครั้งแรกภายใน 30 พ.ย. 2568 23:00 น."])
    en: str
    status: MessageState
    attempts: int
    why: str | None = None
    sent_at: Time | None = None


class Outcome(Schema):
    """What became of one message."""

    id: MessageName
    sent: bool
    why: str = Field(default="", max_length=200)


class Outcomes(Schema):
    """What became of messages that were to be sent."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"outcomes": [{"id": "msg_7h2k6q4mza3xw5yt7h2k6q4m", "sent": True}]}]
        }
    )

    outcomes: Annotated[list[Outcome], Field(min_length=1, max_length=OUTCOMES_MAX)]


class Marked(Schema):
    """How many messages changed by it."""

    marked: int
