"""Column types that several tables share, so that a word is stored one way everywhere."""

from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Integer, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

HASH_LENGTH: Final = 66
ADDRESS_LENGTH: Final = 42

JSON_TYPE: Final = JSON().with_variant(JSONB(), "postgresql")
SERIAL_TYPE: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts rows by itself only in a column declared exactly INTEGER."""


def satang(**options: Any) -> Any:
    """An amount of satang."""
    return Field(sa_type=BigInteger, **options)


def unix_time(**options: Any) -> Any:
    """Unix seconds, UTC."""
    return Field(sa_type=BigInteger, **options)


def big(**options: Any) -> Any:
    """A whole number beyond 32 bits that is neither an amount nor a time."""
    return Field(sa_type=BigInteger, **options)


def address(**options: Any) -> Any:
    """A checksummed address with its 0x."""
    return Field(sa_type=String(ADDRESS_LENGTH), **options)


def hash32(**options: Any) -> Any:
    """32 bytes as lower-case hexadecimal with its 0x."""
    return Field(sa_type=String(HASH_LENGTH), **options)


def octets(**options: Any) -> Any:
    """Raw bytes."""
    return Field(sa_type=LargeBinary, **options)


def document(**options: Any) -> Any:
    """A JSON value."""
    return Field(sa_type=JSON_TYPE, **options)


def long_text(**options: Any) -> Any:
    """Text of any length."""
    return Field(sa_type=Text, **options)


def serial(**options: Any) -> Any:
    """A primary key that the database counts."""
    return Field(default=None, primary_key=True, sa_type=SERIAL_TYPE, **options)
