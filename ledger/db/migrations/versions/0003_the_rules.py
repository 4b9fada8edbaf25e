"""What the rules of the till count: shops' days, households, stands, and its verdicts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _merchant_days() -> None:
    op.create_table(
        "merchant_days",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("stand_uses", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND stand_uses >= 0", name="merchant_day_counts"),
        sa.PrimaryKeyConstraint("campaign", "merchant", "day"),
    )


def _household_members() -> None:
    op.create_table(
        "household_members",
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("household", sa.String(length=48), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pass_number"),
    )
    op.create_index("household_members_of", "household_members", ["household"], unique=False)


def _household_turns() -> None:
    op.create_table(
        "household_turns",
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("household", sa.String(length=48), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "household"),
    )


def _stands() -> None:
    op.create_table(
        "stands",
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("merchant", "reference"),
    )


def _stand_uses() -> None:
    op.create_table(
        "stand_uses",
        sa.Column("redemption_id", sa.String(length=28), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["redemption_id"], ["redemptions.id"]),
        sa.PrimaryKeyConstraint("redemption_id"),
    )
    op.create_index(
        "stand_uses_of",
        "stand_uses",
        ["merchant", "campaign", "day", "redemption_id"],
        unique=False,
    )


def _verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("policy_hash", sa.String(length=66), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("r", sa.LargeBinary(), nullable=False),
        sa.Column("vs", sa.LargeBinary(), nullable=False),
        sa.Column("judged_at", sa.BigInteger(), nullable=False),
        sa.Column("redemption_id", sa.String(length=28), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "verdicts_of_pass", "verdicts", ["pass_number", "accepted", "judged_at"], unique=False
    )
    op.create_index("verdicts_of_redemption", "verdicts", ["redemption_id"], unique=False)


TABLES = {
    "merchant_days": _merchant_days,
    "household_members": _household_members,
    "household_turns": _household_turns,
    "stands": _stands,
    "stand_uses": _stand_uses,
    "verdicts": _verdicts,
}


def upgrade() -> None:
    """Make the tables."""
    for create in TABLES.values():
        create()


def downgrade() -> None:
    """Take them back, with their indexes."""
    for name in reversed(TABLES):
        op.drop_table(name)
