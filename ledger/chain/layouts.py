"""The pieces a log is made of, and decoders put together from them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ledger.domain import events
from ledger.domain.hashing import checksum_address
from ledger.errors import NodeLied

WORD: Final = 32

Log = Mapping[str, Any]
Decoder = Callable[[Log], events.Event]
Reader = Callable[[int], Any]


class Field(NamedTuple):
    """One word of a log: the event's field, how wide the value may be, how it is read."""

    name: str
    bits: int
    read: Reader


@lru_cache(maxsize=65_536)
def _address(value: int) -> str:
    return checksum_address(value.to_bytes(20, "big"))


def _bytes32(value: int) -> bytes:
    return value.to_bytes(WORD, "big")


def _bytes4(value: int) -> bytes:
    # A bytes4 stands at the left of its word.
    if value & ((1 << 224) - 1):
        raise NodeLied(what="a log has bytes behind a bytes4")
    return (value >> 224).to_bytes(4, "big")


def uint(name: str, bits: int = 40) -> Field:
    """An unsigned number of `bits` bits."""
    return Field(name, bits, int)


def address(name: str) -> Field:
    """An address, read as checksummed text."""
    return Field(name, 160, _address)


def flag(name: str) -> Field:
    """A truth value."""
    return Field(name, 1, bool)


def word(name: str) -> Field:
    """A bytes32."""
    return Field(name, 256, _bytes32)


def selector(name: str) -> Field:
    """A bytes4."""
    return Field(name, 256, _bytes4)


@lru_cache(maxsize=1_024)
def contract_of(spelled: str) -> str:
    """The checksummed form of an address as a node spells it."""
    try:
        return checksum_address(bytes.fromhex(spelled.removeprefix("0x")))
    except ValueError as error:
        raise NodeLied(what="a log has no contract address") from error


def refused_layout(kind: type[events.Event]) -> NodeLied:
    """The failure of a log whose bytes are not of its event's layout."""
    return NodeLied(what=f"a log is not of the layout of {kind.__name__}")


def topic_value(log: Log, kind: type[events.Event], field: Field, position: int) -> Any:
    """The value of an indexed field: topic `position`, 0 being the event itself."""
    value = int(log["topics"][position], 16)
    if value >> field.bits:
        raise refused_layout(kind)
    return field.read(value)


def word_value(data: bytes, kind: type[events.Event], field: Field, position: int) -> Any:
    """The value of word `position` of the data."""
    value = int.from_bytes(data[WORD * position : WORD * (position + 1)], "big")
    if value >> field.bits:
        raise refused_layout(kind)
    return field.read(value)


def data_of(log: Log) -> bytes:
    """The data of a log as bytes."""
    return bytes.fromhex(log["data"][2:])


def static(kind: type[events.Event], indexed: list[Field], plain: list[Field]) -> Decoder:
    """A decoder for an event whose every field is one word."""
    topics, size = len(indexed) + 1, WORD * len(plain)
    numbered = list(enumerate(indexed, start=1))
    placed = list(enumerate(plain))

    def decode(log: Log) -> events.Event:
        data = data_of(log)
        if len(log["topics"]) != topics or len(data) != size:
            raise refused_layout(kind)
        values = {field.name: topic_value(log, kind, field, at) for at, field in numbered}
        for at, field in placed:
            values[field.name] = word_value(data, kind, field, at)
        return kind(contract=contract_of(log["address"]), **values)

    return decode


def with_bytes(
    kind: type[events.Event],
    indexed: list[Field],
    plain: list[Field],
    tail: str,
    read: Callable[[bytes], Any] = bytes,
) -> Decoder:
    """A decoder for an event with one dynamic field of bytes; `plain` names it by position too."""
    topics = len(indexed) + 1
    numbered = list(enumerate(indexed, start=1))
    position = next(at for at, field in enumerate(plain) if field.name == tail)
    placed = [(at, field) for at, field in enumerate(plain) if at != position]
    start = WORD * len(plain)

    def decode(log: Log) -> events.Event:
        data = data_of(log)
        if len(log["topics"]) != topics or len(data) < start + WORD:
            raise refused_layout(kind)
        values = {field.name: topic_value(log, kind, field, at) for at, field in numbered}
        for at, field in placed:
            values[field.name] = word_value(data, kind, field, at)
        if int.from_bytes(data[WORD * position : WORD * (position + 1)], "big") != start:
            raise refused_layout(kind)
        values[tail] = read(_tail(data, start, kind))
        return kind(contract=contract_of(log["address"]), **values)

    return decode


def _tail(data: bytes, start: int, kind: type[events.Event]) -> bytes:
    size = int.from_bytes(data[start : start + WORD], "big")
    first = start + WORD
    if len(data) != first + (size + WORD - 1) // WORD * WORD:
        raise refused_layout(kind)
    return data[first : first + size]
