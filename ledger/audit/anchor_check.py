"""Every anchored day made again from the chain's own events, and compared with its anchor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.audit.findings import Words
from ledger.audit.replay import Progress, chapters, silent
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain import events
from ledger.domain.anchors import Anchor, DayTree, leaves_of
from ledger.domain.business_days import date_of
from ledger.domain.clock import bangkok_day
from ledger.domain.settlement_events import DayAnchored

SENTENCES: Final[dict[str, Words]] = {
    "anchor_differs": Words(
        th="บัญชีของวันที่ {date}: {what} ที่ประทับไว้คือ {anchored} แต่เชนเล่าว่า {found}",
        en="The books of {date}: {what} was anchored as {anchored}; the chain tells {found}.",
    ),
    "anchor_missing": Words(
        th="วันที่ {date} มี {leaves} รายการ แต่ไม่เคยถูกประทับ ทั้งที่ประทับวันหลังจากนั้นแล้ว",
        en="{date} has {leaves} entries and was never anchored, though a later day was.",
    ),
}
"""Thai and English for everything that can be wrong with an anchor."""

_COMPARED: Final = ("root", "leaves", "amount", "copay")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorFault:
    """What is wrong with a day's anchor."""

    code: str
    day: int
    figures: Mapping[str, Any]

    @property
    def th(self) -> str:
        """The fault in Thai."""
        return SENTENCES[self.code].th.format_map(self.figures)

    @property
    def en(self) -> str:
        """The fault in English."""
        return SENTENCES[self.code].en.format_map(self.figures)


@dataclass(slots=True, kw_only=True)
class AnchorReport:
    """The anchored days with what is wrong with them; `waiting` days have entries and no anchor
    yet. `heads` are the anchored heads of the log of staff acts."""

    anchored: dict[int, DayAnchored] = field(default_factory=dict)
    told: dict[int, Anchor] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)
    faults: list[AnchorFault] = field(default_factory=list)

    @property
    def heads(self) -> dict[int, bytes]:
        """The anchored head of each day."""
        return {day: anchor.staff_head for day, anchor in self.anchored.items()}


async def check_anchors(
    gateway: Gateway, deployment: Deployment, *, progress: Progress = silent
) -> AnchorReport:
    """Read the chain and compare. Raises NodeLied where it contradicts itself, WrongChain."""
    report, days = AnchorReport(), _Days()
    async for chapter in chapters(gateway, deployment, progress=progress):
        for told in chapter.told:
            if isinstance(told.event, DayAnchored):
                report.anchored[told.event.day] = told.event
            else:
                days.take(told.event)
    report.told = days.close()
    _compare(report)
    return report


@dataclass(slots=True)
class _Days:
    """The day being read, and the anchors of those that ended: leaves are not kept."""

    starts: dict[int, int] = field(default_factory=dict)
    ended: dict[int, Anchor] = field(default_factory=dict)
    present: DayTree | None = None

    def take(self, event: events.Event) -> None:
        if isinstance(event, events.CampaignDrafted):
            self.starts[event.campaign] = event.terms.starts
        if not isinstance(event, events.Redeemed | events.Voided):
            return
        day = bangkok_day(event.at)
        if self.present is None or self.present.day != day:
            self.close()
            self.present = DayTree(day=day)
        self.present.leaves.extend(leaves_of(event, self.starts))

    def close(self) -> dict[int, Anchor]:
        if self.present is not None:
            self.ended[self.present.day] = self.present.anchor()
        return self.ended


def _compare(report: AnchorReport) -> None:
    last = max(report.anchored, default=-1)
    for day in sorted(report.anchored.keys() | report.told.keys()):
        told = report.told.get(day, DayTree(day=day).anchor())
        held = report.anchored.get(day)
        if held is None and day > last:
            report.waiting.append(day)
        elif held is None:
            figures = {"date": date_text(day), "leaves": told.leaves}
            report.faults.append(AnchorFault(code="anchor_missing", day=day, figures=figures))
        else:
            report.faults += [
                _differs(day, what, getattr(held, what), getattr(told, what))
                for what in _COMPARED
                if getattr(held, what) != getattr(told, what)
            ]


def _differs(day: int, what: str, anchored: Any, found: Any) -> AnchorFault:
    shown = [f"0x{each.hex()}" if isinstance(each, bytes) else each for each in (anchored, found)]
    figures = {"date": date_text(day), "what": what, "anchored": shown[0], "found": shown[1]}
    return AnchorFault(code="anchor_differs", day=day, figures=figures)


def date_text(day: int) -> str:
    """A Bangkok day as people write it, in ISO order."""
    return date_of(day).isoformat()
