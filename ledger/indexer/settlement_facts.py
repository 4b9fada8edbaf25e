"""What the events of paying shops become in the index: pure, and complete."""

from collections.abc import Callable
from typing import Any, Final

from ledger.db.index_rows import Rows
from ledger.db.tables_index_settlement import (
    CoveredDebt,
    RecordedFile,
    ReturnedPayment,
    RoundOnChain,
    RoundStep,
    SettledLine,
)
from ledger.domain import settlement_events as events
from ledger.domain.event import Event
from ledger.domain.settled_lines import unpack_lines
from ledger.errors import NodeLied
from ledger.indexer.place import Place


def _made(rows: Rows, place: Place, event: events.RoundMade) -> None:
    values = {
        "round": event.round,
        "maker": event.maker,
        "day": event.day,
        "pages": event.pages,
        "total": event.total,
        "lines_hash": "0x" + event.lines_hash.hex(),
        "document_hash": "0x" + event.document_hash.hex(),
        "at": event.at,
    }
    rows.add(RoundOnChain, place.key() | values)


def _approved(rows: Rows, place: Place, event: events.RoundApproved) -> None:
    _step(rows, place, event.round, "approved", by=event.approver, total=None, at=event.at)


def _withdrawn(rows: Rows, place: Place, event: events.RoundWithdrawn) -> None:
    _step(rows, place, event.round, "withdrawn", by=event.by, total=None, at=event.at)


def _settled(rows: Rows, place: Place, event: events.RoundSettled) -> None:
    _step(rows, place, event.round, "settled", by=None, total=event.total, at=event.at)


def _step(
    rows: Rows, place: Place, number: int, step: str, *, by: str | None, total: int | None, at: int
) -> None:
    values = {"round": number, "step": step, "by": by, "total": total, "at": at}
    rows.add(RoundStep, place.key() | values)


def _lines_settled(rows: Rows, place: Place, event: events.LinesSettled) -> None:
    try:
        lines = unpack_lines(event.lines)
    except ValueError as cut:
        raise NodeLied(what=f"settled lines in block {place.block_number}: {cut}") from cut
    for position, line in enumerate(lines):
        values = {
            "position": position,
            "round": event.round,
            "page": event.page,
            "campaign": line.campaign,
            "merchant": line.merchant,
            "amount": line.amount,
            "copay": line.copay,
            "at": event.at,
        }
        rows.add(SettledLine, place.key() | values)


def _file_recorded(rows: Rows, place: Place, event: events.FileRecorded) -> None:
    values = {
        "round": event.round,
        "file_hash": "0x" + event.file_hash.hex(),
        "payments": event.payments,
        "total": event.total,
        "at": event.at,
    }
    rows.add(RecordedFile, place.key() | values)


def _payment_returned(rows: Rows, place: Place, event: events.PaymentReturned) -> None:
    values = {
        "round": event.round,
        "page": event.page,
        "merchant": event.merchant,
        "amount": event.amount,
        "at": event.at,
    }
    rows.add(ReturnedPayment, place.key() | values)


def _debt_covered(rows: Rows, place: Place, event: events.DebtCovered) -> None:
    values = {
        "campaign": event.campaign,
        "merchant": event.merchant,
        "by": event.by,
        "amount": event.amount,
        "at": event.at,
    }
    rows.add(CoveredDebt, place.key() | values)


SETTLEMENT_BUILDERS: Final[dict[type[Event], Callable[[Rows, Place, Any], None]]] = {
    events.RoundMade: _made,
    events.RoundApproved: _approved,
    events.RoundWithdrawn: _withdrawn,
    events.LinesSettled: _lines_settled,
    events.RoundSettled: _settled,
    events.FileRecorded: _file_recorded,
    events.PaymentReturned: _payment_returned,
    events.DebtCovered: _debt_covered,
}
