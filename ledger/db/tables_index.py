"""The index: what the chain said, as rows. Drop it, replay the chain, and the same rows stand.

Every row hangs on its event, every event on its block: forgetting a block forgets what it said.
Nothing here is a current state that somebody must keep right; states are read off the facts.
"""

from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.db.columns import address, big, document, hash32, long_text, satang, unix_time
from ledger.db.tables_anchors import AnchoredDay
from ledger.db.tables_fact import Fact
from ledger.db.tables_index_settlement import SETTLEMENT_FACTS


class IndexedBlock(SQLModel, table=True):
    """A block we read. One chain is kept: no two blocks of a height."""

    __tablename__ = "blocks"
    __table_args__: ClassVar[Any] = (UniqueConstraint("chain_id", "number", name="one_chain"),)

    chain_id: int = big(primary_key=True)
    hash: str = hash32(primary_key=True)
    number: int = big()
    parent: str = hash32()
    time: int = unix_time()


class IndexedEvent(SQLModel, table=True):
    """A log of one of our contracts. `(chain_id, block_hash, log_index)` is its name for ever."""

    __tablename__ = "events"

    chain_id: int = big(primary_key=True)
    block_hash: str = hash32(primary_key=True)
    log_index: int = Field(primary_key=True)
    block_number: int = big()
    tx_hash: str = hash32()
    name: str = Field(max_length=40)
    address: str = address()


class Checkpoint(SQLModel, table=True):
    """How far the index of a chain reaches. It moves in the transaction that wrote the rows."""

    __tablename__ = "checkpoints"

    chain_id: int = big(primary_key=True)
    block_number: int = big()
    block_hash: str = hash32()


class CampaignDraft(Fact, table=True):
    """The terms of a campaign, as drafted. Masks and hashes are hexadecimal."""

    __tablename__ = "campaign_drafts"
    __table_args__: ClassVar[Any] = (UniqueConstraint("chain_id", "campaign", name="drafted_once"),)

    campaign: int = big()
    officer: str = address()
    policy_hash: str = hash32()
    token: str = address()
    starts: int = unix_time()
    ends: int = unix_time()
    first_use_by: int = unix_time()
    share_basis_points: int
    allowance: int = satang()
    per_use_max: int = satang()
    per_day_max: int = satang()
    bill_min: int = satang()
    audience: str = Field(max_length=18)
    categories: str = Field(max_length=18)
    districts: str = Field(max_length=18)
    open_hours: str = Field(max_length=44)
    same_district: bool
    list_hash: str = hash32()
    list_count: int = big()
    at: int = unix_time()


class CampaignStep(Fact, table=True):
    """A step in a campaign's life: approved, issued, paused, resumed or closed, and by whom."""

    __tablename__ = "campaign_steps"
    __table_args__: ClassVar[Any] = (
        CheckConstraint(
            "step IN ('approved', 'issued', 'paused', 'resumed', 'closed')", name="step_known"
        ),
        Index("campaign_steps_of", "campaign", "block_number", "log_index"),
    )

    campaign: int = big()
    step: str = Field(max_length=16)
    by: str | None = address(default=None)
    unspent: int | None = satang(default=None)
    at: int = unix_time()


class ListedWord(Fact, table=True):
    """256 passes of a campaign's list, as hexadecimal bits. Words of zero are not kept."""

    __tablename__ = "listed_words"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("chain_id", "campaign", "word_index", name="listed_once"),
    )

    word_index: int = Field(primary_key=True)
    campaign: int = big()
    word: str = hash32()


class Contribution(Fact, table=True):
    """Money given to a campaign."""

    __tablename__ = "contributions"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("chain_id", "campaign", "contribution", name="contributed_once"),
    )

    campaign: int = big()
    contribution: int
    funder: str = address()
    amount: int = satang()
    at: int = unix_time()


class ContributionReturn(Fact, table=True):
    """The part of a contribution that went back to its funder."""

    __tablename__ = "contribution_returns"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("chain_id", "campaign", "contribution", name="returned_once"),
    )

    campaign: int = big()
    contribution: int
    funder: str = address()
    amount: int = satang()
    at: int = unix_time()


class IncludedRedemption(Fact, table=True):
    """A redemption the chain took. Once for a pass, a campaign and a step (P2)."""

    __tablename__ = "included_redemptions"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("chain_id", "campaign", "pass_number", "step", name="included_once"),
        Index("included_of_merchant", "merchant", "block_number", "log_index", "position"),
    )

    position: int = Field(primary_key=True)
    campaign: int = big()
    batch: int = big()
    pass_number: int = big()
    merchant: int = big()
    bill: int = satang()
    amount: int = satang()
    copay: int = satang()
    step: int
    unnamed: bool
    at: int = unix_time()


class RefusedEntry(Fact, table=True):
    """An entry of a batch that the chain skipped, and why."""

    __tablename__ = "refused_entries"
    __table_args__: ClassVar[Any] = (Index("refused_of_pass", "campaign", "pass_number", "step"),)

    position: int = Field(primary_key=True)
    campaign: int = big()
    entry: int
    reason: int
    pass_number: int = big()
    head: int
    step: int
    amount: int = satang()
    at: int = unix_time()


class IncludedVoid(Fact, table=True):
    """A redemption undone, wholly or in part."""

    __tablename__ = "included_voids"
    __table_args__: ClassVar[Any] = (
        Index("voids_of_redemption", "campaign", "pass_number", "signed_at"),
    )

    campaign: int = big()
    pass_number: int = big()
    merchant: int = big()
    amount: int = satang()
    copay: int = satang()
    signed_at: int = unix_time()
    voided_at: int = unix_time()
    at: int = unix_time()


class PassFact(Fact, table=True):
    """Something that became true of a pass. A rebinding leaves all but the holder as it was."""

    __tablename__ = "pass_facts"
    __table_args__: ClassVar[Any] = (
        Index("pass_facts_of", "number", "block_number", "log_index"),
        Index("pass_facts_of_holder", "holder"),
    )

    number: int = big(primary_key=True)
    what: str = Field(max_length=16)
    holder: str = address()
    class_: int | None = None
    district: int | None = None
    valid_from: int | None = unix_time(default=None)
    valid_until: int | None = unix_time(default=None)
    status: int | None = None
    at: int = unix_time()


class MerchantFact(Fact, table=True):
    """What a merchant is from here on."""

    __tablename__ = "merchant_facts"
    __table_args__: ClassVar[Any] = (
        Index("merchant_facts_of", "number", "block_number", "log_index"),
        Index("merchant_facts_of_payout", "payout"),
    )

    number: int = big()
    payout: str = address()
    category: int
    district: int
    status: int
    at: int = unix_time()


class TokenTransfer(Fact, table=True):
    """Tokens moved; from or to the zero address they were made or burnt."""

    __tablename__ = "token_transfers"
    __table_args__: ClassVar[Any] = (
        Index("token_transfers_from", "from_address"),
        Index("token_transfers_to", "to_address"),
    )

    token: str = address()
    from_address: str = address()
    to_address: str = address()
    value: int = satang()


class RoleFact(Fact, table=True):
    """A role given to, or taken from, an account."""

    __tablename__ = "role_facts"
    __table_args__: ClassVar[Any] = (Index("role_facts_of", "role_id", "account"),)

    role_id: str = Field(max_length=20)
    account: str = address()
    granted: bool
    delay: int = big()
    since: int = unix_time()


class PlainFact(Fact, table=True):
    """An event that has no table of its own, with its fields by name."""

    __tablename__ = "plain_facts"
    __table_args__: ClassVar[Any] = (Index("plain_facts_named", "name"),)

    name: str = long_text()
    fields: dict[str, Any] = document()


FACTS: Final[tuple[type[Fact], ...]] = (
    CampaignDraft,
    CampaignStep,
    ListedWord,
    Contribution,
    ContributionReturn,
    IncludedRedemption,
    RefusedEntry,
    IncludedVoid,
    PassFact,
    MerchantFact,
    TokenTransfer,
    RoleFact,
    PlainFact,
    AnchoredDay,
    *SETTLEMENT_FACTS,
)

INDEX_TABLES: Final[tuple[type[SQLModel], ...]] = (
    IndexedBlock,
    IndexedEvent,
    Checkpoint,
    *FACTS,
)
"""Every table of the index, parents first."""
