"""Taking a coupon that a customer presents at a shop's till."""

from typing import Any

from ledger.qr.codec import PresentCode
from ledger.qr.scan import scan
from wallet_cli.client import CityClient
from wallet_cli.desk import Desk
from wallet_cli.limits import Place, notice_of
from wallet_cli.output import JsonObject
from wallet_cli.receipts import check_taken


def take_presented(
    desk: Desk,
    text: str,
    *,
    merchant: int,
    bill: int,
    copay: int | None,
    yes: bool,
    place: Place | None,
) -> JsonObject:
    """Take a presented code for a bill in satang and return the redemption with its receipt, which
    was checked.

    `place` is the till's, where the customer stands. What the campaign's policy forbids is shown,
    and nothing is sent before somebody says that the customer agrees (`yes` says so beforehand).
    """
    with desk.holder() as client:
        presented = scan(text, client.city.tag, PresentCode)
        body: dict[str, Any] = {"present": text, "merchant": merchant, "bill": str(bill)}
        if copay is not None:
            body["copay"] = str(copay)
        if place is not None:
            body["position"] = place.measured(client.now())
        if agreed := _agreed(desk, client, presented.campaign, yes=yes):
            body["notice_acknowledged"] = agreed
        taken = client.post("/v1/redemptions", body)
        check_taken(client.city, taken, presented, merchant=merchant, bill=bill)
    return taken


def _agreed(desk: Desk, client: CityClient, campaign: int, *, yes: bool) -> str | None:
    """The hash of the notice that the customer agreed to; None where the campaign has none."""
    policy = client.get(f"/v1/campaigns/{campaign}").get("policy") or {}
    notice = notice_of({"notice": policy.get("till", {}).get("goods_notice")})
    if notice is None:
        return None
    desk.printer.note(notice.th, notice.en)
    desk.confirm("ลูกค้ารับทราบแล้ว ?", "Does the customer agree?", yes=yes)
    return "0x" + notice.hash.hex()
