"""Everything the chain says, in memory: what a replay of all events comes to.

Kept compact, since an auditor replays whole years: a redemption is its 22 bytes inside its batch,
a usage is its 64-bit lane.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ledger.domain.blocks import BlockRef
from ledger.domain.campaign import Campaign
from ledger.domain.merchants import Merchant
from ledger.domain.passes import Pass
from ledger.domain.ranges import U21
from ledger.domain.redemption import RECORD, RECORD_BYTES, RedeemedRecord, unpack_records
from ledger.domain.usage import Usage

_BATCH_SHIFT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a merchant took under a campaign, less what was voided; in satang.

    `paid` is what rounds have paid of both shares. `owed` is what the merchant owes for voids after
    payment, as of the last void, settlement or cover that touched it: a redemption leaves it alone.
    """

    amount: int = 0
    copay: int = 0
    paid: int = 0
    owed: int = 0

    def reckoned(self) -> Credit:
        """The same, with what is owed computed anew."""
        return replace(self, owed=max(0, self.paid - self.amount - self.copay))


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidTotal:
    """What was undone of one redemption, in all; `voided_at` is the last void's signed time."""

    amount: int = 0
    copay: int = 0
    voided_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One funding of a campaign; `returned` is None until the sweep reaches it."""

    number: int
    funder: str
    amount: int
    returned: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemedBatch:
    """The redemptions of one `Redeemed` event, packed, with the block that took them."""

    number: int
    at: int
    records: bytes
    block: BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedBatch:
    """The refusals of one `RedemptionsRefused` event, packed."""

    at: int
    records: bytes
    block: BlockRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An account's hold of a role: from when, and with what delay."""

    since: int
    delay: int


@dataclass(slots=True)
class CampaignBook:
    """What happened under one campaign.

    `lanes` holds a usage lane per pass, `batches` are numbered from 1 without gaps. The sweep has
    reached `returned_count` contributions, which came to `returned_funded` when they were made. The
    index from (pass, step) to a record is built when it is first asked for.
    """

    lanes: dict[int, int] = field(default_factory=dict)
    credits: dict[int, Credit] = field(default_factory=dict)
    batches: list[RedeemedBatch] = field(default_factory=list)
    refused: list[RefusedBatch] = field(default_factory=list)
    voids: dict[tuple[int, int], VoidTotal] = field(default_factory=dict)
    contributions: list[Contribution] = field(default_factory=list)
    returned_count: int = 0
    returned_funded: int = 0
    _places: dict[int, int] = field(default_factory=dict, repr=False, compare=False)
    _indexed: int = field(default=0, repr=False, compare=False)

    def place_of(self, pass_number: int, step: int) -> tuple[RedeemedBatch, int] | None:
        """Return the batch and the index in it of a redemption, as a void must name them."""
        while self._indexed < len(self.batches):
            self._index(self.batches[self._indexed].records)
        place = self._places.get(pass_number << 21 | step)
        if place is None:
            return None
        return self.batches[place >> _BATCH_SHIFT], place & 0xFFFF

    def _index(self, records: bytes) -> None:
        place = self._indexed << _BATCH_SHIFT
        for number, _, _, _, _, _, high, low in RECORD.iter_unpack(records):
            self._places[number << 21 | (high << 8 | low) & U21] = place
            place += 1
        self._indexed += 1

    def redemption(self, pass_number: int, step: int) -> RedeemedRecord | None:
        """Return a redemption as it was taken (voids do not change it), or None."""
        place = self.place_of(pass_number, step)
        if place is None:
            return None
        batch, index = place
        return unpack_records(batch.records[index * RECORD_BYTES : (index + 1) * RECORD_BYTES])[0]

    def redemptions(self) -> Iterator[tuple[RedeemedBatch, int, RedeemedRecord]]:
        """Yield every redemption with its batch and its index there, in the chain's order."""
        for batch in self.batches:
            for index, record in enumerate(unpack_records(batch.records)):
                yield batch, index, record

    @property
    def owed(self) -> int:
        """What merchants owe the campaign for voids after payment."""
        return sum(credit.owed for credit in self.credits.values())

    @property
    def redeemed_count(self) -> int:
        """How many redemptions were taken."""
        return sum(len(batch.records) // RECORD_BYTES for batch in self.batches)


class RoundStatus(StrEnum):
    """The life of a round on the chain."""

    MADE = "made"
    APPROVED = "approved"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFile:
    """A file for the bank: the SHA-256 of its bytes, its payments, and what they come to."""

    hash: bytes
    payments: int
    total: int


@dataclass(slots=True, kw_only=True)
class RoundBook:
    """A round of payments: `pages` are the packed lines settled so far, which came to `settled`.

    A round that was cut short is settled with less than its `total` and fewer pages than
    `page_count`. `returned` is what came back from the bank, by merchant.
    """

    number: int
    maker: str
    day: int
    page_count: int
    total: int
    lines_hash: bytes
    document_hash: bytes
    status: RoundStatus = RoundStatus.MADE
    approver: str | None = None
    settled: int = 0
    pages: list[bytes] = field(default_factory=list)
    files: list[RecordedFile] = field(default_factory=list)
    returned: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class TokenBook:
    """One token: balances by address (no zeros), and the two doors of its supply."""

    balances: dict[str, int] = field(default_factory=dict)
    supply: int = 0
    funded: int = 0
    settled: int = 0
    city_accounts: set[str] = field(default_factory=set)
    paused: bool = False


@dataclass(slots=True)
class State:
    """What the events so far come to. Changed only by `projection.apply`.

    `holders` and `numbers` are inverses: holder's address → pass number → holder's address.
    `roles` maps a role to its members, `function_roles` a contract's selector to the role it needs.
    """

    head: BlockRef | None = None
    passes: dict[int, Pass] = field(default_factory=dict)
    holders: dict[str, int] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    merchants: dict[int, Merchant] = field(default_factory=dict)
    payouts: dict[str, int] = field(default_factory=dict)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    books: dict[int, CampaignBook] = field(default_factory=dict)
    rounds: dict[int, RoundBook] = field(default_factory=dict)
    tokens: dict[str, TokenBook] = field(default_factory=dict)
    authorities: dict[str, str] = field(default_factory=dict)
    roles: dict[int, dict[str, Grant]] = field(default_factory=dict)
    role_labels: dict[int, str] = field(default_factory=dict)
    role_admins: dict[int, int] = field(default_factory=dict)
    role_guardians: dict[int, int] = field(default_factory=dict)
    role_grant_delays: dict[int, int] = field(default_factory=dict)
    function_roles: dict[tuple[str, bytes], int] = field(default_factory=dict)
    closed_targets: set[str] = field(default_factory=set)
    target_delays: dict[str, int] = field(default_factory=dict)
    scheduled: dict[bytes, int] = field(default_factory=dict)

    def pass_of(self, holder: str) -> Pass | None:
        """Return the pass an address holds, or None."""
        return self.passes.get(self.holders.get(holder, 0))

    def usage_of(self, campaign: int, pass_number: int) -> Usage:
        """Return what a pass has used of a campaign; nothing, if it never did."""
        book = self.books.get(campaign)
        return Usage.unpack(book.lanes.get(pass_number, 0)) if book else Usage()

    def credit_of(self, campaign: int, merchant: int) -> Credit:
        """Return what a merchant took under a campaign."""
        book = self.books.get(campaign)
        return book.credits.get(merchant, Credit()) if book else Credit()

    def balance_of(self, token: str, account: str) -> int:
        """Return an account's balance of a token."""
        book = self.tokens.get(token)
        return book.balances.get(account, 0) if book else 0
