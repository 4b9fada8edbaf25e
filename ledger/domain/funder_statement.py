"""What a funder's money bought: its share of each campaign's spending, to the satang. Pure.

A campaign's money is one pot, so each contribution paid for a part of every purchase, in
proportion. Remainders follow one rule, the contract's own: with C the running sum of contributions,
T their total and B the running sum of purchases, the first i contributions paid ceil(B·C(i)/T) of
the first purchases. So the shares of all funders add up to each purchase, the shares of all
purchases to what the sweep does not give back, and each is within two satang of its exact share.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final

from ledger.domain.amounts import format_baht
from ledger.domain.business_days import date_of
from ledger.domain.vocabulary import CATEGORIES

COLUMNS: Final = ("by", "what", "campaign", "amount_satang", "amount_baht")


class By(StrEnum):
    """Along what spending is told."""

    CATEGORY = "category"
    DISTRICT = "district"
    DAY = "day"


BYS: Final[dict[By, tuple[str, str]]] = {
    By.CATEGORY: ("ประเภทร้าน", "Kind of shop"),
    By.DISTRICT: ("เขตของร้าน", "Shop's district"),
    By.DAY: ("วันที่ใช้สิทธิ์", "Day of spending"),
}
assert BYS.keys() == set(By), "every breakdown needs its words"

Buckets = Mapping[By, Mapping[int, int]]
"""What was spent, voids taken off: by number of a category, of a district, of a Bangkok day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributed:
    """One contribution to a campaign; `returned` is None until the sweep reaches it."""

    number: int
    funder: str
    amount: int
    returned: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundedCampaign:
    """A campaign's contributions, all of them in order, and what was bought with them."""

    number: int
    contributions: tuple[Contributed, ...]
    spent: Buckets


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderLine:
    """One contribution and what became of it. `left`: not spent, and not returned yet."""

    campaign: int
    contribution: int
    amount: int
    bought: int
    returned: int

    @property
    def left(self) -> int:
        """What is neither spent nor returned."""
        return self.amount - self.bought - self.returned


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderStatement:
    """All contributions of one funder, and its share of spending along each breakdown."""

    funder: str
    day: int
    lines: tuple[FunderLine, ...]
    shares: Buckets

    @property
    def bought(self) -> int:
        """What the funder's money bought in all."""
        return sum(line.bought for line in self.lines)

    @property
    def agrees(self) -> bool:
        """Whether each breakdown comes to what was bought, to the satang, and no contribution was
        used beyond itself."""
        sums = {sum(each.values()) for each in self.shares.values()}
        return sums <= {self.bought} and all(line.left >= 0 for line in self.lines)


def paid_by(amounts: Sequence[int], contributions: Sequence[int], index: int) -> list[int]:
    """Return what one contribution (from 0) paid of each amount, by the rule of this module.

    Raises ZeroDivisionError for contributions that come to nothing.
    """
    total, before = sum(contributions), sum(contributions[:index])
    after = before + contributions[index]
    shares, spent, paid = [], 0, 0
    for amount in amounts:
        spent += amount
        so_far = -(-spent * after // total) + (-spent * before // total)
        shares.append(so_far - paid)
        paid = so_far
    return shares


def funder_statement(
    funder: str, campaigns: Sequence[FundedCampaign], *, day: int
) -> FunderStatement:
    """Put together what became of all of a funder's contributions to these campaigns."""
    lines: list[FunderLine] = []
    shares: dict[By, dict[int, int]] = {by: {} for by in By}
    for campaign in campaigns:
        amounts = [each.amount for each in campaign.contributions]
        for index, given in enumerate(campaign.contributions):
            if given.funder != funder:
                continue
            bought = 0
            for by in By:
                spent = sorted(campaign.spent[by].items())
                paid = paid_by([amount for _, amount in spent], amounts, index)
                bought = sum(paid)
                for (bucket, _), share in zip(spent, paid, strict=True):
                    shares[by][bucket] = shares[by].get(bucket, 0) + share
            lines.append(
                FunderLine(
                    campaign=campaign.number,
                    contribution=given.number,
                    amount=given.amount,
                    bought=bought,
                    returned=given.returned or 0,
                )
            )
    ordered = {by: dict(sorted(each.items())) for by, each in shares.items()}
    return FunderStatement(funder=funder, day=day, lines=tuple(lines), shares=ordered)


def bucket_words(by: By, bucket: int) -> tuple[str, str]:
    """A category, district or day as people read it, in Thai and in English."""
    match by:
        case By.CATEGORY:
            word = CATEGORIES.word(bucket)
            return word.th, word.en
        case By.DISTRICT:
            return f"เขต {bucket}", f"district {bucket}"
        case By.DAY:
            return thai_day(bucket), date_of(bucket).isoformat()


def thai_day(day: int) -> str:
    """A day in the Buddhist era, as `29/10/2568`."""
    when = date_of(day)
    return f"{when.day}/{when.month}/{when.year + 543}"


def bucket_code(by: By, bucket: int) -> str:
    """A category, district or day as programs read it."""
    match by:
        case By.CATEGORY:
            return CATEGORIES.word(bucket).name
        case By.DISTRICT:
            return str(bucket)
        case By.DAY:
            return date_of(bucket).isoformat()


def funder_csv(statement: FunderStatement) -> str:
    """The statement as a table of our own words and numbers, so that no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in statement.lines:
        for what in ("amount", "bought", "returned", "left"):
            amount = getattr(line, what)
            name = "contributed" if what == "amount" else what
            writer.writerow(["contribution", name, line.campaign, amount, _plain(amount)])
    for by, buckets in statement.shares.items():
        for bucket, amount in buckets.items():
            writer.writerow([by, bucket_code(by, bucket), "", amount, _plain(amount)])
    return out.getvalue()


def _plain(satang: int) -> str:
    return format_baht(satang).replace(",", "")


def funder_html(statement: FunderStatement) -> str:
    """The statement as one page to print, in Thai and English, without script or style."""
    title = "ใบแจ้งผู้สมทบทุน · Statement of a funder"
    day = f"{thai_day(statement.day)} ({date_of(statement.day).isoformat()})"
    heads = (
        "โครงการ · Campaign", "ลำดับ · Contribution", "สมทบ · Contributed", "ใช้ซื้อ · Bought",
        "คืนแล้ว · Returned", "คงเหลือ · Left",
    )  # fmt: skip
    parts = [
        '<!doctype html><html lang="th"><head><meta charset="utf-8">',
        f"<title>{title}</title></head><body><h1>{title}</h1>",
        f"<p>{escape(statement.funder)}, {day}</p>",
        _table(heads, _line_cells(statement)),
    ]
    for by, words in BYS.items():
        rows = [
            (" · ".join(bucket_words(by, bucket)), format_baht(amount))
            for bucket, amount in statement.shares[by].items()
        ]
        rows.append(("รวม · Total", format_baht(sum(statement.shares[by].values()))))
        parts.append(_table((" · ".join(words), "บาท · Baht"), rows))
    return "".join([*parts, "</body></html>\n"])


def _line_cells(statement: FunderStatement) -> Iterator[Sequence[str]]:
    for line in statement.lines:
        amounts = (line.amount, line.bought, line.returned, line.left)
        yield (str(line.campaign), str(line.contribution), *map(format_baht, amounts))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]] | Iterator[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
