"""A campaign's life as orders: draft, approve, issue, fund, pause, resume, sweep."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_money, index_reads, lists, policies
from ledger.db.index_doubts import doubt_of
from ledger.db.policies import StoredPolicy
from ledger.db.tables_till import Intent
from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.hashing import keccak
from ledger.domain.listing import list_hash, words_of
from ledger.domain.policy import parse_policy, policy_terms
from ledger.domain.policy_document import Policy
from ledger.errors import (
    InputInvalid,
    IssuingStopped,
    ListInvalid,
    NotFound,
    UnknownCampaign,
    WrongState,
)
from ledger.services.csv_rows import read_pass_list
from ledger.services.officers import refuse_same_person
from ledger.services.orders import Order, account, place_orders
from ledger.services.runtime import Runtime

DRAFT = "draft"
APPROVE = "approve"
ISSUE = "issue"
ISSUE_LIST = "issue_list"
ALLOW = "allow"
FUND = "fund"
PAUSE = "pause"
RESUME = "resume"
SWEEP = "sweep"
MINT = "mint"

WORDS_AT_ONCE: Final = 256
GAP_WORDS_MAX: Final = 8
"""Zero words between two runs are cheaper to send than another transaction, up to here."""

SWEEP_AT_ONCE: Final = 50
REFERENCE_BYTES: Final = 32
UINT96_MAX: Final = 2**96 - 1


async def keep_policy(session: AsyncSession, document: bytes, *, now: int) -> Policy:
    """Read a policy and keep its canonical bytes. Raises PolicyInvalid."""
    policy = parse_policy(document)
    stored = StoredPolicy(
        hash="0x" + policy.hash.hex(),
        canonical=policy.canonical,
        name_th=policy.name.th,
        name_en=policy.name.en,
    )
    await policies.keep_policy(session, stored, now=now)
    return policy


async def policy_with(session: AsyncSession, policy_hash: str) -> Policy | None:
    """A policy that was kept; None for a hash whose document nobody has brought here."""
    stored = await policies.find_policy(session, policy_hash.lower())
    return None if stored is None else parse_policy(stored.canonical)


async def keep_list(
    session: AsyncSession, table: bytes, *, uploaded_by: str, now: int
) -> tuple[str, int, str]:
    """Keep an uploaded list of passes whole: its id, how many, and its hash. Raises ListInvalid
    naming every bad line."""
    numbers = read_pass_list(table)
    named = "0x" + list_hash(words_of(numbers)).hex()
    list_id = await lists.keep_list(
        session, numbers, list_hash=named, uploaded_by=uploaded_by, now=now
    )
    return list_id, len(numbers), named


async def draft(
    session: AsyncSession,
    runtime: Runtime,
    policy: Policy,
    listed: Sequence[int] | str | None,
    *,
    requested_by: str,
    now: int,
) -> Intent:
    """Order a campaign to be drafted from a policy, for the list it binds where it binds one.

    `listed` is pass numbers or the id of an uploaded list. Raises ListInvalid when it is not the
    list the policy binds; NotFound for an unknown list.
    """
    words = await _list_words(session, listed, requested_by=requested_by, now=now)
    order = Order(
        kind=DRAFT,
        signer="campaign_officer",
        contract="CouponBook",
        function="draft",
        arguments=[policy_terms(policy, runtime.token, words)],
        about={"policy": "0x" + policy.hash.hex(), "name_th": policy.name.th},
    )
    (intent,) = await place_orders(session, runtime, [order], requested_by=requested_by, now=now)
    return intent


async def _list_words(
    session: AsyncSession, listed: Sequence[int] | str | None, *, requested_by: str, now: int
) -> Mapping[int, int] | None:
    if listed is None:
        return None
    if isinstance(listed, str):
        numbers = await lists.list_numbers(session, listed)
        if not numbers:
            raise NotFound(what="list", which=listed[:40])
        return words_of(numbers)
    words = words_of(listed)
    named = "0x" + list_hash(words).hex()
    await lists.keep_list(
        session, sorted(listed), list_hash=named, uploaded_by=requested_by, now=now
    )
    return words


async def campaign_numbered(session: AsyncSession, runtime: Runtime, number: int) -> Campaign:
    """A campaign as the index has it. Raises UnknownCampaign."""
    campaign = await index_reads.campaign_of(session, runtime.chain_id, number)
    if campaign is None:
        raise UnknownCampaign(campaign=number)
    return campaign


async def _expect(
    session: AsyncSession, runtime: Runtime, number: int, *expected: CampaignStatus
) -> Campaign:
    campaign = await campaign_numbered(session, runtime, number)
    if campaign.status not in expected:
        raise WrongState(
            what=f"campaign {number}",
            state=campaign.status.name.lower(),
            needs=expected[0].name.lower(),
        )
    return campaign


async def refuse_in_doubt(session: AsyncSession, runtime: Runtime) -> None:
    """Raise IssuingStopped while the index is known to differ from the chain: who is to be given
    something is read from it."""
    doubt = await doubt_of(session, runtime.chain_id)
    if doubt is not None:
        raise IssuingStopped(what=doubt.what, since=doubt.since)


async def approve(
    session: AsyncSession, runtime: Runtime, number: int, *, requested_by: str, now: int
) -> list[Intent]:
    """Order a draft's approval. Raises UnknownCampaign, WrongState; SamePerson for its drafter;
    IssuingStopped while the index is in doubt."""
    await refuse_in_doubt(session, runtime)
    await _expect(session, runtime, number, CampaignStatus.DRAFTED)
    await refuse_same_person(session, number, step="approve", requested_by=requested_by)
    order = _plain(APPROVE, "approver", "approve", number)
    return await place_orders(session, runtime, [order], requested_by=requested_by, now=now)


async def issue(
    session: AsyncSession, runtime: Runtime, number: int, *, requested_by: str, now: int
) -> list[Intent]:
    """Order the coupons' issue: to everyone at once, to a list word by word.

    Raises UnknownCampaign, WrongState; SamePerson for who drafted or approved it; ListInvalid
    where the list's passes were never uploaded; IssuingStopped while the index is in doubt.
    """
    await refuse_in_doubt(session, runtime)
    campaign = await _expect(session, runtime, number, CampaignStatus.APPROVED)
    await refuse_same_person(session, number, step="issue", requested_by=requested_by)
    if not campaign.terms.listed:
        orders = [_plain(ISSUE, "issuer", "issue", number)]
    else:
        named = "0x" + campaign.terms.list_hash.hex()
        numbers = await lists.list_with_hash(session, named)
        if not numbers:
            why = f"the list {named} was never uploaded here"
            raise ListInvalid(rows=[{"row": 0, "why": why, "value": ""}])
        done = await index_reads.listed_words(session, runtime.chain_id, number)
        words = {index: bits for index, bits in words_of(numbers).items() if index not in done}
        orders = [
            Order(
                kind=ISSUE_LIST,
                signer="issuer",
                contract="CouponBook",
                function="issueList",
                arguments=[number, first, run],
                campaign=number,
                about={"words": len(run)},
            )
            for first, run in runs_of_words(words)
        ]
    return await place_orders(session, runtime, orders, requested_by=requested_by, now=now)


def runs_of_words(words: Mapping[int, int]) -> list[tuple[int, list[int]]]:
    """A list's words as (first index, words), each run fit for one transaction; small gaps are
    filled with zeros."""
    runs: list[tuple[int, list[int]]] = []
    for index in sorted(words):
        if runs:
            first, run = runs[-1]
            gap = index - (first + len(run))
            if gap <= GAP_WORDS_MAX and len(run) + gap < WORDS_AT_ONCE:
                run.extend([0] * gap + [words[index]])
                continue
        runs.append((index, [words[index]]))
    return runs


async def pause(
    session: AsyncSession, runtime: Runtime, number: int, *, requested_by: str, now: int
) -> list[Intent]:
    """Order a pause: what is signed from then on is refused. Raises UnknownCampaign, WrongState."""
    await _expect(session, runtime, number, CampaignStatus.OPEN)
    order = _plain(PAUSE, "guardian", "pause", number)
    return await place_orders(session, runtime, [order], requested_by=requested_by, now=now)


async def resume(
    session: AsyncSession, runtime: Runtime, number: int, *, requested_by: str, now: int
) -> list[Intent]:
    """Order a paused campaign to go on. Raises UnknownCampaign, WrongState."""
    await _expect(session, runtime, number, CampaignStatus.PAUSED)
    order = _plain(RESUME, "approver", "resume", number)
    return await place_orders(session, runtime, [order], requested_by=requested_by, now=now)


async def sweep(
    session: AsyncSession, runtime: Runtime, number: int, *, requested_by: str, now: int
) -> list[Intent]:
    """Order what is left to go back to the funders, page by page.

    Raises UnknownCampaign; WrongState while redemptions may still come in.
    """
    campaign = await campaign_numbered(session, runtime, number)
    if now <= campaign.sweepable_at:
        raise WrongState(
            what=f"campaign {number}", state=campaign.status.name.lower(), needs="ended"
        )
    left = await index_money.contributions_unreturned(session, runtime.chain_id, number)
    if left == 0 and campaign.status is CampaignStatus.CLOSED:
        raise WrongState(what=f"campaign {number}", state="closed", needs="open")
    pages = range(0, max(left, 1), SWEEP_AT_ONCE)
    orders = [
        Order(
            kind=SWEEP,
            signer="treasurer",
            contract="CouponBook",
            function="sweep",
            arguments=[number, SWEEP_AT_ONCE],
            campaign=number,
        )
        for _page in pages
    ]
    return await place_orders(session, runtime, orders, requested_by=requested_by, now=now)


async def fund(
    session: AsyncSession,
    runtime: Runtime,
    number: int,
    *,
    amount: int,
    funder: str,
    requested_by: str,
    now: int,
) -> list[Intent]:
    """Order a contribution from one of the city's named keys: an allowance, then the funding.

    Raises UnknownCampaign, WrongState for a closed campaign, InputInvalid for no amount or an
    unknown funder.
    """
    if not 1 <= amount <= UINT96_MAX:
        raise InputInvalid(what="amount", why="at least one satang is needed")
    campaign = await campaign_numbered(session, runtime, number)
    if campaign.status is CampaignStatus.CLOSED:
        raise WrongState(what=f"campaign {number}", state="closed", needs="open")
    allow = Order(
        kind=ALLOW,
        signer=funder,
        contract="CityToken",
        function="approve",
        arguments=[runtime.book, amount],
        campaign=number,
    )
    give = Order(
        kind=FUND,
        signer=funder,
        contract="CouponBook",
        function="fund",
        arguments=[number, amount],
        campaign=number,
        about={"amount": str(amount), "funder": funder},
    )
    return await place_orders(session, runtime, [allow, give], requested_by=requested_by, now=now)


async def mint(
    session: AsyncSession,
    runtime: Runtime,
    *,
    to: str,
    amount: int,
    reference: str,
    requested_by: str,
    now: int,
) -> Intent:
    """Order tokens to be made against money the treasury has received."""
    if amount < 1:
        raise InputInvalid(what="amount", why="at least one satang is needed")
    order = Order(
        kind=MINT,
        signer="treasurer",
        contract="CityToken",
        function="mint",
        arguments=[account(to, what="to"), amount, reference_word(reference)],
        about={"to": to, "amount": str(amount), "reference": reference},
    )
    (intent,) = await place_orders(session, runtime, [order], requested_by=requested_by, now=now)
    return intent


def reference_word(reference: str) -> bytes:
    """A reference as the contract keeps it: its UTF-8 bytes where 32 hold them, else their hash."""
    raw = reference.encode()
    return raw.ljust(REFERENCE_BYTES, b"\0") if len(raw) <= REFERENCE_BYTES else keccak(raw)


def _plain(kind: str, signer: str, function: str, number: int) -> Order:
    return Order(
        kind=kind,
        signer=signer,
        contract="CouponBook",
        function=function,
        arguments=[number],
        campaign=number,
    )
