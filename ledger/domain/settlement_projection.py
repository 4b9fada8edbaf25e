"""What the events of paying shops do to the state: rounds, their pages, files, returns, covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from ledger.domain import settlement_events as events
from ledger.domain.blocks import BlockRef
from ledger.domain.campaign import CampaignStatus
from ledger.domain.event import Event
from ledger.domain.settled_lines import SettledLine, page_hashes, unpack_lines
from ledger.domain.state import Credit, RecordedFile, RoundBook, RoundStatus, State
from ledger.errors import NodeLied

_OPEN: Final = frozenset({RoundStatus.MADE, RoundStatus.APPROVED})


def put_credit(state: State, campaign: int, merchant: int, moved: Credit) -> None:
    """Put a merchant's credit in the place of the one before, what is owed computed anew, and keep
    what the campaign has spent in step. NodeLied where the contract would have refused it."""
    known, book = state.campaigns.get(campaign), state.books.get(campaign)
    if known is None or book is None:
        raise NodeLied(what=f"campaign {campaign} was never drafted")
    before, after = book.credits.get(merchant, Credit()), moved.reckoned()
    if min(after.amount, after.copay, after.paid) < 0:
        raise NodeLied(what=f"the credit of merchant {merchant} under campaign {campaign} below 0")
    spent = known.spent + after.amount - before.amount + after.owed - before.owed
    # What a closed campaign did not spend is its funders'.
    most = known.spent if known.status is CampaignStatus.CLOSED else known.funded
    if spent > most:
        raise NodeLied(what=f"campaign {campaign} spent {spent} of {most}")
    book.credits[merchant] = after
    state.campaigns[campaign] = replace(known, spent=spent)


def _round(state: State, number: int, *expected: RoundStatus) -> RoundBook:
    found = state.rounds.get(number)
    if found is None or found.status not in expected:
        status = "unknown" if found is None else found.status
        raise NodeLied(what=f"round {number} moved while it was {status}")
    return found


def _made(state: State, event: events.RoundMade, block: BlockRef) -> None:
    if event.round != len(state.rounds) + 1:
        raise NodeLied(what=f"round {event.round} after {len(state.rounds)}")
    if any(each.status in _OPEN for each in state.rounds.values()):
        raise NodeLied(what=f"round {event.round} made while another was open")
    state.rounds[event.round] = RoundBook(
        number=event.round,
        maker=event.maker,
        day=event.day,
        page_count=event.pages,
        total=event.total,
        lines_hash=event.lines_hash,
        document_hash=event.document_hash,
    )


def _approved(state: State, event: events.RoundApproved, block: BlockRef) -> None:
    found = _round(state, event.round, RoundStatus.MADE)
    if found.maker == event.approver:
        raise NodeLied(what=f"round {event.round} approved by who made it")
    found.status, found.approver = RoundStatus.APPROVED, event.approver


def _withdrawn(state: State, event: events.RoundWithdrawn, block: BlockRef) -> None:
    found = _round(state, event.round, *_OPEN)
    if found.pages:
        raise NodeLied(what=f"round {event.round} withdrawn after {len(found.pages)} pages")
    found.status = RoundStatus.WITHDRAWN


def _lines_settled(state: State, event: events.LinesSettled, block: BlockRef) -> None:
    found = _round(state, event.round, RoundStatus.APPROVED)
    if event.page != len(found.pages) + 1 or event.page > found.page_count:
        raise NodeLied(what=f"page {event.page} of round {event.round} out of turn")
    for line in _lines(event.lines):
        credit = state.credit_of(line.campaign, line.merchant)
        paid = credit.paid + line.total
        if line.total > 0 and paid > credit.amount + credit.copay:
            raise NodeLied(what=f"merchant {line.merchant} paid {paid}, beyond its credit")
        put_credit(state, line.campaign, line.merchant, replace(credit, paid=paid))
        found.settled += line.total
    if found.settled > found.total:
        raise NodeLied(what=f"round {event.round} paid {found.settled} of {found.total}")
    found.pages.append(event.lines)


def _lines(packed: bytes) -> list[SettledLine]:
    try:
        return unpack_lines(packed)
    except ValueError as cut:
        raise NodeLied(what=f"settled lines: {cut}") from cut


def _settled(state: State, event: events.RoundSettled, block: BlockRef) -> None:
    """All of it, or what was paid of it when the treasurer cut it short."""
    found = _round(state, event.round, RoundStatus.APPROVED)
    whole = len(found.pages) == found.page_count
    if whole and page_hashes(found.pages)[0] != found.lines_hash:
        raise NodeLied(what=f"round {event.round} settled with other lines than were approved")
    if not found.pages or event.total != found.settled or whole != (event.total == found.total):
        raise NodeLied(what=f"round {event.round} settled with {found.settled} of {found.total}")
    found.status = RoundStatus.SETTLED


def _file_recorded(state: State, event: events.FileRecorded, block: BlockRef) -> None:
    found = _round(state, event.round, RoundStatus.SETTLED)
    found.files.append(
        RecordedFile(hash=event.file_hash, payments=event.payments, total=event.total)
    )


def _payment_returned(state: State, event: events.PaymentReturned, block: BlockRef) -> None:
    found = _round(state, event.round, RoundStatus.SETTLED)
    if not 1 <= event.page <= len(found.pages) or event.merchant in found.returned:
        raise NodeLied(what=f"merchant {event.merchant} of round {event.round} returned twice")
    page = _lines(found.pages[event.page - 1])
    back = [line for line in page if line.merchant == event.merchant]
    if not back or sum(line.total for line in back) != event.amount:
        raise NodeLied(what=f"merchant {event.merchant} of round {event.round}: another sum back")
    for line in back:
        credit = state.credit_of(line.campaign, line.merchant)
        moved = replace(credit, paid=credit.paid - line.total)
        put_credit(state, line.campaign, line.merchant, moved)
    found.returned[event.merchant] = event.amount


def _debt_covered(state: State, event: events.DebtCovered, block: BlockRef) -> None:
    credit = state.credit_of(event.campaign, event.merchant)
    moved = replace(credit, paid=credit.paid - event.amount)
    put_credit(state, event.campaign, event.merchant, moved)


SETTLEMENT_HANDLERS: Final[dict[type[Event], Callable[[State, Any, BlockRef], None]]] = {
    events.RoundMade: _made,
    events.RoundApproved: _approved,
    events.RoundWithdrawn: _withdrawn,
    events.LinesSettled: _lines_settled,
    events.RoundSettled: _settled,
    events.FileRecorded: _file_recorded,
    events.PaymentReturned: _payment_returned,
    events.DebtCovered: _debt_covered,
}
