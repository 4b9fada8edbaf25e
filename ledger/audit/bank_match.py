"""The bank's files against the chain's rounds, payment by payment: pure."""

from collections.abc import Iterator, Sequence

from ledger.audit.bank_papers import BankPaper
from ledger.audit.findings import Finding
from ledger.domain.bank_answer import PaymentStatus
from ledger.domain.settled_lines import unpack_lines
from ledger.domain.state import RoundBook, RoundStatus, State

Placed = list[tuple[BankPaper, int | None]]
"""Each file with the round it belongs to on the chain."""


def match_papers(placed: Placed, state: State, papers: Sequence[BankPaper]) -> Iterator[Finding]:
    """Yield every difference between the files and the settled rounds, and put each file with its
    round into `placed`. Without any file nothing is said of the bank."""
    settled = [one for one in state.rounds.values() if one.status is RoundStatus.SETTLED]
    by_file = {file.hash: found for found in settled for file in found.files}
    rounds: dict[str, tuple[RoundBook, BankPaper]] = {}
    outcomes: dict[int, dict[int, PaymentStatus]] = {}
    for paper in papers:
        if paper.fault:
            placed.append((paper, None))
            yield _finding("paper_unreadable", paper, why=paper.fault)
        elif paper.answer is None:
            found = by_file.get(paper.digest)
            placed.append((paper, None if found is None else found.number))
            if found is None:
                yield _finding("paper_unrecorded", paper, digest=paper.digest.hex())
                found = _meant(settled, paper)
            if found is not None:
                rounds.setdefault(paper.reference, (found, paper))
                yield from _payout_differs(found, paper)
    for paper in papers:
        if paper.answer is not None:
            known = rounds.get(paper.reference)
            placed.append((paper, None if known is None else known[0].number))
            if known is None:
                yield _finding("answer_unmatched", paper, reference=paper.reference)
            else:
                yield from _answer_differs(*known, paper, outcomes)
    if papers:
        yield from _without_paper(settled, {found.number for found, _ in rounds.values()})
    for number, said in outcomes.items():
        yield from _returns_differ(state.rounds[number], said)


def paid_by(found: RoundBook) -> dict[int, int]:
    """What each merchant is paid by a round's pages, in satang."""
    sums: dict[int, int] = {}
    for page in found.pages:
        for line in unpack_lines(page):
            sums[line.merchant] = sums.get(line.merchant, 0) + line.total
    return sums


def _finding(code: str, paper: BankPaper, **details: object) -> Finding:
    return Finding(code=code, details={"file": paper.name, **details})


def _meant(settled: Sequence[RoundBook], paper: BankPaper) -> RoundBook | None:
    """The round an unrecorded file is nearest to: by payments that are the same, then by shops."""
    wanted = {(each.merchant, each.amount) for each in paper.payments}
    shops = {merchant for merchant, _ in wanted}

    def likeness(found: RoundBook) -> tuple[int, int]:
        paid = paid_by(found)
        return len(wanted & set(paid.items())), len(shops & set(paid))

    best = max(settled, key=likeness, default=None)
    return best if best is not None and likeness(best) != (0, 0) else None


def _payout_differs(found: RoundBook, paper: BankPaper) -> Iterator[Finding]:
    due = paid_by(found)
    ordered: dict[int | None, int] = {}
    for each in paper.payments:
        ordered[each.merchant] = ordered.get(each.merchant, 0) + each.amount
    for merchant in sorted({*due, *ordered}, key=lambda one: one or 0):
        right, told = due.get(merchant or 0, 0), ordered.get(merchant, 0)
        if right != told:
            yield _finding(
                "payment_differs",
                paper,
                round=found.number,
                merchant=merchant,
                expected=right,
                found=told,
            )
    for recorded in found.files:
        if recorded.hash == paper.digest and (
            (recorded.payments, recorded.total) != (len(paper.payments), paper.total)
        ):
            yield _finding(
                "paper_miscounted",
                paper,
                payments=len(paper.payments),
                total=paper.total,
                recorded=f"{recorded.payments} / {recorded.total}",
            )


def _answer_differs(
    found: RoundBook,
    payout: BankPaper,
    paper: BankPaper,
    outcomes: dict[int, dict[int, PaymentStatus]],
) -> Iterator[Finding]:
    answer = paper.answer
    assert answer is not None
    ordered = {each.reference: each for each in payout.payments}
    said = outcomes.setdefault(found.number, {})
    if answer.whole is not None:
        said |= {one.merchant: answer.whole for one in payout.payments if one.merchant is not None}
    for outcome in answer.outcomes:
        due = ordered.get(outcome.reference)
        if due is None or outcome.amount not in (None, due.amount):
            yield _finding(
                "answer_differs",
                paper,
                reference=outcome.reference,
                expected=0 if due is None else due.amount,
                found=outcome.amount,
            )
        elif due.merchant is not None:
            said[due.merchant] = outcome.status
    for told, there in (
        (answer.sent_count, len(payout.payments)),
        (answer.sent_total, payout.total),
    ):
        if told not in (None, there):
            yield _finding(
                "answer_differs", paper, reference=answer.reference, expected=there, found=told
            )


def _without_paper(settled: Sequence[RoundBook], given: set[int]) -> Iterator[Finding]:
    for found in settled:
        if found.number not in given:
            details = {"round": found.number, "total": found.total}
            yield Finding(code="round_without_file", details=details)


def _returns_differ(found: RoundBook, said: dict[int, PaymentStatus]) -> Iterator[Finding]:
    """What the bank returned and what the chain has back, both ways."""
    returned = {one for one, status in said.items() if status is PaymentStatus.RETURNED}
    for merchant in sorted(returned ^ set(found.returned)):
        code = "return_unrecorded" if merchant in returned else "return_unexplained"
        yield Finding(code=code, details={"round": found.number, "merchant": merchant})
