"""RFC 9457 problem details, with a stable code and a sentence in each language."""

from typing import Any

from pydantic import Field

from api.schemas.base import Schema


class BadField(Schema):
    """One thing that is wrong: a field by its pointer, or a line of a file by its number."""

    code: str
    detail: str
    detail_th: str | None = Field(default=None, description="where it can be said in Thai")
    pointer: str | None = None
    line: int | None = None


class Problem(Schema):
    """The one shape of every refusal and failure this service answers with."""

    type: str = Field(examples=["https://nakhon.example/problems/day_quota_used"])
    title: str
    status: int = Field(examples=[422])
    code: str = Field(examples=["day_quota_used"])
    detail: str
    detail_th: str
    detail_en: str
    action_th: str
    action_en: str
    rule: str | None = None
    policy: str | None = Field(default=None, description="hash of the policy a rule refused by")
    verdict: str | None = Field(default=None, description="GET /v1/verdicts/{id}, signed")
    request_id: str
    errors: list[BadField] | None = None
    figures: dict[str, Any] | None = None
