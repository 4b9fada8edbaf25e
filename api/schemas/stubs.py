"""What a shop keeps of a redemption, so that it needs nobody to bring it to the chain."""

from pydantic import Field

from api.schemas.base import (
    Address,
    CampaignNumber,
    Hash32,
    MerchantNumber,
    PassNumber,
    SatangOut,
    Schema,
    Signature,
    Time,
)


class Stub(Schema):
    """The holder's permit and the city's receipt for one redemption of the shop. With a stub that
    is not `unnamed` anybody can bring the redemption to the chain from fifteen minutes after
    `signed_at` until seven days after it; an unnamed one is proof of the city's promise."""

    id: str = Field(examples=["rdm_5v3k7q2mza4xw6yt5v3k7q2m"])
    chain_id: int
    book: Address = Field(description="the CouponBook")
    campaign: CampaignNumber
    starts: Time = Field(description="of the campaign: steps are counted from it")
    pass_number: PassNumber = Field(alias="pass")
    merchant: MerchantNumber
    bill: SatangOut
    amount: SatangOut
    copay: SatangOut
    signed_at: Time
    signature: Signature = Field(description="the holder's, over the Redemption typed data")
    unnamed: bool = Field(description="the holder named no merchant: it cannot be forced")
    accepted_at: Time
    policy: Hash32
    receipt_signature: Signature = Field(description="the city's, over the Receipt typed data")
    receipt_qr: str
