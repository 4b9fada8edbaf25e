"""Whether the sums add up: in the rebuilt state, and between it and the contracts' own counters."""

from collections.abc import Iterator
from typing import Any, Final

from ledger.audit.findings import Finding
from ledger.chain.deployment import Deployment
from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.gateway import Gateway
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.state import State

FUNDED: Final = 6
SPENT: Final = 7
"""Where these stand in the struct that `campaignOf` returns."""


def at_end(state: State, deployment: Deployment) -> Iterator[Finding]:
    """Yield what does not add up in the state: P4, and the separation of duties."""
    for number, campaign in state.campaigns.items():
        if campaign.spent > campaign.funded or campaign.spent < 0:
            money = {"campaign": number, "spent": campaign.spent, "funded": campaign.funded}
            yield Finding(code="overspent", details=money)
        people = [campaign.drafted_by, campaign.approved_by, campaign.issued_by]
        acted = [person for person in people if person != ZERO_ADDRESS]
        for person in sorted({one for one in acted if acted.count(one) > 1}):
            who = {"campaign": number, "account": person}
            yield Finding(code="same_person", details=who)
    yield from _tokens(state, deployment)


def _tokens(state: State, deployment: Deployment) -> Iterator[Finding]:
    book = deployment.contracts["CouponBook"].address
    for token, told in state.tokens.items():
        if told.supply != told.funded - told.settled or told.supply != sum(told.balances.values()):
            figures = {
                "token": token,
                "supply": told.supply,
                "funded": told.funded,
                "settled": told.settled,
            }
            yield Finding(code="supply_differs", details=figures)
        owed = owed_by_book(state, token)
        held = told.balances.get(book, 0)
        if held < owed:
            yield Finding(code="escrow_short", details={"token": token, "held": held, "owed": owed})


def owed_by_book(state: State, token: str) -> int:
    """What the coupon book must hold of a token: what funders gave and did not get back (the spent
    part of it is the merchants'), and the copays it took, less what rounds have paid out."""
    owed = 0
    for number, campaign in state.campaigns.items():
        if campaign.terms.token != token:
            continue
        book = state.books[number]
        returned = sum(given.returned or 0 for given in book.contributions)
        owed += campaign.funded - returned
        owed += sum(credit.copay - credit.paid for credit in book.credits.values())
    return owed


async def on_chain(
    gateway: Gateway, deployment: Deployment, state: State, at: int
) -> list[Finding]:
    """Compare the state with the contracts' own counters at block `at`."""
    asked = list(_questions(deployment, state))
    calls = [
        (
            "eth_call",
            [
                {
                    "to": deployment.contracts[contract].address,
                    "data": "0x" + encode_call(contract, function, *arguments).hex(),
                },
                hex(at),
            ],
        )
        for _, contract, function, arguments, _ in asked
    ]
    findings: list[Finding] = []
    answers = await gateway.batch(calls)
    for (what, contract, function, _, expected), answer in zip(asked, answers, strict=True):
        values = decode_result(contract, function, bytes.fromhex(answer[2:]))
        found = (values[0][FUNDED], values[0][SPENT]) if function == "campaignOf" else tuple(values)
        if found != expected:
            details = {"what": what, "found": found, "expected": expected}
            findings.append(Finding(code="counter_differs", details=details, block=at))
    return findings


Question = tuple[str, str, str, tuple[Any, ...], tuple[int, ...]]
"""What it is called, contract, function, arguments, and the answer the events come to."""


def _questions(deployment: Deployment, state: State) -> Iterator[Question]:
    token = deployment.contracts["CityToken"].address
    book = deployment.contracts["CouponBook"].address
    yield "passes", "CityPass", "lastNumber", (), (len(state.passes),)
    yield "merchants", "MerchantRegistry", "lastNumber", (), (len(state.merchants),)
    yield "campaigns", "CouponBook", "lastCampaign", (), (len(state.campaigns),)
    yield "rounds", "SettlementBook", "lastRound", (), (len(state.rounds),)
    if token in state.tokens:
        supply = state.tokens[token].supply
        yield "tokens in circulation", "CityToken", "totalSupply", (), (supply,)
    held = state.balance_of(token, book)
    yield "tokens of the coupon book", "CityToken", "balanceOf", (book,), (held,)
    for number, campaign in state.campaigns.items():
        figures = (campaign.funded, campaign.spent)
        yield (
            f"funded and spent of campaign {number}",
            "CouponBook",
            "campaignOf",
            (number,),
            figures,
        )
        for merchant, credit in state.books[number].credits.items():
            name = f"credit of merchant {merchant} under campaign {number}"
            stands = (credit.amount, credit.copay, credit.paid, credit.owed)
            yield name, "CouponBook", "credits", (number, merchant), stands
