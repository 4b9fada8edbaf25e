"""The index's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _create_fact(name: str, *more: SchemaItem) -> None:
    """A table of facts: the key of its event first."""
    op.create_table(
        name,
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        *more,
    )


def _blocks() -> None:
    op.create_table(
        "blocks",
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.String(length=66), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "hash"),
        sa.UniqueConstraint("chain_id", "number", name="one_chain"),
    )


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("chain_id"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
    )


def _campaign_drafts() -> None:
    _create_fact(
        "campaign_drafts",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("officer", sa.String(length=42), nullable=False),
        sa.Column("policy_hash", sa.String(length=66), nullable=False),
        sa.Column("token", sa.String(length=42), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("first_use_by", sa.BigInteger(), nullable=False),
        sa.Column("share_basis_points", sa.Integer(), nullable=False),
        sa.Column("allowance", sa.BigInteger(), nullable=False),
        sa.Column("per_use_max", sa.BigInteger(), nullable=False),
        sa.Column("per_day_max", sa.BigInteger(), nullable=False),
        sa.Column("bill_min", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.String(length=18), nullable=False),
        sa.Column("categories", sa.String(length=18), nullable=False),
        sa.Column("districts", sa.String(length=18), nullable=False),
        sa.Column("open_hours", sa.String(length=44), nullable=False),
        sa.Column("same_district", sa.Boolean(), nullable=False),
        sa.Column("list_hash", sa.String(length=66), nullable=False),
        sa.Column("list_count", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
        sa.UniqueConstraint("chain_id", "campaign", name="drafted_once"),
    )


def _campaign_steps() -> None:
    _create_fact(
        "campaign_steps",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=42), nullable=True),
        sa.Column("unspent", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "step IN ('approved', 'issued', 'paused', 'resumed', 'closed')", name="step_known"
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
    )
    op.create_index(
        "campaign_steps_of",
        "campaign_steps",
        ["campaign", "block_number", "log_index"],
        unique=False,
    )


def _contribution_returns() -> None:
    _create_fact(
        "contribution_returns",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("contribution", sa.Integer(), nullable=False),
        sa.Column("funder", sa.String(length=42), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
        sa.UniqueConstraint("chain_id", "campaign", "contribution", name="returned_once"),
    )


def _contributions() -> None:
    _create_fact(
        "contributions",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("contribution", sa.Integer(), nullable=False),
        sa.Column("funder", sa.String(length=42), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
        sa.UniqueConstraint("chain_id", "campaign", "contribution", name="contributed_once"),
    )


def _included_redemptions() -> None:
    _create_fact(
        "included_redemptions",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("bill", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("copay", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index", "position"),
        sa.UniqueConstraint("chain_id", "campaign", "pass_number", "step", name="included_once"),
    )
    op.create_index(
        "included_of_merchant",
        "included_redemptions",
        ["merchant", "block_number", "log_index", "position"],
        unique=False,
    )


def _included_voids() -> None:
    _create_fact(
        "included_voids",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("copay", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("voided_at", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
    )
    op.create_index(
        "voids_of_redemption",
        "included_voids",
        ["campaign", "pass_number", "signed_at"],
        unique=False,
    )


def _listed_words() -> None:
    _create_fact(
        "listed_words",
        sa.Column("word_index", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index", "word_index"),
        sa.UniqueConstraint("chain_id", "campaign", "word_index", name="listed_once"),
    )


def _merchant_facts() -> None:
    _create_fact(
        "merchant_facts",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("payout", sa.String(length=42), nullable=False),
        sa.Column("category", sa.Integer(), nullable=False),
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
    )
    op.create_index(
        "merchant_facts_of", "merchant_facts", ["number", "block_number", "log_index"], unique=False
    )
    op.create_index("merchant_facts_of_payout", "merchant_facts", ["payout"], unique=False)


def _pass_facts() -> None:
    _create_fact(
        "pass_facts",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=42), nullable=False),
        sa.Column("class_", sa.Integer(), nullable=True),
        sa.Column("district", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.BigInteger(), nullable=True),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index", "number"),
    )
    op.create_index(
        "pass_facts_of", "pass_facts", ["number", "block_number", "log_index"], unique=False
    )
    op.create_index("pass_facts_of_holder", "pass_facts", ["holder"], unique=False)


def _plain_facts() -> None:
    _create_fact(
        "plain_facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "fields", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
    )
    op.create_index("plain_facts_named", "plain_facts", ["name"], unique=False)


def _refused_entries() -> None:
    _create_fact(
        "refused_entries",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Integer(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index", "position"),
    )
    op.create_index(
        "refused_of_pass", "refused_entries", ["campaign", "pass_number", "step"], unique=False
    )


def _role_facts() -> None:
    _create_fact(
        "role_facts",
        sa.Column("role_id", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("delay", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
    )
    op.create_index("role_facts_of", "role_facts", ["role_id", "account"], unique=False)


def _token_transfers() -> None:
    _create_fact(
        "token_transfers",
        sa.Column("token", sa.String(length=42), nullable=False),
        sa.Column("from_address", sa.String(length=42), nullable=False),
        sa.Column("to_address", sa.String(length=42), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
    )
    op.create_index("token_transfers_from", "token_transfers", ["from_address"], unique=False)
    op.create_index("token_transfers_to", "token_transfers", ["to_address"], unique=False)


TABLES = {
    "blocks": _blocks,
    "checkpoints": _checkpoints,
    "events": _events,
    "campaign_drafts": _campaign_drafts,
    "campaign_steps": _campaign_steps,
    "contribution_returns": _contribution_returns,
    "contributions": _contributions,
    "included_redemptions": _included_redemptions,
    "included_voids": _included_voids,
    "listed_words": _listed_words,
    "merchant_facts": _merchant_facts,
    "pass_facts": _pass_facts,
    "plain_facts": _plain_facts,
    "refused_entries": _refused_entries,
    "role_facts": _role_facts,
    "token_transfers": _token_transfers,
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
