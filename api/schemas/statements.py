"""Statements of shops and closing accounts of campaigns."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import Bilingual, CampaignNumber, MerchantNumber, Schema
from api.schemas.rounds import CarriedReason, Day, LegName

SignedSatang = Annotated[str, Field(pattern=r"^-?(0|[1-9][0-9]*)$", examples=["-2000"])]
PlaceName = Literal["paid", "ordered", "settled", "approved", "made", "carried", "waiting"]


class StatementRow(Schema):
    """One leg of a redemption, or of a void of it (below zero), and where it is. A debt that the
    treasurer covered is a row, too, and its `redemption` begins with `cover-`. `due_on`: the first
    business day on which a row that waits or was carried may be paid."""

    redemption: str
    campaign: CampaignNumber
    leg: LegName
    day: Day
    amount: SignedSatang
    place: PlaceName
    round: int | None = None
    paid_on: Day | None = None
    due_on: Day | None = None
    reason: CarriedReason | None = None


class Statement(Schema):
    """A shop's statement. `agrees`: the rows come to what the chain says, to the satang.
    `settled`, `returned` and `covered` are the chain's own sums."""

    merchant: MerchantNumber
    name: Bilingual
    day: Day
    total: SignedSatang
    on_chain: SignedSatang
    settled: SignedSatang
    returned: SignedSatang
    covered: SignedSatang
    agrees: bool
    sums: dict[PlaceName, SignedSatang]
    rows: list[StatementRow]


class AccountRow(Schema):
    """One line of an account, above zero where money came in."""

    what: str
    name: Bilingual
    amount: SignedSatang


class ClosingAccount(Schema):
    """What became of a campaign's money. `balance` is zero, or something is wrong."""

    campaign: CampaignNumber
    balance: SignedSatang
    rows: list[AccountRow]
