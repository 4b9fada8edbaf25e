"""Rounds of payments, their lines, and what the bank said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _rounds()
    _lines()
    _bank()


def _rounds() -> None:
    op.create_table(
        "bank_details",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("bank", sa.String(length=3), nullable=False),
        sa.Column("number", sa.String(length=15), nullable=False),
        sa.Column("name", sa.String(length=70), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("bank_details_of", "bank_details", ["merchant", "id"], unique=False)
    op.create_table(
        "payment_rounds",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("legs", sa.String(length=16), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(status = 'made') = (decided_by IS NULL)", name="round_decided"),
        sa.CheckConstraint(
            "status <> 'approved' OR decided_by <> made_by", name="round_two_people"
        ),
        sa.CheckConstraint("status IN ('made', 'approved', 'withdrawn')", name="round_status"),
        sa.PrimaryKeyConstraint("number"),
    )


def _lines() -> None:
    op.create_table(
        "round_lines",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("bank", sa.String(length=3), nullable=True),
        sa.Column("number", sa.String(length=15), nullable=True),
        sa.Column("name", sa.String(length=70), nullable=True),
        sa.CheckConstraint("(reason IS NULL) = (number IS NOT NULL)", name="line_paid_or_carried"),
        sa.CheckConstraint("reason IS NOT NULL OR amount > 0", name="line_pays_something"),
        sa.ForeignKeyConstraint(
            ["round"],
            ["payment_rounds.number"],
        ),
        sa.PrimaryKeyConstraint("round", "merchant"),
    )
    op.create_index("round_lines_of_merchant", "round_lines", ["merchant", "round"], unique=False)
    op.create_table(
        "round_entries",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("leg", sa.String(length=8), nullable=False),
        sa.Column("voided_at", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.CheckConstraint("leg IN ('city', 'copay')", name="entry_leg"),
        sa.CheckConstraint("(amount < 0) = (voided_at <> 0)", name="entry_sign"),
        sa.ForeignKeyConstraint(
            ["round", "merchant"],
            ["round_lines.round", "round_lines.merchant"],
        ),
        sa.PrimaryKeyConstraint("round", "campaign", "pass_number", "step", "leg", "voided_at"),
    )
    op.create_index(
        "entry_stands_once",
        "round_entries",
        ["campaign", "pass_number", "step", "leg", "voided_at"],
        unique=True,
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )


def _bank() -> None:
    op.create_table(
        "bank_answers",
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("layout", sa.String(length=64), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round"],
            ["payment_rounds.number"],
        ),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "round_payments",
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=105), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('ordered', 'paid', 'returned')", name="payment_status"),
        sa.ForeignKeyConstraint(
            ["round", "merchant"],
            ["round_lines.round", "round_lines.merchant"],
        ),
        sa.PrimaryKeyConstraint("reference"),
        sa.UniqueConstraint("round", "merchant", name="payment_of_line_once"),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_table("round_payments")
    op.drop_index(
        "entry_stands_once",
        table_name="round_entries",
        sqlite_where=sa.text("standing"),
        postgresql_where=sa.text("standing"),
    )
    op.drop_table("round_entries")
    op.drop_index("round_lines_of_merchant", table_name="round_lines")
    op.drop_table("round_lines")
    op.drop_table("bank_answers")
    op.drop_table("payment_rounds")
    op.drop_index("bank_details_of", table_name="bank_details")
    op.drop_table("bank_details")
