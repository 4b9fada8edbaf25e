"""Verify the whole chain from an RPC address: every signature, every rule, every satang.

Checked are P1 (each redemption was signed by the holder of the pass it spent), P2 (once: steps only
move forward, one record per entry), P4 (nothing owes more than it holds; tokens in circulation are
tokens funded less tokens settled), and that the contract's rules are the published ones.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from ledger.audit.acts import judge_acts, judge_sender
from ledger.audit.balances import at_end
from ledger.audit.calls import BookCall, book_calls
from ledger.audit.counters import on_chain
from ledger.audit.filed_book import FiledBook, file_books
from ledger.audit.findings import Finding
from ledger.audit.money import judge_money, judge_rounds
from ledger.audit.recovery import Recovery
from ledger.audit.rejudge import Bench, Complaint
from ledger.audit.replay import Chapter, Progress, Told, chapters, silent
from ledger.audit.signers import SignedBatch, entry_offsets
from ledger.audit.voids import judge_void
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain import events
from ledger.domain.blocks import BlockRef
from ledger.domain.projection import State, apply
from ledger.domain.redemption import RECORD_BYTES, REFUSED_BYTES, RefusedRecord, unpack_refused
from ledger.errors import InputInvalid, NodeLied, NodeRefused
from ledger.indexer.spans import SpanSize

CHAPTER_WORDS: Final = 16_000
"""What a chapter's events say, in words of 32 bytes: what two of them weigh is what an audit
weighs, however long the chain."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """A chapter with what was said to the book, and who signed each batch of it."""

    chapter: Chapter
    calls: dict[str, list[BookCall] | None]
    signers: dict[int, bytes]
    """By the identity of a call's batch."""


async def verify(
    gateway: Gateway,
    deployment: Deployment,
    *,
    until: int | None = None,
    progress: Progress = silent,
    processes: int | None = None,
    brisk: bool = True,
) -> Verification:
    """Judge everything again, up to block `until` or the head.

    Signatures are recovered by `processes` (all cores; 0: by this one). `brisk` False judges every
    entry in full: the same findings, slower. Raises NodeLied where the node contradicts itself
    (then there is no chain to judge); what the chain itself did wrong is a finding.
    """
    result = Verification()
    judge = _Judge(deployment=deployment, result=result, brisk=brisk)
    with Recovery(deployment.domain_separator, processes=processes) as recovery:
        async with aclosing(
            _read_ahead(gateway, deployment, recovery, until=until, progress=progress)
        ) as chapters_read:
            async for evidence in chapters_read:
                try:
                    await judge.chapter(evidence)
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


async def _read_ahead(
    gateway: Gateway,
    deployment: Deployment,
    recovery: Recovery,
    *,
    until: int | None,
    progress: Progress,
) -> AsyncGenerator[_Evidence, None]:
    """The chapters with their evidence; the next is gathered while the caller judges one."""
    starts: dict[int, int] = {}
    size = SpanSize(words_target=CHAPTER_WORDS)
    told = chapters(gateway, deployment, until=until, progress=progress, size=size)

    async def gather() -> _Evidence | None:
        chapter = await anext(told, None)
        if chapter is None:
            return None
        for each in chapter.told:
            if isinstance(each.event, events.CampaignDrafted):
                starts[each.event.campaign] = each.event.terms.starts
        return await _evidence(gateway, deployment, recovery, chapter, starts)

    ahead = asyncio.create_task(gather())
    try:
        while (evidence := await ahead) is not None:
            ahead = asyncio.create_task(gather())
            yield evidence
    finally:
        ahead.cancel()
        await asyncio.gather(ahead, return_exceptions=True)
        await told.aclose()


async def _evidence(
    gateway: Gateway,
    deployment: Deployment,
    recovery: Recovery,
    chapter: Chapter,
    starts: Mapping[int, int],
) -> _Evidence:
    spoken = {told.tx_hash: None for told in chapter.told if isinstance(told.event, BookEvent)}
    calls = await book_calls(gateway, deployment, list(spoken))
    batches = [
        call.arguments
        for each in calls.values()
        for call in each or ()
        if call.function != "void" and call.arguments["campaign"] in starts
    ]
    signed = [SignedBatch(of["campaign"], starts[of["campaign"]], of["batch"]) for of in batches]
    found = await recovery.signers(signed)
    signers = {id(of["batch"]): each for of, each in zip(batches, found, strict=True)}
    return _Evidence(chapter=chapter, calls=calls, signers=signers)


@dataclass(slots=True, kw_only=True)
class _Judge:
    """Judges transaction after transaction, and remembers in whose block it stands."""

    deployment: Deployment
    result: Verification
    brisk: bool
    told: list[Told] = field(default_factory=list)

    async def chapter(self, evidence: _Evidence) -> None:
        """Judge a chapter, transaction after transaction."""
        chapter = evidence.chapter
        self.result.head = chapter.last
        self.result.events += len(chapter.told)
        for tx_hash, told in groupby(chapter.told, key=lambda told: told.tx_hash):
            self.transaction(list(told), evidence.calls.get(tx_hash, []), evidence.signers)
            # The next chapter is being read meanwhile.
            await asyncio.sleep(0)

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

    def transaction(
        self, told: list[Told], calls: list[BookCall] | None, signers: Mapping[int, bytes]
    ) -> None:
        """Judge the calls of one transaction, each against the state that it found."""
        self.told, state = told, self.result.state
        self.result.transactions += 1
        waiting = list(told)
        for call in calls or ():
            left, mine = _events_of(call, waiting)
            self._keep(judge_sender(state, self.deployment, call, told[0].block.time))
            self._judge(call, mine, signers)
            waiting = left
            for one in mine:
                self._apply(one)
        for one in waiting:
            if isinstance(one.event, BookEvent):
                code = "calldata_hidden" if calls is None else "event_unexplained"
                self.find(code, {"event": type(one.event).__name__, "campaign": one.event.campaign})
            self._apply(one)
        self._keep(judge_money(state, self.deployment, told))
        self._keep(judge_rounds(told))

    def _apply(self, one: Told) -> None:
        self._keep(judge_acts(self.result.state, self.deployment, one))
        apply(self.result.state, one.event, one.block)
        if isinstance(one.event, events.CampaignDrafted):
            file_books(self.result.state)

    def _judge(self, call: BookCall, mine: list[Told], signers: Mapping[int, bytes]) -> None:
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
            book = self.result.state.books.get(event.campaign)
            if isinstance(book, FiledBook):
                book.expected = call.arguments["batch"], call.arguments["index"]
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
            self._judge_batch(call, mine, signers.get(id(call.arguments["batch"]), b""))

    def _judge_batch(self, call: BookCall, mine: list[Told], signers: bytes) -> None:
        campaign = call.arguments["campaign"]
        taken, refused = _records(mine)
        self.result.redemptions += len(taken) // RECORD_BYTES
        self.result.refusals += len(refused)
        if not signers:
            self.find("contradiction", {"what": f"a batch of campaign {campaign} that is none"})
            return
        self.result.signatures += len(signers) // 20
        book = self.deployment.contracts["CouponBook"].address
        token = self.result.state.campaigns[campaign].terms.token
        bench = Bench(
            state=self.result.state,
            campaign=campaign,
            now=mine[0].block.time,
            forced=call.function == "forceRedeem",
            signers=signers,
            copays=list(_paid_to(book, token, mine)),
            brisk=self.brisk,
        )
        try:
            self._keep(bench.judge(call.arguments["batch"], taken, refused))
        except InputInvalid as unreadable:
            raise NodeLied(what=str(unreadable)) from unreadable


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
    offsets = entry_offsets(batch)
    return 1 if offsets is None else len(offsets)


def _record_count(event: BookEvent) -> int:
    match event:
        case events.Redeemed():
            return len(event.records) // RECORD_BYTES
        case events.RedemptionsRefused():
            return len(event.records) // REFUSED_BYTES
        case events.Voided():
            return 1


def _records(mine: list[Told]) -> tuple[bytes, list[RefusedRecord]]:
    """The packed records of what was taken, and the refusals."""
    taken: list[bytes] = []
    refused: list[RefusedRecord] = []
    for told in mine:
        if isinstance(told.event, events.Redeemed):
            taken.append(told.event.records)
        elif isinstance(told.event, events.RedemptionsRefused):
            refused += unpack_refused(told.event.records)
    return b"".join(taken), refused


def _paid_to(book: str, token: str, mine: list[Told]) -> Iterator[tuple[str, int]]:
    for told in mine:
        event = told.event
        if isinstance(event, events.Transfer) and (event.contract, event.to) == (token, book):
            yield event.from_, event.value
