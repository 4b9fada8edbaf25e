"""The till's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("key_hash", sa.String(length=66), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "roles", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash"),
    )


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("account_nonce", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=True),
        sa.Column("to", sa.String(length=42), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("gas_limit", sa.BigInteger(), nullable=False),
        sa.Column("fee_wei_max", sa.BigInteger(), nullable=False),
        sa.Column("priority_fee_wei", sa.BigInteger(), nullable=False),
        sa.Column("raw_tx", sa.LargeBinary(), nullable=False),
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.String(length=66), nullable=True),
        sa.Column("gas_used", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('signed', 'sent', 'included', 'final', 'failed')", name="batch_status"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("chain_id", "sender", "account_nonce", name="account_nonce_once"),
        sa.UniqueConstraint("tx_hash", name="batch_tx_hash_once"),
    )
    op.create_index(
        "batches_in_status", "batches", ["status", "sender", "account_nonce"], unique=False
    )


def _campaign_budgets() -> None:
    op.create_table(
        "campaign_budgets",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("funded", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("spent >= 0 AND spent <= funded", name="spent_within_funded"),
        sa.PrimaryKeyConstraint("campaign"),
    )


def _idempotent_requests() -> None:
    op.create_table(
        "idempotent_requests",
        sa.Column("principal", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_hash", sa.String(length=66), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column(
            "headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True
        ),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key"),
    )
    op.create_index("idempotent_requests_age", "idempotent_requests", ["created_at"], unique=False)


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _list_uploads() -> None:
    op.create_table(
        "list_uploads",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("uploaded_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count > 0", name="list_not_empty"),
        sa.PrimaryKeyConstraint("id"),
    )


def _merchant_profiles() -> None:
    op.create_table(
        "merchant_profiles",
        sa.Column("payout", sa.String(length=42), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("name_th", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("latitude_microdegrees", sa.Integer(), nullable=True),
        sa.Column("longitude_microdegrees", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("payout"),
        sa.UniqueConstraint("number"),
    )


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("name_th", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )


def _sequencer_accounts() -> None:
    op.create_table(
        "sequencer_accounts",
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.Column("next_nonce", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "address"),
    )


def _usage_counters() -> None:
    op.create_table(
        "usage_counters",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("spent_today", sa.BigInteger(), nullable=False),
        sa.Column("spent_total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_step >= 0 AND last_step < 2097152", name="last_step_lane"),
        sa.CheckConstraint("spent_today >= 0 AND spent_today < 524288", name="spent_today_lane"),
        sa.CheckConstraint("spent_total >= 0 AND spent_total < 16777216", name="spent_total_lane"),
        sa.PrimaryKeyConstraint("campaign", "pass_number"),
    )


def _batch_hashes() -> None:
    op.create_table(
        "batch_hashes",
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("raw_tx", sa.LargeBinary(), nullable=False),
        sa.Column("fee_wei_max", sa.BigInteger(), nullable=False),
        sa.Column("priority_fee_wei", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batches.id"],
        ),
        sa.PrimaryKeyConstraint("tx_hash"),
    )
    op.create_index(op.f("ix_batch_hashes_batch_id"), "batch_hashes", ["batch_id"], unique=False)


def _intents() -> None:
    op.create_table(
        "intents",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("signer", sa.String(length=42), nullable=True),
        sa.Column("campaign", sa.BigInteger(), nullable=True),
        sa.Column("pass_number", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column(
            "payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column(
            "result", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True
        ),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("requested_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'sent', 'included', 'final', 'failed')", name="intent_status"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batches.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("intents_by_time", "intents", ["created_at", "id"], unique=False)
    op.create_index(
        "intents_waiting",
        "intents",
        ["status", "kind", "campaign", "pass_number", "step"],
        unique=False,
    )
    op.create_index(op.f("ix_intents_batch_id"), "intents", ["batch_id"], unique=False)


def _list_entries() -> None:
    op.create_table(
        "list_entries",
        sa.Column("list_id", sa.String(length=40), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["list_uploads.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "pass_number"),
        sqlite_with_rowid=False,
    )


def _redemptions() -> None:
    op.create_table(
        "redemptions",
        sa.Column("id", sa.String(length=28), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=42), nullable=False),
        sa.Column("bill", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("copay", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("maximum_bill", sa.BigInteger(), nullable=True),
        sa.Column("maximum_amount", sa.BigInteger(), nullable=True),
        sa.Column("maximum_copay", sa.BigInteger(), nullable=True),
        sa.Column("r", sa.LargeBinary(), nullable=False),
        sa.Column("vs", sa.LargeBinary(), nullable=False),
        sa.Column("policy_hash", sa.String(length=66), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("receipt_r", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_vs", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column(
            "verdict", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("voided", sa.BigInteger(), nullable=False),
        sa.Column("intent_id", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "status IN ('accepted', 'included', 'final', 'voided', 'failed')", name="status_known"
        ),
        sa.CheckConstraint("amount > 0 AND copay >= 0 AND bill >= amount + copay", name="figures"),
        sa.CheckConstraint("voided >= 0 AND voided <= amount", name="voided_within_amount"),
        sa.ForeignKeyConstraint(
            ["intent_id"],
            ["intents.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign", "pass_number", "step", name="redemption_once"),
    )
    op.create_index(op.f("ix_redemptions_intent_id"), "redemptions", ["intent_id"], unique=False)
    op.create_index("redemptions_in_status", "redemptions", ["status", "campaign"], unique=False)
    op.create_index(
        "redemptions_of_merchant", "redemptions", ["merchant", "accepted_at", "id"], unique=False
    )
    op.create_index(
        "redemptions_of_pass", "redemptions", ["pass_number", "accepted_at", "id"], unique=False
    )


def _till_voids() -> None:
    op.create_table(
        "till_voids",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("redemption_id", sa.String(length=28), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("copay", sa.BigInteger(), nullable=False),
        sa.Column("voided_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("r", sa.LargeBinary(), nullable=False),
        sa.Column("vs", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("intent_id", sa.String(length=40), nullable=True),
        sa.CheckConstraint("amount > 0 AND copay >= 0", name="void_figures"),
        sa.ForeignKeyConstraint(
            ["intent_id"],
            ["intents.id"],
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id"],
            ["redemptions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("redemption_id", "voided_at", name="void_once"),
    )
    op.create_index(op.f("ix_till_voids_intent_id"), "till_voids", ["intent_id"], unique=False)


TABLES = {
    "api_keys": _api_keys,
    "batches": _batches,
    "campaign_budgets": _campaign_budgets,
    "idempotent_requests": _idempotent_requests,
    "leases": _leases,
    "list_uploads": _list_uploads,
    "merchant_profiles": _merchant_profiles,
    "policies": _policies,
    "sequencer_accounts": _sequencer_accounts,
    "usage_counters": _usage_counters,
    "batch_hashes": _batch_hashes,
    "intents": _intents,
    "list_entries": _list_entries,
    "redemptions": _redemptions,
    "till_voids": _till_voids,
}
"""In the order in which they can be made: what a table refers to comes before it."""


def upgrade() -> None:
    """Make the tables."""
    for create in TABLES.values():
        create()


def downgrade() -> None:
    """Take them back, with their indexes."""
    for name in reversed(TABLES):
        op.drop_table(name)
