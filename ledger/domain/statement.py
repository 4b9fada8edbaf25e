"""A shop's statement and a campaign's closing account: what was paid, when, and what waits and why.

Rows are entries, so that every satang of a sum can be pointed at. Both add up or say that they
do not. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final

from ledger.domain.amounts import format_baht
from ledger.domain.business_days import date_of
from ledger.domain.settlement import Leg, Reason


class Place(StrEnum):
    """Where an entry is."""

    PAID = "paid"
    ORDERED = "ordered"
    SETTLED = "settled"
    APPROVED = "approved"
    MADE = "made"
    CARRIED = "carried"
    WAITING = "waiting"


PLACES: Final[dict[Place, tuple[str, str]]] = {
    Place.PAID: ("จ่ายแล้ว", "paid"),
    Place.ORDERED: ("สั่งธนาคารแล้ว", "ordered from the bank"),
    Place.SETTLED: ("ตัดโทเคนบนเชนแล้ว รอไฟล์ธนาคาร", "settled on the chain, no bank file yet"),
    Place.APPROVED: ("อนุมัติแล้ว รอขึ้นเชน", "approved, not settled on the chain yet"),
    Place.MADE: ("อยู่ในรอบที่รออนุมัติ", "in a round that waits for approval"),
    Place.CARRIED: ("ยกไปรอบหน้า", "carried to the next round"),
    Place.WAITING: ("ยังไม่ถึงรอบจ่าย", "in no round yet"),
}
assert PLACES.keys() == set(Place), "every place needs its words"

BURNT: Final = frozenset({Place.PAID, Place.ORDERED, Place.SETTLED})
"""Places of entries whose tokens the chain has burnt."""

REASONS: Final[dict[Reason, tuple[str, str]]] = {
    Reason.SUSPENDED: ("ร้านถูกระงับ", "the shop is suspended"),
    Reason.IN_DEBT: ("ยอดยกเลิกมากกว่ายอดรับ", "voids come to more than takings"),
    Reason.VOIDED_AFTER: ("ยอดรับถูกยกเลิกหมดพอดี", "all of it was voided afterwards"),
    Reason.BANK_DETAILS_MISSING: ("ยังไม่มีบัญชีธนาคาร", "bank details are missing"),
    Reason.BELOW_MINIMUM: ("ต่ำกว่ายอดขั้นต่ำ", "below the minimum"),
}
assert REASONS.keys() == set(Reason), "every reason needs its words"

LEGS: Final[dict[Leg, tuple[str, str]]] = {
    Leg.CITY: ("ส่วนของเมือง", "the city's share"),
    Leg.COPAY: ("ส่วนของประชาชน", "the resident's share"),
}
assert LEGS.keys() == set(Leg), "every leg needs its words"

COLUMNS: Final = (
    "redemption", "campaign", "leg", "day", "amount_satang", "amount_baht",
    "place", "round", "paid_on", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One entry of a shop and where it is. `paid_on`: the day the bank said so; `due_on`: the first
    day on which an entry that waits may be paid."""

    redemption: str
    campaign: int
    leg: Leg
    day: int
    amount: int
    place: Place
    round: int | None = None
    paid_on: int | None = None
    due_on: int | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Everything of one shop, in satang.

    `on_chain` is what the chain says it took, voids taken off, and what was covered of its debts.
    `settled`, `returned` and `covered` are the chain's sums, too; `sent_back` is what the bank
    returned, of which the chain may not know yet.
    """

    merchant: int
    name_th: str
    name_en: str
    day: int
    rows: tuple[StatementRow, ...]
    on_chain: int
    settled: int = 0
    returned: int = 0
    covered: int = 0
    sent_back: int = 0

    def sum_of(self, place: Place) -> int:
        """What is at one place, in satang."""
        return sum(row.amount for row in self.rows if row.place is place)

    @property
    def total(self) -> int:
        """What all rows come to."""
        return sum(row.amount for row in self.rows)

    @property
    def agrees(self) -> bool:
        """Whether the rows come to what the chain says, to the satang, and so do those of them
        whose tokens it has burnt."""
        burnt = sum(row.amount for row in self.rows if row.place in BURNT)
        return self.total == self.on_chain and burnt + self.sent_back == self.settled


def statement_csv(statement: Statement) -> str:
    """The statement as a table: ids, numbers and our own words only, so no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in statement.rows:
        writer.writerow(
            [
                row.redemption,
                row.campaign,
                row.leg,
                date_of(row.day),
                row.amount,
                format_baht(row.amount).replace(",", ""),
                row.place,
                row.round or "",
                "" if row.paid_on is None else date_of(row.paid_on),
                row.reason or "",
            ]
        )
    return out.getvalue()


def statement_html(statement: Statement) -> str:
    """The statement as one page to print, in Thai and English, without script or style."""
    title = f"ใบแจ้งยอดร้าน {statement.merchant} · Statement of shop {statement.merchant}"
    sums = [
        (f"{th} · {en}", format_baht(statement.sum_of(place))) for place, (th, en) in PLACES.items()
    ]
    sums.append(("รวม · Total", format_baht(statement.total)))
    sums += chain_sums(statement)
    agreed = "ตรงกัน · they agree" if statement.agrees else "ไม่ตรงกัน · THEY DIFFER"
    heads = ("รายการ · Redemption", "โครงการ · Campaign", "เงินของ · Share", "วันที่ · Day",
             "บาท · Baht", "สถานะ · Where", "รอบ · Round", "จ่ายเมื่อ · Paid on")  # fmt: skip
    parts = [
        '<!doctype html><html lang="th"><head><meta charset="utf-8">',
        f"<title>{escape(title)}</title></head><body><h1>{escape(title)}</h1>",
        f"<p>{escape(statement.name_th)} · {escape(statement.name_en)}, {_day(statement.day)}</p>",
        _table(("", "บาท · Baht"), sums),
        f"<p>{agreed}</p>",
        _table(heads, (_cells(row) for row in statement.rows)),
        "</body></html>\n",
    ]
    return "".join(parts)


def chain_sums(statement: Statement) -> list[tuple[str, str]]:
    """What the chain alone says of a shop, in words and baht."""
    sums = [("ตามเชน · By the chain", format_baht(statement.on_chain))]
    for th, en, amount in (
        ("ตัดโทเคนบนเชนแล้ว", "Settled on the chain", statement.settled),
        ("ธนาคารคืน", "Returned by the bank", statement.returned),
        ("เมืองชำระหนี้แทน", "Debts covered by the treasurer", statement.covered),
    ):
        if amount:
            sums.append((f"{th} · {en}", format_baht(amount)))
    return sums


def _cells(row: StatementRow) -> Sequence[str]:
    where = " · ".join(PLACES[row.place])
    if row.reason is not None:
        where += ": " + " · ".join(REASONS[row.reason])
    return (
        row.redemption,
        str(row.campaign),
        " · ".join(LEGS[row.leg]),
        _day(row.day),
        format_baht(row.amount),
        where,
        "" if row.round is None else str(row.round),
        "" if row.paid_on is None else _day(row.paid_on),
    )


def _day(day: int) -> str:
    when = date_of(day)
    return f"{when.day}/{when.month}/{when.year + 543} ({when.isoformat()})"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]] | Iterator[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


# ── a campaign's closing account ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One line of an account: what came in is above zero, what went out or is kept below."""

    what: str
    th: str
    en: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingAccount:
    """What became of a campaign's money. `pending`: on the chain, and not final yet."""

    campaign: int
    rows: tuple[AccountRow, ...]

    @property
    def balance(self) -> int:
        """What all rows come to: zero, or something is wrong."""
        return sum(row.amount for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The figures of a campaign's chain: in satang, both shares.

    `spent` is the city's share less voids; `owed` is what shops owe on top of it, and `covered` is
    what the treasurer paid in for them.
    """

    funded: int
    returned: int
    spent: int
    copay: int
    closed: bool
    owed: int = 0
    covered: int = 0


def closing_account(
    campaign: int, money: Money, places: dict[Place, int], *, pending: int
) -> ClosingAccount:
    """Put a campaign's money against where it went. `places` are both legs' entries by place.

    `pending` is what the chain took and no confirmation makes final yet.
    """
    rows = [
        AccountRow(what="funded", th="เงินสมทบ", en="funded", amount=money.funded),
        AccountRow(what="copay", th="ประชาชนร่วมจ่าย", en="paid in by residents", amount=money.copay),
    ]
    covered = AccountRow(
        what="covered", th="เมืองชำระหนี้แทนร้าน", en="debts covered", amount=money.covered
    )
    rows.append(covered)
    for place, (th, en) in PLACES.items():
        rows.append(AccountRow(what=place, th=th, en=en, amount=-places.get(place, 0)))
    rows.append(AccountRow(what="pending", th="รอยืนยันบนเชน", en="not final yet", amount=-pending))
    rows.append(
        AccountRow(what="returned", th="คืนผู้สมทบ", en="returned to funders", amount=-money.returned)
    )
    rows.append(AccountRow(what="owed", th="ร้านค้างคืน", en="owed by shops", amount=-money.owed))
    left = money.funded - money.spent - money.owed - money.returned
    words = ("รอคืนผู้สมทบ", "to be returned") if money.closed else ("ยังไม่ใช้", "not spent yet")
    rows.append(AccountRow(what="unspent", th=words[0], en=words[1], amount=-left))
    return ClosingAccount(campaign=campaign, rows=tuple(rows))
