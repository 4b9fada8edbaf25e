"""The till's people: cashiers' devices, ambassadors, assisted acts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("branch", sa.String(length=120), nullable=False),
        sa.Column("cashier", sa.String(length=120), nullable=False),
        sa.Column("bill_max", sa.BigInteger(), nullable=False),
        sa.Column("day_max", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(length=66), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=42), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("bill_max > 0 AND day_max >= bill_max", name="device_limits"),
        sa.CheckConstraint("guesses >= 0 AND guesses <= 20", name="device_guesses"),
        sa.CheckConstraint("(address IS NULL) = (claimed_at IS NULL)", name="device_claimed"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address", name="device_key_once"),
    )
    op.create_index("devices_of_merchant", "devices", ["merchant", "created_at", "id"])
    op.create_index("devices_by_code", "devices", ["merchant", "code_hash"])


def _device_days() -> None:
    op.create_table(
        "device_days",
        sa.Column("device_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("day_max", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= day_max", name="device_day_within_limit"),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device_id", "day"),
    )


def _redemption_devices() -> None:
    op.create_table(
        "redemption_devices",
        sa.Column("redemption_id", sa.String(length=28), nullable=False),
        sa.Column("device_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["redemption_id"], ["redemptions.id"]),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("redemption_id"),
    )
    op.create_index("redemptions_of_device", "redemption_devices", ["device_id"])


def _void_requests() -> None:
    op.create_table(
        "void_requests",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant", sa.BigInteger(), nullable=False),
        sa.Column("redemption_id", sa.String(length=28), nullable=False),
        sa.Column("device_id", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount > 0", name="void_request_amount"),
        sa.CheckConstraint(
            "status IN ('asked', 'granted', 'declined')", name="void_request_status"
        ),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("void_requests_of_merchant", "void_requests", ["merchant", "asked_at", "id"])
    op.create_index("void_requests_of_redemption", "void_requests", ["redemption_id"])


def _assisted_acts() -> None:
    op.create_table(
        "assisted_acts",
        sa.Column("number", _SERIAL, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("ambassador", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("pass_number", sa.BigInteger(), nullable=False),
        sa.Column("from_address", sa.String(length=42), nullable=False),
        sa.Column("to_address", sa.String(length=42), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.String(length=40), nullable=False),
        sa.Column("acted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ordinal >= 1", name="assisted_act_ordinal"),
        sa.CheckConstraint("kind IN ('lost_phone', 'paper_to_phone')", name="assisted_act_kind"),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"]),
        sa.ForeignKeyConstraint(["intent_id"], ["intents.id"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("key_id", "day", "ordinal", name="assisted_act_counted"),
    )


def upgrade() -> None:
    """Make the tables."""
    _devices()
    _device_days()
    _redemption_devices()
    _void_requests()
    _assisted_acts()


def downgrade() -> None:
    """Take them back."""
    for table in (
        "assisted_acts", "void_requests", "redemption_devices", "device_days", "devices",
    ):  # fmt: skip
        op.drop_table(table)
