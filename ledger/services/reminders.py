"""Who is about to miss a deadline of a campaign, put into the outbox of messages."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import index_reads, messages
from ledger.domain.campaign import Campaign, CampaignStatus
from ledger.domain.clock import DAY_SECONDS
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.policy_document import Name
from ledger.domain.reminders import Reminder, reminder_due, reminder_texts
from ledger.domain.usage import Usage
from ledger.errors import InputInvalid, UnknownCampaign, WrongState
from ledger.services.campaigns import policy_with
from ledger.services.runtime import Runtime

DAYS_MAX: Final = 60
PASSES_AT_ONCE: Final = 5_000
_UNUSED: Final = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """How many passes need a reminder, how many of them got a new message, and until when."""

    campaign: int
    due: int
    queued: int
    until: int


async def remind(
    session: AsyncSession, runtime: Runtime, number: int, *, days: int, now: int
) -> Reminded:
    """Queue a message for each coupon whose deadline lies in the next `days` days.

    Asking again queues nothing twice. Raises InputInvalid unless 1 … DAYS_MAX days,
    UnknownCampaign, WrongState unless the campaign is open.
    """
    if not 1 <= days <= DAYS_MAX:
        raise InputInvalid(what="days", why=f"{days}, and 1 … {DAYS_MAX} are possible")
    campaign = await index_reads.campaign_of(session, runtime.chain_id, number)
    if campaign is None:
        raise UnknownCampaign(campaign=number)
    if campaign.status is not CampaignStatus.OPEN:
        state = campaign.status.name.lower()
        raise WrongState(what=f"campaign {number}", state=state, needs="open")
    policy = await policy_with(session, "0x" + campaign.terms.policy_hash.hex())
    until = now + days * DAY_SECONDS
    words = await index_reads.listed_words(session, runtime.chain_id, number)
    due = queued = 0
    last = await messages.last_pass(session, runtime.chain_id)
    for first in range(1, last + 1, PASSES_AT_ONCE):
        found = await _due_between(
            session, runtime.chain_id, campaign, words, first, now=now, until=until
        )
        name = None if policy is None else policy.name
        due += len(found)
        queued += await messages.queue(session, [_row(each, name, now) for each in found])
    return Reminded(campaign=number, due=due, queued=queued, until=until)


async def _due_between(
    session: AsyncSession,
    chain_id: int,
    campaign: Campaign,
    words: dict[int, int],
    first: int,
    *,
    now: int,
    until: int,
) -> list[Reminder]:
    last = first + PASSES_AT_ONCE - 1
    passes = await messages.passes_between(session, chain_id, first, last)
    usages = await messages.usages_between(session, chain_id, campaign.number, first, last)
    found = []
    for number, pass_ in sorted(passes.items()):
        listed = not campaign.terms.listed or words.get(number >> 8, 0) >> (number & 0xFF) & 1
        if not listed or not _holds(campaign, pass_, now):
            continue
        usage = usages.get(number, _UNUSED)
        reminder = reminder_due(
            campaign.number, campaign.terms, number, usage, now=now, until=until
        )
        if reminder is not None:
            found.append(reminder)
    return found


def _holds(campaign: Campaign, pass_: Pass, now: int) -> bool:
    """Whether a pass could use the coupon today: nobody is reminded of what they cannot have."""
    valid = pass_.valid_from <= now and (pass_.valid_until == 0 or now < pass_.valid_until)
    active = pass_.status is PassStatus.ACTIVE
    return active and valid and bool(campaign.terms.audience >> pass_.class_ & 1)


def _row(reminder: Reminder, name: Name | None, now: int) -> dict[str, Any]:
    th, en = reminder_texts(reminder, name)
    return {
        "id": reminder.id,
        "campaign": reminder.campaign,
        "pass_number": reminder.pass_number,
        "template": reminder.template.value,
        "due": reminder.due,
        "text_th": th,
        "text_en": en,
        "status": "queued",
        "attempts": 0,
        "queued_at": now,
    }
