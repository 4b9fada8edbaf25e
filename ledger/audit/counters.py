"""The contracts' own storage against the state that their events come to, word by word."""

from collections.abc import Callable, Iterator
from dataclasses import astuple
from typing import Any, Final, NamedTuple

from ledger.audit.findings import Finding
from ledger.chain.deployment import Deployment
from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.gateway import Gateway
from ledger.domain.state import State

WORDS_AT_ONCE: Final = 500
CALLS_AT_ONCE: Final = 200

STATUS: Final = slice(1, 8)
"""status, drafter, approver, issuer, pausedAt, funded, spent in the struct of `campaignOf`."""


class Question(NamedTuple):
    """What it is called, whom it is asked, and the answer the events come to.

    `read` takes that answer out of the decoded values of the call.
    """

    what: str
    contract: str
    function: str
    arguments: tuple[Any, ...]
    expected: tuple[Any, ...]
    read: Callable[[tuple[Any, ...]], tuple[Any, ...]] = tuple


async def on_chain(
    gateway: Gateway, deployment: Deployment, state: State, at: int
) -> list[Finding]:
    """Compare the state with the contracts' storage at block `at`: counters, balances, credits,
    campaigns with their terms, passes, merchants. Raises NodeRefused where it is forgotten."""
    findings: list[Finding] = []
    waiting: list[Question] = []
    for question in _questions(deployment, state):
        waiting.append(question)
        if len(waiting) == CALLS_AT_ONCE:
            findings += await _asked(gateway, deployment, waiting, at)
            waiting = []
    return findings + await _asked(gateway, deployment, waiting, at)


async def _asked(
    gateway: Gateway, deployment: Deployment, questions: list[Question], at: int
) -> list[Finding]:
    calls = []
    for each in questions:
        data = "0x" + encode_call(each.contract, each.function, *each.arguments).hex()
        calls.append(
            ("eth_call", [{"to": deployment.address(each.contract), "data": data}, hex(at)])
        )
    findings: list[Finding] = []
    for each, answer in zip(questions, await gateway.batch(calls), strict=True):
        values = decode_result(each.contract, each.function, bytes.fromhex(answer[2:]))
        found = each.read(tuple(values))
        if found != each.expected:
            details = {"what": each.what, **_apart(each.expected, found)}
            findings.append(Finding(code="counter_differs", details=details, block=at))
    return findings


def _apart(expected: tuple[Any, ...], found: tuple[Any, ...]) -> dict[str, Any]:
    """Only the parts that differ, where the two are of one length."""
    pairs = list(zip(expected, found, strict=False))
    differing = [(right, wrong) for right, wrong in pairs if right != wrong]
    if len(expected) != len(found) or not differing:
        return {"expected": expected, "found": found}
    return {
        "expected": tuple(right for right, _ in differing),
        "found": tuple(wrong for _, wrong in differing),
    }


def _questions(deployment: Deployment, state: State) -> Iterator[Question]:
    token, book = deployment.address("CityToken"), deployment.address("CouponBook")
    yield Question("passes", "CityPass", "lastNumber", (), (len(state.passes),))
    yield Question("merchants", "MerchantRegistry", "lastNumber", (), (len(state.merchants),))
    yield Question("campaigns", "CouponBook", "lastCampaign", (), (len(state.campaigns),))
    yield Question("rounds", "SettlementBook", "lastRound", (), (len(state.rounds),))
    if token in state.tokens:
        supply = state.tokens[token].supply
        yield Question("tokens in circulation", "CityToken", "totalSupply", (), (supply,))
    held = (state.balance_of(token, book),)
    yield Question("tokens of the coupon book", "CityToken", "balanceOf", (book,), held)
    yield from _campaigns(state)
    yield from _words(state)


def _campaigns(state: State) -> Iterator[Question]:
    for number, campaign in state.campaigns.items():
        people = (campaign.drafted_by, campaign.approved_by, campaign.issued_by)
        expected = (
            *(_plain(value) for value in astuple(campaign.terms)),
            int(campaign.status),
            *(_plain(person) for person in people),
            *(campaign.paused_at, campaign.funded, campaign.spent),
        )
        name = f"campaign {number}"
        yield Question(name, "CouponBook", "campaignOf", (number,), expected, _campaign)
        for merchant, credit in state.books[number].credits.items():
            name = f"credit of merchant {merchant} under campaign {number}"
            stands = (credit.amount, credit.copay, credit.paid, credit.owed)
            yield Question(name, "CouponBook", "credits", (number, merchant), stands)


def _campaign(values: tuple[Any, ...]) -> tuple[Any, ...]:
    (struct,) = values
    return tuple(_plain(value) for value in (*struct[0], *struct[STATUS]))


def _plain(value: Any) -> Any:
    """Addresses in one spelling."""
    return value.lower() if isinstance(value, str) else value


def _words(state: State) -> Iterator[Question]:
    passes = [(holder, state.passes[number].pack()) for holder, number in state.holders.items()]
    merchants = [(number, merchant.pack()) for number, merchant in state.merchants.items()]
    for what, contract, pairs in (
        ("passes", "CityPass", passes),
        ("merchants", "MerchantRegistry", merchants),
    ):
        for first in range(0, len(pairs), WORDS_AT_ONCE):
            some: list[tuple[Any, int]] = list(pairs[first : first + WORDS_AT_ONCE])
            keys, words = [key for key, _ in some], tuple(word for _, word in some)
            yield Question(f"words of {what}", contract, "wordsOf", (keys,), words, _only)


def _only(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(values[0])
