"""Paying a shop's charge: everything is checked and shown before the one signature."""

from ledger.domain.amounts import format_baht
from ledger.domain.redemption import SignedRedemption
from ledger.domain.typed_data import redemption_digest
from ledger.qr.codec import ChargeCode
from ledger.qr.scan import scan
from wallet_cli.client import CityClient
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.keys import Key
from wallet_cli.limits import Place, limit_sentences, notice_of
from wallet_cli.output import JsonObject
from wallet_cli.receipts import check_receipt
from wallet_cli.spending import (
    Shop,
    choose_coupon,
    refused_by,
    registered_shop,
    untrue_receipt,
)


def pay_charge(
    desk: Desk,
    client: CityClient,
    text: str,
    *,
    bill: int | None,
    copay: int,
    campaign: int | None,
    yes: bool,
    place: Place | None = None,
) -> JsonObject:
    """Pay a charge and return the redemption with its receipt, which was checked.

    Refused before anything is signed: a code that is no charge or another city's, a shop that is
    not registered or not active, a bill that differs from the charge's, figures from the server
    that are not of this charge, a rule that says no.
    """
    charge = scan(text, client.city.tag, ChargeCode)
    shop = registered_shop(client, charge.merchant)
    due = _bill_of(charge, bill)
    return pay_shop(
        desk,
        client,
        desk.key,
        shop,
        bill=due,
        copay=copay,
        campaign=campaign,
        reference=charge.reference,
        yes=yes,
        place=place,
    )


def pay_shop(
    desk: Desk,
    client: CityClient,
    key: Key,
    shop: Shop,
    *,
    bill: int,
    copay: int,
    campaign: int | None,
    reference: bytes,
    yes: bool,
    place: Place | None = None,
) -> JsonObject:
    """Pay a bill at a registered shop with `key`, whose requests `client` signs: quote, show, sign,
    send, check the receipt. Refused as `pay_charge`."""
    coupon = choose_coupon(client.get("/v1/me/coupons")["items"], campaign)
    told: JsonObject = {"reference": reference.hex()}
    if place is not None:
        told["position"] = place.measured(client.now())
    asked = {"campaign": int(coupon["campaign"]), "holder": key.address, **told}
    signed, cash, limits = _quoted(client, asked, shop, bill, copay)
    _show_offer(desk, shop, signed, cash)
    for thai, english in limit_sentences(limits):
        desk.printer.note(thai, english)
    desk.confirm("ลงลายเซ็นจ่าย ?", "Sign and pay?", yes=yes)
    if notice := notice_of(limits):
        told["notice_acknowledged"] = "0x" + notice.hash.hex()
    signature = key.sign(redemption_digest(client.city.separator, signed))
    redemption = client.post(
        "/v1/redemptions",
        {
            "campaign": signed.campaign,
            "merchant": signed.merchant,
            "bill": str(signed.bill),
            "amount": str(signed.amount),
            "copay": str(signed.copay),
            "signed_at": signed.signed_at,
            "signature": "0x" + signature.hex(),
            **told,
        },
    )
    receipt = redemption.get("receipt")
    if receipt is None:
        raise untrue_receipt()
    check_receipt(client.city, receipt, signed)
    return redemption


def _bill_of(charge: ChargeCode, typed: int | None) -> int:
    if charge.bill and typed not in (None, charge.bill):
        raise failure(
            ExitCode.USAGE,
            "bill_differs",
            th=f"คิวอาร์ระบุบิล {format_baht(charge.bill)} บาท ไม่ตรงกับ --bill",
            en=f"the code says {format_baht(charge.bill)} baht, --bill says something else",
        )
    due = charge.bill or typed
    if not due:
        raise failure(
            ExitCode.USAGE,
            "bill_needed",
            th="คิวอาร์นี้ไม่ได้ระบุยอด ใส่ --bill",
            en="this code names no bill: add --bill",
        )
    return due


def _quoted(
    client: CityClient, asked_with: JsonObject, shop: Shop, bill: int, copay: int
) -> tuple[SignedRedemption, int, JsonObject | None]:
    """What would be signed, the cash that remains, and the coupon's limits. The answer must be of
    this charge."""
    campaign = int(asked_with["campaign"])
    quote = client.post(
        "/v1/redemptions/quote",
        {**asked_with, "merchant": shop.number, "bill": str(bill), "copay": str(copay)},
    )
    if refusal := quote["verdict"].get("refusal"):
        raise refused_by(refusal)
    signed = SignedRedemption(
        campaign=campaign,
        merchant=shop.number,
        bill=bill,
        amount=int(quote["amount"]),
        copay=copay,
        signed_at=int(quote["signed_at"]),
    )
    cash = bill - signed.amount - copay
    asked = (campaign, shop.number, bill, copay, cash)
    answered = tuple(int(quote[name]) for name in ("campaign", "merchant", "bill", "copay", "cash"))
    if answered != asked or signed.amount <= 0 or cash < 0:
        raise failure(
            ExitCode.CHAIN,
            "quote_untrue",
            th="ยอดที่เซิร์ฟเวอร์ตอบไม่ตรงกับบิลนี้ ไม่ลงลายเซ็นใด ๆ",
            en="the server's figures are not of this bill: nothing was signed",
        )
    return signed, cash, quote.get("limits")


def _show_offer(desk: Desk, shop: Shop, signed: SignedRedemption, cash: int) -> None:
    """Tell the person, on stderr, what is about to be signed and for whom."""
    desk.printer.note(
        f"ร้านที่ขึ้นทะเบียน: {shop.name} (#{shop.number})",
        f"registered shop: {shop.name} (#{shop.number})",
    )
    bill, amount, copay, left = (
        format_baht(satang) for satang in (signed.bill, signed.amount, signed.copay, cash)
    )
    desk.printer.note(
        f"บิล {bill} · เมืองจ่าย {amount} · โทเคน {copay} · เงินสด {left} บาท",
        f"bill {bill} · city pays {amount} · tokens {copay} · cash {left} baht",
    )
