"""What ambassadors do for residents."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.base import Address, PassNumber, Reason, Schema, Time
from api.schemas.intents import Intent

HelpKind = Literal["lost_phone", "paper_to_phone"]


class AssistMove(Schema):
    """Ask for a resident's pass to move to the key of their new phone, under your own name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "lost_phone",
                    "pass": 17,
                    "to": "0x1111111111111111111111111111111111111111",
                    "reason": "โทรศัพท์ตกน้ำ ตรวจบัตรประชาชนแล้ว",
                }
            ]
        }
    )

    kind: HelpKind
    pass_number: PassNumber = Field(alias="pass")
    to: Address
    reason: Reason


class AssistedAct(Schema):
    """One act of help. The ambassador is an official and is named; the resident is a pass."""

    number: int = Field(ge=1)
    kind: HelpKind
    ambassador: str
    key: str
    pass_number: PassNumber = Field(alias="pass")
    from_: Address = Field(alias="from")
    to: Address
    reason: str
    intent: str
    acted_at: Time


class AssistedAccepted(Schema):
    """202: the act is on record and its order is queued."""

    act: AssistedAct
    intent: Intent
