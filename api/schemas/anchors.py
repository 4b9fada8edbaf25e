"""Days anchored, and how a receipt leads to the anchor of its day."""

from pydantic import Field

from api.schemas.base import Hash32, SatangOut, Schema, Time
from api.schemas.redemptions import Receipt


class DayAnchor(Schema):
    """What the chain keeps of one Bangkok day. `amount` and `copay` are the sums of its
    redemptions, voids not taken off; `staff_head` is the hash of the staff's last act on it."""

    day: int = Field(ge=0, description="Bangkok days since 1970-01-01", examples=[20390])
    date: str = Field(examples=["2025-10-29"])
    root: Hash32
    leaves: int
    amount: SatangOut
    copay: SatangOut
    staff_head: Hash32
    anchored_at: Time
    tx_hash: Hash32


class Path(Schema):
    """Where a leaf stands among its day's, and the hashes beside its way up to the root."""

    day: int
    date: str
    position: int = Field(ge=0)
    count: int = Field(ge=1)
    leaf: Hash32
    siblings: list[Hash32]
    root: Hash32
    tx_hash: Hash32


class ReceiptWithPath(Schema):
    """All that a program needs to check a receipt against nothing but a node."""

    receipt: Receipt
    path: Path
