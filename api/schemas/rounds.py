"""Rounds of payments, bank details, and what a bank answered."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import (
    Bilingual,
    CampaignNumber,
    Hash32,
    MerchantNumber,
    Name,
    Satang,
    SatangOut,
    Schema,
    Time,
)

RoundNumber = Annotated[int, Field(ge=1, examples=[7])]
LegName = Literal["city", "copay"]
RoundStatus = Literal["made", "approved", "withdrawn"]
CarriedReason = Literal[
    "suspended", "in_debt", "voided_after", "bank_details_missing", "below_minimum"
]
PaymentState = Literal["ordered", "paid", "returned"]
ChainState = Literal[
    "none", "ordered", "made", "approved", "settled", "final", "withdrawn", "refused"
]
Day = Annotated[str, Field(examples=["2025-10-30"], description="a Bangkok day")]


class BankDetails(Schema):
    """Where somebody's money goes. Only letters that a bank's file can carry."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"bank": "006", "number": "1234567890", "name": "ข้าวซอยคุณยาย"}]
        }
    )

    bank: str = Field(min_length=3, max_length=3, description="the bank's three digits")
    number: str = Field(min_length=1, max_length=24)
    name: Name


class BankDetailsKept(Schema):
    """The account as it is kept; `merchant` is 0 for the city itself."""

    merchant: int
    bank: str
    number: str
    name: str


class MakeRound(Schema):
    """Close the books of today. `legs`: whose money; `minimum`: smaller lines are carried."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"legs": ["city", "copay"], "minimum": "10000"}]}
    )

    legs: list[LegName] = Field(default=["city", "copay"], min_length=1, max_length=2)
    minimum: Satang = 0


class ApproveRound(Schema):
    """Approve what was seen: the round's hash."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hash": "0x" + "ab" * 32}]})

    hash: Hash32


class Round(Schema):
    """A round: its figures, who made it and who decided. Its lines are at `/lines`.

    `chain` is where it is on its way over the chain: `none` before approval and where nobody is
    paid, `ordered`, `made`, `approved`, `settled`, `final` (only then the bank gets its file),
    `withdrawn`, or `refused` with the contract's code; `chain_round` is its number there. `files`
    are the SHA-256 of the bank files that the chain has on record.
    """

    round: RoundNumber
    day: Day
    legs: list[LegName]
    minimum: SatangOut
    total: SatangOut
    hash: Hash32
    status: RoundStatus
    made_by: str
    made_by_name: str | None = Field(default=None, description="whom that key was given to")
    made_at: Time
    decided_by: str | None = None
    decided_by_name: str | None = None
    decided_at: Time | None = None
    chain: ChainState
    chain_round: int | None = None
    pages: int | None = None
    pages_settled: int | None = None
    files: list[Hash32]
    refused: str | None = None


class RoundLine(Schema):
    """One shop's line: paid to an account, or carried with its reason. `entries` counts the legs of
    redemptions and voids in it; `payment` is what the bank says, once the round is approved."""

    merchant: MerchantNumber
    shop: Bilingual | None = Field(default=None, description="its registered name")
    amount: Annotated[str, Field(pattern=r"^-?(0|[1-9][0-9]*)$", examples=["12550"])]
    entries: int
    reason: CarriedReason | None = None
    bank: str | None = None
    number: str | None = None
    name: str | None = None
    payment: PaymentState | None = None
    bank_reason: str | None = None


class CoverDebt(Schema):
    """Cover what a shop owes a campaign; an amount of 0 only has the debt computed anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"campaign": 1, "amount": "2000"}]})

    campaign: CampaignNumber
    amount: Satang


class ShopDebt(Schema):
    """What a shop owes a campaign, as the chain reckons it."""

    campaign: CampaignNumber
    merchant: MerchantNumber
    owed: SatangOut


class PaymentChange(Schema):
    """A payment that the bank's answer moved."""

    merchant: MerchantNumber
    reference: str
    status: PaymentState
    reason: str


class AnswerTaken(Schema):
    """What came of the bank's answer. `repeated`: these bytes were taken before."""

    round: RoundNumber
    repeated: bool
    changes: list[PaymentChange]
