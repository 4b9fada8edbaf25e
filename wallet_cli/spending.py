"""What a wallet decides before it signs: which coupon, which figures, at which time.

No server is believed here: the shop must be one the city registered, the code must be this city's,
and the figures that are signed are the ones that were shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.clock import STEP_SECONDS, latest_step, signed_at_of, step_of
from ledger.domain.redemption import SignedRedemption
from wallet_cli.client import CityClient
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import CommandFailure, Explanation, failure
from wallet_cli.output import JsonObject

CLOCK_SLACK_SECONDS: Final = 60
"""How far ahead of the server's time a redemption may be signed."""
BASIS_POINTS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A registered shop, as the city names it."""

    number: int
    name_th: str
    name_en: str
    payout: str

    @property
    def name(self) -> str:
        """Both names; one where they are the same."""
        names = dict.fromkeys(name for name in (self.name_th, self.name_en) if name)
        return " · ".join(names) or f"#{self.number}"


def registered_shop(client: CityClient, number: int) -> Shop:
    """The shop a code names, from the registry.

    Refuses one the city does not know (NOT_FOUND) and one that is not active (REFUSED): a code
    pasted over the real one ends here, before anything is signed.
    """
    try:
        said = client.get(f"/v1/merchants/{number}")
    except CommandFailure as refused:
        if refused.exit_code is not ExitCode.NOT_FOUND:
            raise
        raise failure(
            ExitCode.NOT_FOUND,
            "unknown_merchant",
            th=f"เมืองไม่ได้ขึ้นทะเบียนร้านเลขที่ {number} ไม่ลงลายเซ็นใด ๆ",
            en=f"the city has no shop number {number}: nothing was signed",
            action_th="คิวอาร์นี้อาจถูกแปะทับ แจ้งร้านและเทศบาล",
            action_en="this code may be pasted over the real one: tell the shop and the city",
        ) from refused
    if said["status"] != "active":
        raise failure(
            ExitCode.REFUSED,
            "merchant_suspended",
            th=f"ร้านเลขที่ {number} ถูกระงับหรือปิดไปแล้ว",
            en=f"shop number {number} is suspended or closed",
        )
    return Shop(
        number=number,
        name_th=str(said.get("name_th") or ""),
        name_en=str(said.get("name_en") or ""),
        payout=str(said["payout"]),
    )


def choose_coupon(coupons: Sequence[JsonObject], campaign: int | None) -> JsonObject:
    """The coupon to spend: the one named, or the only one that can be used now.

    With none that can be used, the first refusal is told; with several, the person must choose.
    """
    if campaign is not None:
        for coupon in coupons:
            if coupon["campaign"] == campaign:
                return coupon
        raise failure(
            ExitCode.NOT_FOUND,
            "coupon_missing",
            th=f"บัตรนี้ไม่มีคูปองของโครงการ {campaign}",
            en=f"this pass has no coupon of campaign {campaign}",
        )
    usable = [coupon for coupon in coupons if not coupon.get("refusal")]
    if len(usable) == 1:
        return usable[0]
    if usable:
        numbers = ", ".join(str(coupon["campaign"]) for coupon in usable)
        raise failure(
            ExitCode.USAGE,
            "campaign_needed",
            th=f"มีคูปองที่ใช้ได้หลายใบ เลือกด้วย --campaign: {numbers}",
            en=f"several coupons can be used, choose with --campaign: {numbers}",
        )
    raise _nothing_usable(coupons)


def _nothing_usable(coupons: Sequence[JsonObject]) -> CommandFailure:
    if not coupons:
        return failure(
            ExitCode.NOT_FOUND,
            "coupon_missing",
            th="บัตรนี้ยังไม่มีคูปอง",
            en="this pass has no coupon yet",
        )
    return refused_by(coupons[0]["refusal"])


def refused_by(refusal: JsonObject) -> CommandFailure:
    """The failure for a rule the server named."""
    explanation = Explanation(
        code=str(refusal["code"]), th=str(refusal["th"]), en=str(refusal["en"])
    )
    return CommandFailure(ExitCode.REFUSED, explanation)


def next_signed_at(starts: int, last_signed_at: int, now: int) -> int:
    """The time to sign at: the present step, or the one after this pass's last.

    Refuses (REFUSED) before the campaign starts, and where the last one lies so far ahead that
    the next could not be accepted yet.
    """
    if now < starts:
        raise failure(
            ExitCode.REFUSED,
            "not_started",
            th="โครงการยังไม่เริ่ม",
            en="the campaign has not started",
        )
    step = latest_step(starts, now)
    if last_signed_at:
        step = max(step, step_of(starts, last_signed_at) + 1)
    signed_at = signed_at_of(starts, step)
    if signed_at > now + CLOCK_SLACK_SECONDS:
        raise failure(
            ExitCode.REFUSED,
            "already_spent",
            th=f"เพิ่งใช้คูปองนี้ไป รออีก {signed_at - now} วินาที",
            en=f"this coupon was just used; wait {signed_at - now} seconds",
        )
    return signed_at


def seconds_to_next_step(starts: int, now: int) -> int:
    """How long the present step still lasts."""
    return STEP_SECONDS - (now - starts) % STEP_SECONDS


def presented(
    coupon: JsonObject, *, bill: int, amount: int | None, copay: int, now: int
) -> SignedRedemption:
    """What a holder signs for whoever scans it: maxima of bill, city's share and copay.

    The share defaults to the most the coupon gives for this bill. Amounts are satang; a figure the
    coupon cannot give is refused here rather than at the till.
    """
    share = -(-bill * int(coupon["share_basis_points"]) // BASIS_POINTS)
    most = min(share, int(coupon["left_now"]))
    if most <= 0 and coupon.get("refusal"):
        raise refused_by(coupon["refusal"])
    wanted = most if amount is None else amount
    if not 0 < wanted <= most or wanted + copay > bill:
        raise failure(
            ExitCode.REFUSED,
            "amount_invalid",
            th=f"คูปองให้ได้ไม่เกิน {_baht(most)} บาท และส่วนที่จ่ายรวมต้องไม่เกินบิล",
            en=f"the coupon gives at most {_baht(most)} baht, and both parts must fit the bill",
        )
    return SignedRedemption(
        campaign=int(coupon["campaign"]),
        merchant=0,
        bill=bill,
        amount=wanted,
        copay=copay,
        signed_at=next_signed_at(int(coupon["starts"]), int(coupon["last_signed_at"]), now),
    )


def untrue_receipt() -> CommandFailure:
    """The failure of a receipt that is not the city's promise for this redemption."""
    return failure(
        ExitCode.CHAIN,
        "receipt_untrue",
        th="ใบรับนี้ไม่ใช่คำมั่นของเมืองสำหรับรายการนี้",
        en="this receipt is not the city's promise for this redemption",
        action_th="เก็บหลักฐานไว้และแจ้งเทศบาล",
        action_en="keep it and tell the city",
    )


def _baht(satang: int) -> str:
    from ledger.domain.amounts import format_baht

    return format_baht(satang)
