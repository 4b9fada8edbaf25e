"""What the rules of the till count: shops' days, households, stands, and its verdicts."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""


def downgrade() -> None:
    """Take them back."""
