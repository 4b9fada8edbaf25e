"""A batch judged again from its calldata, entry by entry, and compared with the chain: pure."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ledger.audit.brisk import Brisk, Record, ordinary
from ledger.audit.signers import NOBODY, entry_offsets, merchants_in
from ledger.domain.hashing import checksum_address
from ledger.domain.reasons import Reason
from ledger.domain.redemption import (
    RECORD,
    RECORD_BYTES,
    Entry,
    RedeemedRecord,
    RefusedRecord,
    read_batch,
    unpack_records,
)
from ledger.domain.rules import Request
from ledger.domain.state import State
from ledger.domain.usage import Usage
from ledger.domain.verdict import judge
from ledger.errors import InputInvalid, StepInvalid

Complaint = tuple[str, Mapping[str, Any]]
"""The code of a finding and its details."""


@dataclass(slots=True, kw_only=True)
class Bench:
    """Where one batch is judged: the state before it, and what its entries have used so far.

    `signers` are the 20 bytes of each entry's signer. `copays` are the tokens that moved to the
    book in its transaction, `(payer, amount)` in order. `brisk` False judges every entry in full.
    """

    state: State
    campaign: int
    now: int
    forced: bool
    signers: bytes
    copays: list[tuple[str, int]]
    brisk: bool = True

    def judge(
        self, batch: bytes, taken: bytes, refused: Sequence[RefusedRecord]
    ) -> Iterator[Complaint]:
        """Yield what is wrong with the outcome that the chain recorded for a readable batch.

        `taken` are the packed records of `Redeemed`. What the chain took counts as spent for the
        entries after it, whether it should have or not.
        """
        offsets = entry_offsets(batch)
        assert offsets is not None, "a batch that can be read"
        count = len(taken) // RECORD_BYTES
        if count + len(refused) != len(offsets):
            figures = {"entries": len(offsets), "taken": count, "refused": len(refused)}
            yield "records_miscounted", {"campaign": self.campaign, **figures}
            return
        campaign = self.state.campaigns[self.campaign]
        quick = Brisk(
            state=self.state,
            campaign=campaign,
            now=self.now,
            batch=batch,
            merchants=merchants_in(batch),
            copays=self.copays,
            spent=campaign.spent,
        )
        plain = self.brisk and ordinary(campaign, forced=self.forced)
        reasons = {record.index: record for record in refused}
        records = RECORD.iter_unpack(taken)
        entries: list[tuple[Entry, int]] = []
        for index, at in enumerate(offsets):
            refusal = reasons.get(index)
            record = None if refusal is not None else next(records, None)
            signer = self.signers[20 * index : 20 * index + 20]
            if plain and record is not None and quick.takes(at, signer, record):
                continue
            entries = entries or read_batch(batch)
            yield from self._in_full(quick, index, entries[index], record, refusal)

    def _in_full(
        self,
        so_far: Brisk,
        index: int,
        entry_and_head: tuple[Entry, int],
        packed: Record | None,
        refusal: RefusedRecord | None,
    ) -> Iterator[Complaint]:
        """Judge an entry by the rules of the domain, and count it as spent where it was taken."""
        entry, head = entry_and_head
        campaign = replace(so_far.campaign, spent=so_far.spent)
        holder = self._holder(index)
        pass_ = None if holder is None else self.state.pass_of(holder)
        number = 0 if pass_ is None else pass_.number
        usage = Usage.unpack(so_far.lane(number))
        verdict = judge(
            campaign,
            pass_,
            self.state.merchants.get(entry.merchant),
            usage,
            self._request(entry, head, holder, refusal),
            self.now,
        )
        record = None if packed is None else unpack_records(RECORD.pack(*packed))[0]
        yield from self._compare(index, entry, head, number, verdict.reason, record, refusal)
        if record is not None:
            daily = campaign.terms.per_day_max != 0
            before = Usage.unpack(so_far.lane(record.pass_number))
            # A record that fits no lane is a contradiction, which the projection names.
            with suppress(InputInvalid, StepInvalid):
                after = before.after_spending(
                    campaign.terms.starts, record.step, record.amount, daily=daily
                )
                so_far.lanes[record.pass_number] = after.pack()
            so_far.spent += record.amount

    def _holder(self, index: int) -> str | None:
        """Who signed an entry; None for nobody."""
        raw = self.signers[20 * index : 20 * index + 20]
        return None if raw == NOBODY else checksum_address(raw)

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
