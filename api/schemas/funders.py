"""What a funder's money bought."""

from api.schemas.base import CampaignNumber, Schema
from api.schemas.rounds import Day
from api.schemas.statements import SignedSatang


class FunderLine(Schema):
    """One contribution and what became of it; `left` is neither spent nor returned yet."""

    campaign: CampaignNumber
    contribution: int
    amount: SignedSatang
    bought: SignedSatang
    returned: SignedSatang
    left: SignedSatang


class FunderStatement(Schema):
    """All contributions of an address, and its share of spending by kind of shop, district and day.

    Shares follow one remainder rule and come to what was bought, to the satang: `agrees`.
    """

    funder: str
    day: Day
    bought: SignedSatang
    agrees: bool
    contributions: list[FunderLine]
    shares: dict[str, dict[str, SignedSatang]]
