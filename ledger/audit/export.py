"""Everything the chain says as tables, from an RPC address: no database of the city's, no API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.audit.replay import Progress, Told, chapters, silent
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.domain import events, settlement_events
from ledger.domain.blocks import BlockRef
from ledger.domain.business_days import date_of
from ledger.domain.clock import bangkok_day, signed_at_of, step_of
from ledger.domain.projection import State, apply
from ledger.domain.reasons import Reason
from ledger.domain.redemption import redemption_id, unpack_records, unpack_refused
from ledger.domain.settled_lines import SettledLine, unpack_lines
from ledger.domain.state import VoidTotal
from ledger.domain.vocabulary import CATEGORIES, CLASSES
from ledger.errors import NodeLied, StepInvalid

Row = tuple[Any, ...]
Standing = tuple[int, int, int, int]
"""Class and district of a pass, category and district of a shop, when a redemption was taken."""


@dataclass(slots=True, kw_only=True)
class Account:
    """A chain as it was read: the state its events come to, and what the state forgets.

    `standings` hold one tuple for each record of a batch, many of them the same object.
    """

    deployment: Deployment
    state: State = field(default_factory=State)
    hashes: dict[tuple[int, int], str] = field(default_factory=dict)
    standings: dict[tuple[int, int], list[Standing]] = field(default_factory=dict)
    refused: list[tuple[events.RedemptionsRefused, Told]] = field(default_factory=list)
    voids: list[tuple[events.Voided, Told]] = field(default_factory=list)
    others: list[Told] = field(default_factory=list)
    _shared: dict[Standing, Standing] = field(default_factory=dict, repr=False)

    def take(self, told: Told) -> None:
        """Move by one event. Raises as `projection.apply`."""
        apply(self.state, told.event, told.block)
        event = told.event
        if isinstance(event, events.Redeemed):
            key = (event.campaign, event.batch)
            self.hashes[key] = told.tx_hash
            self.standings[key] = [self._standing(each) for each in unpack_records(event.records)]
        elif isinstance(event, events.RedemptionsRefused):
            self.refused.append((event, told))
        elif isinstance(event, events.Voided):
            self.voids.append((event, told))
        elif type(event).__module__ == settlement_events.__name__:
            self.others.append(told)

    def _standing(self, record: Any) -> Standing:
        try:
            pass_ = self.state.passes[record.pass_number]
            merchant = self.state.merchants[record.merchant]
        except KeyError as unknown:
            raise NodeLied(what=f"a redemption of nobody or at no shop: {unknown}") from unknown
        standing = (pass_.class_, pass_.district, merchant.category, merchant.district)
        return self._shared.setdefault(standing, standing)

    def redemption(self, campaign: int, pass_number: int, step: int) -> str:
        """The id of a redemption, as it stands on its receipt."""
        return redemption_id(self.deployment.domain_separator, campaign, pass_number, step)

    def redemption_of(self, key: tuple[int, int, int]) -> str:
        """The id of the redemption that a pass signed for a campaign at a time: that key."""
        campaign, pass_number, signed_at = key
        step = step_of(self.state.campaigns[campaign].terms.starts, signed_at)
        return self.redemption(campaign, pass_number, step)


async def read_account(
    gateway: Gateway,
    deployment: Deployment,
    *,
    until: int | None = None,
    progress: Progress = silent,
) -> Account:
    """Read the chain up to block `until` or the head. Raises as `chapters` does."""
    account = Account(deployment=deployment)
    async for chapter in chapters(gateway, deployment, until=until, progress=progress):
        for told in chapter.told:
            account.take(told)
        account.state.head = chapter.last
    return account


def rows_of(account: Account, table: str) -> Iterator[Row]:
    """Yield the rows of a table, in the order of its columns and of the chain.

    Raises KeyError for a table there is not.
    """
    return _ROWS[table](account)


def _place(told: Told) -> tuple[int, str]:
    return told.block.number, told.tx_hash


def _date(day: int) -> str:
    return date_of(day).isoformat()


def _redemptions(account: Account) -> Iterator[Row]:
    for number, book in account.state.books.items():
        starts = account.state.campaigns[number].terms.starts
        for batch in book.batches:
            key, block = (number, batch.number), batch.block
            for position, (record, (class_, district, category, of_shop)) in enumerate(
                zip(unpack_records(batch.records), account.standings[key], strict=True)
            ):
                signed_at = signed_at_of(starts, record.step)
                undone = book.voids.get((record.pass_number, record.step), VoidTotal())
                yield (
                    account.redemption(number, record.pass_number, record.step),
                    number, batch.number, position, record.pass_number, record.merchant,
                    record.bill, record.amount, record.copay, signed_at,
                    _date(bangkok_day(signed_at)), record.unnamed, undone.amount, undone.copay,
                    CLASSES.word(class_).name, district, CATEGORIES.word(category).name, of_shop,
                    block.time, block.number, account.hashes[key],
                )  # fmt: skip


def _voids(account: Account) -> Iterator[Row]:
    for event, told in account.voids:
        yield (
            account.redemption_of((event.campaign, event.pass_, event.signed_at)),
            event.campaign, event.pass_, event.merchant, event.amount, event.copay,
            event.signed_at, event.voided_at, _date(bangkok_day(event.voided_at)),
            told.block.time, *_place(told),
        )  # fmt: skip


def _refusals(account: Account) -> Iterator[Row]:
    for event, told in account.refused:
        starts = account.state.campaigns[event.campaign].terms.starts
        for record in unpack_refused(event.records):
            yield (
                event.campaign, record.index, reason_code(record.reason),
                record.pass_number or None, record.amount, _signed_at(starts, record.step),
                told.block.time, *_place(told),
            )  # fmt: skip


def reason_code(number: int) -> str:
    """The word of a reason the contract gave; a number nobody agreed on reads as itself."""
    try:
        return Reason(number).code
    except ValueError:
        return str(number)


def _signed_at(starts: int, step: int) -> int | None:
    try:
        return signed_at_of(starts, step)
    except StepInvalid:
        return None


def _campaigns(account: Account) -> Iterator[Row]:
    for campaign in account.state.campaigns.values():
        terms = campaign.terms
        yield (
            campaign.number, campaign.status.name.lower(), campaign.funded, campaign.spent,
            terms.starts, terms.ends, terms.share_basis_points, terms.allowance,
            terms.per_use_max, terms.per_day_max, terms.bill_min, "0x" + terms.policy_hash.hex(),
            campaign.drafted_by, campaign.approved_by, campaign.issued_by,
        )  # fmt: skip


def _contributions(account: Account) -> Iterator[Row]:
    for number, book in account.state.books.items():
        for given in book.contributions:
            yield number, given.number, given.funder, given.amount, given.returned


def _merchants(account: Account) -> Iterator[Row]:
    took: dict[int, list[int]] = {}
    for book in account.state.books.values():
        for number, credit in book.credits.items():
            sums = took.setdefault(number, [0, 0, 0, 0])
            for position, part in enumerate(
                (credit.amount, credit.copay, credit.paid, credit.owed)
            ):
                sums[position] += part
    for merchant in account.state.merchants.values():
        yield (
            merchant.number, merchant.status.name.lower(), CATEGORIES.word(merchant.category).name,
            merchant.district, merchant.payout, *took.get(merchant.number, (0, 0, 0, 0)),
        )  # fmt: skip


def _passes(account: Account) -> Iterator[Row]:
    for pass_ in account.state.passes.values():
        yield (
            pass_.number, pass_.status.name.lower(), account.state.numbers[pass_.number],
            CLASSES.word(pass_.class_).name, pass_.district, pass_.valid_from or None,
            pass_.valid_until or None,
        )  # fmt: skip


def _rounds(account: Account) -> Iterator[Row]:
    made: dict[int, settlement_events.RoundMade] = {}
    status: dict[int, str] = {}
    approver: dict[int, str] = {}
    settled: dict[int, int] = {}
    for told in account.others:
        match told.event:
            case settlement_events.RoundMade() as event:
                made[event.round], status[event.round] = event, "made"
            case settlement_events.RoundApproved() as event:
                approver[event.round], status[event.round] = event.approver, "approved"
            case settlement_events.RoundWithdrawn() as event:
                status[event.round] = "withdrawn"
            case settlement_events.RoundSettled() as event:
                settled[event.round], status[event.round] = event.at, "settled"
            case _:
                pass
    for number, event in made.items():
        yield (
            number, status[number], _date(event.day), event.pages, event.total, event.maker,
            approver.get(number), "0x" + event.lines_hash.hex(),
            "0x" + event.document_hash.hex(), event.at, settled.get(number),
        )  # fmt: skip


def _round_lines(account: Account) -> Iterator[Row]:
    returned = {
        (told.event.round, told.event.page, told.event.merchant)
        for told in account.others
        if isinstance(told.event, settlement_events.PaymentReturned)
    }
    for told in account.others:
        event = told.event
        if not isinstance(event, settlement_events.LinesSettled):
            continue
        for line in _lines(event):
            yield (
                event.round, event.page, line.campaign, line.merchant, line.amount, line.copay,
                (event.round, event.page, line.merchant) in returned, told.block.time,
                *_place(told),
            )  # fmt: skip


def _lines(event: settlement_events.LinesSettled) -> list[SettledLine]:
    try:
        return unpack_lines(event.lines)
    except ValueError as cut:
        raise NodeLied(what=f"lines of round {event.round}: {cut}") from cut


def _bank_files(account: Account) -> Iterator[Row]:
    for told in account.others:
        if isinstance(event := told.event, settlement_events.FileRecorded):
            yield (
                event.round, "0x" + event.file_hash.hex(), event.payments, event.total,
                told.block.time, *_place(told),
            )  # fmt: skip


def _covered_debts(account: Account) -> Iterator[Row]:
    for told in account.others:
        if isinstance(event := told.event, settlement_events.DebtCovered):
            yield (
                event.campaign, event.merchant, event.by, event.amount, told.block.time,
                *_place(told),
            )  # fmt: skip


def _anchors(account: Account) -> Iterator[Row]:
    for told in account.others:
        if isinstance(event := told.event, settlement_events.DayAnchored):
            yield (
                _date(event.day), "0x" + event.root.hex(), event.leaves, event.amount, event.copay,
                "0x" + event.staff_head.hex(), told.block.time, *_place(told),
            )  # fmt: skip


def _roles(account: Account) -> Iterator[Row]:
    state = account.state
    for role, members in sorted(state.roles.items()):
        for member, grant in members.items():
            yield str(role), state.role_labels.get(role), member, grant.since, grant.delay


_ROWS: Final[dict[str, Callable[[Account], Iterator[Row]]]] = {
    "redemptions": _redemptions,
    "voids": _voids,
    "refusals": _refusals,
    "campaigns": _campaigns,
    "contributions": _contributions,
    "merchants": _merchants,
    "passes": _passes,
    "rounds": _rounds,
    "round_lines": _round_lines,
    "bank_files": _bank_files,
    "covered_debts": _covered_debts,
    "anchors": _anchors,
    "roles": _roles,
}


def head_of(account: Account) -> BlockRef:
    """The last block that was read."""
    assert account.state.head is not None, "an account is read up to a block"
    return account.state.head
