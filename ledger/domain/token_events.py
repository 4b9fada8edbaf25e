"""The events of the city's tokens: where they came from, where they went, who may move them."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Event):
    """ERC-20: tokens moved. From the zero address they were made, to it they were burnt."""

    from_: str
    to: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Event):
    """ERC-20: an allowance was set."""

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationUsed(Event):
    """ERC-3009: a signed transfer was carried out."""

    authorizer: str
    nonce: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCanceled(Event):
    """ERC-3009: a signed transfer was withdrawn before use."""

    authorizer: str
    nonce: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensFunded(Event):
    """The treasurer put tokens into circulation against money received (`ref`)."""

    to: str
    amount: int
    ref: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensSettled(Event):
    """The treasurer took tokens out of circulation against money paid (`ref`)."""

    from_: str
    amount: int
    ref: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CityAccountSet(Event):
    """An address may (or may no longer) pay anyone, as the city's own."""

    account: str
    allowed: bool
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """All transfers of the token stopped."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaused(Event):
    """Transfers of the token resumed."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Eip712DomainChanged(Event):
    """ERC-5267. Our contracts are immutable and never emit it; the ABI has it."""
