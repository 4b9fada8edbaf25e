"""What the staff did, as an auditor reads it."""

from pydantic import Field

from api.schemas.base import Hash32, Schema, Time


class StaffAct(Schema):
    """One act. Its hash is the keccak-256 of its other fields in RFC 8785 form, without the two
    sentences; `before` is the hash of the act before it."""

    number: int = Field(ge=1)
    at: Time
    act: str = Field(examples=["approve_campaign"])
    by: str
    key: str
    target: str = Field(examples=["/v1/campaigns/1/approve"])
    orders: list[str]
    before: Hash32
    hash: Hash32
    th: str
    en: str
