"""A running campaign as its officers see it: what was accepted, where, when, and what was not."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads, live_figures, redemptions
from ledger.db.live_figures import RefusedBy, Taken
from ledger.domain.campaign import Campaign
from ledger.domain.clock import BANGKOK_OFFSET, DAY_SECONDS, bangkok_day
from ledger.domain.reasons import Reason
from ledger.domain.replay_report import rule_name
from ledger.services.campaigns import campaign_numbered
from ledger.services.merchants import Shop, shops_numbered
from ledger.services.runtime import Runtime

HOURS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The figures of one moment, all read in one snapshot. Amounts are satang.

    `spent` is what the chain has; `pending` is accepted at the till and not on the chain yet.
    `today` has 24 hours, of the Bangkok day of `at`; `shops` and `refusals` begin with the largest.
    """

    campaign: Campaign
    at: int
    spent: int
    pending: int
    passes: int
    today: list[Taken]
    shops: list[tuple[Taken, Shop | None]]
    refusals: list[RefusedBy]


async def live_campaign(
    session: AsyncSession, runtime: Runtime, number: int, *, now: int, shops_most: int
) -> Live:
    """What a campaign is doing. Raises UnknownCampaign."""
    campaign = await campaign_numbered(session, runtime, number)
    midnight = bangkok_day(now) * DAY_SECONDS - BANGKOK_OFFSET
    hours = {
        each.key % HOURS: each
        for each in await live_figures.till_hours(session, number, since=midnight)
        if each.key * 3_600 - BANGKOK_OFFSET < midnight + DAY_SECONDS
    }
    shops = (await live_figures.till_shops(session, number))[:shops_most]
    known = await shops_numbered(session, runtime, [each.key for each in shops])
    return Live(
        campaign=campaign,
        at=now,
        spent=await index_reads.spent_of(session, runtime.chain_id, number),
        pending=await redemptions.waiting_in_campaign(session, number),
        passes=await live_figures.till_passes(session, number),
        today=[hours.get(hour) or Taken(key=hour, count=0, amount=0) for hour in range(HOURS)],
        shops=[(each, known.get(each.key)) for each in shops],
        refusals=await live_figures.till_refusals(session, number),
    )


_BY_CODE: Final = {reason.code: reason for reason in Reason}

_NOT_REPLAYED: Final[dict[Reason, tuple[str, str]]] = {
    Reason.SIGNATURE_INVALID: ("ลายเซ็นไม่ถูกต้อง", "the signature is not good"),
    Reason.PASS_SUSPENDED: ("บัตรถูกระงับ", "the pass is suspended"),
    Reason.ALREADY_SPENT: ("คิวอาร์นี้ใช้ไปแล้ว", "the code was used before"),
    Reason.SIGNED_IN_FUTURE: ("นาฬิกาของเครื่องเร็วไป", "the phone's clock is ahead"),
    Reason.PRESENTATION_EXPIRED: ("คิวอาร์หมดอายุ", "the code is too old"),
    Reason.CAMPAIGN_PAUSED: ("โครงการหยุดชั่วคราว", "the campaign is paused"),
    Reason.MERCHANT_UNKNOWN: ("ไม่รู้จักร้านนี้", "no such shop"),
    Reason.MERCHANT_SUSPENDED: ("ร้านถูกระงับ", "the shop is suspended"),
    Reason.MAXIMUM_EXCEEDED: ("เกินยอดที่ผู้ถือลงลายเซ็น", "above what the holder signed"),
    Reason.FORCE_TOO_EARLY: ("ส่งเข้าเชนเองเร็วไป", "forced too early"),
    Reason.FORCE_NEEDS_MERCHANT: ("ส่งเข้าเชนเองต้องระบุร้าน", "forced without a shop"),
    Reason.STEP_INVALID: ("เวลาไม่ตรงขั้น", "signed at no step of the campaign"),
    Reason.CAMPAIGN_NOT_OPEN: ("โครงการยังไม่เปิด", "the campaign is not open"),
    Reason.TILL_FACT_MISSING: ("จุดรับชำระขาดข้อมูล", "the till lacks a fact"),
}
"""Rules that no replay can break, and that people meet at a till."""


def refusal_name(code: str) -> tuple[str, str]:
    """What a rule is called where it is counted: Thai, English. An unknown code reads as itself."""
    reason = _BY_CODE.get(code)
    if reason is None:
        return (code, code)
    return _NOT_REPLAYED.get(reason) or rule_name(reason)
