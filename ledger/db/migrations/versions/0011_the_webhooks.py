"""Webhooks: who hears, what was told, and what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _streams()
    _deliveries()


def _streams() -> None:
    op.create_table(
        "webhook_streams",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("sequence >= 0", name="stream_counts_up"),
        sa.PrimaryKeyConstraint("owner"),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("signer", sa.String(length=42), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("previous_until", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=64), nullable=True),
        sa.Column("sent_to", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(status = 'disabled') = (why IS NOT NULL)", name="endpoint_why"),
        sa.CheckConstraint("status IN ('active', 'disabled')", name="endpoint_status"),
        sa.CheckConstraint("failures >= 0 AND generation >= 1", name="endpoint_counts"),
        sa.ForeignKeyConstraint(["owner"], ["webhook_streams.owner"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "url", name="webhook_url_once"),
    )
    op.create_table(
        "webhook_events",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint("sequence > 0", name="event_counted"),
        sa.ForeignKeyConstraint(["owner"], ["webhook_streams.owner"]),
        sa.PrimaryKeyConstraint("owner", "sequence"),
        sa.UniqueConstraint("id", name="webhook_event_once"),
    )
    op.create_index("webhook_events_by_time", "webhook_events", ["at"], unique=False)
    op.create_table(
        "webhook_told",
        sa.Column("owner", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["webhook_streams.owner"]),
        sa.PrimaryKeyConstraint("owner", "subject"),
    )
    op.create_index(
        "webhook_told_watched",
        "webhook_told",
        ["owner", "subject"],
        unique=False,
        sqlite_where=sa.text("watched"),
        postgresql_where=sa.text("watched"),
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("endpoint_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=64), nullable=True),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="delivery_status"),
        sa.CheckConstraint("attempts >= 0", name="delivery_attempts"),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoints.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("endpoint_id", "sequence"),
    )
    op.create_index(
        "webhook_deliveries_due",
        "webhook_deliveries",
        ["endpoint_id", "status", "next_at"],
        unique=False,
    )


def downgrade() -> None:
    """Take them back, with their indexes."""
    for name in ("deliveries", "told", "events", "endpoints", "streams"):
        op.drop_table(f"webhook_{name}")
