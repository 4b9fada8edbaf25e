"""Quotes, redemptions, receipts and voids: what happens at the till."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.schemas.base import (
    Address,
    Bilingual,
    CampaignNumber,
    Hash32,
    MerchantNumber,
    PassNumber,
    Satang,
    SatangOut,
    Schema,
    Signature,
    Time,
)
from api.schemas.rounds import Day
from api.schemas.rules import Limits, Position

Reference = Annotated[
    str, Field(pattern=r"^[0-9a-f]{16}$", description="of the shop's charge code")
]
RedemptionState = Literal["accepted", "included", "final", "voided", "failed"]


class Refusal(Schema):
    """Why a rule said no: its code, its sentence and what to do in both languages, and the figures
    it saw."""

    code: str = Field(examples=["day_quota_used"])
    th: str
    en: str
    action_th: str
    action_en: str
    figures: dict[str, Any] = Field(default_factory=dict)


class Verdict(Schema):
    """The outcome of judging a request, and the policy it was judged by."""

    accepted: bool
    policy: Hash32
    refusal: Refusal | None = None


class Quote(Schema):
    """Ask what a coupon would pay, spending nothing. Without `merchant`, any shop is meant."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "campaign": 1,
                    "merchant": 3,
                    "bill": "12000",
                    "holder": "0x1111111111111111111111111111111111111111",
                }
            ]
        }
    )

    campaign: CampaignNumber
    merchant: int = Field(default=0, ge=0, le=2**32 - 1)
    bill: Satang
    holder: Address
    copay: Satang = 0
    position: Position | None = Field(default=None, description="counts as near where absent")
    notice_acknowledged: Hash32 | None = None
    reference: Reference | None = None


class Quoted(Schema):
    """What the coupon would pay now. `typed_data` is what the holder signs to take the offer;
    `cash` is what is left to pay at the counter."""

    campaign: CampaignNumber
    merchant: int
    bill: SatangOut
    amount: SatangOut
    copay: SatangOut
    cash: SatangOut
    signed_at: Time
    verdict: Verdict
    limits: Limits
    typed_data: dict[str, Any] | None = None


class ChargeRedemption(Schema):
    """The resident scanned the shop: the holder's signature over these figures is the authority."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "campaign": 1,
                    "merchant": 3,
                    "bill": "12000",
                    "amount": "6000",
                    "copay": "0",
                    "signed_at": 1_761_706_800,
                    "signature": "0x" + "ab" * 64,
                }
            ]
        }
    )

    campaign: CampaignNumber
    merchant: MerchantNumber
    bill: Satang
    amount: Satang
    copay: Satang = 0
    signed_at: Time
    signature: Signature
    reference: Reference | None = None
    position: Position | None = None
    notice_acknowledged: Hash32 | None = None


class PresentRedemption(Schema):
    """The shop scanned the resident: the QR's text and the bill; the request is the merchant's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "present": "HTTPS://MAEHIA.EXAMPLE/Q/CEAAAAAA",
                    "merchant": 3,
                    "bill": "12000",
                }
            ]
        }
    )

    present: str = Field(min_length=1, max_length=300)
    merchant: MerchantNumber
    bill: Satang
    copay: Satang | None = Field(
        default=None,
        description="how much of the resident's own tokens to take; the most if absent",
    )
    reference: Reference | None = None
    position: Position | None = None
    notice_acknowledged: Hash32 | None = None


class Receipt(Schema):
    """The sequencer's signed promise for one redemption; `qr` holds all of it in one code."""

    id: str
    campaign: CampaignNumber
    pass_number: PassNumber = Field(alias="pass")
    merchant: MerchantNumber
    bill: SatangOut
    amount: SatangOut
    copay: SatangOut
    signed_at: Time
    accepted_at: Time
    policy: Hash32
    signature: Signature
    signer: Address
    qr: str


class Redemption(Schema):
    """One redemption and how far it has come. `voided` is what has been given back of `amount`."""

    id: str = Field(examples=["rdm_5v3k7q2mza4xw6yt5v3k7q2m"])
    status: RedemptionState
    campaign: CampaignNumber
    pass_number: PassNumber = Field(alias="pass")
    merchant: MerchantNumber
    merchant_name: Bilingual | None = None
    bill: SatangOut
    amount: SatangOut
    copay: SatangOut
    cash: SatangOut
    voided: SatangOut
    signed_at: Time
    accepted_at: Time | None = Field(description="null: it never passed this till (forced)")
    unnamed: bool = Field(description="the holder named no merchant: the shop scanned")
    policy: Hash32
    verdict: str | None = Field(default=None, description="GET /v1/verdicts/{id}, signed")
    batch: int | None = None
    block: int | None = None
    tx_hash: str | None = None
    failure: Refusal | None = None
    receipt: Receipt | None = None


class VoidRedemption(Schema):
    """Undo all or a part: signed by the shop's payout address over the Void typed data."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"amount": "6000", "voided_at": 1_761_707_000, "signature": "0x" + "ab" * 64}
            ]
        }
    )

    amount: Satang
    voided_at: Time
    signature: Signature


class CampaignTakings(Schema):
    """One campaign's part of a shop's takings. Voids are already taken off."""

    campaign: CampaignNumber
    name: Bilingual | None = None
    count: int
    amount: SatangOut
    copay: SatangOut
    pending: SatangOut = Field(description="of amount: accepted and not yet on the chain")


class Takings(Schema):
    """What a shop has taken, by campaign, and one page of the redemptions behind it. `due_on`: the
    first business day on which what it takes today may be paid; null where no calendar is known."""

    merchant: MerchantNumber
    due_on: Day | None = None
    amount: SatangOut
    copay: SatangOut
    campaigns: list[CampaignTakings]
    items: list[Redemption]
    next: str | None = None
