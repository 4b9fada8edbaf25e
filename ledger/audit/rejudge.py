"""A batch judged again from its calldata, entry by entry, and compared with the chain: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.domain.clock import STEP_SECONDS
from ledger.domain.hashing import checksum_address
from ledger.domain.ranges import U21
from ledger.domain.reasons import Reason
from ledger.domain.redemption import UNNAMED, Entry, RedeemedRecord, RefusedRecord
from ledger.domain.rules import Request
from ledger.domain.signatures import recover_raw
from ledger.domain.state import State
from ledger.domain.typed_data import redemption_digest
from ledger.domain.usage import Usage
from ledger.domain.verdict import judge
from ledger.errors import SignatureInvalid

Complaint = tuple[str, Mapping[str, Any]]
"""The code of a finding and its details."""


@dataclass(slots=True, kw_only=True)
class Bench:
    """Where one batch is judged: the state before it, and what its entries have used so far.

    `copays` are the tokens that moved to the book in its transaction, `(payer, amount)` in order.
    """

    state: State
    campaign: int
    separator: bytes
    now: int
    forced: bool
    copays: list[tuple[str, int]]

    def judge(
        self,
        entries: Sequence[tuple[Entry, int]],
        taken: Sequence[RedeemedRecord],
        refused: Sequence[RefusedRecord],
    ) -> Iterator[Complaint]:
        """Yield what is wrong with the outcome that the chain recorded for these entries.

        What the chain took counts as spent for the entries after it, whether it should have or not.
        """
        if len(taken) + len(refused) != len(entries):
            yield (
                "records_miscounted",
                {
                    "campaign": self.campaign,
                    "entries": len(entries),
                    "taken": len(taken),
                    "refused": len(refused),
                },
            )
            return
        reasons = {record.index: record for record in refused}
        records = iter(taken)
        campaign = self.state.campaigns[self.campaign]
        usages: dict[int, Usage] = {}
        for index, (entry, head) in enumerate(entries):
            refusal = reasons.get(index)
            record = None if refusal is not None else next(records, None)
            holder = self.holder_of(entry, head)
            pass_ = None if holder is None else self.state.pass_of(holder)
            number = 0 if pass_ is None else pass_.number
            usage = usages.get(number) or self.state.usage_of(self.campaign, number)
            verdict = judge(
                campaign,
                pass_,
                self.state.merchants.get(entry.merchant),
                usage,
                self._request(entry, head, holder, refusal),
                self.now,
            )
            yield from self._compare(index, entry, head, number, verdict.reason, record, refusal)
            if record is not None:
                starts = campaign.terms.starts
                daily = campaign.terms.per_day_max != 0
                usages[number] = usage.after_spending(
                    starts, record.step, record.amount, daily=daily
                )
                campaign = replace(campaign, spent=campaign.spent + record.amount)

    def holder_of(self, entry: Entry, head: int) -> str | None:
        """Who signed an entry; None for nobody."""
        if head & U21 == 0 or head & ~(UNNAMED | U21):
            return None
        starts = self.state.campaigns[self.campaign].terms.starts
        signed = entry.signed(self.campaign, starts + (entry.step - 1) * STEP_SECONDS)
        try:
            raw = recover_raw(redemption_digest(self.separator, signed), entry.r, entry.vs)
        except SignatureInvalid:
            return None
        return checksum_address(raw)

    def _request(
        self, entry: Entry, head: int, holder: str | None, refusal: RefusedRecord | None
    ) -> Request:
        starts = self.state.campaigns[self.campaign].terms.starts
        funds = self._copay_funds(entry, holder, refusal)
        return Request.of_entry(entry, head, starts, forced=self.forced, copay_funds=funds)

    def _copay_funds(self, entry: Entry, holder: str | None, refusal: RefusedRecord | None) -> int:
        """What the token would have paid. Only what was taken was paid for, in the order of the
        entries; of what was refused the chain alone knows, and says so by its reason."""
        if refusal is not None:
            return 0 if refusal.reason == Reason.COPAY_UNPAID else entry.copay
        if entry.copay and self.copays and self.copays[0] == (holder, entry.copay):
            return self.copays.pop(0)[1]
        return 0

    def _compare(
        self,
        index: int,
        entry: Entry,
        head: int,
        number: int,
        expected: Reason | None,
        record: RedeemedRecord | None,
        refusal: RefusedRecord | None,
    ) -> Iterator[Complaint]:
        place: dict[str, Any] = {"campaign": self.campaign, "index": index, "pass_number": number}
        if record is not None:
            due = RedeemedRecord(
                pass_number=number,
                merchant=entry.merchant,
                bill=entry.bill,
                amount=entry.amount,
                copay=entry.copay,
                step=entry.step,
                unnamed=entry.maximum is not None,
            )
            if expected is Reason.SIGNATURE_INVALID or number != record.pass_number:
                yield "no_consent", place | {"pass_number": record.pass_number}
            elif expected is not None:
                yield "rule_broken", place | {"reason": expected.code}
            elif record != due:
                yield "record_differs", place | {"found": record, "expected": due}
        elif refusal is not None:
            code = _code(refusal.reason)
            told = (refusal.pass_number, refusal.head, refusal.amount)
            if expected is None:
                yield "refused_wrongly", place | {"reason": code}
            elif expected.code != code:
                yield "reason_differs", place | {"reason": code, "expected": expected.code}
            elif told != (number, head, entry.amount):
                yield "record_differs", place | {"found": told, "expected": (number, head)}


def _code(reason: int) -> str:
    try:
        return Reason(reason).code
    except ValueError:
        return str(reason)
