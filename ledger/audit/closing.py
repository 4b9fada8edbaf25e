"""The books closed at the end of a day: chain and bank brought together, to zero satang.

Every figure is added up twice: from the events one by one, and from the state they come to. The
bank's side is nothing but the files somebody brings; what a file says that the chain does not, or
the other way round, is a finding with both figures.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.audit.balances import at_end
from ledger.audit.bank_match import match_papers
from ledger.audit.bank_papers import BankPaper
from ledger.audit.counters import on_chain
from ledger.audit.findings import Finding
from ledger.audit.replay import Progress, Told, chapters, silent
from ledger.audit.statement_papers import StatementPaper, match_statements
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain import events
from ledger.domain import settlement_events as settlement
from ledger.domain.blocks import BlockRef
from ledger.domain.clock import bangkok_day
from ledger.domain.projection import State, apply
from ledger.domain.redemption import RECORD
from ledger.domain.settled_lines import unpack_lines
from ledger.errors import NodeRefused

WORDS: Final[dict[str, tuple[str, str]]] = {
    "funded": ("ผู้สมทบทุนให้โครงการ", "Funders gave the campaigns"),
    "returned": ("คืนผู้สมทบทุน", "Went back to funders"),
    "redeemed_amount": ("ใช้สิทธิ์ ส่วนของเมือง", "Redeemed, the city's share"),
    "redeemed_copay": ("ใช้สิทธิ์ ส่วนที่ประชาชนจ่าย", "Redeemed, the residents' share"),
    "voided_amount": ("ยกเลิก ส่วนของเมือง", "Voided, the city's share"),
    "voided_copay": ("ยกเลิก ส่วนที่ประชาชนจ่าย", "Voided, the residents' share"),
    "settled": ("จ่ายร้านในรอบจ่าย", "Paid to shops by rounds"),
    "recredited": ("ธนาคารโอนคืน ตั้งค้างจ่ายใหม่", "Returned by the bank, due again"),
    "covered": ("เหรัญญิกออกแทนหนี้ร้าน", "Covered by the treasurer for shops in debt"),
    "minted": ("โทเคนที่ออก", "Tokens minted"),
    "burnt": ("โทเคนที่เลิกใช้", "Tokens burnt"),
}
"""What is added up from the events, in satang."""

STANDS: Final[dict[str, tuple[str, str]]] = {
    "held": ("โทเคนที่สมุดคูปองถืออยู่", "Tokens the coupon book holds"),
    "due": ("ค้างจ่ายร้าน", "Due to shops"),
    "owed": ("ร้านเป็นหนี้โครงการ", "Owed by shops"),
    "circulation": ("โทเคนหมุนเวียน", "Tokens in circulation"),
}
"""What the state comes to, in satang."""

ZEROS: Final[dict[str, tuple[str, str]]] = {
    "escrow": (
        "ที่ถืออยู่ = สมทบ - คืน + ส่วนประชาชน - จ่ายร้าน + โอนคืน + ออกแทน",
        "Held = funded - returned + residents' share - paid + returned by the bank + covered",
    ),
    "shops": (
        "ใช้สิทธิ์ - ยกเลิก = จ่ายสุทธิ + ค้างจ่าย - ร้านเป็นหนี้",
        "Redeemed - voided = paid, net + due - owed",
    ),
    "rounds": (
        "ร้านได้รับสุทธิ = จ่ายในรอบ - ธนาคารโอนคืน - ออกแทน",
        "Paid to shops, net = paid by rounds - returned by the bank - covered",
    ),
    "tokens": ("ออก - เลิกใช้ = หมุนเวียน", "Minted - burnt = in circulation"),
}
"""The sums that have to be zero, each said in words."""


@dataclass(slots=True, kw_only=True)
class Closing:
    """The books of a Bangkok day, whole: figures in satang, by the keys of the tables above.

    `of_day` are the day's own, `to_date` all up to its end. `over` is False while the chain has no
    later block: then they stand as of `block`. `papers` are the bank's files, with the round each
    belongs to on the chain, or None.
    """

    day: int
    block: BlockRef | None = None
    over: bool = False
    of_day: dict[str, int] = field(default_factory=dict)
    to_date: dict[str, int] = field(default_factory=dict)
    stands: dict[str, int] = field(default_factory=dict)
    zeros: dict[str, int] = field(default_factory=dict)
    papers: list[tuple[BankPaper, int | None]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether everything comes to zero and no file says otherwise."""
        return not self.findings


async def close(
    gateway: Gateway,
    deployment: Deployment,
    day: int,
    papers: Sequence[BankPaper] = (),
    statements: Sequence[StatementPaper] = (),
    *,
    progress: Progress = silent,
) -> Closing:
    """Close the books of a day, counted from 1970-01-01. Raises as `chapters` does."""
    closing, state = Closing(day=day), State()
    sums: dict[str, int] = defaultdict(int)
    before: dict[str, int] | None = None
    async for chapter in chapters(gateway, deployment, progress=progress):
        for told in chapter.told:
            if bangkok_day(told.block.time) > day:
                closing.over = True
                break
            if before is None and bangkok_day(told.block.time) == day:
                before = dict(sums)
            apply(state, told.event, told.block)
            for name, satang in _counted(told, deployment):
                sums[name] += satang
            closing.block = told.block
        # Blocks without events also tell that a day is over.
        if closing.over or bangkok_day(chapter.last.time) > day:
            closing.over = True
            break
        closing.block = chapter.last
    closing.to_date = {name: sums[name] for name in WORDS}
    start = closing.to_date if before is None else before
    closing.of_day = {name: sums[name] - start.get(name, 0) for name in WORDS}
    _weigh(closing, state, deployment)
    closing.findings += at_end(state, deployment)
    closing.findings += match_papers(closing.papers, state, papers)
    closing.findings += match_statements(statements, state, deployment.domain_separator)
    await _ask_contracts(closing, gateway, deployment, state)
    return closing


def _counted(told: Told, deployment: Deployment) -> Iterator[tuple[str, int]]:
    """What one event adds to which sum."""
    match told.event:
        case events.CampaignFunded(amount=amount):
            yield "funded", amount
        case events.ContributionReturned(amount=amount):
            yield "returned", amount
        case events.Redeemed(records=records):
            figures = [
                (high << 8 | low, copay)
                for _, _, _, high, low, copay, _, _ in RECORD.iter_unpack(records)
            ]
            yield "redeemed_amount", sum(amount for amount, _ in figures)
            yield "redeemed_copay", sum(copay for _, copay in figures)
        case events.Voided(amount=amount, copay=copay):
            yield "voided_amount", amount
            yield "voided_copay", copay
        case settlement.LinesSettled(lines=lines):
            yield "settled", sum(line.total for line in unpack_lines(lines))
        case settlement.PaymentReturned(amount=amount):
            yield "recredited", amount
        case settlement.DebtCovered(amount=amount):
            yield "covered", amount
        case events.TokensFunded(contract=token, amount=amount):
            if token == deployment.address("CityToken"):
                yield "minted", amount
        case events.TokensSettled(contract=token, amount=amount):
            if token == deployment.address("CityToken"):
                yield "burnt", amount


def _weigh(closing: Closing, state: State, deployment: Deployment) -> None:
    """What the state comes to, beside what the events add up to."""
    token, book = deployment.address("CityToken"), deployment.address("CouponBook")
    standing = [credit for each in state.books.values() for credit in each.credits.values()]
    sums = closing.to_date
    held = sum(told.balances.get(book, 0) for told in state.tokens.values())
    paid = sum(credit.paid for credit in standing)
    stands = closing.stands
    stands["held"] = held
    stands["due"] = sum(max(0, one.amount + one.copay - one.paid) for one in standing)
    stands["owed"] = sum(max(0, one.paid - one.amount - one.copay) for one in standing)
    stands["circulation"] = state.tokens[token].supply if token in state.tokens else 0
    flows = sums["funded"] - sums["returned"] + sums["redeemed_copay"] - sums["voided_copay"]
    net = sums["settled"] - sums["recredited"] - sums["covered"]
    taken = sums["redeemed_amount"] + sums["redeemed_copay"]
    undone = sums["voided_amount"] + sums["voided_copay"]
    closing.zeros = {
        "escrow": held - (flows - net),
        "shops": taken - undone - (paid + stands["due"] - stands["owed"]),
        "rounds": paid - net,
        "tokens": sums["minted"] - sums["burnt"] - stands["circulation"],
    }
    for name, satang in closing.zeros.items():
        if satang:
            details: dict[str, Any] = {"th": ZEROS[name][0], "en": ZEROS[name][1], "by": satang}
            closing.findings.append(Finding(code="not_zero", details=details))


async def _ask_contracts(
    closing: Closing, gateway: Gateway, deployment: Deployment, state: State
) -> None:
    """The contracts' own counters, where the node still has the states of that block."""
    if closing.block is None:
        return
    try:
        found = await on_chain(gateway, deployment, state, closing.block.number)
    except NodeRefused:
        if not closing.over:
            raise
        return
    closing.findings += found
