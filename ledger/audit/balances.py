"""Whether the sums of the rebuilt state add up: pure."""

from collections.abc import Iterator

from ledger.audit.findings import Finding
from ledger.chain.deployment import Deployment
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.state import State


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
