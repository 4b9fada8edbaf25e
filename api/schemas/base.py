"""Field types every schema shares: satang, addresses, hashes, signatures, times and numbers.

A field is read strictly: a number is not a string, a string is not a number, and a name that the
schema does not know is refused, so that nothing sent is ever silently ignored.
"""

import re
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

_SATANG: Final = re.compile(r"(0|[1-9][0-9]{0,27})", re.ASCII)
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_SIGNATURE: Final = re.compile(r"0x(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{130})", re.ASCII)
_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)

Item = TypeVar("Item", bound=BaseModel)

UINT32_MAX: Final = 2**32 - 1
UINT24_MAX: Final = 2**24 - 1
UINT40_MAX: Final = 2**40 - 1
UINT96_MAX: Final = 2**96 - 1


class Schema(BaseModel):
    """Base of every body: strict, frozen, and closed to names it does not know."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )


def _satang(value: Any) -> int:
    if isinstance(value, str) and _SATANG.fullmatch(value):
        return int(value)
    raise ValueError("an amount is a string of whole satang in plain digits, like '12550'")


_SATANG_SCHEMA: Final = WithJsonSchema(
    {"type": "string", "pattern": "^(0|[1-9][0-9]{0,27})$", "examples": ["12550"]}
)

Satang = Annotated[
    int,
    BeforeValidator(_satang),
    Field(ge=0, le=UINT32_MAX),
    PlainSerializer(str, return_type=str),
    _SATANG_SCHEMA,
]
"""An amount a body brings in, at most 2^32 - 1 satang. In JSON always a string."""

SatangSum = Annotated[
    int,
    BeforeValidator(_satang),
    Field(ge=0, le=UINT96_MAX),
    PlainSerializer(str, return_type=str),
    _SATANG_SCHEMA,
]
"""An amount of escrow or a mint, at most 2^96 - 1 satang. In JSON always a string."""

SatangOut = Annotated[int, PlainSerializer(str, return_type=str), _SATANG_SCHEMA]
"""An amount in an answer. In JSON always a string."""


def _hex(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(what)
        return text

    return AfterValidator(check)


def _json_pattern(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Address = Annotated[
    str,
    _hex(_ADDRESS, "an address is 0x and forty hex digits"),
    _json_pattern("^0x[0-9a-fA-F]{40}$", "0x1111111111111111111111111111111111111111"),
]
"""An account on the chain. The service refuses the zero address and a wrong checksum."""

Hash32 = Annotated[
    str,
    _hex(_HASH, "a hash is 0x and sixty-four hex digits"),
    _json_pattern("^0x[0-9a-fA-F]{64}$", "0x" + "ab" * 32),
]

Signature = Annotated[
    str,
    _hex(_SIGNATURE, "a signature is 0x and 128 (compact) or 130 hex digits"),
    _json_pattern("^0x([0-9a-fA-F]{128}|[0-9a-fA-F]{130})$", "0x" + "ab" * 64),
]
"""An ECDSA signature: 64 bytes (EIP-2098) or 65; both spellings mean one redemption."""

Time = Annotated[int, Field(ge=0, le=UINT40_MAX, examples=[1_761_706_800])]
"""Unix seconds, UTC."""

CampaignNumber = Annotated[int, Field(ge=1, le=UINT32_MAX, examples=[1])]
PassNumber = Annotated[int, Field(ge=1, le=UINT32_MAX, examples=[17])]
MerchantNumber = Annotated[int, Field(ge=1, le=UINT32_MAX, examples=[3])]
District = Annotated[int, Field(ge=0, le=63, examples=[7])]

_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _printable(text: str) -> str:
    if any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in text):
        raise ValueError("control characters are not part of a name")
    if _BIDI.search(text):
        raise ValueError("marks that turn the writing direction are not part of a name")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("half a surrogate pair is not part of a name") from error
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_printable),
]
"""A name shown to people: any script, no control characters, no bidi marks, at most 120."""

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=10, max_length=500),
    AfterValidator(_printable),
]
"""A written reason, at least ten characters: it is kept with what it justifies."""


class Bilingual(Schema):
    """The same thing in Thai and in English."""

    th: str
    en: str


class Sentences(Schema):
    """A policy read aloud, rule by rule, in both languages."""

    th: list[str]
    en: list[str]


class Page(Schema, Generic[Item]):
    """One page of a list; `next` is the cursor of the following page, null at the end."""

    items: list[Item]
    next: str | None = None
