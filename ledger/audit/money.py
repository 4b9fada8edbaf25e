"""Whether tokens moved as the events say, and in no other way: pure, transaction by transaction."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ledger.audit.acts import lines_in
from ledger.audit.rejudge import Complaint
from ledger.audit.replay import Told
from ledger.chain.deployment import Deployment
from ledger.domain import events
from ledger.domain import settlement_events as settlement
from ledger.domain.event import Event
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.state import State

Move = tuple[str, str, str, int]
"""Token, from, to, satang."""

Dues = Callable[[State, Deployment, Any], Iterator[Move]]


def _funded(state: State, deployment: Deployment, event: events.CampaignFunded) -> Iterator[Move]:
    token = state.campaigns[event.campaign].terms.token
    yield token, event.funder, deployment.address("CouponBook"), event.amount


def _contribution(
    state: State, deployment: Deployment, event: events.ContributionReturned
) -> Iterator[Move]:
    token = state.campaigns[event.campaign].terms.token
    yield token, deployment.address("CouponBook"), event.funder, event.amount


def _copay_back(state: State, deployment: Deployment, event: events.Voided) -> Iterator[Move]:
    holder = state.numbers.get(event.pass_, ZERO_ADDRESS)
    token = state.campaigns[event.campaign].terms.token
    yield token, deployment.address("CouponBook"), holder, event.copay


def _page(state: State, deployment: Deployment, event: settlement.LinesSettled) -> Iterator[Move]:
    token, payer = deployment.address("CityToken"), deployment.address("SettlementBook")
    total = sum(line.total for line in lines_in(event.lines))
    yield token, deployment.address("CouponBook"), payer, total
    yield token, payer, ZERO_ADDRESS, total


def _payment_back(
    state: State, deployment: Deployment, event: settlement.PaymentReturned
) -> Iterator[Move]:
    token, payer = deployment.address("CityToken"), deployment.address("SettlementBook")
    yield token, ZERO_ADDRESS, payer, event.amount
    yield token, payer, deployment.address("CouponBook"), event.amount


def _debt(state: State, deployment: Deployment, event: settlement.DebtCovered) -> Iterator[Move]:
    token = state.campaigns[event.campaign].terms.token
    yield token, event.by, deployment.address("CouponBook"), event.amount


def _minted(state: State, deployment: Deployment, event: events.TokensFunded) -> Iterator[Move]:
    yield event.contract, ZERO_ADDRESS, event.to, event.amount


def _burnt(state: State, deployment: Deployment, event: events.TokensSettled) -> Iterator[Move]:
    yield event.contract, event.from_, ZERO_ADDRESS, event.amount


_OF_CAMPAIGNS: Final[Mapping[type[Event], Dues]] = {
    events.CampaignFunded: _funded,
    events.ContributionReturned: _contribution,
    events.Voided: _copay_back,
    settlement.LinesSettled: _page,
    settlement.PaymentReturned: _payment_back,
    settlement.DebtCovered: _debt,
}
_OF_TOKENS: Final[Mapping[type[Event], Dues]] = {
    events.TokensFunded: _minted,
    events.TokensSettled: _burnt,
}


def judge_money(state: State, deployment: Deployment, told: list[Told]) -> Iterator[Complaint]:
    """Yield where a transaction's tokens moved otherwise than its events say, given the state
    after it: what an event promises must have moved, and nothing may leave the coupon book, come
    into being or be burnt, that no event explains."""
    book = deployment.address("CouponBook")
    moves = [
        (each.event.contract, each.event.from_, each.event.to, each.event.value)
        for each in told
        if isinstance(each.event, events.Transfer) and each.event.value
    ]
    for dues, explained in (
        (_OF_CAMPAIGNS, lambda move: move[1] == book),
        (_OF_TOKENS, lambda move: ZERO_ADDRESS in move[1:3]),
    ):
        left = [*moves]
        for each in told:
            due = dues.get(type(each.event))
            for move in () if due is None else due(state, deployment, each.event):
                if move[3] and move not in left:
                    name = type(each.event).__name__
                    yield "money_unmoved", {"event": name, "move": _spelled(move)}
                elif move[3]:
                    left.remove(move)
        for move in left:
            if explained(move):
                yield "money_unexplained", {"move": _spelled(move)}


def judge_rounds(told: list[Told]) -> Iterator[Complaint]:
    """Yield where the tokens burnt or minted under a round's number are not those of its lines."""
    due: dict[tuple[str, int], int] = {}
    for each in told:
        match each.event:
            case settlement.LinesSettled(round=number, lines=lines):
                key = ("burnt", number)
                due[key] = due.get(key, 0) + sum(line.total for line in lines_in(lines))
            case settlement.PaymentReturned(round=number, amount=amount):
                due["minted", number] = due.get(("minted", number), 0) + amount
    for each in told if due else ():
        match each.event:
            case events.TokensSettled(ref=ref, amount=amount):
                key = ("burnt", int.from_bytes(ref, "big"))
            case events.TokensFunded(ref=ref, amount=amount):
                key = ("minted", int.from_bytes(ref, "big"))
            case _:
                continue
        due[key] = due.get(key, 0) - amount
    for (what, number), short in sorted(due.items()):
        if short:
            yield "round_money_differs", {"round": number, "what": what, "by": short}


def _spelled(move: Move) -> str:
    token, from_, to, value = move
    return f"{value} of {token} from {from_} to {to}"
