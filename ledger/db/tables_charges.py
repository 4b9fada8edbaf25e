"""Which redemption answered which charge on a shop's screen."""

from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from ledger.db.columns import big


class ChargeTaken(SQLModel, table=True):
    """A redemption that a resident signed for a shop's charge code, by the code's reference.

    A reference is the shop's word for one bill and no authority: several may answer one.
    """

    __tablename__ = "charges_taken"
    __table_args__: ClassVar[Any] = (Index("charges_taken_of", "merchant", "reference"),)

    redemption_id: str = Field(primary_key=True, foreign_key="redemptions.id", max_length=28)
    merchant: int = big()
    reference: str = Field(max_length=16)
