"""Events as lines of a story, Thai and English: what a person reads in a trace."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ledger.audit.findings import Words
from ledger.audit.replay import Told
from ledger.audit.story_line import Line, line_of
from ledger.audit.story_rounds import ROUND_TELLERS
from ledger.domain import events
from ledger.domain.amounts import format_baht
from ledger.domain.clock import signed_at_of
from ledger.domain.event import Event
from ledger.domain.hashing import checksum_address
from ledger.domain.merchants import MerchantStatus
from ledger.domain.passes import PassStatus
from ledger.domain.projection import State
from ledger.domain.reasons import Reason
from ledger.domain.redemption import unpack_records, unpack_refused
from ledger.domain.sentences import say

PASS_STATUS_TH: Final = {
    PassStatus.NONE: "ไม่มี",
    PassStatus.ACTIVE: "ใช้งาน",
    PassStatus.SUSPENDED: "ถูกระงับ",
    PassStatus.ENDED: "สิ้นสุด",
}
MERCHANT_STATUS_TH: Final = {
    MerchantStatus.NONE: "ไม่มี",
    MerchantStatus.ACTIVE: "เปิดรับ",
    MerchantStatus.SUSPENDED: "ถูกระงับ",
    MerchantStatus.CLOSED: "ปิด",
}


def lines_of(told: Told, state: State) -> Iterator[Line]:
    """Yield the lines of an event; `state` is the state after it. Most events have one or none."""
    teller = _TELLERS.get(type(told.event))
    if teller is not None:
        yield from teller(told, told.event, state)


def _enrolled(told: Told, event: events.PassesEnrolled, state: State) -> Iterator[Line]:
    for index in range(len(event.holders) // 20):
        holder = checksum_address(event.holders[20 * index : 20 * index + 20])
        number = event.first + index
        words = Words(
            f"ออกบัตรหมายเลข {number} ให้ {holder}",
            f"Pass {number} was given to {holder}.",
        )
        yield line_of(told, words, pass_number=number)


def _rebound(told: Told, event: events.PassRebound, state: State) -> Iterator[Line]:
    words = Words(
        f"ย้ายบัตรหมายเลข {event.number} จาก {event.from_} ไป {event.to} สิทธิ์ที่เหลือตามไปด้วย",
        f"Pass {event.number} moved from {event.from_} to {event.to}; what is unspent follows.",
    )
    yield line_of(told, words, pass_number=event.number)


def _pass_changed(told: Told, event: events.PassChanged, state: State) -> Iterator[Line]:
    status = PassStatus(event.status)
    words = Words(
        f"เปลี่ยนบัตรหมายเลข {event.number}: ประเภท {event.class_} เขต {event.district} "
        f"สถานะ {PASS_STATUS_TH[status]}",
        f"Pass {event.number} changed: class {event.class_}, district {event.district}, "
        f"{status.name.lower()}.",
    )
    yield line_of(told, words, pass_number=event.number)


def _registered(told: Told, event: events.MerchantRegistered, state: State) -> Iterator[Line]:
    words = Words(
        f"ขึ้นทะเบียนร้านค้าหมายเลข {event.number} รับเงินที่ {event.payout}",
        f"Merchant {event.number} was registered, paid at {event.payout}.",
    )
    yield line_of(told, words, merchant=event.number)


def _merchant_changed(told: Told, event: events.MerchantChanged, state: State) -> Iterator[Line]:
    status = MerchantStatus(event.status)
    words = Words(
        f"เปลี่ยนร้านค้าหมายเลข {event.number}: สถานะ {MERCHANT_STATUS_TH[status]} "
        f"รับเงินที่ {event.payout}",
        f"Merchant {event.number} changed: {status.name.lower()}, paid at {event.payout}.",
    )
    yield line_of(told, words, merchant=event.number)


def _drafted(told: Told, event: events.CampaignDrafted, state: State) -> Iterator[Line]:
    policy = "0x" + event.terms.policy_hash.hex()
    words = Words(
        f"{event.officer} ร่างโครงการ {event.campaign} ตามนโยบาย {policy}",
        f"{event.officer} drafted campaign {event.campaign} by policy {policy}.",
    )
    yield line_of(told, words, campaign=event.campaign)


def _approved(told: Told, event: events.CampaignApproved, state: State) -> Iterator[Line]:
    words = Words(
        f"{event.approver} อนุมัติโครงการ {event.campaign}",
        f"{event.approver} approved campaign {event.campaign}.",
    )
    yield line_of(told, words, campaign=event.campaign)


def _issued(told: Told, event: events.CouponsIssued, state: State) -> Iterator[Line]:
    words = Words(
        f"{event.issuer} ออกคูปองโครงการ {event.campaign} โครงการเปิดใช้",
        f"{event.issuer} issued the coupons of campaign {event.campaign}: it is open.",
    )
    yield line_of(told, words, campaign=event.campaign)


def _listed(told: Told, event: events.CouponsListed, state: State) -> Iterator[Line]:
    count = sum(word.bit_count() for word in event.words)
    words = Words(
        f"เขียนรายชื่อโครงการ {event.campaign} เพิ่ม {count} บัตร",
        f"{count} passes were listed for campaign {event.campaign}.",
    )
    yield line_of(told, words, campaign=event.campaign)


def _funded(told: Told, event: events.CampaignFunded, state: State) -> Iterator[Line]:
    baht = format_baht(event.amount)
    words = Words(
        f"{event.funder} สมทบโครงการ {event.campaign} จำนวน {baht} บาท",
        f"{event.funder} funded campaign {event.campaign} with {baht} baht.",
    )
    yield line_of(told, words, campaign=event.campaign)


def _redeemed(told: Told, event: events.Redeemed, state: State) -> Iterator[Line]:
    starts = state.campaigns[event.campaign].terms.starts
    for record in unpack_records(event.records):
        amount, copay = format_baht(record.amount), format_baht(record.copay)
        words = Words(
            f"บัตร {record.pass_number} ใช้สิทธิ์ {amount} บาท ที่ร้าน {record.merchant} "
            f"บิล {format_baht(record.bill)} บาท จ่ายเองด้วยโทเคน {copay} บาท",
            f"Pass {record.pass_number} spent {amount} baht at merchant {record.merchant}, "
            f"bill {format_baht(record.bill)} baht, own tokens {copay} baht.",
        )
        yield line_of(
            told,
            words,
            campaign=event.campaign,
            pass_number=record.pass_number,
            merchant=record.merchant,
            signed_at=signed_at_of(starts, record.step),
        )


def _refused(told: Told, event: events.RedemptionsRefused, state: State) -> Iterator[Line]:
    starts = state.campaigns[event.campaign].terms.starts
    for record in unpack_refused(event.records):
        known = record.reason in set(Reason)
        code = Reason(record.reason).code if known else str(record.reason)
        why = say(code) if known else (code, code)
        words = Words(
            f"รายการของบัตร {record.pass_number} จำนวน {format_baht(record.amount)} บาท "
            f"ถูกปฏิเสธ ({code}): {why[0]}",
            f"A redemption of pass {record.pass_number} for {format_baht(record.amount)} baht was "
            f"refused ({code}): {why[1]}",
        )
        yield line_of(
            told,
            words,
            campaign=event.campaign,
            pass_number=record.pass_number,
            signed_at=signed_at_of(starts, record.step) if record.step else None,
        )


def _voided(told: Told, event: events.Voided, state: State) -> Iterator[Line]:
    amount, copay = format_baht(event.amount), format_baht(event.copay)
    words = Words(
        f"ร้าน {event.merchant} ยกเลิกรายการของบัตร {event.pass_} คืนสิทธิ์ {amount} บาท "
        f"คืนโทเคน {copay} บาท",
        f"Merchant {event.merchant} voided {amount} baht of pass {event.pass_}; "
        f"{copay} baht of tokens went back.",
    )
    yield line_of(
        told,
        words,
        campaign=event.campaign,
        pass_number=event.pass_,
        merchant=event.merchant,
        signed_at=event.signed_at,
    )


def _paused(told: Told, event: events.CampaignPaused, state: State) -> Iterator[Line]:
    words = Words(
        f"{event.by} หยุดโครงการ {event.campaign} ชั่วคราว",
        f"{event.by} paused campaign {event.campaign}.",
    )
    yield line_of(told, words, campaign=event.campaign)


def _resumed(told: Told, event: events.CampaignResumed, state: State) -> Iterator[Line]:
    words = Words(
        f"{event.by} เปิดโครงการ {event.campaign} ต่อ",
        f"{event.by} resumed campaign {event.campaign}.",
    )
    yield line_of(told, words, campaign=event.campaign)


def _closed(told: Told, event: events.CampaignClosed, state: State) -> Iterator[Line]:
    baht = format_baht(event.unspent)
    words = Words(
        f"ปิดโครงการ {event.campaign} เหลือ {baht} บาท คืนผู้สมทบ",
        f"Campaign {event.campaign} was closed; {baht} baht unspent go back to its funders.",
    )
    yield line_of(told, words, campaign=event.campaign)


def _returned(told: Told, event: events.ContributionReturned, state: State) -> Iterator[Line]:
    baht = format_baht(event.amount)
    words = Words(
        f"คืน {baht} บาท ของโครงการ {event.campaign} ให้ {event.funder}",
        f"{baht} baht of campaign {event.campaign} went back to {event.funder}.",
    )
    yield line_of(told, words, campaign=event.campaign)


_TELLERS: Final[dict[type[Event], Callable[[Told, Any, State], Iterator[Line]]]] = {
    events.PassesEnrolled: _enrolled,
    events.PassRebound: _rebound,
    events.PassChanged: _pass_changed,
    events.MerchantRegistered: _registered,
    events.MerchantChanged: _merchant_changed,
    events.CampaignDrafted: _drafted,
    events.CampaignApproved: _approved,
    events.CouponsIssued: _issued,
    events.CouponsListed: _listed,
    events.CampaignFunded: _funded,
    events.Redeemed: _redeemed,
    events.RedemptionsRefused: _refused,
    events.Voided: _voided,
    events.CampaignPaused: _paused,
    events.CampaignResumed: _resumed,
    events.CampaignClosed: _closed,
    events.ContributionReturned: _returned,
    **ROUND_TELLERS,
}
