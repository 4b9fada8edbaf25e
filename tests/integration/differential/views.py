"""Everything the contracts say of themselves beside everything the state says: all must agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ledger.chain.encoding import (
    decode_result,
    encode_call,
    encode_values,
    functions,
    terms_tuple,
)
from ledger.chain.gateway import Gateway
from ledger.domain.campaign import Campaign
from ledger.domain.hashing import address_bytes, keccak
from ledger.domain.state import Credit, VoidTotal
from tests.integration.differential.model import Model
from tests.integration.differential.people import EVERYBODY, STRANGERS, address
from tests.integration.differential.stage import DUMMIES


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One question to a contract, and the answer the state expects."""

    contract: str
    function: str
    arguments: tuple[Any, ...]
    expected: tuple[Any, ...]

    @property
    def name(self) -> str:
        """How it is shown."""
        shown = ", ".join(str(argument) for argument in self.arguments)
        return f"{self.contract}.{self.function}({shown})"

    def asked(self) -> str:
        """The calldata of the question."""
        return _asked(self.contract, self.function, self.arguments)

    def answer(self) -> str:
        """The expected answer as a contract would return it."""
        return _answer(self.contract, self.function, self.expected)


@lru_cache(maxsize=20_000)
def _asked(contract: str, function: str, arguments: tuple[Any, ...]) -> str:
    return "0x" + encode_call(contract, function, *arguments).hex()


@lru_cache(maxsize=20_000)
def _answer(contract: str, function: str, expected: tuple[Any, ...]) -> str:
    types = functions(contract)[function].output_types
    return "0x" + encode_values(types, expected, what=function).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A question with two answers."""

    question: str
    python: str
    chain: str


async def differences(gateway: Gateway, model: Model, views: list[View]) -> list[Difference]:
    """Ask every question; what differs."""
    contracts = model.city.deployment.contracts
    calls: list[tuple[str, list[Any]]] = []
    for view in views:
        to = contracts[view.contract].address
        calls.append(("eth_call", [{"to": to, "data": view.asked()}, "latest"]))
    found = []
    for view, answer in zip(views, await gateway.batch(calls), strict=True):
        expected = view.answer()
        if answer != expected:
            said = decode_result(view.contract, view.function, bytes.fromhex(answer[2:]))
            meant = decode_result(view.contract, view.function, bytes.fromhex(expected[2:]))
            found.append(Difference(question=view.name, python=str(meant), chain=str(said)))
    return found


def views_after(model: Model, campaigns: list[int]) -> list[View]:
    """What is asked after every action: the campaigns it touched, all money, the registers."""
    views = [*_registers(model), *_balances(model)]
    for number in campaigns:
        views += _campaign(model, number)
    return views


def views_at_end(model: Model) -> list[View]:
    """What is asked at the end of a history: all there is."""
    views = views_after(model, list(model.state.campaigns))
    for number in model.state.campaigns:
        views += _history(model, number)
    return views


def _registers(model: Model) -> Iterator[View]:
    state = model.state
    everybody = tuple(address(name) for name in EVERYBODY)
    passes = [state.pass_of(holder) for holder in everybody]
    words = tuple(pass_.pack() if pass_ else 0 for pass_ in passes)
    yield _view("CityPass", "wordsOf", [everybody], words)
    numbers = (*range(len(state.merchants) + 2), 2**32 - 1)
    merchants = [state.merchants.get(number) for number in numbers]
    shops = tuple(merchant.pack() if merchant else 0 for merchant in merchants)
    yield _view("MerchantRegistry", "wordsOf", [numbers], shops)
    yield _view("CouponBook", "lastCampaign", [], len(state.campaigns))
    yield _view("CityPass", "lastNumber", [], len(state.passes))


def _balances(model: Model) -> Iterator[View]:
    for holder in {model.book, address(STRANGERS[0]), *model.state.tokens[model.token].balances}:
        yield _view("CityToken", "balanceOf", [holder], model.balance(holder))
    for holder, allowance in model.allowances.items():
        yield _view("CityToken", "allowance", [holder, model.book], allowance)
    yield _view("CityToken", "totalSupply", [], model.state.tokens[model.token].supply)


def _campaign(model: Model, number: int) -> Iterator[View]:
    state, book = model.state, model.state.books[number]
    yield _view("CouponBook", "campaignOf", [number], _campaign_tuple(model, number))
    for pass_number in range(DUMMIES - 2, len(state.passes) + 4):
        usage = state.usage_of(number, pass_number)
        figures = (usage.last_step, usage.spent_today, usage.spent_total)
        yield _view("CouponBook", "usageOf", [number, pass_number], *figures)
    for merchant in range(len(state.merchants) + 2):
        credit = book.credits.get(merchant, Credit())
        figures = (credit.amount, credit.copay, credit.paid, credit.owed)
        yield _view("CouponBook", "credits", [number, merchant], *figures)
    last = len(book.batches)
    for batch in (last, last + 1):
        yield _view("CouponBook", "batchDigest", [number, batch], _digest(model, number, batch))


def _history(model: Model, number: int) -> Iterator[View]:
    state, book = model.state, model.state.books[number]
    for batch in range(1, len(book.batches)):
        yield _view("CouponBook", "batchDigest", [number, batch], _digest(model, number, batch))
    for _batch, _index, record in book.redemptions():
        key = (record.pass_number, record.step)
        total = book.voids.get(key, VoidTotal())
        figures = (total.amount, total.copay, total.voided_at)
        yield _view("CouponBook", "voidOf", [number, *key], *figures)
    given = tuple((address_bytes(of.funder), of.amount) for of in book.contributions)
    yield _view("CouponBook", "contributions", [number, 1, 1_000], given)
    campaign = state.campaigns[number]
    for pass_number in range(DUMMIES - 2, len(state.passes) + 2):
        listed = campaign.terms.listed and campaign.lists(pass_number)
        yield _view("CouponBook", "isListed", [number, pass_number], listed)


def _view(contract: str, function: str, arguments: list[Any], *expected: Any) -> View:
    return View(contract=contract, function=function, arguments=tuple(arguments), expected=expected)


def _digest(model: Model, number: int, batch: int) -> bytes:
    batches = model.state.books[number].batches
    return keccak(batches[batch - 1].records) if 0 < batch <= len(batches) else bytes(32)


def _campaign_tuple(model: Model, number: int) -> tuple[Any, ...]:
    campaign: Campaign = model.state.campaigns[number]
    book = model.state.books[number]
    return (
        terms_tuple(campaign.terms),
        int(campaign.status),
        address_bytes(campaign.drafted_by),
        address_bytes(campaign.approved_by),
        address_bytes(campaign.issued_by),
        campaign.paused_at,
        campaign.funded,
        campaign.spent,
        len(book.batches),
        sum(word.bit_count() for word in (campaign.list_words or {}).values()),
        model.next_words.get(number, 0),
        len(book.contributions),
        book.returned_count,
        book.owed,
    )


def broken_promises(model: Model) -> list[Difference]:
    """The sums that must hold whatever happened: no satang without its reason."""
    found, held = [], 0
    for number, campaign in model.state.campaigns.items():
        book = model.state.books[number]
        credited = sum(credit.amount for credit in book.credits.values())
        used = sum(lane >> 40 for lane in book.lanes.values())
        if not credited == used == campaign.spent <= campaign.funded:
            sums = f"credits {credited}, usage {used}, spent {campaign.spent}"
            found.append(_promise(f"campaign {number} spends what it credits", sums))
        returned = sum(given.returned or 0 for given in book.contributions)
        held += campaign.funded - returned
        held += sum(credit.copay for credit in book.credits.values())
    balance = model.balance(model.book)
    if held != balance:
        found.append(_promise("the book holds what is owed", f"owed {held}, held {balance}"))
    return found


def _promise(promise: str, sums: str) -> Difference:
    return Difference(question=promise, python=sums, chain="must be equal")
