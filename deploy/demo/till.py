"""Paying with a coupon in both directions, each QR drawn as a picture and read back from it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any, Final

from deploy.demo.people import Person, Shop
from ledger.domain.clock import latest_step, signed_at_of
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import sign
from ledger.domain.typed_data import redemption_digest, void_digest
from ledger.errors import LedgerError
from ledger.qr.codec import ChargeCode, PresentCode, encode
from ledger.qr.image import png, read_png
from ledger.qr.scan import scan
from wallet_cli.client import CityClient, JsonObject
from wallet_cli.keys import Key

PIXELS_A_MODULE: Final = 4
REFERENCE_BYTES: Final = 8


class StoryBroken(LedgerError):
    """The demo saw something that must not be: `what` was expected, `found` was there."""

    code = "story_broken"


def expect(what: str, *, wanted: object, found: object) -> None:
    """Raise StoryBroken unless both are equal: the demo checks what it tells."""
    if wanted != found:
        raise StoryBroken(what=what, wanted=wanted, found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A shop that is registered: its number and a client that signs with its owner's key."""

    shop: Shop
    number: int
    client: CityClient

    @property
    def key(self) -> Key:
        """The owner's key."""
        return Key(self.shop.private_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """What a wallet and a shop know of the city. `starts` holds each campaign's first step."""

    client: CityClient
    starts: dict[int, int]

    def signed_at(self, campaign: int, *, seconds_ago: int = 0) -> int:
        """The last step of the campaign that is not after the server's time, less some seconds."""
        starts = self.starts[campaign]
        return signed_at_of(starts, latest_step(starts, self.client.now() - seconds_ago))

    def sign(self, person: Person, redemption: SignedRedemption) -> SignedRedemption:
        """The redemption, signed by the person's key."""
        digest = redemption_digest(self.client.city.separator, redemption)
        r, vs = sign(digest, person.private_key)
        return replace(redemption, r=r, vs=vs)

    def scan_shop(self, person: Person, register: Register, campaign: int, bill: int) -> JsonObject:
        """The resident scans the shop's charge, sees the figures, signs them."""
        city = self.client.city
        asked = ChargeCode(
            merchant=register.number, bill=bill, reference=secrets.token_bytes(REFERENCE_BYTES)
        )
        charge = scan(photograph(encode(asked, city.origin, city.tag)), city.tag, ChargeCode)
        question = {
            "campaign": campaign, "merchant": charge.merchant,
            "bill": str(charge.bill), "holder": person.address,
        }  # fmt: skip
        offer = self.client.post("/v1/redemptions/quote", question)
        signed = self.sign(
            person,
            SignedRedemption(
                campaign=campaign,
                merchant=charge.merchant,
                bill=charge.bill,
                amount=int(offer["amount"]),
                copay=0,
                signed_at=int(offer["signed_at"]),
            ),
        )
        return self.client.post(
            "/v1/redemptions", charge_body(signed) | {"reference": charge.reference.hex()}
        )

    def scan_resident(
        self, person: Person, register: Register, campaign: int, bill: int, *, amount_max: int
    ) -> JsonObject:
        """The shop scans what the resident's phone shows, and types the bill."""
        city = self.client.city
        picture_text = photograph(
            self.present_text(person, campaign, bill_max=10 * amount_max, amount_max=amount_max)
        )
        scan(picture_text, city.tag, PresentCode)
        body = {"present": picture_text, "merchant": register.number, "bill": str(bill)}
        return register.client.post("/v1/redemptions", body)

    def present_text(self, person: Person, campaign: int, *, bill_max: int, amount_max: int) -> str:
        """What a resident's phone shows: signed for any shop, up to these figures."""
        city = self.client.city
        signed = self.sign(
            person,
            SignedRedemption(
                campaign=campaign,
                merchant=0,
                bill=bill_max,
                amount=amount_max,
                copay=0,
                signed_at=self.signed_at(campaign),
            ),
        )
        shown = PresentCode(
            campaign=campaign,
            bill=signed.bill,
            amount=signed.amount,
            copay=0,
            signed_at=signed.signed_at,
            r=signed.r,
            vs=signed.vs,
        )
        return encode(shown, city.origin, city.tag)

    def void(self, register: Register, redemption: JsonObject) -> JsonObject:
        """The shop's owner undoes a redemption whole."""
        voided_at = self.client.now()
        digest = void_digest(
            self.client.city.separator,
            campaign=int(redemption["campaign"]),
            pass_number=int(redemption["pass"]),
            merchant=register.number,
            amount=int(redemption["amount"]),
            signed_at=int(redemption["signed_at"]),
            voided_at=voided_at,
        )
        body = {
            "amount": redemption["amount"],
            "voided_at": voided_at,
            "signature": "0x" + register.key.sign(digest).hex(),
        }
        return register.client.post(f"/v1/redemptions/{redemption['id']}/void", body)


def photograph(text: str) -> str:
    """Draw a QR code as PNG and read the text back from the picture alone."""
    seen = read_png(png(text, scale=PIXELS_A_MODULE))
    expect("the picture reads as it was drawn", wanted=text, found=seen)
    return seen


def charge_body(signed: SignedRedemption) -> dict[str, Any]:
    """A signed, named redemption as the API takes it."""
    return {
        "campaign": signed.campaign,
        "merchant": signed.merchant,
        "bill": str(signed.bill),
        "amount": str(signed.amount),
        "copay": str(signed.copay),
        "signed_at": signed.signed_at,
        "signature": "0x" + (signed.r + signed.vs).hex(),
    }
