"""Rounds, bank files, returned payments and anchors as lines of a story, Thai and English."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ledger.audit.findings import Words
from ledger.audit.replay import Told
from ledger.audit.story_line import Line, line_of
from ledger.domain import settlement_events as settlement
from ledger.domain.amounts import format_baht
from ledger.domain.business_days import date_of
from ledger.domain.event import Event
from ledger.domain.settled_lines import unpack_lines
from ledger.domain.state import State


def _made(told: Told, event: settlement.RoundMade, state: State) -> Iterator[Line]:
    baht = format_baht(event.total)
    words = Words(
        f"{event.maker} ทำรอบจ่าย {event.round} รวม {baht} บาท {event.pages} หน้า",
        f"{event.maker} made round {event.round}: {baht} baht on {event.pages} pages.",
    )
    yield line_of(told, words, round=event.round)


def _approved(told: Told, event: settlement.RoundApproved, state: State) -> Iterator[Line]:
    words = Words(
        f"{event.approver} อนุมัติรอบจ่าย {event.round}",
        f"{event.approver} approved round {event.round}.",
    )
    yield line_of(told, words, round=event.round)


def _withdrawn(told: Told, event: settlement.RoundWithdrawn, state: State) -> Iterator[Line]:
    words = Words(
        f"{event.by} ถอนรอบจ่าย {event.round} ไม่มีการจ่าย",
        f"{event.by} withdrew round {event.round}: nothing of it was paid.",
    )
    yield line_of(told, words, round=event.round)


def _lines(told: Told, event: settlement.LinesSettled, state: State) -> Iterator[Line]:
    for line in unpack_lines(event.lines):
        baht = format_baht(line.total)
        words = Words(
            f"รอบจ่าย {event.round} จ่ายร้าน {line.merchant} {baht} บาท ของโครงการ {line.campaign}",
            f"Round {event.round} paid merchant {line.merchant} {baht} baht of campaign "
            f"{line.campaign}.",
        )
        yield line_of(
            told, words, round=event.round, merchant=line.merchant, campaign=line.campaign
        )


def _settled(told: Told, event: settlement.RoundSettled, state: State) -> Iterator[Line]:
    baht = format_baht(event.total)
    words = Words(
        f"รอบจ่าย {event.round} จ่ายครบ {baht} บาท โทเคนถูกเลิกใช้แล้ว",
        f"Round {event.round} was settled: {baht} baht, their tokens burnt.",
    )
    yield line_of(told, words, round=event.round)


def _file(told: Told, event: settlement.FileRecorded, state: State) -> Iterator[Line]:
    baht, digest = format_baht(event.total), event.file_hash.hex()
    words = Words(
        f"บันทึกไฟล์ธนาคารของรอบจ่าย {event.round}: {event.payments} รายการ {baht} บาท "
        f"SHA-256 {digest}",
        f"A bank file of round {event.round} was recorded: {event.payments} payments, {baht} baht, "
        f"SHA-256 {digest}.",
    )
    yield line_of(told, words, round=event.round)


def _returned(told: Told, event: settlement.PaymentReturned, state: State) -> Iterator[Line]:
    baht = format_baht(event.amount)
    words = Words(
        f"ธนาคารโอนคืน {baht} บาท ของร้าน {event.merchant} ในรอบจ่าย {event.round} ตั้งค้างจ่ายใหม่",
        f"The bank returned {baht} baht of merchant {event.merchant} in round {event.round}: due "
        "again.",
    )
    yield line_of(told, words, round=event.round, merchant=event.merchant)


def _covered(told: Told, event: settlement.DebtCovered, state: State) -> Iterator[Line]:
    baht = format_baht(event.amount)
    words = Words(
        f"{event.by} ออก {baht} บาท แทนหนี้ของร้าน {event.merchant} ต่อโครงการ {event.campaign}",
        f"{event.by} put {baht} baht in the place of what merchant {event.merchant} owed campaign "
        f"{event.campaign}.",
    )
    yield line_of(told, words, merchant=event.merchant, campaign=event.campaign)


def _anchored(told: Told, event: settlement.DayAnchored, state: State) -> Iterator[Line]:
    when = date_of(event.day)
    words = Words(
        f"ประทับบัญชีวันที่ {when.day}/{when.month}/{when.year + 543}: {event.leaves} รายการ",
        f"The books of {when.isoformat()} were anchored: {event.leaves} leaves.",
    )
    yield line_of(told, words)


ROUND_TELLERS: Final[dict[type[Event], Callable[[Told, Any, State], Iterator[Line]]]] = {
    settlement.RoundMade: _made,
    settlement.RoundApproved: _approved,
    settlement.RoundWithdrawn: _withdrawn,
    settlement.LinesSettled: _lines,
    settlement.RoundSettled: _settled,
    settlement.FileRecorded: _file,
    settlement.PaymentReturned: _returned,
    settlement.DebtCovered: _covered,
    settlement.DayAnchored: _anchored,
}
"""What is told of each event of paying shops and of anchoring days."""
