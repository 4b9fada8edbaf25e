"""What officers and contracts did, judged again: by whom, in which order, and when.

Pure. The signatures of redemptions and voids are judged elsewhere (`rejudge`, `voids`).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ledger.audit.calls import BookCall
from ledger.audit.rejudge import Complaint
from ledger.audit.replay import Told
from ledger.chain.deployment import Deployment
from ledger.chain.encoding import functions
from ledger.domain import events
from ledger.domain import settlement_events as settlement
from ledger.domain.campaign import CampaignStatus
from ledger.domain.event import Event
from ledger.domain.hashing import address_bytes, checksum_address
from ledger.domain.listing import list_count, list_hash
from ledger.domain.settled_lines import SettledLine, unpack_lines
from ledger.domain.state import State
from ledger.errors import NodeLied

ADMIN_ROLE: Final = 0

ACTS: Final[dict[type[Event], tuple[str, tuple[str, ...], str]]] = {
    events.CampaignDrafted: ("CouponBook", ("draft",), "officer"),
    events.CampaignApproved: ("CouponBook", ("approve",), "approver"),
    events.CouponsIssued: ("CouponBook", ("issue", "issueList"), "issuer"),
    events.CampaignPaused: ("CouponBook", ("pause",), "by"),
    events.CampaignResumed: ("CouponBook", ("resume",), "by"),
    settlement.DebtCovered: ("CouponBook", ("cover",), "by"),
    settlement.RoundMade: ("SettlementBook", ("make",), "maker"),
    settlement.RoundApproved: ("SettlementBook", ("approve",), "approver"),
    settlement.RoundWithdrawn: ("SettlementBook", ("withdraw",), "by"),
}
"""Events that name who acted: the contract, the functions that leave them, the field."""

_RUNNING: Final = frozenset({CampaignStatus.OPEN, CampaignStatus.PAUSED})
_BEFORE: Final[dict[type[Event], frozenset[CampaignStatus]]] = {
    events.CampaignApproved: frozenset({CampaignStatus.DRAFTED}),
    events.CouponsListed: frozenset({CampaignStatus.APPROVED}),
    events.CouponsIssued: frozenset({CampaignStatus.APPROVED}),
    events.CampaignPaused: frozenset({CampaignStatus.OPEN}),
    events.CampaignResumed: frozenset({CampaignStatus.PAUSED}),
    events.Redeemed: _RUNNING,
    events.RedemptionsRefused: _RUNNING,
    events.CampaignFunded: frozenset(CampaignStatus) - {CampaignStatus.CLOSED},
}
"""In which status a campaign has to be for an event of it."""


def judge_acts(state: State, deployment: Deployment, told: Told) -> Iterator[Complaint]:
    """Yield what is wrong with one event, given the state before it."""
    event = told.event
    at = getattr(event, "at", told.block.time)
    name = type(event).__name__
    if at != told.block.time:
        yield "time_differs", {"event": name, "found": at, "expected": told.block.time}
    if type(event) in ACTS:
        contract, names, field = ACTS[type(event)]
        account = getattr(event, field)
        if not may_call(state, deployment, contract, names, account, told.block.time):
            yield "not_authorised", {"event": name, "account": account, "function": names[0]}
    needed = _BEFORE.get(type(event))
    if needed is not None:
        campaign = state.campaigns.get(getattr(event, "campaign", 0))
        if campaign is not None and campaign.status not in needed:
            status = campaign.status.name.lower()
            yield (
                "out_of_turn",
                {"event": name, "campaign": campaign.number, "status": status},
            )
    match event:
        case events.CouponsIssued():
            yield from _list_is_the_approved_one(state, event.campaign)
        case events.CampaignClosed():
            yield from _closed_in_time(state, event.campaign, told.block.time)
        case settlement.LinesSettled():
            yield from _lines_in_order(event)


def may_call(
    state: State,
    deployment: Deployment,
    contract: str,
    names: Iterable[str],
    account: str,
    at: int,
) -> bool:
    """Whether an account held, at a time, the role that one of a contract's functions needs."""
    target = deployment.contracts[contract].address
    if account == state.authorities.get(target):
        # The manager itself calls only what it was told to by somebody who may.
        return True
    known = functions(contract)
    for name in names:
        role = state.function_roles.get((target, known[name].selector), ADMIN_ROLE)
        grant = state.roles.get(role, {}).get(account)
        if grant is not None and grant.since <= at:
            return True
    return False


def judge_sender(
    state: State, deployment: Deployment, call: BookCall, at: int
) -> Iterator[Complaint]:
    """Yield whether somebody without the sequencer's role brought an ordinary batch."""
    if call.function != "redeem":
        return
    sender = checksum_address(address_bytes(call.sender))
    if not may_call(state, deployment, "CouponBook", ("redeem",), sender, at):
        yield (
            "not_authorised",
            {"event": "Redeemed", "account": sender, "function": call.function},
        )


def _list_is_the_approved_one(state: State, number: int) -> Iterator[Complaint]:
    campaign = state.campaigns.get(number)
    if campaign is None or not campaign.terms.listed:
        return
    words = campaign.list_words or {}
    found = list_hash(words), list_count(words)
    if found != (campaign.terms.list_hash, campaign.terms.list_count):
        yield (
            "list_differs",
            {"campaign": number, "found": found[1], "expected": campaign.terms.list_count},
        )


def _closed_in_time(state: State, number: int, at: int) -> Iterator[Complaint]:
    campaign = state.campaigns.get(number)
    if campaign is None:
        return
    if campaign.status is CampaignStatus.CLOSED or at <= campaign.sweepable_at:
        status = campaign.status.name.lower()
        yield "out_of_turn", {"event": "CampaignClosed", "campaign": number, "status": status}


def _lines_in_order(event: settlement.LinesSettled) -> Iterator[Complaint]:
    sums: dict[int, int] = {}
    lines = lines_in(event.lines)
    for line in lines:
        sums[line.merchant] = sums.get(line.merchant, 0) + line.total
    places = [(line.merchant, line.campaign) for line in lines]
    if places != sorted(set(places)) or min(sums.values(), default=0) <= 0:
        yield "lines_disordered", {"round": event.round, "page": event.page}


def lines_in(packed: bytes) -> list[SettledLine]:
    """The lines of a page. Raises NodeLied for bytes that are none."""
    try:
        return unpack_lines(packed)
    except ValueError as cut:
        raise NodeLied(what=f"settled lines: {cut}") from cut
