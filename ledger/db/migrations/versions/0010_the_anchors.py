"""Days anchored, orders to anchor them, and the log of what the staff did."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _anchors()
    _staff()


def _anchors() -> None:
    op.create_table(
        "anchored_days",
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=66), nullable=False),
        sa.Column("leaves", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("copay", sa.BigInteger(), nullable=False),
        sa.Column("staff_head", sa.String(length=66), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index"),
        sa.UniqueConstraint("chain_id", "day", name="anchored_once"),
    )
    op.create_table(
        "anchor_orders",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("intent_id", sa.String(length=40), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["intent_id"], ["intents.id"]),
        sa.PrimaryKeyConstraint("day"),
    )


def _staff() -> None:
    op.create_table(
        "staff_acts",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column(
            "orders",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("before", sa.String(length=66), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("before", name="staff_act_followed_once"),
        sa.UniqueConstraint("hash", name="staff_act_once"),
    )
    op.create_table(
        "staff_log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Take them back, with their indexes."""
    for name in ("staff_log_head", "staff_acts", "anchor_orders", "anchored_days"):
        op.drop_table(name)
