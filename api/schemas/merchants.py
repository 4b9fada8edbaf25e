"""Shops: what the chain knows of them, and the name people see."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from api.schemas.base import Address, District, MerchantNumber, Name, Reason, Schema

MerchantState = Literal["active", "suspended", "closed"]


_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", re.ASCII)


def _microdegrees(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not _DEGREES.fullmatch(text):
        raise ValueError("degrees are a number, like 18.7823655")
    return int((Decimal(text) * 1_000_000).to_integral_value())


def _degrees(microdegrees: int) -> str:
    return str(Decimal(microdegrees).scaleb(-6))


def _field(limit: int) -> WithJsonSchema:
    number = {"type": "number", "minimum": -limit, "maximum": limit}
    text = {"type": "string", "pattern": r"^-?[0-9]{1,3}(\.[0-9]{1,9})?$"}
    return WithJsonSchema({"anyOf": [number, text]}, mode="validation")


Latitude = Annotated[
    int,
    BeforeValidator(_microdegrees),
    Field(ge=-90_000_000, le=90_000_000),
    PlainSerializer(_degrees, return_type=str),
    _field(90),
]
Longitude = Annotated[
    int,
    BeforeValidator(_microdegrees),
    Field(ge=-180_000_000, le=180_000_000),
    PlainSerializer(_degrees, return_type=str),
    _field(180),
]


class RegisterMerchant(Schema):
    """Register a shop. `kind` is what the place is; it decides which categories it may have.

    A place whose name says temple is refused any other category unless the registrar gives a
    written `override_reason`, which is kept.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "payout": "0x1111111111111111111111111111111111111111",
                    "kind": "restaurant",
                    "category": "restaurant",
                    "district": 7,
                    "name_th": "ข้าวซอยคุณยาย",
                    "name_en": "Khao Soi Khun Yai",
                    "latitude": "18.7953284",
                    "longitude": "98.9831449",
                }
            ]
        }
    )

    payout: Address
    kind: str = Field(max_length=32, examples=["restaurant"])
    category: str = Field(max_length=32, examples=["restaurant"])
    district: District
    name_th: Name
    name_en: Name
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    override_reason: Reason | None = None


class ChangeMerchant(Schema):
    """Suspend a shop, make it active again, or close it; the reason is kept with the order."""

    status: MerchantState
    reason: Reason


class Merchant(Schema):
    """A registered shop."""

    merchant: MerchantNumber
    name_th: str | None = None
    name_en: str | None = None
    category: str
    district: int
    status: MerchantState
    payout: Address
    latitude: str | None = None
    longitude: str | None = None
