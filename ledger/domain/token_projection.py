"""What the events of the tokens and the locks of passes do to the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ledger.domain import events
from ledger.domain.blocks import BlockRef
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.state import State, TokenBook
from ledger.errors import NodeLied


def _token(state: State, address: str) -> TokenBook:
    return state.tokens.setdefault(address, TokenBook())


def _transfer(state: State, event: events.Transfer, block: BlockRef) -> None:
    book = _token(state, event.contract)
    if event.from_ == ZERO_ADDRESS:
        book.supply += event.value
    else:
        _move(book, event.from_, -event.value)
    if event.to == ZERO_ADDRESS:
        book.supply -= event.value
    else:
        _move(book, event.to, event.value)


def _move(book: TokenBook, account: str, by: int) -> None:
    balance = book.balances.get(account, 0) + by
    if balance < 0:
        raise NodeLied(what=f"{account} paid more tokens than it had")
    if balance:
        book.balances[account] = balance
    else:
        book.balances.pop(account, None)


def _tokens_funded(state: State, event: events.TokensFunded, block: BlockRef) -> None:
    _token(state, event.contract).funded += event.amount


def _tokens_settled(state: State, event: events.TokensSettled, block: BlockRef) -> None:
    _token(state, event.contract).settled += event.amount


def _city_account_set(state: State, event: events.CityAccountSet, block: BlockRef) -> None:
    accounts = _token(state, event.contract).city_accounts
    if event.allowed:
        accounts.add(event.account)
    else:
        accounts.discard(event.account)


def _paused(state: State, event: events.Paused, block: BlockRef) -> None:
    _token(state, event.contract).paused = True


def _unpaused(state: State, event: events.Unpaused, block: BlockRef) -> None:
    _token(state, event.contract).paused = False


def _says_nothing_new(state: State, event: events.Event, block: BlockRef) -> None:
    """Leave the state alone: what the event says, another event of ours says completely."""


TOKEN_HANDLERS: Final[dict[type[events.Event], Callable[[State, Any, BlockRef], None]]] = {
    events.Transfer: _transfer,
    # An allowance shrinks without an event when it is used: what is left is not in the events.
    events.Approval: _says_nothing_new,
    events.AuthorizationUsed: _says_nothing_new,
    events.AuthorizationCanceled: _says_nothing_new,
    events.TokensFunded: _tokens_funded,
    events.TokensSettled: _tokens_settled,
    events.CityAccountSet: _city_account_set,
    events.Paused: _paused,
    events.Unpaused: _unpaused,
    events.Eip712DomainChanged: _says_nothing_new,
    events.Locked: _says_nothing_new,
}
