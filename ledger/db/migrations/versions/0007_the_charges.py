"""Which redemption answered which charge."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "charges_taken",
        sa.Column("redemption_id", sa.String(length=28), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["redemption_id"], ["redemptions.id"]),
        sa.PrimaryKeyConstraint("redemption_id"),
    )
    op.create_index("charges_taken_of", "charges_taken", ["merchant", "reference"])


def downgrade() -> None:
    """Take it back, with its index."""
    op.drop_table("charges_taken")
