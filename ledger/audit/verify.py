"""Verify the whole chain from an RPC address: every signature, every rule, every satang.

Checked are P1 (each redemption was signed by the holder of the pass it spent), P2 (once: steps only
move forward, one record per entry), P4 (nothing owes more than it holds; tokens in circulation are
tokens funded less tokens settled), and that the contract's rules are the published ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from ledger.audit.balances import at_end, on_chain
from ledger.audit.calls import BookCall, book_calls
from ledger.audit.findings import Finding
from ledger.audit.rejudge import Bench, Complaint
from ledger.audit.replay import Progress, Told, chapters, silent
from ledger.audit.voids import judge_void
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain import events
from ledger.domain.blocks import BlockRef
from ledger.domain.projection import State, apply
from ledger.domain.redemption import (
    RECORD_BYTES,
    REFUSED_BYTES,
    RedeemedRecord,
    RefusedRecord,
    read_batch,
    unpack_records,
    unpack_refused,
)
from ledger.errors import InputInvalid, NodeLied, NodeRefused

BookEvent = events.Redeemed | events.RedemptionsRefused | events.Voided


@dataclass(slots=True, kw_only=True)
class Verification:
    """What was read and what was found. No findings means: the chain keeps its promises.

    `counters_compared` is False only for a past block whose states the node has forgotten.
    """

    head: BlockRef | None = None
    events: int = 0
    transactions: int = 0
    redemptions: int = 0
    refusals: int = 0
    voids: int = 0
    signatures: int = 0
    counters_compared: bool = False
    findings: list[Finding] = field(default_factory=list)
    state: State = field(default_factory=State)

    @property
    def agrees(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


async def verify(
    gateway: Gateway,
    deployment: Deployment,
    *,
    until: int | None = None,
    progress: Progress = silent,
) -> Verification:
    """Judge everything again, up to block `until` or the head.

    Raises NodeLied where the node contradicts itself (then there is no chain to judge); what the
    chain itself did wrong is a finding.
    """
    result = Verification()
    judge = _Judge(deployment=deployment, result=result)
    async for chapter in chapters(gateway, deployment, until=until, progress=progress):
        result.head, result.events = chapter.last, result.events + len(chapter.told)
        spoken = {told.tx_hash: None for told in chapter.told if isinstance(told.event, BookEvent)}
        calls = await book_calls(gateway, deployment, list(spoken))
        for tx_hash, told in groupby(chapter.told, key=lambda told: told.tx_hash):
            try:
                judge.transaction(list(told), calls.get(tx_hash, []))
            except NodeLied as contradiction:
                # A state with a hole in it would only breed false findings.
                judge.find("contradiction", contradiction.details)
                return result
    result.findings += at_end(result.state, deployment)
    assert result.head is not None, "chapters end with a block or an error"
    result.state.head = result.head
    try:
        result.findings += await on_chain(gateway, deployment, result.state, result.head.number)
        result.counters_compared = True
    except NodeRefused:
        # Only archive nodes still have the states of a past block.
        if until is None:
            raise
    return result


@dataclass(slots=True, kw_only=True)
class _Judge:
    """Judges transaction after transaction, and remembers in whose block it stands."""

    deployment: Deployment
    result: Verification
    told: list[Told] = field(default_factory=list)

    def find(self, code: str, details: object) -> None:
        """Keep a finding of the transaction at hand."""
        assert isinstance(details, dict)
        first = self.told[0] if self.told else None
        self.result.findings.append(
            Finding(
                code=code,
                details=details,
                block=first.block.number if first else None,
                tx_hash=first.tx_hash if first else None,
            )
        )

    def _keep(self, complaints: Iterable[Complaint]) -> None:
        for code, details in complaints:
            self.find(code, dict(details))

    def transaction(self, told: list[Told], calls: list[BookCall] | None) -> None:
        """Judge the calls of one transaction, each against the state that it found."""
        self.told, state = told, self.result.state
        self.result.transactions += 1
        waiting = list(told)
        for call in calls or ():
            left, mine = _events_of(call, waiting)
            self._judge(call, mine)
            waiting = left
            for one in mine:
                apply(state, one.event, one.block)
        for one in waiting:
            if isinstance(one.event, BookEvent):
                code = "calldata_hidden" if calls is None else "event_unexplained"
                self.find(code, {"event": type(one.event).__name__, "campaign": one.event.campaign})
            apply(state, one.event, one.block)

    def _judge(self, call: BookCall, mine: list[Told]) -> None:
        spoken = [one.event for one in mine if isinstance(one.event, BookEvent)]
        if not spoken:
            self.find(
                "event_missing",
                {"function": call.function, "campaign": call.arguments["campaign"]},
            )
        elif call.function == "void":
            self.result.voids += 1
            self.result.signatures += 1
            (event,) = spoken
            assert isinstance(event, events.Voided)
            self._keep(
                judge_void(
                    self.result.state,
                    self.deployment.domain_separator,
                    mine[0].block.time,
                    call.arguments,
                    event,
                )
            )
        else:
            self._judge_batch(call, mine)

    def _judge_batch(self, call: BookCall, mine: list[Told]) -> None:
        campaign = call.arguments["campaign"]
        taken, refused = _records(mine)
        self.result.redemptions += len(taken)
        self.result.refusals += len(refused)
        try:
            entries = read_batch(call.arguments["batch"])
        except InputInvalid as invalid:
            self.find("contradiction", {"what": f"a batch was taken that is none: {invalid}"})
            return
        self.result.signatures += len(entries)
        book = self.deployment.contracts["CouponBook"].address
        token = self.result.state.campaigns[campaign].terms.token
        bench = Bench(
            state=self.result.state,
            campaign=campaign,
            separator=self.deployment.domain_separator,
            now=mine[0].block.time,
            forced=call.function == "forceRedeem",
            copays=list(_paid_to(book, token, mine)),
        )
        self._keep(bench.judge(entries, taken, refused))


def _events_of(call: BookCall, waiting: list[Told]) -> tuple[list[Told], list[Told]]:
    """What is left of a transaction's events after those of its next call, and the latter.

    A void leaves one `Voided`; a batch one `Redeemed`, one `RedemptionsRefused`, or both in this
    order, and as many records in them as it has entries.
    """
    campaign, last = call.arguments["campaign"], -1
    entries = 1 if call.function == "void" else _entry_count(call.arguments["batch"])
    wanted: list[type[events.Event]] = (
        [events.Voided] if call.function == "void" else [events.Redeemed, events.RedemptionsRefused]
    )
    for position, told in enumerate(waiting):
        if not isinstance(told.event, BookEvent):
            continue
        if type(told.event) not in wanted or told.event.campaign != campaign or entries <= 0:
            break
        wanted = wanted[wanted.index(type(told.event)) + 1 :]
        entries -= _record_count(told.event)
        last = position
    return waiting[last + 1 :], waiting[: last + 1]


def _entry_count(batch: bytes) -> int:
    try:
        return len(read_batch(batch))
    except InputInvalid:
        return 1


def _record_count(event: BookEvent) -> int:
    match event:
        case events.Redeemed():
            return len(event.records) // RECORD_BYTES
        case events.RedemptionsRefused():
            return len(event.records) // REFUSED_BYTES
        case events.Voided():
            return 1


def _records(mine: list[Told]) -> tuple[list[RedeemedRecord], list[RefusedRecord]]:
    taken: list[RedeemedRecord] = []
    refused: list[RefusedRecord] = []
    for told in mine:
        if isinstance(told.event, events.Redeemed):
            taken += unpack_records(told.event.records)
        elif isinstance(told.event, events.RedemptionsRefused):
            refused += unpack_refused(told.event.records)
    return taken, refused


def _paid_to(book: str, token: str, mine: list[Told]) -> Iterator[tuple[str, int]]:
    for told in mine:
        event = told.event
        if isinstance(event, events.Transfer) and (event.contract, event.to) == (token, book):
            yield event.from_, event.value
