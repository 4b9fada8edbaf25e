"""The closed books of a day as one page to print and sign: no script, no links, Thai first."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ledger.audit.bank_papers import BankPaper
from ledger.audit.closing import STANDS, WORDS, ZEROS, Closing
from ledger.domain.amounts import format_baht
from ledger.domain.business_days import date_of
from ledger.domain.clock import thai_date

TEMPLATE: Final = "close.html"
_MONTHS_TH: Final = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip


def close_page(closing: Closing, *, chain_id: int, notes: Sequence[tuple[str, str]]) -> str:
    """The page; `notes` are all differences, (Thai, English). The same books give the same page."""
    assert closing.block is not None, "books were read up to a block"
    room = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    room.filters["baht"] = format_baht
    when = date_of(closing.day)
    return room.get_template(TEMPLATE).render(
        closing=closing,
        chain_id=chain_id,
        notes=notes,
        words=WORDS,
        stands=STANDS,
        zeros=ZEROS,
        papers=[paper_row(paper, number) for paper, number in closing.papers],
        day_th=spelled_day(when),
        day_en=f"{when:%d %B %Y}",
        block_th=thai_date(closing.block.time),
    )


def spelled_day(when: date) -> str:
    """A day as people in Thailand write it, in the Buddhist era."""
    return f"{when.day} {_MONTHS_TH[when.month - 1]} {when.year + 543}"


def paper_row(paper: BankPaper, number: int | None) -> dict[str, str]:
    """A file of the bank in words: name, SHA-256, kind, round, baht."""
    if paper.fault:
        kind, total = "อ่านไม่ได้ · unreadable", ""
    elif paper.answer is not None:
        kind, total = "คำตอบ · answer", ""
    else:
        kind, total = "สั่งจ่าย · payout", format_baht(paper.total)
    return {
        "name": paper.name,
        "digest": paper.digest.hex(),
        "kind": kind,
        "round": "" if number is None else str(number),
        "total": total,
    }
