"""What the chain says of paying shops; which order says which step of a round."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FACTS = (
    "covered_debts",
    "returned_payments",
    "recorded_files",
    "settled_lines",
    "round_steps",
    "rounds_made",
)


def _create_fact(name: str, *more: SchemaItem, key: tuple[str, ...] = ()) -> None:
    """A table of facts: the key of its event first."""
    op.create_table(
        name,
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("chain_id", "block_hash", "log_index", *key),
    )


def upgrade() -> None:
    """Make the tables."""
    _rounds()
    _lines()
    _payments()
    _orders()


def _rounds() -> None:
    _create_fact(
        "rounds_made",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("maker", sa.String(length=42), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("lines_hash", sa.String(length=66), nullable=False),
        sa.Column("document_hash", sa.String(length=66), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("chain_id", "round", name="round_made_once"),
    )
    op.create_index("rounds_made_of_document", "rounds_made", ["document_hash"], unique=False)
    _create_fact(
        "round_steps",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=42), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("step IN ('approved', 'withdrawn', 'settled')", name="round_step_known"),
        sa.UniqueConstraint("chain_id", "round", "step", name="round_step_once"),
    )


def _lines() -> None:
    _create_fact(
        "settled_lines",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("copay", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("chain_id", "round", "campaign", "merchant", name="line_settled_once"),
        key=("position",),
    )
    op.create_index("settled_lines_of", "settled_lines", ["merchant", "campaign"], unique=False)
    op.create_index("settled_lines_of_campaign", "settled_lines", ["campaign"], unique=False)


def _payments() -> None:
    _create_fact(
        "recorded_files",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("file_hash", sa.String(length=66), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("recorded_files_of", "recorded_files", ["round"], unique=False)
    _create_fact(
        "returned_payments",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("chain_id", "round", "merchant", name="payment_returned_once"),
    )
    op.create_index("returned_payments_of", "returned_payments", ["merchant"], unique=False)
    _create_fact(
        "covered_debts",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=42), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("covered_debts_of", "covered_debts", ["campaign", "merchant"], unique=False)


def _orders() -> None:
    op.create_table(
        "round_orders",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("part", sa.String(length=66), nullable=False),
        sa.Column("intent_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "step IN ('make', 'approve', 'settle', 'withdraw', 'file', 'recredit')",
            name="round_order_step",
        ),
        sa.ForeignKeyConstraint(["intent_id"], ["intents.id"]),
        sa.ForeignKeyConstraint(["round"], ["payment_rounds.number"]),
        sa.PrimaryKeyConstraint("round", "step", "part"),
    )

    op.create_index(
        "payments_returned",
        "round_payments",
        ["round", "merchant"],
        unique=False,
        sqlite_where=sa.text("status = 'returned'"),
        postgresql_where=sa.text("status = 'returned'"),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_index(
        "payments_returned",
        table_name="round_payments",
        sqlite_where=sa.text("status = 'returned'"),
        postgresql_where=sa.text("status = 'returned'"),
    )
    op.drop_table("round_orders")
    for name in FACTS:
        op.drop_table(name)
