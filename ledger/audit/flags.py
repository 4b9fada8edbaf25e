"""The facts that the published rules look at: from the chain, and from verdicts of a till."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ledger.audit.export import Account, reason_code
from ledger.domain.clock import signed_at_of
from ledger.domain.flags import Attempt, FlagFacts, Key, Limits, Spending, TillNote
from ledger.domain.ranges import U32
from ledger.domain.redemption import unpack_records, unpack_refused
from ledger.domain.state import VoidTotal
from ledger.errors import CsvInvalid, StepInvalid

BAD_LINES_MAX: Final = 100
LINE_BYTES_MAX: Final = 64 * 1024
DEVICE_LETTERS_MAX: Final = 100


def flag_facts(account: Account, till: TillFile | None = None) -> FlagFacts:
    """A city as the rules see it. Without a till's file, positions and phones are unknown."""
    state = account.state
    limits = {number: Limits.of(each.terms) for number, each in state.campaigns.items()}
    spendings = [each for number in state.books for each in _spendings(account, number, limits)]
    spendings.sort(key=_when)
    return FlagFacts(
        spendings=spendings,
        limits=limits,
        open_hours={number: each.terms.open_hours for number, each in state.campaigns.items()},
        categories={number: each.category for number, each in state.merchants.items()},
        districts={number: each.district for number, each in state.merchants.items()},
        notes={} if till is None else till.notes,
        attempts=[*_attempts(account), *(() if till is None else till.attempts)],
    )


def _when(each: Spending) -> tuple[int, int, int]:
    return each.signed_at, each.pass_number, each.campaign


def _spendings(account: Account, number: int, limits: Mapping[int, Limits]) -> Iterator[Spending]:
    book, limit = account.state.books[number], limits[number]
    starts = account.state.campaigns[number].terms.starts
    for batch in book.batches:
        for record in unpack_records(batch.records):
            undone = book.voids.get((record.pass_number, record.step), VoidTotal()).amount
            yield Spending(
                number,
                record.pass_number,
                record.merchant,
                record.bill,
                record.amount,
                record.amount - undone,
                signed_at_of(starts, record.step),
                limit.reached(record.bill, record.amount),
            )


def _attempts(account: Account) -> Iterator[Attempt]:
    for event, told in account.refused:
        starts = account.state.campaigns[event.campaign].terms.starts
        for record in unpack_refused(event.records):
            try:
                at = signed_at_of(starts, record.step)
            except StepInvalid:
                at = told.block.time
            reason = reason_code(record.reason)
            yield Attempt(event.campaign, record.pass_number, 0, at, reason)


class TillFile:
    """Verdicts as a till hands them out, a JSON object a line: notes and refused attempts.

    A line is a signed verdict (`{"document": …}`), with a `device` beside it where the till tells
    phones apart. Signatures are not checked here: a flag sends a person to the verdict, and
    `nakhon audit verdict` judges that.
    """

    def __init__(self) -> None:
        self.notes: dict[Key, TillNote] = {}
        self.attempts: list[Attempt] = []

    def read(self, lines: Iterable[bytes]) -> None:
        """Take a file's lines. Raises CsvInvalid naming every line that is no verdict."""
        import orjson

        bad: list[dict[str, Any]] = []
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                if len(line) > LINE_BYTES_MAX:
                    raise ValueError(f"longer than {LINE_BYTES_MAX} bytes")
                self._take(orjson.loads(line))
            except (ValueError, KeyError, TypeError) as broken:
                why = f"no verdict: {type(broken).__name__} {str(broken)[:80]}"
                bad.append({"row": number, "line": number, "why": why})
                if len(bad) >= BAD_LINES_MAX:
                    break
        if bad:
            raise CsvInvalid(rows=bad)

    def _take(self, verdict: Mapping[str, Any]) -> None:
        document = verdict["document"]
        campaign = _number(document["campaign"]["number"])
        pass_number = 0 if document["pass"] is None else _number(document["pass"]["number"])
        request, outcome, facts = document["request"], document["outcome"], document["facts"]
        if outcome["accepted"] is not True:
            merchant = _number(request["merchant"])
            now = _number(document["now"], most=2**40)
            self.attempts.append(
                Attempt(campaign, pass_number, merchant, now, str(outcome["code"]))
            )
            return
        device = verdict.get("device")
        if device is not None and (
            not isinstance(device, str) or not 0 < len(device) <= DEVICE_LETTERS_MAX
        ):
            raise ValueError("a device is a short text")
        signed_at = _number(request["signed_at"], most=2**40)
        self.notes[campaign, pass_number, signed_at] = TillNote(
            _metres(facts["distance_metres"]),
            _metres(facts["position_age_seconds"]),
            _metres(facts["accuracy_metres"]),
            device,
        )


def _number(value: Any, *, most: int = U32) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError("a number is out of its range")
    return value


def _metres(value: Any) -> int | None:
    """A figure of a place, which verdicts write as decimal text and may know nothing of."""
    if value is None:
        return None
    if not isinstance(value, int | str) or isinstance(value, bool):
        raise ValueError("a figure is no number")
    return int(value)
