"""Messages that wait to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "messages",
        sa.Column("number", _SERIAL, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("text_th", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('queued', 'sent', 'failed')", name="message_status"),
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="message_sent_at"),
        sa.CheckConstraint("attempts >= 0", name="message_attempts"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id", name="message_id_once"),
        sa.UniqueConstraint("campaign", "pass_number", "template", "due", name="message_once"),
    )
    op.create_index("messages_waiting", "messages", ["status", "attempts", "number"])


def downgrade() -> None:
    """Take them back."""
    op.drop_table("messages")
