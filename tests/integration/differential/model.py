"""What the Python side knows: the state that the events come to, and little beside it."""

from dataclasses import dataclass, field

from ledger.chain.encoding import functions
from ledger.domain import events
from ledger.domain.blocks import BlockRef
from ledger.domain.campaign import Campaign
from ledger.domain.projection import apply
from ledger.domain.state import State
from tests.conftest import City
from tests.integration.differential.people import address

INFINITE = 2**256 - 1


@dataclass(slots=True)
class Model:
    """A state moved by events alone. Two things no event tells are kept beside it: what is left of
    an allowance at the token, and the next word of a list."""

    city: City
    state: State = field(default_factory=State)
    allowances: dict[str, int] = field(default_factory=dict)
    next_words: dict[int, int] = field(default_factory=dict)
    book: str = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        contracts = self.city.deployment.contracts
        self.book = contracts["CouponBook"].address
        self.token = contracts["CityToken"].address

    @property
    def separator(self) -> bytes:
        """The EIP-712 domain of the book."""
        return self.city.deployment.domain_separator

    def take(self, event: events.Event, block: BlockRef) -> None:
        """Move by one event."""
        apply(self.state, event, block)
        match event:
            case events.Approval(owner=owner, spender=self.book, value=value):
                self.allowances[owner] = value
            case events.Transfer(from_=owner, to=self.book, value=value):
                left = self.allowances.get(owner, 0)
                if left != INFINITE:
                    self.allowances[owner] = left - value
            case events.CouponsListed(campaign=number, first_word=first, words=words):
                self.next_words[number] = first + len(words)

    def campaign(self, number: int) -> Campaign | None:
        """A campaign by number."""
        return self.state.campaigns.get(number)

    def balance(self, account: str) -> int:
        """Tokens of an address."""
        return self.state.balance_of(self.token, account)

    @property
    def stopped(self) -> bool:
        """Whether the token is paused."""
        return self.state.tokens[self.token].paused

    def path_open(self, from_: str, to: str) -> bool:
        """Whether tokens may move between two addresses: city, resident, merchant, city."""
        cities = self.state.tokens[self.token].city_accounts
        payouts = self.state.payouts
        return from_ in cities or to in cities or (to in payouts and from_ not in payouts)

    def may(self, sender: str, contract: str, function: str) -> bool:
        """Whether the sender holds the role of a restricted function."""
        selector = functions(contract)[function].selector
        target = self.city.deployment.contracts[contract].address
        role = self.state.function_roles.get((target, selector), 0)
        return address(sender) in self.state.roles.get(role, {})
