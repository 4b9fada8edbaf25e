"""The till's own tables: what was promised, to whom, and what is still to be said to the chain.

These are not an index. They are backed up, because no replay of the chain brings them back.
"""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.db.columns import (
    address,
    big,
    document,
    hash32,
    long_text,
    octets,
    satang,
    serial,
    unix_time,
)


class RedemptionRecord(SQLModel, table=True):
    """One accepted redemption. It exists before anybody is told that it was accepted."""

    __tablename__ = "redemptions"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("campaign", "pass_number", "step", name="redemption_once"),
        CheckConstraint("amount > 0 AND copay >= 0 AND bill >= amount + copay", name="figures"),
        CheckConstraint("voided >= 0 AND voided <= amount", name="voided_within_amount"),
        CheckConstraint(
            "status IN ('accepted', 'included', 'final', 'voided', 'failed')", name="status_known"
        ),
        Index("redemptions_of_merchant", "merchant", "accepted_at", "id"),
        Index("redemptions_of_pass", "pass_number", "accepted_at", "id"),
        Index("redemptions_in_status", "status", "campaign"),
    )

    id: str = Field(primary_key=True, max_length=28)
    campaign: int = big()
    pass_number: int = big()
    step: int
    merchant: int = big()
    holder: str = address()
    bill: int = satang()
    amount: int = satang()
    copay: int = satang()
    signed_at: int = unix_time()
    maximum_bill: int | None = satang(default=None)
    maximum_amount: int | None = satang(default=None)
    maximum_copay: int | None = satang(default=None)
    r: bytes = octets()
    vs: bytes = octets()
    policy_hash: str = hash32()
    accepted_at: int = unix_time()
    receipt_r: bytes = octets()
    receipt_vs: bytes = octets()
    status: str = Field(default="accepted", max_length=16)
    reason: str | None = Field(default=None, max_length=64)
    verdict: dict[str, Any] = document()
    voided: int = satang(default=0)
    intent_id: str | None = Field(default=None, foreign_key="intents.id", max_length=40, index=True)


class UsageCounter(SQLModel, table=True):
    """What a pass has used of a campaign at the till: never behind the chain, moved first."""

    __tablename__ = "usage_counters"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("last_step >= 0 AND last_step < 2097152", name="last_step_lane"),
        CheckConstraint("spent_today >= 0 AND spent_today < 524288", name="spent_today_lane"),
        CheckConstraint("spent_total >= 0 AND spent_total < 16777216", name="spent_total_lane"),
    )

    campaign: int = big(primary_key=True)
    pass_number: int = big(primary_key=True)
    last_step: int = 0
    spent_today: int = satang(default=0)
    spent_total: int = satang(default=0)


class CampaignBudget(SQLModel, table=True):
    """What a campaign holds and has promised: it never promises more than it holds (P4)."""

    __tablename__ = "campaign_budgets"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("spent >= 0 AND spent <= funded", name="spent_within_funded"),
    )

    campaign: int = big(primary_key=True)
    funded: int = satang(default=0)
    spent: int = satang(default=0)


class TillVoid(SQLModel, table=True):
    """A void the merchant signed and the till accepted."""

    __tablename__ = "till_voids"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("redemption_id", "voided_at", name="void_once"),
        CheckConstraint("amount > 0 AND copay >= 0", name="void_figures"),
    )

    id: int | None = serial()
    redemption_id: str = Field(foreign_key="redemptions.id", max_length=28)
    amount: int = satang()
    copay: int = satang()
    voided_at: int = unix_time()
    accepted_at: int = unix_time()
    r: bytes = octets()
    vs: bytes = octets()
    status: str = Field(default="accepted", max_length=16)
    reason: str | None = Field(default=None, max_length=64)
    intent_id: str | None = Field(default=None, foreign_key="intents.id", max_length=40, index=True)


class Intent(SQLModel, table=True):
    """One row of the outbox: something we still want to say, or have said, to the chain."""

    __tablename__ = "intents"
    __table_args__: ClassVar[Any] = (
        CheckConstraint(
            "status IN ('queued', 'sent', 'included', 'final', 'failed')", name="intent_status"
        ),
        Index("intents_waiting", "status", "kind", "campaign", "pass_number", "step"),
        Index("intents_by_time", "created_at", "id"),
    )

    id: str = Field(primary_key=True, max_length=40)
    kind: str = Field(max_length=32)
    signer: str | None = address(default=None)
    campaign: int | None = big(default=None)
    pass_number: int | None = big(default=None)
    step: int | None = None
    payload: dict[str, Any] = document()
    status: str = Field(default="queued", max_length=16)
    result: dict[str, Any] | None = document(default=None)
    error: dict[str, Any] | None = document(default=None)
    batch_id: int | None = big(default=None, foreign_key="batches.id", index=True)
    position: int | None = None
    requested_by: str | None = Field(default=None, max_length=64)
    created_at: int = unix_time()
    updated_at: int = unix_time()


class Batch(SQLModel, table=True):
    """One transaction of a sending key, stored signed before it is sent."""

    __tablename__ = "batches"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("chain_id", "sender", "account_nonce", name="account_nonce_once"),
        UniqueConstraint("tx_hash", name="batch_tx_hash_once"),
        CheckConstraint(
            "status IN ('signed', 'sent', 'included', 'final', 'failed')", name="batch_status"
        ),
        Index("batches_in_status", "status", "sender", "account_nonce"),
    )

    id: int | None = serial()
    chain_id: int = big()
    sender: str = address()
    account_nonce: int = big()
    kind: str = Field(max_length=32)
    campaign: int | None = big(default=None)
    to: str | None = address(default=None)
    data: bytes = octets()
    gas_limit: int = big()
    fee_wei_max: int = big()
    priority_fee_wei: int = big()
    raw_tx: bytes = octets()
    tx_hash: str = hash32()
    status: str = Field(default="signed", max_length=16)
    attempts: int = 0
    block_number: int | None = big(default=None)
    block_hash: str | None = hash32(default=None)
    gas_used: int | None = big(default=None)
    error: dict[str, Any] | None = document(default=None)
    signed_at: int = unix_time()
    sent_at: int | None = unix_time(default=None)


class BatchHash(SQLModel, table=True):
    """Every hash a batch has ever been signed under: any of them may be the one included."""

    __tablename__ = "batch_hashes"

    tx_hash: str = hash32(primary_key=True)
    batch_id: int = big(foreign_key="batches.id", index=True)
    raw_tx: bytes = octets()
    fee_wei_max: int = big()
    priority_fee_wei: int = big()
    signed_at: int = unix_time()


class SequencerAccount(SQLModel, table=True):
    """A sending key. This row is the lock under which its account nonces are given out."""

    __tablename__ = "sequencer_accounts"

    chain_id: int = big(primary_key=True)
    address: str = address(primary_key=True)
    next_nonce: int = big(default=0)


class Lease(SQLModel, table=True):
    """Who may act alone (the active sequencer), until when."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True, max_length=64)
    owner: str = Field(max_length=64)
    expires_at: int = unix_time()


class IdempotentRequest(SQLModel, table=True):
    """The answer to a request that may be asked again: same key and body, same answer."""

    __tablename__ = "idempotent_requests"
    __table_args__: ClassVar[Any] = (Index("idempotent_requests_age", "created_at"),)

    principal: str = Field(primary_key=True, max_length=128)
    key: str = Field(primary_key=True, max_length=255)
    body_hash: str = hash32()
    status_code: int | None = None
    headers: dict[str, Any] | None = document(default=None)
    body: bytes | None = octets(default=None)
    created_at: int = unix_time()


class ApiKey(SQLModel, table=True):
    """An officer's bearer key: only its hash is kept."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True, max_length=40)
    key_hash: str = hash32(unique=True)
    name: str = Field(max_length=120)
    roles: list[str] = document()
    created_at: int = unix_time()
    revoked_at: int | None = unix_time(default=None)


class PolicyDocument(SQLModel, table=True):
    """A policy in its canonical bytes, kept under their hash."""

    __tablename__ = "policies"

    hash: str = hash32(primary_key=True)
    canonical: bytes = octets()
    name_th: str = long_text()
    name_en: str = long_text()
    created_at: int = unix_time()


class MerchantProfile(SQLModel, table=True):
    """What the chain does not say of a merchant: its names and where it stands."""

    __tablename__ = "merchant_profiles"

    payout: str = address(primary_key=True)
    number: int | None = big(default=None, unique=True)
    name_th: str = long_text()
    name_en: str = long_text()
    latitude_microdegrees: int | None = None
    longitude_microdegrees: int | None = None
    created_at: int = unix_time()


class ListUpload(SQLModel, table=True):
    """A list of pass numbers as imported, whole or not at all."""

    __tablename__ = "list_uploads"
    __table_args__: ClassVar[Any] = (CheckConstraint("count > 0", name="list_not_empty"),)

    id: str = Field(primary_key=True, max_length=40)
    count: int
    hash: str = hash32()
    uploaded_by: str | None = Field(default=None, max_length=64)
    created_at: int = unix_time()


class ListEntry(SQLModel, table=True):
    """One pass number of an uploaded list."""

    __tablename__ = "list_entries"
    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["list_id"], ["list_uploads.id"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    list_id: str = Field(primary_key=True, max_length=40)
    pass_number: int = big(primary_key=True)
