"""Where things almost happen: times and amounts on, just before and just after every limit."""

from random import Random

from ledger.domain.campaign import Campaign
from ledger.domain.clock import BANGKOK_OFFSET, STEP_SECONDS, hour_of_week
from ledger.domain.passes import Pass
from ledger.domain.rules import share_of
from ledger.domain.usage import Usage
from tests.integration.differential.court import Court

HOUR, DAY = 3_600, 86_400
WEEK = 7 * DAY
U21, U24, U32 = 2**21 - 1, 2**24 - 1, 2**32 - 1


def midnight_before(t: int) -> int:
    """The Bangkok midnight at or before a time."""
    return (t + BANGKOK_OFFSET) // DAY * DAY - BANGKOK_OFFSET


def step_at(starts: int, t: int) -> int:
    """The last step at or before a time; 0 or less before the start."""
    return (t - starts) // STEP_SECONDS + 1


def signing_borders(campaign: Campaign, pass_: Pass | None, now: int) -> list[int]:
    """Times around which a signature is good on one side only."""
    terms, midnight = campaign.terms, midnight_before(now)
    times = [now + 60, now - WEEK, now - 900, terms.starts, terms.ends]
    times += [midnight, midnight + 6 * HOUR, midnight + 23 * HOUR, midnight - DAY, midnight - HOUR]
    times += [time for time in (terms.first_use_by, campaign.paused_at) if time]
    if pass_ is not None:
        times += [time for time in (pass_.valid_from, pass_.valid_until) if time]
    return times


def any_step(rng: Random, court: Court, pass_: Pass | None) -> int:
    """A step to sign: at a border, just after the last one, seldom anything."""
    starts, drawn = court.campaign.terms.starts, rng.random()
    last = court.usage(pass_.number).last_step if pass_ else 0
    if court.forced and drawn < 0.5:
        step = step_at(starts, court.now - 900) + rng.choice((0, 0, 1))
    elif drawn < 0.7:
        border = rng.choice(signing_borders(court.campaign, pass_, court.now))
        step = step_at(starts, border) + rng.choice((-1, 0, 0, 1, 1, 2))
    elif drawn < 0.9:
        step = (last or step_at(starts, court.now)) + rng.choice((-1, 0, 0, 1))
    else:
        step = rng.choice((0, 1, U21, U21 - 1, rng.randint(0, U21)))
    return min(max(step, 0), U21)


def good_step(rng: Random, court: Court, pass_: Pass | None) -> int:
    """A step after the last one in an open hour, not long ago and never ahead; where there is none,
    the nearest to it."""
    terms, now = court.campaign.terms, court.now
    last = court.usage(pass_.number).last_step if pass_ else 0
    latest = step_at(terms.starts, min(now - 900 * court.forced, terms.ends - 1))
    recent = max(last, latest - rng.choice((1, 20, 240, 5_760))) + 1
    step = rng.randint(recent, latest) if recent < latest and rng.random() < 0.4 else recent
    for hours in range(48):
        earlier = step - hours * HOUR // STEP_SECONDS
        signed_at = terms.starts + (earlier - 1) * STEP_SECONDS
        if earlier > last and terms.open_hours >> hour_of_week(signed_at) & 1:
            return min(earlier, U21)
    return min(max(step, 1), U21)


def good_bill(rng: Random, court: Court) -> int:
    """A bill of the campaign's own size, above its minimum."""
    terms = court.campaign.terms
    usual = max(terms.allowance // rng.randint(1, 12), 1) * 10_000 // terms.share_basis_points
    return min(rng.randint(1, 2 * usual + 1) + terms.bill_min, U32)


def any_bill(rng: Random, court: Court) -> int:
    """A bill at the minimum, tiny, or as large as a bill can be."""
    least = court.campaign.terms.bill_min
    return rng.choice((least, least, max(least - 1, 0), 0, 1, 2, 3, 4, U32, U32 - 1))


def limits(court: Court, usage: Usage, bill: int, copay: int, signed_at: int) -> list[int]:
    """The most each rule allows for a bill."""
    terms, campaign = court.campaign.terms, court.campaign
    most = [share_of(bill, terms.share_basis_points), bill - copay, campaign.unspent]
    most.append(terms.allowance - usage.spent_total)
    if terms.per_use_max:
        most.append(terms.per_use_max)
    if terms.per_day_max:
        most.append(terms.per_day_max - usage.spent_on_day_of(terms.starts, signed_at))
    return most


def good_amount(rng: Random, most: list[int]) -> int:
    """An amount that every limit allows, if there is one."""
    return min(rng.randint(1, max(min(most) // rng.choice((1, 2, 5, 20, 100)), 1)), U24)


def any_amount(rng: Random, most: list[int]) -> int:
    """An amount at or just beyond one of the limits, rather the lower ones."""
    near = sorted(most)[: rng.choice((1, 1, 2, 2, 3, 7))]
    amount = rng.choice(near) + rng.choice((-1, 0, 0, 1, 1))
    if rng.random() < 0.1:
        amount = rng.choice((0, 1, U24))
    return min(max(amount, 0), U24)


def good_copay(rng: Random, bill: int, funds: int) -> int:
    """None, or some of what the holder has."""
    return rng.randint(0, max(min(bill // 3, funds), 0)) if rng.random() < 0.5 else 0


def any_copay(rng: Random, bill: int, funds: int) -> int:
    """All that the holder has or a satang more, the whole bill, or money that is not there."""
    return min(max(rng.choice((funds, funds + 1, funds // 2, bill, bill + 1, 1)), 0), U32)


def next_time(rng: Random, campaigns: list[Campaign], signed: list[int], last: int) -> int:
    """When the next action happens: soon, or at a border that lies ahead. Half of them on a step of
    a campaign, or a second beside it: there the bounds on signing times are met exactly."""
    time = _near(rng, last) if rng.random() < 0.86 else _border(rng, campaigns, signed, last)
    if campaigns and rng.random() < 0.5:
        starts = rng.choice(campaigns).terms.starts
        time += (starts - time) % STEP_SECONDS + rng.choice((0, 0, 1, 14))
    return time


def _near(rng: Random, last: int) -> int:
    if rng.random() < 0.8:
        return last + rng.choice((1, 2, 13, 14, 15, 16, 31, 120, 900))
    return last + rng.choice((900, HOUR, 3 * HOUR, 7 * HOUR, DAY))


def _border(rng: Random, campaigns: list[Campaign], signed: list[int], last: int) -> int:
    midnight = midnight_before(last) + DAY
    ahead = [midnight, midnight - HOUR, midnight + 6 * HOUR, midnight - 18 * HOUR]
    ahead += [campaign.terms.ends for campaign in campaigns]
    ahead += [time + shift for time in signed[-12:] for shift in (-60, 900, WEEK)]
    times = [time + shift for time in ahead for shift in (-16, -1, 0, 1, 14)]
    reach = rng.choice((DAY, DAY, 2 * DAY, 8 * DAY))
    possible = [time for time in times if last < time < last + reach]
    return rng.choice(possible) if possible else last + 1
